/* The mock server's command line. What it refuses is tested with the program itself. */
#include "tests/helpers.h"

#include "common/clock.h"
#include "mockserver/settings.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(*(array))) - 1)

static void nothing_asked(void **state)
{
    char *argv[] = {"mockserver", NULL};
    struct settings settings;

    (void)state;
    settings_parse(COUNT(argv), argv, &settings);
    assert_int_equal(settings.listen_count, 1);
    assert_string_equal(settings.listen[0], "127.0.0.1:8080");
    assert_int_equal(settings.workers, 1);
    assert_int_equal(latency_delay_ns(&settings.latency, 1, 7, 0), 200 * NS_PER_MS);
    assert_int_equal(settings.seed, 1);
    for (uint64_t id = 0; id < 1000; id++)
        assert_int_equal(faults_choose(&settings.faults, 1, id, 0), FAULT_NONE);
    assert_int_equal(settings.connections_max + settings.in_flight_max + settings.rate_max, 0);
    assert_int_equal(settings.print_delays, 0);
}

static void everything_asked(void **state)
{
    char *argv[] = {"mockserver",
                    "--listen",
                    "127.0.0.1:1",
                    "--listen=127.0.0.2:2",
                    "--latency",
                    "50ms",
                    "--seed",
                    "42",
                    "--workers",
                    "3",
                    "--faults",
                    "503=100%",
                    "--drip-rate",
                    "7",
                    "--max-connections",
                    "10k",
                    "--max-in-flight",
                    "5",
                    "--rate",
                    "100/s",
                    "--request-timeout",
                    "3s",
                    "--grace",
                    "1s",
                    "--print-delays",
                    "9",
                    NULL};
    struct settings settings;

    (void)state;
    settings_parse(COUNT(argv), argv, &settings);
    assert_int_equal(settings.listen_count, 2);
    assert_string_equal(settings.listen[1], "127.0.0.2:2");
    assert_int_equal(latency_delay_ns(&settings.latency, 1, 7, 0), 50 * NS_PER_MS);
    assert_string_equal(settings.latency_spec, "50ms");
    assert_int_equal(settings.seed, 42);
    assert_int_equal(settings.workers, 3);
    assert_int_equal(faults_choose(&settings.faults, 1, 7, 0), FAULT_503);
    assert_int_equal(settings.drip_rate, 7);
    assert_int_equal(settings.connections_max, 10000);
    assert_int_equal(settings.in_flight_max, 5);
    assert_int_equal(settings.rate_max, 100);
    assert_int_equal(settings.request_ns_max, 3 * NS_PER_S);
    assert_int_equal(settings.grace_ns, NS_PER_S);
    assert_int_equal(settings.print_delays, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_asked),
        cmocka_unit_test(everything_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
