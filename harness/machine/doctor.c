#include "harness/machine/doctor.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/units.h"
#include "harness/memory/cgroup.h"
#include "harness/machine/environment.h"
#include "harness/error.h"
#include "harness/run/lane_probe.h"
#include "harness/machine/needs.h"
#include "harness/plan/plan.h"
#include "harness/run/preflight.h"
#include "report/dataset/dataset.h"
#include "report/table.h"

#define VALUE_SIZE  200
#define REMARK_SIZE 600

enum verdict { OK, WARNING, PROBLEM };

static const char *const verdict_names[] = {"ok", "warning", "problem"};

struct doctor {
    const struct suite *suite;
    json_t *environment;
    struct dataset tables; /* items and plans */
    bool problem;
};

/* `remark`: why, and the command that repairs it; not shown where all is well. */
static void add_item(struct doctor *doctor, enum verdict verdict, const char *item,
                     const char *value, const char *remark)
{
    dataset_execute(&doctor->tables, "INSERT OR IGNORE INTO items VALUES (?, ?, ?, ?)", "ssss",
                    item, value, verdict_names[verdict], verdict == OK ? "" : remark);
    doctor->problem = doctor->problem || verdict == PROBLEM;
}

static double number_of(const struct doctor *doctor, const char *path)
{
    return json_number_at(doctor->environment, path, NAN);
}

/* Limits of which more is better: enough for the largest cells of the plans, or for most of them.
 */
static const struct limit_item {
    const char *item, *path;
    double enough, least;
    const char *remark;
} limit_items[] = {
    {"open files", "limits.nofile_hard", 30032, 1032,
     "threads at 10,000 in flight need 30032, the event loop 10032: ulimit -Hn 30032 (as root)"},
    {"processes and threads", "limits.nproc", 10001, 1001,
     "10,000 threads need as many: ulimit -Hu 10100 (as root)"},
    {"task ids", "limits.pid_max", 10100, 1100, "sysctl -w kernel.pid_max=32768"},
    {"threads of the machine", "limits.threads_max", 10100, 1100,
     "sysctl -w kernel.threads-max=32768"},
    {"memory mappings", "limits.max_map_count", 21000, 3000, "sysctl -w vm.max_map_count=65530"},
    {"queue of connections", "limits.somaxconn", 4096, 16,
     "bursts overflow it and wait for a second try: sysctl -w net.core.somaxconn=4096"},
};

static void examine_limits(struct doctor *doctor)
{
    for (size_t i = 0; i < sizeof(limit_items) / sizeof(limit_items[0]); i++) {
        const struct limit_item *limit = &limit_items[i];
        double value = number_of(doctor, limit->path);
        char text[VALUE_SIZE] = "unlimited";

        if (isfinite(value))
            snprintf(text, sizeof(text), "%.0f", value);
        add_item(doctor,
                 !isfinite(value) || value >= limit->enough ? OK
                 : value >= limit->least                    ? WARNING
                                                            : PROBLEM,
                 limit->item, text, limit->remark);
    }
}

static void examine_network(struct doctor *doctor)
{
    const json_t *range = json_at(doctor->environment, "limits.port_range");
    double low = json_number_value(json_array_get(range, 0));
    double high = json_number_value(json_array_get(range, 1));
    double reuse = number_of(doctor, "limits.tcp_tw_reuse");
    char text[VALUE_SIZE];

    snprintf(text, sizeof(text), "%.0f to %.0f", low, high);
    add_item(doctor, high - low >= 12000 ? OK : WARNING, "ports", text,
             "10,000 connections at once need as many: sysctl -w "
             "net.ipv4.ip_local_port_range=\"32768 60999\"");
    snprintf(text, sizeof(text), "%.0f", reuse);
    add_item(doctor, !isfinite(reuse) || reuse > 0 ? OK : WARNING, "reuse of ports",
             isfinite(reuse) ? text : "unknown",
             "ports of closed connections are blocked for a minute: sysctl -w "
             "net.ipv4.tcp_tw_reuse=1");
}

