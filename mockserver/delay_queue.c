#include "mockserver/delay_queue.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define PLACE_NONE    0
#define PLACE_LIST    SIZE_MAX
#define HEAP_SIZE_MIN 64
#define PARENT(index) (((index)-1) / 2)
#define CHILD(index)  (2 * (index) + 1)

void delay_queue_init(struct delay_queue *queue)
{
    *queue = (struct delay_queue){0};
    TAILQ_INIT(&queue->list);
}

void delay_queue_term(struct delay_queue *queue)
{
    free(queue->heap);
    delay_queue_init(queue);
}

bool delay_item_queued(const struct delay_item *item)
{
    return item->place != PLACE_NONE;
}

static void heap_put(struct delay_queue *queue, size_t index, struct delay_item *item)
{
    queue->heap[index] = item;
    item->place = index + 1;
}

/* Moves the hole at `index` up until `item` may stand there. */
static void heap_rise(struct delay_queue *queue, size_t index, struct delay_item *item)
{
    while (index > 0 && item->deadline_ns < queue->heap[PARENT(index)]->deadline_ns) {
        heap_put(queue, index, queue->heap[PARENT(index)]);
        index = PARENT(index);
    }
    heap_put(queue, index, item);
}

/* Moves the hole at `index` down until `item` may stand there. */
static void heap_sink(struct delay_queue *queue, size_t index, struct delay_item *item)
{
    while (CHILD(index) < queue->heap_count) {
        size_t child = CHILD(index);

        if (child + 1 < queue->heap_count &&
            queue->heap[child + 1]->deadline_ns < queue->heap[child]->deadline_ns)
            child++;
        if (item->deadline_ns <= queue->heap[child]->deadline_ns)
            break;
        heap_put(queue, index, queue->heap[child]);
        index = child;
    }
    heap_put(queue, index, item);
}

static int heap_add(struct delay_queue *queue, struct delay_item *item)
{
    if (queue->heap_count == queue->heap_size) {
        size_t size = queue->heap_size > 0 ? 2 * queue->heap_size : HEAP_SIZE_MIN;
        struct delay_item **heap = realloc(queue->heap, size * sizeof(*heap));

        if (heap == NULL)
            return -ENOMEM;
        queue->heap = heap;
        queue->heap_size = size;
    }
    heap_rise(queue, queue->heap_count++, item);
    return 0;
}

static void heap_remove(struct delay_queue *queue, struct delay_item *item)
{
    size_t index = item->place - 1;
    struct delay_item *last = queue->heap[--queue->heap_count];

    if (last == item)
        return;
    if (index > 0 && last->deadline_ns < queue->heap[PARENT(index)]->deadline_ns)
        heap_rise(queue, index, last);
    else
        heap_sink(queue, index, last);
}

int delay_queue_add(struct delay_queue *queue, struct delay_item *item)
{
    const struct delay_item *last = TAILQ_LAST(&queue->list, delay_list);

    assert(!delay_item_queued(item));
    if (last != NULL && item->deadline_ns < last->deadline_ns)
        return heap_add(queue, item);
    TAILQ_INSERT_TAIL(&queue->list, item, neighbours);
    item->place = PLACE_LIST;
    return 0;
}

int delay_queue_add_apart(struct delay_queue *queue, struct delay_item *item)
{
    assert(!delay_item_queued(item));
    return heap_add(queue, item);
}

void delay_queue_remove(struct delay_queue *queue, struct delay_item *item)
{
    if (item->place == PLACE_LIST)
        TAILQ_REMOVE(&queue->list, item, neighbours);
    else if (item->place != PLACE_NONE)
        heap_remove(queue, item);
    item->place = PLACE_NONE;
}

struct delay_item *delay_queue_first(const struct delay_queue *queue)
{
    struct delay_item *first = TAILQ_FIRST(&queue->list);

    if (queue->heap_count > 0 &&
        (first == NULL || queue->heap[0]->deadline_ns < first->deadline_ns))
        return queue->heap[0];
    return first;
}
