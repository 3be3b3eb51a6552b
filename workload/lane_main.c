/* The program around a model: options, limits, signals, timing, result.
 *
 * Everything that is not the model happens here, before and after it, and the same for all. */
#include <assert.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "common/clock.h"
#include "common/limit.h"
#include "compute/gil.h"
#include "workload/curl_loop.h"
#include "workload/deliver.h"
#include "workload/limits.h"
#include "workload/raw.h"
#include "workload/request.h"
#include "workload/result.h"
#include "workload/talk.h"

#define LOOP_DESCRIPTORS  8 /* of an event loop: epoll, wake-ups, signals */
#define MULTI_DESCRIPTORS 2 /* of each further multi handle of libcurl, to wake itself */

/* What the signal handler sets; in the shared mapping, so that forked workers see it too. A
 * lock-free atomic: a handler may set it, and threads may look at it meanwhile. */
static struct stop *stop;
static_assert(ATOMIC_BOOL_LOCK_FREE == 2, "a signal handler sets an _Atomic bool");

static void on_signal(int signal)
{
    (void)signal;
    stop_ask(stop);
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
    const struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

    stop = &r->queue.stop;
    handle_stops(&action);
    signal(SIGCHLD, SIG_DFL);
}

/* Summary, line and records, each whatever becomes of the others. Returns 0, or a negative errno of
 * any of them. */
static int deliver(const struct result *result, uint64_t origin_ns)
{
    const struct options *o = result->options;
    int summary = 0, line = 0, records = 0;

    if (!o->quiet) {
        result_print(result);
        summary = deliver_summary();
    }
    if (o->output != NULL)
        line = deliver_line(o->output, result_to_json(result));
    if (o->records != NULL)
        records = deliver_complain(o->records, recorder_write_csv(result->recorder, o->records,
                                                                  origin_ns, o->workload.first_id));
    return summary < 0 ? summary : line < 0 ? line : records;
}

/* Says what is missing, and the limit that it may come from. Returns the exit status. */
static int refuse(const char *what)
{
    struct error limit;

    warnx("%s%s%s", what, limit_explain(-ENOMEM, &limit) ? ": " : "", limit.text);
    return STATUS_LIMITS;
}

/* Waits for --start-at, or for somebody who asks to stop. */
static void wait_for_start(const struct options *o, const struct stop *asked)
{
    const struct timespec at = clock_timespec(o->start_at_ns);

    while (!stop_asked(asked) && clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &at, NULL) == EINTR)
        ;
}

/* Runs the model and accounts for every request. */
static int measure(const struct options *o, struct recorder *r)
{
    struct result result = {.options = o, .recorder = r};
    uint64_t start_ns;
    bool delivered;
    int error;

    wait_for_start(o, &r->queue.stop);
    result.started_ns = clock_ns_of(CLOCK_REALTIME);
    start_ns = r->queue.start_ns = clock_ns();
    error = (model.run != NULL ? model.run : model_run)(&o->workload, r);
    result.wall_ns = clock_ns() - start_ns;
    result.interrupted = stop_asked(&r->queue.stop) && error == 0;
    result.error = error < 0 ? strerror(-error) : NULL;
    limit_explain(error < 0 ? error : r->os_error, &result.limit);
    recorder_end_all(r, result.interrupted || o->deadline_after_ns != 0 ? OUTCOME_CANCELLED
                                                                        : OUTCOME_OTHER);
    if (result_complete(&result) < 0)
        return refuse("no memory for the result");
    if (error < 0)
        warnx("the model could not run: %s%s%s", result.error,
              result.limit.text[0] != '\0' ? ": " : "", result.limit.text);
    delivered = deliver(&result, start_ns) == 0;
    return deliver_status(result.interrupted, error == 0, result.valid && delivered);
}

/* libcurl is set up only where it is the client: with no TLS, too, it has its SSH library read
 * OpenSSL's configuration. Returns 0 or -ENOMEM. */
