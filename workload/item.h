/* One item of the workload after the other, each done from beginning to end by a worker that waits:
 * a request, a computation, first one and then the other, a file, a WebSocket or a query. (Who does
 * not wait: loop_items.h.) */
#ifndef WORKLOAD_ITEM_H
#define WORKLOAD_ITEM_H

#include "workload/file.h"
#include "workload/request.h"
#include "workload/talk.h"

/* What a worker needs for its items. It belongs to that worker alone. */
struct item {
    uint32_t worker;
    const struct workload *workload;
    struct recorder *recorder;
    struct request request; /* each of these where the work takes it */
    struct computer computer;
    struct talk *talk;
};

/* `worker` is the number that the records show. Returns 0 or -ENOMEM. */
int item_init(struct item *item, const struct workload *w, struct recorder *r, uint32_t worker);
void item_term(struct item *item);

/* Does the item `id`, which was taken, once it is due: starts its record, waits for what it waits
 * for, ends it. Where the run is over before it is due, it is never started. */
void item_perform(struct item *item, uint64_t id);

/* Likewise, of an item whose record was started. */
void item_finish(struct item *item, uint64_t id);

#endif
