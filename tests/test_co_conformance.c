/* Conformance: statement by statement what asyncio does, and what the coroutines here do.
 *
 * Each case runs as the task "main" of a loop of its own and leaves a trace; `same` says whether
 * asyncio does likewise, and where it does not, `ours` says what is done here instead. The
 * statements are taken from the semantics that the documentation and the tests of CPython 3.13
 * establish (Queue.shutdown() is new in it, the rest holds from 3.11 on). */
#include "co/offload.h"
#include "tests/co/fixture.h"

/* Times are in this. They are virtual, so that no busy machine changes the order, but for those
 * statements in which threads take real time. */
#define UNIT (40 * NS_PER_MS)

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

/* A task that says NAME+, sleeps, and says NAME- (or NAME! where it is cancelled). */
struct actor {
    struct fixture *fixture;
    const char *name;
    uint64_t sleep;
    int result;
    uint64_t cleanup; /* slept after a cancellation */
    bool stubborn;    /* returns its result all the same */
};

static int act(struct co_task *self, void *argument)
{
    struct actor *actor = argument;
    int error;

    trace_say(&actor->fixture->trace, "%s+", actor->name);
    error = co_sleep(self, actor->sleep * UNIT);
    if (error == UV_ECANCELED && actor->cleanup > 0 && co_sleep(self, actor->cleanup * UNIT) < 0)
        trace_say(&actor->fixture->trace, "%s?", actor->name);
    trace_say(&actor->fixture->trace, "%s%s", actor->name, error == 0 ? "-" : "!");
    return error == 0 || actor->stubborn ? actor->result : error;
}

static const char *text_of(int result)
{
    static char number[16];

    switch (result) {
    case UV_ECANCELED:
        return "cancelled";
    case UV_ETIMEDOUT:
        return "timeout";
    case UV_EIO:
        return "EIO";
    case UV_EPROTO:
        return "EPROTO";
    case UV_EBUSY:
        return "busy";
    case UV_EAGAIN:
        return "again";
    case UV_EINVAL:
        return "invalid";
    case UV_EOF:
        return "eof";
    case CO_EDEADLK:
        return "deadlock";
    }
    snprintf(number, sizeof(number), "%d", result);
    return number;
}

#define SAY(...)     trace_say(&f->trace, __VA_ARGS__)
#define RESULT(what) SAY("=%s", text_of(what))

static struct co_task *task_of(struct fixture *f, struct actor *actor)
{
    actor->fixture = f;
    return co_create(f->loop, act, actor, "%s", actor->name);
}

static struct co_task *started(struct fixture *f, struct actor *actor)
{
    return co_start(task_of(f, actor));
}

/* Sleeps in a test, where nothing may cancel it. */
static void nap(struct co_task *self, uint64_t units)
{
    assert_int_equal(co_sleep(self, units * UNIT), 0);
}

static int coroutine_waits(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .result = 7};
    struct co_task *task = task_of(f, &a);

    nap(self, 1);
    SAY("now");
    RESULT(co_await (self, task));
    co_release(task);

    return 0;
}

static int await_runs_inline(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a"}, b = {.name = "b", .sleep = 1};
    struct co_task *task = started(f, &a);

    RESULT(co_join(self, task_of(f, &b)));
    RESULT(co_join(self, task));

    return 0;
}

static int task_starts_later(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a"};
    struct co_task *task = started(f, &a);

    SAY("main");
    RESULT(co_join(self, task));

    return 0;
}

static int tasks_start_in_order(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 2}, b = {.name = "b", .sleep = 2};
    struct co_task *first = started(f, &a), *second = started(f, &b);

    RESULT(co_join(self, first));
    RESULT(co_join(self, second));

    return 0;
}

static int result_too_early(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .result = 3};
    struct co_task *task = started(f, &a);
    int result = 0;

    RESULT(co_result(task, &result));
    RESULT(co_wait(self, task));
    RESULT(co_result(task, &result));
    RESULT(result);
    co_release(task);

    return 0;
}

static int await_done(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .result = 4}, b = {.name = "b"};
    struct co_task *task = started(f, &a), *other;

    nap(self, 2);
    other = started(f, &b);
    RESULT(co_join(self, task));
    SAY("first");
    RESULT(co_join(self, other));

    return 0;
}

static int await_it(struct co_task *self, void *task)
{
    return co_await (self, task);
}

static int many_await_one(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 2, .result = 5};
    struct co_task *task = started(f, &a), *watchers[3];

    for (size_t i = 0; i < LENGTH(watchers); i++)
        watchers[i] = co_start(co_create(f->loop, await_it, task, NULL));
    for (size_t i = 0; i < LENGTH(watchers); i++)
        RESULT(co_join(self, watchers[i]));
    co_release(task);

    return 0;
}

static int await_itself(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    RESULT(co_await (self, self));

    return 0;
}

static int error_propagates(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .result = UV_EIO};

    RESULT(co_join(self, started(f, &a)));

    return 0;
}

static int cancel_before_start(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a"};
    struct co_task *task = started(f, &a);

    SAY("%d", co_cancel(task));
    RESULT(co_join(self, task));

    return 0;
}

static int cancel_before_start_drops(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task *task = co_start(co_create(f->loop, act, strdup("argument"), "a"));

    co_task_on_drop(task, free);
    co_cancel(task);
    RESULT(co_join(self, task));

    return 0;
}

static int cancel_asleep(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 10000};
    struct co_task *task = started(f, &a);

    nap(self, 1);
    SAY("%d", co_cancel(task));
    RESULT(co_await (self, task));
    SAY("%d%d", co_is_done(task), co_is_cancelled(task));
    co_release(task);

    return 0;
}

static int cancel_done(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .result = 1};
    struct co_task *task = started(f, &a);

    nap(self, 1);
    SAY("%d", co_cancel(task));
    RESULT(co_join(self, task));

    return 0;
}

static int cancel_swallowed(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 10000, .result = 6, .stubborn = true};
    struct co_task *task = started(f, &a);

    nap(self, 1);
    co_cancel(task);
    RESULT(co_await (self, task));
    SAY("%d", co_is_cancelled(task));
    co_release(task);

    return 0;
}

static int cancel_cleanup_suspends(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 10000, .cleanup = 1};
    struct co_task *task = started(f, &a);

    nap(self, 1);
    co_cancel(task);
    SAY("asked");
    RESULT(co_join(self, task));

    return 0;
}

static int cancel_cleanup_again(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 10000, .cleanup = 10000};
    struct co_task *task = started(f, &a);

    nap(self, 1);
    co_cancel(task);
    nap(self, 1);
    co_cancel(task);
    RESULT(co_join(self, task));

    return 0;
}

static int cancel_self(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    int error;

    co_cancel(self);
    SAY("on");
    error = co_sleep(self, 10000 * UNIT);
    RESULT(error);
    return error;
}

static int cancel_itself(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task *task = co_start(co_create(f->loop, cancel_self, f, "a"));

    RESULT(co_join(self, task));

    return 0;
}

static int cancel_count(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 10000, .result = 1, .stubborn = true};
    struct co_task *task = started(f, &a);

    nap(self, 1);
    co_cancel(task);
    co_cancel(task);
    SAY("%d", co_cancelling(task));
    SAY("%d", co_uncancel(task));
    SAY("%d", co_uncancel(task));
    RESULT(co_join(self, task));

    return 0;
}

static int uncancel_pending(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    co_cancel(self);
    SAY("%d", co_uncancel(self));
    RESULT(co_sleep(self, UNIT));

    return 0;
}

static int cancel_goes_inward(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 10000};
    struct co_task *inner = started(f, &a);
    struct co_task *outer = co_start(co_create(f->loop, await_it, inner, "outer"));

    nap(self, 1);
    co_cancel(outer);
    RESULT(co_join(self, outer));
    SAY("%d", co_is_cancelled(inner));
    co_release(inner);

    return 0;
}

static int cancel_inward_swallowed(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 10000, .result = 9, .stubborn = true};
    struct co_task *inner = started(f, &a);
    struct co_task *outer = co_start(co_create(f->loop, await_it, inner, "outer"));

    nap(self, 1);
    co_cancel(outer);
    RESULT(co_join(self, outer));
    co_release(inner);

    return 0;
}

