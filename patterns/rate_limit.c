/* Practice: no more requests a second than the service allows. It answers 429 to any more, however
 * few are in flight: a semaphore limits how many run at a time, not how often one begins. */
#include "patterns/pattern.h"

#define RATE        200 /* requests a second that the service allows, 20 of them at once */
#define INTERVAL_NS (NS_PER_S / (RATE * 9 / 10)) /* a tenth below it: its clock is not ours */
#define PERMITS     10

/* Starts one task after the other, `interval_ns` apart. */
/* lesson: rate-limit */
static int start_paced(struct co_task *self, struct users *users, uint64_t interval_ns)
{
    int error = 0;

    for (uint64_t i = 0; i < users->n && error == 0; i++) {
        users->tasks[i] = co_start(users->tasks[i]);
        error = co_sleep(self, interval_ns);
    }
    return error;
}
/* end */

/* Returns how many were refused with 429, or -1 where anything else went wrong. */
static double try_way(struct co_task *self, struct context *context, struct co_semaphore *semaphore,
                      uint64_t interval_ns)
{
    struct users users;
    double refused = -1;

    if (users_make(&users, context, "", fetch_user) < 0)
        return refused;
    users_throttle(&users, semaphore);
    if (interval_ns == 0 || start_paced(self, &users, interval_ns) == 0)
        refused = users_failed(self, &users, CO_HTTP_ERROR(429));
    users_free(&users);
    return refused;
}

int run_rate_limit(struct co_task *self, struct context *context)
{
    struct co_semaphore semaphore;

    co_semaphore_init(&semaphore, context->loop, PERMITS);
    bar(context, "all at once: 429", "refused_at_once", try_way(self, context, NULL, 0));
    if (co_sleep(self, NS_PER_S) < 0) /* what was refused is forgotten */
        return UV_ECANCELED;
    bar(context, "10 at a time: 429", "refused_few", try_way(self, context, &semaphore, 0));
    if (co_sleep(self, NS_PER_S) < 0)
        return UV_ECANCELED;
    bar(context, "paced: 429", "refused_paced", try_way(self, context, NULL, INTERVAL_NS));
    figure(context, "rate_per_second", RATE);
    return 0;
}
