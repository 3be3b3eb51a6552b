/* Coroutines and structured concurrency on libuv: what asyncio gives to Python.
 *
 * A coroutine is a function `int body(struct co_task *self, void *argument)`. Whatever may suspend
 * takes `self`, the running task, as its first parameter: a function without it cannot suspend.
 * Results are 0 or positive; errors are negative codes of libuv (UV_ETIMEDOUT). All belongs to one
 * thread; only one task runs at a time, and others run only where one suspends.
 *
 *     static int greet(struct co_task *self, void *name)
 *     {
 *         int error = co_sleep(self, 1000000000);
 *
 *         return error < 0 ? error : printf("hello, %s\n", (char *)name);
 *     }
 *
 *     static int body(struct co_task *self, void *argument)
 *     {
 *         struct co_group group;
 *         int error;
 *
 *         co_group_begin(self, &group);
 *         co_group_start(&group, greet, "Ada", "greet-Ada");
 *         co_group_start(&group, greet, "Ken", "greet-Ken");
 *         error = co_group_end(&group, 0);
 *         co_group_term(&group);
 *         return error;
 *     }
 *
 *     ... co_run(loop, body, NULL) ...
 *
 * asyncio is the reference. Where C differs on purpose:
 * - Cancellation is a result, not an exception: what suspends returns UV_ECANCELED, once for each
 *   request; a body that cleans up may suspend again. It should then return UV_ECANCELED itself.
 * - Who was woken keeps what it was woken with: a cancellation that comes between the waking and
 *   the running is delivered where the task suspends next. So no permit and no item is ever lost.
 *   (asyncio throws the result away; trio does as we do.)
 * - A task whose body never ran does not own its argument; `drop` of co_task_on_drop() frees it.
 * - Memory of a task is its owner's: co_release(), or the group that it belongs to. */
#ifndef CO_CO_H
#define CO_CO_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "co/stack.h"
#include "co/waiter.h"

#define CO_EDEADLK         (-EDEADLK) /* libuv has no name for it */
#define CO_MUST_USE        __attribute__((warn_unused_result))
#define CO_FORMAT(at, arg) __attribute__((format(printf, at, arg)))

struct co_loop;
struct co_task;
struct co_semaphore;
typedef int co_body(struct co_task *self, void *argument);

/* ---- Loop ---- */

struct co_options {
    size_t stack_bytes;  /* 0: 64 KB */
    enum co_guard guard; /* 0: the best there is */
    uint64_t slow_ns;    /* a task that runs longer is named; 0: 100 ms; UINT64_MAX: never */
    size_t batch;        /* tasks between two looks at the sockets; 0: 256 */
    bool virtual_time;   /* for tests: see co_now_ns() */
    void (*warn)(void *user, const char *text); /* NULL: to stderr */
    void *user;                                 /* of warn */
};

struct co_counts {
    uint64_t tasks, tasks_peak; /* started and not ended: now, most */
    uint64_t resumes;           /* switches to a task */
    uint64_t warnings;
    size_t stacks, stack_bytes;    /* in the pool; size of each */
    size_t stack_high_water_bytes; /* the most that any task used */
};

/* Makes a loop (`options` may be NULL), to be freed by co_loop_free(). Returns NULL where memory or
 * descriptors lack. */
struct co_loop *co_loop_new(const struct co_options *options);

/* Runs `body` as the task "main", then cancels what is left, waits for it and names what was never
 * awaited or retrieved. Returns what `body` returned, CO_EDEADLK where every task waits for
 * something that nobody can do any more, or UV_ENOMEM. */
int co_run(struct co_loop *loop, co_body *body, void *argument);
void co_loop_free(struct co_loop *loop);

uv_loop_t *
co_loop_uv(struct co_loop *loop); /* for handles of your own; callbacks must not suspend */

/* The time that sleeps and timeouts go by: of clock_ns(). Where it is virtual, it stands still
 * while anybody can run, and then jumps to the first timer: an hour's sleep takes no time, and the
 * same tasks always run in the same order. (trio's MockClock with autojump.) */
uint64_t co_now_ns(const struct co_loop *loop);
struct co_counts co_loop_counts(struct co_loop *loop);

/* ---- Coroutine and task ---- */

/* Makes a coroutine, named as by printf; it does not run until it is awaited or started. Its owner
 * is the caller: co_release(). Returns NULL where memory lacks. */
struct co_task *co_create(struct co_loop *loop, co_body *body, void *argument, const char *name,
                          ...) CO_MUST_USE CO_FORMAT(4, 5);

/* Makes a task of a coroutine: it will run when the running one suspends. Returns the task; NULL
 * (also where `task` is NULL) where memory lacks, and then the coroutine is released. */
struct co_task *co_start(struct co_task *task) CO_MUST_USE;

/* The same, but it first gets a permit of `semaphore`, for which it waits without a stack, and
 * gives it back when it ends. */
