/* The JSON of a run folder: run.json and the lines of results.jsonl and memory.jsonl, as
 * results/README.md describes them. */
#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "harness/machine/environment.h"
#include "harness/plan/keys.h"
#include "harness/run/session.h"

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
        if (cell_draws(cell)) {
            json_object_set_new(value, "latency", json_string(cell->latency.spec));
            json_object_set_new(value, "least_ns", integer(cell_least_ns(cell)));
        }
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

/* A path of the plan's file that says nothing of this machine: from the folder of the suite, or,
 * with ".." at its beginning, from the folder of the run. In `text` of PATH_MAX bytes. */
static void name_plan_file(const struct session *session, char *text)
{
    const char *file = session->plan_file, *folder = session->folder.path;
    size_t root = strlen(session->suite->root), common = 0, length = 0;

    if (root > 0 && strncmp(file, session->suite->root, root) == 0 && file[root] == '/') {
        strcpy(text, file + root + 1);
        return;
    }
    for (size_t i = 0; file[i] == folder[i] && file[i] != '\0'; i++)
        if (file[i] == '/')
            common = i;
    for (const char *at = folder + common; at != NULL && length < PATH_MAX;
         at = strchr(at + 1, '/'))
        length += (size_t)snprintf(text + length, PATH_MAX - length, "../");
    if (length < PATH_MAX)
        snprintf(text + length, PATH_MAX - length, "%s", file + common + 1);
}

static json_t *calibrations(const struct plan *plan)
{
    json_t *values = json_array();

    for (size_t i = 0; i < plan->calibration_count; i++) {
        const struct calibration *one = &plan->calibrations[i];

        json_array_append_new(values, json_pack("{s:I, s:I, s:I, s:s, s:I}", "cpu_ns",
                                                (json_int_t)one->cpu_ns, "block_bytes",
                                                (json_int_t)one->block_bytes, "rounds",
                                                (json_int_t)one->rounds, "digest", one->digest,
                                                "measured_ns", (json_int_t)one->measured_ns));
    }
    return values;
}

/* bench.run/1 of a new run, or NULL without memory. Takes over `environment`. */
json_t *session_document(const struct session *session, json_t *environment)
{
    const struct plan *plan = &session->plan;
    char now[CLOCK_UTC_SIZE], plan_file[PATH_MAX];
    json_t *settings; /* what the plan and the command line come to */

    name_plan_file(session, plan_file);
    settings = json_pack("{s:s, s:s?, s:b, s:o, s:o, s:o, s:o, s:o}", "plan_file", plan_file,
                         "server_url", plan->server_url, "hosts", session->options->hosts != NULL,
                         "rounds", integer(plan->rounds), "rounds_max", integer(plan->rounds_max),
                         "runs", integer(plan->runs), "until",
                         plan->until > 0 ? json_real(plan->until) : json_null(), "budget_ns",
                         integer_if(plan->budget_ns > 0, plan->budget_ns));
    clock_utc(now);
    return json_pack("{s:s, s:s, s:s, s:n, s:n, s:O, s:o, s:o, s:n, s:n, s:o, s:o, s:n, s:[], s:o}",
                     "schema", "bench.run/1", "id", session->folder.id, "started_at", now,
                     "finished_at", "status", "plan", plan->source, "settings", settings, "seed",
                     integer(session->seed), "rounds_ended", "calibrations", "cells",
                     cells_value(plan, false), "memory_cells", cells_value(plan, true), "skipped",
                     "resumed", "environment", environment);
}

/* What must be the same for the figures of two sessions to belong together. */
static json_t *differences(const json_t *before, const json_t *now)
{
    json_t *found = json_array(), *key;
    size_t i;

    json_array_foreach((json_t *)environment_known("same_in_sessions"), i, key)
    {
        json_t *was = json_at(before, json_string_value(key));
        json_t *is = json_at(now, json_string_value(key));

        if (was != NULL && is != NULL && !json_equal(was, is))
            json_array_append(found, key);
    }
    return found;
}

/* Where the run will name no commit though it could. */
static void note_anothers(const struct session *session)
{
    char text[2 * PATH_MAX + 200];

    if (!environment_is_anothers(session->suite->root))
        return;
    snprintf(text, sizeof(text),
             "The run names no commit, since git takes %s for another user's: git config --global "
             "--add safe.directory %s",
             session->suite->root, session->suite->root);
    progress_note(&session->bench.progress, text);
}

