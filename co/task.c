/* Tasks: their life from coroutine to result, the way to and from their stacks, cancellation. */
#include "co/task.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "co/sanitizer.h"
#include "common/clock.h"

/* ---- Life -------------------------------------------------------------------------------- */

struct co_task *co_task_create(struct co_loop *loop, co_body *body, void *argument,
                               const char *name, va_list arguments)
{
    struct co_task *task;
    size_t size = 1;
    char text[256]; /* not cleared: that takes longer than all the rest */

    text[0] = '\0';
    if (name != NULL) {
        vsnprintf(text, sizeof(text), name, arguments);
        size = strlen(text) + 1;
    }
    task = malloc(sizeof(*task) + size);
    if (task == NULL)
        return NULL;
    memset(task, 0, sizeof(*task));
    memcpy(task->name, text, size);
    task->body = body;
    task->argument = argument;
    co_waiter_init(&task->waiter, co_task_resume);
    co_link_init(&task->observers);
    co_list_append(&loop->created, &task->link);
    task->loop = loop;
    task->references = 1;
    return task;
}

struct co_task *co_create(struct co_loop *loop, co_body *body, void *argument, const char *name,
                          ...)
{
    struct co_task *task;
    va_list arguments;

    va_start(arguments, name);
    task = co_task_create(loop, body, argument, name, arguments);
    va_end(arguments);
    return task;
}

void co_task_on_drop(struct co_task *task, void (*drop)(void *argument))
{
    if (task != NULL)
        task->drop = drop;
}

static void start(struct co_task *task)
{
    struct co_loop *loop = task->loop;

    task->state = CO_STARTED;
    co_link_remove(&task->link);
    co_list_append(&loop->started, &task->link);
    task->references++;
    if (++loop->counts.tasks > loop->counts.tasks_peak)
        loop->counts.tasks_peak = loop->counts.tasks;
}

struct co_task *co_start(struct co_task *task)
{
    if (task == NULL || task->state != CO_CREATED)
        return task;
    start(task);
    co_wake(task->loop, &task->waiter, 0);
    return task;
}

struct co_task *co_start_with(struct co_task *task, struct co_semaphore *semaphore)
{
    if (task == NULL || task->state != CO_CREATED)
        return task;
    start(task);
    task->permit = semaphore;
    co_semaphore_queue(semaphore, &task->waiter);
    return task;
}

/* Not inlined: of two in a row, each with a reference of its own, gcc 12 says at -O3 that the
 * second uses what the first has freed. */
__attribute__((noinline)) void co_task_unreference(struct co_task *task)
{
    if (--task->references > 0)
        return;
    if (task->result < 0 && task->result != UV_ECANCELED && !task->retrieved)
        co_warn(task->loop, "error of task '%s' was never retrieved: %s", co_name(task),
                co_error(task->result));
    co_link_remove(&task->link);
    free(task);
}

static void end(struct co_task *task, int result)
{
    struct co_loop *loop = task->loop;

    task->state = CO_ENDED;
    task->result = result;
    co_link_remove(&task->link);
    co_list_append(&loop->ended, &task->link);
    while (!co_list_is_empty(&task->observers)) {
        struct co_observer *observer = (struct co_observer *)task->observers.next;

        co_link_remove(&observer->link);
        observer->ended(observer, task);
    }
}

void co_task_close(struct co_task *task, int result)
{
    if (task->drop != NULL)
        task->drop(task->argument);
    end(task, result);
}

void co_release(struct co_task *task)
{
    if (task == NULL)
        return;
    if (task->state == CO_CREATED) {
        co_warn(task->loop, "coroutine '%s' was never awaited", co_name(task));
        co_task_close(task, UV_ECANCELED);
    }
    co_task_unreference(task);
}

void co_task_observe(struct co_task *task, struct co_observer *observer)
{
    co_list_append(&task->observers, &observer->link);
}

/* ---- To the stack and back --------------------------------------------------------------- */

uint64_t co_coarse_ns(void)
{
    return clock_ns_of(CLOCK_MONOTONIC_COARSE);
}

/* Leaves the task's stack for the thread's own; `fake` is NULL where it never comes back. */
static inline __attribute__((always_inline)) void leave(struct co_task *task, void **fake)
{
    struct co_loop *loop = task->loop;

    co_sanitizer_leave(fake, loop->own_low, loop->own_bytes, loop->own_thread);
    co_context_switch(&task->context, &loop->context);
}

static void check_stack(struct co_task *task)
{
    if (co_stack_is_intact(task->stack, task->loop->stacks.stack_bytes))
        return;
    co_warn(task->loop, "task '%s' needs more than the %zu bytes of its stack: see stack_bytes",
            co_name(task), task->loop->stacks.stack_bytes);
    abort(); /* the memory of another task is overwritten */
}