static int cancel_coroutine(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a"};
    struct co_task *task = task_of(f, &a);

    SAY("%d", co_cancel(task));
    co_release(task);
    (void)self;

    return 0;
}

static int wait_twice(struct co_task *self, void *argument)
{
    struct fixture *f = ((void **)argument)[0];
    struct co_event *event = ((void **)argument)[1];
    int error = co_event_wait(self, event);

    RESULT(error);
    error = co_event_wait(self, event);
    RESULT(error);
    return error;
}

static int cancel_woken(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_event event;
    struct co_task *task;

    co_event_init(&event, f->loop);
    task = co_start(co_create(f->loop, wait_twice, (void *[]){f, &event}, "a"));
    nap(self, 1);
    co_event_set(&event);
    co_event_clear(&event);
    co_cancel(task);
    RESULT(co_join(self, task));

    return 0;
}

static int never_awaited(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "fetch-user-7"};
    struct co_task *task = task_of(f, &a);

    (void)task;
    (void)self;

    return 0;
}

static int never_retrieved(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "x", .result = UV_EIO};

    co_release(started(f, &a));
    nap(self, 1);
    SAY("end");

    return 0;
}

static int retrieved_is_quiet(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "x", .result = UV_EIO};

    RESULT(co_join(self, started(f, &a)));

    return 0;
}

static int cancelled_is_quiet(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "x", .sleep = 10000};
    struct co_task *task = started(f, &a);

    nap(self, 1);
    co_cancel(task);
    co_release(task);
    nap(self, 1);
    SAY("end");

    return 0;
}

static int sleep_zero(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a"}, b = {.name = "b"};
    struct co_task *first = started(f, &a), *second = started(f, &b);

    RESULT(co_sleep(self, 0));
    SAY("main");
    RESULT(co_join(self, first));
    RESULT(co_join(self, second));

    return 0;
}

static int yield_once(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    int error = co_yield (self);

    RESULT(error);
    return error;
}

static int yield_cancelled(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task *task = co_start(co_create(f->loop, yield_once, f, "a"));

    RESULT(co_yield (self));
    co_cancel(task);
    RESULT(co_join(self, task));

    return 0;
}

static int sleep_order(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 9}, b = {.name = "b", .sleep = 3},
                 c = {.name = "c", .sleep = 6};
    struct co_task *tasks[] = {task_of(f, &a), task_of(f, &b), task_of(f, &c)};

    RESULT(co_gather(self, tasks, 3, NULL, CO_FIRST_ERROR));
    for (size_t i = 0; i < 3; i++)
        co_release(tasks[i]);

    return 0;
}

static int run_cancels_rest(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    static struct actor a = {.name = "a", .sleep = 10000, .cleanup = 2};

    co_release(started(f, &a));
    nap(self, 1);
    SAY("end");

    return 0;
}

static int deadlock_named(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_event event;

    co_event_init(&event, f->loop);
    RESULT(co_event_wait(self, &event));

    return 0;
}

static int shield_it(struct co_task *self, void *task)
{
    return co_shield(self, task);
}

static int shield_outer_cancelled(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 6, .result = 8};
    struct co_task *inner = started(f, &a);
    struct co_task *outer = co_start(co_create(f->loop, shield_it, inner, "outer"));

    nap(self, 1);
    co_cancel(outer);
    RESULT(co_join(self, outer));
    RESULT(co_join(self, inner));

    return 0;
}

static int shield_result(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 1, .result = 8};
    struct co_task *inner = task_of(f, &a);

    RESULT(co_shield(self, inner));
    co_release(inner);

    return 0;
}

static int shield_inner_cancelled(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 10000};
    struct co_task *inner = started(f, &a);
    struct co_task *outer = co_start(co_create(f->loop, shield_it, inner, "outer"));

    nap(self, 1);
    co_cancel(inner);
    RESULT(co_join(self, outer));
    co_release(inner);

    return 0;
}

static int shield_error_unseen(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 4, .result = UV_EIO};
    struct co_task *inner = started(f, &a);
    struct co_task *outer = co_start(co_create(f->loop, shield_it, inner, "outer"));

    nap(self, 1);
    co_cancel(outer);
    RESULT(co_join(self, outer));
    RESULT(co_wait(self, inner));
    co_release(inner);

    return 0;
}

#define RELEASE(tasks)                                                                             \
    do {                                                                                           \
        for (size_t k = 0; k < LENGTH(tasks); k++)                                                 \
            co_release((tasks)[k]);                                                                \
    } while (0)

static int gather_order(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 4, .result = 1}, b = {.name = "b", .result = 2};
    struct co_task *tasks[] = {task_of(f, &a), task_of(f, &b)};
    int outcomes[2];

    RESULT(co_gather(self, tasks, 2, outcomes, CO_FIRST_ERROR));
    SAY("%d %d", outcomes[0], outcomes[1]);
    RELEASE(tasks);

    return 0;
}

static int gather_empty(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    RESULT(co_gather(self, NULL, 0, NULL, CO_FIRST_ERROR));
    SAY("now");

    return 0;
}

static int gather_first_error(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 6}, b = {.name = "b", .result = UV_EIO};
    struct co_task *tasks[] = {task_of(f, &a), task_of(f, &b)};

    RESULT(co_gather(self, tasks, 2, NULL, CO_FIRST_ERROR));
    RESULT(co_await (self, tasks[0]));
    RELEASE(tasks);

    return 0;
}

static int gather_first_in_time(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 6, .result = UV_EPROTO},
                 b = {.name = "b", .result = UV_EIO};
    struct co_task *tasks[] = {task_of(f, &a), task_of(f, &b)};

    RESULT(co_gather(self, tasks, 2, NULL, CO_FIRST_ERROR));
    RESULT(co_await (self, tasks[0]));
    RELEASE(tasks);

    return 0;
}

static int gather_later_error(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 3, .result = UV_EPROTO},
                 b = {.name = "b", .result = UV_EIO};
    struct co_task *tasks[] = {task_of(f, &a), task_of(f, &b)};

    RESULT(co_gather(self, tasks, 2, NULL, CO_FIRST_ERROR));
    RESULT(co_wait(self, tasks[0]));
    RELEASE(tasks);

    return 0;
}

static int gather_all(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 2, .result = 1}, b = {.name = "b", .result = UV_EIO};
    struct co_task *tasks[] = {task_of(f, &a), task_of(f, &b)};
    int outcomes[2];

    RESULT(co_gather(self, tasks, 2, outcomes, CO_ALL_OUTCOMES));
    RESULT(outcomes[0]);
    RESULT(outcomes[1]);
    RELEASE(tasks);

    return 0;
}

static int cancel_soon(struct co_task *self, void *task)
{
    int error = co_sleep(self, UNIT);

    co_cancel(task);
    return error;
}

static int gather_child_cancelled(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 10000}, b = {.name = "b", .sleep = 4};
    struct co_task *tasks[] = {started(f, &a), started(f, &b)};
    struct co_task *cancel = co_start(co_create(f->loop, cancel_soon, tasks[0], "cancel"));

    RESULT(co_gather(self, tasks, 2, NULL, CO_FIRST_ERROR));
    RESULT(co_await (self, tasks[1]));
    RESULT(co_join(self, cancel));
    RELEASE(tasks);

    return 0;
}

static int gather_all_child_cancelled(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 10000}, b = {.name = "b", .sleep = 3};
    struct co_task *tasks[] = {started(f, &a), started(f, &b)};
    struct co_task *cancel = co_start(co_create(f->loop, cancel_soon, tasks[0], "cancel"));
    int outcomes[2];

    RESULT(co_gather(self, tasks, 2, outcomes, CO_ALL_OUTCOMES));
    RESULT(outcomes[0]);
    RESULT(outcomes[1]);
    RESULT(co_join(self, cancel));
    RELEASE(tasks);

    return 0;
}

static int gather_two(struct co_task *self, void *argument)
{
    struct co_task **tasks = argument;

    return co_gather(self, tasks, 2, NULL, CO_FIRST_ERROR);
}

static int gather_two_all(struct co_task *self, void *argument)
{
    struct co_task **tasks = argument;

    return co_gather(self, tasks, 2, NULL, CO_ALL_OUTCOMES);
}

