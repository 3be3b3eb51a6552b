#include "tests/schema.h"

#include <string.h>

#include "common/json.h"
#include "tests/helpers.h"

#define PATH_SIZE 128

struct check {
    const json_t *schema, *value;
    char path[PATH_SIZE];
    char *fault;
};

static bool wrong(const struct check *check, const char *what, const char *name)
{
    snprintf(check->fault, SCHEMA_FAULT_SIZE, "%s: %s%s", check->path, what, name);
    return false;
}

static bool is_of_type(const json_t *value, const char *type)
{
    static const struct {
        const char *name;
        json_type type;
    } types[] = {{"object", JSON_OBJECT},   {"array", JSON_ARRAY}, {"string", JSON_STRING},
                 {"integer", JSON_INTEGER}, {"null", JSON_NULL},   {"number", JSON_REAL}};

    if (strcmp(type, "boolean") == 0)
        return json_is_boolean(value);
    if (strcmp(type, "number") == 0 && json_is_integer(value))
        return true;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i].name, type) == 0)
            return json_typeof(value) == types[i].type;
    fail_msg("the type %s is not known here", type);
    return false;
}

static bool has_type(const struct check *check, const json_t *word)
{
    const json_t *type;
    size_t i;

    if (json_is_string(word) && is_of_type(check->value, json_string_value(word)))
        return true;
    json_array_foreach(word, i, type)
    {
        if (is_of_type(check->value, json_string_value(type)))
            return true;
    }
    return wrong(check, "of another type", "");
}

static bool is_among(const struct check *check, const json_t *word)
{
    const json_t *one;
    size_t i;

    json_array_foreach(word, i, one)
    {
        if (json_equal(one, check->value))
            return true;
    }
    return wrong(check, "none of the values that there are", "");
}

static bool has_required(const struct check *check, const json_t *word)
{
    const json_t *name;
    size_t i;

    if (!json_is_object(check->value))
        return true;
    json_array_foreach(word, i, name)
    {
        if (json_object_get(check->value, json_string_value(name)) == NULL)
            return wrong(check, "lacks ", json_string_value(name));
    }
    return true;
}

static bool accepts(const struct check *check);

/* Each member by its own schema, or by that of all others. */
static bool members_fit(const struct check *check)
{
    const json_t *properties = json_object_get(check->schema, "properties");
    const json_t *others = json_object_get(check->schema, "additionalProperties");
    const char *name;
    json_t *member;

    json_object_foreach((json_t *)check->value, name, member)
    {
        const json_t *own = json_object_get(properties, name);
        struct check inner = {own != NULL ? own : others, member, "", check->fault};

        snprintf(inner.path, sizeof(inner.path), "%.80s.%.40s", check->path, name);
        if (inner.schema == NULL)
            return wrong(&inner, "is not in the schema", "");
        if (!accepts(&inner))
            return false;
    }
    return true;
}

/* Each item by the schema of its place, where `schemas` is a list; else all by the one. */
static bool items_fit(const struct check *check, const json_t *schemas)
{
    const json_t *item;
    size_t i;

    json_array_foreach(check->value, i, item)
    {
        const json_t *own = json_is_array(schemas) ? json_array_get(schemas, i) : schemas;
        struct check inner = {own, item, "", check->fault};

        snprintf(inner.path, sizeof(inner.path), "%.80s[%zu]", check->path, i);
        if (own != NULL && !accepts(&inner))
            return false;
    }
    return true;
}

static bool accepts_word(const struct check *check, const char *word, const json_t *value)
{
    if (strcmp(word, "type") == 0)
        return has_type(check, value);
    if (strcmp(word, "enum") == 0)
        return is_among(check, value);
    if (strcmp(word, "const") == 0)
        return json_equal(value, check->value) || wrong(check, "another value", "");
    if (strcmp(word, "required") == 0)
        return has_required(check, value);
    if (strcmp(word, "minimum") == 0)
        return !json_is_number(check->value) ||
               json_number_value(check->value) >= json_number_value(value) ||
               wrong(check, "too small", "");
    if (strcmp(word, "minLength") == 0)
        return !json_is_string(check->value) || json_string_length(check->value) > 0 ||
               wrong(check, "empty", "");
    if (strcmp(word, "minItems") == 0)
        return json_array_size(check->value) >= (size_t)json_integer_value(value) ||
               wrong(check, "too few items", "");
    if (strcmp(word, "maxItems") == 0)
        return json_array_size(check->value) <= (size_t)json_integer_value(value) ||
               wrong(check, "too many items", "");
    if (strcmp(word, "items") == 0 || strcmp(word, "prefixItems") == 0)
        return items_fit(check, value);
    if (strcmp(word, "properties") == 0)
        return members_fit(check);
    if (strcmp(word, "additionalProperties") == 0)
        return json_object_get(check->schema, "properties") != NULL || members_fit(check);
    if (strcmp(word, "description") != 0 && strcmp(word, "title") != 0 &&
        strcmp(word, "unit") != 0 && word[0] != '$')
        fail_msg("the word %s is not known here", word);
    return true;
}

static bool accepts(const struct check *check)
{
    const char *word;
    json_t *value;

    json_object_foreach((json_t *)check->schema, word, value)
    {
        if (!accepts_word(check, word, value))
            return false;
    }
    return true;
}

bool schema_accepts(const char *file, const json_t *value, char *fault)
{
    char error[JSON_ERROR_SIZE];
    json_t *schema = json_file_load(path_in("schemas", file), error);
    bool accepted;

    if (schema == NULL)
        fail_msg("%s", error);
    accepted = accepts(&(struct check){schema, value, "$", fault});
    json_decref(schema);
    return accepted;
}
