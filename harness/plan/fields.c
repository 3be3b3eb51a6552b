#include "harness/plan/fields.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "harness/error.h"
#include "harness/plan/json_line.h"

#define NAME_LENGTH_MAX 64
#define FOUND_SIZE      80

struct fields_path fields_member(const struct fields_path *parent, const char *key)
{
    struct fields_path path;

    if (parent == NULL)
        snprintf(path.text, sizeof(path.text), "%s", key);
    else
        snprintf(path.text, sizeof(path.text), "%.127s.%s", parent->text, key);
    return path;
}

struct fields_path fields_element(const struct fields_path *parent, size_t index)
{
    struct fields_path path;

    snprintf(path.text, sizeof(path.text), "%.160s[%zu]", parent->text, index);
    return path;
}

bool fields_failed(const struct fields *fields)
{
    return fields->error[0] != '\0';
}

void fields_report(struct fields *fields, const struct fields_path *path, const char *format, ...)
{
    char reason[ERROR_SIZE - 300], line[16] = "";
    va_list values;

    if (fields_failed(fields))
        return;
    va_start(values, format);
    vsnprintf(reason, sizeof(reason), format, values);
    va_end(values);
    if (fields->text != NULL)
        snprintf(line, sizeof(line), "%d:", json_line_find(fields->text, path->text));
    error_set(fields->error, 0, "%s:%s %s: %s", fields->file, line, path->text, reason);
}

void fields_fail(struct fields *fields, const struct fields_path *path, const json_t *value,
                 const char *expected)
{
    char *found;

    if (fields_failed(fields))
        return;
    if (value == NULL) {
        fields_report(fields, path, "is missing; it must be %s", expected);
        return;
    }
    found = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    fields_report(fields, path, "must be %s, not %.*s%s", expected, FOUND_SIZE,
                  found != NULL ? found : "this",
                  found != NULL && strlen(found) > FOUND_SIZE ? "..." : "");
    free(found);
}

static bool listed(const char *key, const char *const allowed[])
{
    while (*allowed != NULL && strcmp(*allowed, key) != 0)
        allowed++;
    return *allowed != NULL;
}

static void fail_unknown_key(struct fields *fields, const struct fields_path *path,
                             const char *const allowed[])
{
    char known[400] = "";
    size_t length = 0;

    for (; *allowed != NULL && length < sizeof(known); allowed++)
        length += (size_t)snprintf(known + length, sizeof(known) - length, "%s%s",
                                   length > 0 ? ", " : "", *allowed);
    fields_report(fields, path, "unknown key; known here: %s", known);
}

bool fields_object(struct fields *fields, const struct fields_path *path, const json_t *value,
                   const char *const allowed[])
{
    const char *key;
    json_t *member;

    if (!json_is_object(value)) {
        fields_fail(fields, path, value, "an object");
        return false;
    }
    json_object_foreach((json_t *)value, key, member)
    {
        struct fields_path where = fields_member(path->text[0] != '\0' ? path : NULL, key);

        if (!listed(key, allowed) && !fields_failed(fields))
            fail_unknown_key(fields, &where, allowed);
    }
    return !fields_failed(fields);
}

const char *fields_text(struct fields *fields, const struct fields_path *path, const json_t *value)
{
    if (json_is_string(value) && strlen(json_string_value(value)) == json_string_length(value))
        return json_string_value(value);
    fields_fail(fields, path, value, "a text");
    return "";
}

const char *fields_text_or(struct fields *fields, const struct fields_path *path,
                           const json_t *value, const char *otherwise)
{
    return value == NULL ? otherwise : fields_text(fields, path, value);
}

uint64_t fields_count(struct fields *fields, const struct fields_path *path, const json_t *value,
                      uint64_t min, uint64_t max)
{
    char expected[128];
    uint64_t count = 0;
    bool ok = false;

    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        count = (uint64_t)json_integer_value(value);
        ok = true;
    } else if (json_is_string(value)) {
        ok = units_parse_count(json_string_value(value), &count) == 0;
    }
    if (ok && count >= min && count <= max)
        return count;
    snprintf(expected, sizeof(expected),
             "a whole number from %" PRIu64 " to %" PRIu64 ", such as 1000 or \"10k\"", min, max);
    fields_fail(fields, path, value, expected);
    return min;
}

uint64_t fields_duration(struct fields *fields, const struct fields_path *path, const json_t *value,
                         uint64_t max_ns)
{
    char expected[128], max[UNITS_TEXT_SIZE];
    uint64_t ns = 0;

    if (json_is_string(value) && units_parse_duration(json_string_value(value), &ns) == 0 &&
        ns <= max_ns)
        return ns;
    snprintf(expected, sizeof(expected), "a duration up to %s in quotes, such as \"200ms\"",
             units_format_duration(max_ns, max));
    fields_fail(fields, path, value, expected);
    return 0;
}

bool fields_parse_share(const char *text, double max, double *share)
{
    char *end;
    double percent = strtod(text, &end);

    if (end == text || strcmp(end, "%") != 0 || !(percent > 0 && percent <= 100 * max))
        return false;
    *share = percent / 100;
    return true;
}

double fields_share(struct fields *fields, const struct fields_path *path, const json_t *value,
                    double max)
{
    char expected[128];
    double share = max;

    if (json_is_string(value) && fields_parse_share(json_string_value(value), max, &share))
        return share;
    snprintf(expected, sizeof(expected),
             "a share above 0 %% and up to %.0f %% in quotes, such as \"2%%\"", 100 * max);
    fields_fail(fields, path, value, expected);
    return max;
}

bool fields_bool_or(struct fields *fields, const struct fields_path *path, const json_t *value,
                    bool otherwise)
{
    if (value == NULL)
        return otherwise;
    if (!json_is_boolean(value))
        fields_fail(fields, path, value, "true or false");
    return json_is_true(value);
}

static bool is_name(const char *text)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    static const char all[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t length = strlen(text);

    return length > 0 && length <= NAME_LENGTH_MAX && strchr(first, text[0]) != NULL &&
           strspn(text, all) == length;
}

const char *fields_name(struct fields *fields, const struct fields_path *path, const json_t *value)
{
    if (json_is_string(value) && is_name(json_string_value(value)))
        return json_string_value(value);
    fields_fail(fields, path, value,
                "a name of up to 64 letters, digits, '.', '_' and '-' (the first a letter or "
                "digit)");
    return "";
}

const json_t *fields_texts_or_null(struct fields *fields, const struct fields_path *path,
                                   const json_t *value)
{
    json_t *element;
    size_t i;

    if (value != NULL && !json_is_array(value))
        fields_fail(fields, path, value, "a list of texts");
    json_array_foreach((json_t *)value, i, element)
    {
        struct fields_path where = fields_element(path, i);

        fields_text(fields, &where, element);
    }
    return value;
}