/* A turn ends where the next one begins: the clock is read once for both. */
static void check_slowness(struct co_task *task)
{
    struct co_loop *loop = task->loop;
    uint64_t now_ns = co_coarse_ns(), took_ns = now_ns - loop->since_ns;

    loop->since_ns = now_ns;
    if (took_ns >= loop->options.slow_ns)
        co_warn(loop, "task '%s' blocked the loop for %.1f s", co_name(task),
                (double)took_ns / 1e9);
}

static void give_turn(struct co_loop *loop, struct co_task *task)
{
    loop->running = task;
    loop->counts.resumes++;
    task->state = CO_RUNNING;
}

static inline __attribute__((always_inline)) void arrive_at(const struct co_stack *stack,
                                                            void **fake)
{
    co_sanitizer_leave(fake, stack->low, (size_t)((const char *)stack - stack->low), stack->thread);
}

/* A started task has come to its end: with its body, or without. */
static void finish(struct co_task *task, bool ran, int result)
{
    struct co_loop *loop = task->loop;

    if (task->permit != NULL)
        co_semaphore_release(task->permit);
    loop->counts.tasks--;
    if (ran) {
        co_stack_give(&loop->stacks, task->stack);
        task->stack = NULL;
        end(task, result);
    } else {
        co_task_close(task, result);
    }
    co_task_unreference(task);
}

/* Whether the turn of `task` may be handed on without the loop: there is nothing that it would have
 * to look at or to say. A step of the coarse clock is, be it for the sockets or for a slow task. */
static bool may_hand_on(const struct co_task *task)
{
    const struct co_loop *loop = task->loop;

    return loop->turns > 0 && co_stack_is_intact(task->stack, loop->stacks.stack_bytes) &&
           co_coarse_ns() == loop->since_ns;
}

static struct co_task *take_turn(struct co_loop *loop, struct co_task *next)
{
    loop->turns--;
    loop->handed_on = true;
    co_forget(loop, &next->waiter);
    give_turn(loop, next);
    return next;
}

/* The next in the queue where that is a task that has begun, and now has its turn; else NULL. */
static struct co_task *next_parked(struct co_loop *loop)
{
    struct co_task *next = (struct co_task *)co_list_first(&loop->awake);

    if (co_list_is_empty(&loop->awake) || next->waiter.run != co_task_resume ||
        next->state != CO_PARKED)
        return NULL;
    return take_turn(loop, next);
}

/* The body has ended, and its stack will never be come back to. It is in use up to the switch: so
 * it goes to no task that has yet to begin. */
static CO_SANITIZER_NO_ENTRY void leave_forever(struct co_task *task)
{
    struct co_loop *loop = task->loop;
    struct co_task *next = NULL;
    struct co_context place = task->context; /* the task may be no more when it is written */

    if (may_hand_on(task)) {
        loop->running = NULL;
        finish(task, true, task->result);
        next = next_parked(loop);
    }
    if (next != NULL)
        arrive_at(next->stack, NULL);
    else
        co_sanitizer_leave(NULL, loop->own_low, loop->own_bytes, loop->own_thread);
    co_context_switch(&place, next != NULL ? &next->context : &loop->context);
    abort();
}

/* It never returns, and the stack is used again: the thread sanitizer must not count its entries.
 */
static CO_SANITIZER_NO_ENTRY void enter(void *argument)
{
    struct co_task *task = argument;
    const void *low = NULL;
    size_t bytes = 0;

    co_sanitizer_arrive(NULL, &low, &bytes);
    if (!task->loop->handed_on) {
        task->loop->own_low = low;
        task->loop->own_bytes = bytes;
    }
    task->result = task->body(task, task->argument);
    task->state = CO_ENDED;
    leave_forever(task);
}

/* Gives a task that is to begin its stack. Returns false where there is no memory for one. */
static bool prepare(struct co_task *task)
{
    task->stack = co_stack_take(&task->loop->stacks);
    if (task->stack == NULL)
        return false;
    co_context_init(&task->context, task->stack->low, task->stack, task->loop->modes, enter, task);
    return true;
}

/* Runs a task, and those to which it hands its turn on, until one of them leaves it to the loop. */
static void switch_to(struct co_task *task)
{
    struct co_loop *loop = task->loop;

    loop->own_thread = co_sanitizer_thread_current();
    loop->handed_on = false;
    give_turn(loop, task);
    arrive_at(task->stack, &loop->own_fake);
    co_context_switch(&loop->context, &task->context);
    co_sanitizer_arrive(loop->own_fake, NULL, NULL);
    task = loop->running;
    loop->running = NULL;
    if (task == NULL)
        return;
    check_stack(task);
    check_slowness(task);
    if (task->state == CO_ENDED)
        finish(task, true, task->result);
}

