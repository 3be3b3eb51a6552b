/* Deadlines in order. Items whose deadline is not before that of the last one added (always so for
 * a fixed latency) go to the end of a list: O(1). All others go to a binary heap: O(log n). The
 * earliest item is the earlier of the two heads. Items belong to the caller, who embeds them; the
 * queue only links them. One thread at a time. */
#ifndef MOCKSERVER_DELAY_QUEUE_H
#define MOCKSERVER_DELAY_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct delay_item {
    uint64_t deadline_ns; /* of clock_ns(); set by the caller before delay_queue_add() */
    TAILQ_ENTRY(delay_item) neighbours; /* while in the list */
    size_t place; /* 0: in no queue; SIZE_MAX: in the list; else index in the heap + 1 */
};

struct delay_queue {
    TAILQ_HEAD(delay_list, delay_item) list; /* ascending */
    struct delay_item **heap;
    size_t heap_count;
    size_t heap_size; /* items for which `heap` has room */
};

void delay_queue_init(struct delay_queue *queue);

/* Frees the heap. The items are not touched. */
void delay_queue_term(struct delay_queue *queue);

/* Adds an item that is in no queue. Returns 0 or -ENOMEM (then it is still in none). */
int delay_queue_add(struct delay_queue *queue, struct delay_item *item);

/* Likewise, of an item whose deadline says nothing of those that follow: it goes to the heap, so
 * that one long delay does not send all later items there. */
int delay_queue_add_apart(struct delay_queue *queue, struct delay_item *item);

/* Takes an item out, wherever it stands; does nothing if it is in no queue. */
void delay_queue_remove(struct delay_queue *queue, struct delay_item *item);

/* The item with the earliest deadline, or NULL where the queue is empty. */
struct delay_item *delay_queue_first(const struct delay_queue *queue);

/* Whether `item` stands in a queue. A zeroed item does not. */
bool delay_item_queued(const struct delay_item *item);

#endif
