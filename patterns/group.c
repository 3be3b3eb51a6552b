/* Pattern 3 and its error handling: a task group ends only when all of its tasks have ended, and
 * one that fails ends the others. */
#include "patterns/pattern.h"

#include <stdio.h>

#define DELAY    "20s"
#define DELAY_NS (20 * NS_PER_S)

static int start_users(struct co_group *group, struct users *users)
{
    for (uint64_t i = 0; i < users->n; i++)
        if (co_group_start(group, fetch_user, &users->fetches[i], "fetch-user-%llu",
                           (unsigned long long)i) == NULL)
            return UV_ENOMEM;
    return 0;
}

static int run_group(struct co_task *self, struct context *context)
{
    struct users users;
    struct co_group group;
    uint64_t start_ns;
    size_t open;
    int error = users_make(&users, context, "", NULL);

    if (error < 0)
        return error;
    start_ns = clock_ns();
    co_group_begin(self, &group);
    error = co_group_end(&group, start_users(&group, &users));
    open = group.running;
    bar(context, "task group", "group_ns", (double)(clock_ns() - start_ns));
    check(context, error == 0, "all tasks succeed");
    check(context, open == 0, "no task outlives the group");
    co_group_term(&group);
    users_free(&users);
    return 0;
}

const struct pattern pattern_group = {
    .name = "task-group",
    .title = "Pattern 3: structured concurrency with a task group",
    .article = "at the end of the block all tasks have completed, or an exception was raised",
    .body = run_group,
    .n = 100,
    .server = {"--latency", "200ms"},
};

static void check_server(struct co_task *self, struct context *context, double others)
{
    double aborted = server_count_of(self, context, "aborted", others);
    double connections = server_count(self, context, "connections"); /* this one as well */

    figure(context, "aborted_seen_by_server", aborted);
    figure(context, "connections_left", connections);
    check(context, aborted == others,
          "the server saw each of the other requests end without an answer (%g of %g)", aborted,
          others);
    check(context, server_count(self, context, "in_flight") == 0, "none is left in flight");
    check(context, connections == 1, "their connections are closed");
}

static int run_cancel(struct co_task *self, struct context *context)
{
    struct users users;
    struct co_group group;
    uint64_t start_ns;
    int error = users_make(&users, context, "?delay=" DELAY, NULL);

    if (error < 0)
        return error;
    users.fetches[users.n / 2].path = "?delay=500ms&status=500";
    start_ns = clock_ns();
    co_group_begin(self, &group);
    error = co_group_end(&group, start_users(&group, &users));
    bar(context, "until the group has ended", "group_ns", (double)(clock_ns() - start_ns));
    bar(context, "delay of the other requests", "delay_ns", (double)DELAY_NS);
    check(context, error == CO_HTTP_ERROR(500), "the group reports the error: %s", co_error(error));
    check(context, group.error_count == 1, "cancelled siblings are no errors (%zu reported)",
          group.error_count);
    check_time(context, clock_ns() - start_ns < 10 * NS_PER_S, "it does not wait for the others");
    check_server(self, context, (double)users.n - 1);
    co_group_term(&group);
    users_free(&users);
    return 0;
}

const struct pattern pattern_group_cancel = {
    .name = "group-cancel",
    .title = "Errors: a task group cancels what is left",
    .article = "if any task fails, all other tasks are automatically cancelled",
    .body = run_cancel,
    .n = 50,
    .server = {"--latency", "200ms"},
};
