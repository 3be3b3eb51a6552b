/* One table says what is looked at, and what each item must be. */
#include "harness/machine/doctor.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/count.h"
#include "common/json.h"
#include "common/path.h"
#include "common/units.h"
#include "harness/machine/environment.h"
#include "harness/memory/cgroup.h"
#include "harness/run/ready.h"
#include "report/dataset/dataset.h"
#include "report/table.h"

#define VALUE_SIZE 200

enum item_verdict { OK, WARNING, PROBLEM };

static const char *const verdict_names[] = {"ok", "warning", "problem"};

struct doctor {
    const struct suite *suite;
    json_t *environment;
    struct dataset tables; /* of items and of plans */
    bool problem;
};

/* An item: a value of the environment, or one that derive() adds. */
struct doctor_item {
    const char *name, *path;
    const char *format;         /* of a number; NULL: bytes */
    double enough, least, most; /* of a number: below `enough`, or above `most` where it is not 0,
                                   is a warning, below `least` a problem */
    const char *right; /* of a text: all else is wrong; "!TEXT": what holds that is wrong */
    enum item_verdict wrong, without;
    const char *unknown; /* what is shown where there is no value */
    const char *remedy;  /* why, and the command that repairs it; a value may follow it */
};

/* Limits are enough for the largest cells of the plans, or least for most of them. */
static const struct doctor_item items[] = {
    {"processor", "cpu_model", .unknown = "unknown"},
    {"cores", "cores", "%.0f", .enough = 2,
     .remedy = "the lane and the server share one: use a machine with two or more"},
    {"frequency", "cpu_mhz", "%.0f MHz", .unknown = "unknown"},
    {"frequency governor", "governor", .right = "performance", .wrong = WARNING,
     .unknown = "not readable",
     .remedy = "short runs are measured at a lower frequency: cpupower frequency-set -g "
               "performance"},
    {"virtualisation", "virtualisation", .right = "none", .wrong = WARNING, .without = WARNING,
     .unknown = "unknown",
     .remedy = "others may take time from it: run on bare metal, or look at the stolen time of "
               "each execution, which is recorded"},
    {"load average", "load", "%.2f for each core", .most = 0.5, .unknown = "unknown",
     .remedy = "other programs run: end them, or wait a minute; see: top"},
    {"stolen time", "stolen", "%.2f %% of the time used since the start", .most = 1,
     .remedy = "the hypervisor gives the processor to others: run when the host is quiet"},
    {"memory available", "memory_available_bytes", NULL, 2e9, 5e8, .without = PROBLEM,
     .unknown = "unknown", .remedy = "1000 processes take about 300 MB: end other programs"},
    {"swap in use", "swapped", NULL, .most = 0.5,
     .remedy = "what is swapped out is missing in PSS: swapoff -a"},
    {"huge pages", "huge_pages", .right = "!always", .wrong = WARNING, .unknown = "unknown",
     .remedy = "heaps and stacks are rounded up to 2 MB: echo madvise > "
               "/sys/kernel/mm/transparent_hugepage/enabled"},
    {"address randomisation", "aslr", "%.0f", .unknown = "unknown"},
    {"allocator settings", "setting", .right = "none", .wrong = WARNING,
     .remedy = "lanes inherit it, and their memory changes: unset "},
    {"open files", "limits.nofile_hard", "%.0f", 30032, 1032, .unknown = "unlimited",
     .remedy = "threads at 10,000 in flight need 30032, the event loop 10032: ulimit -Hn 30032 (as "
               "root)"},
    {"processes and threads", "limits.nproc", "%.0f", 10001, 1001, .unknown = "unlimited",
     .remedy = "10,000 threads need as many: ulimit -Hu 10100 (as root)"},
    {"task ids", "limits.pid_max", "%.0f", 10100, 1100, .unknown = "unlimited",
     .remedy = "sysctl -w kernel.pid_max=32768"},
    {"threads of the machine", "limits.threads_max", "%.0f", 10100, 1100, .unknown = "unlimited",
     .remedy = "sysctl -w kernel.threads-max=32768"},
    {"memory mappings", "limits.max_map_count", "%.0f", 21000, 3000, .unknown = "unlimited",
     .remedy = "sysctl -w vm.max_map_count=65530"},
    {"queue of connections", "limits.somaxconn", "%.0f", 4096, 16, .unknown = "unlimited",
     .remedy = "bursts overflow it and wait for a second try: sysctl -w net.core.somaxconn=4096"},
    {"ports", "ports", "%.0f", 12000, .unknown = "unknown",
     .remedy = "10,000 connections at once need as many: sysctl -w "
               "net.ipv4.ip_local_port_range=\"32768 60999\""},
    {"reuse of ports", "limits.tcp_tw_reuse", "%.0f", 1, .unknown = "unknown",
     .remedy = "ports of closed connections are blocked for a minute: sysctl -w "
               "net.ipv4.tcp_tw_reuse=1"},
    {"memory cgroup", "cgroup", "version %.0f", .without = WARNING, .unknown = "cannot be made",
     .remedy = "memory is then measured by one method alone: run as root, or with systemd-run "
               "--user --scope -p Delegate=yes build/bench run PLAN"},
    {"kernel", "kernel", .unknown = "unknown"},
    {"programs of the suite", "built", .right = "built", .wrong = PROBLEM, .remedy = "make build"},
    {"hyperfine", "versions.hyperfine", .without = PROBLEM, .unknown = "not found",
     .remedy = "it takes the times: apt-get install hyperfine"},
    {"gnuplot", "versions.gnuplot", .without = WARNING, .unknown = "not found",
     .remedy = "reports have no plots without it: apt-get install gnuplot-nox"},
    {"libcurl", "versions.libcurl", .without = PROBLEM, .unknown = "not found"},
    {"libuv", "versions.libuv", .without = PROBLEM, .unknown = "not found"},
    {"compiler", "versions.compiler", .without = PROBLEM, .unknown = "not found"},
    {"sources", "sources", .right = "!, with changes", .wrong = WARNING,
     .remedy = "what is measured cannot be had again by its revision: git commit"},
};

