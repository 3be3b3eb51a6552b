/* The program around a kind: options, limits, timing, result. It honours the contract of a lane, so
 * that `bench` measures it like one. */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "common/clock.h"
#include "common/command_line.h"
#include "common/count.h"
#include "common/file.h"
#include "common/units.h"
#include "sleepers/sleepers.h"
#include "workload/deliver.h"
#include "workload/limits.h"

/* ---- Kinds ------------------------------------------------------------------------------- */

/* The bytes are a page of the stack, the task and its timer; of a thread pages of its stack, and in
 * the kernel its stack and its record. It maps a stack and its guard page. */
static const struct task_kind kinds[] = {
    {"coroutine", "coroutines", .task_bytes = 4608, .run = coroutine_run},
    {"stackless", "stackless tasks", .task_bytes = 80, .run = stackless_run},
    {"timer", "timers", .task_bytes = 160, .run = timer_run},
    {"thread", "threads", .task_bytes = 40960, .threads = 1, .mappings = 2, .run = thread_run},
};

static const char *const kind_names[] = {"coroutine", "stackless", "timer", "thread", NULL};

/* ---- Options ----------------------------------------------------------------------------- */

struct sleepers_options {
    int kind; /* place among kinds */
    int work; /* "sleep", and nothing else */
    uint64_t tasks;
    uint64_t latency_ns;
    const char *ready;  /* NULL: none */
    const char *output; /* NULL: none */
    bool quiet;
};

#define TASKS_MAX  10000000
#define AT(member) offsetof(struct sleepers_options, member)

static const char *const works[] = {"sleep", NULL};

static const struct option_row rows[] = {
    {.kind = OPTION_GROUP, .help = "The workload:"},
    {"kind", 0, OPTION_WORD, AT(kind), "KIND",
     .help = "What a task is: coroutine, stackless, timer or thread (default: coroutine)",
     .words = kind_names},
    {"requests", 'n', OPTION_NUMBER, AT(tasks), "N",
     .help = "Tasks in all, started at once (default: 1000)", .min = 1, .max = TASKS_MAX},
    {"latency", 0, OPTION_TIME, AT(latency_ns), "TIME",
     .help = "How long each sleeps (default: 1s)", .min = 1},
    {"work", 0, OPTION_WORD, AT(work), "sleep", .help = "The only work there is here",
     .words = works},
    {"ready", 0, OPTION_TEXT, AT(ready), "FILE",
     .help = "Make FILE, empty, once all N tasks sleep"},
    {.kind = OPTION_GROUP, .help = "Output:"},
    {"output", 'o', OPTION_TEXT, AT(output), "FILE",
     .help = "Append the result to FILE as one JSON line"},
    {"quiet", 0, OPTION_FLAG, AT(quiet), NULL, .help = "No summary"},
    {.kind = OPTION_GROUP, .help = "Options of the lanes that mean nothing to a sleeper:"},
    {"concurrency", 'c', OPTION_IGNORED, 0, "C", .help = "Ignored: all tasks sleep at once"},
    {"timeout", 't', OPTION_IGNORED, 0, "TIME", .help = "Ignored"},
    {"connections", 0, OPTION_IGNORED, 0, "reuse|fresh", .help = "Ignored"},
};

/* A URL, as the lanes take one: no request is made. */
static void ignore_url(struct argp_state *state, const char *text, void *options)
{
    (void)state, (void)text, (void)options;
}

static void parse(int argc, char **argv, struct sleepers_options *options)
{
    static const char *const examples[] = {"-n 100k --latency 5s",
                                           "--kind thread -n 10k -o results.jsonl", NULL};
    char libuv[32];
    const struct command_line line = {
        .program = "sleepers",
        .libraries = libuv,
        .arguments = "[URL]",
        .summary = "Starts N tasks that sleep once, all at the same time, and says what they cost.",
        .details = "A URL, as the lanes take one, is ignored.",
        .examples = examples,
        .statuses =
            "0 every task slept its full time, all at once; 1 some did not; 2 wrong usage; 3 the "
            "machine's limits forbid the run; 130 interrupted (the partial result is "
            "written)",
        .rows = rows,
        .count = COUNT_OF(rows),
        .options = options,
        .take = ignore_url,
    };

    snprintf(libuv, sizeof(libuv), "libuv %s", uv_version_string());
    command_line_parse(&line, argc, argv);
}

/* ---- The machine ------------------------------------------------------------------------- */

/* One that an earlier run left would tell that all sleep before any does. Made and taken away, so
 * that a wrong path is seen before the run. Returns 0 or a negative errno. */
static int remove_stale(const char *ready)
{
    int error;

    if (ready != NULL && file_is_special(ready)) {
        warnx("%s: is no regular file", ready);
        return -EINVAL;
    }
    error = deliver_check(ready);
    if (error == 0 && ready != NULL && unlink(ready) < 0) {
        error = -errno;
        warn("%s", ready);
    }
    return error;
}

/* Returns 0, or a negative errno with the limit, its value and the remedy. */
static int check_limits(const struct task_kind *kind, uint64_t tasks, struct error *error)
{
    const struct needs needs = {.tasks = kind->threads * tasks, .mappings = kind->mappings * tasks};
    uint64_t bytes = tasks * kind->task_bytes; /* which may be any where the kernel does not say */
    uint64_t available =
        file_read_number("/proc/meminfo", "MemAvailable:", UINT64_MAX / 1024) * 1024;
    char needed[UNITS_TEXT_SIZE], there[UNITS_TEXT_SIZE];
    int refused = limits_prepare(&needs, "-n", tasks, error);

    if (refused < 0 || bytes <= available)
        return refused;
    return error_set(error, -ENOMEM,
                     "-n %" PRIu64 " needs about %s of memory, but %s are available (MemAvailable "
                     "in /proc/meminfo); end what else needs memory, or lower -n",
                     tasks, units_format_bytes(bytes, needed),
                     units_format_bytes(available, there));
}

/* ---- The run ----------------------------------------------------------------------------- */

static int measure(const struct sleepers_options *o)
{
    const struct task_kind *kind = &kinds[o->kind];
    struct sleepers s = {.tasks = o->tasks, .latency_ns = o->latency_ns, .ready = o->ready};
    struct sleepers_result result = {.kind = kind, .sleepers = &s};
    uint64_t start_ns;
    bool failed;
    int error;

    start_ns = clock_ns();
    error = kind->run(&s);
    result.wall_ns = clock_ns() - start_ns;
    result.accounts = accounts_take();
    if (error < 0)
        result.error = s.why[0] != '\0' ? s.why : strerror(-error);
    if (result.error != NULL)
        warnx("not all tasks could be started: %s", result.error);
    failed = s.ready_error < 0;
    if (failed)
        warnx("%s: %s", o->ready, strerror(-s.ready_error));
    if (!o->quiet) {
        sleepers_result_print(&result);
        failed |= deliver_summary() < 0;
    }
    if (o->output != NULL)
        failed |= deliver_line(o->output, sleepers_result_to_json(&result)) < 0;
    return deliver_status(s.interrupted, error == 0, sleepers_result_valid(&result) && !failed);
}

int main(int argc, char **argv)
{
    struct sleepers_options options = {.tasks = 1000, .latency_ns = NS_PER_S};
    struct error error = {0};

    parse(argc, argv, &options);
    if (deliver_check(options.output) < 0 || remove_stale(options.ready) < 0)
        return STATUS_USAGE;
    if (check_limits(&kinds[options.kind], options.tasks, &error) < 0) {
        warnx("%s", error.text);
        return STATUS_LIMITS;
    }
    return measure(&options);
}
