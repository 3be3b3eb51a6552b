#include "tests/contract.h"

#include <ctype.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/contract_peers.h"
#include "tests/contract_run.h"
#include "tests/schema.h"

#include "common/clock.h"
#include "common/file.h"
#include "common/json.h"

#define PATIENCE_S 50 /* for a busy machine */

/* Of 1000 rounds of 32 bytes, computed with Python's hashlib (see test_computing.c). */
#define DIGEST_1000 "36c1cb4f826ae42ceba848227e0c5f786178ca9dceca6772e5d728d09c30a2f6"

static json_t *stats_of(const struct server *server)
{
    char *text = server_request(server, "/stats", 0);
    json_t *stats = json_loads(text, 0, NULL);

    free(text);
    assert_non_null(stats);
    return stats;
}

static long stat_number(const struct server *server, const char *path)
{
    json_t *stats = stats_of(server);
    long value = (long)json_number_at(stats, path, -1);

    json_decref(stats);
    return value;
}

/* ---- The result line --------------------------------------------------------------------- */

static json_int_t twentieth(const struct lane_run *run, size_t i)
{
    return json_integer_value(json_array_get(json_at(run->result, "latency_ns.twentieths"), i));
}

static void check_latency_is_in_order(const struct lane_run *run)
{
    const char *const paths[] = {"latency_ns.p50", "latency_ns.p90", "latency_ns.p99",
                                 "latency_ns.max", "wall_ns"};

    for (int i = 1; i < 5; i++)
        assert_true(number(run, paths[i - 1]) <= number(run, paths[i]));
    assert_int_equal(twentieth(run, 9), number(run, paths[0]));
    assert_int_equal(twentieth(run, 17), number(run, paths[1]));
    assert_int_equal(twentieth(run, 19), number(run, paths[3]));
    for (size_t i = 1; i < 20; i++)
        assert_true(twentieth(run, i - 1) <= twentieth(run, i));
}

static void check_result(const struct twin *twin, const struct lane_run *run)
{
    char fault[SCHEMA_FAULT_SIZE];

    assert_non_null(run->result);
    if (!schema_accepts("lane-result.json", run->result, fault))
        fail_msg("%s", fault);
    assert_string_equal(json_text_at(run->result, "lane", ""), twin_lane(twin));
    if (twin->client != NULL)
        assert_string_equal(json_text_at(run->result, "workload.client", ""), twin->client);
    assert_true(json_object_size(json_at(run->result, "libraries")) >= 1);
    assert_true(number(run, "user_cpu_ns") + number(run, "system_cpu_ns") > 0);
    assert_true(number(run, "max_rss_bytes") > 500000);
    if (twin->has_loop)
        assert_true(json_is_object(json_at(run->result, "loop")));
}

/* ---- Requests ---------------------------------------------------------------------------- */

static void requests_are_verified_and_counted_by_the_server(void **state)
{
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "20ms", NULL);
    struct lane_run run = RUN(twin, users_url(&server, ""), "-n", "60", "-c", at_once(twin, "7"),
                              "--latency", "20ms", "--connections", "reuse");
    long c = twin->sequential ? 1 : 7;

    expect_all(&run, "ok", 60);
    check_result(twin, &run);
    check_latency_is_in_order(&run);
    assert_int_equal(number(&run, "workload.requests"), 60);
    assert_int_equal(number(&run, "workload.concurrency"), c);
    assert_string_equal(json_text_at(run.result, "workload.work", ""), "io");
    assert_int_equal(number(&run, "verified"), 60);
    assert_int_equal(number(&run, "floor_ns"), (60 + c - 1) / c * 20 * (long)NS_PER_MS);
    assert_true(number(&run, "wall_ns") >= number(&run, "floor_ns"));
    assert_true(number(&run, "latency_ns.p50") >= 20 * (long)NS_PER_MS);
    assert_in_range(number(&run, "in_flight_peak"), 1, c);
    assert_non_null(strstr(run.finished.out, "60 verified"));
    assert_int_equal(stat_number(&server, "requests"), 60);
    assert_int_equal(stat_number(&server, "responses"), 60);
    assert_in_range(stat_number(&server, "in_flight_peak"), 1, c);
    lane_run_free(&run);
    server_stop(&server);
}

static void concurrency_is_reached_and_kept(void **state)
{
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "3s", NULL);
    struct lane_run run = RUN(twin, users_url(&server, ""), "-n", "12", "-c", at_once(twin, "8"),
                              "--deadline", "30s");
    long c = twin->sequential ? 1 : 8;

    if (!twin->sequential)
        expect_all(&run, "ok", 12);
    assert_int_equal(number(&run, "in_flight_peak"), c);
    assert_int_equal(stat_number(&server, "in_flight_peak"), c);
    lane_run_free(&run);
    server_stop(&server);
}

/* What the twin says of its connections is what the server accepted, beside that of the test. */
static void connections_are_used_again_or_fresh_as_asked(void **state)
{
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "5ms", NULL);
    struct lane_run fresh = RUN(twin, users_url(&server, ""), "-n", "40", "-c", at_once(twin, "4"),
                                "--connections", "fresh");
    long accepted = stat_number(&server, "connections_accepted");
    struct lane_run reuse = RUN(twin, users_url(&server, ""), "-n", "40", "-c", at_once(twin, "4"),
                                "--connections", "reuse");
    long more = stat_number(&server, "connections_accepted") - accepted;

    expect_all(&fresh, "ok", 40);
    expect_all(&reuse, "ok", 40);
    assert_int_equal(number(&fresh, "connections_opened"), 40);
    assert_int_equal(accepted, 40 + 1);
    assert_int_equal(number(&reuse, "connections_opened"), more - 1);
    assert_in_range(more - 1, 1, twin->opens_freely ? 39 : twin->sequential ? 1 : 4);
    lane_run_free(&fresh);
    lane_run_free(&reuse);
    server_stop(&server);
}

