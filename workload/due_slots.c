#include "workload/due_slots.h"

#include <errno.h>
#include <stdlib.h>

#include "common/clock.h"

/* due() may add further ones. */
static void on_expired(void *user)
{
    struct due_slots *d = user;
    struct due_slot slot;

    while (d->count > 0 && d->ring[d->first].due_ns <= clock_ns() && due_slots_take(d, &slot))
        d->due(d->user, slot.slot, slot.id);
    if (d->count > 0)
        kernel_timer_set(&d->timer, d->ring[d->first].due_ns, 0);
}

int due_slots_init(struct due_slots *d, uv_loop_t *loop, uint64_t size,
                   void (*due)(void *user, uint64_t slot, uint64_t id), void *user)
{
    int error;

    *d = (struct due_slots){.size = size, .due = due, .user = user};
    error = kernel_timer_start(&d->timer, loop, on_expired, d);
    if (error < 0)
        return error;
    d->ring = calloc(size, sizeof(*d->ring));
    return d->ring != NULL ? 0 : -ENOMEM;
}

void due_slots_add(struct due_slots *d, const struct due_slot *slot)
{
    d->ring[(d->first + d->count) % d->size] = *slot;
    if (d->count++ == 0)
        kernel_timer_set(&d->timer, slot->due_ns, 0);
}

bool due_slots_take(struct due_slots *d, struct due_slot *slot)
{
    if (d->count == 0)
        return false;
    *slot = d->ring[d->first];
    d->first = (d->first + 1) % d->size;
    d->count--;
    return true;
}

void due_slots_term(struct due_slots *d)
{
    kernel_timer_stop(&d->timer);
    free(d->ring);
    d->ring = NULL;
}
