/* `bench list`. */
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
    suite_each_plan(suite, add_plan, &listing);
    suite_each_run(suite, add_run, &listing);
    listed = texts_show(stdout, dataset, "list", TABLE_TERMINAL, error) == 0;
    dataset_close(dataset);
    return listed ? BENCH_COMPLETE : BENCH_USAGE;
}
