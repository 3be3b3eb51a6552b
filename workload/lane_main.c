/* The program around a model: options, limits, signals, timing, result.
 *
 * Everything that is not the model happens here, before and after it, and the same for all. */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/file.h"
#include "common/json.h"
#include "compute/calibration.h"
#include "compute/gil.h"
#include "workload/limits.h"
#include "workload/options.h"
#include "workload/recorder.h"
#include "workload/request.h"
#include "workload/result.h"
#include "workload/workload.h"

#define LOOP_DESCRIPTORS 8 /* of an event loop: epoll, wake-ups, signals */

enum {
    STATUS_OK = 0,
    STATUS_FAILURES = 1,
    STATUS_USAGE = 2,
    STATUS_LIMITS = 3,
    STATUS_INTERRUPTED = 130,
};

/* What the signal handler sets; in the shared mapping, so that forked workers see it too. A
 * lock-free atomic: a handler may set it, and threads may look at it meanwhile. */
static _Atomic bool *stop_flag;
static_assert(ATOMIC_BOOL_LOCK_FREE == 2, "a signal handler sets an _Atomic bool");

static void on_signal(int signal)
{
    (void)signal;
    atomic_store(stop_flag, true);
}

/* Those that ask a program to end. */
static void handle_stops(const struct sigaction *action)
{
    sigaction(SIGINT, action, NULL);
    sigaction(SIGTERM, action, NULL);
    sigaction(SIGHUP, action, NULL);
}

/* The first signal stops the run in order; a second one of the same kind ends the program at once.
 * SIGCHLD, ignored as whoever started the lane may have, would hide how its children end. */
static void install_signals(struct recorder *r)
{
    const struct sigaction stop = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

    stop_flag = &r->stop;
    handle_stops(&stop);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
}

/* All is accounted for: the status says how it went, and the flag is about to go. */
static void ignore_stops(void)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};

    handle_stops(&ignore);
}

static void complain(const char *text, const char *reason)
{
    fprintf(stderr, "lane-%s: %s%s%s\n", model.name, text, reason != NULL ? ": " : "",
            reason != NULL ? reason : "");
}

/* Returns 0 or a negative errno; without a path there is nothing to write. */
static int check_writable(const char *path)
{
    int error = path != NULL ? file_check_appendable(path) : 0;

    if (error < 0)
        complain(path, strerror(-error));
    return error;
}

static int write_output(const struct result *result)
{
    const struct options *o = result->options;
    json_t *json = o->output != NULL ? result_to_json(result) : NULL;
    int error = 0;

    if (o->output != NULL)
        error = json != NULL ? json_line_append(o->output, json) : -ENOMEM;
    json_decref(json);
    if (error < 0)
        complain(o->output, strerror(-error));
    return error;
}

static int write_records(const struct options *o, const struct recorder *r, uint64_t origin_ns)
{
    int error = o->records != NULL ? recorder_write_csv(r, o->records, origin_ns) : 0;

    if (error < 0)
        complain(o->records, strerror(-error));
    return error;
}

/* A summary that nobody can read, because the disk is full, is a failure too. */
static int print_summary(const struct result *result)
{
    int error;

    if (result->options->quiet)
        return 0;
    result_print(result);
    error = fflush(stdout) != 0 ? -errno : 0;
    if (error < 0)
        complain("standard output", strerror(-error));
    return error;
}

static int exit_status(const struct result *result, int error)
{
    if (result->interrupted)
        return STATUS_INTERRUPTED;
    if (error < 0)
        return STATUS_LIMITS;
    return result->valid ? STATUS_OK : STATUS_FAILURES;
}

/* Runs the model and accounts for every request. */
static int measure(const struct options *o, struct recorder *r)
{
    struct result result = {.options = o, .recorder = r};
    uint64_t start_ns;
    int error, status;
    bool failed;

    start_ns = clock_ns();
    error = model_run(&o->workload, r);
    result.wall_ns = clock_ns() - start_ns;
    result.interrupted = recorder_stopped(r) && error == 0;
    result.error = error < 0 ? strerror(-error) : NULL;
    recorder_end_all(r, result.interrupted || o->deadline_after_ns != 0 ? OUTCOME_CANCELLED
                                                                        : OUTCOME_OTHER);
    if (result_complete(&result) < 0) {
        complain("no memory for the result", NULL);
        return STATUS_LIMITS;
    }
    status = exit_status(&result, error);
    if (error < 0)
        complain("the model could not run", result.error);
    failed = print_summary(&result) < 0;
    failed |= write_output(&result) < 0;
    failed |= write_records(o, r, start_ns) < 0;
    return failed && status == STATUS_OK ? STATUS_FAILURES : status;
}

static int run_lane(struct options *o)
{
    struct recorder *r;
    int status;

    if (o->deadline_after_ns != 0)
        o->workload.deadline_ns = clock_ns() + o->deadline_after_ns;
    r = recorder_create(o->workload.requests, o->workload.deadline_ns, o->progress);
    if (r == NULL || request_global_init(o->workload.url) < 0) {
        complain("no memory for this many requests", strerror(errno));
        return STATUS_LIMITS;
    }
    install_signals(r);
    status = measure(o, r);
    ignore_stops();
    curl_global_cleanup();
    recorder_destroy(r);
    return status;
}

/* Before anything is timed, so that the run itself finds libcrypto loaded and the chain known. */
static int run_computing_lane(struct options *o)
{
    struct gil gil;
    int status;

    if (calibration_complete(&o->workload.computation) < 0 || (o->gil && gil_init(&gil) < 0)) {
        complain("libcrypto has no SHA-256, or there is no memory for it", NULL);
        return STATUS_LIMITS;
    }
    o->workload.computation.gil = o->gil ? &gil : NULL;
    status = run_lane(o);
    if (o->gil)
        gil_term(&gil);
    return status;
}

/* What the workload takes of the machine. An item that only computes has no connection. */
static int prepare_limits(const struct workload *w, char *why, size_t size)
{
    const struct computation *c = &w->computation;
    bool pool = w->work != WORK_IO && c->where != COMPUTE_LOOP;
    struct limits_extra extra = {
        .descriptors = w->loops * LOOP_DESCRIPTORS,
        .tasks = (w->loops > 1 ? w->loops : 0) + (pool ? c->workers : 0),
    };
    struct model needs = model;

    if (pool && c->where == COMPUTE_PROCESSES)
        extra.descriptors += c->workers;
    if (w->work == WORK_CPU)
        needs.descriptors = 0;
    return limits_prepare(&needs, extra, "-c", w->concurrency, why, size);
}

int main(int argc, char **argv)
{
    struct options options = options_parse(argc, argv);
    char why[512];

    if (check_writable(options.output) < 0 || check_writable(options.records) < 0)
        return STATUS_USAGE;
    if (prepare_limits(&options.workload, why, sizeof(why)) < 0) {
        complain(why, NULL);
        return STATUS_LIMITS;
    }
    return options.workload.work == WORK_IO ? run_lane(&options) : run_computing_lane(&options);
}
