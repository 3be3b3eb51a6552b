/* What a deadline costs, by the number of those that wait: adds one and takes the earliest, over
 * and over. `list`: a fixed latency, each deadline after the last one. `heap`: random deadlines.
 *
 *     queue
 *
 * Prints a table in Markdown, in nanoseconds a request. */
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "mockserver/delay_queue.h"

#define ROUNDS 1000000

/* A cheap random number, so that its cost does not show. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static uint64_t deadline(uint64_t now, int random, uint64_t *state)
{
    return random ? now + next_random(state) % (1U << 20) : now;
}

/* Nanoseconds for one item taken and added again, with `count` items queued. */
static double measure(size_t count, int random)
{
    struct delay_item *items = calloc(count, sizeof(*items));
    struct delay_queue queue;
    uint64_t state = 88172645463325252ULL, start_ns;

    if (items == NULL)
        return -1;
    delay_queue_init(&queue);
    for (size_t i = 0; i < count; i++) {
        items[i].deadline_ns = deadline(i, random, &state);
        delay_queue_add(&queue, &items[i], false);
    }
    start_ns = clock_ns();
    for (uint64_t i = 0; i < ROUNDS; i++) {
        struct delay_item *item = delay_queue_first(&queue);

        delay_queue_remove(&queue, item);
        item->deadline_ns = deadline(count + i, random, &state);
        delay_queue_add(&queue, item, false);
    }
    start_ns = clock_ns() - start_ns;
    delay_queue_term(&queue);
    free(items);
    return (double)start_ns / ROUNDS;
}

int main(void)
{
    printf("| waiting | list (fixed latency) | heap (random) |\n|--:|--:|--:|\n");
    for (size_t count = 100; count <= 1000000; count *= 10)
        printf("| %zu | %.0f | %.0f |\n", count, measure(count, 0), measure(count, 1));
    return 0;
}
