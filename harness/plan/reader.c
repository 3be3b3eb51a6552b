#include "harness/plan/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOUND_SIZE 80

struct reader_path reader_member(const struct reader_path *parent, const char *key)
{
    struct reader_path path;

    snprintf(path.text, sizeof(path.text), "%.127s%s%s", parent != NULL ? parent->text : "",
             parent != NULL ? "." : "", key);
    return path;
}

struct reader_path reader_element(const struct reader_path *parent, size_t index)
{
    struct reader_path path;

    snprintf(path.text, sizeof(path.text), "%.160s[%zu]", parent->text, index);
    return path;
}

bool reader_failed(const struct reader *reader)
{
    return reader->error->text[0] != '\0';
}

/* In which line a value stands: jansson does not keep that, and people look for lines. What follows
 * walks over JSON that is known to be valid. */

static const char *skip_space(const char *at)
{
    return at + strspn(at, " \t\r\n,:");
}

/* What follows the value at `at`, which may be the name of a member: jansson says how far it read. */
static const char *skip_value(const char *at)
{
    json_error_t end = {.position = 0};

    json_decref(json_loads(at, JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, &end));
    return end.position > 0 ? at + end.position : strchr(at, '\0');
}

/* The value of `key` in the object at `at`, or NULL. */
static const char *find_member(const char *at, const char *key, size_t length)
{
    if (*at != '{')
        return NULL;
    for (at = skip_space(at + 1); *at == '"'; at = skip_space(skip_value(at))) {
        const char *end = skip_value(at);
        bool same = (size_t)(end - at) == length + 2 && strncmp(at + 1, key, length) == 0;

        at = skip_space(end);
        if (same)
            return at;
    }
    return NULL;
}

static const char *find_element(const char *at, long index)
{
    if (*at != '[')
        return NULL;
    for (at = skip_space(at + 1); *at != ']' && *at != '\0'; at = skip_space(skip_value(at)))
        if (index-- == 0)
            return at;
    return NULL;
}

/* The line, from 1, of the value at `path`; that of the nearest object or array above it where it
 * is missing. */
static int find_line(const char *text, const char *path)
{
    const char *at = skip_space(text), *found = at;
    int line = 1;

    while (found != NULL && *path != '\0') {
        size_t length = strcspn(path, ".[");

        if (*path == '[') {
            found = find_element(at, atol(path + 1));
            length = strcspn(path, "]") + 1;
        } else {
            found = find_member(at, path, length);
        }
        at = found != NULL ? found : at;
        path += length < strlen(path) ? length : strlen(path);
        path += *path == '.';
    }
    for (const char *c = text; c < at; c++)
        line += *c == '\n';
    return line;
}

void reader_report(struct reader *reader, const struct reader_path *path, const char *format, ...)
{
    char reason[sizeof(*reader->error)], line[16] = "";
    va_list values;

    if (reader_failed(reader))
        return;
    va_start(values, format);
    vsnprintf(reason, sizeof(reason), format, values);
    va_end(values);
    if (path != NULL && reader->text != NULL)
        snprintf(line, sizeof(line), "%d:", find_line(reader->text, path->text));
    error_set(reader->error, 0, "%s:%s %s%s%s", reader->file, line, path != NULL ? path->text : "",
              path != NULL ? ": " : "", reason);
}

void reader_fail(struct reader *reader, const struct reader_path *path, const json_t *value,
                 const char *expected)
{
    char *found;

    if (value == NULL) {
        reader_report(reader, path, "is missing; it must be %s", expected);
        return;
    }
    found = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    reader_report(reader, path, "must be %s, not %.*s%s", expected, FOUND_SIZE,
                  found != NULL ? found : "this",
                  found != NULL && strlen(found) > FOUND_SIZE ? "..." : "");
    free(found);
}
