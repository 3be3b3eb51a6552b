/* Pattern 3 and its error handling: a task group ends only when all of its tasks have ended, and
 * one that fails ends the others. */
#include "patterns/pattern.h"

#include <stdio.h>

#define DELAY    "20s"
#define DELAY_NS (20 * NS_PER_S)

/* lesson: task-group group-cancel */
static int fetch_in_group(struct co_task *self, struct users *users, struct co_group *group)
{
    int error = 0;

    co_group_begin(self, group);
    for (uint64_t i = 0; i < users->n && error == 0; i++)
        if (co_group_start(group, fetch_user, &users->fetches[i], "fetch-user") == NULL)
            error = UV_ENOMEM;
    return co_group_end(group, error); /* all have ended; the first that failed ended the others */
}
/* end */

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
    error = fetch_in_group(self, &users, &group);
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
    .source = __FILE__,
    .words = "{n} tasks in a group ended after {group_ns}",
    .meaning = "After the block no task is left: what was started there has ended there.",
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
    error = fetch_in_group(self, &users, &group);
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
    .source = __FILE__,
    .words = "one of {n} calls failed: the group ended after {group_ns}, and the server "
             "saw {aborted_seen_by_server} others end without an answer (they were due "
             "after {delay_ns})",
    .meaning = "In a task group the first failure ends the others: nobody waits for what "
               "nobody needs.",
    .body = run_cancel,
    .n = 50,
    .server = {"--latency", "200ms"},
};
