#include "harness/plan/grid.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "harness/plan/cell_fields.h"
#include "harness/error.h"

#define HOLD_DEFAULT (5 * NS_PER_S)

static size_t values_of(const json_t *entry, const char *key)
{
    const json_t *value = json_object_get(entry, key);

    return json_is_array(value) ? json_array_size(value) : 1;
}

static bool make_room(const struct cell_section *s, const struct fields_path *path, size_t more)
{
    struct plan *plan = s->plan;
    struct cell *cells;

    if (more > PLAN_CELLS_MAX || plan->cell_count + more > PLAN_CELLS_MAX) {
        fields_report(s->fields, path, "the plan has more than %u cells", PLAN_CELLS_MAX);
        return false;
    }
    cells = realloc(plan->cells, (plan->cell_count + more) * sizeof(*cells));
    if (cells == NULL) {
        error_set(s->fields->error, 0, "%s: no memory", s->fields->file);
        return false;
    }
    plan->cells = cells;
    return true;
}

static bool counts_cores(const struct cell_entry *entry)
{
    const json_t *value;
    size_t i;

    for (size_t d = 0; d < CELL_DIMENSIONS; d++)
        json_array_foreach(json_object_get(entry->value, cell_dimensions[d]), i, value)
        {
            if (json_is_string(value) && strstr(json_string_value(value), "cores") != NULL)
                return true;
        }
    return false;
}

/* Whether the last cell of the plan is one that its entry, from cell `first` on, has made before:
 * the same number in a list, once as a number and once by the cores. */
static bool is_repeated(const struct plan *plan, size_t first)
{
    for (size_t i = first; i < plan->cell_count; i++)
        if (strcmp(plan->cells[i].id, plan->cells[plan->cell_count].id) == 0)
            return true;
    return false;
}

/* A grid counts through the values of its lists as an odometer does: the last one turns fastest. */
static void read_entry(const struct cell_section *s, struct cell_entry *entry)
{
    size_t sizes[CELL_DIMENSIONS], total = 1, first = s->plan->cell_count;

    for (size_t d = 0; d < CELL_DIMENSIONS; d++) {
        struct fields_path where = fields_member(&entry->path, cell_dimensions[d]);

        sizes[d] = values_of(entry->value, cell_dimensions[d]);
        if (sizes[d] == 0)
            fields_fail(s->fields, &where, json_object_get(entry->value, cell_dimensions[d]),
                        "a value, or a list that is not empty");
        total = total <= PLAN_CELLS_MAX ? total * sizes[d] : total;
    }
    if (fields_failed(s->fields) || !make_room(s, &entry->path, total))
        return;
    for (size_t i = 0; i < total && !fields_failed(s->fields); i++) {
        size_t rest = i;

        for (size_t d = CELL_DIMENSIONS; d-- > 0;) {
            entry->index[d] = rest % sizes[d];
            rest /= sizes[d];
        }
        cell_fields_read(s, entry, &s->plan->cells[s->plan->cell_count]);
        if (!counts_cores(entry) || !is_repeated(s->plan, first))
            s->plan->cell_count++;
    }
}

static void read_entries(struct cell_section *s, const json_t *list, const struct fields_path *path)
{
    static const char *const timed_keys[] = {
        "lane",        "work",    "requests", "concurrency", "latency",  "cpu",      "block",
        "compute",     "workers", "loops",    "gil",         "rounds",   "optional", "may_fail",
        "connections", "timeout", "limit",    "args",        "lateness", "records",  NULL};
    static const char *const memory_keys[] = {
        "lane",     "work",        "requests", "concurrency", "hold", "loops",  "optional",
        "may_fail", "connections", "timeout",  "limit",       "args", "rounds", NULL};
    uint64_t hold_ns = s->hold_ns;
    json_t *entry;
    size_t i;

    if (!json_is_array(list))
        fields_fail(s->fields, path, list, "a list of cells");
    json_array_foreach((json_t *)list, i, entry)
    {
        struct cell_entry one = {.value = entry, .path = fields_element(path, i)};
        struct fields_path hold = fields_member(&one.path, "hold");
        const json_t *own_hold = json_object_get(entry, "hold");

        if (!fields_object(s->fields, &one.path, entry, s->memory ? memory_keys : timed_keys))
            return;
        s->hold_ns = hold_ns;
        if (own_hold != NULL)
            s->hold_ns = fields_duration(s->fields, &hold, own_hold, PLAN_LATENCY_MAX);
        read_entry(s, &one);
    }
}

static void read_memory(struct plan *plan, struct fields *fields)
{
    static const char *const keys[] = {"hold", "rounds", "cells", NULL};
    const json_t *memory = json_object_get(plan->source, "memory");
    const json_t *own_rounds = json_object_get(memory, "rounds");
    struct fields_path path = fields_member(NULL, "memory"), hold = fields_member(&path, "hold"),
                       rounds = fields_member(&path, "rounds"),
                       cells = fields_member(&path, "cells");
    struct cell_section section = {plan, fields, true, HOLD_DEFAULT};

    plan->memory_rounds = 1;
    if (memory == NULL || !fields_object(fields, &path, memory, keys))
        return;
    if (own_rounds != NULL)
        plan->memory_rounds =
            (unsigned)fields_count(fields, &rounds, own_rounds, 1, PLAN_ROUNDS_MAX);
    if (json_object_get(memory, "hold") != NULL)
        section.hold_ns =
            fields_duration(fields, &hold, json_object_get(memory, "hold"), PLAN_LATENCY_MAX);
    read_entries(&section, json_object_get(memory, "cells"), &cells);
}

void grid_read(struct plan *plan, struct fields *fields)
{
    struct fields_path cells = fields_member(NULL, "cells");
    struct cell_section section = {plan, fields, false, 0};

    read_entries(&section, json_object_get(plan->source, "cells"), &cells);
    if (!fields_failed(fields))
        read_memory(plan, fields);
    if (!fields_failed(fields) && plan->cell_count == 0)
        fields_fail(fields, &cells, json_object_get(plan->source, "cells"),
                    "a list of at least one cell");
}
