#include "tests/contract_peers.h"

#include "tests/contract_run.h"
#include "tests/peer.h"

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

#define FIELD   OK "Content-Type: application/json\r\n"
#define HEAD    FIELD "Content-Length: 9\r\n\r\n"
#define CHUNKED FIELD "Transfer-Encoding: chunked\r\n\r\n"

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
