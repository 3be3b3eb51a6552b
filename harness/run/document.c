#include "harness/run/document.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "harness/run/calibrate.h"

static json_t *integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *integer_if(bool known, uint64_t value)
{
    return known ? integer(value) : json_null();
}

static json_t *status_of(const struct observation *seen)
{
    return seen->exit_status == EXIT_STATUS_UNKNOWN ? json_null() : json_integer(seen->exit_status);
}

/* The command without the files that the harness asks for: what one would type. */
static json_t *command_of(const struct cell *cell, const char *server_url)
{
    struct command command;
    char *text = NULL;
    json_t *value;

    if (cell_command(cell, server_url, &(struct cell_files){0}, &command) == 0)
        text = command_text(&command);
    command_free(&command);
    value = text != NULL ? json_string(text) : NULL;
    free(text);
    return value != NULL ? value : json_null();
}

static json_t *cell_value(const struct cell *cell, const char *server_url)
{
    json_t *value = json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:b, s:b, s:o}", "id", cell->id, "lane",
        cell->lane->name, "model", cell->lane->model, "language", cell->lane->language, "requests",
        integer(cell->requests), "concurrency", integer(cell->concurrency),
        cell->memory ? "hold_ns" : "latency_ns",
        integer_if(cell->memory || cell_work_requests(&cell->work), cell->latency_ns), "optional",
        cell->optional, "may_fail", cell->may_fail, "command", command_of(cell, server_url));

    cell_work_describe(&cell->work, value);
    if (!cell->memory) {
        json_object_set_new(value, "floor_ns", integer(cell_floor_ns(cell)));
        json_object_set_new(value, "rounds", integer(cell->rounds));
        json_object_set_new(value, "lateness", json_real(cell->lateness));
    }
    return value;
}

static json_t *cells_value(const struct plan *plan, bool memory, const char *server_url)
{
    json_t *cells = json_array();

    for (size_t i = 0; i < plan->cell_count; i++)
        if (plan->cells[i].memory == memory)
            json_array_append_new(cells, cell_value(&plan->cells[i], server_url));
    return cells;
}

/* What the plan and the command line come to. */
static json_t *settings_value(const struct plan *plan, const char *plan_file)
{
    return json_pack("{s:s, s:s?, s:i, s:i, s:o, s:o}", "plan_file", plan_file, "server_url",
                     plan->server_url, "rounds", (int)plan->rounds, "rounds_max",
                     (int)plan->rounds_max, "until",
                     plan->until > 0 ? json_real(plan->until) : json_null(), "budget_ns",
                     integer_if(plan->budget_ns > 0, plan->budget_ns));
}

json_t *document_run(const struct plan *plan, const char *plan_file, const char *id, uint32_t seed,
                     const char *server_url, json_t *environment)
{
    char now[CLOCK_UTC_SIZE];

    clock_utc(now);
    return json_pack(
        "{s:s, s:s, s:s, s:n, s:s, s:O, s:o, s:o, s:n, s:o, s:o, s:o, s:[], s:[], s:o}", "schema",
        "bench.run/1", "id", id, "started_at", now, "finished_at", "status", "running", "plan",
        plan->source, "settings", settings_value(plan, plan_file), "seed", integer(seed),
        "rounds_ended", "calibrations", calibrate_describe(plan), "cells",
        cells_value(plan, false, server_url), "memory_cells", cells_value(plan, true, server_url),
        "skipped", "resumed", "environment", environment);
}

void document_skip(json_t *run, const struct cell *cell, const char *reason)
{
    json_array_append_new(json_object_get(run, "skipped"),
                          json_pack("{s:s, s:s}", "id", cell->id, "reason", reason));
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

/* What was asked, and what the server saw of it: nothing where no requests are made. */
static json_t *in_flight_value(const struct cell *cell, const json_t *server)
{
    double peak = json_number_at(server, "in_flight_peak", -1);

    return json_pack("{s:o, s:o, s:b}", "asked", integer(cell_in_flight(cell)), "achieved",
                     peak >= 0 ? integer((uint64_t)peak) : json_null(), "confirmed",
                     peak == (double)cell_in_flight(cell));
}

json_t *document_sample(const struct step *step, const struct execution *execution,
                        const char *started_at, const char *export_name)
{
    const struct observation *seen = &execution->seen;
    bool timed = execution->timed;
    double load = execution->load;

    return json_pack(
        "{s:s, s:s, s:I, s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:O, s:O, s:o, s:o, s:o, s:b, s:O, "
        "s:O}",
        "schema", "bench.sample/1", "cell", step->cell->id, "round", (json_int_t)step->round,
        "order", (json_int_t)step->order, "started_at", started_at, "wall_ns",
        integer_if(timed, execution->wall_ns), "user_ns", integer_if(timed, execution->user_ns),
        "system_ns", integer_if(timed, execution->system_ns), "exit_status", status_of(seen),
        "hyperfine", timed ? json_string(export_name) : json_null(), "lane", seen->lane, "server",
        seen->server, "in_flight", in_flight_value(step->cell, seen->server), "load_1m",
        load >= 0 ? json_real(load) : json_null(), "involuntary_switches",
        integer_if(timed, execution->involuntary_switches), "valid",
        (int)(json_array_size(seen->problems) == 0), "problems", seen->problems, "noise",
        execution->noise);
}

/* Sums over the process tree, null where nothing was sampled. */
static void add_tree(json_t *line, bool sampled, const struct proctree_memory *memory)
{
    const struct {
        const char *name;
        uint64_t value;
    } sums[] = {
        {"processes", memory->processes},         {"threads", memory->threads},
        {"pss_bytes", memory->pss_bytes},         {"pss_anon_bytes", memory->pss_anon_bytes},
        {"rss_bytes", memory->rss_bytes},         {"hwm_bytes", memory->hwm_bytes},
        {"virtual_bytes", memory->virtual_bytes}, {"page_table_bytes", memory->page_table_bytes},
    };

    for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
        json_object_set_new(line, sums[i].name, integer_if(sampled, sums[i].value));
}

static json_t *noise_of_pass(const struct memory_pass *pass)
{
    const char *remark = json_text_at(pass->methods, "remark", NULL);

    return remark != NULL ? json_pack("[s]", remark) : json_array();
}

json_t *document_memory(const struct step *step, const struct memory_pass *pass,
                        const char *started_at)
{
    double peak = json_number_at(pass->seen.server, "in_flight_peak", -1);
    json_t *line = json_pack(
        "{s:s, s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:O, s:O, s:O, s:O, s:O, s:O, s:o}",
        "schema", "bench.memory/1", "cell", step->cell->id, "round", (int)step->round, "started_at",
        started_at, "hold_ns", integer(pass->hold_ns), "exit_status", status_of(&pass->seen),
        "concurrency", integer(step->cell->concurrency), "in_flight", integer(pass->in_flight),
        "in_flight_peak", peak >= 0 ? integer((uint64_t)peak) : json_null(), "confirmed",
        pass->confirmed, "cgroup", pass->cgroup, "methods", pass->methods, "samples", pass->curve,
        "lane", pass->seen.lane, "server", pass->seen.server, "problems", pass->seen.problems,
        "noise", noise_of_pass(pass));

    if (line != NULL)
        add_tree(line, pass->sampled, &pass->memory);
    return line;
}
