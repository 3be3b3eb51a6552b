#include "harness/plan/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOUND_SIZE 80

struct reader reader_member(const struct reader *parent, const char *key)
{
    struct reader at = *parent;

    snprintf(at.path, sizeof(at.path), "%.127s%s%s", parent->path,
             parent->path[0] != '\0' ? "." : "", key);
    return at;
}

struct reader reader_element(const struct reader *parent, size_t index)
{
    struct reader at = *parent;

    snprintf(at.path, sizeof(at.path), "%.160s[%zu]", parent->path, index);
    return at;
}

bool reader_failed(const struct reader *at)
{
    return at->error->text[0] != '\0';
}

/* In which line a value stands: jansson does not keep that, and people look for lines. What follows
 * walks over JSON that is known to be valid. */

static const char *skip_space(const char *at)
{
    return at + strspn(at, " \t\r\n,:");
}

/* What follows the value at `at`, which may be the name of a member: jansson says how far it read.
 */
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

void reader_report(const struct reader *at, const char *format, ...)
{
    char reason[sizeof(*at->error)], line[16] = "";
    bool all = at->path[0] == '\0';
    va_list values;

    if (reader_failed(at))
        return;
    va_start(values, format);
    vsnprintf(reason, sizeof(reason), format, values);
    va_end(values);
    if (!all && at->text != NULL)
        snprintf(line, sizeof(line), "%d:", find_line(at->text, at->path));
    error_set(at->error, 0, "%s:%s %s%s%s", at->file, line, at->path, all ? "" : ": ", reason);
}

void reader_fail(const struct reader *at, const json_t *value, const char *expected)
{
    char *found;

    if (value == NULL) {
        reader_report(at, "is missing; it must be %s", expected);
        return;
    }
    found = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    reader_report(at, "must be %s, not %.*s%s", expected, FOUND_SIZE,
                  found != NULL ? found : "this",
                  found != NULL && strlen(found) > FOUND_SIZE ? "..." : "");
    free(found);
}
