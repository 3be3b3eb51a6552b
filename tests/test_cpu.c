/* Items that compute, end to end: every lane with --work cpu and --work mixed. Every test that
 * takes a lane runs once for each. */
#include <signal.h>
#include <unistd.h>

#include "tests/lane_run.h"
#include "tests/peer.h"

#include "common/cores.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/json.h"

/* Of 1000 rounds of 32 bytes, and of 10 of 64 KiB, computed with Python's hashlib (see
 * test_computing.c). */
#define DIGEST_1000 "36c1cb4f826ae42ceba848227e0c5f786178ca9dceca6772e5d728d09c30a2f6"
#define DIGEST_64K  "e4b904f2071dcfa90e385e5fd721ed617de2879f4f93bd40f5d6246a518c3571"

#define CPU_1000 "--work", "cpu", "--rounds", "1000", "--digest", DIGEST_1000
/* Hours of rounds, that no lane comes to the end of. */
#define CPU_HOURS "--rounds", "900G", "--digest", DIGEST_1000

/* ---- The workload done right ------------------------------------------------------------- */

static void items_are_computed_and_verified(void **state)
{
    struct lane_run run = run_lane(*state, NULL, CPU_1000, "-n", "12", NULL);

    expect_outcomes(&run, "outcomes.ok", 12, 12);
    assert_int_equal(run.finished.status, 0);
    assert_int_equal(number(&run, "verified"), 12);
    assert_int_equal(number(&run, "connections_opened"), 0);
    assert_string_equal(json_text_at(run.result, "workload.work", ""), "cpu");
    assert_string_equal(json_text_at(run.result, "workload.digest", ""), DIGEST_1000);
    assert_int_equal(number(&run, "workload.rounds"), 1000);
    assert_true(json_is_null(json_at(run.result, "floor_ns")));
    assert_true(json_is_true(json_at(run.result, "valid")));
    assert_non_null(json_text_at(run.result, "libraries.libcrypto", NULL));
    assert_non_null(strstr(run.finished.out, "12 verified by their digest"));
    lane_run_free(&run);
    assert_int_equal(children_count(), 0);
}

static void larger_blocks_are_hashed_whole(void **state)
{
    struct lane_run run = run_lane(*state, NULL, "--work", "cpu", "--block", "64k", "--rounds",
                                   "10", "--digest", DIGEST_64K, "-n", "4", NULL);

    expect_outcomes(&run, "outcomes.ok", 4, 4);
    assert_non_null(strstr(run.finished.out, "10 rounds of SHA-256 of 65536 bytes"));
    lane_run_free(&run);
}

/* A digest that is wrong, and with it a lane that had left out a round. */
static void wrong_digest_is_a_bad_body(void **state)
{
    struct lane_run run = run_lane(*state, NULL, "--work", "cpu", "--rounds", "999", "--digest",
                                   DIGEST_1000, "-n", "12", NULL);

    assert_int_equal(run.finished.status, 1);
    expect_outcomes(&run, "outcomes.bad_body", 12, 12);
    assert_int_equal(number(&run, "verified"), 0);
    assert_true(json_is_false(json_at(run.result, "valid")));
    assert_non_null(strstr(run.finished.out, "not the expected digest"));
    lane_run_free(&run);
}

/* What one lane found as rounds and digest holds for the others. */
static void calibration_of_one_lane_serves_all(void **state)
{
    struct lane_run first =
        run_lane("lane-sync", NULL, "--work", "cpu", "--cpu", "2ms", "-n", "1", NULL);
    const char *digest = json_text_at(first.result, "workload.digest", "");
    uint64_t cores = cores_usable(), at_once;
    struct lane_run second;
    char rounds[32];

    assert_int_equal(first.finished.status, 0);
    assert_true(number(&first, "workload.rounds") > 1);
    assert_int_equal(number(&first, "floor_ns"), 2 * NS_PER_MS);
    snprintf(rounds, sizeof(rounds), "%ld", number(&first, "workload.rounds"));
    second = run_lane(*state, NULL, "--work", "cpu", "--cpu", "2ms", "--rounds", rounds, "--digest",
                      digest, "-n", "7", NULL);
    expect_outcomes(&second, "outcomes.ok", 7, 7);
    assert_int_equal(number(&second, "workload.rounds"), number(&first, "workload.rounds"));
    at_once = (uint64_t)number(&second, "workload.concurrency");
    at_once = at_once < cores ? at_once : cores;
    assert_int_equal(number(&second, "floor_ns"), (7 + at_once - 1) / at_once * 2 * NS_PER_MS);
    lane_run_free(&second);
    lane_run_free(&first);
}

