/* What the result of a lane says of its records. */
#include "tests/helpers.h"

#include "common/clock.h"
#include "workload/result.h"

enum { REQUESTS = 20 };

static const struct options options = {
    .workload = {.work = WORK_IO,
                 .requests = REQUESTS,
                 .concurrency = 4,
                 .verify = VERIFY_ID,
                 .computation = {.workers = 1}},
    .load = {.requests = REQUESTS, .concurrency = 4, .latency = {.a_ns = 50 * NS_PER_MS}},
    .latency_known = true,
};

/* Request i takes 100 (i + 1) ns, and begins in the very nanosecond in which the one before ends.
 */
static struct recorder *one_after_another(void)
{
    struct recorder *r = recorder_create(REQUESTS, 0, false);
    uint64_t now_ns = 1000;

    for (unsigned id = 0; id < REQUESTS; id++) {
        r->records[id].start_ns = now_ns;
        now_ns += 100 * (id + 1);
        r->records[id].end_ns = now_ns;
        r->records[id].outcome = OUTCOME_OK;
    }
    return r;
}

static struct result result_of(const struct recorder *r)
{
    struct result result = {.options = &options, .recorder = r};

    assert_int_equal(result_complete(&result), 0);
    return result;
}

static void latencies_are_told_by_nearest_rank(void **state)
{
    struct recorder *r = one_after_another();
    struct result result = result_of(r);

    (void)state;
    assert_true(result.valid);
    assert_int_equal(result.outcomes[OUTCOME_OK], REQUESTS);
    assert_int_equal(result.verified, REQUESTS);
    assert_int_equal(result.latency.count, REQUESTS);
    assert_int_equal(result.latency.p50_ns, 1000);
    assert_int_equal(result.latency.p90_ns, 1800);
    assert_int_equal(result.latency.p99_ns, 2000);
    assert_int_equal(result.latency.max_ns, 2000);
    for (unsigned i = 0; i < LATENCY_PARTS; i++)
        assert_int_equal(result.latency.twentieths_ns[i], 100 * (i + 1));
    assert_int_equal(result.floor_ns, REQUESTS / 4 * 50 * NS_PER_MS);
    recorder_destroy(r);
}

/* What failed took the time that it took, and tells nothing of answers. */
static void what_failed_is_no_latency(void **state)
{
    struct recorder *r = one_after_another();
    struct result result;

    (void)state;
    r->records[REQUESTS - 1].outcome = OUTCOME_TIMEOUT;
    result = result_of(r);
    assert_false(result.valid);
    assert_int_equal(result.outcomes[OUTCOME_OK], REQUESTS - 1);
    assert_int_equal(result.outcomes[OUTCOME_TIMEOUT], 1);
    assert_int_equal(result.verified, REQUESTS - 1);
    assert_int_equal(result.latency.count, REQUESTS - 1);
    assert_int_equal(result.latency.max_ns, 1900);
    recorder_destroy(r);
}

static void a_model_that_could_not_run_has_no_valid_result(void **state)
{
    struct recorder *r = one_after_another();
    struct result result = {.options = &options, .recorder = r, .error = "no thread"};

    (void)state;
    assert_int_equal(result_complete(&result), 0);
    assert_false(result.valid);
    recorder_destroy(r);
}

static void every_send_again_counts(void **state)
{
    struct recorder *r = one_after_another();

    (void)state;
    r->records[3].resends = 1;
    r->records[4].resends = 3;
    r->records[7].resends = 1;
    assert_int_equal(result_of(r).resends, 5);
    recorder_destroy(r);
}

/* Requests that follow each other are never in flight together; those that overlap are. */
static void the_peak_is_of_one_moment(void **state)
{
    struct recorder *r = one_after_another();

    (void)state;
    assert_int_equal(result_of(r).in_flight_peak, 1);
    r->records[2].end_ns = r->records[4].end_ns + 1; /* beyond the start of 5 */
    r->records[4].end_ns += 1;
    assert_int_equal(result_of(r).in_flight_peak, 3);
    r->records[9].start_ns = 0; /* never started: what follows is as it was */
    assert_int_equal(result_of(r).in_flight_peak, 3);
    recorder_destroy(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(latencies_are_told_by_nearest_rank),
        cmocka_unit_test(what_failed_is_no_latency),
        cmocka_unit_test(a_model_that_could_not_run_has_no_valid_result),
        cmocka_unit_test(every_send_again_counts),
        cmocka_unit_test(the_peak_is_of_one_moment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
