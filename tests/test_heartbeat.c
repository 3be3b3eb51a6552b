/* The health of an event loop, from times that are given: no clock, no loop. */
#include "tests/helpers.h"

#include "compute/heartbeat.h"
#include "common/clock.h"

#define START 123456789ULL /* where the grid begins; any time will do */
#define MS    NS_PER_MS

static struct heartbeat started(void)
{
    struct heartbeat h;

    heartbeat_start(&h, START);
    return h;
}

static struct loop_health health_of(const struct heartbeat *h)
{
    struct loop_health health;

    heartbeat_summarise(h, &health);
    return health;
}

/* `value` is a lateness of `ns` as the histogram knows it: never below, at most 3.2 % or 1.1 us
 * above. */
static void assert_lateness(uint64_t value, uint64_t ns)
{
    if (value < ns || value > ns + ns / 32 + 1024)
        fail_msg("%llu is not %llu", (unsigned long long)value, (unsigned long long)ns);
}

/* ---- Beats ------------------------------------------------------------------------------- */

static void beats_in_time_are_not_late(void **state)
{
    struct heartbeat h = started();
    struct loop_health health;

    (void)state;
    for (int i = 1; i <= 100; i++)
        heartbeat_beat(&h, START + (uint64_t)i * HEARTBEAT_NS);
    health = health_of(&h);
    assert_int_equal(health.heartbeat_ns, 10 * MS);
    assert_int_equal(health.heartbeats, 100);
    assert_int_equal(health.lateness_max_ns, 0);
    assert_int_equal(health.lateness_p99_ns, 0);
}

static void nothing_is_counted_before_it_is_due(void **state)
{
    struct heartbeat h = started();

    (void)state;
    heartbeat_beat(&h, START);
    heartbeat_beat(&h, START + HEARTBEAT_NS - 1);
    assert_int_equal(health_of(&h).heartbeats, 0);
    assert_int_equal(health_of(&h).lateness_p50_ns, 0);
    heartbeat_beat(&h, START + HEARTBEAT_NS);
    assert_int_equal(health_of(&h).heartbeats, 1);
}

/* The grid stays where it is: a late beat does not put off the next one. */
static void grid_is_fixed(void **state)
{
    struct heartbeat h = started();

    (void)state;
    heartbeat_beat(&h, START + 19 * MS); /* the first, 9 ms late */
    assert_int_equal(health_of(&h).lateness_max_ns, 9 * MS);
    heartbeat_beat(&h, START + 20 * MS); /* the second, in time */
    assert_int_equal(health_of(&h).heartbeats, 2);
    assert_int_equal(health_of(&h).lateness_max_ns, 9 * MS);
}

/* No coordinated omission: a block of 1 s is 100 beats that are late by 990 ms, 980 ms … 0. */
static void swallowed_beats_are_late_by_the_rest_of_the_block(void **state)
{
    struct heartbeat h = started();
    struct loop_health health;

    (void)state;
    heartbeat_beat(&h, START + NS_PER_S);
    health = health_of(&h);
    assert_int_equal(health.heartbeats, 100);
    assert_int_equal(health.lateness_max_ns, 990 * MS);
    assert_lateness(health.lateness_p50_ns, 490 * MS);
    assert_lateness(health.lateness_p99_ns, 980 * MS);
}

/* What a beat after the block alone would hide: 1 s blocked in 10 s is a tenth of all beats. */
static void percentiles_weigh_a_block_by_its_length(void **state)
{
    struct heartbeat h = started();
    struct loop_health health;

    (void)state;
    for (int i = 1; i <= 900; i++)
        heartbeat_beat(&h, START + (uint64_t)i * HEARTBEAT_NS);
    heartbeat_beat(&h, START + 10 * NS_PER_S);
    health = health_of(&h);
    assert_int_equal(health.heartbeats, 1000);
    assert_int_equal(health.lateness_p50_ns, 1023); /* the first bucket's end */
    assert_lateness(health.lateness_p99_ns, 890 * MS);
}

