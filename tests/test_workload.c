/* Units of workload/: records, outcomes, verification, limits. */
#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/helpers.h"

#include "common/clock.h"
#include "common/count.h"
#include "common/file.h"
#include "common/json.h"
#include "workload/limits.h"
#include "workload/request.h"

static uint64_t count_outcomes(const struct recorder *r, enum outcome outcome)
{
    uint64_t count = 0;

    for (uint64_t id = 0; id < r->queue.requests; id++)
        count += r->records[id].outcome == outcome;
    return count;
}

/* As a worker does it: takes the next id and starts its record. */
static bool take(struct recorder *r, uint32_t worker, uint64_t *id)
{
    bool taken = queue_take(&r->queue, id);

    if (taken)
        recorder_start(r, *id, worker);
    return taken;
}

static void each_id_is_taken_once(void **state)
{
    struct recorder *r = recorder_create(3, 0, false);
    uint64_t id;

    (void)state;
    for (uint64_t expected = 0; expected < 3; expected++) {
        assert_true(take(r, 7, &id));
        assert_int_equal(id, expected);
        assert_int_equal(r->records[id].worker, 7);
        assert_true(r->records[id].start_ns > 0);
    }
    assert_false(take(r, 7, &id));
    assert_int_equal(queue_taken(&r->queue), 3);
    recorder_destroy(r);
}

/* Four processes take from the same counter: together every id, none twice. */
static void forked_workers_share_the_records(void **state)
{
    enum { REQUESTS = 2000, WORKERS = 4 };
    struct recorder *r = recorder_create(REQUESTS, 0, false);
    pid_t pids[WORKERS];

    (void)state;
    for (uint32_t worker = 0; worker < WORKERS; worker++) {
        pids[worker] = fork();
        if (pids[worker] == 0) {
            uint64_t id;

            while (take(r, worker, &id))
                recorder_end(r, id,
                             r->records[id].outcome == OUTCOME_PENDING ? OUTCOME_OK : OUTCOME_OTHER,
                             0);
            _exit(0);
        }
    }
    for (int worker = 0; worker < WORKERS; worker++)
        assert_int_equal(wait_for(pids[worker], 20), 0);
    assert_int_equal(count_outcomes(r, OUTCOME_OK), REQUESTS);
    assert_int_equal(r->ended, REQUESTS);
    recorder_destroy(r);
}

static void request_ends_once(void **state)
{
    struct recorder *r = recorder_create(1, 0, false);
    uint64_t id;

    (void)state;
    assert_true(take(r, 0, &id));
    recorder_end(r, id, OUTCOME_TIMEOUT, 28);
    recorder_end(r, id, OUTCOME_OK, 0);
    assert_int_equal(r->records[0].outcome, OUTCOME_TIMEOUT);
    assert_int_equal(r->records[0].detail, 28);
    assert_int_equal(r->ended, 1);
    recorder_destroy(r);
}

/* The first id may have been taken, and not begun yet, when another one ends. */
static void progress_counts_from_the_beginning(void **state)
{
    struct recorder *r = recorder_create(2, 0, true);
    FILE *file = tmpfile();
    int terminal = dup(STDERR_FILENO);
    char text[128] = "";

    (void)state;
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    recorder_start(r, 1, 0);
    recorder_end(r, 1, OUTCOME_OK, 0);
    dup2(terminal, STDERR_FILENO);
    close(terminal);
    rewind(file);
    assert_non_null(fgets(text, sizeof(text), file));
    if (strstr(text, "1 of 2 requests") == NULL || strstr(text, "s left") == NULL ||
        strstr(text, " s left") != NULL)
        fail_msg("%s", text);
    fclose(file);
    recorder_destroy(r);
}

static void dead_worker_loses_its_request_only(void **state)
{
    struct recorder *r = recorder_create(4, 0, false);
    uint64_t id;

    (void)state;
    take(r, 1, &id);
    recorder_end(r, id, OUTCOME_OK, 0);
    take(r, 1, &id);
    take(r, 2, &id);
    assert_int_equal(recorder_end_worker(r, 1, OUTCOME_OTHER), 1);
    assert_int_equal(r->records[0].outcome, OUTCOME_OK);
    assert_int_equal(r->records[1].outcome, OUTCOME_OTHER);
    assert_int_equal(r->records[2].outcome, OUTCOME_PENDING);
    recorder_end_all(r, OUTCOME_CANCELLED);
    assert_int_equal(count_outcomes(r, OUTCOME_CANCELLED), 2);
    assert_int_equal(r->ended, 4);
    recorder_destroy(r);
}

