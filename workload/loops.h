/* The event loops of a run: one, or several that each run the model in a thread of its own, with a
 * share of the slots to itself. They have nothing in common but the queue. */
#ifndef WORKLOAD_LOOPS_H
#define WORKLOAD_LOOPS_H

#include "compute/offload.h"
#include "workload/recorder.h"
#include "workload/workload.h"

/* What one loop has of its own beside its slots (the `share` of a workload). */
struct loop_share {
    uint64_t first_slot;
    struct offload offload; /* of its processes, which are forked before any thread exists */
    struct heartbeat heart; /* what the loop's pulse saw, once it has ended */
};

/* The part of `total` that falls to one of `count`: they differ by 1 at most. */
uint64_t loops_part(uint64_t total, uint64_t count, uint64_t index);

/* Runs the model w->loops times at once, each time for a share of the workload. Where one of them
 * fails, or its thread cannot be started, the others stop: fewer loops than asked for would be
 * another measurement. Returns 0 or a negative error of any of them; `heart` tells how all did. */
int loops_run(const struct workload *w, struct recorder *r, struct heartbeat *heart);

#endif