/* Empty fields are those that a library does not tell; what there is must be in order. */
static void check_row(char *row, unsigned long expected)
{
    unsigned long last = 0;
    char *field;

    assert_int_equal(strtoul(strsep(&row, ","), NULL, 10), expected);
    assert_true(isdigit((unsigned char)strsep(&row, ",")[0]));
    for (int i = 0; i < 4; i++) {
        field = strsep(&row, ",");
        assert_non_null(field);
        assert_true(field[0] != '\0' || i == 1 || i == 2);
        if (field[0] == '\0')
            continue;
        assert_true(strtoul(field, NULL, 10) >= last);
        last = strtoul(field, NULL, 10);
    }
    assert_string_equal(row, "ok,0");
}

static void one_record_per_request_is_written(void **state)
{
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "2ms", NULL);
    char *folder = folder_make(), *text, *rest;
    char *path = strdup(path_in(folder, "records.csv"));
    struct lane_run run = RUN(twin, users_url(&server, ""), "-n", "25", "-c", at_once(twin, "3"),
                              "--records", path, "--quiet");
    unsigned long rows = 0;

    expect_all(&run, "ok", 25);
    assert_string_equal(run.finished.out, "");
    assert_string_equal(run.finished.err, "");
    text = read_in(folder, "records.csv");
    assert_string_equal(strtok_r(text, "\n", &rest),
                        "id,worker,start_ns,connected_ns,first_byte_ns,end_ns,outcome,resends");
    for (char *row = strtok_r(NULL, "\n", &rest); row; row = strtok_r(NULL, "\n", &rest))
        check_row(row, rows++);
    assert_int_equal(rows, 25);
    free(text);
    free(path);
    lane_run_free(&run);
    folder_remove(folder);
    server_stop(&server);
}

/* ---- Faults ------------------------------------------------------------------------------ */

/* Which requests meet which fault is fixed by the seed; each is a connection of its own, so that no
 * client asks again. */
static void faults_end_in_the_outcome_they_deserve(void **state)
{
    static const char *const pairs[][2] = {{"faults.503", "outcomes.http_status"},
                                           {"faults.reset", "outcomes.reset"},
                                           {"faults.truncate", "outcomes.truncated"},
                                           {"faults.malformed", "outcomes.other"},
                                           {"faults.wrong-body", "outcomes.bad_body"}};
    const struct twin *twin = *state;
    struct server server =
        server_start("--latency", "5ms", "--seed", "3", "--faults",
                     "503=10%,reset=10%,truncate=10%,malformed=10%,wrong-body=10%", NULL);
    struct lane_run run = RUN(twin, users_url(&server, ""), "-n", "60", "-c", at_once(twin, "5"),
                              "--connections", "fresh");
    json_t *stats = stats_of(&server);

    assert_int_equal(run.finished.status, 1);
    check_result(twin, &run);
    for (int i = 0; i < 5; i++) {
        long met = (long)json_number_at(stats, pairs[i][0], -1);

        assert_true(met > 0);
        if (number(&run, pairs[i][1]) != met)
            fail_msg("%s: %ld, but %s: %ld:\n%s", pairs[i][0], met, pairs[i][1],
                     number(&run, pairs[i][1]), run.finished.out);
    }
    assert_int_equal(outcomes_sum(&run), 60);
    assert_int_equal(number(&run, "verified"), number(&run, "outcomes.ok"));
    assert_int_equal((long)json_number_at(stats, "requests", -1), 60);
    assert_true(json_is_false(json_at(run.result, "valid")));
    json_decref(stats);
    lane_run_free(&run);
    server_stop(&server);
}

/* A kept connection that turns out to be closed: some libraries send the request again, which the
 * server counts and the lane tells; of the others it is a reset. */
static void closed_connections_are_told(void **state)
{
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "5ms", "--faults", "stale=8%", NULL);
    char *folder = folder_make(), *path = strdup(path_in(folder, "records.csv")), *rows;
    struct lane_run run = RUN(twin, users_url(&server, ""), "-n", "26", "-c", at_once(twin, "3"),
                              "--connections", "reuse", "--records", path);
    long closed = stat_number(&server, "faults.stale");
    long resends = number(&run, "resends"), again = 0;

    closed = closed < 0 ? 0 : closed; /* no connection is kept */
    check_result(twin, &run);
    assert_int_equal(outcomes_sum(&run), 26);
    assert_int_equal(resends, twin->sends_again ? closed : 0);
    assert_int_equal(number(&run, "outcomes.reset"), twin->sends_again ? 0 : closed);
    assert_int_equal(number(&run, "outcomes.ok"), stat_number(&server, "responses"));
    assert_int_equal(stat_number(&server, "requests"), 26 + resends);
    if (twin->sends_again) {
        assert_true(resends > 0);
        assert_non_null(strstr(run.finished.out, "re-sends"));
    }
    rows = read_in(folder, "records.csv");
    for (const char *end = strchr(strchr(rows, '\n') + 1, '\n'); end; end = strchr(end + 1, '\n'))
        again += end[-1] - '0';
    assert_int_equal(again, resends);
    free(rows);
    free(path);
    folder_remove(folder);
    lane_run_free(&run);
    server_stop(&server);
}

