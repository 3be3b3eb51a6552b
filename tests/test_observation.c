/* What observation.sql says of an execution: nothing where all is as asked, else why it does not
 * count, or is marked. */
#include "tests/helpers.h"

#include "report/dataset/dataset.h"
#include "report/embedded.h"

/* Ten requests of 100 ms, two at a time. */
static const char facts[] =
    "{\"status\": 0, \"message\": \"\", \"n\": 10, \"concurrency\": 2, \"items\": \"requests\", "
    "\"work\": \"io\", \"rounds\": null, \"digest\": null, \"judged\": true, \"resets\": 0, "
    "\"arguments\": [\"--faults\", \"hang=1%\"], \"memory\": false, \"latency_ns\": 100000000, "
    "\"lateness\": 0.02, \"latency\": \"100 ms\", \"wall_ns\": 510000000, \"least_ns\": 500000000, "
    "\"rate\": 0, \"processes\": 1, "
    "\"lane\": {\"valid\": true, \"wall_ns\": 505000000, \"verified\": 10, \"resends\": 0, "
    "\"outcomes\": {\"ok\": 10, \"timeout\": 0}, "
    "\"workload\": {\"requests\": 10, \"concurrency\": 2}, \"load\": {\"rate\": 0}}, "
    "\"server\": {\"requests\": 10, \"responses\": 10, \"aborted\": 0, \"in_flight_peak\": 2, "
    "\"unaccepted_peak\": 0, \"statuses\": {\"200\": 10}, \"faults\": {}, "
    "\"lateness_ns\": {\"early\": 0, \"p99\": 100000}}}";

/* Of one fact that is another, the one sentence that follows; NULL: none does. */
static const struct edit {
    const char *path, *value, *says;
    bool marks; /* or it does not count */
} edits[] = {
    {"$.status", "0", NULL, false},
    {"$.status", "1", "The lane ended with exit status 1", false},
    {"$.status", "137", "The lane was ended by signal 9", false},
    {"$.lane.valid", "false", "The lane itself calls its result invalid", false},
    {"$.lane.workload.requests", "9", "The lane made 9 requests instead of 10", false},
    {"$.lane.workload.requests", "11", "The lane made 11 requests instead of 10", false},
    {"$.lane.workload.concurrency", "1", "The lane ran with a concurrency of 1 instead of 2",
     false},
    {"$.lane.workload.work", "\"cpu\"", "The lane did work \"cpu\" instead of \"io\"", false},
    {"$.lane.workload.rounds", "5", NULL, false}, /* of what computes only */
    {"$.rounds", "5", "The lane computed 0 rounds for an item instead of 5", false},
    {"$.digest", "\"a\"", "The lane expected another result of its items than was asked", false},
    {"$.lane.outcomes.ok", "9", "9 of 10 requests ended ok", false},
    {"$.lane.verified", "9", "9 of 10 requests were verified", false},
    {"$.lane.load.rate", "7", "The lane had 7 requests due in each second instead of 0", false},
    {"$.lane.error", "\"broken\"", "The lane says: broken", false},
    {"$.server.requests", "9", "The server received 9 requests instead of 10", false},
    {"$.server.requests", "11", "The server received 11 requests instead of 10", false},
    {"$.lane.resends", "1", "The server received 10 requests instead of 11", false},
    {"$.server.responses", "9", "The server answered 9 of 10 requests", false},
    {"$.server.aborted", "1", "the client left 1 before the answer", false},
    {"$.resets", "1", "Somebody else reset the server's counts", false},
    {"$.server.faults.hang", "1", NULL, false}, /* as the plan says */
    {"$.server.faults.reset", "1", "met 1 requests with the fault reset, which the plan", false},
    {"$.server.statuses.204", "1", NULL, false},
    {"$.server.statuses.500", "1", "The server answered 1 requests with status 500", false},
    {"$.server.in_flight_peak", "1", NULL, false},
    {"$.server.in_flight_peak", "3", "saw 3 requests in flight at once, 2 were asked", false},
    {"$.server.lateness_ns.early", "1", "The server sent 1 replies too early", false},
    {"$.wall_ns", "505000000", NULL, false},
    {"$.least_ns", "510000001", "nothing can take less than", false},
    {"$.wall_ns", "504999999", "the lane says that its requests alone took", false},
    {"$.server.lateness_ns.p99", "2000000", NULL, false},
    {"$.server.lateness_ns.p99", "2000001", "The server was late: by", true},
    {"$.server.unaccepted_peak", "1", "had no descriptors for 1 connections", true},
};

static char *edited(sqlite3 *db, const struct edit *edit)
{
    sqlite3_stmt *row = NULL;
    char *text;

    assert_int_equal(sqlite3_prepare_v2(db, "SELECT json_set(?1, ?2, json(?3))", -1, &row, NULL),
                     SQLITE_OK);
    sqlite3_bind_text(row, 1, facts, -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 2, edit->path, -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 3, edit->value, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    text = strdup((const char *)sqlite3_column_text(row, 0));
    sqlite3_finalize(row);
    return text;
}

static void each_fact_has_its_sentence(void **state)
{
    struct dataset dataset = {NULL};
    struct error error;

    (void)state;
    assert_int_equal(sqlite3_open(":memory:", &dataset.db), SQLITE_OK);
    assert_int_equal(dataset_register_functions(dataset.db), SQLITE_OK);
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        const struct edit *edit = &edits[i];
        char *text = edited(dataset.db, edit);
        sqlite3_stmt *rows = dataset_query(&dataset, embedded_observation_sql, &error);
        const char *says = NULL;

        assert_non_null(rows);
        sqlite3_bind_text(rows, 1, text, -1, SQLITE_STATIC);
        if (sqlite3_step(rows) == SQLITE_ROW)
            says = (const char *)sqlite3_column_text(rows, 0);
        if ((says == NULL) != (edit->says == NULL) ||
            (says != NULL &&
             (strstr(says, edit->says) == NULL || sqlite3_column_int(rows, 1) != edit->marks)))
            fail_msg("%s %s: %s, not %s", edit->path, edit->value, says != NULL ? says : "nothing",
                     edit->says != NULL ? edit->says : "nothing");
        if (says != NULL && sqlite3_step(rows) == SQLITE_ROW)
            fail_msg("%s %s: %s, too", edit->path, edit->value, sqlite3_column_text(rows, 0));
        sqlite3_finalize(rows);
        free(text);
    }
    dataset_close(&dataset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fact_has_its_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
