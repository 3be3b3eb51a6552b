#include "common/json.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"

#define FILE_SIZE_MAX (1UL << 30) /* a full article run has about 1 MB */

static char *load_text(const char *path, size_t *size, char *error)
{
    char *text = file_read(path, FILE_SIZE_MAX, size);

    if (text == NULL)
        snprintf(error, JSON_ERROR_SIZE, "%s: %s", path,
                 errno == ENODEV ? "not a regular file" : strerror(errno));
    return text;
}

static json_t *parse(const char *path, const char *text, size_t size, int line, char *error)
{
    json_error_t where;
    json_t *value = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);

    if (value == NULL)
        snprintf(error, JSON_ERROR_SIZE, "%s:%d:%d: %s", path, where.line + line, where.column,
                 size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0
                     ? "begins with a byte order mark; save it as UTF-8 without one, or take it "
                       "away: LC_ALL=C sed -i '1s/^...//' FILE"
                     : where.text);
    return value;
}

json_t *json_file_load(const char *path, char *error)
{
    size_t size;
    char *text = load_text(path, &size, error);
    json_t *value = text != NULL ? parse(path, text, size, 0, error) : NULL;

    free(text);
    return value;
}

/* Whether what opens in `text` closes before JSON_DEPTH_MAX is passed; of what is JSON at all. */
static bool is_shallow(const char *text, size_t size)
{
    bool in_string = false;
    size_t depth = 0;

    for (size_t i = 0; i < size && depth <= JSON_DEPTH_MAX; i++) {
        if (text[i] == '"')
            in_string = !in_string;
        else if (in_string)
            i += text[i] == '\\'; /* whatever follows it */
        else if (text[i] == '[' || text[i] == '{')
            depth++;
        else if ((text[i] == ']' || text[i] == '}') && depth > 0)
            depth--;
    }
    return depth <= JSON_DEPTH_MAX;
}

json_t *json_text_load(const char *text, size_t size, size_t flags)
{
    return size > 0 && is_shallow(text, size) ? json_loadb(text, size, flags, NULL) : NULL;
}

static _Atomic bool lacking;

static void *allocate(size_t size)
{
    void *memory = malloc(size);

    if (memory == NULL)
        lacking = true;
    return memory;
}

void json_watch(void)
{
    json_set_alloc_funcs(allocate, free);
    lacking = false;
}

char *json_text(const json_t *value, size_t flags)
{
    char *text = json_dumps(value, flags);

    if (!lacking)
        return text;
    free(text);
    return NULL;
}

int json_file_write(const char *path, const json_t *value)
{
    char *text = json_text(value, JSON_INDENT(2) | JSON_ENCODE_ANY);
    int error = text != NULL ? file_replace(path, text, strlen(text)) : -ENOMEM;

    free(text);
    return error;
}

int json_line_append(const char *path, const json_t *value)
{
    char *text = json_text(value, JSON_COMPACT);
    int error = text != NULL ? file_append_line(path, text) : -ENOMEM;

    free(text);
    return error;
}

json_t *json_lines_load(const char *path, char *error)
{
    size_t size;
    char *text = load_text(path, &size, error);
    char *line = text, *end = text != NULL ? strchr(text, '\n') : NULL;
    json_t *values = text != NULL ? json_array() : NULL;

    for (int number = 0; values != NULL && end != NULL; number++) {
        json_t *value = parse(path, line, (size_t)(end - line), number, error);

        if (value == NULL || json_array_append_new(values, value) < 0) {
            json_decref(values);
            values = NULL;
        }
        line = end + 1;
        end = strchr(line, '\n');
    }
    free(text);
    return values;
}

json_t *json_at(const json_t *value, const char *path)
{
    char key[64];

    while (value != NULL && *path != '\0') {
        size_t length = strcspn(path, ".");

        if (length >= sizeof(key))
            return NULL;
        memcpy(key, path, length);
        key[length] = '\0';
        value = json_object_get(value, key);
        path += length + (path[length] == '.');
    }
    return (json_t *)value;
}

double json_number_at(const json_t *value, const char *path, double otherwise)
{
    json_t *number = json_at(value, path);

    return json_is_number(number) ? json_number_value(number) : otherwise;
}

const char *json_text_at(const json_t *value, const char *path, const char *otherwise)
{
    json_t *text = json_at(value, path);

    return json_is_string(text) ? json_string_value(text) : otherwise;
}