void co_task_resume(struct co_waiter *waiter, int reason)
{
    struct co_task *task = (struct co_task *)waiter;

    if (task->state == CO_STARTED) {
        if (reason < 0)
            task->permit = NULL; /* which it did not get */
        if (reason < 0 || task->pending) {
            finish(task, false, UV_ECANCELED);
            return;
        }
        if (!prepare(task)) {
            finish(task, false, UV_ENOMEM);
            return;
        }
    }
    switch_to(task);
}

/* ---- Park and cancel --------------------------------------------------------------------- */

/* A cancellation goes from who awaits to who is awaited, along chains of any length and in circles:
 * not by calls, but by a list of the tasks that it has come to, each once. */
static void cancel_also(struct co_task *task)
{
    struct co_loop *loop = task->loop;

    if (task->cancelled_next != NULL || task == loop->cancelled_last)
        return;
    if (loop->cancelled == NULL)
        loop->cancelled = task;
    else
        loop->cancelled_last->cancelled_next = task;
    loop->cancelled_last = task;
}

static void deliver(struct co_task *task)
{
    struct co_loop *loop = task->loop;

    loop->cancel_passed_on = false;
    if (task->abort != NULL)
        task->pending = !task->abort(task->abort_user);
    else
        co_wake(loop, &task->waiter, UV_ECANCELED);
    loop->cancel_arrived |= task->pending || !loop->cancel_passed_on;
}

/* Delivers a cancellation to a task that waits, and to whom that leads. Where it leads round in a
 * circle, nobody would end of it: so the one who was asked does. */
static void interrupt(struct co_task *task)
{
    struct co_loop *loop = task->loop;

    loop->cancel_passed_on = loop->cancelled != NULL;
    cancel_also(task);
    if (loop->cancel_passed_on)
        return;
    loop->cancel_arrived = false;
    for (struct co_task *next = task; next != NULL; next = next->cancelled_next)
        deliver(next);
    if (!loop->cancel_arrived)
        co_wake(loop, &task->waiter, UV_ECANCELED);
    while (loop->cancelled != NULL) {
        struct co_task *first = loop->cancelled;

        loop->cancelled = first->cancelled_next;
        first->cancelled_next = NULL;
    }
    loop->cancelled_last = NULL;
}

/* Who goes on where `self` suspends, without the loop between them; else NULL. */
static struct co_task *hand_on(struct co_task *self)
{
    struct co_loop *loop = self->loop;
    struct co_task *next = (struct co_task *)co_list_first(&loop->awake);

    if (!may_hand_on(self))
        return NULL;
    if (co_list_is_empty(&loop->awake) || next->waiter.run != co_task_resume ||
        next->state != CO_STARTED)
        return next_parked(loop);
    if (next->pending || next->waiter.reason < 0 || !prepare(next))
        return NULL; /* it does not begin */
    return take_turn(loop, next);
}

/* The first returns after a switch are those of another flow for the processor, which predicts them
 * wrongly: what suspends often has this inlined. */
static inline __attribute__((always_inline)) int park(struct co_task *self,
                                                      bool (*abort)(void *user), void *user)
{
    struct co_task *next;
    void *fake = NULL;

    assert(self->loop->running == self);
    self->abort = abort;
    self->abort_user = user;
    self->state = CO_PARKED;
    if (self->pending && !co_is_awake(&self->waiter)) {
        self->pending = false;
        interrupt(self);
        self->deliveries += !self->pending;
    }
    next = hand_on(self);
    if (next == self)
        return self->waiter.reason;
    if (next != NULL) {
        arrive_at(next->stack, &fake);
        co_context_switch(&self->context, &next->context);
    } else {
        leave(self, &fake);
    }
    co_sanitizer_arrive(fake, NULL, NULL);
    return self->waiter.reason;
}

int co_park(struct co_task *self, bool (*abort)(void *user), void *user)
{
    return park(self, abort, user);
}

struct co_waiter *co_waiter_of(struct co_task *self)
{
    return &self->waiter;
}

bool co_task_is_within(const struct co_task *task)
{
    return task->state == CO_RUNNING && task->stack == NULL;
}

bool co_cancel(struct co_task *task)
{
    bool awake = co_is_awake(&task->waiter);

    if (task->state == CO_ENDED || co_task_is_within(task))
        return false;
    if (task->state == CO_CREATED) {
        co_task_close(task, UV_ECANCELED);
        return true;
    }
    task->cancelling++;
    if (task->state != CO_RUNNING && !awake) {
        interrupt(task);
    } else {
        task->pending |= !awake || task->waiter.reason != UV_ECANCELED; /* it is told only once */
        task->loop->cancel_arrived = true;
    }
    return true;
}

