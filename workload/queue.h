/* The requests that are still to be made: the ids from 0 to N-1, each of which is taken once.
 *
 * All that the workers of a pool share is this one atomic counter, in memory that is shared with
 * forked workers too. Nobody hands work out: who is free takes the next id, until there is none,
 * the run is stopped or its deadline has passed. In an open load (common/load.h) each id is due at
 * a time of its own, for which who has taken it waits (item.h, loop_items.h). */
#ifndef WORKLOAD_QUEUE_H
#define WORKLOAD_QUEUE_H

#include "common/load.h"
#include "common/stop.h"

struct queue {
    uint64_t requests; /* N */
    struct stop stop;
    _Atomic uint64_t next;  /* the next id; may pass N */
    uint64_t start_ns;      /* these two: of an open load; of clock_ns() */
    const uint64_t *due_ns; /* by id, from start_ns on, ascending; NULL: all are due at once */
};

/* Takes the next id. Returns false when there is none, or the run is over. Safe from any thread or
 * forked worker. */
static inline bool queue_take(struct queue *q, uint64_t *id)
{
    if (stop_due(&q->stop))
        return false;
    *id = atomic_fetch_add(&q->next, 1);
    return *id < q->requests;
}

/* How many ids were taken. */
static inline uint64_t queue_taken(const struct queue *q)
{
    uint64_t next = atomic_load(&q->next);

    return next < q->requests ? next : q->requests;
}

/* When an id is due, of clock_ns(); 0: at once. */
static inline uint64_t queue_due_ns(const struct queue *q, uint64_t id)
{
    return q->due_ns != NULL ? q->start_ns + q->due_ns[id] : 0;
}

/* Makes the schedule of an open load, before any worker exists; of a closed one does nothing.
 * Returns 0 or -ENOMEM. Free with queue_free_schedule(). */
int queue_schedule(struct queue *q, const struct load *load);
void queue_free_schedule(struct queue *q);

/* Sleeps until the id is due. Returns false where the run is over before. */
bool queue_wait(const struct queue *q, uint64_t id);

#endif
