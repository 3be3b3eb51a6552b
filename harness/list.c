#include "harness/list.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/json.h"
#include "common/units.h"
#include "harness/error.h"
#include "harness/plan/plan.h"
#include "harness/run/progress.h"
#include "harness/run/run_folder.h"
#include "harness/plan/schedule.h"
#include "harness/table.h"

static int is_plan(const struct dirent *entry)
{
    const char *suffix = strrchr(entry->d_name, '.');

    return suffix != NULL && strcmp(suffix, ".json") == 0;
}

/* Runs are named by their time: a digit first. */
static int is_run(const struct dirent *entry)
{
    return entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
}

static uint64_t estimate_ns(const struct plan *plan)
{
    struct schedule schedule;
    uint64_t sum = 0;

    if (schedule_make(plan, 1, &schedule) < 0)
        return 0;
    sum = schedule_left_ns(&schedule, 0);
    schedule_free(&schedule);
    return sum;
}

static void add_plan(struct table *table, const struct suite *suite, const char *file)
{
    char path[PATH_MAX], error[ERROR_SIZE], eta[UNITS_TEXT_SIZE];
    struct plan plan;

    snprintf(path, sizeof(path), "%.3800s/harness/plans/%.255s", suite->root, file);
    if (plan_load(path, suite->programs, &plan, (struct error *)error) < 0) {
        table_add(table, "%.*s", (int)strlen(file) - 5, file);
        table_add(table, "-");
        table_add(table, "%s", error);
        return;
    }
    table_add(table, "%s", plan.name);
    table_add(table, "%s", progress_format_eta(estimate_ns(&plan), eta));
    table_add(table, "%s", plan.description);
    plan_free(&plan);
}

static void list_plans(const struct suite *suite, FILE *stream)
{
    static const char *const heads[] = {"<plan", "time", "<description", NULL};
    char folder[PATH_MAX];
    struct dirent **entries = NULL;
    struct table table;
    int count;

    snprintf(folder, sizeof(folder), "%.3900s/harness/plans", suite->root);
    count = suite->root[0] != '\0' ? scandir(folder, &entries, is_plan, alphasort) : 0;
    table_init(&table, heads);
    for (int i = 0; i < count; i++) {
        add_plan(&table, suite, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    table_print(&table, stream);
}

static void count_lines(const char *folder, double *executions, double *invalid)
{
    char path[PATH_MAX], error[JSON_ERROR_SIZE];
    json_t *samples, *sample;
    size_t i;

    *executions = *invalid = 0;
    snprintf(path, sizeof(path), "%.3800s/results.jsonl", folder);
    samples = json_lines_load(path, error);
    json_array_foreach(samples, i, sample)
    {
        *executions += 1;
        *invalid += !json_is_true(json_object_get(sample, "valid"));
    }
    json_decref(samples);
}

static void add_run(struct table *table, const struct suite *suite, const char *name)
{
    char folder[PATH_MAX], file[PATH_MAX], error[JSON_ERROR_SIZE];
    const char *status;
    double executions, invalid;
    json_t *run;

    snprintf(folder, sizeof(folder), "%.3500s/%.255s", suite->results, name);
    snprintf(file, sizeof(file), "%.3800s/run.json", folder);
    run = json_file_load(file, error);
    if (run == NULL)
        return;
    count_lines(folder, &executions, &invalid);
    status = json_text_at(run, "status", "?");
    if (strcmp(status, "running") == 0 && !run_folder_in_use(folder))
        status = "killed";
    table_add(table, "%s", name);
    table_add(table, "%s", status);
    table_add(table, "%.0f", executions);
    table_add(table, "%.0f", invalid);
    json_decref(run);
}

static void list_runs(const struct suite *suite, FILE *stream)
{
    static const char *const heads[] = {"<run", "<status", "executions", "invalid", NULL};
    struct dirent **entries = NULL;
    int count = scandir(suite->results, &entries, is_run, alphasort);
    struct table table;

    table_init(&table, heads);
    for (int i = 0; i < count; i++) {
        add_run(&table, suite, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    fprintf(stream, "\nRuns in %s:\n", suite->results);
    table_print(&table, stream);
}

int list_all(const struct suite *suite, FILE *stream, char *error)
{
    if (suite->root[0] == '\0')
        return error_set(error, -ENOENT,
                         "the folder harness/plans is neither above %.300s nor above the working "
                         "folder; go to the folder of the suite",
                         suite->programs);
    list_plans(suite, stream);
    list_runs(suite, stream);
    return 0;
}

static int find_newest(const struct suite *suite, char *path, char *error)
{
    struct dirent **entries = NULL;
    int count = scandir(suite->results, &entries, is_run, alphasort);

    if (count > 0)
        snprintf(path, PATH_MAX, "%.3500s/%.255s", suite->results, entries[count - 1]->d_name);
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    if (count <= 0)
        return error_set(error, -ENOENT, "there is no run in %.800s yet", suite->results);
    return 0;
}

int list_find_run(const struct suite *suite, const char *run, char *path, char *error)
{
    if (run == NULL)
        return find_newest(suite, path, error);
    snprintf(path, PATH_MAX, "%.3500s/%.500s", suite->results, run);
    if (strchr(run, '/') == NULL && access(path, F_OK) == 0)
        return 0;
    snprintf(path, PATH_MAX, "%.3800s", run);
    if (access(path, F_OK) == 0)
        return 0;
    return error_set(error, -ENOENT, "there is no run %.300s; bench list shows those in %.500s",
                     run, suite->results);
}
