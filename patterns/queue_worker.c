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

/* Waits for the workers where they die, else for the items. Returns whether the join has returned,
 * and ends what is left. */
static bool await_end(struct co_task *self, struct line *line, struct co_task *workers[],
                      struct co_task *joiner, bool dies)
{
    int error =
        dies ? co_gather(self, workers, WORKERS, NULL, CO_ALL_OUTCOMES) : co_wait(self, joiner);
    bool joined = error == 0 && co_yield (self) == 0 && co_is_done(joiner);

    co_queue_close(&line->queue);
    co_cancel(joiner);
    error = co_join(self, joiner);
    return co_gather(self, workers, WORKERS, NULL, CO_ALL_OUTCOMES) == 0 && error == 0 && joined;
}

static int try_way(struct co_task *self, struct context *context, const char *way, co_body *body,
                   bool dies)
{
    struct line line = {.processed = 0};
    struct co_task *workers[WORKERS], *joiner;
    struct users users;
    int error = users_make(&users, context, "", NULL);

    co_queue_init(&line.queue, context->loop, 0);
    for (uint64_t i = 0; i < users.n && error == 0; i++) {
        users.fetches[i].path = i >= WORKERS && i < 2 * WORKERS ? "?status=500" : "";
        error = co_queue_put_now(&line.queue, &users.fetches[i]);
    }
    for (size_t i = 0; i < WORKERS; i++)
        workers[i] = co_start(co_create(context->loop, body, &line, "worker-%zu", i));
    joiner = co_start(co_create(context->loop, join_queue, &line.queue, "join"));
    figure_of(context, way, "joined", await_end(self, &line, workers, joiner, dies));
    figure_of(context, way, "processed", (double)line.processed);
    figure_of(context, way, "failed", (double)line.failed);
    bar(context, dies ? "wrong: items left" : "right: items left",
        dies ? "wrong_left" : "right_left", (double)line.queue.count);
    for (size_t i = 0; i < WORKERS; i++)
        co_release(workers[i]);
    co_queue_term(&line.queue);
    users_free(&users);
    return error;
}

int run_queue_worker_dies(struct co_task *self, struct context *context)
{
    int error;

    context->n = context->n > 2 * WORKERS ? context->n : 2 * WORKERS + 1;
    error = try_way(self, context, "wrong", work_until_error, true);
    if (error == 0)
        error = try_way(self, context, "right", work_on, false);
    return error;
}
