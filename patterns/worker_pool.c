/* Pattern 4: so many workers, and however many items: never more requests than workers. */
#include "co/pool.h"
#include "patterns/pattern.h"

#define WORKERS 10

/* lesson: worker-pool */
static int handle(struct co_task *self, void *item, void *user)
{
    (void)user;
    return fetch_user(self, item);
}

static int process_all(struct co_task *self, struct users *users)
{
    struct co_pool pool;
    int error = co_pool_begin(self, &pool, WORKERS, 0, handle, NULL, NULL);

    if (error < 0)
        return error;
    for (uint64_t i = 0; error == 0 && i < users->n; i++)
        error = co_pool_put(self, &pool, &users->fetches[i]);
    /* waits for all items, then ends the workers */
    return co_pool_end(self, &pool, error);
}
/* end */

int run_worker_pool(struct co_task *self, struct context *context)
{
    struct users users;
    uint64_t start_ns = clock_ns();
    double floor_ns = (double)((context->n + WORKERS - 1) / WORKERS * 100 * NS_PER_MS);
    int error = users_make(&users, context, "", NULL);

    if (error < 0)
        return error;
    error = process_all(self, &users);
    bar(context, "worker pool", "pool_ns", (double)(clock_ns() - start_ns));
    bar(context, "floor: items / workers x latency", "floor_ns", floor_ns);
    figure(context, "in_flight_peak", server_count(self, context, "in_flight_peak"));
    check(context, error == 0, "all items are processed");
    check(context, server_count(self, context, "responses") == (double)users.n,
          "each item was requested once");
    users_free(&users);
    return 0;
}
