/* Each task is a waiter of the coroutines' loop: the loop calls it when its time has come, and it
 * has no stack. Tasks that are started together share one due time, since a task has no room for
 * more than it needs. */
#include <stdlib.h>

#include "co/co.h"
#include "common/clock.h"
#include "sleepers/sleepers.h"

#define BATCH 1024 /* tasks that are started together */

struct stackless {
    struct sleepers *sleepers;
    struct co_loop *loop;
    struct co_link sleeping; /* all tasks that wait for their time */
    struct co_event news;    /* for the task that waits for all */
    struct co_task *main;
};

struct batch {
    struct stackless *all;
    uint64_t due_ns;
};

struct task {
    struct co_waiter waiter; /* first: the loop calls this, and means the task */
    const struct batch *batch;
};

static void get_up(struct co_waiter *waiter, int reason)
{
    struct task *task = (struct task *)waiter;
    struct stackless *all = task->batch->all;

    if (sleepers_get_up(all->sleepers, task->batch->due_ns, reason))
        co_event_set(&all->news);
    free(task);
}

/* Returns 0 or UV_ENOMEM. */
static int lie_down(const struct batch *batch)
{
    struct task *task = malloc(sizeof(*task));

    if (task == NULL)
        return UV_ENOMEM;
    co_waiter_init(&task->waiter, get_up);
    task->batch = batch;
    if (co_wake_at(batch->all->loop, &task->waiter, batch->due_ns) < 0) {
        free(task);
        return UV_ENOMEM;
    }
    co_list_append(&batch->all->sleeping, &task->waiter.link);
    sleepers_lie_down(batch->all->sleepers);
    return 0;
}

static int start_all(struct co_task *self, struct stackless *all, struct batch *batches)
{
    uint64_t tasks = all->sleepers->tasks, started = 0;
    int error = 0;

    while (started < tasks && error == 0) {
        struct batch *batch = &batches[started / BATCH];

        *batch = (struct batch){all, clock_ns() + all->sleepers->latency_ns};
        do
            error = lie_down(batch);
        while (error == 0 && ++started % BATCH != 0 && started < tasks);
        if (error == 0 && started < tasks)
            error = co_yield (self);
    }
    sleepers_give_up(all->sleepers, tasks - started);
    return error;
}

static int wait_for_all(struct co_task *self, struct stackless *all)
{
    int error = 0;

    while (error == 0 && !sleepers_done(all->sleepers)) {
        co_event_clear(&all->news);
        error = co_event_wait(self, &all->news);
    }
    return error;
}

static int sleep_all(struct co_task *self, void *argument)
{
    struct stackless *all = argument;
    struct batch *batches = malloc((all->sleepers->tasks / BATCH + 1) * sizeof(*batches));
    int error;

    if (batches == NULL)
        return UV_ENOMEM;
    all->main = self;
    error = start_all(self, all, batches);
    if (error == 0)
        error = wait_for_all(self, all);
    while (!co_list_is_empty(&all->sleeping))
        co_wake(all->loop, co_list_first(&all->sleeping), UV_ECANCELED);
    while (!sleepers_done(all->sleepers)) /* no more than until those who are awake have run */
        (void)!wait_for_all(self, all);
    free(batches);
    return error;
}

static void stop(void *argument)
{
    struct stackless *all = argument;

    all->sleepers->interrupted = true;
    co_cancel(all->main);
}

int stackless_run(struct sleepers *s)
{
    struct co_options options = {.slow_ns = UINT64_MAX};
    struct stackless all = {.sleepers = s, .loop = co_loop_new(&options)};
    struct interrupt interrupt;
    int error;

    if (all.loop == NULL)
        return UV_ENOMEM;
    co_link_init(&all.sleeping);
    co_event_init(&all.news, all.loop);
    error = interrupt_watch(&interrupt, co_loop_uv(all.loop), stop, &all);
    if (error == 0)
        error = co_run(all.loop, sleep_all, &all);
    co_loop_free(all.loop);
    return s->interrupted ? 0 : error;
}