static int gather_cancelled(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 10000}, b = {.name = "b", .sleep = 10000};
    struct co_task *tasks[] = {task_of(f, &a), task_of(f, &b)};
    struct co_task *gather = co_start(co_create(f->loop, gather_two, tasks, "gather"));

    nap(self, 1);
    co_cancel(gather);
    RESULT(co_join(self, gather));
    RELEASE(tasks);

    return 0;
}

static int gather_cancelled_waits(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 10000}, b = {.name = "b", .sleep = 10000, .cleanup = 3};
    struct co_task *tasks[] = {task_of(f, &a), task_of(f, &b)};
    struct co_task *gather = co_start(co_create(f->loop, gather_two, tasks, "gather"));

    nap(self, 1);
    co_cancel(gather);
    RESULT(co_join(self, gather));
    RELEASE(tasks);

    return 0;
}

static int gather_all_cancelled(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 10000}, b = {.name = "b", .sleep = 10000, .cleanup = 3};
    struct co_task *tasks[] = {task_of(f, &a), task_of(f, &b)};
    struct co_task *gather = co_start(co_create(f->loop, gather_two_all, tasks, "gather"));

    nap(self, 1);
    co_cancel(gather);
    RESULT(co_join(self, gather));
    RELEASE(tasks);

    return 0;
}

static int gather_twice_same(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 1, .result = 3};
    struct co_task *task = task_of(f, &a), *tasks[] = {task, task};
    int outcomes[2];

    RESULT(co_gather(self, tasks, 2, outcomes, CO_FIRST_ERROR));
    SAY("%d %d", outcomes[0], outcomes[1]);
    co_release(task);

    return 0;
}

static int gather_done(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .result = 3};
    struct co_task *tasks[] = {started(f, &a)};
    int outcomes[1];

    nap(self, 1);
    RESULT(co_gather(self, tasks, 1, outcomes, CO_FIRST_ERROR));
    SAY("%d", outcomes[0]);
    RELEASE(tasks);

    return 0;
}

static int group_waits(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {f, "a", .sleep = 3, .result = 1}, b = {f, "b", .result = 2};
    struct co_group group;
    struct co_task *first, *second;
    int result;

    co_group_begin(self, &group);
    first = co_group_start(&group, act, &a, "a");
    second = co_group_start(&group, act, &b, "b");
    RESULT(co_group_end(&group, 0));
    RESULT(co_result(first, &result));
    SAY("%d", result);
    RESULT(co_result(second, &result));
    SAY("%d", result);
    co_group_term(&group);

    return 0;
}

static int group_empty(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_group group;

    co_group_begin(self, &group);
    RESULT(co_group_end(&group, 0));
    for (struct co_group_error *e = group.errors; e != NULL; e = e->next)
        SAY("%s:%s", e->name, text_of(e->error));
    co_group_term(&group);

    return 0;
}

static int group_error_cancels(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {f, "a", .sleep = 10000}, b = {f, "b", .sleep = 1, .result = UV_EIO};
    struct co_group group;

    co_group_begin(self, &group);
    co_group_start(&group, act, &a, "a");
    co_group_start(&group, act, &b, "b");
    RESULT(co_group_end(&group, 0));
    for (struct co_group_error *e = group.errors; e != NULL; e = e->next)
        SAY("%s:%s", e->name, text_of(e->error));
    co_group_term(&group);

    return 0;
}

static int group_all_errors(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {f, "a", .sleep = 10000, .result = UV_EPROTO, .stubborn = true},
                 b = {f, "b", .sleep = 1, .result = UV_EIO};
    struct co_group group;

    co_group_begin(self, &group);
    co_group_start(&group, act, &a, "a");
    co_group_start(&group, act, &b, "b");
    RESULT(co_group_end(&group, 0));
    for (struct co_group_error *e = group.errors; e != NULL; e = e->next)
        SAY("%s:%s", e->name, text_of(e->error));
    co_group_term(&group);

    return 0;
}

static int group_body_error(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {f, "a", .sleep = 10000};
    struct co_group group;

    co_group_begin(self, &group);
    co_group_start(&group, act, &a, "a");
    nap(self, 1);
    RESULT(co_group_end(&group, UV_EIO));
    for (struct co_group_error *e = group.errors; e != NULL; e = e->next)
        SAY("%s:%s", e->name, text_of(e->error));
    co_group_term(&group);

    return 0;
}

static int group_body_interrupted(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {f, "a", .sleep = 1, .result = UV_EIO};
    struct co_group group;
    int error;

    co_group_begin(self, &group);
    co_group_start(&group, act, &a, "a");
    error = co_sleep(self, 10000 * UNIT);
    RESULT(error);
    RESULT(co_group_end(&group, error));
    for (struct co_group_error *e = group.errors; e != NULL; e = e->next)
        SAY("%s:%s", e->name, text_of(e->error));
    SAY("%d", co_cancelling(self));
    co_group_term(&group);

    return 0;
}

static int group_cancelled_child(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {f, "a", .sleep = 10000}, b = {f, "b", .sleep = 2};
    struct co_group group;
    struct co_task *first;

    co_group_begin(self, &group);
    first = co_group_start(&group, act, &a, "a");
    co_group_start(&group, act, &b, "b");
    nap(self, 1);
    co_cancel(first);
    RESULT(co_group_end(&group, 0));
    for (struct co_group_error *e = group.errors; e != NULL; e = e->next)
        SAY("%s:%s", e->name, text_of(e->error));
    co_group_term(&group);

    return 0;
}

/* A group with one actor, as a task. */
static int group_of_one(struct co_task *self, void *argument)
{
    struct actor *actor = argument;
    struct co_group group;
    int error;

    co_group_begin(self, &group);
    co_group_start(&group, act, actor, "%s", actor->name);
    error = co_group_end(&group, 0);
    trace_say(&actor->fixture->trace, "(%s)", text_of(error));
    co_group_term(&group);
    return error;
}

static int group_cancelled_in_join(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {f, "a", .sleep = 10000};
    struct co_task *task = co_start(co_create(f->loop, group_of_one, &a, "group"));

    nap(self, 1);
    co_cancel(task);
    RESULT(co_join(self, task));

    return 0;
}

static int group_nested_error(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {f, "a", .sleep = 1, .result = UV_EIO}, b = {f, "b", .sleep = 10000};
    struct co_group group;

    co_group_begin(self, &group);
    co_group_start(&group, group_of_one, &a, "inner");
    co_group_start(&group, act, &b, "b");
    RESULT(co_group_end(&group, 0));
    SAY("%s:%zu", group.errors->name, group.error_count);
    co_group_term(&group);

    return 0;
}

static int group_nested_cancel(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {f, "a", .sleep = 10000}, b = {f, "b", .sleep = 1, .result = UV_EIO};
    struct co_group group;

    co_group_begin(self, &group);
    co_group_start(&group, group_of_one, &a, "inner");
    co_group_start(&group, act, &b, "b");
    RESULT(co_group_end(&group, 0));
    co_group_term(&group);

    return 0;
}

static int start_another(struct co_task *self, void *argument)
{
    static struct actor b;
    struct fixture *f = ((void **)argument)[0];
    int error = co_sleep(self, UNIT);

    b = (struct actor){f, "b", .sleep = 1};
    SAY("first");
    co_group_start(((void **)argument)[1], act, &b, "b");
    return error;
}

static int group_start_in_join(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_group group;
    void *both[] = {f, &group};

    co_group_begin(self, &group);
    co_group_start(&group, start_another, both, "a");
    RESULT(co_group_end(&group, 0));
    co_group_term(&group);

    return 0;
}

static int group_start_after_end(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.fixture = f, .name = "a"};
    struct co_group group;

    co_group_begin(self, &group);
    RESULT(co_group_end(&group, 0));
    SAY("%d", co_group_start(&group, act, &a, "a") == NULL);
    co_group_term(&group);

    return 0;
}

