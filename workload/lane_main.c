/* The program around a model: options, limits, signals, timing, result.
 *
 * Everything that is not the model happens here, before and after it, and the same for all. */
#include <assert.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/clock.h"
#include "common/limit.h"
#include "compute/gil.h"
#include "workload/curl_loop.h"
#include "workload/deliver.h"
#include "workload/limits.h"
#include "workload/processes.h"
#include "workload/raw.h"
#include "workload/request.h"
#include "workload/result.h"

#define LOOP_DESCRIPTORS  8 /* of an event loop: epoll, wake-ups, signals */
#define START_STEP_NS     (100 * NS_PER_MS)
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

/* Waits for --start-at, or for somebody who asks to stop: in steps, since a signal that comes just
 * before a step does not end it. */
static void wait_for_start(const struct options *o, const struct stop *asked)
{
    uint64_t now_ns;

    while (!stop_asked(asked) && (now_ns = clock_ns_of(CLOCK_REALTIME)) < o->start_at_ns) {
        uint64_t step_ns = now_ns + START_STEP_NS;
        const struct timespec until =
            clock_timespec(step_ns < o->start_at_ns ? step_ns : o->start_at_ns);

        clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL);
    }
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

/* One for each address, and an empty one at the end: none is resolved while it is measured. Returns
 * NULL where there is no memory. */
static struct raw_target *make_targets(const struct workload *w)
{
    unsigned count = w->addresses.count;
    struct raw_target *targets = calloc(count + 2, sizeof(*targets));
    int error = targets == NULL ? -ENOMEM : 0;

    if (count == 0 && error == 0)
        error = raw_target_init(targets, w->url, w->work);
    for (unsigned i = 0; i < count && error == 0; i++) {
        char *url = processes_url(w, i);

        error = url != NULL ? raw_target_init(&targets[i], url, w->work) : -ENOMEM;
        curl_free(url);
    }
    return error == 0 ? targets : NULL;
}

static void free_targets(struct raw_target *targets)
{
    for (struct raw_target *target = targets; target != NULL && target->before != NULL; target++)
        raw_target_term(target);
    free(targets);
}

/* libcurl is set up only where it is the client: with no TLS, too, it has its SSH library read
 * OpenSSL's configuration. Returns 0 or -ENOMEM. */
static int prepare_client(struct options *o, struct raw_target **targets)
{
    struct workload *w = &o->workload;
    bool upgrades = w->work == WORK_WEBSOCKET;

    if (!upgrades && !work_requests(w->work))
        return 0;
    if (!upgrades && o->client == CLIENT_CURL)
        return request_global_init(w->url);
    w->target = *targets = make_targets(w);
    return *targets != NULL ? 0 : -ENOMEM;
}

static int run_lane(struct options *o)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct raw_target *targets = NULL;
    uint64_t now_ns = clock_ns_of(CLOCK_REALTIME), wait_ns = 0;
    struct recorder *r;
    int status;

    if (o->start_at_ns > now_ns)
        wait_ns = o->start_at_ns - now_ns;
    if (o->deadline_after_ns != 0)
        o->workload.deadline_ns = clock_ns() + wait_ns + o->deadline_after_ns;
    r = recorder_create(o->workload.requests, o->workload.deadline_ns, o->progress);
    if (r == NULL || queue_schedule(&r->queue, &o->load) < 0 || prepare_client(o, &targets) < 0)
        return refuse("no memory for this many requests");
    install_signals(r);
    status = measure(o, r);
    handle_stops(&ignore); /* all is accounted for, and the flag is about to go */
    curl_slist_free_all(o->workload.headers);
    curl_global_cleanup();
    free_targets(targets);
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

/* The ports that ended connections hold to the address of which most are held. */
static uint64_t count_waiting(const struct workload *w)
{
    char *host = raw_url_part(w->url, CURLUPART_HOST), *text = raw_url_part(w->url, CURLUPART_PORT);
    unsigned usual = strncasecmp(w->url, "https:", 6) == 0 ? 443 : 80;
    unsigned port = text != NULL ? (unsigned)strtoul(text, NULL, 10) : usual;
    uint64_t most = 0, count;
    char address[PROCESSES_HOST_SIZE];

    if (w->addresses.count == 0 && host != NULL)
        most = limit_ports_waiting(host, port);
    for (unsigned i = 0; i < w->addresses.count; i++) {
        processes_host(w, i, address);
        count = limit_ports_waiting(address, port);
        most = count > most ? count : most;
    }
    curl_free(host);
    curl_free(text);
    return most;
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
    if (work_connects(w->work)) /* of the processes that share an address */
        needs.ports = each * ((w->processes + to - 1) / to);
    if (needs.ports > w->concurrency)
        needs.ports = w->concurrency;
    if (needs.ports > 0)
        needs.waiting = count_waiting(w);
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
