/* The same seed gives the same delays and faults to every lane: the records of all, beside
 * what the mock server says it will do. */
#include "tests/helpers.h"

#include <gsl/gsl_statistics_double.h>
#include <inttypes.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/file.h"

#define REQUESTS       80
#define REQUESTS_TEXT  "80"
#define LATENCY        "uniform:20ms..240ms"
#define FAULTS         "500=5%,503=8%,reset=5%,truncate=5%,wrong-body=5%,malformed=5%,reset-body=5%"
#define SEED           "11"
#define RESOLUTION_NS  (2 * NS_PER_US) /* of libcurl's clock, at both ends */
#define LATENESS_MAX_S 20              /* only to tell a delay from none at all on a busy machine */

struct expected {
    uint64_t delay_ns;
    char fault[16];
};

struct seen {
    uint64_t took_ns;
    char outcome[16];
};

static void read_expected(struct expected expected[REQUESTS])
{
    struct finished finished = run("mockserver", "--print-delays", REQUESTS_TEXT, "--latency",
                                   LATENCY, "--faults", FAULTS, "--seed", SEED, NULL);
    char *rest, *line = strtok_r(finished.out, "\n", &rest);

    assert_string_equal(line, "id,delay_ns,fault");
    for (int id = 0; id < REQUESTS; id++) {
        int printed;

        line = strtok_r(NULL, "\n", &rest);
        assert_non_null(line);
        assert_int_equal(sscanf(line, "%d,%" SCNu64 ",%15s", &printed, &expected[id].delay_ns,
                                expected[id].fault),
                         3);
        assert_int_equal(printed, id);
    }
    finished_free(&finished);
}

static void parse_records(char *text, struct seen seen[REQUESTS])
{
    char *rest, *line = strtok_r(text, "\n", &rest);
    int lines = 0;

    assert_string_equal(line,
                        "id,worker,start_ns,connected_ns,first_byte_ns,end_ns,outcome,resends");
    for (line = strtok_r(NULL, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        int id = (int)strtol(line, NULL, 10), field = 0;
        uint64_t times[6] = {0};
        char *value;

        assert_in_range(id, 0, REQUESTS - 1);
        for (; (value = strsep(&line, ",")) != NULL; field++) {
            if (field < 6)
                times[field] = strtoull(value, NULL, 10);
            else if (field == 6)
                snprintf(seen[id].outcome, sizeof(seen[id].outcome), "%s", value);
        }
        assert_int_equal(field, 8);
        seen[id].took_ns = times[5] - times[2];
        lines++;
    }
    assert_int_equal(lines, REQUESTS);
}

static void run_lane(const char *lane, const struct server *server, struct seen seen[REQUESTS])
{
    char *folder = folder_make(), *text, url[128];
    const char *records = path_in(folder, "records.csv");
    struct finished finished;

    snprintf(url, sizeof(url), "%s/users/{id}", server->url);
    finished = run(lane, "-n", REQUESTS_TEXT, "--records", records, url, NULL);
    assert_int_equal(finished.status, 1); /* it ran, and some requests failed */
    finished_free(&finished);
    text = file_read(records, 1000000, NULL);
    assert_non_null(text);
    parse_records(text, seen);
    free(text);
    folder_remove(folder);
}

/* What each fault must end as, whatever the lane. */
static const char *outcome_of(const char *fault)
{
    static const char *const outcomes[][2] = {
        {"none", "ok"},         {"500", "http_status"},      {"503", "http_status"},
        {"reset", "reset"},     {"truncate", "truncated"},   {"wrong-body", "bad_body"},
        {"malformed", "other"}, {"reset-body", "truncated"},
    };

    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
        if (strcmp(outcomes[i][0], fault) == 0)
            return outcomes[i][1];
    fail_msg("unknown fault %s", fault);
    return "";
}

static void check_lane(const char *lane, const struct expected expected[REQUESTS],
                       const struct seen seen[REQUESTS])
{
    for (int id = 0; id < REQUESTS; id++) {
        if (strcmp(seen[id].outcome, outcome_of(expected[id].fault)) != 0)
            fail_msg("%s, request %d: %s where the fault is %s", lane, id, seen[id].outcome,
                     expected[id].fault);
        if (seen[id].took_ns + RESOLUTION_NS < expected[id].delay_ns)
            fail_msg("%s, request %d: %" PRIu64 " ns, before its delay of %" PRIu64, lane, id,
                     seen[id].took_ns, expected[id].delay_ns);
        assert_true(seen[id].took_ns < expected[id].delay_ns + LATENESS_MAX_S * NS_PER_S);
    }
}

static double correlation(const struct expected *expected, const struct seen *seen)
{
    double delays[REQUESTS], times[REQUESTS];

    for (int id = 0; id < REQUESTS; id++) {
        delays[id] = (double)expected[id].delay_ns;
        times[id] = (double)seen[id].took_ns;
    }
    return gsl_stats_correlation(delays, 1, times, 1, REQUESTS);
}

static void every_lane_meets_the_same(void **state)
{
    static const char *const lanes[] = {"lane-sync", "lane-threads", "lane-procs", "lane-async",
                                        "lane-co"};
    struct server server =
        server_start("--latency", LATENCY, "--faults", FAULTS, "--seed", SEED, NULL);
    struct expected expected[REQUESTS];
    struct seen seen[COUNT_OF(lanes)][REQUESTS];

    (void)state;
    read_expected(expected);
    for (size_t i = 0; i < COUNT_OF(lanes); i++) {
        run_lane(lanes[i], &server, seen[i]);
        check_lane(lanes[i], expected, seen[i]);
        for (int id = 0; id < REQUESTS; id++)
            assert_string_equal(seen[i][id].outcome, seen[0][id].outcome);
        if (correlation(expected, seen[i]) < 0.7)
            fail_msg("%s: the times do not follow the delays (r = %g)", lanes[i],
                     correlation(expected, seen[i]));
    }
    server_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_lane_meets_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
