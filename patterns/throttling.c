/* Practice: as many requests at a time as the service can bear. It answers 503 to any more. */
#include "patterns/pattern.h"

#define PERMITS 10

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

int run_throttling(struct co_task *self, struct context *context)
{
    struct co_semaphore semaphore;
    uint64_t start_ns = clock_ns();

    bar(context, "without: refused", "refused_without", try_way(self, context, NULL));
    figure(context, "without_ns", (double)(clock_ns() - start_ns));
    (void)server_reset(self, context);
    co_semaphore_init(&semaphore, context->loop, PERMITS);
    start_ns = clock_ns();
    bar(context, "with a semaphore: refused", "refused_with", try_way(self, context, &semaphore));
    figure(context, "with_ns", (double)(clock_ns() - start_ns));
    figure(context, "in_flight_peak_with", server_count(self, context, "in_flight_peak"));
    return 0;
}
