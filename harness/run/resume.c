#include "harness/run/resume.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/json.h"
#include "harness/run/calibrate.h"
#include "harness/error.h"
#include "harness/plan/grid.h"

static json_t *load_lines(const struct run *run, const char *name, char *error)
{
    char path[PATH_MAX];

    if (run_folder_mend(&run->folder, name, error) < 0)
        return NULL;
    run_folder_path(&run->folder, name, path);
    return access(path, F_OK) < 0 ? json_array() : json_lines_load(path, error);
}

/* Most rounds of all cells: how many the plan had, in folders that do not say it. */
static unsigned rounds_of(const json_t *document)
{
    unsigned rounds = 1;
    json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(document, "cells"), i, cell)
    {
        double of_cell = json_number_at(cell, "rounds", 1);

        if (of_cell > rounds && of_cell <= PLAN_ROUNDS_MAX)
            rounds = (unsigned)of_cell;
    }
    return rounds;
}

/* What the command line of the first session changed. */
static void take_settings(struct run *run)
{
    const json_t *settings = json_object_get(run->document, "settings");
    double rounds = json_number_at(settings, "rounds", rounds_of(run->document));
    double most = json_number_at(settings, "rounds_max", rounds);
    double until = json_number_at(settings, "until", 0);
    double budget = json_number_at(settings, "budget_ns", 0);
    const char *url = json_text_at(settings, "server_url", "");

    plan_set_rounds(&run->plan, rounds >= 1 && rounds <= PLAN_ROUNDS_MAX ? (unsigned)rounds : 1);
    if (most >= rounds && most <= PLAN_ROUNDS_MAX)
        run->plan.rounds_max = (unsigned)most;
    if (until >= 0 && until <= PLAN_UNTIL_MAX)
        run->plan.until = until;
    if (budget >= 0 && budget <= (double)PLAN_BUDGET_MAX)
        run->plan.budget_ns = (uint64_t)budget;
    if (plan_is_url(url))
        run->plan.server_url = url;
    if (run->options->until > 0)
        run->plan.until = run->options->until;
    if (run->options->budget_ns > 0)
        run->plan.budget_ns = run->options->budget_ns;
}

static int take_plan(struct run *run, char *error)
{
    const char *file = json_text_at(run->document, "settings.plan_file", "./plan");
    double seed = json_number_at(run->document, "seed", 0);
    json_t *source = json_deep_copy(json_object_get(run->document, "plan"));
    int code;

    if (source == NULL || !(seed >= 1 && seed <= UINT32_MAX))
        return error_set(error, -EINVAL, "%.700s/run.json holds no plan with a seed",
                         run->folder.path);
    snprintf(run->plan_file, sizeof(run->plan_file), "%.4000s", file);
    run->seed = (uint32_t)seed;
    code = plan_read(source, run->plan_file, run->suite->programs, &run->plan, error);
    if (code == 0)
        take_settings(run);
    return code;
}

int resume_open(struct run *run, const char *path, char *error)
{
    char file[PATH_MAX];
    int code = run_folder_open(&run->folder, path, error);

    if (code < 0)
        return code;
    run->document = json_file_load(run_folder_path(&run->folder, "run.json", file), error);
    if (run->document == NULL)
        return -EINVAL;
    if (strcmp(json_text_at(run->document, "status", ""), "complete") == 0)
        return error_set(error, -EALREADY, "%.700s is complete: nothing is missing",
                         run->folder.id);
    code = take_plan(run, error);
    if (code < 0)
        return code;
    run->samples = load_lines(run, "results.jsonl", error);
    if (run->samples != NULL)
        run->passes = load_lines(run, "memory.jsonl", error);
    return run->passes != NULL ? 0 : -EINVAL;
}

void resume_skipped(struct run *run)
{
    json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(run->document, "skipped"), i, cell)
    {
        for (size_t k = 0; k < run->plan.cell_count; k++)
            if (strcmp(json_text_at(cell, "id", ""), run->plan.cells[k].id) == 0) {
                run->skipped[k] = true;
                progress_skip(&run->bench.progress, &run->plan.cells[k]);
            }
    }
}

/* What must be the same for the figures of two sessions to belong together. */
static json_t *differences(const json_t *before, const json_t *now)
{
    static const char *const keys[] = {"cpu_model",
                                       "cores",
                                       "memory_bytes",
                                       "kernel",
                                       "limits",
                                       "versions.compiler",
                                       "versions.libcurl",
                                       "versions.hyperfine",
                                       "git",
                                       "allocator"};
    json_t *found = json_array();

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        json_t *was = json_at(before, keys[i]), *is = json_at(now, keys[i]);

        if (was != NULL && is != NULL && !json_equal(was, is))
            json_array_append_new(found, json_string(keys[i]));
    }
    return found;
}

void resume_note(struct run *run, json_t *environment)
{
    json_t *differing = differences(json_object_get(run->document, "environment"), environment);
    json_t *resumed = json_object_get(run->document, "resumed"), *key;
    char now[CLOCK_UTC_SIZE], text[ERROR_SIZE];
    size_t i;

    json_array_foreach(differing, i, key)
    {
        snprintf(text, sizeof(text), "Not as in the session before: %s", json_string_value(key));
        progress_note(&run->bench.progress, text);
    }
    clock_utc(now);
    if (!json_is_array(resumed)) {
        resumed = json_array();
        json_object_set_new(run->document, "resumed", resumed);
    }
    json_array_append_new(resumed, json_pack("{s:s, s:i, s:o, s:o}", "at", now, "executions",
                                             (int)json_array_size(run->samples), "differs",
                                             differing, "environment", environment));
    json_object_set_new(run->document, "calibrations", calibrate_describe(&run->plan));
    json_object_set_new(run->document, "status", json_string("running"));
    json_object_set_new(run->document, "finished_at", json_null());
}
