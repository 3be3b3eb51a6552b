/* The lanes, end to end: the real programs against the real server and against peers that
 * misbehave. Every test that takes a lane runs once for each. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lane_run.h"
#include "tests/peer.h"
#include "tests/raw_http.h"

#include "common/clock.h"
#include "common/count.h"
#include "common/file.h"
#include "common/json.h"

/* ---- The workload done right ------------------------------------------------------------- */

static void all_requests_are_verified(void **state)
{
    const char *lane = *state;
    struct server server = server_start("--latency", "5ms", NULL);
    struct lane_run outcome =
        run_lane(lane, users_url(&server, ""), "-n", "60", "--latency", "5ms", NULL);
    char *stats = server_request(&server, "/stats", 0);
    json_t *seen = json_loads(stats, 0, NULL);
    long concurrency = number(&outcome, "workload.concurrency");

    assert_int_equal(outcome.finished.status, 0);
    assert_int_equal(number(&outcome, "outcomes.ok"), 60);
    assert_int_equal(number(&outcome, "verified"), 60);
    assert_int_equal(outcomes_sum(&outcome), 60);
    assert_true(json_is_true(json_at(outcome.result, "valid")));
    assert_int_equal(number(&outcome, "floor_ns"),
                     (60 + concurrency - 1) / concurrency * (long)(5 * NS_PER_MS));
    assert_true(number(&outcome, "wall_ns") >= number(&outcome, "floor_ns"));
    assert_true(number(&outcome, "latency_ns.p50") >= (long)(5 * NS_PER_MS));
    assert_true(number(&outcome, "in_flight_peak") <= concurrency);
    assert_int_equal((long)json_number_at(seen, "requests", -1), 60);
    assert_true(json_number_at(seen, "in_flight_peak", 1e9) <= (double)concurrency);
    assert_int_equal((long)json_number_at(seen, "lateness_ns.early", -1), 0);
    assert_non_null(strstr(outcome.finished.out, "60 verified"));
    json_decref(seen);
    free(stats);
    lane_run_free(&outcome);
    server_stop(&server);
    assert_int_equal(children_count(), 0);
}

static void connections_are_used_again_or_fresh_as_asked(void **state)
{
    const char *lane = *state;
    struct server server = server_start("--latency", "1ms", NULL);
    struct lane_run reuse =
        run_lane(lane, users_url(&server, ""), "-n", "40", "--connections", "reuse", NULL);
    struct lane_run fresh =
        run_lane(lane, users_url(&server, ""), "-n", "40", "--connections", "fresh", NULL);

    assert_int_equal(number(&fresh, "connections_opened"), 40);
    assert_true(number(&reuse, "connections_opened") <= number(&reuse, "workload.concurrency"));
    lane_run_free(&reuse);
    lane_run_free(&fresh);
    server_stop(&server);
}

/* The last end, in ns, of those requests in the file of records that ended so. */
static unsigned long last_end_of(const char *records, const char *outcome)
{
    unsigned long last = 0;
    char *text = file_read(records, 1 << 20, NULL), *rest;

    for (char *row = strtok_r(text, "\n", &rest); row; row = strtok_r(NULL, "\n", &rest)) {
        const char *end, *name;

        for (int i = 0; i < 5; i++)
            strsep(&row, ","); /* some are empty */
        end = strsep(&row, ",");
        name = strsep(&row, ",");
        if (strcmp(name, outcome) == 0 && strtoul(end, NULL, 10) > last)
            last = strtoul(end, NULL, 10);
    }
    free(text);
    return last;
}

static void one_record_per_request_is_written(void **state)
{
    const char *lane = *state;
    struct server server = server_start("--latency", "2ms", NULL);
    char *folder = folder_make(), *text, *rest;
    char *path = strdup(path_in(folder, "records.csv"));
    struct lane_run outcome =
        run_lane(lane, users_url(&server, ""), "-n", "25", "--records", path, NULL);
    unsigned long expected = 0;

    assert_int_equal(outcome.finished.status, 0);
    text = file_read(path, 1 << 20, NULL);
    strtok_r(text, "\n", &rest);
    for (char *row = strtok_r(NULL, "\n", &rest); row; row = strtok_r(NULL, "\n", &rest)) {
        unsigned long id, worker, start, connected, first_byte, end;
        char name[16];

        assert_int_equal(sscanf(row, "%lu,%lu,%lu,%lu,%lu,%lu,%15[^,]", &id, &worker, &start,
                                &connected, &first_byte, &end, name),
                         7);
        assert_int_equal(id, expected++);
        assert_true(start <= connected && connected <= first_byte && first_byte <= end);
        assert_true(end - start >= 2 * NS_PER_MS);
        assert_string_equal(name, "ok");
    }
    assert_int_equal(expected, 25);
    free(text);
    free(path);
    lane_run_free(&outcome);
    folder_remove(folder);
    server_stop(&server);
}