static void nothing_is_taken_after_stop_or_deadline(void **state)
{
    struct recorder *stopped = recorder_create(2, 0, false);
    struct recorder *late = recorder_create(2, clock_ns(), false);
    uint64_t id;

    (void)state;
    assert_true(take(stopped, 0, &id));
    stop_ask(&stopped->queue.stop);
    assert_false(take(stopped, 0, &id));
    assert_false(take(late, 0, &id));
    recorder_destroy(stopped);
    recorder_destroy(late);
}

static void records_are_written_as_csv(void **state)
{
    struct recorder *r = recorder_create(2, 0, false);
    char *folder = folder_make(), *text;
    const char *path = path_in(folder, "records.csv");

    (void)state;
    r->records[0] = (struct record){.start_ns = 1005,
                                    .connected_ns = 1010,
                                    .first_byte_ns = 1200,
                                    .end_ns = 1300,
                                    .worker = 3,
                                    .resends = 2,
                                    .outcome = OUTCOME_OK};
    r->records[1] = (struct record){.end_ns = 1400, .outcome = OUTCOME_CANCELLED};
    assert_int_equal(recorder_write_csv(r, path, 1000, 0), 0);
    text = file_read(path, 4096, NULL);
    assert_string_equal(text,
                        "id,worker,start_ns,connected_ns,first_byte_ns,end_ns,outcome,resends\n"
                        "0,3,5,10,200,300,ok,2\n"
                        "1,,,,,400,cancelled,0\n");
    free(text);
    folder_remove(folder);
    recorder_destroy(r);
}

static void transfers_end_in_an_outcome(void **state)
{
    (void)state;
    assert_int_equal(outcome_of_transfer(CURLE_OK, true), OUTCOME_OK);
    assert_int_equal(outcome_of_transfer(CURLE_OPERATION_TIMEDOUT, false), OUTCOME_TIMEOUT);
    assert_int_equal(outcome_of_transfer(CURLE_OPERATION_TIMEDOUT, true), OUTCOME_TIMEOUT);
    assert_int_equal(outcome_of_transfer(CURLE_COULDNT_CONNECT, false), OUTCOME_CONNECT);
    assert_int_equal(outcome_of_transfer(CURLE_COULDNT_RESOLVE_HOST, false), OUTCOME_CONNECT);
    assert_int_equal(outcome_of_transfer(CURLE_WRITE_ERROR, true), OUTCOME_BAD_BODY);
    assert_int_equal(outcome_of_transfer(CURLE_UNSUPPORTED_PROTOCOL, false), OUTCOME_OTHER);
    assert_int_equal(outcome_of_transfer(CURLE_WEIRD_SERVER_REPLY, false), OUTCOME_OTHER);
}

static void lost_connection_is_a_reset_until_the_header_is_whole(void **state)
{
    (void)state;
    assert_int_equal(outcome_of_transfer(CURLE_OK, false), OUTCOME_RESET);
    assert_int_equal(outcome_of_transfer(CURLE_GOT_NOTHING, false), OUTCOME_RESET);
    assert_int_equal(outcome_of_transfer(CURLE_RECV_ERROR, false), OUTCOME_RESET);
    assert_int_equal(outcome_of_transfer(CURLE_SEND_ERROR, false), OUTCOME_RESET);
    assert_int_equal(outcome_of_transfer(CURLE_PARTIAL_FILE, false), OUTCOME_RESET);
    assert_int_equal(outcome_of_transfer(CURLE_PARTIAL_FILE, true), OUTCOME_TRUNCATED);
    assert_int_equal(outcome_of_transfer(CURLE_SEND_ERROR, true), OUTCOME_TRUNCATED);
    assert_int_equal(outcome_of_transfer(CURLE_RECV_ERROR, true), OUTCOME_TRUNCATED);
}

static bool verifies(const char *body, uint64_t id)
{
    return request_verify_body(body, strlen(body), id);
}