/* "built", or which programs are missing: a new reference. */
static json_t *find_programs(const struct suite *suite)
{
    static const char *const programs[] = {"mockserver", "lane-sync",  "lane-threads",
                                           "lane-procs", "lane-async", "report"};
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

/* The environment, with what follows from it and what is true at this moment. */
static json_t *derive(const struct doctor *doctor)
{
    json_t *values = json_deep_copy(doctor->environment);
    json_t *range = json_at(values, "limits.port_range");
    const char *setting =
        json_object_iter_key(json_object_iter(json_object_get(values, "allocator")));
    struct environment_cpu cpu = environment_cpu();
    double stolen = (double)cpu.steal_ns / ((double)(cpu.busy_ns + cpu.steal_ns) + 1);
    double load = environment_load().average / json_number_at(values, "cores", 1);
    double swapped =
        json_number_at(values, "swap_bytes", 0) - json_number_at(values, "swap_free_bytes", 0);
    json_t *more = json_pack(
        "{s:f, s:f, s:f, s:s, s:o, s:o, s:o, s:o}", "load", load, "stolen", 100 * stolen, "swapped",
        swapped > 0 ? swapped : 0.0, "setting", setting != NULL ? setting : "none", "ports",
        json_integer(json_integer_value(json_array_get(range, 1)) -
                     json_integer_value(json_array_get(range, 0))),
        "cgroup", find_cgroup(), "built", find_programs(doctor->suite), "sources",
        json_sprintf("%.12s%s", json_text_at(values, "git.revision", "unknown"),
                     json_is_true(json_at(values, "git.dirty")) ? ", with changes" : ""));

    json_object_update(values, more);
    json_decref(more);
    return values;
}

/* `remedy` is not shown where all is well. */
static void add_item(struct doctor *doctor, enum item_verdict verdict, const char *name,
                     const char *value, const char *remedy)
{
    dataset_execute(&doctor->tables, "INSERT OR IGNORE INTO items VALUES (?, ?, ?, ?)", "ssss",
                    name, value, verdict_names[verdict], verdict == OK ? "" : remedy);
    doctor->problem = doctor->problem || verdict == PROBLEM;
}

static enum item_verdict judge_number(const struct doctor_item *item, double value)
{
    if (value < item->enough)
        return value >= item->least ? WARNING : PROBLEM;
    return item->most > 0 && value > item->most ? WARNING : OK;
}

static enum item_verdict judge_text(const struct doctor_item *item, const char *text)
{
    const char *right = item->right;

    if (right == NULL)
        return OK;
    if (right[0] == '!')
        return strstr(text, right + 1) != NULL ? item->wrong : OK;
    return strcmp(text, right) == 0 ? OK : item->wrong;
}

static void examine(struct doctor *doctor, const struct doctor_item *item, const json_t *values)
{
    const json_t *value = json_at(values, item->path);
    enum item_verdict verdict = item->without;
    double number = json_number_value(value);
    char text[VALUE_SIZE], remedy[2 * VALUE_SIZE];
    const char *names = item->remedy != NULL ? item->remedy : "";

    if (json_is_string(value)) {
        snprintf(text, sizeof(text), "%s", json_string_value(value));
        verdict = judge_text(item, text);
    } else if (json_is_number(value)) {
        if (item->format != NULL)
            snprintf(text, sizeof(text), item->format, number);
        else
            units_format_bytes((uint64_t)number, text);
        verdict = judge_number(item, number);
    } else {
        snprintf(text, sizeof(text), "%s", item->unknown);
    }
    snprintf(remedy, sizeof(remedy), "%s%s", names,
             names[0] != '\0' && names[strlen(names) - 1] == ' ' ? text : "");
    add_item(doctor, verdict, item->name, text, remedy);
}

static bool is_used(const struct plan *plan, const struct lane *lane)
{
    for (size_t i = 0; i < plan->cell_count; i++)
        if (plan->cells[i].lane == lane)
            return true;
    return false;
}

/* A lane that takes packages, as an item of its own. Returns whether it can start. */
static bool examine_lane(struct doctor *doctor, const struct lane *lane)
{
    char name[VALUE_SIZE];
    struct error text;
    bool ready = ready_lane(lane, &text) > 0;

    snprintf(name, sizeof(name), "%.20s: %.100s", lane->language, lane->name);
    if (json_array_size(lane->packages) > 0) /* an item is there once: its name is its key */
        add_item(doctor, ready ? OK : WARNING, name, ready ? text.text : "not installed",
                 text.text);
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
        bool no_lane = absent[cell->lane - plan->lanes];
        struct error reason;

        if (no_lane)
            error_set(&reason, 0, "%s is not installed", cell->lane->name);
        else if (ready_cell(cell, doctor->environment, &reason))
            continue;
        verdict = no_lane || cell->optional ? WARNING : PROBLEM;
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
        absent[i] = is_used(plan, &plan->lanes[i]) && !examine_lane(doctor, &plan->lanes[i]);
    verdict = judge_cells(doctor, plan, absent, &left_out, &why);
    free(absent);
    if (verdict != PROBLEM &&
        ready_check(plan, suite_program(doctor->suite, "mockserver", server), &why) < 0)
        verdict = PROBLEM;
    dataset_execute(&doctor->tables, "INSERT INTO plans VALUES (?, ?, ?, ?)", "ssis", plan->name,
                    verdicts[verdict], (int)left_out, why.text);
}

static int is_plan(const struct dirent *entry)
{
    const char *suffix = strrchr(entry->d_name, '.');

    return suffix != NULL && strcmp(suffix, ".json") == 0;
}

static void examine_plans(struct doctor *doctor)
{
    struct dirent **entries = NULL;
    char folder[PATH_MAX], path[PATH_MAX];
    struct error error;
    int count =
        scandir(path_join(folder, doctor->suite->root, SUITE_PLANS), &entries, is_plan, alphasort);

    for (int i = 0; i < count; i++) {
        struct plan plan;

        path_join(path, folder, entries[i]->d_name);
        if (plan_load(path, doctor->suite->programs, &plan, &error) == 0) {
            judge_plan(doctor, &plan);
            plan_free(&plan);
        }
        free(entries[i]);
    }
    free(entries);
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
    struct error error = {""};
    json_t *values;

    if (dataset_open(&doctor.tables, &error) < 0) {
        fprintf(stderr, "bench: %s\n", error.text);
        return BENCH_MACHINE;
    }
    sqlite3_exec(doctor.tables.db,
                 "CREATE TABLE items (item PRIMARY KEY, value, verdict, remedy);"
                 "CREATE TABLE plans (plan, verdict, cells_left_out, why)",
                 NULL, NULL, NULL);
    doctor.environment = environment_read(suite->root);
    values = derive(&doctor);
    for (size_t i = 0; i < COUNT_OF(items); i++)
        examine(&doctor, &items[i], values);
    json_decref(values);
    examine_plans(&doctor);
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