static void examine_processor(struct doctor *doctor)
{
    const char *governor = json_text_at(doctor->environment, "governor", NULL);
    const char *virtualisation = json_text_at(doctor->environment, "virtualisation", "unknown");
    double cores = number_of(doctor, "cores"), mhz = number_of(doctor, "cpu_mhz");
    char text[VALUE_SIZE];

    snprintf(text, sizeof(text), "%s", json_text_at(doctor->environment, "cpu_model", "unknown"));
    add_item(doctor, OK, "processor", text, "");
    snprintf(text, sizeof(text), "%.0f, at %.0f MHz", cores, mhz);
    add_item(doctor, cores >= 2 ? OK : WARNING, "cores", text,
             "the lane and the server share one: use a machine with two or more");
    add_item(doctor, governor == NULL || strcmp(governor, "performance") == 0 ? OK : WARNING,
             "frequency governor", governor != NULL ? governor : "not readable",
             "short runs are measured at a lower frequency: cpupower frequency-set -g performance");
    add_item(doctor, strcmp(virtualisation, "none") == 0 ? OK : WARNING, "virtualisation",
             virtualisation,
             "others may take time from it: run on bare metal, or look at the stolen time of each "
             "execution, which is recorded");
}

static void examine_load(struct doctor *doctor)
{
    double cores = number_of(doctor, "cores"), load = environment_load().average;
    struct environment_cpu cpu = environment_cpu();
    double share = (double)cpu.steal_ns / ((double)(cpu.busy_ns + cpu.steal_ns) + 1);
    char text[VALUE_SIZE];

    snprintf(text, sizeof(text), "%.2f", load);
    add_item(doctor, load <= cores / 2 ? OK : WARNING, "load average", text,
             "other programs run: end them, or wait a minute; see: top");
    snprintf(text, sizeof(text), "%.2f %% of the time used since the start", 100 * share);
    add_item(doctor, share <= 0.01 ? OK : WARNING, "stolen time", text,
             "the hypervisor gives the processor to others: run when the host is quiet");
}

static void examine_memory(struct doctor *doctor)
{
    double available = number_of(doctor, "memory_available_bytes");
    double swapped = number_of(doctor, "swap_bytes") - number_of(doctor, "swap_free_bytes");
    const char *pages = json_text_at(doctor->environment, "huge_pages", "unknown");
    double aslr = number_of(doctor, "aslr");
    char text[UNITS_TEXT_SIZE];

    units_format_bytes(available > 0 ? (uint64_t)available : 0, text);
    add_item(doctor,
             available >= 2e9   ? OK
             : available >= 5e8 ? WARNING
                                : PROBLEM,
             "memory available", text, "1000 processes take about 300 MB: end other programs");
    units_format_bytes(swapped > 0 ? (uint64_t)swapped : 0, text);
    add_item(doctor, !(swapped > 0) ? OK : WARNING, "swap in use", text,
             "what is swapped out is missing in PSS: swapoff -a");
    add_item(doctor, strcmp(pages, "always") != 0 ? OK : WARNING, "huge pages", pages,
             "heaps and stacks are rounded up to 2 MB: echo madvise > "
             "/sys/kernel/mm/transparent_hugepage/enabled");
    snprintf(text, sizeof(text), "%.0f", aslr);
    add_item(doctor, OK, "address randomisation", isfinite(aslr) ? text : "unknown", "");
}

static void examine_allocator(struct doctor *doctor)
{
    const json_t *settings = json_object_get(doctor->environment, "allocator");
    const char *name = json_object_iter_key(json_object_iter((json_t *)settings));
    char remark[REMARK_SIZE];

    snprintf(remark, sizeof(remark), "lanes inherit it, and their memory changes: unset %.100s",
             name != NULL ? name : "");
    add_item(doctor, name == NULL ? OK : WARNING, "allocator settings",
             name != NULL ? name : "none", remark);
}

static void examine_cgroup(struct doctor *doctor)
{
    struct cgroup cgroup;
    char text[VALUE_SIZE] = "cannot be made";
    bool made = cgroup_make(&cgroup) == 0;

    if (made) {
        snprintf(text, sizeof(text), "version %d", cgroup.version);
        cgroup_remove(&cgroup);
    }
    add_item(doctor, made ? OK : WARNING, "memory cgroup", text,
             "memory is then measured by one method alone: run as root, or with systemd-run --user "
             "--scope -p Delegate=yes build/bench run PLAN");
}

static void examine_program(struct doctor *doctor, const char *item, const char *key,
                            enum verdict without, const char *remark)
{
    const char *version = json_text_at(doctor->environment, key, NULL);

    add_item(doctor, version != NULL ? OK : without, item, version != NULL ? version : "not found",
             remark);
}

static void examine_build(struct doctor *doctor)
{
    static const char *const programs[] = {"mockserver", "lane-sync",  "lane-threads",
                                           "lane-procs", "lane-async", "report"};
    char path[PATH_MAX], missing[VALUE_SIZE] = "";

    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        size_t length = strlen(missing);

        if (access(suite_program(doctor->suite, programs[i], path), X_OK) < 0)
            snprintf(missing + length, sizeof(missing) - length, "%s%s",
                     length > 0 ? ", " : "missing: ", programs[i]);
    }
    add_item(doctor, missing[0] == '\0' ? OK : PROBLEM, "programs of the suite",
             missing[0] == '\0' ? "built" : missing, "make build");
}