static void concurrency_is_kept(void **state)
{
    const char *const lanes[] = {"lane-threads", "lane-procs", "lane-async", "lane-co"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lanes); i++) {
        struct server server = server_start("--latency", "500ms", NULL);
        struct lane_run outcome =
            run_lane(lanes[i], users_url(&server, ""), "-n", "24", "-c", "8", NULL);
        char *stats = server_request(&server, "/stats", 0);
        json_t *seen = json_loads(stats, 0, NULL);

        assert_int_equal(outcome.finished.status, 0);
        assert_int_equal((long)json_number_at(seen, "in_flight_peak", -1), 8);
        json_decref(seen);
        free(stats);
        lane_run_free(&outcome);
        server_stop(&server);
    }
}

/* ---- Peers that misbehave ---------------------------------------------------------------- */

/* Every request of the lane ends in the one outcome that this peer deserves. */
static void expect_from_peer(const char *lane, const char *answer, enum peer_end end,
                             const char *outcome_path)
{
    const char *timeout = end == PEER_HANGS ? "300ms" : "20s"; /* only the first wait for it */
    struct peer peer = peer_start(answer, end);
    struct lane_run outcome = run_lane(lane, peer_url(&peer), "-n", "12", "-t", timeout, NULL);

    assert_int_equal(outcome.finished.status, 1);
    expect_outcomes(&outcome, outcome_path, 12, 12);
    assert_int_equal(number(&outcome, "verified"), 0);
    assert_true(json_is_false(json_at(outcome.result, "valid")));
    lane_run_free(&outcome);
    peer_stop(&peer);
}

/* It says that it closes the connection: a request that were sent on it meanwhile would be reset.
 */
#define HEADER(length) "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " length "\r\n\r\n"

static void peer_that_speaks_no_http(void **state)
{
    expect_from_peer(*state, "SSH-2.0-OpenSSH_9.2\r\n", PEER_CLOSES, "outcomes.other");
}

static void peer_that_closes_without_an_answer(void **state)
{
    expect_from_peer(*state, "", PEER_CLOSES, "outcomes.reset");
}

static void peer_that_resets(void **state)
{
    expect_from_peer(*state, "", PEER_RESETS, "outcomes.reset");
}

static void peer_that_truncates(void **state)
{
    expect_from_peer(*state, HEADER("100") "{\"id\": 0", PEER_CLOSES, "outcomes.truncated");
}

static void peer_that_answers_for_another(void **state)
{
    expect_from_peer(*state, HEADER("13") "{\"id\": 12345}", PEER_CLOSES, "outcomes.bad_body");
}

static void peer_that_sends_no_json(void **state)
{
    expect_from_peer(*state, HEADER("5") "hello", PEER_CLOSES, "outcomes.bad_body");
}

