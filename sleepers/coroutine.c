/* Tasks of the coroutines' loop, of two kinds. A coroutine calls co_sleep() on a stack of its own.
 * A stackless task is a waiter, which the loop calls when its time has come; those that are started
 * together share one due time, since a task has no room for more than it needs. */
#include <stdlib.h>

#include "co/co.h"
#include "common/clock.h"
#include "sleepers/sleepers.h"

#define BATCH 1024 /* tasks that are started between two looks at signals and timers */

/* A sleeper was never seen to use more than one page; the sanitizers' frames are larger. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_BYTES 65536
#else
#define STACK_BYTES 16384
#endif

struct batch {
    struct all *all;
    uint64_t due_ns;
};

struct all {
    struct sleepers *sleepers;
    struct co_loop *loop;
    struct co_event news; /* for the task that waits for all */
    struct co_task *main;
    int (*start)(struct all *all); /* the next task; returns 0 or UV_ENOMEM */
    uint64_t started;
    struct batch *batches;   /* these two: of stackless tasks */
    struct co_link sleeping; /* those that wait for their time */
};

static void get_up(struct all *all, uint64_t due_ns, int error)
{
    if (sleepers_get_up(all->sleepers, due_ns, error))
        co_event_set(&all->news);
}

static void lie_down(struct all *all)
{
    if (sleepers_lie_down(all->sleepers))
        co_event_set(&all->news);
}

/* ---- Coroutines -------------------------------------------------------------------------- */

static int sleep_once(struct co_task *self, void *argument)
{
    struct all *all = argument;
    uint64_t due_ns = clock_ns() + all->sleepers->latency_ns;
    int error;

    lie_down(all);
    error = co_sleep(self, all->sleepers->latency_ns);
    get_up(all, due_ns, error);
    return error;
}

/* It was cancelled before it ran, or there was no memory for its stack. */
static void never_ran(void *argument)
{
    struct all *all = argument;

    sleepers_give_up(all->sleepers, 1);
    co_event_set(&all->news);
}

static int start_coroutine(struct all *all)
{
    struct co_task *task = co_create(all->loop, sleep_once, all, NULL);

    co_task_on_drop(task, never_ran);
    co_release(co_start(task));
    return task != NULL ? 0 : UV_ENOMEM;
}

/* ---- Stackless tasks --------------------------------------------------------------------- */

struct stackless {
    struct co_waiter waiter; /* first: the loop calls this, and means the task */
    const struct batch *batch;
};

static void on_time(struct co_waiter *waiter, int reason)
{
    struct stackless *task = (struct stackless *)waiter;

    get_up(task->batch->all, task->batch->due_ns, reason);
    free(task);
}

static int start_stackless(struct all *all)
{
    struct batch *batch = &all->batches[all->started / BATCH];
    struct stackless *task = malloc(sizeof(*task));

    if (task == NULL)
        return UV_ENOMEM;
    if (all->started % BATCH == 0)
        *batch = (struct batch){all, clock_ns() + all->sleepers->latency_ns};
    co_waiter_init(&task->waiter, on_time);
    task->batch = batch;
    if (co_wake_at(all->loop, &task->waiter, batch->due_ns) < 0) {
        free(task);
        return UV_ENOMEM;
    }
    co_list_append(&all->sleeping, &task->waiter.link);
    lie_down(all);
    return 0;
}

/* They end with the loop's main task; no more is waited for than until those who are awake ran. */
static void end_stackless(struct co_task *self, struct all *all)
{
    while (!co_list_is_empty(&all->sleeping))
        co_wake(all->loop, co_list_first(&all->sleeping), UV_ECANCELED);
    while (!sleepers_done(all->sleepers)) {
        co_event_clear(&all->news);
        (void)!co_event_wait(self, &all->news);
    }
}

/* ---- Both -------------------------------------------------------------------------------- */

static int start_all(struct co_task *self, struct all *all)
{
    uint64_t tasks = all->sleepers->tasks;
    int error = 0;

    while (error == 0 && all->started < tasks) {
        error = all->start(all);
        if (error == 0 && ++all->started % BATCH == 0)
            error = co_yield (self);
    }
    sleepers_give_up(all->sleepers, tasks - all->started);
    return error;
}

static int sleep_all(struct co_task *self, void *argument)
{
    struct all *all = argument;
    int error;

    all->main = self;
    error = start_all(self, all);
    while (error == 0 && all->sleepers->cancelled == 0 && !sleepers_done(all->sleepers)) {
        co_event_clear(&all->news);
        error = co_event_wait(self, &all->news);
    }
    if (error == 0 && all->sleepers->cancelled > 0)
        error = UV_ENOMEM;
    if (all->batches != NULL)
        end_stackless(self, all);
    return error;
}

/* Cancels the task that waits for all; when it has ended, the loop cancels the others. */
static void stop(void *argument)
{
    struct all *all = argument;

    co_cancel(all->main);
}

/* What fails is told once, not for each task. */
static void ignore(void *user, const char *text)
{
    (void)user, (void)text;
}

static int run(struct all *all, struct sleepers *s)
{
    struct co_options options = {.stack_bytes = STACK_BYTES, .slow_ns = UINT64_MAX, .warn = ignore};
    struct interrupt interrupt;
    int error;

    all->sleepers = s;
    all->loop = co_loop_new(&options);
    if (all->loop == NULL)
        return UV_ENOMEM;
    co_link_init(&all->sleeping);
    co_event_init(&all->news, all->loop);
    error = interrupt_watch(&interrupt, co_loop_uv(all->loop), s, stop, all);
    if (error == 0)
        error = co_run(all->loop, sleep_all, all);
    co_loop_free(all->loop);
    return s->interrupted ? 0 : error;
}

int coroutine_run(struct sleepers *s)
{
    struct all all = {.start = start_coroutine};

    return run(&all, s);
}

int stackless_run(struct sleepers *s)
{
    struct all all = {.start = start_stackless,
                      .batches = malloc((s->tasks / BATCH + 1) * sizeof(*all.batches))};
    int error = all.batches != NULL ? run(&all, s) : UV_ENOMEM;

    free(all.batches);
    return error;
}
