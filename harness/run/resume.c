#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/json.h"
#include "common/path.h"
#include "harness/plan/keys.h"
#include "harness/run/calibrate.h"
#include "harness/run/document.h"
#include "harness/run/session.h"

static json_t *load_lines(const struct session *session, const char *name, struct error *error)
{
    char path[PATH_MAX];

    if (run_folder_mend(&session->folder, name, error) < 0)
        return NULL;
    run_folder_path(&session->folder, name, path);
    return access(path, F_OK) < 0 ? json_array() : json_lines_load(path, error->text);
}

/* What the command line of the first session changed. */
static void take_settings(struct session *session)
{
    const json_t *settings = json_object_get(session->document, "settings");
    double rounds = json_number_at(settings, "rounds", (double)session->plan.rounds);
    double most = json_number_at(settings, "rounds_max", rounds);
    double until = json_number_at(settings, "until", 0);
    double budget = json_number_at(settings, "budget_ns", 0);
    struct error ignored;

    plan_set_rounds(&session->plan,
                    rounds >= 1 && rounds <= PLAN_ROUNDS_MAX ? (uint64_t)rounds : 1);
    if (most >= rounds && most <= PLAN_ROUNDS_MAX)
        session->plan.rounds_max = (uint64_t)most;
    if (until >= 0 && until <= 1)
        session->plan.until = until;
    if (budget >= 0 && budget <= 1e18)
        session->plan.budget_ns = (uint64_t)budget;
    keys_parse(KEYS_SERVER, "url", json_text_at(settings, "server_url", ""), &session->plan,
               &ignored);
}

/* The paths of lanes are relative to the plan's file, which is told from the folder of the suite or
 * from that of the run. */
static void find_plan_file(struct session *session)
{
    const char *file = json_text_at(session->document, "settings.plan_file", "./plan");

    if (file[0] == '/')
        snprintf(session->plan_file, sizeof(session->plan_file), "%s", file);
    else
        path_join(session->plan_file, file[0] == '.' ? session->folder.path : session->suite->root,
                  file);
}

static int take_plan(struct session *session, struct error *error)
{
    double seed = json_number_at(session->document, "seed", 0);
    json_t *source = json_deep_copy(json_object_get(session->document, "plan"));
    int code;

    if (source == NULL || !(seed >= 1 && seed <= UINT32_MAX))
        return error_set(error, -EINVAL, "%s/run.json holds no plan with a seed",
                         session->folder.path);
    find_plan_file(session);
    session->seed = (uint32_t)seed;
    code = plan_read(source, session->plan_file, session->suite->programs, &session->plan, error);
    if (code == 0)
        take_settings(session);
    return code;
}

int session_reopen(struct session *session, const char *path, struct error *error)
{
    char file[PATH_MAX];
    int code = run_folder_open(&session->folder, path, error);

    if (code < 0)
        return code;
    run_folder_path(&session->folder, "run.json", file);
    session->document = json_file_load(file, error->text);
    if (session->document == NULL)
        return -EINVAL;
    if (strcmp(json_text_at(session->document, "status", ""), "complete") == 0)
        return error_set(error, -EALREADY, "%s is complete: nothing is missing",
                         session->folder.id);
    code = take_plan(session, error);
    if (code < 0)
        return code;
    session->samples = load_lines(session, "results.jsonl", error);
    if (session->samples != NULL)
        session->passes = load_lines(session, "memory.jsonl", error);
    return session->passes != NULL ? 0 : -EINVAL;
}

void session_skip_again(struct session *session)
{
    json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(session->document, "skipped"), i, cell)
    {
        for (size_t k = 0; k < session->plan.cell_count; k++)
            if (strcmp(json_text_at(cell, "id", ""), session->plan.cells[k].id) == 0)
                session_skip(session, &session->plan.cells[k]);
    }
}

/* What must be the same for the figures of two sessions to belong together. */
static json_t *differences(const json_t *before, const json_t *now)
{
    static const char *const keys_kept[] = {
        "cpu_model",
        "cores",
        "memory_bytes",
        "kernel",
        "limits",
        "versions.compiler",
        "versions.libcurl",
        "versions.hyperfine",
        "git",
        "allocator",
    };
    json_t *found = json_array();

    for (size_t i = 0; i < COUNT_OF(keys_kept); i++) {
        json_t *was = json_at(before, keys_kept[i]), *is = json_at(now, keys_kept[i]);

        if (was != NULL && is != NULL && !json_equal(was, is))
            json_array_append_new(found, json_string(keys_kept[i]));
    }
    return found;
}

void session_note_resumed(struct session *session, json_t *environment)
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
    json_object_set_new(document, "calibrations", calibrate_describe(&session->plan));
    json_object_set_new(document, "status", json_string("running"));
    json_object_set_new(document, "finished_at", json_null());
    json_decref(environment);
}
