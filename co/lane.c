/* The coroutine model: one thread, and a task for each request, which reads like sequential code.
 *
 * All N are gathered under a semaphore of C. A task that waits gives its place to another; its
 * stack keeps what it was about. (The loop beneath is that of the event-loop model.)
 *
 *   gather ─┬─ task: wait for a permit, ask, wait for the answer, give the permit back
 *           ├─ task: …                                             N of them, at most C beyond
 *           └─ task: …                                             their permit                */
#include <stdlib.h>

#include "co/co.h"
#include "workload/loop_items.h"
#include "workload/processes.h"

struct engine {
    struct queue *queue;
    struct co_loop *loop;
    struct co_task *all;           /* who gathers */
    struct co_semaphore semaphore; /* C permits */
    struct loop_items items;       /* C slots, one for each that has a permit */
    struct co_task **waiting;      /* by slot: who waits for its end, or NULL */
    uint64_t *idle;                /* slots that nobody has; `opened` were in use before */
    uint64_t idle_count, opened;
    uint64_t tasks;
    bool ready; /* the items are */
};

static int take_slot(struct engine *e, uint64_t *slot);
static void give_slot(struct engine *e, uint64_t slot);
static int start_watch(struct engine *e, struct co_task *self);

/* Makes one request and waits for its answer, with a permit of the semaphore. */
static int fetch(struct co_task *self, void *engine)
{
    struct engine *e = engine;
    uint64_t id, slot;
    int error = 0;

    if (!queue_take(e->queue, &id))
        return 0;
    error = take_slot(e, &slot);
    if (error < 0)
        return error;
    e->waiting[slot] = self;
    if (loop_items_begin(&e->items, slot, id))
        error = co_park(self, NULL, NULL); /* until on_ended(), or until it is cancelled */
    else
        give_slot(e, slot);
    if (e->waiting[slot] == self)
        e->waiting[slot] = NULL; /* the request goes on without it */
    return error;
}

/* Starts a task for each request and waits for all. */
static int fetch_all(struct co_task *self, void *engine)
{
    struct engine *e = engine;
    struct co_task **tasks = calloc(e->tasks, sizeof(struct co_task *));
    int error = tasks != NULL ? start_watch(e, self) : UV_ENOMEM;

    if (error < 0) {
        free(tasks);
        return error;
    }
    for (uint64_t i = 0; i < e->tasks; i++)
        tasks[i] = co_start_with(co_create(e->loop, fetch, e, NULL), &e->semaphore);
    error = co_gather(self, tasks, e->tasks, NULL, CO_FIRST_ERROR);
    for (uint64_t i = 0; i < e->tasks; i++)
        co_release(tasks[i]);
    free(tasks);
    return error;
}

static int open_engine(struct engine *e, const struct workload *w, struct recorder *r);
static void close_engine(struct engine *e);

int model_run(const struct workload *w, struct recorder *r)
{
    struct engine e = {.queue = &r->queue, .tasks = w->requests};
    int error = open_engine(&e, w, r);

    if (error == 0)
        error = co_run(e.loop, fetch_all, &e);
    close_engine(&e);
    return error == UV_ECANCELED ? 0 : error; /* 0: stopped, as was asked */
}

/* ---- What the model needs ---------------------------------------------------------------- */

const struct model model = {
    .name = "co",
    .run = processes_run, /* which calls model_run(), once */
    .library = "libuv",
    .library_version = uv_version_string,
    .summary = "one thread with a coroutine for each request, at most C of them in flight",
    .concurrency_name = "requests in flight",
    .concurrency_default = 0,
    .descriptors = 1,
};

#define STOP_CHECK_NS (100 * NS_PER_MS)
#define START_BATCH   32 /* the first requests wait for their answers while the last are prepared */

/* A task that has a slot for the first time prepares it. Where that fails the slot is lost, so that
 * nobody may take another. */
static int take_slot(struct engine *e, uint64_t *slot)
{
    int error;

    if (e->idle_count > 0) {
        *slot = e->idle[--e->idle_count];
        return 0;
    }
    *slot = e->opened++;
    error = loop_items_open(&e->items, *slot);
    if (error < 0)
        stop_ask(&e->queue->stop);
    return error;
}

/* Once every request has begun, a slot is closed while the others wait for their answers. */
static void give_slot(struct engine *e, uint64_t slot)
{
    e->waiting[slot] = NULL;
    if (queue_taken(e->queue) < e->queue->requests)
        e->idle[e->idle_count++] = slot;
    else
        loop_items_close(&e->items, slot);
}

/* The loop calls: the request in this slot has ended. */
static void on_ended(void *engine, uint64_t slot)
{
    struct engine *e = engine;
    struct co_task *task = e->waiting[slot];

    give_slot(e, slot);
    if (task != NULL)
        co_wake(e->loop, co_waiter_of(task), 0);
}

/* A signal, or the deadline, ends the run even where no answer comes. */
static int watch_stop(struct co_task *self, void *engine)
{
    struct engine *e = engine;
    int error = 0;

    while (error == 0 && !stop_due(&e->queue->stop))
        error = co_sleep(self, STOP_CHECK_NS);
    if (error == 0)
        co_cancel(e->all);
    return error;
}

static int start_watch(struct engine *e, struct co_task *self)
{
    struct co_task *watch = co_start(co_create(e->loop, watch_stop, e, "stop"));

    e->all = self;
    co_release(watch);
    return watch != NULL ? 0 : UV_ENOMEM;
}

static int open_engine(struct engine *e, const struct workload *w, struct recorder *r)
{
    const struct co_options options = {.slow_ns = UINT64_MAX, .batch = START_BATCH};
    int error;

    e->loop = co_loop_new(&options);
    e->waiting = calloc(w->concurrency, sizeof(struct co_task *));
    e->idle = calloc(w->concurrency, sizeof(*e->idle));
    if (e->loop == NULL || e->waiting == NULL || e->idle == NULL)
        return -ENOMEM;
    co_semaphore_init(&e->semaphore, e->loop, w->concurrency);
    error = loop_items_init(&e->items, co_loop_uv(e->loop), w, r, on_ended, e);
    e->ready = error == 0;
    return error;
}

/* Slots that are not idle have a request under way, which is given up. */
static void close_engine(struct engine *e)
{
    while (e->idle_count > 0)
        loop_items_close(&e->items, e->idle[--e->idle_count]);
    if (e->ready)
        loop_items_term(&e->items);
    co_loop_free(e->loop);
    free(e->waiting);
    free(e->idle);
}