static void peer_that_fails(void **state)
{
    expect_from_peer(
        *state,
        "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        PEER_CLOSES, "outcomes.http_status");
}

static void peer_that_never_answers(void **state)
{
    expect_from_peer(*state, "", PEER_HANGS, "outcomes.timeout");
}

static void peer_that_stops_in_the_body(void **state)
{
    expect_from_peer(*state, HEADER("100") "{\"id\": 0", PEER_HANGS, "outcomes.timeout");
}

static void peer_that_sends_too_much(void **state)
{
    size_t size = (1 << 20) + 200;
    char *answer = malloc(size + 1);

    memset(answer, ' ', size);
    memcpy(answer, HEADER("2000000"), strlen(HEADER("2000000")));
    answer[size] = '\0';
    expect_from_peer(*state, answer, PEER_CLOSES, "outcomes.bad_body");
    free(answer);
}

/* Only a request that was sent in vain is sent again: the answer to this one has begun. */
static void raw_client_asks_once_for_what_is_cut(void **state)
{
    const char *lane = *state;
    struct server server = server_start("--latency", "1ms", "--faults", "truncate=50%", NULL);
    struct lane_run outcome =
        run_lane(lane, users_url(&server, ""), "--client", "raw", "-n", "60", NULL);

    assert_int_equal(number(&outcome, "outcomes.truncated"), stat_of(&server, "faults.truncate"));
    assert_in_range(number(&outcome, "outcomes.truncated"), 1, 59);
    assert_int_equal(outcomes_sum(&outcome), 60);
    assert_int_equal(number(&outcome, "resends"), 0);
    assert_int_equal(stat_of(&server, "requests"), 60);
    lane_run_free(&outcome);
    server_stop(&server);
}

/* What comes after an answer could be taken for the next one. */
static void raw_client_leaves_who_says_more(void **state)
{
    const char *lane = *state;
    struct peer peer = peer_start("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP", PEER_HANGS);
    struct lane_run outcome = run_lane(lane, peer_url(&peer), "--client", "raw", "-n", "6", "-t",
                                       "20s", "--verify", "status", NULL);

    expect_outcomes(&outcome, "outcomes.ok", 6, 6);
    assert_int_equal(number(&outcome, "connections_opened"), 6);
    lane_run_free(&outcome);
    peer_stop(&peer);
}

static void nobody_listens(void **state)
{
    const char *lane = *state;
    const struct peer nobody = {.port = free_port()};
    struct lane_run outcome = run_lane(lane, peer_url(&nobody), "-n", "12", NULL);

    assert_int_equal(outcome.finished.status, 1);
    assert_int_equal(number(&outcome, "outcomes.connect"), 12);
    assert_non_null(strstr(outcome.finished.out, "connect to server"));
    lane_run_free(&outcome);
}

static void any_body_will_do_where_only_the_status_counts(void **state)
{
    const char *lane = *state;
    struct peer peer = peer_start(HEADER("5") "hello", PEER_CLOSES);
    struct lane_run outcome =
        run_lane(lane, peer_url(&peer), "-n", "12", "--verify", "status", NULL);

    assert_int_equal(outcome.finished.status, 0);
    assert_int_equal(number(&outcome, "outcomes.ok"), 12);
    assert_int_equal(number(&outcome, "verified"), 0);
    lane_run_free(&outcome);
    peer_stop(&peer);
}

/* ---- Ends before the end ----------------------------------------------------------------- */

static void deadline_ends_the_run(void **state)
{
    const char *lane = *state;
    struct server server = server_start("--latency", "150ms", NULL);
    uint64_t before = clock_ns();
    struct lane_run outcome =
        run_lane(lane, users_url(&server, ""), "-n", "1000", "-c",
                 strcmp(lane, "lane-sync") ? "4" : "1", "--deadline", "2s", NULL);

    assert_int_equal(outcome.finished.status, 1);
    assert_true(clock_ns() - before < 60 * NS_PER_S);
    assert_true(number(&outcome, "outcomes.ok") >= 1);
    assert_true(number(&outcome, "outcomes.cancelled") >= 1);
    assert_int_equal(outcomes_sum(&outcome), 1000);
    lane_run_free(&outcome);
    server_stop(&server);
}

/* A signal in the middle: exit 130, a partial result in which every request is accounted for. */
static void expect_interrupted(const char *lane, int signal)
{
    struct server server = server_start("--latency", "100ms", NULL);
    char *folder = folder_make(), error[JSON_ERROR_SIZE];
    char *output = strdup(path_in(folder, "result.jsonl"));
    const char *argv[] = {program(lane),
                          "-n",
                          "500",
                          "-c",
                          strcmp(lane, "lane-sync") ? "3" : "1",
                          "-o",
                          output,
                          users_url(&server, ""),
                          NULL};
    struct lane_run outcome = {0};
    json_t *lines;
    pid_t pid;

    pid = start(argv, NULL, NULL);
    wait_stat_from(&server, "requests", 4); /* so that one has ended */
    kill(pid, signal);
    assert_int_equal(wait_for(pid, 60), 130);
    lines = json_lines_load(output, error);
    outcome.result = json_array_get(lines, 0);
    assert_true(json_is_true(json_at(outcome.result, "interrupted")));
    assert_true(number(&outcome, "outcomes.ok") >= 1);
    assert_true(number(&outcome, "outcomes.cancelled") >= 1);
    assert_int_equal(number(&outcome, "outcomes.other"), 0);
    assert_int_equal(outcomes_sum(&outcome), 500);
    json_decref(lines);
    free(output);
    folder_remove(folder);
    server_stop(&server);
    assert_int_equal(children_count(), 0);
}

static void interrupt_leaves_a_partial_result(void **state)
{
    expect_interrupted(*state, SIGINT);
}

/* Nobody waits for an answer that takes its time. */
static void interrupt_ends_what_waits(void **state)
{
    struct server server = server_start("--latency", "60s", NULL);
    const char *lane = *state;
    const char *argv[] = {
        program(lane),          "-n", "9", "-c", strcmp(lane, "lane-sync") ? "3" : "1", "--quiet",
        users_url(&server, ""), NULL};
    pid_t pid = start(argv, NULL, NULL);
    uint64_t before;

    wait_stat_from(&server, "requests", strcmp(lane, "lane-sync") ? 3 : 1);
    usleep(1500 * 1000); /* libcurl itself has nothing to do any more */
    before = clock_ns();
    kill(pid, SIGINT);
    assert_int_equal(wait_for(pid, 90), 130);
    assert_true(clock_ns() - before < 20 * NS_PER_S);
    server_stop(&server);
}

static void terminate_leaves_a_partial_result(void **state)
{
    expect_interrupted(*state, SIGTERM);
}

/* Nobody takes the summary, so the lane does not come to its end in order. */
static void second_signal_ends_at_once(void **state)
{
    struct server server = server_start("--latency", "60s", NULL);
    char *folder = folder_make(), *pipe_path = strdup(path_in(folder, "pipe")), byte = 0;
    const char *argv[] = {program(*state), "-n", "1", users_url(&server, ""), NULL};
    int pipe_fd;
    pid_t pid;

    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    pipe_fd = open(pipe_path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    while (write(pipe_fd, &byte, 1) == 1)
        continue;
    pid = start(argv, pipe_path, NULL);
    wait_stat(&server, "requests", 1);
    kill(pid, SIGTERM);
    wait_stat(&server, "aborted", 1);
    usleep(300000);
    kill(pid, SIGTERM);
    assert_int_equal(wait_for(pid, 60), 128 + SIGTERM);
    close(pipe_fd);
    free(pipe_path);
    folder_remove(folder);
    server_stop(&server);
}

static void server_killed_in_the_middle(void **state)
{
    const char *lane = *state;
    struct server server = server_start("--latency", "50ms", NULL);
    char *folder = folder_make(), error[JSON_ERROR_SIZE];
    char *output = strdup(path_in(folder, "result.jsonl"));
    const char *argv[] = {program(lane),
                          "-n",
                          "100",
                          "-c",
                          strcmp(lane, "lane-sync") ? "5" : "1",
                          "-o",
                          output,
                          users_url(&server, ""),
                          NULL};
    pid_t pid = start(argv, NULL, NULL);
    struct lane_run outcome = {0};
    json_t *lines;

    wait_stat_from(&server, "requests", 6); /* so that one has ended */
    kill(server.pid, SIGKILL);
    wait_for(server.pid, 60);
    assert_int_equal(wait_for(pid, 60), 1);
    lines = json_lines_load(output, error);
    outcome.result = json_array_get(lines, 0);
    assert_true(number(&outcome, "outcomes.ok") >= 1);
    assert_true(number(&outcome, "outcomes.connect") >= 1);
    assert_int_equal(number(&outcome, "outcomes.ok") + number(&outcome, "outcomes.reset") +
                         number(&outcome, "outcomes.connect"),
                     100);
    json_decref(lines);
    free(output);
    folder_remove(folder);
}

/* Waits until the lane has four workers, none of which is one of the two. */
static void wait_for_workers(pid_t lane, pid_t *workers, const pid_t without[2])
{
    uint64_t deadline = clock_ns() + 60 * NS_PER_S;
    bool found = false;

    while (!found) {
        assert_true(clock_ns() < deadline);
        usleep(2000);
        found = children_of(lane, workers, 8) == 4;
        for (int i = 0; found && i < 4; i++)
            found = workers[i] != without[0] && workers[i] != without[1];
    }
}

static void dead_worker_is_replaced_and_loses_one_request(void **state)
{
    struct server server = server_start("--latency", "500ms", NULL);
    char *folder = folder_make(), error[JSON_ERROR_SIZE];
    char *output = strdup(path_in(folder, "result.jsonl"));
    char *records = strdup(path_in(folder, "records.csv"));
    const char *argv[] = {
        program("lane-procs"),  "-n", "30", "-c", "4", "-o", output, "--records", records,
        users_url(&server, ""), NULL};
    pid_t lane = start(argv, NULL, NULL), workers[8], killed[2];
    struct lane_run outcome = {0};
    json_t *lines;

    (void)state;
    wait_stat_from(&server, "requests", 4); /* each has one, which takes a while yet */
    assert_int_equal(children_of(lane, workers, 8), 4);
    memcpy(killed, workers, sizeof(killed));
    kill(killed[0], SIGKILL);
    kill(killed[1], SIGABRT); /* not SIGSEGV, which a sanitizer would explain, and may hang */
    wait_for_workers(lane, workers, killed);
    assert_int_equal(wait_for(lane, 60), 1);
    lines = json_lines_load(output, error);
    outcome.result = json_array_get(lines, 0);
    assert_int_equal(number(&outcome, "outcomes.other"), 2);
    assert_int_equal(number(&outcome, "outcomes.ok"), 28);
    assert_true(last_end_of(records, "other") + NS_PER_S < last_end_of(records, "ok"));
    json_decref(lines);
    free(records);
    free(output);
    folder_remove(folder);
    server_stop(&server);
}

/* Signals at all moments of a short life, and one more of another kind: before the lane handles
 * them they end it, later it ends by itself. */
static void signals_at_any_moment_are_survived(void **state)
{
    struct server server = server_start("--latency", "1ms", NULL);
    const char *argv[] = {program("lane-sync"), "-n", "1", users_url(&server, ""), NULL};

    (void)state;
    for (unsigned delay_us = 0; delay_us < 40000; delay_us += 200) {
        pid_t lane = start(argv, NULL, NULL);
        int status;

        usleep(delay_us);
        kill(lane, SIGTERM);
        usleep(500);
        kill(lane, SIGINT);
        status = wait_for(lane, 60);
        if (status != 0 && status != 130 && status != 128 + SIGTERM && status != 128 + SIGINT)
            fail_msg("a signal after %u us: status %d", delay_us, status);
    }
    server_stop(&server);
}

/* What a lane inherits over exec: somebody else's child, which ends meanwhile, or that nobody is
 * told of the end of children. */
static void processes_of_others_are_no_workers(void **state)
{
    static const char *const starts[] = {"sleep 0.1 & exec \"$0\" \"$@\"",
                                         "trap '' CHLD; exec \"$0\" \"$@\""};
    struct server server = server_start("--latency", "100ms", NULL);

    (void)state;
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        const char *argv[] = {"sh", "-c", starts[i], program("lane-procs"),  "-n", "12",
                              "-c", "3",  "--quiet", users_url(&server, ""), NULL};

        assert_int_equal(wait_for(start(argv, NULL, NULL), 60), 0);
    }
    server_stop(&server);
}

static void workers_die_with_their_parent(void **state)
{
    struct server server = server_start("--latency", "60s", NULL);
    const char *argv[] = {program("lane-procs"),  "-n", "8", "-c", "4",
                          users_url(&server, ""), NULL};
    pid_t lane = start(argv, NULL, NULL), workers[8];

    (void)state;
    wait_stat(&server, "requests", 4);
    assert_int_equal(children_of(lane, workers, 8), 4);
    kill(lane, SIGKILL);
    assert_int_equal(wait_for(lane, 60), 128 + SIGKILL);
    wait_until_gone(workers, 4);
    kill(server.pid, SIGKILL);
    wait_for(server.pid, 60);
}

/* ---- Usage ------------------------------------------------------------------------------- */

static void wrong_usage_is_explained(void **state)
{
    const char *lane = *state;
    const char *url = "http://127.0.0.1:1/{id}";
    char long_url[5000];

    snprintf(long_url, sizeof(long_url), "http://127.0.0.1/{id}?%04500d", 0);
#define EXPECT(text, ...) expect_usage_error(lane, (const char *const[]){__VA_ARGS__, NULL}, text)
    EXPECT("unrecognized option", "--bogus", url);
    EXPECT("must hold {id}", "http://127.0.0.1:1/users");
    EXPECT("takes --verify status", "http://127.0.0.1:1/users");
    EXPECT("in the path or the query", "--client=raw", "--verify=status", "http://127.0.0.1:1/");
    EXPECT("bare sockets only GET", "--client=raw", "-d", "x", url);
    EXPECT("is no header; write it like", "--header", "Accept", url);
    EXPECT("no request is made by HTTP", "--work", "cpu", "--method", "PUT");
    EXPECT("must hold {id} once", "http://127.0.0.1:1/{id}/{id}");
    EXPECT("URL is missing", "-n", "5");
    EXPECT("not an http", "ftp://127.0.0.1/{id}");
    EXPECT("one URL only", url, url);
    EXPECT("not a whole number from 1 to 10000000", "-n", "0", url);
    EXPECT("not a whole number from 1 to 10000000", "-n", "many", url);
    EXPECT("not a whole number from 1 to 10000000", "-c", "-3", url);
    EXPECT("not a time above 0", "-t", "5", url);
    EXPECT("not a time above 0", "--deadline", "soon", url);
    EXPECT("is not 'reuse' or 'fresh'", "--connections", "none", url);
    EXPECT("is not 'id' or 'status'", "--verify", "x", url);
    EXPECT("is not 'curl' or 'raw'", "--client", "wget", url);
    EXPECT("they speak http only", "--client", "raw", "https://127.0.0.1/{id}");
    EXPECT("no user and password", "--client", "raw", "http://me:secret@127.0.0.1/{id}");
    EXPECT("in the path or the query", "--client", "raw", "http://127.0.0.1/users#{id}");
    EXPECT("is not an http:// or", "--client", "raw", "http://127.0.0.1:port/{id}");
    EXPECT("no request is made by HTTP", "--client", "raw", "--work", "cpu");
    EXPECT("is too long", "--client", "raw", long_url);
    EXPECT("would be a file for curl", "--body", "@file", url);
    EXPECT("holds {id} more than once", "--body", "{id} {id}", url);
    EXPECT("must hold {id} once", "--body", "x", "http://127.0.0.1/users");
    EXPECT("No such file", "-o", "/nowhere/result", url);
    EXPECT("No such file", "--records", "/nowhere/records", url);
#undef EXPECT
}

/* As curl's --request, --header and --data; where every request is the same, the URL holds no {id}.
 */
static void requests_are_made_as_is_said(void **state)
{
    static const struct {
        const char *must, *path, *said[6];
    } cases[] = {
        {"GET /fixed HTTP/1.1\r\n*", "fixed", {"--verify", "status"}},
        {"POST /fixed HTTP/1.1\r\n*Content-Type: application/x-www-form-urlencoded*\r\n\r\na=b",
         "fixed",
         {"--verify", "status", "-d", "a=b"}},
        {"PUT /u/[01] HTTP/1.1\r\n*X-A: b\r\n*\r\n\r\n{\"n\":[01]}",
         "u/{id}",
         {"--method=PUT", "--header=X-A: b", "--body", "{\"n\":{id}}", "--verify=status"}},
        {"HEAD /fixed HTTP/1.1\r\n*Accept: text/plain\r\n*",
         "fixed",
         {"-XHEAD", "-HAccept: text/plain", "--verify=status"}},
    };
    const char *lane = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *const *said = cases[i].said;
        struct peer peer = peer_start_for(cases[i].must);
        char url[80];
        struct lane_run made;

        snprintf(url, sizeof(url), "http://127.0.0.1:%d/%s", peer.port, cases[i].path);
        made = run_lane(lane, url, "-n", "2", said[0], said[1], said[2], said[3], said[4], NULL);
        expect_outcomes(&made, "outcomes.ok", 2, 2);
        lane_run_free(&made);
        peer_stop(&peer);
    }
}

