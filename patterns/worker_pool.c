/* Pattern 4: so many workers, and however many items: never more requests than workers. */
#include "co/pool.h"
#include "patterns/pattern.h"

#define WORKERS 10

static int handle(struct co_task *self, void *item, void *user)
{
    (void)user;
    return fetch_user(self, item);
}

static int run(struct co_task *self, struct context *context)
{
    struct co_pool pool;
    struct users users;
    uint64_t start_ns = clock_ns();
    double peak, floor_ns = (double)((context->n + WORKERS - 1) / WORKERS * 100 * NS_PER_MS);
    int error = users_make(&users, context, "", NULL);

    if (error == 0)
        error = co_pool_begin(self, &pool, WORKERS, 0, handle, NULL, NULL);
    if (error < 0) {
        users_free(&users);
        return error;
    }
    for (uint64_t i = 0; error == 0 && i < users.n; i++)
        error = co_pool_put(self, &pool, &users.fetches[i]);
    error = co_pool_end(self, &pool, error);
    bar(context, "worker pool", "pool_ns", (double)(clock_ns() - start_ns));
    bar(context, "floor: items / workers x latency", "floor_ns", floor_ns);
    peak = server_count(self, context, "in_flight_peak");
    figure(context, "in_flight_peak", peak);
    check(context, error == 0, "all items are processed");
    check(context, peak <= WORKERS && peak > 0,
          "the server never saw more than %d requests in flight (%g)", WORKERS, peak);
    check(context, server_count(self, context, "responses") == (double)users.n,
          "each item was requested once");
    users_free(&users);
    return 0;
}

const struct pattern pattern_worker_pool = {
    .name = "worker-pool",
    .title = "Pattern 4: a pool of 10 workers",
    .article = "only max_workers operations run simultaneously",
    .body = run,
    .n = 100,
    .server = {"--latency", "100ms"},
    .connections = WORKERS,
};