static void requests_are_answered_and_then_computed(void **state)
{
    struct server server = server_start("--latency", "5ms", NULL);
    struct lane_run run =
        run_lane(*state, users_url(&server, ""), "--work", "mixed", "--cpu", "1us", "--rounds",
                 "1000", "--digest", DIGEST_1000, "-n", "40", "--latency", "5ms", NULL);
    char *stats = server_request(&server, "/stats", 0);
    json_t *seen = json_loads(stats, 0, NULL);
    long c = number(&run, "workload.concurrency");

    expect_outcomes(&run, "outcomes.ok", 40, 40);
    assert_int_equal(number(&run, "verified"), 40);
    assert_int_equal(number(&run, "floor_ns"),
                     (40 + c - 1) / c * (long)(5 * NS_PER_MS + NS_PER_US));
    assert_true(number(&run, "latency_ns.p50") >= (long)(5 * NS_PER_MS));
    assert_int_equal((long)json_number_at(seen, "requests", -1), 40);
    assert_true(json_number_at(seen, "in_flight_peak", 1e9) <= (double)c);
    assert_non_null(strstr(run.finished.out, "40 verified by their id and digest"));
    json_decref(seen);
    free(stats);
    lane_run_free(&run);
    server_stop(&server);
}

static void wrong_digest_counts_in_mixed_work_too(void **state)
{
    struct server server = server_start("--latency", "1ms", NULL);
    struct lane_run run = run_lane(*state, users_url(&server, ""), "--work", "mixed", "--rounds",
                                   "1001", "--digest", DIGEST_1000, "-n", "12", NULL);

    assert_int_equal(run.finished.status, 1);
    expect_outcomes(&run, "outcomes.bad_body", 12, 12);
    lane_run_free(&run);
    server_stop(&server);
}

