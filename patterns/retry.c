/* Practice: ask again, later each time, and not all at the same moment. The service fails for one
 * request in five and bears 20 at a time. */
#include <stdio.h>
#include <stdlib.h>

#include "patterns/pattern.h"

#define ATTEMPTS_MAX 10
#define BACKOFF_NS   (20 * NS_PER_MS)
#define BACKOFF_MAX  (640 * NS_PER_MS)

struct policy {
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

/* Returns how many have failed in the end, or -1. */
static double try_policy(struct co_task *self, struct context *context, struct policy *policy)
{
    struct users users;
    double failed;

    if (users_make(&users, context, "", fetch_again) < 0)
        return -1;
    for (uint64_t i = 0; i < users.n; i++)
        users.fetches[i].user = policy;
    failed = users_failed(self, &users, 0);
    users_free(&users);
    return failed;
}

static int run(struct co_task *self, struct context *context)
{
    struct policy once = {.attempts = 1}, fixed = {.attempts = ATTEMPTS_MAX},
                  jitter = {.attempts = ATTEMPTS_MAX, .jitter = true, .random = {1, 2, 3}};
    double failed_once = try_policy(self, context, &once);
    double failed_fixed = try_policy(self, context, &fixed);
    double failed_jitter = try_policy(self, context, &jitter);

    bar(context, "one attempt: failed", "failed_once", failed_once);
    bar(context, "with backoff: failed", "failed_backoff", failed_fixed);
    bar(context, "with backoff and jitter: failed", "failed_jitter", failed_jitter);
    figure(context, "requests_once", (double)once.asked);
    figure(context, "requests_backoff", (double)fixed.asked);
    figure(context, "requests_jitter", (double)jitter.asked);
    check(context, failed_once > 0, "with one attempt requests fail");
    check_time(context, failed_jitter == 0, "with backoff and jitter none does");
    check_time(context, jitter.asked < fixed.asked,
               "jitter spares the service requests, since fewer come together");
    return 0;
}

const struct pattern pattern_retry = {
    .name = "retry",
    .title = "Practice: retry with backoff and jitter",
    .article = "handle errors, prevent overload (the article does not show how)",
    .source = __FILE__,
    .words = "of {n} users failed: with one attempt {failed_once}, with backoff "
             "{failed_backoff}, with jitter as well {failed_jitter}; requests: "
             "{requests_once}, {requests_backoff}, {requests_jitter}",
    .meaning = "Ask again later each time, and not all at one moment: that spares the "
               "service and loses no call.",
    .body = run,
    .n = 200,
    .server = {"--latency", "20ms", "--max-in-flight", "20", "--faults", "503=20%"},
};
