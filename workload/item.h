/* One item of the workload after the other, each done from beginning to end by a worker that waits:
 * a request, a computation, or first one and then the other. (Who does not wait: loop_items.h.) */
#ifndef WORKLOAD_ITEM_H
#define WORKLOAD_ITEM_H

#include "workload/request.h"

/* What a worker needs for its items. It belongs to that worker alone. */
struct item {
    uint32_t worker;
    enum work work;
    struct recorder *recorder;
    struct request request;   /* not where the work is cpu */
    struct computer computer; /* not where it is io */
};

/* `worker` is the number that the records show. Returns 0 or -ENOMEM. */
int item_init(struct item *item, const struct workload *w, struct recorder *r, uint32_t worker);
void item_term(struct item *item);

/* Does the item `id`, which was taken, once it is due: starts its record, waits for what it waits
 * for, ends it. Where the run is over before it is due, it is never started. */
void item_perform(struct item *item, uint64_t id);

#endif
