/* Slots of a loop whose items were taken before they are due, in an open load: they wait here in
 * the order of their ids, which is that of their times, for one timer of the kernel's. (Who waits
 * without a loop: queue_wait().) All of it belongs to the loop's thread. */
#ifndef WORKLOAD_DUE_SLOTS_H
#define WORKLOAD_DUE_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "compute/kernel_timer.h"

struct due_slot {
    uint64_t slot, id, due_ns;
};

struct due_slots {
    struct due_slot *ring; /* of `size`, `count` of them from `first` on; NULL: none ever waits */
    uint64_t size, first, count;
    struct kernel_timer timer;
    void (*due)(void *user, uint64_t slot, uint64_t id);
    void *user;
};

/* Sets up room for `size` slots on a loop that has not run yet. The loop calls due() for each slot
 * when its time has come. Returns 0 or a negative error. */
int due_slots_init(struct due_slots *d, uv_loop_t *loop, uint64_t size,
                   void (*due)(void *user, uint64_t slot, uint64_t id), void *user);

/* Adds a slot whose item is due later than all that wait, of clock_ns(). */
void due_slots_add(struct due_slots *d, const struct due_slot *slot);

/* Takes out the first slot that waits, where there is one. */
bool due_slots_take(struct due_slots *d, struct due_slot *slot);

/* Frees all; the timer's handle is closed when the loop runs next. */
void due_slots_term(struct due_slots *d);

#endif
