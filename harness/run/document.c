#include "harness/run/document.h"

#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "harness/plan/keys.h"
#include "harness/run/calibrate.h"

static json_t *integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *integer_if(bool known, uint64_t value)
{
    return known ? integer(value) : json_null();
}

static json_t *cell_value(const struct cell *cell)
{
    json_t *value = json_pack("{s:s, s:s, s:s, s:s}", "id", cell->id, "lane", cell->lane->name,
                              "model", cell->lane->model, "language", cell->lane->language);

    keys_describe(cell, "requests", cell->memory ? "work" : "gil", value);
    if (!cell->memory) {
        json_object_set_new(value, "floor_ns", integer(cell_floor_ns(cell)));
        keys_describe(cell, "rounds", "lateness", value);
    }
    return value;
}

static json_t *cells_value(const struct plan *plan, bool memory)
{
    json_t *cells = json_array();

    for (size_t i = 0; i < plan->cell_count; i++)
        if (plan->cells[i].memory == memory)
            json_array_append_new(cells, cell_value(&plan->cells[i]));
    return cells;
}

json_t *document_run(const struct plan *plan, const char *plan_file, const char *id, uint32_t seed,
                     json_t *environment)
{
    char now[CLOCK_UTC_SIZE];
    json_t *settings = /* what the plan and the command line come to */
        json_pack("{s:s, s:s?, s:o, s:o, s:o, s:o}", "plan_file", plan_file, "server_url",
                  plan->server_url, "rounds", integer(plan->rounds), "rounds_max",
                  integer(plan->rounds_max), "until",
                  plan->until > 0 ? json_real(plan->until) : json_null(), "budget_ns",
                  integer_if(plan->budget_ns > 0, plan->budget_ns));

    clock_utc(now);
    return json_pack(
        "{s:s, s:s, s:s, s:n, s:s, s:O, s:o, s:o, s:n, s:o, s:o, s:o, s:[], s:[], s:o}", "schema",
        "bench.run/1", "id", id, "started_at", now, "finished_at", "status", "running", "plan",
        plan->source, "settings", settings, "seed", integer(seed), "rounds_ended", "calibrations",
        calibrate_describe(plan), "cells", cells_value(plan, false), "memory_cells",
        cells_value(plan, true), "skipped", "resumed", "environment", environment);
}

json_t *document_skip(const struct cell *cell, const char *reason)
{
    return json_pack("{s:s, s:s}", "id", cell->id, "reason", reason);
}

void document_learn_versions(json_t *run, const json_t *lane)
{
    const char *libuv = json_text_at(lane, "libraries.libuv", NULL);

    if (libuv != NULL)
        json_object_set_new(json_at(run, "environment.versions"), "libuv", json_string(libuv));
}

void document_cell_noise(json_t *run, const char *id, json_t *noise)
{
    json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(run, "cells"), i, cell)
    {
        if (strcmp(json_text_at(cell, "id", ""), id) == 0)
            json_object_set(cell, "noise", noise);
    }
    json_decref(noise);
}

void document_finish(json_t *run, const char *status, uint64_t steal_ns)
{
    char now[CLOCK_UTC_SIZE];

    clock_utc(now);
    json_object_set_new(run, "finished_at", json_string(now));
    json_object_set_new(run, "status", json_string(status));
    steal_ns += (uint64_t)json_number_at(run, "environment.steal_ns", 0);
    json_object_set_new(json_object_get(run, "environment"), "steal_ns", integer(steal_ns));
}

/* What is kept of mockserver.stats/1: its members in `names`, those of `lateness_ns` among them. */
static json_t *keep(const json_t *stats, const char *const names[])
{
    json_t *kept = json_object();

    for (; *names != NULL; names++)
        if (json_object_get(stats, *names) != NULL)
            json_object_set(kept, *names, json_object_get(stats, *names));
    return kept;
}

static json_t *server_value(const json_t *stats)
{
    static const char *const members[] = {"resets",
                                          "requests",
                                          "responses",
                                          "aborted",
                                          "statuses",
                                          "faults",
                                          "connections_accepted",
                                          "in_flight_peak",
                                          "busy_ns_max",
                                          "cpu_ns",
                                          NULL};
    static const char *const lateness[] = {"p50", "p99", "max", "early", NULL};
    json_t *value;

    if (!json_is_object(stats))
        return json_null();
    value = keep(stats, members);
    json_object_set_new(value, "lateness_ns",
                        keep(json_object_get(stats, "lateness_ns"), lateness));
    return value;
}

json_t *document_line(const struct schedule_step *step, const struct execution *execution,
                      const char *started_at)
{
    const struct observation *seen = &execution->seen;
    bool timed = step->kind == STEP_TIMED;
    json_t *line =
        json_pack("{s:s, s:s, s:o}", "schema", timed ? "bench.sample/1" : "bench.memory/1", "cell",
                  step->cell->id, "round", integer(step->round));
    json_t *rest =
        json_pack("{s:o, s:O, s:o, s:O, s:O}", "exit_status",
                  integer_if(seen->exit_status != EXIT_STATUS_UNKNOWN, (uint64_t)seen->exit_status),
                  "lane", seen->lane, "server", server_value(seen->server), "problems",
                  seen->problems, "noise", execution->noise);

    if (timed) {
        json_object_set_new(line, "order", integer(step->order));
        json_object_set_new(line, "started_at", json_string(started_at));
        json_object_set_new(rest, "valid", json_boolean(json_array_size(seen->problems) == 0));
    }
    if (json_object_update(line, execution->figures) < 0 || json_object_update(line, rest) < 0) {
        json_decref(line);
        line = NULL;
    }
    json_decref(rest);
    return line;
}