/* Each address of a name is tried; one without any is a connection that cannot be made. */
static void raw_client_resolves_names(void **state)
{
    const char *lane = *state;
    struct server server = server_start("--latency", "1ms", NULL);
    const char *port = strrchr(server.url, ':');
    char url[128];
    struct lane_run known, unknown;
    struct addrinfo *found = NULL;

    if (getaddrinfo("localhost", NULL, NULL, &found) != 0) { /* a room without /etc/hosts */
        server_stop(&server);
        skip();
    }
    freeaddrinfo(found);
    snprintf(url, sizeof(url), "http://localhost%s/users/{id}", port);
    known = run_lane(lane, url, "--client", "raw", "-n", "4", NULL);
    unknown =
        run_lane(lane, "http://no-such-host.invalid/{id}", "--client", "raw", "-n", "4", NULL);
    expect_outcomes(&known, "outcomes.ok", 4, 4);
    expect_outcomes(&unknown, "outcomes.connect", 4, 4);
    lane_run_free(&known);
    lane_run_free(&unknown);
    server_stop(&server);
}

/* Where a result cannot be written, the run has not gone well. */
static void full_disk_is_told(void **state)
{
    const char *lane = *state;
    struct server server = server_start("--latency", "1ms", NULL);
    struct finished finished =
        run(lane, "-n", "3", "-o", "/dev/full", users_url(&server, ""), NULL);
    char *folder = folder_make(), *said = strdup(path_in(folder, "said")), *text;
    const char *argv[] = {program(lane), "-n", "3", users_url(&server, ""), NULL};

    assert_int_equal(finished.status, 1);
    assert_non_null(strstr(finished.err, "No space left"));
    finished_free(&finished);
    assert_int_equal(wait_for(start(argv, "/dev/full", said), 60), 1);
    text = read_in(folder, "said");
    assert_non_null(strstr(text, "standard output: No space left"));
    free(text);
    free(said);
    folder_remove(folder);
    server_stop(&server);
}

