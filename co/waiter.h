/* What can wait: the base of tasks, of timeouts and of everything without a stack.
 *
 * A waiter stands in at most one list (of those who wait for the same thing) and in at most one
 * place of the loop's timers. co_wake() takes it out of both and puts it into the loop's queue; the
 * loop then calls `run` on the thread's own stack. All of co is made of this. One thread only. */
#ifndef CO_WAITER_H
#define CO_WAITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct co_loop;

/* A place in a ring; alone, or not in one, it points to itself. A list is a ring with a head. */
struct co_link {
    struct co_link *next, *prev;
};

struct co_waiter {
    struct co_link link;                             /* first: a link in a list is its waiter */
    void (*run)(struct co_waiter *self, int reason); /* called by the loop after co_wake() */
    int reason;                                      /* given to co_wake() */
    uint32_t timer;                                  /* place among the timers, or the below */
};

#define CO_TIMER_NONE  0U
#define CO_TIMER_AWAKE UINT32_MAX /* in the loop's queue */

void co_waiter_init(struct co_waiter *waiter, void (*run)(struct co_waiter *self, int reason));

/* Wakes a waiter with the time `due_ns` of co_now_ns() as well, with the reason 0. Never early.
 * Returns 0 or -ENOMEM. */
int co_wake_at(struct co_loop *loop, struct co_waiter *waiter, uint64_t due_ns);

/* Wakes a waiter; one that is awake already stays so, with the first reason. */
void co_wake(struct co_loop *loop, struct co_waiter *waiter, int reason);

/* Takes a waiter out of wherever it is: it is not run. */
void co_forget(struct co_loop *loop, struct co_waiter *waiter);

static inline bool co_is_awake(const struct co_waiter *waiter)
{
    return waiter->timer == CO_TIMER_AWAKE;
}

static inline void co_link_init(struct co_link *link)
{
    link->next = link->prev = link;
}

static inline bool co_list_is_empty(const struct co_link *list)
{
    return list->next == list;
}

static inline void co_list_append(struct co_link *list, struct co_link *link)
{
    link->prev = list->prev;
    link->next = list;
    list->prev->next = link;
    list->prev = link;
}

static inline void co_link_remove(struct co_link *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->next = link->prev = link;
}

/* The first waiter of a list that is not empty. */
static inline struct co_waiter *co_list_first(const struct co_link *list)
{
    return (struct co_waiter *)list->next;
}

#endif