static void examine_sources(struct doctor *doctor)
{
    const char *revision = json_text_at(doctor->environment, "git.revision", "unknown");
    bool dirty = json_is_true(json_at(doctor->environment, "git.dirty"));
    char text[VALUE_SIZE];

    snprintf(text, sizeof(text), "%.12s%s", revision, dirty ? ", with changes" : "");
    add_item(doctor, dirty ? WARNING : OK, "sources", text,
             "what is measured cannot be had again by its revision: git commit");
}

/* A lane that takes packages, as an item of its own. Returns whether it can start. */
static bool examine_lane(struct doctor *doctor, const struct lane *lane)
{
    char item[VALUE_SIZE], text[LANE_PROBE_SIZE];
    bool ready = lane_probe(lane, text) == LANE_READY;

    snprintf(item, sizeof(item), "%.20s: %.100s", lane->language, lane->name);
    if (json_array_size(lane->packages) > 0) /* an item is there once: its name is its key */
        add_item(doctor, ready ? OK : WARNING, item, ready ? text : "not installed", text);
    return ready;
}

static bool is_used(const struct plan *plan, const struct lane *lane)
{
    for (size_t i = 0; i < plan->cell_count; i++)
        if (plan->cells[i].lane == lane)
            return true;
    return false;
}

/* Which lanes of the plan cannot start, by their index: to be freed, NULL without memory. */
static bool *find_missing(struct doctor *doctor, const struct plan *plan)
{
    bool *missing = calloc(plan->lane_count, sizeof(*missing));

    for (size_t i = 0; missing != NULL && i < plan->lane_count; i++)
        missing[i] = is_used(plan, &plan->lanes[i]) && !examine_lane(doctor, &plan->lanes[i]);
    return missing;
}

/* How many of the plan's cells are left out, and why the first, or the one without which it cannot
 * run, in `remark` of REMARK_SIZE bytes. */
static enum verdict judge_cells(const struct doctor *doctor, const struct plan *plan,
                                const bool *missing, size_t *left_out, char *remark)
{
    enum verdict verdict = OK;

    *left_out = 0;
    for (size_t i = 0; i < plan->cell_count && verdict != PROBLEM; i++) {
        const struct cell *cell = &plan->cells[i];
        bool absent = missing[cell->lane - plan->lanes];
        char why[REMARK_SIZE];

        if (absent)
            snprintf(why, sizeof(why), "%.100s is not installed", cell->lane->name);
        else if (needs_met(cell, doctor->environment, why, sizeof(why)))
            continue;
        verdict = absent || cell->optional ? WARNING : PROBLEM;
        (*left_out)++;
        if (*left_out == 1 || verdict == PROBLEM)
            memcpy(remark, why, sizeof(why));
    }
    return verdict;
}

/* Says of a plan that was read how much of it can run. */
static void judge_plan(struct doctor *doctor, const struct plan *plan)
{
    char remark[REMARK_SIZE] = "", server[PATH_MAX];
    bool *missing = find_missing(doctor, plan);
    enum verdict verdict;
    size_t left_out;

    if (missing == NULL)
        return;
    verdict = judge_cells(doctor, plan, missing, &left_out, remark);
    free(missing);
    if (verdict != PROBLEM) {
        char error[ERROR_SIZE];

        suite_program(doctor->suite, "mockserver", server);
        if (preflight_check(plan, server, error) < 0) {
            verdict = PROBLEM;
            snprintf(remark, sizeof(remark), "%.500s", error);
        }
    }
    dataset_execute(&doctor->tables, "INSERT INTO plans VALUES (?, ?, ?, ?)", "ssis", plan->name,
                    verdict == OK        ? "runs"
                    : verdict == WARNING ? "runs in part"
                                         : "cannot run",
                    (int)left_out, remark);
}

static int is_plan(const struct dirent *entry)
{
    const char *suffix = strrchr(entry->d_name, '.');

    return suffix != NULL && strcmp(suffix, ".json") == 0;
}

