/* The order of deadlines: list and heap, cancelled items, and a random walk against a sorted
 * reference. */
#include "tests/helpers.h"

#include <stdbool.h>

#include "mockserver/delay_queue.h"

#define ITEMS 400

static void takes_the_earliest_first(void **state)
{
    static const uint64_t deadlines[] = {50, 10, 70, 70, 20, 60, 10};
    static const uint64_t expected[] = {10, 10, 20, 50, 60, 70, 70};
    struct delay_item items[7] = {0};
    struct delay_queue queue;

    (void)state;
    delay_queue_init(&queue);
    assert_null(delay_queue_first(&queue));
    for (size_t i = 0; i < 7; i++) {
        items[i].deadline_ns = deadlines[i];
        assert_int_equal(delay_queue_add(&queue, &items[i], false), 0);
    }
    for (size_t i = 0; i < 7; i++) {
        struct delay_item *first = delay_queue_first(&queue);

        assert_int_equal(first->deadline_ns, expected[i]);
        delay_queue_remove(&queue, first);
        assert_false(delay_item_queued(first));
    }
    assert_null(delay_queue_first(&queue));
    delay_queue_term(&queue);
}

/* What costs nothing with a fixed latency: no heap is ever made. */
static void ascending_deadlines_need_no_heap(void **state)
{
    struct delay_item items[ITEMS] = {0};
    struct delay_queue queue;

    (void)state;
    delay_queue_init(&queue);
    for (size_t i = 0; i < ITEMS; i++) {
        items[i].deadline_ns = 1000 + i / 2;
        assert_int_equal(delay_queue_add(&queue, &items[i], false), 0);
    }
    assert_null(queue.heap);
    for (size_t i = 0; i < ITEMS; i++) {
        assert_ptr_equal(delay_queue_first(&queue), &items[i]);
        delay_queue_remove(&queue, &items[i]);
    }
    delay_queue_term(&queue);
}

/* One that waits far longer does not send all others to the heap. */
static void one_apart_leaves_the_list_alone(void **state)
{
    struct delay_item items[ITEMS] = {0}, apart = {.deadline_ns = 1000000};
    struct delay_queue queue;

    (void)state;
    delay_queue_init(&queue);
    assert_int_equal(delay_queue_add(&queue, &apart, true), 0);
    for (size_t i = 0; i < ITEMS; i++) {
        items[i].deadline_ns = 1000 + i;
        assert_int_equal(delay_queue_add(&queue, &items[i], false), 0);
    }
    assert_int_equal(queue.heap_count, 1);
    for (size_t i = 0; i < ITEMS; i++) {
        assert_ptr_equal(delay_queue_first(&queue), &items[i]);
        delay_queue_remove(&queue, &items[i]);
    }
    assert_ptr_equal(delay_queue_first(&queue), &apart);
    delay_queue_remove(&queue, &apart);
    delay_queue_term(&queue);
}

static void an_item_can_be_taken_out_anywhere(void **state)
{
    struct delay_item items[3] = {{.deadline_ns = 1}, {.deadline_ns = 2}, {.deadline_ns = 3}};
    struct delay_queue queue;

    (void)state;
    delay_queue_init(&queue);
    delay_queue_remove(&queue, &items[0]);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(delay_queue_add(&queue, &items[i], false), 0);
    delay_queue_remove(&queue, &items[1]);
    assert_ptr_equal(delay_queue_first(&queue), &items[0]);
    delay_queue_remove(&queue, &items[0]);
    assert_ptr_equal(delay_queue_first(&queue), &items[2]);
    delay_queue_remove(&queue, &items[2]);
    assert_null(delay_queue_first(&queue));
    delay_queue_term(&queue);
}

static uint64_t least_queued(const struct delay_item *items)
{
    uint64_t least = UINT64_MAX;

    for (size_t i = 0; i < ITEMS; i++)
        if (delay_item_queued(&items[i]) && items[i].deadline_ns < least)
            least = items[i].deadline_ns;
    return least;
}

/* Random additions, cancellations and removals of the first; after each the head must be the least
 * deadline there is. */
static void random_walk_agrees_with_a_reference(void **state)
{
    struct delay_item items[ITEMS] = {0};
    struct delay_queue queue;

    (void)state;
    srandom(7);
    delay_queue_init(&queue);
    for (uint64_t step = 0; step < 40000; step++) {
        struct delay_item *item = &items[random() % ITEMS];
        struct delay_item *first = delay_queue_first(&queue);
        bool mostly_growing = step / 4000 % 2 == 0;

        if (!delay_item_queued(item)) {
            item->deadline_ns = step + (uint64_t)(random() % (step % 3 == 0 ? 1000 : 10));
            assert_int_equal(delay_queue_add(&queue, item, false), 0);
        } else if (!mostly_growing || random() % 4 == 0) {
            delay_queue_remove(&queue, random() % 2 == 0 ? item : first);
        }
        first = delay_queue_first(&queue);
        assert_int_equal(first != NULL ? first->deadline_ns : UINT64_MAX, least_queued(items));
    }
    for (struct delay_item *first; (first = delay_queue_first(&queue)) != NULL;)
        delay_queue_remove(&queue, first);
    assert_int_equal(least_queued(items), UINT64_MAX);
    delay_queue_term(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_earliest_first),
        cmocka_unit_test(ascending_deadlines_need_no_heap),
        cmocka_unit_test(one_apart_leaves_the_list_alone),
        cmocka_unit_test(an_item_can_be_taken_out_anywhere),
        cmocka_unit_test(random_walk_agrees_with_a_reference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