static int group_start_aborting(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {f, "a", .result = UV_EIO}, b = {.fixture = f, .name = "b"};
    struct co_group group;
    int error;

    co_group_begin(self, &group);
    co_group_start(&group, act, &a, "a");
    error = co_sleep(self, 10000 * UNIT);
    SAY("%d", co_group_start(&group, act, &b, "b") == NULL);
    RESULT(co_group_end(&group, error));
    co_group_term(&group);

    return 0;
}

static int group_then_sleep(struct co_task *self, void *argument)
{
    struct actor *actor = argument;
    int error = group_of_one(self, actor);

    if (error == UV_EIO)
        error = co_sleep(self, 10000 * UNIT);
    trace_say(&actor->fixture->trace, "%s", text_of(error));
    return error;
}

static int group_cancel_and_error(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {f, "a", .sleep = 10000, .result = UV_EIO, .stubborn = true};
    struct co_task *task = co_start(co_create(f->loop, group_then_sleep, &a, "group"));

    nap(self, 1);
    co_cancel(task);
    RESULT(co_join(self, task));

    return 0;
}

static int group_member_released(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {f, "a", .sleep = 1};
    struct co_group group;

    co_group_begin(self, &group);
    co_group_start(&group, act, &a, "a");
    SAY("none kept");
    RESULT(co_group_end(&group, 0));
    co_group_term(&group);

    return 0;
}

static int group_cancel_explicit(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {f, "a", .sleep = 10000}, b = {f, "b", .sleep = 10000};
    struct co_group group;

    co_group_begin(self, &group);
    co_group_start(&group, act, &a, "a");
    co_group_start(&group, act, &b, "b");
    nap(self, 1);
    co_group_cancel(&group);
    RESULT(co_group_end(&group, 0));
    co_group_term(&group);

    return 0;
}

static int timeout_expires(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_timeout timeout;
    int error;

    co_timeout_begin(self, &timeout, UNIT);
    error = co_sleep(self, 10000 * UNIT);
    RESULT(error);
    RESULT(co_timeout_end(&timeout, error));
    SAY("%d %d", timeout.expired, co_cancelling(self));
    RESULT(co_sleep(self, UNIT));

    return 0;
}

static int timeout_in_time(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_timeout timeout;

    co_timeout_begin(self, &timeout, 10000 * UNIT);
    RESULT(co_timeout_end(&timeout, co_sleep(self, UNIT)));
    SAY("%d", timeout.expired);

    return 0;
}

static int timeout_nested_inner(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_timeout outer, inner;

    co_timeout_begin(self, &outer, 10000 * UNIT);
    co_timeout_begin(self, &inner, UNIT);
    RESULT(co_timeout_end(&inner, co_sleep(self, 10000 * UNIT)));
    RESULT(co_timeout_end(&outer, co_sleep(self, UNIT)));

    return 0;
}

static int timeout_nested_outer(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_timeout outer, inner;
    int error;

    co_timeout_begin(self, &outer, UNIT);
    co_timeout_begin(self, &inner, 10000 * UNIT);
    error = co_timeout_end(&inner, co_sleep(self, 10000 * UNIT));
    RESULT(error);
    RESULT(co_timeout_end(&outer, error));

    return 0;
}

static int timeout_both(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_timeout outer, inner;
    uint64_t due_ns = co_now_ns(f->loop) + UNIT;
    int error;

    co_timeout_begin(self, &outer, 10000 * UNIT);
    co_timeout_begin(self, &inner, 10000 * UNIT);
    co_timeout_move(&outer, due_ns);
    co_timeout_move(&inner, due_ns);
    error = co_timeout_end(&inner, co_sleep(self, 10000 * UNIT));
    RESULT(error);
    RESULT(co_timeout_end(&outer, error));
    SAY("%d", co_cancelling(self));

    return 0;
}

static int sleep_in_timeout(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_timeout timeout;
    int error;

    co_timeout_begin(self, &timeout, 10000 * UNIT);
    error = co_timeout_end(&timeout, co_sleep(self, 20000 * UNIT));
    RESULT(error);
    return error;
}

static int timeout_cancelled(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task *task = co_start(co_create(f->loop, sleep_in_timeout, f, "a"));

    nap(self, 1);
    co_cancel(task);
    RESULT(co_join(self, task));

    return 0;
}

static int timeout_later(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_timeout timeout;

    co_timeout_begin(self, &timeout, 2 * UNIT);
    co_timeout_move(&timeout, co_now_ns(f->loop) + 10000 * UNIT);
    RESULT(co_timeout_end(&timeout, co_sleep(self, 4 * UNIT)));

    return 0;
}

static int timeout_off(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_timeout timeout;

    co_timeout_begin(self, &timeout, UNIT);
    co_timeout_move(&timeout, UINT64_MAX);
    RESULT(co_timeout_end(&timeout, co_sleep(self, 4 * UNIT)));

    return 0;
}

static int timeout_past(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_timeout timeout;

    co_timeout_begin(self, &timeout, 0);
    SAY("on");
    RESULT(co_timeout_end(&timeout, co_sleep(self, 10000 * UNIT)));

    return 0;
}

static int timeout_no_wait(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_timeout timeout;

    co_timeout_begin(self, &timeout, 0);
    RESULT(co_timeout_end(&timeout, 5));
    RESULT(co_sleep(self, UNIT));

    return 0;
}

static int timeout_other_error(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {f, "a", .sleep = 10000, .result = UV_EIO, .stubborn = true};
    struct co_timeout timeout;
    int error;

    co_timeout_begin(self, &timeout, UNIT);
    error = co_join(self, task_of(f, &a));
    RESULT(co_timeout_end(&timeout, error));
    RESULT(co_sleep(self, UNIT));

    return 0;
}

static int wait_for_result(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {f, "a", .sleep = 1, .result = 5};
    struct co_task *task = task_of(f, &a);

    RESULT(co_await_for(self, task, 10000 * UNIT));
    co_release(task);

    return 0;
}

static int wait_for_timeout(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {f, "a", .sleep = 10000, .cleanup = 2};
    struct co_task *task = started(f, &a);

    RESULT(co_await_for(self, task, UNIT));
    SAY("%d", co_is_cancelled(task));
    co_release(task);

    return 0;
}

static int wait_for_swallowed(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {f, "a", .sleep = 10000, .result = 5, .stubborn = true};
    struct co_task *task = started(f, &a);

    RESULT(co_await_for(self, task, UNIT));
    co_release(task);

    return 0;
}

struct holder {
    struct fixture *fixture;
    struct co_semaphore *semaphore;
    const char *name;
    uint64_t hold;
};

static int hold(struct co_task *self, void *argument)
{
    struct holder *holder = argument;
    int error = co_semaphore_acquire(self, holder->semaphore);

    trace_say(&holder->fixture->trace, "%s%s", holder->name, error == 0 ? "+" : "!");
    if (error < 0)
        return error;
    error = co_sleep(self, holder->hold * UNIT);
    co_semaphore_release(holder->semaphore);
    return error;
}

static int semaphore_fifo(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_semaphore s;
    struct holder holders[] = {{f, &s, "a", 1}, {f, &s, "b", 1}, {f, &s, "c", 1}};
    struct co_task *tasks[3];

    co_semaphore_init(&s, f->loop, 1);
    for (size_t i = 0; i < 3; i++)
        tasks[i] = co_create(f->loop, hold, &holders[i], NULL);
    RESULT(co_gather(self, tasks, 3, NULL, CO_FIRST_ERROR));
    SAY("%zu", s.permits);
    RELEASE(tasks);

    return 0;
}

static int semaphore_locked(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_semaphore s;

    co_semaphore_init(&s, f->loop, 1);
    SAY("%d", co_semaphore_try(&s));
    SAY("%d", co_semaphore_try(&s));
    co_semaphore_release(&s);
    SAY("%d", co_semaphore_try(&s));
    (void)self;

    return 0;
}

static int semaphore_no_overtaking(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_semaphore s;
    struct holder a = {f, &s, "a", 1};
    struct co_task *task;

    co_semaphore_init(&s, f->loop, 0);
    task = co_start(co_create(f->loop, hold, &a, NULL));
    nap(self, 1);
    co_semaphore_release(&s);
    SAY("%d", co_semaphore_try(&s));
    RESULT(co_join(self, task));

    return 0;
}

