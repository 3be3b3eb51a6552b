/* `bench list`, and where plans and runs are found. */
#include "harness/list.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/units.h"
#include "common/path.h"
#include "harness/bench_options.h"
#include "harness/plan/plan.h"
#include "harness/run/progress.h"
#include "harness/run/run_folder.h"
#include "harness/plan/schedule.h"
#include "report/dataset/dataset.h"
#include "report/texts.h"

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

/* What is being listed. */
struct listing {
    struct dataset dataset;
    const struct suite *suite;
};

static void add_plan(void *input, const char *path, const char *name)
{
    static const char insert[] = "INSERT INTO listed_plans VALUES (?, ?, ?)";
    struct listing *listing = input;
    char eta[UNITS_TEXT_SIZE];
    struct error error = {""};
    struct plan plan;

    if (plan_load(path, listing->suite->programs, &plan, &error) < 0) {
        dataset_execute(&listing->dataset, insert, "sss", name, "–", error.text);
        return;
    }
    dataset_execute(&listing->dataset, insert, "sss", plan.name,
                    progress_format_eta(estimate_ns(&plan), eta), plan.description);
    plan_free(&plan);
}

/* What is no run at all (it has no run.json) is not listed; one that cannot be read is. */
static void add_run(void *input, const char *folder, const char *name)
{
    struct listing *listing = input;
    char file[PATH_MAX];
    struct error reason;
    const char *fault = NULL;

    if (access(path_join(file, folder, "run.json"), F_OK) < 0)
        return;
    if (dataset_load_brief(&listing->dataset, folder, &reason) < 0)
        fault = reason.text;
    dataset_execute(&listing->dataset,
                    "INSERT INTO listed_runs SELECT CASE WHEN ?3 IS NULL THEN max(run) END, ?1, "
                    "?2, ?3 FROM raw_run",
                    "sis", name, run_folder_in_use(folder), fault);
}

/* Calls add() for each entry of a folder that is chosen by `is`, in the order of their names. */
static void for_each(const char *folder, int (*is)(const struct dirent *),
                     void (*add)(void *user, const char *path, const char *name), void *user)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is, alphasort);
    char path[PATH_MAX];

    for (int i = 0; i < count; i++) {
        add(user, path_join(path, folder, entries[i]->d_name), entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

void list_plans(const struct suite *suite,
                void (*add)(void *user, const char *path, const char *name), void *user)
{
    char folder[PATH_MAX];

    for_each(path_join(folder, suite->root, SUITE_PLANS), is_plan, add, user);
}

enum bench_status bench_list(const struct bench_options *options, const struct suite *suite,
                             struct error *error)
{
    struct listing listing = {.suite = suite};
    struct dataset *dataset = &listing.dataset;
    bool listed;

    (void)options;
    if (suite->root[0] == '\0')
        error_set(error, 0,
                  "the folder harness/plans is neither above %.150s nor above the working folder; "
                  "go to the folder of the suite",
                  suite->programs);
    if (suite->root[0] == '\0' || dataset_open(dataset, error) < 0)
        return BENCH_USAGE;
    sqlite3_exec(dataset->db,
                 "CREATE TABLE listed_folder (folder); CREATE TABLE listed_plans (name, time, "
                 "description); CREATE TABLE listed_runs (run, name, in_use, fault)",
                 NULL, NULL, NULL);
    dataset_execute(dataset, "INSERT INTO listed_folder VALUES (?)", "s", suite->results);
    list_plans(suite, add_plan, &listing);
    for_each(suite->results, is_run, add_run, &listing);
    listed = texts_show(stdout, dataset, "list", error) == 0;
    dataset_close(dataset);
    return listed ? BENCH_COMPLETE : BENCH_USAGE;
}

static void keep_path(void *kept, const char *path, const char *name)
{
    char file[PATH_MAX];

    (void)name;
    if (access(path_join(file, path, "run.json"), F_OK) == 0)
        strcpy(kept, path);
}

int list_find_run(const struct suite *suite, const char *run, char *path, struct error *error)
{
    if (run == NULL) {
        path[0] = '\0';
        for_each(suite->results, is_run, keep_path, path); /* the last is the newest */
        return path[0] != '\0'
                   ? 0
                   : error_set(error, -ENOENT, "there is no run in %.400s yet", suite->results);
    }
    path_join(path, suite->results, run);
    if (strchr(run, '/') == NULL && access(path, F_OK) == 0)
        return 0;
    snprintf(path, PATH_MAX, "%.3800s", run);
    if (access(path, F_OK) == 0)
        return 0;
    return error_set(error, -ENOENT, "there is no run %.150s; bench list shows those in %.250s",
                     run, suite->results);
}