/* Where so many are closed that a library gives up (libcurl 7.88 at every sixth of a handle), that
 * is a reset, and no request is lost or counted twice. */
static void each_closed_connection_is_a_resend_or_a_reset(void **state)
{
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "2ms", "--faults", "stale=30%", NULL);
    struct lane_run run = RUN(twin, users_url(&server, ""), "-n", "100", "-c", at_once(twin, "3"),
                              "--connections", "reuse");
    long closed = stat_number(&server, "faults.stale");
    long resends = number(&run, "resends"), reset = number(&run, "outcomes.reset");

    check_result(twin, &run);
    closed = closed < 0 ? 0 : closed; /* no connection is kept */
    assert_int_equal(resends + reset, closed);
    assert_int_equal(number(&run, "outcomes.ok"), 100 - reset);
    assert_int_equal(stat_number(&server, "requests"), 100 + resends);
    if (twin->sends_again)
        assert_true(closed > 6 && reset <= closed / 6);
    lane_run_free(&run);
    server_stop(&server);
}

/* The header and half of the body are on their way when the connection is reset: whoever looks for
 * errors first does not see them. */
static void reset_within_the_body_is_truncated(void **state)
{
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "5ms", NULL);
    struct lane_run run = RUN(twin, users_url(&server, "?fault=reset-body"), "-n", "100", "-c",
                              at_once(twin, "20"), "--connections", "fresh");

    expect_all(&run, "truncated", 100);
    assert_int_equal(stat_number(&server, "faults.reset-body"), 100);
    lane_run_free(&run);
    server_stop(&server);
}

static void request_that_hangs_is_a_timeout(void **state)
{
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "5ms", NULL);
    struct lane_run run = RUN(twin, users_url(&server, "?fault=hang"), "-n", "4", "-c",
                              at_once(twin, "4"), "-t", "300ms");

    expect_all(&run, "timeout", 4);
    assert_true(json_is_null(json_at(run.result, "latency_ns")));
    assert_true(number(&run, "wall_ns") >= 300 * (long)NS_PER_MS);
    lane_run_free(&run);
    server_stop(&server);
}

/* Byte by byte: data keeps coming, and the time is over all the same. */
static void timeout_is_of_the_whole_request(void **state)
{
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "5ms", NULL);
    struct lane_run run = RUN(twin, users_url(&server, "?fault=drip&rate=2"), "-n", "2", "-c",
                              at_once(twin, "2"), "-t", "1500ms");

    expect_all(&run, "timeout", 2);
    lane_run_free(&run);
    server_stop(&server);
}

static void any_body_will_do_where_only_the_status_counts(void **state)
{
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "5ms", NULL);
    struct lane_run run = RUN(twin, users_url(&server, "?fault=wrong-body"), "-n", "6", "-c",
                              at_once(twin, "3"), "--verify", "status");

    expect_all(&run, "ok", 6);
    assert_int_equal(number(&run, "verified"), 0);
    lane_run_free(&run);
    server_stop(&server);
}

/* ---- WebSockets -------------------------------------------------------------------------- */

static void messages_are_verified_and_sent_back(void **state)
{
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "20ms", NULL);
    struct lane_run run = RUN(twin, users_url(&server, ""), "--work", "websocket", "-n", "60", "-c",
                              "7", "--latency", "20ms");

    expect_all(&run, "ok", 60);
    check_result(twin, &run);
    check_latency_is_in_order(&run);
    assert_string_equal(json_text_at(run.result, "workload.work", ""), "websocket");
    assert_int_equal(number(&run, "verified"), 60);
    assert_int_equal(number(&run, "connections_opened"), 60);
    assert_int_equal(number(&run, "floor_ns"), 9 * 20 * (long)NS_PER_MS);
    assert_true(number(&run, "latency_ns.p50") >= 20 * (long)NS_PER_MS);
    assert_in_range(number(&run, "in_flight_peak"), 1, 7);
    assert_int_equal(stat_number(&server, "statuses.101"), 60);
    assert_int_equal(stat_number(&server, "responses"), 60);
    assert_in_range(stat_number(&server, "in_flight_peak"), 1, 7);
    lane_run_free(&run);
    server_stop(&server);
}

/* Where a library does not tell some of them apart, several outcomes are right. */
static void faults_of_messages_end_in_their_outcomes(void **state)
{
    static const struct {
        const char *query, *outcomes[3];
    } cases[] = {
        {"?fault=500", {"http_status"}},
        {"?fault=reset", {"reset"}},
        {"?fault=truncate", {"truncated", "reset"}},
        {"?fault=reset-body", {"truncated", "reset"}},
        {"?fault=malformed", {"other", "reset", "truncated"}}, /* or takes it */
        {"?fault=long", {"other", "reset"}},
        {"?fault=close", {"http_status"}},
        {"?fault=wrong-body", {"bad_body"}},
        {"?fault=hang", {"timeout"}},
        {"?delay=300ms&chat=50ms", {"ok"}}, /* which is heard, and is not the message */
    };
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "1ms", NULL);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lane_run run = RUN(twin, users_url(&server, cases[i].query), "--work", "websocket",
                                  "-n", "3", "--timeout", "2s");
        long found = 0;

        for (int k = 0; k < 3 && cases[i].outcomes[k] != NULL; k++) {
            char path[64];

            snprintf(path, sizeof(path), "outcomes.%s", cases[i].outcomes[k]);
            found += number(&run, path);
        }
        if (found != 3 || outcomes_sum(&run) != 3)
            fail_msg("%s: %ld of 3:\n%s", cases[i].query, found, run.finished.out);
        lane_run_free(&run);
    }
    server_stop(&server);
}

