/* Each task is a coroutine that calls co_sleep() on a stack of its own. */
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

struct coroutines {
    struct sleepers *sleepers;
    struct co_event news; /* for the task that waits for all */
    struct co_task *main;
};

static int sleep_once(struct co_task *self, void *argument)
{
    struct coroutines *all = argument;
    struct sleepers *s = all->sleepers;
    uint64_t due_ns = clock_ns() + s->latency_ns;
    int error;

    if (sleepers_lie_down(s))
        co_event_set(&all->news);
    error = co_sleep(self, s->latency_ns);
    if (sleepers_get_up(s, due_ns, error))
        co_event_set(&all->news);
    return error;
}

/* It was cancelled before it ran, or there was no memory for its stack. */
static void never_ran(void *argument)
{
    struct coroutines *all = argument;

    sleepers_give_up(all->sleepers, 1);
    co_event_set(&all->news);
}

static int start_all(struct co_task *self, struct coroutines *all)
{
    struct co_loop *loop = co_loop_of(self);
    uint64_t tasks = all->sleepers->tasks, started = 0;
    int error = 0;

    while (started < tasks && error == 0) {
        struct co_task *task = co_create(loop, sleep_once, all, NULL);

        co_task_on_drop(task, never_ran);
        task = co_start(task);
        if (task == NULL) {
            error = UV_ENOMEM;
            break;
        }
        co_release(task);
        if (++started % BATCH == 0)
            error = co_yield (self);
    }
    sleepers_give_up(all->sleepers, tasks - started);
    return error;
}

static int sleep_all(struct co_task *self, void *argument)
{
    struct coroutines *all = argument;
    int error;

    all->main = self;
    error = start_all(self, all);
    while (error == 0 && all->sleepers->cancelled == 0 && !sleepers_done(all->sleepers)) {
        co_event_clear(&all->news);
        error = co_event_wait(self, &all->news);
    }
    return error == 0 && all->sleepers->cancelled > 0 ? UV_ENOMEM : error;
}

/* Cancels the task that waits for all; when it has ended, the loop cancels the others. */
static void stop(void *argument)
{
    struct coroutines *all = argument;

    all->sleepers->interrupted = true;
    co_cancel(all->main);
}

/* What fails is told once, not for each task. */
static void ignore(void *user, const char *text)
{
    (void)user, (void)text;
}

int coroutine_run(struct sleepers *s)
{
    struct co_options options = {.stack_bytes = STACK_BYTES, .slow_ns = UINT64_MAX, .warn = ignore};
    struct co_loop *loop = co_loop_new(&options);
    struct coroutines all = {.sleepers = s};
    struct interrupt interrupt;
    int error;

    if (loop == NULL)
        return UV_ENOMEM;
    co_event_init(&all.news, loop);
    error = interrupt_watch(&interrupt, co_loop_uv(loop), stop, &all);
    if (error == 0)
        error = co_run(loop, sleep_all, &all);
    co_loop_free(loop);
    return s->interrupted ? 0 : error;
}
