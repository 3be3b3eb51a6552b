/* Pattern 1: start everything, wait for everything, results in the order of the questions. A few
 * requests one after the other say how long all would take: that is projected, so it is no bar. */
#include "patterns/pattern.h"

#include <stdio.h>
#include <string.h>

#define LATENCY_NS     (200 * NS_PER_MS)
#define ONE_BY_ONE_MAX 5

static int one_by_one(struct co_task *self, struct context *context)
{
    uint64_t n = context->n < ONE_BY_ONE_MAX ? context->n : ONE_BY_ONE_MAX;
    uint64_t start_ns = clock_ns();

    for (uint64_t i = 0; i < n; i++) {
        struct user_fetch fetch = {.context = context, .id = i};
        int error = fetch_user(self, &fetch);

        if (error < 0)
            return error;
    }
    figure(context, "one_by_one_projected_ns",
           (double)(clock_ns() - start_ns) / (double)n * (double)context->n);
    return 0;
}

/* lesson: gather */
static int gather_users(struct co_task *self, struct users *all)
{
    for (uint64_t i = 0; i < all->n; i++)
        all->tasks[i] = co_create(co_loop_of(self), fetch_user, &all->fetches[i], "fetch-user");
    return co_gather(self, all->tasks, all->n, all->outcomes, CO_FIRST_ERROR);
}
/* end */

static int together(struct co_task *self, struct context *context)
{
    uint64_t start_ns = clock_ns(), right = 0;
    struct users users;
    int error = users_make(&users, context, "", NULL);

    if (error < 0)
        return error;
    error = gather_users(self, &users);
    bar(context, "gather", "gather_ns", (double)(clock_ns() - start_ns));
    for (uint64_t i = 0; i < users.n; i++) {
        char name[32];

        snprintf(name, sizeof(name), "User %llu", (unsigned long long)i);
        right += strcmp(users.fetches[i].name, name) == 0;
    }
    check(context, error == 0, "every request is answered (%s)", co_error(error));
    check(context, right == users.n, "result i is that of user i (%llu of %llu)",
          (unsigned long long)right, (unsigned long long)users.n);
    users_free(&users);
    return 0;
}

int run_gather(struct co_task *self, struct context *context)
{
    int error = one_by_one(self, context);

    if (error == 0)
        error = server_reset(self, context);
    if (error == 0)
        error = together(self, context);
    if (error < 0)
        return error;
    figure(context, "in_flight_peak", server_count(self, context, "in_flight_peak"));
    figure(context, "floor_ns", LATENCY_NS);
    figure(context, "speed_up_projected",
           figure_noted(context, "one_by_one_projected_ns") / figure_noted(context, "gather_ns"));
    return 0;
}
