/* To await is not to yield: what is awaited runs as part of the caller, and where it does not
 * suspend, nobody else has a turn. */
#include "patterns/pattern.h"

#define EVERY 100

/* Another task, which would like to run as often as it can. */
static int count_turns(struct co_task *self, void *turns)
{
    int error;

    while ((error = co_yield (self)) == 0)
        ++*(uint64_t *)turns;
    return error;
}

static int look_up(struct co_task *self, void *unused)
{
    (void)self, (void)unused;
    return 0; /* it is in the cache: nothing to wait for */
}

/* lesson: await-does-not-yield */
static int await_only(struct co_task *self, uint64_t n)
{
    int error = 0;

    /* WRONG: no one else runs */
    for (uint64_t i = 0; i < n && error == 0; i++)
        error = co_join(self, co_create(co_loop_of(self), look_up, NULL, NULL));
    return error;
}

static int await_and_yield(struct co_task *self, uint64_t n)
{
    int error = 0;

    for (uint64_t i = 0; i < n && error == 0; i++) {
        error = co_join(self, co_create(co_loop_of(self), look_up, NULL, NULL));
        if (error == 0 && i % EVERY == 0)
            error = co_yield (self);
    }
    return error;
}
/* end */

int run_await_does_not_yield(struct co_task *self, struct context *context)
{
    uint64_t turns = 0, wrong;
    struct co_task *other = co_start(co_create(context->loop, count_turns, &turns, "other"));
    int error = other != NULL ? co_yield (self) : UV_ENOMEM;

    if (error < 0)
        return error;
    turns = 0;
    error = await_only(self, context->n);
    wrong = turns;
    if (error == 0)
        error = await_and_yield(self, context->n);
    bar(context, "wrong: turns of another task", "turns_wrong", (double)wrong);
    bar(context, "right: turns of another task", "turns_right", (double)(turns - wrong));
    co_cancel(other);
    check(context, co_join(self, other) == UV_ECANCELED && error == 0, "all were awaited");
    return 0;
}
