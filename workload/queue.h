/* The requests that are still to be made: the ids from 0 to N-1, each of which is taken once.
 *
 * All that the workers of a pool share is this one atomic counter, in memory that is shared with
 * forked workers too. Nobody hands work out: who is free takes the next id, until there is none,
 * the run is stopped or its deadline has passed. */
#ifndef WORKLOAD_QUEUE_H
#define WORKLOAD_QUEUE_H

#include "common/stop.h"

struct queue {
    uint64_t requests; /* N */
    struct stop stop;
    _Atomic uint64_t next; /* the next id; may pass N */
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

#endif