struct co_task *co_start_with(struct co_task *task, struct co_semaphore *semaphore) CO_MUST_USE;

/* Function called with the argument where the body never ran: never awaited, or cancelled first. */
void co_task_on_drop(struct co_task *task, void (*drop)(void *argument));

/* A coroutine runs at once, as part of the caller; a task is waited for. Returns its result, or
 * UV_EALREADY for a coroutine that runs as part of another task now. Cancelling who awaits a task
 * cancels the task; the result of the task is returned. Where tasks await each other in a circle,
 * the one whose cancellation was asked returns UV_ECANCELED itself. */
int co_await (struct co_task *self, struct co_task *task) CO_MUST_USE;
int co_join(struct co_task *self, struct co_task *task) CO_MUST_USE; /* await and release */

/* As co_await() of a task, but who is cancelled returns UV_ECANCELED at once, and the task goes on.
 */
int co_shield(struct co_task *self, struct co_task *task) CO_MUST_USE;

/* Waits until the task has ended, without taking its result. Returns 0; or UV_ECANCELED, and the
 * task goes on. */
int co_wait(struct co_task *self, struct co_task *task) CO_MUST_USE;

/* The owner needs the task no more; it runs to its end all the same. NULL does nothing. */
void co_release(struct co_task *task);

/* Asks a task to end, or drops a coroutine that has not begun. May be asked again. Returns false
 * where it has ended, or is a coroutine that runs as part of a task, which alone can be cancelled.
 */
bool co_cancel(struct co_task *task);
int co_cancelling(const struct co_task *task); /* requests that were not taken back */
int co_uncancel(struct co_task *task);         /* takes one back; returns how many are left */

bool co_is_done(const struct co_task *task);
bool co_is_cancelled(const struct co_task *task); /* ended with UV_ECANCELED */
const char *co_name(const struct co_task *task);  /* "task" where it has none */
struct co_loop *co_loop_of(const struct co_task *task);
const char *co_error(int error); /* "connection refused": static text of an error */

/* The result of a task that has ended, in *result. Returns 0, or UV_EBUSY where it has not ended.
 */
int co_result(struct co_task *task, int *result) CO_MUST_USE;

int co_sleep(struct co_task *self, uint64_t ns) CO_MUST_USE; /* 0, UV_ECANCELED, UV_ENOMEM */
int co_yield (struct co_task *self) CO_MUST_USE;             /* others first: 0 or UV_ECANCELED */

/* ---- The primitive: all above and below is made of it ---- */

/* Suspends the running task until co_wake(co_waiter_of(self), reason), and returns the reason. The
 * caller has put the waiter where it will be found. A cancellation takes it out and returns
 * UV_ECANCELED; or, where `abort` is not NULL, calls abort(user), which returns whether it dealt
 * with the request; where it did not, the request stays for later. */
int co_park(struct co_task *self, bool (*abort)(void *user), void *user) CO_MUST_USE;
struct co_waiter *co_waiter_of(struct co_task *self);

/* ---- Gather ---- */

enum co_gather_mode {
    CO_FIRST_ERROR, /* returns as soon as one fails; the others go on */
    CO_ALL_OUTCOMES /* waits for all; errors are in their slots only, and not returned */
};

/* Starts the coroutines among `tasks` and waits; the result of tasks[i] is outcomes[i], where that
 * is not NULL: UV_EBUSY for one that goes on, UV_ENOMEM for NULL among the tasks, UV_EALREADY for a
 * coroutine that runs in another task. Returns 0 (also where `count` is 0), the first error, or
 * UV_ECANCELED once all of them, cancelled as well, have ended. The tasks stay the caller's. */
int co_gather(struct co_task *self, struct co_task *const tasks[], size_t count, int outcomes[],
              enum co_gather_mode mode) CO_MUST_USE;

/* ---- Task group ---- */

/* What a group or a timeout remembers of its task's cancellation, to take back only its own. */
struct co_scope {
    int cancelling;
    uint32_t deliveries;
    bool pending;
};

struct co_group_error {
    struct co_group_error *next;
    int error;
    char name[]; /* of the task; "body" for the error given to co_group_end() */
};

struct co_group {
    struct co_task *owner;
    struct co_link members; /* all tasks not released, ended ones too */
    struct co_link waiting; /* the owner, in co_group_end() */
    size_t running;
    struct co_group_error *errors; /* in the order they came, for the caller to read */
    struct co_group_error **errors_end;
    size_t error_count;
    struct co_scope scope;
    bool aborting, ending, ended, owner_cancelled;
};

/* Opens a group in the running task. */
void co_group_begin(struct co_task *self, struct co_group *group);

/* Makes a task of the group, named as by printf. The first that fails cancels the others, and the
 * owner in the body. The task may be used until co_group_term(). Returns NULL where memory lacks or
 * the group has ended or is aborting. */