static int semaphore_cancelled_waiter(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_semaphore s;
    struct holder a = {f, &s, "a", 1}, b = {f, &s, "b", 1};
    struct co_task *first, *second;

    co_semaphore_init(&s, f->loop, 0);
    first = co_start(co_create(f->loop, hold, &a, NULL));
    second = co_start(co_create(f->loop, hold, &b, NULL));
    nap(self, 1);
    co_cancel(first);
    co_semaphore_release(&s);
    RESULT(co_join(self, first));
    RESULT(co_join(self, second));
    SAY("%zu", s.permits);

    return 0;
}

static int semaphore_woken_and_cancelled(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_semaphore s;
    struct holder a = {f, &s, "a", 10000}, b = {f, &s, "b", 1};
    struct co_task *first, *second;

    co_semaphore_init(&s, f->loop, 0);
    first = co_start(co_create(f->loop, hold, &a, NULL));
    second = co_start(co_create(f->loop, hold, &b, NULL));
    nap(self, 1);
    co_semaphore_release(&s);
    co_cancel(first);
    RESULT(co_join(self, first));
    RESULT(co_join(self, second));
    SAY("%zu", s.permits);

    return 0;
}

static int semaphore_above(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_semaphore s;

    co_semaphore_init(&s, f->loop, 1);
    co_semaphore_release(&s);
    SAY("%zu", s.permits);
    (void)self;

    return 0;
}

static int semaphore_start_with(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {f, "a", .sleep = 1}, b = {f, "b", .sleep = 1},
                 c = {.fixture = f, .name = "c"};
    struct co_semaphore s;
    struct co_task *tasks[3];

    co_semaphore_init(&s, f->loop, 1);
    tasks[0] = co_start_with(task_of(f, &a), &s);
    tasks[1] = co_start_with(task_of(f, &b), &s);
    tasks[2] = co_start_with(task_of(f, &c), &s);
    co_cancel(tasks[1]);
    RESULT(co_gather(self, tasks, 3, NULL, CO_ALL_OUTCOMES));
    SAY("%zu %d", s.permits, co_is_cancelled(tasks[1]));
    RELEASE(tasks);

    return 0;
}

static char items[8][2] = {"1", "2", "3", "4", "5", "6", "7", "8"};

struct user {
    struct fixture *fixture;
    struct co_queue *queue;
    const char *name;
};

static int get_one(struct co_task *self, void *argument)
{
    struct user *user = argument;
    void *item = NULL;
    int error = co_queue_get(self, user->queue, &item);

    trace_say(&user->fixture->trace, "%s:%s", user->name,
              error == 0 ? (char *)item : text_of(error));
    return error;
}

static int put_one(struct co_task *self, void *argument)
{
    struct user *user = argument;
    int error = co_queue_put(self, user->queue, items[7]);

    trace_say(&user->fixture->trace, "%s:%s", user->name, text_of(error));
    return error;
}

static int queue_fifo(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_queue q;
    void *item;

    co_queue_init(&q, f->loop, 0);
    for (int i = 0; i < 3; i++)
        RESULT(co_queue_put(self, &q, items[i]));
    while (co_queue_get_now(&q, &item) == 0)
        SAY("%s", (char *)item);
    co_queue_term(&q);

    return 0;
}

static int queue_get_waits(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_queue q;
    struct user a = {f, &q, "a"}, b = {f, &q, "b"};
    struct co_task *tasks[2];

    co_queue_init(&q, f->loop, 0);
    tasks[0] = co_start(co_create(f->loop, get_one, &a, NULL));
    tasks[1] = co_start(co_create(f->loop, get_one, &b, NULL));
    nap(self, 1);
    SAY("put");
    RESULT(co_queue_put_now(&q, items[0]));
    RESULT(co_queue_put_now(&q, items[1]));
    RESULT(co_gather(self, tasks, 2, NULL, CO_FIRST_ERROR));
    RELEASE(tasks);
    co_queue_term(&q);

    return 0;
}

static int queue_put_waits(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_queue q;
    struct user a = {f, &q, "a"};
    struct co_task *task;
    void *item;

    co_queue_init(&q, f->loop, 1);
    RESULT(co_queue_put(self, &q, items[0]));
    task = co_start(co_create(f->loop, put_one, &a, NULL));
    nap(self, 1);
    SAY("get");
    RESULT(co_queue_get(self, &q, &item));
    SAY("%s", (char *)item);
    RESULT(co_join(self, task));
    RESULT(co_queue_get(self, &q, &item));
    SAY("%s", (char *)item);
    co_queue_term(&q);

    return 0;
}

static int queue_cancelled_getter(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_queue q;
    struct user a = {f, &q, "a"}, b = {f, &q, "b"};
    struct co_task *first, *second;

    co_queue_init(&q, f->loop, 0);
    first = co_start(co_create(f->loop, get_one, &a, NULL));
    second = co_start(co_create(f->loop, get_one, &b, NULL));
    nap(self, 1);
    co_cancel(first);
    RESULT(co_queue_put_now(&q, items[0]));
    RESULT(co_join(self, first));
    RESULT(co_join(self, second));
    co_queue_term(&q);

    return 0;
}

static int queue_getter_woken_and_cancelled(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_queue q;
    struct user a = {f, &q, "a"};
    struct co_task *first;

    co_queue_init(&q, f->loop, 0);
    first = co_start(co_create(f->loop, get_one, &a, NULL));
    nap(self, 1);
    RESULT(co_queue_put_now(&q, items[0]));
    co_cancel(first);
    RESULT(co_join(self, first));
    SAY("%zu", q.count);
    co_queue_term(&q);

    return 0;
}

static int queue_cancelled_putter(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_queue q;
    struct user a = {f, &q, "a"};
    struct co_task *task;
    void *item;

    co_queue_init(&q, f->loop, 1);
    RESULT(co_queue_put_now(&q, items[0]));
    task = co_start(co_create(f->loop, put_one, &a, NULL));
    nap(self, 1);
    co_cancel(task);
    RESULT(co_join(self, task));
    RESULT(co_queue_get_now(&q, &item));
    RESULT(co_queue_get_now(&q, &item));
    co_queue_term(&q);

    return 0;
}

static int queue_nowait(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_queue q;
    void *item;

    co_queue_init(&q, f->loop, 1);
    RESULT(co_queue_get_now(&q, &item));
    RESULT(co_queue_put_now(&q, items[0]));
    RESULT(co_queue_put_now(&q, items[1]));
    co_queue_term(&q);
    (void)self;

    return 0;
}

static int do_two(struct co_task *self, void *argument)
{
    struct fixture *f = ((void **)argument)[0];
    struct co_queue *queue = ((void **)argument)[1];
    void *item;

    for (int i = 0; i < 2; i++) {
        int error = co_queue_get(self, queue, &item);

        if (error == 0)
            error = co_sleep(self, UNIT);
        if (error == 0)
            error = co_queue_done(queue);
        SAY("%s", error == 0 ? "done" : text_of(error));
    }
    return 0;
}

static int queue_join(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_queue q;
    struct co_task *task;

    co_queue_init(&q, f->loop, 0);
    RESULT(co_queue_put_now(&q, items[0]));
    RESULT(co_queue_put_now(&q, items[1]));
    task = co_start(co_create(f->loop, do_two, (void *[]){f, &q}, NULL));
    RESULT(co_queue_join(self, &q));
    SAY("joined");
    RESULT(co_join(self, task));
    co_queue_term(&q);

    return 0;
}

static int queue_join_empty(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_queue q;

    co_queue_init(&q, f->loop, 0);
    RESULT(co_queue_join(self, &q));
    co_queue_term(&q);

    return 0;
}

static int queue_done_too_often(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_queue q;

    co_queue_init(&q, f->loop, 0);
    RESULT(co_queue_done(&q));
    co_queue_term(&q);
    (void)self;

    return 0;
}

static int queue_closed(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_queue q;
    void *item;

    co_queue_init(&q, f->loop, 0);
    RESULT(co_queue_put_now(&q, items[0]));
    co_queue_close(&q);
    RESULT(co_queue_put(self, &q, items[1]));
    RESULT(co_queue_get(self, &q, &item));
    RESULT(co_queue_get(self, &q, &item));
    co_queue_term(&q);

    return 0;
}

