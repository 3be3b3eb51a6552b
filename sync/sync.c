/* The sequential model: one request after another, on one connection that stays open.
 *
 * The program waits for each answer before it asks for the next: the total is the sum of all
 * latencies. Nothing else runs while it waits. */
#include "workload/item.h"

int model_run(const struct workload *w, struct recorder *r)
{
    struct item item;
    uint64_t id;
    int error = item_init(&item, w, r, 0);

    if (error < 0)
        return error;
    while (queue_take(&r->queue, &id))
        item_perform(&item, id);
    item_term(&item);
    return 0;
}

const struct model model = {
    .name = "sync",
    .summary = "one request after another",
    .concurrency_name = "request at a time",
    .concurrency_default = 1,
    .concurrency_max = 1,
    .descriptors = 3, /* a socket, and the two that a blocking libcurl handle wakes itself with */
};
