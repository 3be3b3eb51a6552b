/* A queue between tasks. An item that is put goes to the first getter that waits, and room that
 * comes free to the first putter: both are handed over while the waiter is woken, so that nothing
 * is lost and nobody is overtaken. Getters wait only while the queue is empty, putters only while
 * it is full. */
#include <stdlib.h>

#include "co/task.h"

#define ROOM_MIN 16

void co_queue_init(struct co_queue *queue, struct co_loop *loop, size_t capacity)
{
    *queue = (struct co_queue){.loop = loop, .capacity = capacity};
    co_link_init(&queue->getters);
    co_link_init(&queue->putters);
    co_link_init(&queue->joiners);
}

void co_queue_term(struct co_queue *queue)
{
    free(queue->items);
    queue->items = NULL;
    queue->count = queue->room = 0;
}

static int reserve(struct co_queue *queue)
{
    size_t room = queue->room > 0 ? 2 * queue->room : ROOM_MIN;
    void **items;

    if (queue->count < queue->room)
        return 0;
    items = malloc(room * sizeof(*items));
    if (items == NULL)
        return UV_ENOMEM;
    for (size_t i = 0; i < queue->count; i++)
        items[i] = queue->items[(queue->first + i) % queue->room];
    free(queue->items);
    queue->items = items;
    queue->first = 0;
    queue->room = room;
    return 0;
}

static void append(struct co_queue *queue, void *item)
{
    queue->items[(queue->first + queue->count) % queue->room] = item;
    queue->count++;
}

static struct co_task *first_task(const struct co_link *list)
{
    return (struct co_task *)co_list_first(list);
}

int co_queue_put_now(struct co_queue *queue, void *item)
{
    int error;

    if (queue->closed)
        return UV_EOF;
    if (queue->capacity != 0 && queue->count >= queue->capacity)
        return UV_EAGAIN;
    if (!co_list_is_empty(&queue->getters)) {
        struct co_task *getter = first_task(&queue->getters);

        getter->item = item;
        co_wake(queue->loop, &getter->waiter, 0);
    } else {
        error = reserve(queue);
        if (error < 0)
            return error;
        append(queue, item);
    }
    queue->unfinished++;
    return 0;
}

int co_queue_put(struct co_task *self, struct co_queue *queue, void *item)
{
    int error = co_queue_put_now(queue, item);

    if (error != UV_EAGAIN)
        return error;
    self->item = item;
    co_list_append(&queue->putters, &self->waiter.link);
    return co_park(self, NULL, NULL);
}

int co_queue_get_now(struct co_queue *queue, void **item)
{
    if (queue->count == 0)
        return queue->closed ? UV_EOF : UV_EAGAIN;
    *item = queue->items[queue->first];
    queue->first = (queue->first + 1) % queue->room;
    queue->count--;
    if (!co_list_is_empty(&queue->putters)) {
        struct co_task *putter = first_task(&queue->putters);

        append(queue, putter->item);
        queue->unfinished++;
        co_wake(queue->loop, &putter->waiter, 0);
    }
    return 0;
}

int co_queue_get(struct co_task *self, struct co_queue *queue, void **item)
{
    int error = co_queue_get_now(queue, item);

    if (error != UV_EAGAIN)
        return error;
    co_list_append(&queue->getters, &self->waiter.link);
    error = co_park(self, NULL, NULL);
    if (error == 0)
        *item = self->item;
    return error;
}

void co_queue_discard(struct co_queue *queue, void (*discard)(void *item))
{
    void *item;

    while (co_queue_get_now(queue, &item) == 0)
        if (discard != NULL)
            discard(item);
}

int co_queue_done(struct co_queue *queue)
{
    if (queue->unfinished == 0)
        return UV_EINVAL;
    if (--queue->unfinished == 0)
        co_wake_all(queue->loop, &queue->joiners, 0);
    return 0;
}

int co_queue_join(struct co_task *self, struct co_queue *queue)
{
    if (queue->unfinished == 0)
        return 0;
    co_list_append(&queue->joiners, &self->waiter.link);
    return co_park(self, NULL, NULL);
}

void co_queue_close(struct co_queue *queue)
{
    queue->closed = true;
    co_wake_all(queue->loop, &queue->getters, UV_EOF);
    co_wake_all(queue->loop, &queue->putters, UV_EOF);
}
