/* Pattern 3 and its error handling: a task group ends only when all of its tasks have ended, and
 * one that fails ends the others; those of gather run on. All that failed is in the group. */
#include "patterns/pattern.h"

#include <stdio.h>

#define DELAY    "20s"
#define DELAY_NS (20 * NS_PER_S)

/* lesson: task-group group-cancel gather-siblings */
static int fetch_in_group(struct co_task *self, struct users *all, struct co_group *group)
{
    int error = 0;

    co_group_begin(self, group);
    for (uint64_t i = 0; i < all->n && error == 0; i++)
        if (co_group_start(group, fetch_user, &all->fetches[i], "fetch-user") == NULL)
            error = UV_ENOMEM;
    /* all have ended; if one failed, it ended the others */
    return co_group_end(group, error);
}
/* end */

int run_task_group(struct co_task *self, struct context *context)
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

static void check_server(struct co_task *self, struct context *context, double others)
{
    double aborted = server_count_of(self, context, "aborted", others);

    figure(context, "aborted_seen_by_server", aborted);
    figure(context, "connections_left", server_count(self, context, "connections")); /* this one */
    check(context, aborted == others,
          "the server saw each of the other requests end without an answer (%g of %g)", aborted,
          others);
    check(context, server_count(self, context, "in_flight") == 0, "none is left in flight");
}

int run_group_cancel(struct co_task *self, struct context *context)
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
    check_server(self, context, (double)users.n - 1);
    co_group_term(&group);
    users_free(&users);
    return 0;
}

/* ---- What gather's siblings do ---- */

#define SIBLINGS_DELAY "?delay=2s"
#define FAILING        "?delay=300ms&status=500"

/* lesson: gather-siblings */
static int fetch_in_gather(struct co_task *self, struct users *all)
{
    /* returns with the first error, while the others run on */
    return co_gather(self, all->tasks, all->n, NULL, CO_FIRST_ERROR);
}
/* end */

/* How the others ended, once the server has seen all of them `ended`. */
static void count_siblings(struct co_task *self, struct context *context, const char *way,
                           const char *ended)
{
    double answered;

    server_count_of(self, context, ended, (double)context->n - 1);
    answered = server_count(self, context, "statuses.200"); /* -1: none */
    figure_of(context, way, "siblings_answered", answered > 0 ? answered : 0);
    figure_of(context, way, "siblings_aborted", server_count(self, context, "aborted"));
}

static int try_gather(struct co_task *self, struct context *context, struct users *users)
{
    double others = (double)users->n - 1, in_flight;
    uint64_t start_ns = clock_ns();
    int error = fetch_in_gather(self, users);

    bar(context, "until gather has failed", "gather_ns", (double)(clock_ns() - start_ns));
    in_flight = server_count(self, context, "in_flight");
    figure(context, "in_flight_after_gather", in_flight);
    check(context, error == CO_HTTP_ERROR(500), "gather reports the error: %s", co_error(error));
    check_time(context, in_flight == others, "the others are still in flight (%g of %g)", in_flight,
               others);
    users_failed(self, users, 0); /* or the tasks would outlive what they work with */
    count_siblings(self, context, "gather", "statuses.200");
    return server_reset(self, context);
}

static int try_group(struct co_task *self, struct context *context, struct users *users)
{
    uint64_t start_ns = clock_ns();
    struct co_group group;
    int error = fetch_in_group(self, users, &group);

    bar(context, "until the group has failed", "group_ns", (double)(clock_ns() - start_ns));
    co_group_term(&group);
    check(context, error == CO_HTTP_ERROR(500), "a group reports it as well: %s", co_error(error));
    count_siblings(self, context, "group", "aborted");
    return 0;
}

int run_gather_siblings(struct co_task *self, struct context *context)
{
    struct users users;
    int error = users_make(&users, context, SIBLINGS_DELAY, fetch_user);

    if (error < 0)
        return error;
    users.fetches[users.n / 2].path = FAILING;
    error = try_gather(self, context, &users);
    if (error == 0)
        error = try_group(self, context, &users);
    users_free(&users);
    return error;
}

/* ---- A group of errors ---- */

/* One whose `user` is set cannot even undo what it did, when it is cancelled. */
static int save_user(struct co_task *self, void *argument)
{
    struct user_fetch *fetch = argument;
    int error = fetch_user(self, fetch);

    if (error != UV_ECANCELED || fetch->user == NULL)
        return error;
    fetch->path = "?delay=0ms&status=503";
    return fetch_user(self, fetch);
}

/* lesson: exception-group */
static int save_all(struct co_task *self, struct users *all, struct co_group *group)
{
    int error = 0;

    co_group_begin(self, group);
    for (uint64_t i = 0; i < all->n && error == 0; i++)
        if (co_group_start(group, save_user, &all->fetches[i], "save-user") == NULL)
            error = UV_ENOMEM;
    return co_group_end(group, error); /* the first error */
}

static size_t count_errors(const struct co_group *group, int error)
{
    const struct co_group_error *each;
    size_t count = 0;

    for (each = group->errors; each != NULL; each = each->next)
        count += each->error == error;
    return count;
}
/* end */

int run_exception_group(struct co_task *self, struct context *context)
{
    size_t expected = 0, failed, undone;
    struct co_group group;
    struct users users;
    int error = users_make(&users, context, "?delay=20s", NULL);

    if (error < 0)
        return error;
    for (uint64_t i = 0; i < users.n; i++) {
        users.fetches[i].user = i % 3 == 0 && i != users.n / 2 ? context : NULL;
        expected += users.fetches[i].user != NULL;
    }
    users.fetches[users.n / 2].path = "?delay=300ms&status=500";
    error = save_all(self, &users, &group);
    failed = count_errors(&group, CO_HTTP_ERROR(500));
    undone = count_errors(&group, CO_HTTP_ERROR(503));
    bar(context, "errors in the group", "errors", (double)group.error_count);
    bar(context, "of siblings that were cancelled", "errors_of_siblings", (double)undone);
    check(context, error < 0 && failed == 1, "the error that ended the others is in the group");
    check(context, undone == expected, "so is each that came of ending them (%zu of %zu)", undone,
          expected);
    check(context, group.error_count == failed + undone, "who was cancelled in peace is no error");
    co_group_term(&group);
    users_free(&users);
    return 0;
}
