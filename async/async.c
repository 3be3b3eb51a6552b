/* The event-loop model: one thread, at most C requests in flight, and one loop that waits for all.
 *
 * A request is started, not waited for: the loop calls back when it has ended (curl_loop.h), and
 * the next one takes its slot. While one request waits, the thread works for the others.
 *
 * Work that computes goes through the same slots. Computed on the loop, an item makes all others
 * wait, whatever they wait for; computed elsewhere (offload.h), it is one more thing that the loop
 * calls back for. With several loops, each has a thread and a share of the slots to itself; they
 * have nothing in common but the counter that they take their requests from. */
#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <uv.h>

#include "workload/curl_loop.h"
#include "compute/loops.h"
#include "compute/offload.h"
#include "compute/pulse.h"
#include "compute/computer.h"
#include "workload/request.h"
#include "workload/workload.h"

#define STOP_CHECK_MS 100
#define START_BATCH   32

const struct model model = {
    .name = "async",
    .library = "libuv",
    .library_version = uv_version_string,
    .summary = "one thread with an event loop and at most C requests in flight",
    .concurrency_name = "requests in flight",
    .concurrency_default = 0,
    .features = FEATURE_COMPUTE | FEATURE_LOOPS | FEATURE_GIL,
    .descriptors = 1,
};

/* One loop and all that it waits for. */
struct engine {
    const struct workload *workload;
    struct recorder *recorder;
    uint64_t first_slot, slots; /* its share of C */
    uv_loop_t loop;
    uv_timer_t stop_check; /* looks whether a signal or the deadline ended the run */
    struct pulse pulse;
    struct curl_loop transfers;
    struct request *requests; /* one for each slot; NULL where the work is cpu */
    struct computer computer; /* the loop's own */
    struct offload offload;   /* where not the loop computes */
    struct piece *pieces;     /* one for each slot; NULL where nothing is offloaded */
    uint64_t in_flight;       /* slots whose request is under way, or is being computed elsewhere */
};

/* ---- One slot ---------------------------------------------------------------------------- */

/* Returns whether the item is under way; else it has ended. */
static bool compute(struct engine *e, uint64_t slot, uint64_t id)
{
    enum outcome outcome = OUTCOME_OTHER;
    enum activity before;

    if (e->pieces != NULL && offload_begin(&e->offload, &e->pieces[slot], id) == 0)
        return true;
    if (e->pieces == NULL) {
        before = pulse_enter(&e->pulse, ACTIVITY_COMPUTING, id);
        outcome = computer_run(&e->computer);
        pulse_enter(&e->pulse, before, 0);
    }
    recorder_end(e->recorder, id, outcome, 0);
    return false;
}

/* Likewise. */
static bool start(struct engine *e, uint64_t slot, uint64_t id)
{
    struct request *request;

    if (e->requests == NULL)
        return compute(e, slot, id);
    request = &e->requests[slot];
    if (request_begin(request, id) < 0)
        return false;
    if (curl_loop_add(&e->transfers, request->easy) == 0)
        return true;
    request_end(request, CURLE_OUT_OF_MEMORY);
    return false;
}

/* Takes the next request for a slot and starts it. A slot for which there is none is given up. */
static void start_next(struct engine *e, uint64_t slot)
{
    uint64_t id;

    while (recorder_take(e->recorder, (uint32_t)(e->first_slot + slot), &id)) {
        if (start(e, slot, id)) {
            e->in_flight++;
            return;
        }
    }
    if (e->requests != NULL)
        request_term(&e->requests[slot]);
}

static void go_on(struct engine *e, uint64_t slot)
{
    e->in_flight--;
    start_next(e, slot);
    if (e->in_flight == 0)
        uv_stop(&e->loop);
}

/* The answer is there, or never will be. */
static void on_ended(void *user, CURL *easy, CURLcode code)
{
    struct engine *e = user;
    struct request *request;
    uint64_t slot;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&request);
    slot = (uint64_t)(request - e->requests);
    if (!request_end(request, code) || !compute(e, slot, request->id))
        go_on(e, slot);
}

/* A thread or process has computed an item. */
static void on_computed(void *user, struct piece *piece)
{
    struct engine *e = user;

    recorder_end(e->recorder, piece->id, piece->outcome, 0);
    go_on(e, (uint64_t)(piece - e->pieces));
}

/* ---- All slots --------------------------------------------------------------------------- */

static int prepare_request(struct engine *e, uint64_t slot)
{
    struct request *request = &e->requests[slot];
    int error = request_init(request, e->workload, e->recorder);

    if (error == 0)
        curl_loop_prepare(&e->transfers, request->easy);
    return error;
}

/* Lets the loop run now and then, so that the first requests wait for their answers, and what was
 * needed to connect them is free again, while the last are still being prepared. */
static int start_all(struct engine *e)
{
    int error = 0;

    pulse_enter(&e->pulse, ACTIVITY_STARTING, 0);
    for (uint64_t slot = 0; slot < e->slots && error == 0; slot++) {
        if (e->requests != NULL)
            error = prepare_request(e, slot);
        if (error == 0)
            start_next(e, slot);
        if (slot % START_BATCH == START_BATCH - 1) {
            pulse_enter(&e->pulse, ACTIVITY_TRANSFERS, 0);
            uv_run(&e->loop, UV_RUN_NOWAIT);
            pulse_enter(&e->pulse, ACTIVITY_STARTING, 0);
        }
    }
    pulse_enter(&e->pulse, ACTIVITY_TRANSFERS, 0);
    return error;
}

