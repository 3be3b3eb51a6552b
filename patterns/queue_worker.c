/* Pattern 4 as the article has it: an item that fails ends its worker. Once all have ended, nobody
 * takes what is left in the queue, and who waits for it waits for ever. That is seen from what is
 * left, not from a clock. */
#include "patterns/pattern.h"

#define WORKERS 3

struct line {
    struct co_queue queue;
    uint64_t processed, failed;
};

static int process(struct co_task *self, struct line *line, void *item)
{
    int error = fetch_user(self, item);

    line->processed += error == 0;
    line->failed += error < 0;
    return error;
}

/* lesson: queue-worker-dies */
static int work_until_error(struct co_task *self, void *argument)
{
    struct line *line = argument;
    void *item;
    int error = 0;

    while (error == 0 && co_queue_get(self, &line->queue, &item) == 0) {
        error = process(self, line, item); /* WRONG: it ends the worker */
        if (co_queue_done(&line->queue) < 0)
            return UV_EINVAL;
    }
    return error;
}

static int work_on(struct co_task *self, void *argument)
{
    struct line *line = argument;
    void *item;

    while (co_queue_get(self, &line->queue, &item) == 0) {
        (void)process(self, line, item); /* it is counted; the next item */
        if (co_queue_done(&line->queue) < 0)
            return UV_EINVAL;
    }
    return 0;
}
/* end */

static int join_queue(struct co_task *self, void *queue)
{
    return co_queue_join(self, queue);
}

/* Waits for the workers that die, or for the items where they do not. Returns whether who joined
 * the queue came back before it was told to. */
static bool await_end(struct co_task *self, struct line *line, struct co_task *joiner,
                      struct co_task *workers[], bool dies)
{
    bool joined;
    int error =
        dies ? co_gather(self, workers, WORKERS, NULL, CO_ALL_OUTCOMES) : co_wait(self, joiner);

    joined = error == 0 && co_yield (self) == 0 && co_is_done(joiner);
    co_queue_close(&line->queue);
    co_cancel(joiner);
    return co_join(self, joiner) == 0 && joined;
}

static int try_way(struct co_task *self, struct context *context, co_body *body, bool dies)
{
    struct line line = {.processed = 0};
    struct co_task *workers[WORKERS], *joiner;
    struct users users;
    bool joined;
    int error = users_make(&users, context, "", NULL);

    if (error < 0)
        return error;
    co_queue_init(&line.queue, context->loop, 0);
    for (uint64_t i = 0; i < users.n && error == 0; i++) {
        users.fetches[i].path = i >= WORKERS && i < 2 * WORKERS ? "?status=500" : "";
        error = co_queue_put_now(&line.queue, &users.fetches[i]);
    }
    for (size_t i = 0; i < WORKERS; i++)
        workers[i] = co_start(co_create(context->loop, body, &line, "worker-%zu", i));
    joiner = co_start(co_create(context->loop, join_queue, &line.queue, "join"));
    joined = await_end(self, &line, joiner, workers, dies);
    if (!dies)
        error = co_gather(self, workers, WORKERS, NULL, CO_ALL_OUTCOMES);
    figure_of(context, dies ? "wrong" : "right", "processed", (double)line.processed);
    figure_of(context, dies ? "wrong" : "right", "failed", (double)line.failed);
    figure_of(context, dies ? "wrong" : "right", "joined", joined);
    bar(context, dies ? "wrong: items left" : "right: items left",
        dies ? "left_wrong" : "left_right", (double)line.queue.count);
    for (size_t i = 0; i < WORKERS; i++)
        co_release(workers[i]);
    co_queue_term(&line.queue);
    users_free(&users);
    return error;
}

static int run(struct co_task *self, struct context *context)
{
    int error;

    context->n = context->n > 2 * WORKERS ? context->n : 2 * WORKERS + 1;
    error = try_way(self, context, work_until_error, true);
    if (error == 0)
        error = try_way(self, context, work_on, false);
    if (error < 0)
        return error;
    check(context, figure_noted(context, "wrong_failed") == WORKERS,
          "%d items fail, and each has ended a worker: none is left", WORKERS);
    check(context, figure_noted(context, "left_wrong") > 0, "items are left that nobody will take");
    check(context, figure_noted(context, "wrong_joined") == 0,
          "so the join still waits, and nobody can end it");
    check(context, figure_noted(context, "right_failed") == WORKERS,
          "where workers outlive an error, the same items fail");
    check(context, figure_noted(context, "right_processed") == (double)context->n - WORKERS,
          "all others are processed");
    check(context, figure_noted(context, "right_joined") == 1, "and the join returns");
    return 0;
}

const struct pattern pattern_queue_worker = {
    .name = "queue-worker-dies",
    .title = "Mistake: a worker that dies, and a join that waits for ever",
    .article = "the worker of its pool has try and finally, but no except",
    .source = __FILE__,
    .words = "{wrong_failed} of {n} items failed: their workers died, and {left_wrong} items are "
             "left for "
             "nobody; where workers go on, {left_right} are left",
    .meaning = "Catch in the worker what an item raises, or the queue is never empty again.",
    .body = run,
    .n = 30,
    .server = {"--latency", "10ms"},
};
