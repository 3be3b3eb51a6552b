/* Practice: ask again, later each time, and not all at the same moment. The service fails for one
 * request in five and bears 20 at a time. */
#include <stdio.h>
#include <stdlib.h>

#include "common/count.h"
#include "patterns/pattern.h"

#define ATTEMPTS_MAX 10
#define BACKOFF_NS   (20 * NS_PER_MS)
#define BACKOFF_MAX  (640 * NS_PER_MS)

struct policy {
    const char *name, *label;
    int attempts;
    bool jitter;
    unsigned short random[3]; /* of erand48(), with a fixed seed */
    uint64_t asked;
};

static bool is_worth_it(int error)
{
    return error == UV_ECONNRESET || error == UV_ETIMEDOUT || error == CO_HTTP_ERROR(429) ||
           error == CO_HTTP_ERROR(503);
}

/* With jitter any time up to twice the backoff, so that it is the same on average. */
static uint64_t wait_ns(struct policy *policy, int attempt)
{
    uint64_t ns = BACKOFF_NS << attempt;

    ns = ns < BACKOFF_MAX ? ns : BACKOFF_MAX;
    return policy->jitter ? (uint64_t)(2 * erand48(policy->random) * (double)ns) : ns;
}

/* lesson: retry */
static int fetch_again(struct co_task *self, void *argument)
{
    struct user_fetch fetch = *(struct user_fetch *)argument;
    struct policy *policy = fetch.user;
    char path[48];
    int error = 0;

    fetch.path = path;
    for (int attempt = 0; attempt < policy->attempts; attempt++) {
        snprintf(path, sizeof(path), "?attempt=%d", attempt);
        policy->asked++;
        error = fetch_user(self, &fetch);
        if (!is_worth_it(error) || attempt + 1 == policy->attempts)
            return error;
        error = co_sleep(self, wait_ns(policy, attempt));
        if (error < 0)
            return error;
    }
    return error;
}
/* end */

/* Notes how many have failed in the end, and how many requests that took. */
static int try_policy(struct co_task *self, struct context *context, struct policy *policy)
{
    char failed[32];
    struct users users;

    if (users_make(&users, context, "", fetch_again) < 0)
        return UV_ENOMEM;
    for (uint64_t i = 0; i < users.n; i++)
        users.fetches[i].user = policy;
    snprintf(failed, sizeof(failed), "failed_%s", policy->name);
    bar(context, policy->label, failed, users_failed(self, &users, 0));
    figure_of(context, "requests", policy->name, (double)policy->asked);
    users_free(&users);
    return 0;
}

int run_retry(struct co_task *self, struct context *context)
{
    struct policy policies[] = {
        {"once", "one attempt: failed", 1, .jitter = false},
        {"backoff", "with backoff: failed", ATTEMPTS_MAX, .jitter = false},
        {"jitter", "with backoff and jitter: failed", ATTEMPTS_MAX, true, .random = {1, 2, 3}},
    };
    int error = 0;

    for (size_t i = 0; i < COUNT_OF(policies) && error == 0; i++)
        error = try_policy(self, context, &policies[i]);
    return error;
}
