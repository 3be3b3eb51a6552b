#include "tests/contract_peers.h"

#include "tests/contract_run.h"
#include "tests/peer.h"

#include "common/clock.h"
#include "common/json.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define OK              "HTTP/1.1 200 OK\r\n"

void nobody_listens(void **state)
{
    const struct twin *twin = *state;
    const struct peer nobody = {.port = free_port()};
    struct lane_run run = RUN(twin, peer_url(&nobody), "-n", "6", "-c", at_once(twin, "3"));

    expect_all(&run, "connect", 6);
    lane_run_free(&run);
}

void body_without_end_is_a_bad_body(void **state)
{
    const char *head = OK "Content-Length: 9000000\r\n\r\n";
    const struct twin *twin = *state;
    size_t size = (1 << 20) + (1 << 18);
    char *answer = malloc(size + 1);
    struct peer peer;
    struct lane_run run;

    memset(answer, ' ', size);
    memcpy(answer, head, strlen(head));
    answer[size] = '\0';
    peer = peer_start(answer, PEER_HANGS);
    run = RUN(twin, peer_url(&peer), "-n", "3", "-c", at_once(twin, "3"), "-t", "20s");
    expect_all(&run, "bad_body", 3);
    lane_run_free(&run);
    peer_stop(&peer);
    free(answer);
}

/* Some readers of JSON go down with it. Whether it is too deep for them is their affair. */
void deep_body_does_no_harm(void **state)
{
    enum { DEPTH = 5000 };
    const struct twin *twin = *state;
    char *answer = malloc(2 * DEPTH + 256), *end = answer;
    struct peer peer;
    struct lane_run run;

    end += sprintf(end, OK "Connection: close\r\nContent-Length: %d\r\n\r\n", 2 * DEPTH + 16);
    end += sprintf(end, "{\"x\": ");
    memset(end, '[', DEPTH);
    memset(end + DEPTH, ']', DEPTH);
    strcpy(end + 2 * DEPTH, ", \"id\": 0}");
    peer = peer_start(answer, PEER_CLOSES);
    run = RUN(twin, peer_url(&peer), "-n", "3", "-c", at_once(twin, "3"));
    assert_int_equal(run.finished.status, 1);
    assert_int_equal(outcomes_sum(&run), 3);
    assert_in_range(number(&run, "outcomes.bad_body"), 2, 3);
    assert_int_equal(number(&run, "outcomes.ok") + number(&run, "outcomes.bad_body"), 3);
    lane_run_free(&run);
    peer_stop(&peer);
    free(answer);
}

/* ---- Answers that are cut off ------------------------------------------------------------ */

#define FIELD               OK "Content-Type: application/json\r\n"
#define HEAD                FIELD "Content-Length: 9\r\n\r\n"
#define HEAD_WITHOUT_LENGTH FIELD "\r\n"
#define CHUNKED             FIELD "Transfer-Encoding: chunked\r\n\r\n"

static const struct cut {
    struct peer_answer answer;
    const char *outcome;
    bool seen_by_all; /* else some take it for whole, and find another fault */
} cuts[] = {
    {{.text = "", .end = PEER_CLOSES}, "reset", true},
    {{.text = "", .end = PEER_RESETS}, "reset", true},
    {{.text = FIELD, .end = PEER_CLOSES}, "reset", false},
    {{.text = FIELD, .end = PEER_RESETS}, "reset", true},
    {{.text = HEAD, .end = PEER_CLOSES}, "truncated", true},
    {{.text = HEAD, .end = PEER_RESETS}, "truncated", true},
    {{.text = HEAD "{\"id\"", .end = PEER_CLOSES}, "truncated", true},
    {{.text = HEAD "{\"id\"", .end = PEER_RESETS}, "truncated", true},
    {{.text = "HTTP/1.1 503 No\r\nContent-Length: 9\r\n\r\n{", .end = PEER_CLOSES},
     "truncated",
     true},
    {{.text = "HTTP/1.1 503 No\r\nContent-Length: 9\r\n\r\n{", .end = PEER_RESETS},
     "truncated",
     true},
    {{.text = CHUNKED "9\r\n{\"id\"", .end = PEER_CLOSES}, "truncated", true},
    {{.text = CHUNKED "9\r\n{\"id\"", .end = PEER_RESETS}, "truncated", true},
    {{.text = CHUNKED "a\r\n{\"id\": 12}\r\n", .end = PEER_CLOSES}, "truncated", true},
    {{.text = "\001junk\r\n\r\n", .end = PEER_CLOSES}, "other", true},
};

