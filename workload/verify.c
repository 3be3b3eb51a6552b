#include "workload/verify.h"

#include <jansson.h>

bool verify_body(const char *body, size_t size, uint64_t id)
{
    json_t *value = size > 0 ? json_loadb(body, size, 0, NULL) : NULL;
    const json_t *found = json_object_get(value, "id");
    bool same = json_is_integer(found) && (uint64_t)json_integer_value(found) == id;

    json_decref(value);
    return same;
}