/* Without a timer: 100 ms of waiting, and then 25 ms of work. */
static void beats_without_a_timer_follow_from_the_waits(void **state)
{
    struct heartbeat h = started();
    struct loop_health health;

    (void)state;
    heartbeat_infer(&h, START, 0);
    heartbeat_wait(&h, START, 0);
    heartbeat_infer(&h, START + 125 * MS, 100 * MS); /* due at 110 and 120 ms: late 15 and 5 ms */
    heartbeat_wait(&h, START + 125 * MS, 100 * MS);
    health = health_of(&h);
    assert_int_equal(health.heartbeats, 12);
    assert_int_equal(health.lateness_p50_ns, 1023); /* the first bucket's end */
    assert_int_equal(health.lateness_max_ns, 15 * MS);
    heartbeat_infer(&h, START + 225 * MS, 199 * MS); /* 99 ms more, and 1 ms of work */
    heartbeat_wait(&h, START + 225 * MS, 199 * MS);
    assert_int_equal(health_of(&h).heartbeats, 22);
    assert_int_equal(health_of(&h).lateness_max_ns, 15 * MS);
}

/* A block at the very start, before any wait. */
static void beats_without_a_timer_are_late_before_the_first_wait(void **state)
{
    struct heartbeat h = started();

    (void)state;
    heartbeat_infer(&h, START + 30 * MS, 0);
    assert_int_equal(health_of(&h).heartbeats, 3);
    assert_int_equal(health_of(&h).lateness_max_ns, 20 * MS);
}

static void any_lateness_is_known_to_three_percent(void **state)
{
    (void)state;
    for (uint64_t ns = 1; ns < 20 * 60 * NS_PER_S; ns += ns / 7 + 1) {
        struct heartbeat h = started();
        uint64_t beats = ns / HEARTBEAT_NS + 1, above = beats - (beats * 99 + 99) / 100;

        heartbeat_beat(&h, START + HEARTBEAT_NS + ns);
        assert_int_equal(health_of(&h).lateness_max_ns, ns);
        assert_lateness(health_of(&h).lateness_p99_ns, ns - above * HEARTBEAT_NS);
    }
}

static void an_hour_is_counted_too(void **state)
{
    struct heartbeat h = started();

    (void)state;
    heartbeat_beat(&h, START + 3600 * NS_PER_S);
    assert_int_equal(health_of(&h).heartbeats, 360000);
    assert_int_equal(health_of(&h).lateness_p99_ns, 3600 * NS_PER_S - 10 * MS);
}

static void histogram_is_small(void **state)
{
    (void)state;
    assert_in_range(sizeof(struct heartbeat), 1, 4096);
}

/* ---- Blocks ------------------------------------------------------------------------------ */

static void waiting_is_no_block(void **state)
{
    struct heartbeat h = started();
    struct loop_health health;

    (void)state;
    heartbeat_wait(&h, START, 0);
    heartbeat_wait(&h, START + 500 * MS, 500 * MS);
    health = health_of(&h);
    assert_int_equal(health.longest_block_ns, 0);
    assert_string_equal(health.longest_block, "");
}

static void block_is_what_is_left_of_a_turn_without_its_wait(void **state)
{
    struct heartbeat h = started();
    struct loop_health health;

    (void)state;
    heartbeat_wait(&h, START, 0);
    heartbeat_wait(&h, START + 500 * MS, 480 * MS); /* 20 ms of work */
    heartbeat_wait(&h, START + 900 * MS, 875 * MS); /* 5 ms */
    health = health_of(&h);
    assert_int_equal(health.longest_block_ns, 20 * MS);
    assert_string_equal(health.longest_block, "libcurl and answers");
}

static void what_blocked_is_named(void **state)
{
    struct heartbeat h = started();
    struct loop_health health;

    (void)state;
    heartbeat_wait(&h, START, 0);
    assert_int_equal(heartbeat_enter(&h, ACTIVITY_COMPUTING, 17, START + 101 * MS),
                     ACTIVITY_TRANSFERS);
    assert_int_equal(heartbeat_enter(&h, ACTIVITY_TRANSFERS, 0, START + 121 * MS),
                     ACTIVITY_COMPUTING);
    heartbeat_wait(&h, START + 122 * MS, 100 * MS);
    health = health_of(&h);
    assert_int_equal(health.longest_block_ns, 22 * MS);
    assert_string_equal(health.longest_block, "computing item 17");
}

