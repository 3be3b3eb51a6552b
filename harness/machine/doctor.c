/* `bench doctor`. What is looked at, and what each item must be, is said in doctor.json. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/cores.h"
#include "common/count.h"
#include "common/json.h"
#include "common/path.h"
#include "harness/machine/environment.h"
#include "harness/memory/cgroup.h"
#include "harness/run/cluster.h"
#include "harness/show.h"
#include "harness/run/ready.h"
#include "report/dataset/dataset.h"
#include "report/embedded.h"
#include "report/texts.h"

#define VALUE_SIZE 200

enum item_verdict { OK, WARNING, PROBLEM };

struct doctor {
    const struct suite *suite;
    json_t *environment;
    struct dataset tables; /* of items and of plans */
};

/* "built", or which programs are missing: a new reference. */
static json_t *find_programs(const struct suite *suite)
{
    static const char *const programs[] = {"mockserver", "lane-sync", "lane-threads", "lane-procs",
                                           "lane-async", "lane-co",   "report"};
    char path[PATH_MAX], text[VALUE_SIZE] = "built", *end = text;

    for (size_t i = 0; i < COUNT_OF(programs); i++)
        if (access(suite_program(suite, programs[i], path), X_OK) < 0)
            end += sprintf(end, "%s%s", end > text ? ", " : "missing: ", programs[i]);
    return json_string(text);
}

static json_t *find_cgroup(void)
{
    struct cgroup cgroup;
    json_t *version = cgroup_make(&cgroup) == 0 ? json_integer(cgroup.version) : json_null();

    cgroup_remove(&cgroup);
    return version;
}

static const char *find_fuse(void)
{
    int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return errno == ENOENT ? "there is no /dev/fuse" : "/dev/fuse cannot be opened";
    close(fd);
    return "/dev/fuse can be opened";
}

/* The environment, with what follows from it and what is true at this moment. */
static json_t *derive(const struct doctor *doctor)
{
    json_t *values = json_deep_copy(doctor->environment);
    json_t *range = json_at(values, "limits.port_range");
    const char *setting =
        json_object_iter_key(json_object_iter(json_object_get(values, "allocator")));
    struct environment_cpu cpu = environment_cpu();
    struct cores cores = cores_read("");
    const char *timer = json_text_at(values, "versions.hyperfine", "unknown version");
    struct error reason;
    char text[CORES_TEXT_SIZE];
    double stolen = (double)cpu.steal_ns / ((double)(cpu.busy_ns + cpu.steal_ns) + 1);
    double load = environment_load().average / json_number_at(values, "cores", 1);
    double swapped =
        json_number_at(values, "swap_bytes", 0) - json_number_at(values, "swap_free_bytes", 0);
    json_t *more = json_pack(
        "{s:s, s:f, s:f, s:f, s:s, s:o, s:s, s:o, s:o, s:s, s:o}", "cores_text",
        cores_describe(&cores, text), "load", load, "stolen", 100 * stolen, "swapped",
        swapped > 0 ? swapped : 0.0, "setting", setting != NULL ? setting : "none", "ports",
        json_integer(json_integer_value(json_array_get(range, 1)) -
                     json_integer_value(json_array_get(range, 0)) + 1),
        "fuse", find_fuse(), "cgroup", find_cgroup(), "built", find_programs(doctor->suite),
        "hyperfine", ready_hyperfine(&reason) < 0 ? reason.text : timer, "sources",
        json_sprintf("%.12s%s%s", json_text_at(values, "git.revision", "unknown"),
                     json_is_true(json_at(values, "git.dirty")) ? ", with changes" : "",
                     environment_is_anothers(doctor->suite->root) ? ", another user's" : ""));

    json_object_update(values, more);
    json_decref(more);
    return values;
}

/* A lane that takes packages, as an item of its own. Returns whether it can start. */
static bool examine_lane(struct doctor *doctor, const struct lane *lane)
{
    char name[VALUE_SIZE];
    struct error text;
    bool ready = ready_lane(lane, &text) > 0;

    snprintf(name, sizeof(name), "%.20s: %.100s", lane->language, lane->name);
    if (json_array_size(lane->packages) > 0) /* an item is there once: its name is its key */
        dataset_execute(&doctor->tables, "INSERT OR IGNORE INTO items VALUES (?, ?, ?, ?)", "ssss",
                        name, ready ? text.text : "not installed", ready ? "ok" : "warning",
                        ready ? "" : text.text);
    return ready;
}