static void nobody_accepts_websockets(void **state)
{
    struct lane_run run =
        RUN(*state, "http://127.0.0.1:1/users/{id}", "--work", "websocket", "-n", "3");

    expect_all(&run, "connect", 3);
    lane_run_free(&run);
}

/* ---- Ends before the end ----------------------------------------------------------------- */

static void expect_end_at_deadline(const struct twin *twin, const char *work)
{
    struct server server = server_start("--latency", "100ms", NULL);
    struct lane_run run = RUN(twin, users_url(&server, ""), "--work", work, "-n", "5000", "-c",
                              at_once(twin, "4"), "--deadline", "1500ms");

    assert_int_equal(run.finished.status, 1);
    check_result(twin, &run);
    assert_true(number(&run, "outcomes.cancelled") >= 1);
    assert_int_equal(number(&run, "outcomes.ok") + number(&run, "outcomes.cancelled"), 5000);
    lane_run_free(&run);
    server_stop(&server);
}

static void deadline_ends_the_run(void **state)
{
    expect_end_at_deadline(*state, "io");
}

static void deadline_ends_websockets(void **state)
{
    expect_end_at_deadline(*state, "websocket");
}

/* Byte by byte: each of them comes in time, and the answer does not. */
static void deadline_ends_slow_answers(void **state)
{
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "5ms", NULL);
    uint64_t start_ns = clock_ns();
    struct lane_run run = RUN(twin, users_url(&server, "?fault=drip&rate=2"), "-n", "4", "-c",
                              at_once(twin, "2"), "--deadline", "1s");

    /* The wall time may be less: it counts from the start of the model. */
    assert_true(clock_ns() - start_ns >= NS_PER_S);
    expect_all(&run, "cancelled", 4);
    assert_in_range(number(&run, "wall_ns"), 1, PATIENCE_S * NS_PER_S);
    lane_run_free(&run);
    server_stop(&server);
}

/* A twin that was started and not waited for, and where its result will be. */
struct running {
    char *folder;
    char *output;
    pid_t pid;
};

static struct running start_twin(const struct twin *twin, const char *const arguments[])
{
    const char *argv[ARGUMENTS_MAX] = {twin_path(twin), "-o"};
    struct running running = {.folder = folder_make()};

    running.output = strdup(path_in(running.folder, "result.jsonl"));
    argv[2] = running.output;
    add_arguments(twin, argv + 3, arguments);
    running.pid = start(argv, NULL, NULL);
    return running;
}

/* It opens the file for its result when it has read its command line, and then waits for signals.
 * An interpreter catches SIGINT long before that, but not SIGHUP. */
static void wait_until_begun(const struct running *running)
{
    uint64_t deadline = clock_ns() + PATIENCE_S * NS_PER_S;

    while ((access(running->output, F_OK) < 0 || !catches(running->pid, SIGHUP)) &&
           clock_ns() < deadline)
        usleep(5000);
}

static json_t *running_result(const struct running *running)
{
    char error[JSON_ERROR_SIZE];
    json_t *lines = json_lines_load(running->output, error);
    json_t *result = json_incref(json_array_get(lines, 0));

    assert_int_equal(json_array_size(lines), 1);
    json_decref(lines);
    return result;
}

static void running_free(struct running *running)
{
    free(running->output);
    folder_remove(running->folder);
}

/* This process adopts what a twin leaves behind: there must be nothing. */
static void expect_no_process_left(void)
{
    uint64_t deadline = clock_ns() + 10 * NS_PER_S;

    while (waitpid(-1, NULL, WNOHANG) > 0 || (children_count() > 0 && clock_ns() < deadline))
        usleep(5000);
    assert_int_equal(children_count(), 0);
}

/* A partial result in which every item is accounted for: `ok` or more of them ended well. */
static void check_interrupted(const struct twin *twin, const struct running *running, long count,
                              long ok)
{
    struct lane_run run = {.result = running_result(running)};

    check_result(twin, &run);
    assert_true(json_is_true(json_at(run.result, "interrupted")));
    assert_true(json_is_false(json_at(run.result, "valid")));
    assert_true(number(&run, "outcomes.ok") >= ok);
    assert_true(number(&run, "outcomes.cancelled") >= 1);
    assert_int_equal(number(&run, "outcomes.ok") + number(&run, "outcomes.cancelled"), count);
    json_decref(run.result);
}

static void expect_interrupted(const struct twin *twin, const char *work, int signal)
{
    struct server server = server_start("--latency", "100ms", NULL);
    struct running running =
        start_twin(twin, (const char *const[]){"--work", work, "-n", "100k", "-c",
                                               at_once(twin, "3"), users_url(&server, ""), NULL});
    uint64_t deadline = clock_ns() + PATIENCE_S * NS_PER_S;

    while (stat_number(&server, "responses") < 6 && clock_ns() < deadline)
        usleep(20000);
    kill(running.pid, signal);
    assert_int_equal(wait_for(running.pid, PATIENCE_S), 130);
    check_interrupted(twin, &running, 100000, 1);
    running_free(&running);
    server_stop(&server);
    expect_no_process_left();
}

static void interrupt_leaves_a_partial_result(void **state)
{
    expect_interrupted(*state, "io", SIGINT);
}