static void several_items_in_a_block_are_counted(void **state)
{
    struct heartbeat h = started();

    (void)state;
    heartbeat_wait(&h, START, 0);
    for (uint64_t i = 0; i < 3; i++) {
        heartbeat_enter(&h, ACTIVITY_COMPUTING, 40 + 2 * i, START + (10 * i + 1) * MS);
        heartbeat_enter(&h, ACTIVITY_TRANSFERS, 0, START + (10 * i + 9) * MS);
    }
    heartbeat_wait(&h, START + 30 * MS, 0);
    assert_int_equal(health_of(&h).longest_block_ns, 30 * MS);
    assert_string_equal(health_of(&h).longest_block, "computing 3 items, item 40 first");
}

static void longest_name_is_whole(void **state)
{
    struct heartbeat h = started();

    (void)state;
    h.longest.spent_ns[ACTIVITY_COMPUTING] = 1;
    h.longest.items = h.longest.first_id = 10000000;
    assert_string_equal(health_of(&h).longest_block,
                        "computing 10000000 items, item 10000000 first");
}

static void computing_within_starting_is_told_apart(void **state)
{
    struct heartbeat h = started();
    enum activity before;

    (void)state;
    heartbeat_enter(&h, ACTIVITY_STARTING, 0, START);
    before = heartbeat_enter(&h, ACTIVITY_COMPUTING, 3, START + 6 * MS);
    heartbeat_enter(&h, before, 0, START + 10 * MS);
    heartbeat_enter(&h, ACTIVITY_TRANSFERS, 0, START + 12 * MS);
    heartbeat_wait(&h, START + 13 * MS, 0);
    assert_int_equal(health_of(&h).longest_block_ns, 13 * MS);
    assert_string_equal(health_of(&h).longest_block, "starting requests");
}

/* ---- Several loops ----------------------------------------------------------------------- */

static void loops_add_up(void **state)
{
    struct heartbeat a = started(), b = started();
    struct loop_health health;

    (void)state;
    for (int i = 1; i <= 100; i++)
        heartbeat_beat(&a, START + (uint64_t)i * HEARTBEAT_NS);
    heartbeat_wait(&a, START + 1000 * MS, 999 * MS);
    heartbeat_beat(&b, START + 1000 * MS);
    heartbeat_enter(&b, ACTIVITY_COMPUTING, 5, START);
    heartbeat_wait(&b, START + 1000 * MS, 0);
    heartbeat_merge(&a, &b);
    health = health_of(&a);
    assert_int_equal(health.heartbeats, 200);
    assert_int_equal(health.lateness_max_ns, 990 * MS);
    assert_int_equal(health.lateness_p50_ns, 1023);
    assert_int_equal(health.longest_block_ns, 1000 * MS);
    assert_string_equal(health.longest_block, "computing item 5");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beats_in_time_are_not_late),
        cmocka_unit_test(nothing_is_counted_before_it_is_due),
        cmocka_unit_test(grid_is_fixed),
        cmocka_unit_test(swallowed_beats_are_late_by_the_rest_of_the_block),
        cmocka_unit_test(percentiles_weigh_a_block_by_its_length),
        cmocka_unit_test(beats_without_a_timer_follow_from_the_waits),
        cmocka_unit_test(beats_without_a_timer_are_late_before_the_first_wait),
        cmocka_unit_test(any_lateness_is_known_to_three_percent),
        cmocka_unit_test(an_hour_is_counted_too),
        cmocka_unit_test(histogram_is_small),
        cmocka_unit_test(waiting_is_no_block),
        cmocka_unit_test(block_is_what_is_left_of_a_turn_without_its_wait),
        cmocka_unit_test(what_blocked_is_named),
        cmocka_unit_test(several_items_in_a_block_are_counted),
        cmocka_unit_test(longest_name_is_whole),
        cmocka_unit_test(computing_within_starting_is_told_apart),
        cmocka_unit_test(loops_add_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