static bool is_computing(const struct engine *e, uint64_t slot)
{
    return e->pieces != NULL && e->pieces[slot].busy;
}

/* What a stop has left. */
static void cancel_all(struct engine *e)
{
    for (uint64_t slot = 0; e->requests != NULL && slot < e->slots; slot++) {
        struct request *request = &e->requests[slot];

        if (request->easy == NULL || is_computing(e, slot))
            continue;
        curl_loop_remove(&e->transfers, request->easy);
        request_end(request, CURLE_ABORTED_BY_CALLBACK);
        request_term(request);
    }
    if (e->pieces != NULL)
        offload_cancel(&e->offload, e->pieces, e->slots);
    for (uint64_t slot = 0; e->requests != NULL && slot < e->slots; slot++)
        if (e->requests[slot].easy != NULL)
            request_term(&e->requests[slot]);
}

static void on_stop_check(uv_timer_t *timer)
{
    struct engine *e = timer->data;

    if (recorder_over(e->recorder))
        uv_stop(&e->loop);
}

/* ---- One loop ---------------------------------------------------------------------------- */

/* What must exist before any loop, transfer or thread does: the processes that compute. */
static int engine_init(struct engine *e, const struct workload *w, struct recorder *r,
                       uint64_t processes)
{
    bool offloads = w->work != WORK_IO && w->computation.where != COMPUTE_LOOP;
    int error = 0;

    e->workload = w;
    e->recorder = r;
    if (offloads) {
        e->pieces = calloc(e->slots, sizeof(*e->pieces));
        error = e->pieces != NULL ? offload_init(&e->offload, w, r, processes) : -ENOMEM;
    }
    if (error == 0 && w->work != WORK_CPU) {
        e->requests = calloc(e->slots, sizeof(*e->requests));
        error = e->requests != NULL ? 0 : -ENOMEM;
    }
    return error;
}

static void engine_term(struct engine *e)
{
    if (e->pieces != NULL)
        offload_term(&e->offload);
    computer_term(&e->computer);
    free(e->pieces);
    free(e->requests);
}

static int open_loop(struct engine *e)
{
    int error = uv_loop_init(&e->loop);

    if (error < 0)
        return error;
    error = curl_loop_init(&e->transfers, &e->loop, (long)e->slots, on_ended, e);
    if (error < 0)
        goto close_loop;
    error = pulse_start(&e->pulse, &e->loop, e->workload->work != WORK_IO);
    if (error < 0)
        goto close_transfers;
    uv_timer_init(&e->loop, &e->stop_check);
    e->stop_check.data = e;
    uv_timer_start(&e->stop_check, on_stop_check, STOP_CHECK_MS, STOP_CHECK_MS);
    return 0;

close_transfers:
    curl_loop_term(&e->transfers);
    uv_run(&e->loop, UV_RUN_DEFAULT);
close_loop:
    uv_loop_close(&e->loop);
    return error;
}

static void close_loop(struct engine *e)
{
    curl_loop_term(&e->transfers);
    uv_close((uv_handle_t *)&e->stop_check, NULL);
    uv_run(&e->loop, UV_RUN_DEFAULT);
    uv_loop_close(&e->loop);
}

/* Where a part of it fails, the run is stopped: the rest would be another measurement. */
static int run_loop(void *engine)
{
    struct engine *e = engine;
    int error = open_loop(e);

    if (error < 0) {
        e->recorder->stop = true;
        return error;
    }
    if (e->pieces != NULL)
        error = offload_attach(&e->offload, &e->loop, on_computed, e);
    else
        error = computer_init(&e->computer, e->workload, e->recorder);
    if (error == 0)
        error = start_all(e);
    if (error < 0)
        e->recorder->stop = true;
    else if (e->in_flight > 0)
        uv_run(&e->loop, UV_RUN_DEFAULT);
    pulse_stop(&e->pulse);
    cancel_all(e);
    close_loop(e);
    return error;
}

/* ---- All loops --------------------------------------------------------------------------- */

/* The part of `total` that falls to one of `count`: they differ by 1 at most. */
static uint64_t share(uint64_t total, uint64_t count, uint64_t index)
{
    return total / count + (index < total % count);
}

static void summarise(struct engine *engines, uint64_t count, struct loop_health *health)
{
    for (uint64_t i = 1; i < count; i++)
        heartbeat_merge(&engines[0].pulse.heart, &engines[i].pulse.heart);
    heartbeat_summarise(&engines[0].pulse.heart, health);
}

int model_run(const struct workload *w, struct recorder *r)
{
    uint64_t count = w->loops, first_slot = 0;
    struct engine *engines = calloc(count, sizeof(*engines));
    int error = engines != NULL ? 0 : -ENOMEM;

    for (uint64_t i = 0; error == 0 && i < count; i++) {
        engines[i].first_slot = first_slot;
        engines[i].slots = share(w->concurrency, count, i);
        first_slot += engines[i].slots;
        error = engine_init(&engines[i], w, r, share(w->computation.workers, count, i));
    }
    if (error == 0)
        error = loops_run(run_loop, engines, sizeof(*engines), count, &r->stop);
    if (error == 0)
        summarise(engines, count, &r->loop);
    for (uint64_t i = 0; engines != NULL && i < count; i++)
        engine_term(&engines[i]);
    free(engines);
    return error;
}