static int queue_closed_waiters(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_queue empty, full;
    struct user a = {f, &empty, "a"}, b = {f, &full, "b"};
    struct co_task *tasks[2];
    int outcomes[2];

    co_queue_init(&empty, f->loop, 0);
    co_queue_init(&full, f->loop, 1);
    RESULT(co_queue_put_now(&full, items[0]));
    tasks[0] = co_start(co_create(f->loop, get_one, &a, NULL));
    tasks[1] = co_start(co_create(f->loop, put_one, &b, NULL));
    nap(self, 1);
    co_queue_close(&empty);
    co_queue_close(&full);
    RESULT(co_gather(self, tasks, 2, outcomes, CO_ALL_OUTCOMES));
    RELEASE(tasks);
    co_queue_term(&empty);
    co_queue_term(&full);

    return 0;
}

struct listener {
    struct fixture *fixture;
    struct co_event *event;
    struct co_condition *condition;
    const char *name;
};

static int listen_event(struct co_task *self, void *argument)
{
    struct listener *listener = argument;
    int error = co_event_wait(self, listener->event);

    trace_say(&listener->fixture->trace, "%s%s", listener->name, error == 0 ? "" : "!");
    return error;
}

static int listen_condition(struct co_task *self, void *argument)
{
    struct listener *listener = argument;
    struct co_semaphore *lock = listener->condition->lock;
    int error = co_semaphore_acquire(self, lock);

    if (error < 0)
        return error;
    error = co_condition_wait(self, listener->condition);
    trace_say(&listener->fixture->trace, "%s%s%zu", listener->name, error == 0 ? "" : "!",
              lock->permits);
    co_semaphore_release(lock);
    return error;
}

static int event_wakes_all(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_event event;
    struct listener a = {f, &event, NULL, "a"}, b = {f, &event, NULL, "b"};
    struct co_task *tasks[2];

    co_event_init(&event, f->loop);
    tasks[0] = co_start(co_create(f->loop, listen_event, &a, NULL));
    tasks[1] = co_start(co_create(f->loop, listen_event, &b, NULL));
    nap(self, 1);
    SAY("set");
    co_event_set(&event);
    RESULT(co_event_wait(self, &event));
    RESULT(co_gather(self, tasks, 2, NULL, CO_FIRST_ERROR));
    co_event_clear(&event);
    SAY("%d", event.is_set);
    RELEASE(tasks);

    return 0;
}

static int condition_notify(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_semaphore lock;
    struct co_condition condition;
    struct listener a = {f, NULL, &condition, "a"}, b = {f, NULL, &condition, "b"};
    struct co_task *tasks[2];

    co_semaphore_init(&lock, f->loop, 1);
    co_condition_init(&condition, &lock);
    tasks[0] = co_start(co_create(f->loop, listen_condition, &a, NULL));
    tasks[1] = co_start(co_create(f->loop, listen_condition, &b, NULL));
    nap(self, 1);
    co_condition_notify(&condition, 1);
    nap(self, 1);
    SAY("all");
    co_condition_notify(&condition, SIZE_MAX);
    RESULT(co_gather(self, tasks, 2, NULL, CO_FIRST_ERROR));
    RELEASE(tasks);

    return 0;
}

static int condition_cancelled(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_semaphore lock;
    struct co_condition condition;
    struct listener a = {f, NULL, &condition, "a"};
    struct co_task *task;

    co_semaphore_init(&lock, f->loop, 1);
    co_condition_init(&condition, &lock);
    task = co_start(co_create(f->loop, listen_condition, &a, NULL));
    nap(self, 1);
    SAY("%d", co_semaphore_try(&lock));
    co_cancel(task);
    nap(self, 1);
    SAY("held");
    co_semaphore_release(&lock);
    RESULT(co_join(self, task));
    SAY("%zu", lock.permits);

    return 0;
}

static int work_a_while(void *argument)
{
    (void)argument;
    clock_sleep_until(clock_ns() + 20 * UNIT);
    return 11;
}

static int fail_at_once(void *argument)
{
    (void)argument;
    return UV_EIO;
}

static int offload(struct co_task *self, void *work)
{
    int (*function)(void *) = *(int (**)(void *))work;

    return co_offload(self, function, NULL);
}

static int offload_result(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct actor a = {.name = "a", .sleep = 1};
    struct co_task *task = started(f, &a);

    RESULT(co_offload(self, work_a_while, NULL));
    RESULT(co_join(self, task));

    return 0;
}

static int offload_error(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    RESULT(co_offload(self, fail_at_once, NULL));

    return 0;
}

static int offload_cancel_waiting(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    int (*work)(void *) = work_a_while, (*never)(void *) = fail_at_once;
    struct co_task *tasks[9];

    for (size_t i = 0; i < LENGTH(tasks); i++)
        tasks[i] = co_start(co_create(f->loop, offload, i < 8 ? &work : &never, NULL));
    nap(self, 1);
    co_cancel(tasks[8]);
    RESULT(co_await (self, tasks[8]));
    RESULT(co_gather(self, tasks, 8, NULL, CO_FIRST_ERROR));
    RELEASE(tasks);

    return 0;
}

static int offload_cancel_running(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    int (*work)(void *) = work_a_while;
    struct co_task *task = co_start(co_create(f->loop, offload, &work, NULL));

    nap(self, 8);
    co_cancel(task);
    RESULT(co_join(self, task));

    return 0;
}

/* ---- The table ---------------------------------------------------------------------------- */

struct statement {
    const char *name;
    const char *asyncio;  /* what asyncio does */
    const char *ours;     /* what is done here instead; NULL: the same */
    co_body *body;        /* a program that shows it */
    const char *trace;    /* what it leaves behind */
    const char *warnings; /* what co says */
};