static void run_with_closed_descriptors(const char *lane)
{
    struct server server = server_start("--latency", "1ms", NULL);
    char *folder = folder_make(), *file = strdup(path_in(folder, "line"));
    char *path = strdup(program(lane)), *url = strdup(users_url(&server, ""));
    const char *words[] = {"sh", "-c", "exec \"$0\" -n 3 -o \"$1\" \"$2\" <&- >&- 2>&-", path, file,
                           url,  NULL};
    struct finished finished = run_argv(words);
    char *line = file_read(file, 100000, NULL);

    assert_int_equal(finished.status, 1); /* the summary could not be written */
    assert_non_null(line);
    assert_int_equal(line[0], '{');
    assert_int_equal(strchr(line, '\n')[1], '\0');
    finished_free(&finished);
    words[2] = "exec \"$0\" -n 3 -o \"$1\" \"$2\" <&- 2>&-";
    finished = run_argv(words);
    assert_int_equal(finished.status, 0);
    finished_free(&finished);
    free(line);
    free(file);
    free(path);
    free(url);
    folder_remove(folder);
    server_stop(&server);
}

/* A daemon starts programs like that; nothing of theirs may land in a file that they open. */
static void closed_descriptors_are_borne(void **state)
{
    if (on_valgrind()) /* whose own messages take the place of a closed standard error */
        skip();
    run_with_closed_descriptors(*state);
}

