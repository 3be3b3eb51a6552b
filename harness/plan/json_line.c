/* A walk over JSON that is known to be valid: it needs to tell strings from brackets, no more. */
#include "harness/plan/json_line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char *skip_space(const char *at)
{
    return at + strspn(at, " \t\r\n,:");
}

/* `at` is at the opening quote. Returns what follows the closing one. */
static const char *skip_string(const char *at)
{
    for (at++; *at != '\0' && *at != '"'; at++)
        if (*at == '\\' && at[1] != '\0')
            at++;
    return *at == '"' ? at + 1 : at;
}

static const char *skip_value(const char *at)
{
    int depth = 0;

    at = skip_space(at);
    do {
        if (*at == '"') {
            at = skip_string(at);
            continue;
        }
        depth += *at == '{' || *at == '[';
        depth -= *at == '}' || *at == ']';
        if (depth == 0 && strchr("{}[]", *at) == NULL)
            return at + strcspn(at, " \t\r\n,]}");
        at += *at != '\0';
    } while (depth > 0 && *at != '\0');
    return at;
}

/* The value of `key` in the object at `at`, or NULL. */
static const char *find_member(const char *at, const char *key, size_t length)
{
    if (*at != '{')
        return NULL;
    for (at = skip_space(at + 1); *at == '"'; at = skip_space(skip_value(at))) {
        const char *end = skip_string(at);
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

int json_line_find(const char *text, const char *path)
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