int co_cancelling(const struct co_task *task)
{
    return task->cancelling;
}

int co_uncancel(struct co_task *task)
{
    if (task->cancelling > 0)
        task->cancelling--;
    if (task->cancelling == 0)
        task->pending = false;
    return task->cancelling;
}

struct co_scope co_scope_open(const struct co_task *task)
{
    return (struct co_scope){task->cancelling, task->deliveries, task->pending};
}

bool co_scope_take_back(const struct co_scope *scope, struct co_task *task)
{
    bool earlier = scope->pending && scope->deliveries == task->deliveries;

    if (task->cancelling > 0) /* a body may take back more than it asked */
        task->cancelling--;
    if (task->cancelling > scope->cancelling)
        return false;
    if (!earlier)
        task->pending = false;
    return true;
}

/* ---- Awaiting ---------------------------------------------------------------------------- */

struct awaiting {
    struct co_observer observer; /* first */
    struct co_task *watcher;
};

static void on_ended(struct co_observer *observer, struct co_task *task)
{
    struct awaiting *watch = (struct awaiting *)observer;

    (void)task;
    co_wake(watch->watcher->loop, &watch->watcher->waiter, 0);
}

static bool cancel_awaited(void *task)
{
    return co_cancel(task);
}

static int retrieve(struct co_task *task)
{
    task->retrieved = true;
    return task->result;
}

/* Waits for the end of a task that was started. Returns an error, or 0 or, where it is `wanted`,
 * its result. */
static inline __attribute__((always_inline)) int
wait_end(struct co_task *self, struct co_task *task, bool (*abort)(void *user), bool wanted)
{
    struct awaiting watch = {.observer = {.ended = on_ended}, .watcher = self};
    int error = 0;

    if (task == NULL)
        return UV_ENOMEM;
    if (task == self)
        return CO_EDEADLK;
    if (co_task_is_within(task))
        return UV_EALREADY;
    if (task->state == CO_ENDED)
        return wanted ? retrieve(task) : 0;
    task->references++;
    co_task_observe(task, &watch.observer);
    error = park(self, abort, task);
    if (error < 0)
        co_link_remove(&watch.observer.link);
    else if (wanted)
        error = retrieve(task);
    co_task_unreference(task);
    return error;
}

/* The coroutine's body as a part of the running task. */
static int run_within(struct co_task *self, struct co_task *coroutine)
{
    int result;

    coroutine->references++;
    coroutine->state = CO_RUNNING;
    result = coroutine->body(self, coroutine->argument);
    coroutine->retrieved = true;
    end(coroutine, result);
    co_task_unreference(coroutine);
    return result;
}

static inline __attribute__((always_inline)) int await(struct co_task *self, struct co_task *task)
{
    if (task != NULL && task->state == CO_CREATED)
        return run_within(self, task);
    return wait_end(self, task, cancel_awaited, true);
}

int co_await (struct co_task *self, struct co_task *task)
{
    return await(self, task);
}

int co_join(struct co_task *self, struct co_task *task)
{
    int result = await(self, task);

    co_release(task);
    return result;
}

int co_shield(struct co_task *self, struct co_task *task)
{
    return wait_end(self, co_start(task), NULL, true);
}

int co_wait(struct co_task *self, struct co_task *task)
{
    return wait_end(self, co_start(task), NULL, false);
}

int co_result(struct co_task *task, int *result)
{
    if (task->state != CO_ENDED)
        return UV_EBUSY;
    *result = retrieve(task);
    return 0;
}

bool co_is_done(const struct co_task *task)
{
    return task->state == CO_ENDED;
}

bool co_is_cancelled(const struct co_task *task)
{
    return task->state == CO_ENDED && task->result == UV_ECANCELED;
}

const char *co_name(const struct co_task *task)
{
    return task->name[0] != '\0' ? task->name : "task";
}

struct co_loop *co_loop_of(const struct co_task *task)
{
    return task->loop;
}

/* ---- Sleep and yield --------------------------------------------------------------------- */

int co_sleep(struct co_task *self, uint64_t ns)
{
    uint64_t now_ns = co_now_ns(self->loop);
    int error;

    if (ns == 0)
        return co_yield (self);
    error =
        co_wake_at(self->loop, &self->waiter, ns < UINT64_MAX - now_ns ? now_ns + ns : UINT64_MAX);
    return error < 0 ? error : co_park(self, NULL, NULL);
}

/* It loses nothing when it is cancelled while it is awake, so here that is delivered at once. */
int co_yield (struct co_task *self)
{
    int reason;

    co_wake(self->loop, &self->waiter, 0);
    reason = park(self, NULL, NULL);
    if (!self->pending)
        return reason;
    self->pending = false;
    self->deliveries++;
    return UV_ECANCELED;
}