static void interrupt_closes_websockets(void **state)
{
    expect_interrupted(*state, "websocket", SIGINT);
}

static void terminate_leaves_a_partial_result(void **state)
{
    expect_interrupted(*state, "io", SIGTERM);
}

/* ---- Work for the CPU -------------------------------------------------------------------- */

static void chain_is_computed_and_verified(void **state)
{
    const struct twin *twin = *state;
    struct lane_run run = RUN(twin, NULL, "--work", "cpu", "--cpu", "1ms", "--rounds", "1000",
                              "--digest", DIGEST_1000, "-n", "9", "-c", at_once(twin, "2"));

    expect_all(&run, "ok", 9);
    check_result(twin, &run);
    assert_int_equal(number(&run, "verified"), 9);
    assert_int_equal(number(&run, "workload.rounds"), 1000);
    assert_int_equal(number(&run, "connections_opened"), 0);
    assert_true(number(&run, "floor_ns") >= 5 * (long)NS_PER_MS);
    lane_run_free(&run);
    expect_no_process_left();
}

static void wrong_digest_is_a_bad_body(void **state)
{
    const struct twin *twin = *state;
    struct lane_run run = RUN(twin, NULL, "--work", "cpu", "--rounds", "999", "--digest",
                              DIGEST_1000, "-n", "5", "-c", at_once(twin, "2"));

    expect_all(&run, "bad_body", 5);
    assert_int_equal(number(&run, "verified"), 0);
    lane_run_free(&run);
}

/* What the twin makes of a CPU time, rounds and digest, holds in another language too. */
static void own_calibration_holds_for_others(void **state)
{
    const struct twin *twin = *state;
    struct lane_run run = RUN(twin, NULL, "--work", "cpu", "--cpu", "500us", "--block", "64k", "-n",
                              "3", "-c", at_once(twin, "2"));
    struct lane_run other;
    char rounds[32];

    expect_all(&run, "ok", 3);
    assert_true(number(&run, "workload.rounds") >= 1);
    snprintf(rounds, sizeof(rounds), "%ld", number(&run, "workload.rounds"));
    other = run_lane("lane-sync", NULL, "--work", "cpu", "--block", "64k", "-n", "2", "--rounds",
                     rounds, "--digest", json_text_at(run.result, "workload.digest", ""), NULL);
    expect_all(&other, "ok", 2);
    lane_run_free(&run);
    lane_run_free(&other);
}

static void computing_ends_at_the_deadline(void **state)
{
    const struct twin *twin = *state;
    struct lane_run run = RUN(twin, NULL, "--work", "cpu", "--rounds", "200000", "-n", "100k", "-c",
                              at_once(twin, "2"), "--deadline", "1s");

    assert_int_equal(run.finished.status, 1);
    assert_true(number(&run, "outcomes.cancelled") >= 1);
    assert_int_equal(number(&run, "outcomes.ok") + number(&run, "outcomes.cancelled"), 100000);
    lane_run_free(&run);
    expect_no_process_left();
}

/* Items that take days: each thread or process is in the middle of one, and so is the loop. */
#define DAYS_OF_WORK "--work", "cpu", "--rounds", "900G", "--digest", DIGEST_1000, "-n", "3"

static void long_item_ends_at_the_deadline(void **state)
{
    const struct twin *twin = *state;
    uint64_t start_ns = clock_ns();
    struct lane_run run =
        RUN(twin, NULL, DAYS_OF_WORK, "-c", at_once(twin, "2"), "--deadline", "700ms");

    assert_true(clock_ns() - start_ns >= 700 * NS_PER_MS);
    expect_all(&run, "cancelled", 3);
    check_result(twin, &run);
    assert_in_range(number(&run, "wall_ns"), 1, PATIENCE_S * NS_PER_S);
    lane_run_free(&run);
    expect_no_process_left();
}

static void long_item_can_be_interrupted(void **state)
{
    const struct twin *twin = *state;
    struct running running =
        start_twin(twin, (const char *const[]){DAYS_OF_WORK, "-c", at_once(twin, "2"), NULL});

    wait_until_begun(&running);
    assert_int_equal(interrupt_lane(running.pid, SIGINT, 300000), 130);
    check_interrupted(twin, &running, 3, 0);
    running_free(&running);
    expect_no_process_left();
}

static void answers_are_verified_and_then_computed_on(void **state)
{
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "5ms", NULL);
    struct lane_run run = RUN(twin, users_url(&server, ""), "--work", "mixed", "--rounds", "1000",
                              "--digest", DIGEST_1000, "-n", "20", "-c", at_once(twin, "4"));
    long c = twin->sequential ? 1 : 4;

    expect_all(&run, "ok", 20);
    check_result(twin, &run);
    assert_int_equal(number(&run, "verified"), 20);
    assert_string_equal(json_text_at(run.result, "workload.work", ""), "mixed");
    assert_in_range(number(&run, "in_flight_peak"), 1, c);
    assert_int_equal(stat_number(&server, "requests"), 20);
    assert_in_range(stat_number(&server, "in_flight_peak"), 1, c);
    lane_run_free(&run);
    server_stop(&server);
}

static void nothing_is_computed_on_a_wrong_answer(void **state)
{
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "5ms", NULL);
    struct lane_run run =
        RUN(twin, users_url(&server, "?status=503"), "--work", "mixed", "--rounds", "900G",
            "--digest", DIGEST_1000, "-n", "4", "-c", at_once(twin, "2"));

    expect_all(&run, "http_status", 4);
    lane_run_free(&run);
    server_stop(&server);
}