static void help_and_version_answer(void **state)
{
    const char *lane = *state;
    bool async = strcmp(lane, "lane-async") == 0, threads = strcmp(lane, "lane-threads") == 0;
    struct finished help = run(lane, "--help", NULL), version = run(lane, "--version", NULL);
    struct finished h = run(lane, "-h", NULL), v = run(lane, "-V", NULL);

    assert_int_equal(help.status, 0);
    assert_non_null(strstr(help.out, "--concurrency"));
    assert_non_null(strstr(help.out, "Examples"));
    assert_non_null(strstr(help.out, "Exit status"));
    assert_int_equal(strstr(help.out, "--loops") != NULL, async);
    assert_int_equal(strstr(help.out, "--compute") != NULL, async);
    assert_int_equal(strstr(help.out, "--workers") != NULL, async);
    assert_int_equal(strstr(help.out, "--gil") != NULL, async || threads);
    assert_int_equal(strstr(help.out, "--stack") != NULL, threads);
    assert_int_equal(version.status, 0);
    assert_non_null(strstr(version.out, lane));
    assert_int_equal(h.status, 0);
    assert_string_equal(h.out, help.out);
    assert_int_equal(v.status, 0);
    assert_string_equal(v.out, version.out);
    finished_free(&help);
    finished_free(&version);
    finished_free(&h);
    finished_free(&v);
}