/* Notes that the run goes on, and what has changed. */
static void note_resumed(struct session *session, const json_t *environment)
{
    json_t *document = session->document, *key;
    json_t *differing = differences(json_object_get(document, "environment"), environment);
    char now[CLOCK_UTC_SIZE], text[160];
    size_t i;

    json_array_foreach(differing, i, key)
    {
        snprintf(text, sizeof(text), "Not as in the session before: %s", json_string_value(key));
        progress_note(&session->bench.progress, text);
    }
    clock_utc(now);
    if (!json_is_array(json_object_get(document, "resumed")))
        json_object_set_new(document, "resumed", json_array());
    json_array_append_new(json_object_get(document, "resumed"),
                          json_pack("{s:s, s:i, s:o}", "at", now, "executions",
                                    (int)json_array_size(session->samples), "differs", differing));
}

int session_begin(struct session *session, struct error *error)
{
    json_t *environment = environment_read(session->suite->root);

    if (session->document == NULL && session->bench.server.files != NULL)
        json_object_set_new(environment, "disk", disk_measure(session->folder.path));
    if (session->document != NULL) {
        note_resumed(session, environment);
        json_decref(environment);
    } else {
        note_anothers(session);
        session->document = session_document(session, environment);
    }
    if (session->document == NULL)
        return error_set(error, -ENOMEM, "no memory for run.json");
    json_object_set_new(session->document, "calibrations", calibrations(&session->plan));
    json_object_set(session->document, "skipped", session->left_out);
    json_object_set_new(session->document, "status", json_string("running"));
    json_object_set_new(session->document, "finished_at", json_null());
    return run_folder_write(&session->folder, "run.json", session->document, error);
}

void session_learn_versions(struct session *session, const json_t *lane)
{
    const char *libuv = json_text_at(lane, "libraries.libuv", NULL);

    if (libuv != NULL)
        json_object_set_new(json_at(session->document, "environment.versions"), "libuv",
                            json_string(libuv));
}

int session_end(struct session *session, int code, struct error *error)
{
    json_t *document = session->document, *cell;
    double stolen_ns = (double)(environment_cpu().steal_ns - session->steal_ns) +
                       json_number_at(document, "environment.steal_ns", 0);
    const char *status = code == -EINTR ? "interrupted" : code < 0 ? "failed" : "complete";
    char now[CLOCK_UTC_SIZE];
    size_t i;

    json_array_foreach(json_object_get(document, "cells"), i, cell)
    {
        const struct cell *measured = plan_cell(&session->plan, json_text_at(cell, "id", ""));

        if (measured != NULL)
            json_object_set_new(cell, "noise", rounds_noise(&session->rounds, measured));
    }
    clock_utc(now);
    json_object_set_new(document, "finished_at", json_string(now));
    json_object_set_new(document, "status", json_string(status));
    json_object_set_new(json_object_get(document, "environment"), "steal_ns",
                        json_integer((json_int_t)stolen_ns));
    json_object_set_new(document, "lines", run_folder_count(&session->folder));
    code = run_folder_write(&session->folder, "run.json", document, error);
    return code == 0 ? session_export(session, error) : code;
}

/* The members of `stats` whose names are in the list. */
static json_t *keep(const json_t *stats, const char *list)
{
    json_t *kept = json_object(), *value;
    const char *name;
    char word[64];

    json_object_foreach((json_t *)stats, name, value)
    {
        snprintf(word, sizeof(word), " %s ", name);
        if (strstr(list, word) != NULL)
            json_object_set(kept, name, value);
    }
    return kept;
}

/* What is kept of mockserver.stats/1. */
static json_t *server_value(const json_t *stats)
{
    json_t *value;

    if (!json_is_object(stats))
        return json_null();
    value = keep(stats, " resets requests responses aborted statuses faults connections_accepted "
                        "in_flight_peak busy_ns_max unaccepted_peak unaccepted_ns_max cpu_ns "
                        "connection_bytes ");
    json_object_set_new(value, "lateness_ns",
                        keep(json_object_get(stats, "lateness_ns"), " p50 p99 max early "));
    json_object_set_new(value, "unread_ns",
                        keep(json_object_get(stats, "unread_ns"), " p50 p99 max "));
    return value;
}

json_t *session_line(const struct schedule_step *step, const struct execution *execution,
                     const char *started_at)
{
    const struct observation *seen = &execution->seen;
    bool timed = step->kind == STEP_TIMED;
    json_t *line =
        json_pack("{s:s, s:s, s:o, s:o}", "schema", timed ? "bench.sample/1" : "bench.memory/1",
                  "cell", step->cell->id, "round", integer(step->round), "run", integer(step->run));
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
