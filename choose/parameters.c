#include "choose/parameters.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"
#include "common/json.h"

#define SCHEMA "choose.parameters/1"

/* Those of the reference machine. */
extern const char choose_reference[];

/* The members of a lane in JSON: texts, and numbers. */
#define AT(member) offsetof(struct lane_parameters, member)

static const struct {
    const char *name;
    size_t offset;
} texts[] = {{"lane", AT(lane)}, {"model", AT(model)}, {"language", AT(language)}},
  numbers[] = {
      {"start_ns", AT(costs.start)},
      {"slot_ns", AT(costs.slot)},
      {"connect_ns", AT(costs.connect)},
      {"before_ns", AT(costs.before)},
      {"after_ns", AT(costs.after)},
      {"crowd_ns", AT(costs.crowd)},
      {"throng_ns", AT(costs.throng)},
      {"serve_ns", AT(costs.serve)},
      {"hand_ns", AT(costs.hand)},
      {"jostle_ns", AT(costs.jostle)},
      {"slice_ns", AT(costs.slice)},
      {"compute", AT(compute)},
      {"wall_error", AT(wall_error)},
      {"cells", AT(cells)},
      {"requests", AT(requests)},
      {"concurrency", AT(concurrency)},
      {"cpu_base_ns", AT(cpu_ns.base)},
      {"cpu_slot_ns", AT(cpu_ns.slot)},
      {"cpu_item_ns", AT(cpu_ns.item)},
      {"cpu_error", AT(cpu_ns.error)},
      {"memory_base_bytes", AT(memory_bytes.base)},
      {"memory_slot_bytes", AT(memory_bytes.slot)},
      {"memory_error", AT(memory_bytes.error)},
};

static bool read_lane(const json_t *said, struct lane_parameters *lane)
{
    char *at = (char *)lane;

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const char *text = json_text_at(said, texts[i].name, NULL);

        if (text == NULL || strlen(text) >= PARAMETERS_NAME_SIZE)
            return false;
        strcpy(at + texts[i].offset, text);
    }
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        double *number = (void *)(at + numbers[i].offset);

        *number = json_number_at(said, numbers[i].name, NAN);
        if (!(*number >= 0) && strncmp(numbers[i].name, "memory", 6) != 0)
            return false;
    }
    return true;
}

static int read_all(const json_t *said, struct parameters *parameters, struct error *error)
{
    const json_t *lanes = json_object_get(said, "lanes");
    size_t count = json_array_size(lanes);

    if (strcmp(json_text_at(said, "schema", ""), SCHEMA) != 0 || count == 0)
        return error_set(error, -EINVAL, "these are no parameters (" SCHEMA ")");
    parameters->lanes = calloc(count, sizeof(*parameters->lanes));
    parameters->about = json_incref(json_object_get(said, "about"));
    for (; parameters->lanes != NULL && parameters->count < count; parameters->count++)
        if (!read_lane(json_array_get(lanes, parameters->count),
                       &parameters->lanes[parameters->count]))
            return error_set(error, -EINVAL, "lane %zu lacks a number", parameters->count + 1);
    return parameters->lanes != NULL ? 0 : error_set(error, -ENOMEM, "no memory");
}

int parameters_read(const char *path, struct parameters *parameters, struct error *error)
{
    char reason[JSON_ERROR_SIZE] = "the built-in parameters are broken";
    json_t *said =
        path != NULL ? json_file_load(path, reason) : json_loads(choose_reference, 0, NULL);
    int code;

    *parameters = (struct parameters){.about = NULL};
    if (said == NULL)
        return error_set(error, -EINVAL, "%s", reason);
    code = read_all(said, parameters, error);
    if (code < 0)
        parameters_free(parameters);
    json_decref(said);
    return code;
}

json_t *parameters_to_json(const struct parameters *parameters)
{
    json_t *lanes = json_array();

    for (size_t i = 0; i < parameters->count; i++) {
        const char *at = (const char *)&parameters->lanes[i];
        json_t *lane = json_object();

        for (size_t j = 0; j < COUNT_OF(texts); j++)
            json_object_set_new(lane, texts[j].name, json_string(at + texts[j].offset));
        for (size_t j = 0; j < COUNT_OF(numbers); j++) {
            const double *number = (const void *)(at + numbers[j].offset);

            if (isfinite(*number))
                json_object_set_new(lane, numbers[j].name, json_real(*number));
        }
        json_array_append_new(lanes, lane);
    }
    return json_pack("{s:s, s:O*, s:o}", "schema", SCHEMA, "about", parameters->about, "lanes",
                     lanes);
}

void parameters_free(struct parameters *parameters)
{
    json_decref(parameters->about);
    free(parameters->lanes);
    *parameters = (struct parameters){.about = NULL};
}

const struct lane_parameters *parameters_of(const struct parameters *parameters, const char *lane)
{
    for (size_t i = 0; i < parameters->count; i++)
        if (strcmp(parameters->lanes[i].lane, lane) == 0)
            return &parameters->lanes[i];
    return NULL;
}

double parts_sum(const struct parts *parts, double slots, double items)
{
    return parts->base + parts->slot * slots + parts->item * items;
}