/* How many of the plan's cells are left out, and why the first, or the one without which it cannot
 * run, in `why`. `absent` are the lanes that cannot start. */
static enum item_verdict judge_cells(const struct doctor *doctor, const struct plan *plan,
                                     const bool *absent, size_t *left_out, struct error *why)
{
    enum item_verdict verdict = OK;

    *left_out = 0;
    for (size_t i = 0; i < plan->cell_count && verdict != PROBLEM; i++) {
        const struct cell *cell = &plan->cells[i];
        bool no_lane = absent[cell->lane - plan->lanes], no_database;
        char programs[PATH_MAX];
        struct error reason;

        no_database = cell->work.kind == CELL_SQL && cluster_find(programs, &reason) < 0;
        if (no_lane)
            error_set(&reason, 0, "%s is not installed", cell->lane->name);
        else if (!no_database && ready_cell(cell, doctor->environment, &reason))
            continue;
        verdict = no_lane || no_database || cell->optional ? WARNING : PROBLEM;
        if ((*left_out)++ == 0 || verdict == PROBLEM)
            *why = reason;
    }
    return verdict;
}

/* Says of a plan that was read how much of it can run. */
static void judge_plan(struct doctor *doctor, const struct plan *plan)
{
    static const char *const verdicts[] = {"runs", "runs in part", "cannot run"};
    bool *absent = calloc(plan->lane_count, sizeof(*absent));
    struct error why = {""};
    enum item_verdict verdict;
    char server[PATH_MAX];
    size_t left_out;

    if (absent == NULL)
        return;
    for (size_t i = 0; i < plan->lane_count; i++)
        absent[i] = plan_first_cell(plan, &plan->lanes[i]) != NULL &&
                    !examine_lane(doctor, &plan->lanes[i]);
    verdict = judge_cells(doctor, plan, absent, &left_out, &why);
    free(absent);
    if (verdict != PROBLEM &&
        ready_check(plan, suite_program(doctor->suite, "mockserver", server), &why) < 0)
        verdict = PROBLEM;
    dataset_execute(&doctor->tables, "INSERT INTO plans VALUES (?, ?, ?, ?)", "ssis", plan->name,
                    verdicts[verdict], (int)left_out, why.text);
}

static void examine_plan(void *input, const char *path, const char *name)
{
    struct doctor *doctor = input;
    struct plan plan;
    struct error error;

    (void)name;
    if (plan_load(path, doctor->suite->programs, &plan, &error) == 0) {
        judge_plan(doctor, &plan);
        plan_free(&plan);
    }
}

enum bench_status bench_doctor(const struct bench_options *options, const struct suite *suite,
                               struct error *error)
{
    struct doctor doctor = {.suite = suite};
    json_t *values;
    char *text;
    bool problem;

    if (dataset_open(&doctor.tables, error) < 0)
        return BENCH_MACHINE;
    sqlite3_exec(doctor.tables.db,
                 "CREATE TABLE items (item PRIMARY KEY, value, verdict, remedy);"
                 "CREATE TABLE plans (plan, verdict, cells_left_out, why)",
                 NULL, NULL, NULL);
    doctor.environment = environment_read(suite->root);
    values = derive(&doctor);
    text = json_dumps(values, 0);
    dataset_execute(&doctor.tables, embedded_doctor_sql, "ss", embedded_doctor_json, text);
    free(text);
    json_decref(values);
    suite_each_plan(suite, examine_plan, &doctor);
    show_print(&doctor.tables, "doctor", options,
               json_pack("{s:s, s:n, s:n, s:O}", "schema", "bench.doctor/1", "items", "plans",
                         "environment", doctor.environment),
               error);
    problem = dataset_number(&doctor.tables, "SELECT count(*) FROM items WHERE verdict = 'problem'",
                             0) > 0;
    dataset_close(&doctor.tables);
    json_decref(doctor.environment);
    return problem ? BENCH_MACHINE : BENCH_COMPLETE;
}