/* The last field but one of each row. */
static void check_rows(char *rows, const struct twin *twin)
{
    char *rest, *row = strtok_r(rows, "\n", &rest);

    for (size_t id = 0; id < COUNT_OF(cuts); id++) {
        const char *outcome;

        row = strtok_r(NULL, "\n", &rest);
        assert_non_null(row);
        *strrchr(row, ',') = '\0';
        outcome = strrchr(row, ',') + 1;
        if (!cuts[id].seen_by_all && twin->takes_cut_header)
            assert_string_not_equal(outcome, "ok");
        else if (strcmp(outcome, cuts[id].outcome) != 0)
            fail_msg("%s: answer %zu, '%s', is '%s', not '%s'", twin->name, id,
                     cuts[id].answer.text, outcome, cuts[id].outcome);
    }
}

/* Before its header is whole it is a reset, and then it is truncated: closed or reset alike. */
void where_an_answer_ends_decides(void **state)
{
    const struct twin *twin = *state;
    struct peer_answer answers[COUNT_OF(cuts)];
    char *folder = folder_make(), *path = strdup(path_in(folder, "records.csv")), *rows;
    struct peer peer;
    struct lane_run run;

    for (size_t i = 0; i < COUNT_OF(cuts); i++)
        answers[i] = cuts[i].answer;
    peer = peer_start_each(answers, COUNT_OF(cuts));
    run = RUN(twin, peer_url(&peer), "-n", "14", "-c", at_once(twin, "4"), "--connections", "fresh",
              "--records", path);
    assert_int_equal(run.finished.status, 1);
    assert_int_equal(outcomes_sum(&run), COUNT_OF(cuts));
    rows = read_in(folder, "records.csv");
    check_rows(rows, twin);
    free(rows);
    free(path);
    folder_remove(folder);
    lane_run_free(&run);
    peer_stop(&peer);
}

/* ---- The user's environment -------------------------------------------------------------- */

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Nobody is behind the proxy, and the peer refuses who has a password. */
void nothing_of_the_environment_is_said(void **state)
{
    static const char *const proxies[] = {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"};
    const char *answer = OK "Connection: close\r\nContent-Length: 9\r\n\r\n{\"id\": 0}";
    const struct twin *twin = *state;
    char *folder = folder_make(), *home = strdup(getenv("HOME") != NULL ? getenv("HOME") : "/");
    struct peer peer = peer_start(answer, PEER_CLOSES);
    struct lane_run run;

    write_text(path_in(folder, ".netrc"), "machine 127.0.0.1 login me password secret\n");
    write_text(path_in(folder, ".curlrc"), "user = \"me:secret\"\n");
    for (size_t i = 0; i < COUNT_OF(proxies); i++)
        setenv(proxies[i], "http://127.0.0.1:9", 1);
    setenv("HOME", folder, 1);
    run = RUN(twin, peer_url(&peer), "-n", "1", "-c", "1", "--verify", "status");
    setenv("HOME", home, 1);
    for (size_t i = 0; i < COUNT_OF(proxies); i++)
        unsetenv(proxies[i]);
    expect_all(&run, "ok", 1);
    lane_run_free(&run);
    peer_stop(&peer);
    folder_remove(folder);
    free(home);
}

/* ---- Answers that never end -------------------------------------------------------------- */

#define TEN(text)  text text text text text text text text text text
#define EARLY      "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
#define LINE       "X-Filler: " TEN("filler ") "\r\n"
#define MEMORY_MAX (24L << 20) /* of a lane that makes such a request; else it has 10 MB */

/* Of a lane's loop, which is to go on with other requests. */
#define BLOCK_NS_MAX ((double)NS_PER_S)

static long outcome_count(const struct lane_run *run, const char *outcome)
{
    char path[64];

    snprintf(path, sizeof(path), "outcomes.%s", outcome);
    return number(run, path);
}

/* Whole fields, interim answers, trailers: what has no end is no HTTP, and is found out in time.
 * libcurl says nothing of parts of a chunk that it drops. A lane has no memory for any of it. */
void answer_without_end_is_bounded(void **state)
{
    static const struct {
        struct peer_answer flood;
        const char *outcome, *or_this;
    } cases[] = {
        {{.text = FIELD, .again = TEN(LINE), .end = PEER_HANGS}, "other", "other"},
        {{.text = FIELD, .again = TEN("a:\r\n"), .end = PEER_HANGS}, "other", "other"},
        {{.text = FIELD "X: ", .again = TEN("X-Filler: "), .end = PEER_HANGS}, "other", "other"},
        {{.text = "", .again = TEN(EARLY), .end = PEER_HANGS}, "other", "timeout"},
        {{.text = CHUNKED "0\r\n", .again = TEN(LINE), .end = PEER_HANGS}, "other", "timeout"},
        {{.text = CHUNKED "5; a=", .again = TEN("extension "), .end = PEER_HANGS},
         "other",
         "timeout"},
        {{.text = CHUNKED, .again = TEN("5; a=extension\r\n     \r\n"), .end = PEER_HANGS},
         "bad_body",
         "timeout"},
        {{.text = HEAD_WITHOUT_LENGTH, .again = TEN("          "), .end = PEER_HANGS},
         "bad_body",
         "bad_body"},
    };
    const struct twin *twin = *state;
    bool lane = twin->package == NULL;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct peer peer = peer_start_each(&cases[i].flood, 1);
        struct lane_run run =
            RUN(twin, peer_url(&peer), "-n", "1", "-c", "1", "-t", "1s", "--deadline", "6s");
        long found = outcome_count(&run, cases[i].outcome);

        if (strcmp(cases[i].outcome, cases[i].or_this) != 0)
            found += outcome_count(&run, cases[i].or_this);
        if (lane ? found != 1 : number(&run, "outcomes.ok") + number(&run, "outcomes.reset") > 0)
            fail_msg("%s: case %zu, '%s':\n%s", twin->name, i, cases[i].flood.text,
                     run.finished.out);
        assert_true(number(&run, "wall_ns") < (long)(5 * NS_PER_S));
        if (lane && json_number_at(run.result, "loop.longest_block_ns", 0) > BLOCK_NS_MAX)
            fail_msg("%s: nothing else goes on in case %zu:\n%s", twin->name, i, run.finished.out);
        if (lane && !SANITIZED && number(&run, "max_rss_bytes") > MEMORY_MAX)
            fail_msg("%s: case %zu took %ld bytes", twin->name, i, number(&run, "max_rss_bytes"));
        lane_run_free(&run);
        peer_stop(&peer);
    }
}