static int prepare_client(struct options *o, struct raw_target *target)
{
    struct workload *w = &o->workload;
    bool upgrades = w->work == WORK_WEBSOCKET;

    if (!upgrades && !work_requests(w->work))
        return 0;
    if (!upgrades && o->client == CLIENT_CURL)
        return request_global_init(w->url);
    w->target = target;
    return raw_target_init(target, w->url, w->work);
}

static int run_lane(struct options *o)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct raw_target target = {0};
    uint64_t now_ns = clock_ns_of(CLOCK_REALTIME), wait_ns = 0;
    struct recorder *r;
    int status;

    if (o->start_at_ns > now_ns)
        wait_ns = o->start_at_ns - now_ns;
    if (o->deadline_after_ns != 0)
        o->workload.deadline_ns = clock_ns() + wait_ns + o->deadline_after_ns;
    r = recorder_create(o->workload.requests, o->workload.deadline_ns, o->progress);
    if (r == NULL || queue_schedule(&r->queue, &o->load) < 0 || prepare_client(o, &target) < 0)
        return refuse("no memory for this many requests");
    install_signals(r);
    status = measure(o, r);
    handle_stops(&ignore); /* all is accounted for, and the flag is about to go */
    curl_global_cleanup();
    raw_target_term(&target);
    queue_free_schedule(&r->queue);
    recorder_destroy(r);
    return status;
}

/* Before anything is timed, so that the run itself finds libcrypto loaded and the chain known. */
static int run_computing_lane(struct options *o)
{
    struct gil gil;
    int status;

    if (computation_complete(&o->workload.computation) < 0 || (o->gil && gil_init(&gil) < 0)) {
        return refuse("libcrypto has no SHA-256, or there is no memory for it");
    }
    o->workload.computation.gil = o->gil ? &gil : NULL;
    status = run_lane(o);
    if (o->gil)
        gil_term(&gil);
    return status;
}

/* An item that only computes has no connection. */
static int prepare_limits(const struct options *o, struct error *error)
{
    const struct workload *w = &o->workload;
    const struct computation *what = &w->computation;
    uint64_t workers =
        what->where != COMPUTE_LOOP || w->blocking == BLOCKING_THREADS ? what->workers : 0;
    uint64_t each = (w->concurrency + w->processes - 1) / w->processes; /* of the processes */
    uint64_t loops = w->loops * w->processes, to = w->addresses.count > 0 ? w->addresses.count : 1;
    struct needs needs = {
        .descriptors = w->loops * LOOP_DESCRIPTORS,
        .tasks = model.tasks * w->concurrency + (loops > 1 ? loops : 0) + workers,
        .spreads = (model.features & FEATURE_LOOPS) != 0,
        .mappings = model.mappings * w->concurrency,
    };

    if (what->where == COMPUTE_PROCESSES)
        needs.descriptors += workers;
    if (w->work != WORK_CPU)
        needs.descriptors +=
            each * (o->client == CLIENT_RAW ? model.descriptors > 0 : model.descriptors);
    if (model.library != NULL && work_requests(w->work) && o->client == CLIENT_CURL)
        needs.descriptors += MULTI_DESCRIPTORS * (each / curl_loop_share(w->fresh));
    needs.ports = work_connects(w->work) ? (w->concurrency + to - 1) / to : 0;
    return limits_prepare(&needs, "-c", w->concurrency, error);
}

int main(int argc, char **argv)
{
    struct options options = options_parse(argc, argv);
    struct error error = {0};

    if (deliver_check(options.output) < 0 || deliver_check(options.records) < 0)
        return STATUS_USAGE;
    if (prepare_limits(&options, &error) < 0) {
        warnx("%s", error.text);
        return STATUS_LIMITS;
    }
    return work_computes(options.workload.work) ? run_computing_lane(&options) : run_lane(&options);
}