static void sequential_takes_no_concurrency(void **state)
{
    (void)state;
    expect_usage_error("lane-sync", (const char *const[]){"-c", "2", "http://127.0.0.1/{id}", NULL},
                       "runs 1 request at a time");
}

/* The size of a stack is what it may take, and is checked before any thread starts. */
static void threads_take_the_size_of_their_stacks(void **state)
{
    static const char *const refused[] = {"1k", "2G", "much"};
    struct server server = server_start("--latency", "1ms", NULL);
    struct lane_run run = run_lane("lane-threads", users_url(&server, "?delay=0ms"), "-n", "20",
                                   "--stack", "8M", NULL);

    (void)state;
    assert_int_equal(number(&run, "outcomes.ok"), 20);
    lane_run_free(&run);
    for (size_t i = 0; i < 3; i++)
        expect_usage_error(
            "lane-threads",
            (const char *const[]){"--stack", refused[i], "http://127.0.0.1/{id}", NULL},
            "is not a size from 64k to 1G");
    expect_usage_error("lane-async",
                       (const char *const[]){"--stack", "8M", "http://127.0.0.1/{id}", NULL},
                       "has no --stack: use lane-threads");
    server_stop(&server);
}

static void limit_of_the_machine_is_exit_3(void **state)
{
    struct finished finished =
        run("lane-threads", "-n", "10M", "-c", "10M", "http://127.0.0.1:1/{id}", NULL);

    (void)state;
    assert_int_equal(finished.status, 3);
    assert_non_null(strstr(finished.err, "but the limit is"));
    assert_non_null(strstr(finished.err, "raise it with"));
    finished_free(&finished);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOR_EACH_LANE(all_requests_are_verified),
        FOR_EACH_LANE(connections_are_used_again_or_fresh_as_asked),
        FOR_EACH_LANE(one_record_per_request_is_written),
        cmocka_unit_test_teardown(concurrency_is_kept, end_leftovers),
        FOR_EACH_LANE(peer_that_speaks_no_http),
        FOR_EACH_LANE(peer_that_closes_without_an_answer),
        FOR_EACH_LANE(peer_that_resets),
        FOR_EACH_LANE(peer_that_truncates),
        FOR_EACH_LANE(peer_that_answers_for_another),
        FOR_EACH_LANE(peer_that_sends_no_json),
        FOR_EACH_LANE(peer_that_fails),
        FOR_EACH_LANE(peer_that_never_answers),
        FOR_EACH_LANE(peer_that_stops_in_the_body),
        FOR_EACH_LANE(peer_that_sends_too_much),
        FOR_EACH_LANE(raw_client_asks_once_for_what_is_cut),
        FOR_EACH_LANE(raw_client_leaves_who_says_more),
        FOR_EACH_LANE(nobody_listens),
        FOR_EACH_LANE(any_body_will_do_where_only_the_status_counts),
        FOR_EACH_LANE(deadline_ends_the_run),
        FOR_EACH_LANE(interrupt_leaves_a_partial_result),
        FOR_EACH_LANE(interrupt_ends_what_waits),
        FOR_EACH_LANE(terminate_leaves_a_partial_result),
        FOR_EACH_LANE(second_signal_ends_at_once),
        FOR_EACH_LANE(server_killed_in_the_middle),
        cmocka_unit_test_teardown(dead_worker_is_replaced_and_loses_one_request, end_leftovers),
        cmocka_unit_test_teardown(signals_at_any_moment_are_survived, end_leftovers),
        cmocka_unit_test_teardown(processes_of_others_are_no_workers, end_leftovers),
        cmocka_unit_test_teardown(workers_die_with_their_parent, end_leftovers),
        FOR_EACH_LANE(wrong_usage_is_explained),
        FOR_EACH_LANE(full_disk_is_told),
        FOR_EACH_LANE(requests_are_made_as_is_said),
        FOR_EACH_LANE(closed_descriptors_are_borne),
        FOR_EACH_LANE(raw_client_resolves_names),
        FOR_EACH_LANE(help_and_version_answer),
        cmocka_unit_test_teardown(threads_take_the_size_of_their_stacks, end_leftovers),
        cmocka_unit_test_teardown(sequential_takes_no_concurrency, end_leftovers),
        cmocka_unit_test_teardown(limit_of_the_machine_is_exit_3, end_leftovers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