/* Each read is in time, and all of them together are not. */
void timeout_is_of_all_that_comes_slowly(void **state)
{
    enum { INTERIM = 1 };
    static const struct peer_answer floods[] = {
        {.text = FIELD, .again = "a: b\r\n", .pause_us = 50000, .end = PEER_HANGS},
        [INTERIM] = {.text = "",
                     .again = "HTTP/1.1 103 Early Hints\r\n\r\n",
                     .pause_us = 50000,
                     .end = PEER_HANGS},
        {.text = HEAD_WITHOUT_LENGTH, .again = " ", .pause_us = 50000, .end = PEER_HANGS},
        {.text = CHUNKED "0\r\n", .again = "a: b\r\n", .pause_us = 50000, .end = PEER_HANGS},
    };
    const struct twin *twin = *state;

    for (size_t i = 0; i < COUNT_OF(floods); i++) {
        struct peer peer = peer_start_each(&floods[i], 1);
        struct lane_run run = RUN(twin, peer_url(&peer), "-n", "2", "-c", at_once(twin, "2"), "-t",
                                  "400ms", "--deadline", "20s");

        /* The library requests takes it for the answer, and Go's gives up after five. */
        if (twin->package != NULL && i == INTERIM)
            assert_int_equal(outcome_count(&run, "ok"), 0);
        else if (outcome_count(&run, "timeout") != 2)
            fail_msg("%s: case %zu:\n%s", twin->name, i, run.finished.out);
        assert_true(number(&run, "wall_ns") < (long)(5 * NS_PER_S));
        lane_run_free(&run);
        peer_stop(&peer);
    }
}

/* A kept connection is closed late, and then nobody answers: what was sent again has no more than
 * what is left of its time. */
void timeout_is_of_all_sends_together(void **state)
{
    static const struct peer_answer answers[] = {
        {.text = HEAD "{\"id\": 0}", .close_us = 1200000, .end = PEER_CLOSES},
        {.text = "", .end = PEER_HANGS},
    };
    const struct twin *twin = *state;
    bool lane = twin->package == NULL;
    struct peer peer = peer_start_each(answers, COUNT_OF(answers));
    struct lane_run run = RUN(twin, peer_url(&peer), "-n", "2", "-c", "1", "-t", "1500ms");
    long timeouts = outcome_count(&run, "timeout");

    expect_outcomes(&run, "outcomes.ok", 1, 2);
    assert_int_equal(timeouts + outcome_count(&run, "reset"), 1);
    if (twin->sends_again)
        assert_int_equal(timeouts, 1);
    if (lane)
        assert_int_equal(number(&run, "resends"), timeouts);
    if (number(&run, "wall_ns") >= (lane ? 2 : 5) * (long)NS_PER_S)
        fail_msg("%s:\n%s", twin->name, run.finished.out);
    lane_run_free(&run);
    peer_stop(&peer);
}
