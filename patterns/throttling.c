/* Practice: as many requests at a time as the service can bear. It answers 503 to any more. */
#include "patterns/pattern.h"

#define CAPACITY "10"
#define PERMITS  10

/* lesson: throttling */
static int fetch_throttled(struct co_task *self, struct users *all, struct co_semaphore *permits)
{
    for (uint64_t i = 0; i < all->n; i++)
        all->tasks[i] = co_start_with(all->tasks[i], permits); /* each waits for a permit */
    return co_gather(self, all->tasks, all->n, all->outcomes, CO_ALL_OUTCOMES);
}
/* end */

static double try_way(struct co_task *self, struct context *context, struct co_semaphore *semaphore)
{
    struct users users;
    double failed;

    if (users_make(&users, context, "", fetch_user) < 0)
        return -1;
    if (semaphore != NULL && fetch_throttled(self, &users, semaphore) < 0)
        return -1;
    failed = users_failed(self, &users, 0);
    users_free(&users);
    return failed;
}

static int run(struct co_task *self, struct context *context)
{
    struct co_semaphore semaphore;
    double without, with, peak;
    uint64_t start_ns = clock_ns();

    without = try_way(self, context, NULL);
    figure(context, "without_ns", (double)(clock_ns() - start_ns));
    (void)server_reset(self, context);
    co_semaphore_init(&semaphore, context->loop, PERMITS);
    start_ns = clock_ns();
    with = try_way(self, context, &semaphore);
    figure(context, "with_ns", (double)(clock_ns() - start_ns));
    peak = server_count(self, context, "in_flight_peak");
    bar(context, "without: refused", "refused_without", without);
    bar(context, "with a semaphore: refused", "refused_with", with);
    figure(context, "in_flight_peak_with", peak);
    check(context, without > 0, "without throttling the service refuses requests");
    check(context, with == 0, "with it, none");
    check(context, peak <= PERMITS, "the server saw at most %d in flight", PERMITS);
    return 0;
}

const struct pattern pattern_throttling = {
    .name = "throttling",
    .title = "Practice: throttling",
    .article = "limit concurrency to prevent service overload",
    .source = __FILE__,
    .words = "of {n} calls the service refused {refused_without}; with a semaphore "
             "{refused_with}",
    .meaning = "Ask for no more at a time than the service bears, and it refuses none.",
    .body = run,
    .n = 100,
    .server = {"--latency", "50ms", "--max-in-flight", CAPACITY},
};
