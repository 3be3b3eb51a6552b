/* Mistakes 1 and 4: what was forgotten. Python warns, if at all; here both have a name. */
#include "patterns/pattern.h"

#define WORK_NS (300 * NS_PER_MS)

/* ---- Never awaited ---- */

/* lesson: never-awaited */
static int forget(struct context *context)
{
    struct user_fetch fetch = {.context = context, .id = 7};
    struct co_task *task = co_create(context->loop, fetch_user, &fetch, "fetch-user-7");

    if (task == NULL)
        return UV_ENOMEM;
    co_release(task); /* WRONG: it was only created */
    return 0;
}
/* end */

/* lesson: never-awaited */
static int remember(struct co_task *self, struct context *context)
{
    struct user_fetch fetch = {.context = context, .id = 7};

    return co_join(self, co_create(context->loop, fetch_user, &fetch, "fetch-user-7"));
}
/* end */

int run_never_awaited(struct co_task *self, struct context *context)
{
    double wrong, right;
    int error = forget(context);

    wrong = server_count(self, context, "requests");
    if (error == 0)
        error = remember(self, context);
    right = server_count(self, context, "requests") - wrong;
    bar(context, "wrong: created only", "requests_wrong", wrong);
    bar(context, "right: awaited", "requests_right", right);
    check(context, was_warned(context, "coroutine 'fetch-user-7' was never awaited"),
          "it is reported by its name");
    check(context, error == 0 && right == 1, "awaited, it makes its request");
    return 0;
}

/* ---- The error that nobody retrieved ---- */

struct risk {
    struct context *context;
    uint64_t failed_ns; /* when it failed */
};

static int might_fail(struct co_task *self, void *argument)
{
    struct risk *risk = argument;
    struct user_fetch fetch = {.context = risk->context, .id = 1, .path = "?status=500"};
    int error = fetch_user(self, &fetch);

    risk->failed_ns = clock_ns();
    return error;
}

/* lesson: lost-error */
static struct co_task *lose_error(struct co_loop *loop, struct risk *risk)
{
    /* WRONG: nobody awaits it */
    return co_start(co_create(loop, might_fail, risk, "might-fail"));
}

static int handle_error(struct co_task *self, struct risk *risk)
{
    struct co_loop *loop = co_loop_of(self);
    struct co_task *task = co_start(co_create(loop, might_fail, risk, "handled"));

    return co_join(self, task); /* its error */
}
/* end */

/* WRONG: nobody awaits the task. The one who started it goes on with its own work, and only then
 * lets it go. Notes how long after the failure that was, and how long after it somebody was told.
 */
static int work_beside(struct co_task *self, struct context *context)
{
    struct risk risk = {.context = context};
    struct co_task *task = lose_error(context->loop, &risk);
    int error = task != NULL ? co_sleep(self, WORK_NS) : UV_ENOMEM;

    if (error == 0)
        error = co_wait(self, task); /* on a very slow machine; it takes no result */
    if (error < 0)
        return error;
    figure(context, "held_ns", (double)(clock_ns() - risk.failed_ns));
    co_release(task);
    if (was_warned(context, "error of task 'might-fail' was never retrieved"))
        bar(context, "wrong: told after", "told_after_ns",
            (double)(context->warned_ns - risk.failed_ns));
    return 0;
}

int run_lost_error(struct co_task *self, struct context *context)
{
    struct risk risk = {.context = context};
    int error = work_beside(self, context);

    if (error < 0)
        return error;
    check(context, was_warned(context, "error of task 'might-fail' was never retrieved"),
          "an error that nobody looks at is reported by the task's name");
    figure(context, "warnings_wrong", (double)json_array_size(context->warnings));
    error = handle_error(self, &risk);
    bar(context, "right: awaited, known after", "awaited_after_ns",
        (double)(clock_ns() - risk.failed_ns));
    check(context, error == CO_HTTP_ERROR(500), "awaited, the error is a result: %s",
          co_error(error));
    check(context, !was_warned(context, "'handled'"), "and there is no warning");
    return 0;
}