struct co_task *co_group_start(struct co_group *group, co_body *body, void *argument,
                               const char *name, ...) CO_FORMAT(4, 5);

void co_group_cancel(struct co_group *group); /* cancels the members; no error */

/* Waits for all. `error` is the body's own: not 0 cancels the members. Returns 0; the first error,
 * all of them in `errors`; or UV_ECANCELED where the owner was cancelled and nothing failed. */
int co_group_end(struct co_group *group, int error) CO_MUST_USE;
void co_group_term(struct co_group *group); /* frees tasks and errors */

/* ---- Timeout ---- */

struct co_timeout {
    struct co_waiter waiter;
    struct co_task *task;
    uint64_t due_ns;
    struct co_scope scope;
    bool expired;
};

/* What the running task does from here to co_timeout_end() is cancelled `ns` from now. */
void co_timeout_begin(struct co_task *self, struct co_timeout *timeout, uint64_t ns);
void co_timeout_move(struct co_timeout *timeout,
                     uint64_t due_ns); /* of co_now_ns(); UINT64_MAX: off */

/* `error` is what came of it. Returns UV_ETIMEDOUT in place of UV_ECANCELED where this timeout, and
 * nobody else, cancelled; else `error`. */
int co_timeout_end(struct co_timeout *timeout, int error) CO_MUST_USE;

/* Awaits `task` for `ns` at most; then cancels it and waits for its end. Returns its result or
 * UV_ETIMEDOUT. */
int co_await_for(struct co_task *self, struct co_task *task, uint64_t ns) CO_MUST_USE;

/* ---- Semaphore, event, condition: first come, first served ---- */

struct co_semaphore {
    struct co_loop *loop;
    struct co_link waiting;
    size_t permits; /* free ones; 0 while anybody waits */
};

void co_semaphore_init(struct co_semaphore *semaphore, struct co_loop *loop, size_t permits);
int co_semaphore_acquire(struct co_task *self,
                         struct co_semaphore *s) CO_MUST_USE; /* 0, CANCELED */
bool co_semaphore_try(struct co_semaphore *semaphore) CO_MUST_USE;
/* Without a stack: wakes `waiter` with the permit. Who forgets it once it is awake has the permit.
 */
void co_semaphore_queue(struct co_semaphore *semaphore, struct co_waiter *waiter);
void co_semaphore_release(struct co_semaphore *semaphore); /* to the first who waits */

struct co_event {
    struct co_loop *loop;
    struct co_link waiting;
    bool is_set;
};

void co_event_init(struct co_event *event, struct co_loop *loop);
int co_event_wait(struct co_task *self, struct co_event *event) CO_MUST_USE;
void co_event_set(struct co_event *event); /* wakes all who wait */
void co_event_clear(struct co_event *event);

/* With a semaphore of one permit as its lock, which the caller holds. co_condition_wait() holds it
 * again in any case when it returns. */
struct co_condition {
    struct co_semaphore *lock;
    struct co_link waiting;
};

void co_condition_init(struct co_condition *condition, struct co_semaphore *lock);
int co_condition_wait(struct co_task *self, struct co_condition *condition) CO_MUST_USE;
void co_condition_notify(struct co_condition *condition, size_t count); /* SIZE_MAX: all */

/* ---- Queue ---- */

struct co_queue {
    struct co_loop *loop;
    void **items; /* a ring */
    size_t first, count, room, capacity;
    struct co_link getters, putters, joiners;
    size_t unfinished; /* put, and not yet said done */
    bool closed;
};

/* At most `capacity` items, 0: any number. Items are the caller's. */
void co_queue_init(struct co_queue *queue, struct co_loop *loop, size_t capacity);
void co_queue_discard(struct co_queue *queue,
                      void (*discard)(void *item)); /* all that is left; NULL: forgets it */
void co_queue_term(struct co_queue *queue); /* nobody may wait; items that are left are forgotten */

/* All: 0, UV_ECANCELED, UV_ENOMEM (put), UV_EOF (closed; get: and empty). The _now forms never
 * suspend: UV_EAGAIN where they would. */
int co_queue_put(struct co_task *self, struct co_queue *queue, void *item) CO_MUST_USE;
int co_queue_get(struct co_task *self, struct co_queue *queue, void **item) CO_MUST_USE;
int co_queue_put_now(struct co_queue *queue, void *item) CO_MUST_USE;
int co_queue_get_now(struct co_queue *queue, void **item) CO_MUST_USE;
int co_queue_done(struct co_queue *queue) CO_MUST_USE; /* an item: 0; UV_EINVAL: more than put */
int co_queue_join(struct co_task *self,
                  struct co_queue *queue) CO_MUST_USE; /* until all are done */
void co_queue_close(struct co_queue *queue);           /* no more puts; getters take what is left */

#endif
