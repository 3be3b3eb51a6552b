/* The event-loop model: one thread, at most C requests in flight, and one loop that waits for all.
 *
 * A request is started, not waited for: the loop calls back when it has ended, and its slot takes
 * the next one. While one request waits, the thread works for the others.
 *
 *   start C ──▶ the loop waits for all ──▶ one has ended: start the next in its place ─┐
 *                        ▲                                                             │
 *                        └─────────────────────────────────────────────────────────────┘ */
#include <uv.h>

#include "workload/loop_items.h"
#include "workload/processes.h"

#define START_BATCH 32

struct engine {
    struct queue *queue;
    uv_loop_t loop;
    uv_timer_t stop_check;
    struct loop_items items; /* C slots, and what the loop waits for in each of them */
    uint64_t in_flight;
};

/* Takes the next request for a slot and starts it. */
static void start_next(struct engine *e, uint64_t slot)
{
    uint64_t id;

    while (queue_take(e->queue, &id)) {
        if (loop_items_begin(&e->items, slot, id)) {
            e->in_flight++;
            return;
        }
    }
    loop_items_close(&e->items, slot);
}

/* The loop calls: the request in this slot has ended. */
static void on_ended(void *engine, uint64_t slot)
{
    struct engine *e = engine;

    e->in_flight--;
    start_next(e, slot);
    if (e->in_flight == 0)
        uv_stop(&e->loop);
}

/* Now and then the loop runs in between, so that the first requests wait for their answers, and
 * what was needed to connect them is free again, while the last are still being prepared. Those
 * that have ended by then take further ones: the rest of the slots may never be needed. */
static int start_all(struct engine *e, uint64_t slots)
{
    int error;

    for (uint64_t slot = 0; slot < slots && queue_taken(e->queue) < e->queue->requests; slot++) {
        error = loop_items_open(&e->items, slot);
        if (error < 0)
            return error;
        start_next(e, slot);
        if (slot % START_BATCH == START_BATCH - 1)
            uv_run(&e->loop, UV_RUN_NOWAIT);
    }
    return 0;
}

static int open_loop(struct engine *e, const struct workload *w, struct recorder *r);
static void close_loop(struct engine *e);

int model_run(const struct workload *w, struct recorder *r)
{
    struct engine e = {.queue = &r->queue};
    int error = open_loop(&e, w, r);

    if (error < 0)
        return error;
    error = start_all(&e, w->concurrency);
    if (error < 0)
        stop_ask(&r->queue.stop);
    else if (e.in_flight > 0)
        uv_run(&e.loop, UV_RUN_DEFAULT); /* returns when nothing is in flight, or at a stop */
    close_loop(&e);
    return error;
}

/* ---- What the model needs ---------------------------------------------------------------- */

const struct model model = {
    .name = "async",
    .run = processes_run, /* which calls model_run(), with --loops several times at once */
    .library = "libuv",
    .library_version = uv_version_string,
    .summary = "one thread with an event loop and at most C requests in flight",
    .concurrency_name = "requests in flight",
    .concurrency_default = 0,
    .features = FEATURE_COMPUTE | FEATURE_LOOPS | FEATURE_GIL,
    .descriptors = 1,
};

#define STOP_CHECK_MS 100

/* A signal, or the deadline, ends the run even where no answer comes. */
static void on_stop_check(uv_timer_t *timer)
{
    const struct engine *e = timer->data;

    if (stop_due(&e->queue->stop))
        uv_stop(timer->loop);
}

/* Closes what is open; the loop runs once more, because libuv tells so when handles are closed. */
static void end_loop(uv_loop_t *loop)
{
    uv_run(loop, UV_RUN_DEFAULT);
    uv_loop_close(loop);
}

static int open_loop(struct engine *e, const struct workload *w, struct recorder *r)
{
    int error = uv_loop_init(&e->loop);

    if (error < 0)
        return error;
    error = loop_items_init(&e->items, &e->loop, w, r, on_ended, e);
    if (error < 0) {
        end_loop(&e->loop);
        return error;
    }
    uv_timer_init(&e->loop, &e->stop_check);
    e->stop_check.data = e;
    return uv_timer_start(&e->stop_check, on_stop_check, STOP_CHECK_MS, STOP_CHECK_MS);
}

static void close_loop(struct engine *e)
{
    loop_items_term(&e->items);
    uv_close((uv_handle_t *)&e->stop_check, NULL);
    end_loop(&e->loop);
}