/* ---- Sleep ------------------------------------------------------------------------------- */

static void wait_until_ready(const char *ready)
{
    uint64_t deadline = clock_ns() + PATIENCE_S * NS_PER_S;

    while (access(ready, F_OK) != 0 && clock_ns() < deadline)
        usleep(5000);
    assert_int_equal(access(ready, F_OK), 0);
}

static void all_sleep_at_once_and_say_so(void **state)
{
    const struct twin *twin = *state;
    char *folder = folder_make(), *ready = strdup(path_in(folder, "ready"));
    struct running running =
        start_twin(twin, (const char *const[]){"--work", "sleep", "-n", "50", "--latency", "3s",
                                               "--ready", ready, NULL});
    struct lane_run run = {0};

    wait_until_ready(ready);
    assert_int_equal(kill(running.pid, 0), 0);
    assert_int_equal(wait_for(running.pid, PATIENCE_S), 0);
    run.result = running_result(&running);
    check_result(twin, &run);
    assert_string_equal(json_text_at(run.result, "workload.work", ""), "sleep");
    assert_int_equal(number(&run, "workload.concurrency"), 50);
    assert_int_equal(number(&run, "outcomes.ok"), 50);
    assert_int_equal(number(&run, "verified"), 50);
    assert_int_equal(number(&run, "in_flight_peak"), 50);
    assert_true(number(&run, "wall_ns") >= 3 * (long)NS_PER_S);
    json_decref(run.result);
    free(ready);
    folder_remove(folder);
    running_free(&running);
}

static void sleepers_can_be_interrupted(void **state)
{
    const struct twin *twin = *state;
    char *folder = folder_make(), *ready = strdup(path_in(folder, "ready"));
    struct running running =
        start_twin(twin, (const char *const[]){"--work", "sleep", "-n", "50", "--latency", "10m",
                                               "--ready", ready, NULL});

    wait_until_ready(ready);
    kill(running.pid, SIGINT);
    assert_int_equal(wait_for(running.pid, PATIENCE_S), 130);
    check_interrupted(twin, &running, 50, 0);
    free(ready);
    folder_remove(folder);
    running_free(&running);
    expect_no_process_left();
}

/* ---- Usage ------------------------------------------------------------------------------- */

#define NINES       "99999999999999999999999999999999999999999999999999999999999999999999999999999999"
#define HUGE_NUMBER NINES NINES NINES NINES /* beyond a double */

static void wrong_usage_is_exit_2(void **state)
{
    const char *url = "http://127.0.0.1:1/{id}";
    const char *const wrong[][6] = {
        {"--bogus", url},
        {"-n", "0", url},
        {"-n", "many", url},
        {"-t", "99999999999h", url},
        {"-n", HUGE_NUMBER, url},
        {"--work", "cpu", "--rounds", HUGE_NUMBER},
        {"--work", "cpu", "--block", HUGE_NUMBER},
        {"--work", "hard", url},
        {"--work", "cpu", "--digest", "beef"},
        {"-o", "/nowhere/result", url},
        {"http://127.0.0.1:1/users"},
        {url, url},
    };
    const struct twin *twin = *state;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const char *argv[8] = {twin_path(twin)};
        struct finished finished;

        memcpy(&argv[1], wrong[i], sizeof(wrong[i]));
        finished = run_argv(argv);
        if (finished.status != 2 || finished.err[0] == '\0')
            fail_msg("%s %s …: status %d:\n%s", wrong[i][0], wrong[i][1] ? wrong[i][1] : "",
                     finished.status, finished.err);
        finished_free(&finished);
    }
}

/* A script in the place of an interpreter that Debian does not have, such as a free-threaded one.
 */
static void another_interpreter_can_run_it(void **state)
{
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "1ms", NULL);
    char *folder = folder_make(), *python = strdup(path_in(folder, "python")), *called;
    const char *nowhere[] = {twin_path(twin), "--version", "--python", "/nowhere/python", NULL};
    struct finished finished = run_argv(nowhere);
    struct lane_run run;
    FILE *file;

    assert_int_equal(finished.status, 3);
    assert_non_null(strstr(finished.err, "/nowhere/python: No such file"));
    file = fopen(python, "w");
    assert_non_null(file);
    fputs("#!/bin/sh\n"
          "echo called >>\"${0%/*}/called\"\n"
          "exec /usr/bin/python3 \"$@\"\n",
          file);
    fclose(file);
    assert_int_equal(chmod(python, 0755), 0);
    run = RUN(twin, users_url(&server, ""), "--python", python, "-n", "3");
    expect_all(&run, "ok", 3);
    called = read_in(folder, "called");
    assert_string_equal(called, "called\n");
    free(called);
    free(python);
    finished_free(&finished);
    lane_run_free(&run);
    folder_remove(folder);
    server_stop(&server);
}

/* What an option is for is not done: a lane that took it would measure something else. */
static void options_without_their_work_are_refused(void **state)
{
    static const struct {
        const char *words[4], *told;
    } wrong[] = {
        {{"--work", "cpu", "--digest", DIGEST_1000}, "--digest: of how many rounds?"},
        {{"--cpu", "20ms"}, "--cpu: nothing is computed; say --work cpu or --work mixed"},
        {{"--rounds", "1000"}, "--rounds: nothing is computed; say --work cpu or --work mixed"},
        {{"--block", "64"}, "--block: nothing is computed; say --work cpu or --work mixed"},
        {{"--digest", DIGEST_1000}, "--digest: nothing is computed; say --work cpu"},
    };
    const struct twin *twin = *state;

    for (size_t i = twin->works & DOES_CPU ? 0 : 1; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const char *argv[8] = {twin_path(twin), "http://127.0.0.1:1/{id}"};
        struct finished finished;

        memcpy(&argv[2], wrong[i].words, sizeof(wrong[i].words));
        finished = run_argv(argv);
        if (finished.status != 2 || strstr(finished.err, wrong[i].told) == NULL)
            fail_msg("%s: status %d:\n%s", wrong[i].told, finished.status, finished.err);
        finished_free(&finished);
    }
}

