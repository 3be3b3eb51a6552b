/* What the mock server counts, and what a reset leaves. */
#include "tests/helpers.h"

#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "mockserver/counters.h"

static void a_reply_before_its_time_is_early(void **state)
{
    struct counters *counters = counters_new();

    (void)state;
    counters_late(counters, 1000, 1000);
    counters_late(counters, 1000, 1500);
    assert_int_equal(counters_read(&counters->early), 0);
    counters_late(counters, 1000, 999);
    assert_int_equal(counters_read(&counters->early), 1);
    counters_free(counters);
}

static void a_gauge_has_a_limit_and_a_peak(void **state)
{
    struct counters *counters = counters_new();
    struct gauge *gauge = &counters->in_flight;

    (void)state;
    assert_true(gauge_try_up(gauge, 2));
    assert_true(gauge_try_up(gauge, 2));
    assert_false(gauge_try_up(gauge, 2));
    gauge_down(gauge);
    assert_int_equal(counters_read(&gauge->now), 1);
    assert_int_equal(counters_read(&gauge->peak), 2);
    assert_true(gauge_try_up(gauge, 0));
    assert_true(gauge_try_up(gauge, 0)); /* 0: no limit */
    assert_int_equal(counters_read(&gauge->peak), 3);
    counters_free(counters);
}

static void an_id_counts_once(void **state)
{
    struct counters *counters = counters_new();

    (void)state;
    counters_id(counters, 65);
    counters_id(counters, 1);
    counters_id(counters, 65);
    assert_int_equal(counters_read(&counters->ids), 2);
    assert_int_equal(counters_read(&counters->id_max), 65);
    counters_free(counters);
}

/* A burst of a tenth of a second may come at once. */
static void a_rate_is_that_of_its_requests(void **state)
{
    _Atomic uint64_t next_ns = 0;
    uint64_t now_ns = 5 * NS_PER_S;
    int allowed = 0;

    (void)state;
    for (int ms = 0; ms < 10000; ms++)
        allowed += rate_allows(&next_ns, 100, now_ns + (uint64_t)ms * NS_PER_MS);
    assert_in_range(allowed, 1000, 1011);
    assert_true(rate_allows(&next_ns, 0, now_ns));
}

static void use_the_processor(uint64_t ns)
{
    uint64_t end_ns = clock_ns_of(CLOCK_PROCESS_CPUTIME_ID) + ns;

    while (clock_ns_of(CLOCK_PROCESS_CPUTIME_ID) < end_ns)
        ;
}

/* Who is there stays there, and is the new peak. */
static void a_reset_forgets_what_was(void **state)
{
    struct counters *counters = counters_new();

    (void)state;
    atomic_store(&counters->pids[0], getpid());
    for (int i = 0; i < 5; i++) {
        gauge_try_up(&counters->in_flight, 0);
        gauge_try_up(&counters->connections, 0);
    }
    gauge_down(&counters->in_flight);
    gauge_down(&counters->connections);
    gauge_down(&counters->connections);
    counters_add(&counters->requests, 5);
    counters_id(counters, 5);
    counters_late(counters, 2, 1);
    use_the_processor(50 * NS_PER_MS);
    assert_true(counters_cpu_ns(counters) >= 50 * NS_PER_MS);
    counters_reset(counters);
    assert_true(counters_cpu_ns(counters) < 50 * NS_PER_MS);
    assert_int_equal(counters_read(&counters->resets), 1);
    assert_int_equal(counters_read(&counters->requests), 0);
    assert_int_equal(counters_read(&counters->early), 0);
    assert_int_equal(counters_read(&counters->ids), 0);
    assert_int_equal(counters_read(&counters->in_flight.now), 4);
    assert_int_equal(counters_read(&counters->in_flight.peak), 4);
    assert_int_equal(counters_read(&counters->connections.now), 3);
    assert_int_equal(counters_read(&counters->connections.peak), 3);
    counters_id(counters, 5);
    assert_int_equal(counters_read(&counters->ids), 1);
    counters_free(counters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_before_its_time_is_early),
        cmocka_unit_test(a_gauge_has_a_limit_and_a_peak),
        cmocka_unit_test(an_id_counts_once),
        cmocka_unit_test(a_rate_is_that_of_its_requests),
        cmocka_unit_test(a_reset_forgets_what_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