/* Hours of computing on each answer: the lane ends, because no answer is worth it. */
static void nothing_is_computed_on_a_wrong_answer(void **state)
{
    struct peer peer = peer_start(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 13\r\n\r\n{\"id\": 12345}",
        PEER_CLOSES);
    struct lane_run run =
        run_lane(*state, peer_url(&peer), "--work", "mixed", CPU_HOURS, "-n", "12", NULL);

    assert_int_equal(run.finished.status, 1);
    expect_outcomes(&run, "outcomes.bad_body", 12, 12);
    lane_run_free(&run);
    peer_stop(&peer);
}

static void records_tell_when_items_were_computed(void **state)
{
    char *folder = folder_make(), *text, *rest;
    char *path = strdup(path_in(folder, "records.csv"));
    struct lane_run run = run_lane(*state, NULL, CPU_1000, "-n", "5", "--records", path, NULL);
    unsigned long expected = 0;

    assert_int_equal(run.finished.status, 0);
    text = file_read(path, 1 << 20, NULL);
    strtok_r(text, "\n", &rest);
    for (char *row = strtok_r(NULL, "\n", &rest); row; row = strtok_r(NULL, "\n", &rest)) {
        unsigned long id, worker, start, end;
        char name[16];

        assert_int_equal(sscanf(row, "%lu,%lu,%lu,,,%lu,%15[^,]", &id, &worker, &start, &end, name),
                         5);
        assert_int_equal(id, expected++);
        assert_true(start < end);
        assert_string_equal(name, "ok");
    }
    assert_int_equal(expected, 5);
    free(text);
    free(path);
    lane_run_free(&run);
    folder_remove(folder);
}

/* ---- The simulated interpreter lock ------------------------------------------------------ */

/* However busy the machine is: while one thread computes at a time, the CPU time of all cannot be
 * more than the time that passes. A tenth and 30 ms are for the rest of the process. */
static void threads_under_the_lock_compute_one_at_a_time(void **state)
{
    struct lane_run first =
        run_lane("lane-sync", NULL, "--work", "cpu", "--cpu", "20ms", "-n", "1", NULL);
    const char *digest = json_text_at(first.result, "workload.digest", "");
    struct lane_run run;
    char rounds[32];

    (void)state;
    snprintf(rounds, sizeof(rounds), "%ld", number(&first, "workload.rounds"));
    run = run_lane("lane-threads", NULL, "--work", "cpu", "--rounds", rounds, "--digest", digest,
                   "--gil", "-n", "16", "-c", "4", NULL);
    expect_outcomes(&run, "outcomes.ok", 16, 16);
    assert_int_equal(number(&run, "verified"), 16);
    assert_int_equal(number(&run, "in_flight_peak"), 4);
    if ((double)number(&run, "user_cpu_ns") > 1.1 * (double)number(&run, "wall_ns") + 30e6)
        fail_msg("%ld ns of CPU time in %ld ns", number(&run, "user_cpu_ns"),
                 number(&run, "wall_ns"));
    assert_non_null(strstr(run.finished.out, "one thread at a time"));
    lane_run_free(&run);
    lane_run_free(&first);
}

static void lock_is_not_held_by_who_waits(void **state)
{
    struct server server = server_start("--latency", "1s", NULL);
    struct lane_run run =
        run_lane("lane-threads", users_url(&server, ""), "--work", "mixed", "--rounds", "1000",
                 "--digest", DIGEST_1000, "--gil", "-n", "16", "-c", "8", NULL);
    char *stats = server_request(&server, "/stats", 0);
    json_t *seen = json_loads(stats, 0, NULL);

    (void)state;
    expect_outcomes(&run, "outcomes.ok", 16, 16);
    assert_int_equal((long)json_number_at(seen, "in_flight_peak", -1), 8);
    json_decref(seen);
    free(stats);
    lane_run_free(&run);
    server_stop(&server);
}

/* ---- Ends before the end ----------------------------------------------------------------- */

static void deadline_ends_a_long_item(void **state)
{
    struct lane_run run =
        run_lane(*state, NULL, "--work", "cpu", CPU_HOURS, "-n", "9", "--deadline", "1s", NULL);

    assert_int_equal(run.finished.status, 1);
    expect_outcomes(&run, "outcomes.cancelled", 9, 9);
    assert_true(number(&run, "wall_ns") >= (long)(100 * NS_PER_MS)); /* it was given its time */
    lane_run_free(&run);
}

/* Starts a lane with these arguments, which end with NULL, and interrupts it while it computes. */
static void expect_interrupted(const char *lane, const char *const arguments[], int signal)
{
    char *folder = folder_make(), error[JSON_ERROR_SIZE];
    char *output = strdup(path_in(folder, "result.jsonl"));
    const char *argv[ARGUMENTS_MAX] = {program(lane), "-n", "9", "-o", output};
    struct lane_run run = {0};
    json_t *lines;

    for (int i = 0; arguments[i] != NULL; i++)
        argv[5 + i] = arguments[i];
    assert_int_equal(interrupt_lane(start(argv, NULL, NULL), signal, 300000), 130);
    lines = json_lines_load(output, error);
    run.result = json_array_get(lines, 0);
    assert_true(json_is_true(json_at(run.result, "interrupted")));
    assert_int_equal(number(&run, "outcomes.cancelled"), 9);
    assert_int_equal(outcomes_sum(&run), 9);
    json_decref(lines);
    free(output);
    folder_remove(folder);
}

static void interrupt_ends_a_long_item(void **state)
{
    const char *const arguments[] = {"--work", "cpu", CPU_HOURS, NULL};

    expect_interrupted(*state, arguments, SIGINT);
    assert_int_equal(children_count(), 0);
}

static void interrupt_ends_what_is_computed_on_an_answer(void **state)
{
    struct server server = server_start("--latency", "1ms", NULL);
    const char *const arguments[] = {"--work", "mixed", CPU_HOURS, users_url(&server, ""), NULL};

    expect_interrupted(*state, arguments, SIGTERM);
    server_stop(&server);
    assert_int_equal(children_count(), 0);
}

static void interrupt_ends_all_who_wait_for_the_lock(void **state)
{
    const char *const arguments[] = {"--work", "cpu", CPU_HOURS, "--gil", "-c", "8", NULL};

    (void)state;
    expect_interrupted("lane-threads", arguments, SIGINT);
}

/* ---- Usage ------------------------------------------------------------------------------- */

#define EXPECT(text, ...) expect_usage_error(lane, (const char *const[]){__VA_ARGS__, NULL}, text)

static void wrong_usage_is_explained(void **state)
{
    const char *lane = *state;
    const char *url = "http://127.0.0.1:1/{id}";

    EXPECT("is not 'io', 'cpu', 'mixed', 'file', 'websocket' or 'sql'", "--work", "sleep", url);
    EXPECT("URL is missing", "--work", "mixed");
    EXPECT("--cpu: nothing is computed", "--cpu", "20ms", url);
    EXPECT("--rounds: nothing is computed", "--rounds", "5", "--work", "io", url);
    EXPECT("--digest: nothing is computed", "--digest", DIGEST_1000, url);
    EXPECT("--block: nothing is computed", "--block", "64k", url);
    EXPECT("not a time above 0", "--work", "cpu", "--cpu", "0");
    EXPECT("not a whole number from 1 on", "--work", "cpu", "--rounds", "0");
    EXPECT("from 32 bytes to 16M", "--work", "cpu", "--block", "31");
    EXPECT("from 32 bytes to 16M", "--work", "cpu", "--block", "17M");
    EXPECT("Say --rounds as well", "--work", "cpu", "--digest", DIGEST_1000);
    EXPECT("64 hexadecimal digits", "--work", "cpu", "--digest", "abc");
}

/* An option of another lane is an error that names the lane. */
static void options_of_other_lanes_are_refused(void **state)
{
    const char *const lanes[] = {"lane-sync", "lane-threads", "lane-procs"};

    (void)state;
    for (int i = 0; i < 3; i++) {
        const char *lane = lanes[i];

        EXPECT("has no --compute: use lane-async", "--work", "cpu", "--compute", "threads");
        EXPECT("has no --workers: use lane-async", "--work", "cpu", "--workers", "2");
        EXPECT("has no --loops: use lane-async", "--work", "cpu", "--loops", "2");
        if (strcmp(lane, "lane-threads") != 0)
            EXPECT("has no --gil: use lane-threads", "--work", "cpu", "--gil");
    }
    expect_usage_error("lane-threads",
                       (const char *const[]){"--gil", "http://127.0.0.1:1/{id}", NULL},
                       "--gil: nothing is computed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOR_EACH_LANE(items_are_computed_and_verified),
        FOR_EACH_LANE(larger_blocks_are_hashed_whole),
        FOR_EACH_LANE(wrong_digest_is_a_bad_body),
        FOR_EACH_LANE(calibration_of_one_lane_serves_all),
        FOR_EACH_LANE(requests_are_answered_and_then_computed),
        FOR_EACH_LANE(wrong_digest_counts_in_mixed_work_too),
        FOR_EACH_LANE(nothing_is_computed_on_a_wrong_answer),
        FOR_EACH_LANE(records_tell_when_items_were_computed),
        cmocka_unit_test_teardown(threads_under_the_lock_compute_one_at_a_time, end_leftovers),
        cmocka_unit_test_teardown(lock_is_not_held_by_who_waits, end_leftovers),
        FOR_EACH_LANE(deadline_ends_a_long_item),
        FOR_EACH_LANE(interrupt_ends_a_long_item),
        FOR_EACH_LANE(interrupt_ends_what_is_computed_on_an_answer),
        cmocka_unit_test_teardown(interrupt_ends_all_who_wait_for_the_lock, end_leftovers),
        FOR_EACH_LANE(wrong_usage_is_explained),
        cmocka_unit_test_teardown(options_of_other_lanes_are_refused, end_leftovers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
