#include "workload/verify.h"

#include "common/json.h"

bool verify_body(const char *body, size_t size, uint64_t id)
{
    json_t *value = json_text_load(body, size, JSON_ALLOW_NUL);
    const json_t *found = json_object_get(value, "id");
    bool same = json_is_integer(found) && (uint64_t)json_integer_value(found) == id;

    json_decref(value);
    return same;
}