static void examine_plans(struct doctor *doctor)
{
    struct dirent **entries = NULL;
    char path[PATH_MAX], error[ERROR_SIZE];
    int count;

    snprintf(path, sizeof(path), "%.3800s/harness/plans", doctor->suite->root);
    count = scandir(path, &entries, is_plan, alphasort);
    for (int i = 0; i < count; i++) {
        struct plan plan;

        snprintf(path, sizeof(path), "%.3800s/harness/plans/%.255s", doctor->suite->root,
                 entries[i]->d_name);
        if (plan_load(path, doctor->suite->programs, &plan, error) == 0) {
            judge_plan(doctor, &plan);
            plan_free(&plan);
        }
        free(entries[i]);
    }
    free(entries);
}

static void examine(struct doctor *doctor)
{
    examine_processor(doctor);
    examine_load(doctor);
    examine_memory(doctor);
    examine_allocator(doctor);
    examine_limits(doctor);
    examine_network(doctor);
    examine_cgroup(doctor);
    add_item(doctor, OK, "kernel", json_text_at(doctor->environment, "kernel", "unknown"), "");
    examine_build(doctor);
    examine_program(doctor, "hyperfine", "versions.hyperfine", PROBLEM,
                    "it takes the times: apt-get install hyperfine");
    examine_program(doctor, "gnuplot", "versions.gnuplot", WARNING,
                    "reports have no plots without it: apt-get install gnuplot-nox");
    examine_program(doctor, "libcurl", "versions.libcurl", PROBLEM, "");
    examine_program(doctor, "libuv", "versions.libuv", PROBLEM, "");
    examine_program(doctor, "compiler", "versions.compiler", PROBLEM, "");
    examine_sources(doctor);
    examine_plans(doctor);
}

static const char items_sql[] = "SELECT item, value, verdict, remedy FROM items ORDER BY rowid";
static const char plans_sql[] = "SELECT plan, verdict, cells_left_out, why FROM plans";

static void write_rows(struct doctor *doctor, const char *sql, enum table_style style, FILE *stream)
{
    struct error error;
    sqlite3_stmt *rows = dataset_query(&doctor->tables, sql, &error);

    if (rows != NULL)
        table_write(stream, rows, style);
    sqlite3_finalize(rows);
}

static json_t *rows_json(struct doctor *doctor, const char *sql)
{
    struct error error;
    sqlite3_stmt *rows = dataset_query(&doctor->tables, sql, &error);
    json_t *json = rows != NULL ? table_json(rows) : NULL;

    sqlite3_finalize(rows);
    return json;
}

static void print_text(struct doctor *doctor, FILE *stream)
{
    write_rows(doctor,
               "SELECT item, value here, verdict, remedy, CASE verdict WHEN 'problem' THEN 'red' "
               "WHEN 'warning' THEN 'yellow' END colour FROM items ORDER BY rowid",
               TABLE_TERMINAL, stream);
    fputc('\n', stream);
    write_rows(doctor,
               "SELECT plan, verdict, cells_left_out \"cells left out>\", why, CASE verdict WHEN "
               "'cannot run' THEN 'red' WHEN 'runs in part' THEN 'yellow' END colour FROM plans",
               TABLE_TERMINAL, stream);
}

static void print_json(struct doctor *doctor, FILE *stream)
{
    json_t *value = json_pack("{s:s, s:o, s:o, s:O}", "schema", "bench.doctor/1", "items",
                              rows_json(doctor, items_sql), "plans", rows_json(doctor, plans_sql),
                              "environment", doctor->environment);

    json_dumpf(value, stream, JSON_INDENT(2));
    fputc('\n', stream);
    json_decref(value);
}

enum bench_status doctor_print(const struct suite *suite, enum bench_format format, FILE *stream)
{
    struct doctor doctor = {.suite = suite};
    struct error error;

    if (dataset_open(&doctor.tables, &error) < 0) {
        fprintf(stderr, "bench: %s\n", error.text);
        return BENCH_MACHINE;
    }
    sqlite3_exec(doctor.tables.db,
                 "CREATE TABLE items (item PRIMARY KEY, value, verdict, remedy);"
                 "CREATE TABLE plans (plan, verdict, cells_left_out, why)",
                 NULL, NULL, NULL);
    doctor.environment = environment_read(suite->root[0] != '\0' ? suite->root : NULL);
    examine(&doctor);
    if (format == FORMAT_JSON) {
        print_json(&doctor, stream);
    } else if (format == FORMAT_CSV) {
        write_rows(&doctor, items_sql, TABLE_CSV, stream);
        fputs("\r\n", stream);
        write_rows(&doctor, plans_sql, TABLE_CSV, stream);
    } else {
        print_text(&doctor, stream);
    }
    dataset_close(&doctor.tables);
    json_decref(doctor.environment);
    return doctor.problem ? BENCH_MACHINE : BENCH_COMPLETE;
}
