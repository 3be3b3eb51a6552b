/* Worker pools and pipelines: queues and tasks in the arrangements that are always needed. */
#ifndef CO_POOL_H
#define CO_POOL_H

#include <stddef.h>

#include "co/co.h"

/* ---- Worker pool: at most so many items at a time ---- */

typedef int co_handler(struct co_task *self, void *item, void *user);

struct co_pool {
    struct co_queue queue;
    struct co_group group;
    co_handler *handler;
    void *user;
    void (*discard)(
        void *item); /* frees an item that no handler got, as it was cancelled; or NULL */
    size_t failed;   /* items whose handler returned an error */
    int error;       /* the first */
};

/* Starts `workers` tasks in the running one; `capacity` items may wait for them, 0: any number.
 * Returns 0 or UV_ENOMEM, and then nothing is left to end. */
int co_pool_begin(struct co_task *self, struct co_pool *pool, size_t workers, size_t capacity,
                  co_handler *handler, void *user, void (*discard)(void *item)) CO_MUST_USE;

/* Hands an item over, waiting where `capacity` items do. Returns 0; or UV_ECANCELED or UV_ENOMEM,
 * and the item is still the caller's. */
int co_pool_put(struct co_task *self, struct co_pool *pool, void *item) CO_MUST_USE;

/* Waits until all items are done, and ends the workers. An item that fails stops no other. `error`
 * is the caller's: not 0 cancels. Returns `error`, UV_ECANCELED, or the first error of an item. */
int co_pool_end(struct co_task *self, struct co_pool *pool, int error) CO_MUST_USE;

/* ---- Pipeline: each item passes all stages, and the stages work at the same time ---- */

struct co_stage {
    const char *name;
    size_t workers;  /* items in this stage at a time */
    size_t capacity; /* items that may wait before it; 0: any number */

    /* Replaces *item by what the next stage gets; NULL takes it out. An error ends the pipeline;
     * the item that it leaves in *item is discarded. */
    int (*step)(struct co_task *self, void **item, void *user);
    void *user;
};

struct co_pipeline {
    const struct co_stage *stages;
    size_t count;
    struct co_line *lines; /* one for each stage */
    struct co_group group;
    bool cancelled;              /* by a step that returned UV_ECANCELED */
    void (*discard)(void *item); /* frees an item that does not reach the end; or NULL */
};

/* Starts the workers of all stages, which must live until the end. Items that leave the last stage
 * are its own affair: it returns with *item NULL, or they are discarded. Returns 0 or UV_ENOMEM,
 * and then nothing is left to end. */
int co_pipeline_begin(struct co_task *self, struct co_pipeline *pipeline,
                      const struct co_stage stages[], size_t count,
                      void (*discard)(void *item)) CO_MUST_USE;

/* Hands an item to the first stage, waiting where that is full. Returns 0 or an error; the item is
 * then still the caller's. */
int co_pipeline_put(struct co_task *self, struct co_pipeline *pipeline, void *item) CO_MUST_USE;

/* Waits until all items have passed. `error` is the caller's: not 0 cancels all stages. Returns 0,
 * `error`, UV_ECANCELED or the first error of a step. */
int co_pipeline_end(struct co_pipeline *pipeline, int error) CO_MUST_USE;

#endif