static const struct statement statements[] = {
    {"coroutine_waits", "calling a coroutine function runs nothing until it is awaited", NULL,
     coroutine_waits, "now a+ a- =7", ""},
    {"await_runs_inline",
     "awaiting a coroutine runs it at once, before tasks that were started earlier", NULL,
     await_runs_inline, "b+ a+ a- b- =0 =0", ""},
    {"task_starts_later", "a new task first runs when the running one suspends", NULL,
     task_starts_later, "main a+ a- =0", ""},
    {"tasks_start_in_order", "tasks start in the order in which they were made", NULL,
     tasks_start_in_order, "a+ b+ a- b- =0 =0", ""},
    {"result_too_early", "the result of a task that is not done raises InvalidStateError", NULL,
     result_too_early, "=busy a+ a- =0 =0 =3", ""},
    {"await_done", "awaiting a task that is done gives its result without suspending", NULL,
     await_done, "a+ a- =4 first b+ b- =0", ""},
    {"many_await_one", "any number of tasks may await the same task, each gets the result", NULL,
     many_await_one, "a+ a- =5 =5 =5", ""},
    {"await_itself", "a task that awaits itself gets an error", NULL, await_itself, "=deadlock",
     ""},
    {"error_propagates", "an exception of a task is raised where it is awaited", NULL,
     error_propagates, "a+ a- =EIO", ""},
    {"cancel_before_start", "a task cancelled before its first step never runs its body", NULL,
     cancel_before_start, "1 =cancelled", ""},
    {"cancel_before_start_drops", "a task cancelled before its first step frees its arguments",
     NULL, cancel_before_start_drops, "=cancelled", ""},
    {"cancel_asleep", "cancel() raises CancelledError where the task waits", NULL, cancel_asleep,
     "a+ 1 a! =cancelled 11", ""},
    {"cancel_done", "cancel() of a task that is done returns False and changes nothing", NULL,
     cancel_done, "a+ a- 0 =1", ""},
    {"cancel_swallowed", "a body that catches CancelledError and returns makes the task a success",
     NULL, cancel_swallowed, "a+ a! =6 0", ""},
    {"cancel_cleanup_suspends", "a body may suspend again while it cleans up after CancelledError",
     NULL, cancel_cleanup_suspends, "a+ asked a! =cancelled", ""},
    {"cancel_cleanup_again", "a second cancel() interrupts the cleanup after the first", NULL,
     cancel_cleanup_again, "a+ a? a! =cancelled", ""},
    {"cancel_itself", "a task that cancels itself is interrupted where it next suspends", NULL,
     cancel_itself, "on =cancelled =cancelled", ""},
    {"cancel_count", "cancelling() counts requests, uncancel() takes one back", NULL, cancel_count,
     "a+ 2 1 0 a! =1", ""},
    {"uncancel_pending", "uncancel() down to 0 also takes back what is not delivered yet", NULL,
     uncancel_pending, "0 =0", ""},
    {"cancel_goes_inward", "cancelling a task cancels the task that it awaits", NULL,
     cancel_goes_inward, "a+ a! =cancelled 1", ""},
    {"cancel_inward_swallowed",
     "where the awaited task swallows the cancellation, its result is that of await", NULL,
     cancel_inward_swallowed, "a+ a! =9", ""},
    {"cancel_coroutine", "close() ends a coroutine that never ran, without a warning", NULL,
     cancel_coroutine, "1", ""},
    {"cancel_woken",
     "a task that was woken and is cancelled before it runs gets CancelledError at once",
     "what it waited for has come, so it goes on, and is interrupted where it suspends next",
     cancel_woken, "=0 =cancelled =cancelled", ""},
    {"never_awaited", "a coroutine that is never awaited is reported",
     "by its name, at the latest when co_run() ends", never_awaited, "",
     "coroutine 'fetch-user-7' was never awaited;"},
    {"never_retrieved", "the exception of a task that nobody looks at is reported",
     "by its name, when the task is released", never_retrieved, "x+ x- end",
     "error of task 'x' was never retrieved: i/o error;"},
    {"retrieved_is_quiet", "an exception that was looked at is not reported", NULL,
     retrieved_is_quiet, "x+ x- =EIO", ""},
    {"cancelled_is_quiet", "a cancelled task that nobody looks at is not reported", NULL,
     cancelled_is_quiet, "x+ x! end", ""},
    {"sleep_zero", "sleep(0) lets every other ready task run once", NULL, sleep_zero,
     "a+ b+ =0 main a- b- =0 =0", ""},
    {"yield_cancelled", "a task in sleep(0) can be cancelled", NULL, yield_cancelled,
     "=0 =cancelled =cancelled", ""},
    {"sleep_order", "sleeping tasks wake in the order of their times", NULL, sleep_order,
     "a+ b+ c+ b- c- a- =0", ""},
    {"run_cancels_rest", "run() cancels what is left when main ends, and waits for its cleanup",
     NULL, run_cancels_rest, "a+ end a!", ""},
    {"deadlock_named", "tasks that wait for each other for ever wait for ever",
     "they are named and cancelled, and co_run() returns CO_EDEADLK", deadlock_named, "=cancelled",
     "task 'main' waits for something that nobody can do any more;"},
    {"shield_outer_cancelled", "shield(): who waits is cancelled at once, the inner task goes on",
     NULL, shield_outer_cancelled, "a+ =cancelled a- =8", ""},
    {"shield_result", "shield() gives the result of the inner task", NULL, shield_result,
     "a+ a- =8", ""},
    {"shield_inner_cancelled", "shield(): a cancelled inner task cancels who waits", NULL,
     shield_inner_cancelled, "a+ a! =cancelled", ""},
    {"shield_error_unseen",
     "shield(): an error of the inner task that comes after the cancellation is reported", NULL,
     shield_error_unseen, "a+ =cancelled a- =0",
     "error of task 'a' was never retrieved: i/o error;"},
    {"gather_order", "gather(): results come in the order of the arguments", NULL, gather_order,
     "a+ b+ b- a- =0 1 2", ""},
    {"gather_empty", "gather() of nothing is done at once", NULL, gather_empty, "=0 now", ""},
    {"gather_first_error", "gather(): the first exception is raised at once, the others go on",
     NULL, gather_first_error, "a+ b+ b- =EIO a- =0", ""},
    {"gather_first_in_time", "gather(): the first exception in time counts, not the first argument",
     NULL, gather_first_in_time, "a+ b+ b- =EIO a- =EPROTO", ""},
    {"gather_later_error", "gather(): exceptions after the first one are dropped silently",
     "they are named like every error that nobody retrieves", gather_later_error,
     "a+ b+ b- =EIO a- =0", "error of task 'a' was never retrieved: protocol error;"},
    {"gather_all", "gather(return_exceptions=True) waits for all, exceptions are in their slots",
     NULL, gather_all, "a+ b+ b- a- =0 =1 =EIO", ""},
    {"gather_child_cancelled",
     "gather(): a cancelled child counts as one that raised CancelledError", NULL,
     gather_child_cancelled, "a+ b+ a! =cancelled b- =0 =0", ""},
    {"gather_all_child_cancelled",
     "gather(return_exceptions=True): CancelledError of a child is in its slot", NULL,
     gather_all_child_cancelled, "a+ b+ a! b- =0 =cancelled =0 =0", ""},
    {"gather_cancelled", "cancelling gather() cancels all children", NULL, gather_cancelled,
     "a+ b+ a! b! =cancelled", ""},
    {"gather_cancelled_waits", "cancelling gather() ends it with the first child that ends",
     "it ends with the last one, so that none outlives it", gather_cancelled_waits,
     "a+ b+ a! b! =cancelled", ""},
    {"gather_all_cancelled",
     "cancelling gather(return_exceptions=True) raises CancelledError when all have ended", NULL,
     gather_all_cancelled, "a+ b+ a! b! =cancelled", ""},
    {"gather_twice_same",
     "gather(): the same task given twice runs once, its result is in both slots", NULL,
     gather_twice_same, "a+ a- =0 3 3", ""},
    {"gather_done", "gather() of tasks that are done gives their results", NULL, gather_done,
     "a+ a- =0 3", ""},
    {"group_waits", "TaskGroup: the end of the block waits for all tasks", NULL, group_waits,
     "a+ b+ b- a- =0 =0 1 =0 2", ""},
    {"group_empty", "TaskGroup: an empty group ends at once", NULL, group_empty, "=0", ""},
    {"group_error_cancels", "TaskGroup: the first exception cancels the siblings", NULL,
     group_error_cancels, "a+ b+ b- a! =EIO b:EIO", ""},
    {"group_all_errors",
     "TaskGroup: all exceptions are reported, those that siblings raise when cancelled as well",
     NULL, group_all_errors, "a+ b+ b- a! =EIO b:EIO a:EPROTO", ""},
    {"group_body_error",
     "TaskGroup: an exception in the block cancels the tasks and is reported with theirs", NULL,
     group_body_error, "a+ a! =EIO body:EIO", ""},
    {"group_body_interrupted",
     "TaskGroup: an exception of a task interrupts the block where it waits", NULL,
     group_body_interrupted, "a+ a- =cancelled =EIO a:EIO 0", ""},
    {"group_cancelled_child", "TaskGroup: a task that is cancelled by someone is no error", NULL,
     group_cancelled_child, "a+ b+ a! b- =0", ""},
    {"group_cancelled_in_join",
     "TaskGroup: cancelling who waits at the end of the block cancels the tasks", NULL,
     group_cancelled_in_join, "a+ a! (cancelled) =cancelled", ""},
    {"group_nested_error",
     "TaskGroup: an exception of an inner group is an exception of a task of the outer", NULL,
     group_nested_error, "b+ a+ a- (EIO) b! =EIO inner:1", ""},
    {"group_nested_cancel", "TaskGroup: a failing sibling cancels a whole inner group", NULL,
     group_nested_cancel, "b+ a+ b- a! (cancelled) =EIO", ""},
    {"group_start_in_join", "TaskGroup: tasks may be added while the end of the block waits", NULL,
     group_start_in_join, "first b+ b- =0", ""},
    {"group_start_after_end", "TaskGroup: create_task() after the end raises RuntimeError", NULL,
     group_start_after_end, "=0 1", ""},
    {"group_start_aborting",
     "TaskGroup: create_task() in a group that shuts down raises RuntimeError", NULL,
     group_start_aborting, "a+ a- 1 =EIO", ""},
    {"group_cancel_and_error",
     "TaskGroup: where tasks fail while the owner is cancelled, the errors come first", NULL,
     group_cancel_and_error, "a+ a! (EIO) cancelled =cancelled", ""},
    {"group_member_released", "TaskGroup: a task needs no reference of the program to live", NULL,
     group_member_released, "none kept a+ a- =0", ""},
    {"group_cancel_explicit", "trio: a nursery can be cancelled as a whole, and that is no error",
     NULL, group_cancel_explicit, "a+ b+ a! b! =0", ""},
    {"timeout_expires", "timeout(): raises TimeoutError when the time has come", NULL,
     timeout_expires, "=cancelled =timeout 1 0 =0", ""},
    {"timeout_in_time", "timeout(): nothing happens where the block ends in time", NULL,
     timeout_in_time, "=0 0", ""},
    {"timeout_nested_inner",
     "timeout(): of nested ones, the inner one that expires raises, the outer goes on", NULL,
     timeout_nested_inner, "=timeout =0", ""},
    {"timeout_nested_outer",
     "timeout(): of nested ones, the outer one that expires passes through the inner", NULL,
     timeout_nested_outer, "=cancelled =timeout", ""},
    {"timeout_both", "timeout(): where both expire together, the outer one is to blame", NULL,
     timeout_both, "=cancelled =timeout 0", ""},
    {"timeout_cancelled", "timeout(): a cancellation from outside stays CancelledError", NULL,
     timeout_cancelled, "=cancelled =cancelled", ""},
    {"timeout_later", "timeout(): reschedule() can give more time", NULL, timeout_later, "=0", ""},
    {"timeout_off", "timeout(): reschedule(None) takes the deadline away", NULL, timeout_off, "=0",
     ""},
    {"timeout_past", "timeout(): a deadline in the past interrupts the first wait", NULL,
     timeout_past, "on =timeout", ""},
    {"timeout_no_wait", "timeout(): a block that never suspends is not interrupted", NULL,
     timeout_no_wait, "=5 =0", ""},
    {"timeout_other_error", "timeout(): another exception of the block is not replaced", NULL,
     timeout_other_error, "a+ a! =EIO =0", ""},
    {"wait_for_result", "wait_for() gives the result that comes in time", NULL, wait_for_result,
     "a+ a- =5", ""},
    {"wait_for_timeout", "wait_for() cancels the task, waits for its end and raises TimeoutError",
     NULL, wait_for_timeout, "a+ a! =timeout 1", ""},
    {"wait_for_swallowed", "wait_for() gives the result of a task that swallows the cancellation",
     NULL, wait_for_swallowed, "a+ a! =5", ""},
    {"semaphore_fifo", "Semaphore: waiters get permits in the order in which they came", NULL,
     semaphore_fifo, "a+ b+ c+ =0 1", ""},
    {"semaphore_locked", "Semaphore: locked() tells that acquire() would wait", NULL,
     semaphore_locked, "1 0 1", ""},
    {"semaphore_no_overtaking",
     "Semaphore: who comes later cannot take the permit of one who was woken", NULL,
     semaphore_no_overtaking, "0 a+ =0", ""},
    {"semaphore_cancelled_waiter",
     "Semaphore: a waiter that is cancelled leaves the queue, the next gets the permit", NULL,
     semaphore_cancelled_waiter, "a! b+ =cancelled =0 1", ""},
    {"semaphore_woken_and_cancelled",
     "Semaphore: a waiter cancelled after it got the permit passes it on",
     "it keeps the permit, is interrupted where it suspends next, and releases it then",
     semaphore_woken_and_cancelled, "a+ b+ =cancelled =0 1", ""},
    {"semaphore_above", "Semaphore: release() may raise the number of permits above the first",
     NULL, semaphore_above, "2", ""},
    {"semaphore_start_with",
     "(ours only) a task started with a semaphore waits for its permit without a stack",
     "start_with", semaphore_start_with, "a+ a- c+ c- =0 1 1", ""},
    {"queue_fifo", "Queue: items come out in the order in which they went in", NULL, queue_fifo,
     "=0 =0 =0 1 2 3", ""},
    {"queue_get_waits", "Queue: get() of an empty queue waits; getters are served in their order",
     NULL, queue_get_waits, "put =0 =0 a:1 b:2 =0", ""},
    {"queue_put_waits", "Queue: put() into a full queue waits until there is room", NULL,
     queue_put_waits, "=0 get =0 1 a:0 =0 =0 8", ""},
    {"queue_cancelled_getter", "Queue: a cancelled getter loses no item", NULL,
     queue_cancelled_getter, "=0 a:cancelled b:1 =cancelled =0", ""},
    {"queue_getter_woken_and_cancelled",
     "Queue: an item stays in the queue where its getter is woken and cancelled",
     "the getter has it, and is interrupted where it suspends next",
     queue_getter_woken_and_cancelled, "=0 a:1 =0 0", ""},
    {"queue_cancelled_putter", "Queue: a cancelled putter has not put its item", NULL,
     queue_cancelled_putter, "=0 a:cancelled =cancelled =0 =again", ""},
    {"queue_nowait", "Queue: get_nowait() and put_nowait() raise QueueEmpty and QueueFull", NULL,
     queue_nowait, "=again =0 =again", ""},
    {"queue_join", "Queue: join() waits until task_done() was called for each item", NULL,
     queue_join, "=0 =0 done done =0 joined =0", ""},
    {"queue_join_empty", "Queue: join() of a queue that nothing was put into returns at once", NULL,
     queue_join_empty, "=0", ""},
    {"queue_done_too_often", "Queue: task_done() called too often raises ValueError", NULL,
     queue_done_too_often, "=invalid", ""},
    {"queue_closed",
     "Queue: after shutdown() put() raises, get() gives what is left and then raises", NULL,
     queue_closed, "=0 =eof =0 =eof", ""},
    {"queue_closed_waiters", "Queue: shutdown() wakes those who wait", NULL, queue_closed_waiters,
     "=0 a:eof b:eof =0", ""},
    {"event_wakes_all", "Event: set() wakes all waiters; wait() then returns at once until clear()",
     NULL, event_wakes_all, "set =0 a b =0 0", ""},
    {"condition_notify", "Condition: notify(1) wakes the first waiter, who holds the lock again",
     NULL, condition_notify, "a0 all b0 =0", ""},
    {"condition_cancelled",
     "Condition: a waiter that is cancelled holds the lock again before CancelledError is raised",
     NULL, condition_cancelled, "1 held a!0 =cancelled 1", ""},
    {"offload_result",
     "run_in_executor(): gives the result of the function, and the loop goes on meanwhile", NULL,
     offload_result, "a+ a- =11 =0", ""},
    {"offload_error",
     "run_in_executor(): an exception of the function is raised where it is awaited", NULL,
     offload_error, "=EIO", ""},
    {"offload_cancel_waiting",
     "run_in_executor(): work that has not begun is dropped by a cancellation", NULL,
     offload_cancel_waiting, "=cancelled =0", ""},
    {"offload_cancel_running",
     "run_in_executor(): who awaits work that has begun is cancelled at once, the thread goes on",
     "the work uses memory of the task, so its end is waited for and its result is given",
     offload_cancel_running, "=11", ""},
};

static void check_statement(void **state)
{
    const struct statement *statement = *state;
    struct co_options options = {
        .virtual_time = strncmp(statement->name, "offload_", 8) != 0,
    };
    struct fixture fixture;
    int result = fixture_run(&fixture, statement->body, &options);

    if (strcmp(fixture.trace.text, statement->trace) != 0)
        fail_msg("%s:\n  is     %s\n  should %s", statement->asyncio, fixture.trace.text,
                 statement->trace);
    if (strcmp(fixture.warnings.text, statement->warnings) != 0)
        fail_msg("%s:\n  warns  %s\n  should %s", statement->asyncio, fixture.warnings.text,
                 statement->warnings);
    assert_int_equal(result, statement->body == deadlock_named ? CO_EDEADLK : 0);
}

int main(void)
{
    struct CMUnitTest tests[LENGTH(statements)];

    for (size_t i = 0; i < LENGTH(statements); i++)
        tests[i] = (struct CMUnitTest){
            .name = statements[i].name,
            .test_func = check_statement,
            .initial_state = (void *)&statements[i],
        };
    return cmocka_run_group_tests_name("conformance", tests, NULL, NULL);
}
