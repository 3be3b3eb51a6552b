#include "co/pool.h"

static int work(struct co_task *self, void *argument)
{
    struct co_pool *pool = argument;
    void *item;
    int got, error;

    for (got = co_queue_get(self, &pool->queue, &item); got == 0;
         got = co_queue_get(self, &pool->queue, &item)) {
        error = pool->handler(self, item, pool->user);
        if (error < 0) {
            pool->failed++;
            pool->error = pool->error == 0 ? error : pool->error;
        }
        if (co_queue_done(&pool->queue) < 0)
            return UV_EINVAL;
        if (error == UV_ECANCELED && co_cancelling(self) > 0)
            return error;
    }
    return got == UV_EOF ? 0 : got;
}

int co_pool_begin(struct co_task *self, struct co_pool *pool, size_t workers, size_t capacity,
                  co_handler *handler, void *user, void (*discard)(void *item))
{
    *pool = (struct co_pool){.handler = handler, .user = user, .discard = discard};
    co_queue_init(&pool->queue, co_loop_of(self), capacity);
    co_group_begin(self, &pool->group);
    for (size_t i = 0; i < workers; i++)
        if (co_group_start(&pool->group, work, pool, "worker-%zu", i) == NULL)
            return co_pool_end(self, pool, UV_ENOMEM);
    return 0;
}

int co_pool_put(struct co_task *self, struct co_pool *pool, void *item)
{
    return co_queue_put(self, &pool->queue, item);
}

int co_pool_end(struct co_task *self, struct co_pool *pool, int error)
{
    if (error == 0)
        error = co_queue_join(self, &pool->queue);
    co_queue_close(&pool->queue);
    error = co_group_end(&pool->group, error);
    co_group_term(&pool->group);
    co_queue_discard(&pool->queue, pool->discard);
    co_queue_term(&pool->queue);
    return error < 0 ? error : pool->error;
}