static void help_and_version_answer(void **state)
{
    const struct twin *twin = *state;
    const char *path = strdup(twin_path(twin));
    struct finished help = run_argv((const char *const[]){path, "--help", NULL});
    struct finished version = run_argv((const char *const[]){path, "--version", NULL});

    assert_int_equal(help.status, 0);
    assert_non_null(strstr(help.out, "--concurrency"));
    assert_int_equal(version.status, 0);
    assert_non_null(strstr(version.out, twin_lane(twin)));
    assert_non_null(strstr(version.out, SUITE_VERSION));
    finished_free(&help);
    finished_free(&version);
    free((char *)path);
}

static void result_that_cannot_be_written_is_told(void **state)
{
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "1ms", NULL);
    const char *argv[] = {twin_path(twin),        "-n", "3", "-o", "/dev/full",
                          users_url(&server, ""), NULL};
    struct finished finished = run_argv(argv);

    assert_int_equal(finished.status, 1);
    assert_true(strlen(finished.err) > 0);
    finished_free(&finished);
    server_stop(&server);
}

/* A device in the place of a file is written to, never replaced or removed. */
static void devices_stay_what_they_are(void **state)
{
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "1ms", NULL);
    char *folder = folder_make(), *path = strdup(path_in(folder, "null"));
    const char *recorded[] = {twin_path(twin), "-n", "3", "--quiet", "--records", path, NULL, NULL};
    struct finished finished;

    recorded[6] = users_url(&server, "");
    make_null_device(path);
    finished = run_argv(recorded);
    assert_int_equal(finished.status, 0);
    assert_true(is_device(path));
    finished_free(&finished);
    recorded[0] = twin_path(twin); /* static storage, as that of the URL */
    recorded[4] = "--ready";       /* where nothing sleeps */
    recorded[6] = users_url(&server, "");
    finished = run_argv(recorded);
    assert_int_equal(finished.status, 2);
    assert_true(is_device(path));
    finished_free(&finished);
    free(path);
    folder_remove(folder);
    server_stop(&server);
}

/* With few descriptors: the soft limit is raised, the hard one named. */
static struct finished run_limited(const struct twin *twin, const char *limit, const char *url)
{
    const char *argv[] = {"sh",      "-c", limit, twin_path(twin), "-n", "300", "-c", "300",
                          "--quiet", url,  NULL};

    return run_argv(argv);
}

static void limits_are_raised_or_named(void **state)
{
    const struct twin *twin = *state;
    struct server server = server_start("--latency", "5ms", NULL);
    struct finished soft =
        run_limited(twin, "ulimit -Sn 200; exec \"$0\" \"$@\"", users_url(&server, ""));
    struct finished hard =
        run_limited(twin, "ulimit -n 200; exec \"$0\" \"$@\"", users_url(&server, ""));

    if (soft.status != 0)
        fail_msg("soft limit of 200: status %d:\n%s", soft.status, soft.err);
    assert_int_equal(hard.status, 3);
    assert_non_null(strstr(hard.err, "raise it with"));
    finished_free(&soft);
    finished_free(&hard);
    server_stop(&server);
}

/* ---- All tests of all twins -------------------------------------------------------------- */

static void is_installed(void **state)
{
    if (!twin_is_installed(*state))
        skip();
}

/* Stands where a test that cannot be made would: it is counted as skipped. */
static void left_out(void **state)
{
    (void)state;
    skip();
}

