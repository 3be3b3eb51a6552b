/* What the parts of co know of each other: the loop and the task. Not for users. */
#ifndef CO_TASK_H
#define CO_TASK_H

#include <stdarg.h>

#include "co/co.h"
#include "co/switch.h"

/* One who is told that a task has ended. Lies with who wants to know. */
struct co_observer {
    struct co_link link;
    void (*ended)(struct co_observer *self, struct co_task *task); /* must not suspend */
};

enum co_state { CO_CREATED, CO_STARTED, CO_RUNNING, CO_PARKED, CO_ENDED };

struct co_task {
    struct co_waiter waiter; /* first: the loop wakes this, and means the task */
    struct co_link link;     /* in a list of the loop, by state */
    struct co_link observers;
    struct co_loop *loop;
    struct co_stack *stack; /* only while the body runs */
    struct co_context context;
    co_body *body;
    void *argument;
    void (*drop)(void *argument);
    struct co_semaphore *permit; /* to be given back at the end */
    bool (*abort)(void *user);   /* these two: of co_park() */
    void *abort_user;
    void *item;                     /* what it waits to put, or what it was given, in a queue */
    struct co_task *cancelled_next; /* while a cancellation goes from task to task */
    int result;
    int cancelling;
    uint32_t deliveries; /* cancellations that it was told of while they were pending */
    uint32_t references; /* the owner's, the loop's while it runs, those of who waits */
    uint8_t state;
    bool pending;   /* a cancellation is to be delivered */
    bool retrieved; /* somebody has seen the result */
    char name[];
};

struct co_timer {
    uint64_t due_ns;
    struct co_waiter *waiter;
};

struct co_loop {
    uv_loop_t uv;
    uv_timer_t timer;      /* for the first of the timers */
    uint64_t timer_due_ns; /* what it is set to; UINT64_MAX: nothing */
    struct co_options options;
    struct co_link awake;
    size_t awake_count;
    struct co_timer *timers; /* a heap with four branches, from place 1 */
    uint32_t timer_count, timer_room;
    struct co_link created, started, ended; /* tasks */
    struct co_task *running;
    size_t turns;      /* that may still be given before the next look at the sockets */
    size_t burst;      /* turns that take about LOOK_NS, by those of late */
    uint64_t since_ns; /* of the coarse clock: when the present turn began */
    bool handed_on;    /* the present turn, by another task */
    struct co_task *cancelled, *cancelled_last; /* whom the present cancellation has come to */
    bool cancel_passed_on;                      /* by the one whom it has come to last */
    bool cancel_arrived;                        /* at one who will end of it */
    uint64_t virtual_ns;                        /* the time, where it is virtual */
    struct co_stacks stacks;
    struct co_context context; /* of the thread's own stack, while a task runs */
    uint64_t modes;            /* of the floating point unit, for tasks that begin */
    const void *own_low;       /* these four: for the sanitizers */
    size_t own_bytes;
    void *own_fake;
    void *own_thread;
    struct co_counts counts;
};

/* Says something to who runs the program, as printf; `text` needs no newline. */
void co_warn(struct co_loop *loop, const char *text, ...) CO_FORMAT(2, 3);

/* As co_create(), with the arguments of `name`. */
struct co_task *co_task_create(struct co_loop *loop, co_body *body, void *argument,
                               const char *name, va_list arguments);

/* Precise to some milliseconds, and so cheap that every turn can afford it. */
uint64_t co_coarse_ns(void);

/* Runs a task until it suspends or ends: the waiter's `run`. */
void co_task_resume(struct co_waiter *waiter, int reason);

/* Ends a task whose body has not begun. */
void co_task_close(struct co_task *task, int result);

/* The task whose place in a list of the loop this is. */
static inline struct co_task *co_task_of(struct co_link *link)
{
    return (struct co_task *)((char *)link - offsetof(struct co_task, link));
}

void co_task_observe(struct co_task *task, struct co_observer *observer);
void co_task_unreference(struct co_task *task);

/* A coroutine whose body runs as part of a task. */
bool co_task_is_within(const struct co_task *task);

/* At the begin of a block, and at its end: takes back the request that the block itself made.
 * Returns whether nobody else has asked meanwhile. */
struct co_scope co_scope_open(const struct co_task *task);
bool co_scope_take_back(const struct co_scope *scope, struct co_task *task);

/* Wakes all waiters of a list. */
void co_wake_all(struct co_loop *loop, struct co_link *list, int reason);

#endif