static void body_is_right_by_its_id_only(void **state)
{
    (void)state;
    assert_true(verifies("{\"id\": 7, \"name\": \"User 7\"}", 7));
    assert_true(verifies(" {\"name\":\"x\",\"id\":0}\n", 0));
    assert_false(verifies("{\"id\": 8}", 7));
    assert_false(verifies("{\"id\": \"7\"}", 7));
    assert_true(verifies("{\"id\": 7, \"name\": \"\\u0000\"}", 7));
    assert_false(verifies("{\"id\": 7.0}", 7));
    assert_false(verifies("{\"id\": -1}", UINT64_MAX - 1));
    assert_false(verifies("{\"user\": {\"id\": 7}}", 7));
    assert_false(verifies("[7]", 7));
    assert_false(verifies("7", 7));
    assert_false(verifies("{\"id\": 7", 7));
    assert_false(verifies("{\"id\": 7}garbage", 7));
    assert_false(request_verify_body("{\"id\": 7}\0x", 11, 7));
    assert_false(request_verify_body(NULL, 0, 0));
}

static bool verifies_by_jansson(const char *body, uint64_t id)
{
    json_t *value = json_loads(body, JSON_ALLOW_NUL, NULL);
    const json_t *found = json_object_get(value, "id");
    bool same = json_is_integer(found) && (uint64_t)json_integer_value(found) == id;

    json_decref(value);
    return same;
}

/* What is read without jansson is read as jansson does: bodies of which each byte in turn is any
 * other, or left out, or comes twice. */
static void flat_body_is_read_as_jansson_reads_it(void **state)
{
    static const char *const bodies[] = {
        "{\"id\": 7, \"name\": \"User 7\"}",
        " {\"id\":70 , \"id\":7,\"n\":0}\n",
        "{\"\":0,\"id\":7}",
        "{\"id\":7,\"a\":123456789012345678}",
        "{\"id\":7,\"a\":9223372036854775808}",
    };

    (void)state;
    for (size_t b = 0; b < COUNT_OF(bodies); b++) {
        size_t size = strlen(bodies[b]);

        for (size_t i = 0; i < size; i++) {
            for (int c = 1; c < 258; c++) { /* 256: leaves it out; 257: writes it twice */
                char text[64];
                size_t kept = c == 256 ? 0 : c == 257 ? 2 : 1;

                snprintf(text, sizeof(text), "%.*s%.*s%s", (int)i, bodies[b], (int)kept,
                         (char[]){(char)(c < 256 ? c : bodies[b][i]), bodies[b][i], '\0'},
                         bodies[b] + i + 1);
                for (uint64_t id = 0; id < 80; id += id < 10 ? 1 : 60)
                    assert_int_equal(verifies(text, id), verifies_by_jansson(text, id));
            }
        }
    }
}

static void limit_too_low_is_named_with_its_remedy(void **state)
{
    const struct needs few = {.descriptors = 30, .tasks = 10, .mappings = 20};
    struct needs many = few;
    struct rlimit limit;
    struct error error = {0};

    (void)state;
    assert_int_equal(limits_prepare(&few, "-c", 10, &error), 0);
    getrlimit(RLIMIT_NOFILE, &limit);
    assert_int_equal(limit.rlim_cur, limit.rlim_max);
    if (limit.rlim_max == RLIM_INFINITY)
        skip();
    many.descriptors = limit.rlim_max;
    assert_int_equal(limits_prepare(&many, "-c", 7, &error), -EMFILE);
    assert_non_null(strstr(error.text, "-c 7 needs "));
    assert_non_null(strstr(error.text, "open files (RLIMIT_NOFILE)"));
    assert_non_null(strstr(error.text, "ulimit -Hn"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_id_is_taken_once),
        cmocka_unit_test(forked_workers_share_the_records),
        cmocka_unit_test(request_ends_once),
        cmocka_unit_test(progress_counts_from_the_beginning),
        cmocka_unit_test(dead_worker_loses_its_request_only),
        cmocka_unit_test(nothing_is_taken_after_stop_or_deadline),
        cmocka_unit_test(records_are_written_as_csv),
        cmocka_unit_test(transfers_end_in_an_outcome),
        cmocka_unit_test(lost_connection_is_a_reset_until_the_header_is_whole),
        cmocka_unit_test(body_is_right_by_its_id_only),
        cmocka_unit_test(flat_body_is_read_as_jansson_reads_it),
        cmocka_unit_test(limit_too_low_is_named_with_its_remedy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