static const struct {
    const char *name;
    CMUnitTestFunction test;
    unsigned works;                                               /* one of them it must do */
    enum { ALL, CONCURRENT, ONE_PROCESS, HEARING, PYTHON } twins; /* what else it must be */
} tests[] = {
#define FOR(works, test)                                                                           \
    {                                                                                              \
#test, test, works, false                                                                  \
    }
    FOR(DOES_IO, requests_are_verified_and_counted_by_the_server),
    {"concurrency_is_reached_and_kept", concurrency_is_reached_and_kept, DOES_IO, CONCURRENT},
    FOR(DOES_IO, connections_are_used_again_or_fresh_as_asked),
    FOR(DOES_IO, one_record_per_request_is_written),
    FOR(DOES_IO, faults_end_in_the_outcome_they_deserve),
    FOR(DOES_IO, closed_connections_are_told),
    FOR(DOES_IO, each_closed_connection_is_a_resend_or_a_reset),
    FOR(DOES_IO, devices_stay_what_they_are),
    FOR(DOES_IO, reset_within_the_body_is_truncated),
    FOR(DOES_IO, request_that_hangs_is_a_timeout),
    FOR(DOES_IO, timeout_is_of_the_whole_request),
    FOR(DOES_IO, nobody_listens),
    FOR(DOES_IO, body_without_end_is_a_bad_body),
    FOR(DOES_IO, deep_body_does_no_harm),
    FOR(DOES_IO, where_an_answer_ends_decides),
    FOR(DOES_IO, hostile_answers_then_closed),
    FOR(DOES_IO, hostile_answers_left_open),
    FOR(DOES_IO, hostile_ends_at_each_byte),
    FOR(DOES_IO, nothing_of_the_environment_is_said),
    FOR(DOES_IO, answer_without_end_is_bounded),
    FOR(DOES_IO, timeout_is_of_all_that_comes_slowly),
    FOR(DOES_IO, timeout_is_of_all_sends_together),
    FOR(DOES_IO, any_body_will_do_where_only_the_status_counts),
    FOR(DOES_IO, deadline_ends_the_run),
    FOR(DOES_IO, deadline_ends_slow_answers),
    FOR(DOES_IO, interrupt_leaves_a_partial_result),
    FOR(DOES_IO, terminate_leaves_a_partial_result),
    FOR(DOES_WEBSOCKET, messages_are_verified_and_sent_back),
    FOR(DOES_WEBSOCKET, faults_of_messages_end_in_their_outcomes),
    FOR(DOES_WEBSOCKET, nobody_accepts_websockets),
    FOR(DOES_WEBSOCKET, deadline_ends_websockets),
    FOR(DOES_WEBSOCKET, interrupt_closes_websockets),
    FOR(DOES_CPU, chain_is_computed_and_verified),
    FOR(DOES_CPU, wrong_digest_is_a_bad_body),
    FOR(DOES_CPU, own_calibration_holds_for_others),
    FOR(DOES_CPU, computing_ends_at_the_deadline),
    FOR(DOES_CPU, long_item_ends_at_the_deadline),
    {"long_item_can_be_interrupted", long_item_can_be_interrupted, DOES_CPU, HEARING},
    FOR(DOES_MIXED, answers_are_verified_and_then_computed_on),
    FOR(DOES_MIXED, nothing_is_computed_on_a_wrong_answer),
    FOR(DOES_SLEEP, all_sleep_at_once_and_say_so),
    FOR(DOES_SLEEP, sleepers_can_be_interrupted),
    FOR(DOES_IO | DOES_CPU | DOES_SLEEP | DOES_WEBSOCKET, wrong_usage_is_exit_2),
    FOR(DOES_IO, options_without_their_work_are_refused),
    {"another_interpreter_can_run_it", another_interpreter_can_run_it, DOES_IO, PYTHON},
    FOR(DOES_IO | DOES_CPU | DOES_SLEEP | DOES_WEBSOCKET, help_and_version_answer),
    FOR(DOES_IO, result_that_cannot_be_written_is_told),
    {"limits_are_raised_or_named", limits_are_raised_or_named, DOES_IO, ONE_PROCESS},
#undef FOR
};
enum { TESTS = sizeof(tests) / sizeof(tests[0]) };

/* "faults_…__python_httpx": tests/run counts names of these characters. */
static char *test_name(const char *test, const struct twin *twin)
{
    char *name;

    assert_true(asprintf(&name, "%s__%s", test, twin->name) > 0);
    for (char *c = name; *c != '\0'; c++)
        *c = (char)(*c == '-' ? '_' : *c);
    return name;
}

static bool concerns(int test, const struct twin *twin)
{
    if ((tests[test].works & twin->works) == 0)
        return false;
    switch (tests[test].twins) {
    case CONCURRENT:
        return !twin->sequential;
    case ONE_PROCESS:
        return !twin->sequential && !twin->spares_files;
    case PYTHON:
        return strncmp(twin->name, "python-", 7) == 0;
    case HEARING:
        return !twin->deaf;
    default:
        return true;
    }
}

/* What a failed test has left running would be found by the next. */
static int end_children(void **state)
{
    char path[64], *children, *rest;

    (void)state;
    snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    children = file_read(path, 1 << 20, NULL);
    for (char *pid = strtok_r(children, " ", &rest); pid != NULL; pid = strtok_r(NULL, " ", &rest))
        kill(atoi(pid), SIGKILL);
    free(children);
    while (waitpid(-1, NULL, 0) > 0)
        continue;
    return 0;
}

static int add_tests(const struct twin *twin, struct CMUnitTest *all, int count)
{
    bool installed = twin_is_installed(twin), websockets = installed && twin_has_websockets(twin);

    if (!installed) /* said here, since a filter leaves is_installed() out */
        printf("%s is not tested: not installed (Debian: apt-get install %s)\n", twin->name,
               twin->package);
    all[count++] = (struct CMUnitTest){.name = test_name("is_installed", twin),
                                       .test_func = is_installed,
                                       .initial_state = (void *)twin};
    for (int i = 0; installed && i < TESTS; i++)
        if (concerns(i, twin))
            all[count++] = (struct CMUnitTest){
                .name = test_name(tests[i].name, twin),
                .test_func =
                    tests[i].works == DOES_WEBSOCKET && !websockets ? left_out : tests[i].test,
                .teardown_func = end_children,
                .initial_state = (void *)twin};
    return count;
}

int contract_test(const char *const names[])
{
    struct CMUnitTest *all;
    size_t twins = 0;
    int count = 0, failed;

    while (names[twins] != NULL)
        twins++;
    all = calloc(twins * (TESTS + 1), sizeof(*all));
    assert_non_null(all);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (; *names != NULL; names++) {
        assert_non_null(twin_find(*names));
        count = add_tests(twin_find(*names), all, count);
    }
    failed = _cmocka_run_group_tests("contract", all, (size_t)count, NULL, NULL);
    for (int i = 0; i < count; i++)
        free((char *)all[i].name);
    free(all);
    return failed;
}
