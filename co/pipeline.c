/* Each stage has a queue before it and workers that take from it and put into the next. The last
 * worker of a stage that ends closes the next stage's queue, so the end runs through the pipeline
 * behind the last item. */
#include <stdlib.h>

#include "co/pool.h"

struct co_line {
    struct co_pipeline *pipeline;
    const struct co_stage *stage;
    struct co_queue queue;
    struct co_queue *next; /* NULL: the last stage */
    size_t working;
};

static void discard(const struct co_pipeline *pipeline, void *item)
{
    if (item != NULL && pipeline->discard != NULL)
        pipeline->discard(item);
}

static int pass(struct co_task *self, struct co_line *line, void *item)
{
    int error = line->stage->step(self, &item, line->stage->user);

    if (error >= 0 && item != NULL && line->next != NULL) {
        error = co_queue_put(self, line->next, item);
        if (error == 0)
            return 0;
    }
    discard(line->pipeline, item);
    return error < 0 ? error : 0;
}

/* A step has given up as if it had been cancelled. For the group that is no error; for the items
 * that wait for this stage it is the end, as is any error. */
static void cancel(struct co_pipeline *pipeline)
{
    pipeline->cancelled = true;
    co_group_cancel(&pipeline->group);
    for (size_t i = 0; i < pipeline->count; i++)
        co_queue_close(&pipeline->lines[i].queue);
}

static int work(struct co_task *self, void *argument)
{
    struct co_line *line = argument;
    void *item;
    int error;

    for (error = co_queue_get(self, &line->queue, &item); error == 0;
         error = co_queue_get(self, &line->queue, &item)) {
        error = pass(self, line, item);
        if (error == UV_ECANCELED && co_cancelling(self) == 0)
            cancel(line->pipeline);
        if (error < 0)
            return error;
    }
    if (error == UV_EOF && --line->working == 0 && line->next != NULL)
        co_queue_close(line->next);
    return error == UV_EOF ? 0 : error;
}

int co_pipeline_begin(struct co_task *self, struct co_pipeline *pipeline,
                      const struct co_stage stages[], size_t count,
                      void (*discard_item)(void *item))
{
    int error = 0;

    *pipeline = (struct co_pipeline){.stages = stages, .count = count, .discard = discard_item};
    pipeline->lines = calloc(count, sizeof(*pipeline->lines));
    if (pipeline->lines == NULL)
        return UV_ENOMEM;
    co_group_begin(self, &pipeline->group);
    for (size_t i = 0; i < count; i++) {
        struct co_line *line = &pipeline->lines[i];

        *line = (struct co_line){
            .pipeline = pipeline, .stage = &stages[i], .working = stages[i].workers};
        line->next = i + 1 < count ? &pipeline->lines[i + 1].queue : NULL;
        co_queue_init(&line->queue, co_loop_of(self), stages[i].capacity);
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < stages[i].workers && error == 0; j++)
            if (co_group_start(&pipeline->group, work, &pipeline->lines[i], "%s-%zu",
                               stages[i].name, j) == NULL)
                error = UV_ENOMEM;
    return error < 0 ? co_pipeline_end(pipeline, error) : 0;
}

int co_pipeline_put(struct co_task *self, struct co_pipeline *pipeline, void *item)
{
    int error = co_queue_put(self, &pipeline->lines[0].queue, item);

    return error == UV_EOF && pipeline->cancelled ? UV_ECANCELED : error;
}

int co_pipeline_end(struct co_pipeline *pipeline, int error)
{
    co_queue_close(&pipeline->lines[0].queue);
    error = co_group_end(&pipeline->group, error);
    for (size_t i = 0; i < pipeline->count; i++) {
        co_queue_discard(&pipeline->lines[i].queue, pipeline->discard);
        co_queue_term(&pipeline->lines[i].queue);
    }
    co_group_term(&pipeline->group);
    free(pipeline->lines);
    return error == 0 && pipeline->cancelled ? UV_ECANCELED : error;
}
