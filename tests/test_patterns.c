/* The patterns as programs: each runs, small, and finds what it should; what depends on how busy
 * the machine is does not count here. Together they measure every claim that asks for a pattern. */
#include <jansson.h>

#include "common/json.h"
#include "report/claims.h"
#include "tests/helpers.h"
#include "tests/run_fixture.h"

static char *folder; /* with the lines of all patterns */

static json_t *run_pattern(const char *name, const char *n)
{
    char error[JSON_ERROR_SIZE];
    const char *path = path_in(folder, "patterns.jsonl");
    struct finished finished = run("patterns", "--output", path, "--n", n, name, NULL);
    json_t *lines = json_lines_load(path, error);
    json_t *line = json_incref(json_array_get(lines, json_array_size(lines) - 1));

    if (finished.status != 0 || line == NULL)
        fail_msg("%s: status %d\n%s%s", name, finished.status, finished.out, finished.err);
    assert_string_equal(json_text_at(line, "schema", ""), "patterns.result/1");
    assert_string_equal(json_text_at(line, "pattern", ""), name);
    assert_string_equal(json_text_at(line, "language", ""), "c");
    json_decref(lines);
    finished_free(&finished);
    return line;
}

struct expectation {
    const char *name, *n;
    const char *figure; /* the one that matters, between these limits; NULL: none */
    double least, most;
};

static const struct expectation expectations[] = {
    {"gather", "60", "figures.in_flight_peak", 2, 60},
    {"fire-and-forget", "1", "figures.analytics_received", 2, 2},
    {"task-group", "30", NULL, 0, 0},
    {"worker-pool", "30", "figures.in_flight_peak", 1, 10},
    {"pipeline", "45", NULL, 0, 0},
    {"http-errors", "1", NULL, 0, 0},
    {"gather-errors", "9", "figures.failed", 3, 3},
    {"group-cancel", "50", "figures.aborted_seen_by_server", 49, 49},
    {"timeout", "1", "figures.took_ns", 500e6, 20e9},
    {"never-awaited", "1", "figures.requests_wrong", 0, 0},
    {"blocked-loop", "1", "figures.late_blocking_sleep_ns", 500e6, 60e9},
    {"task-bomb", "3000", "figures.semaphore_failed", 0, 0},
    {"lost-error", "1", "figures.warnings_wrong", 1, 1},
    {"throttling", "60", "figures.refused_with", 0, 0},
    {"rate-limit", "100", "figures.refused_at_once", 1, 80},
    {"retry", "40", "figures.failed_once", 1, 40},
    {"service-call", "1", "figures.in_turn_ns", 750e6, 60e9},
};

static void test_pattern(void **state)
{
    const struct expectation *expected = *state;
    json_t *line = run_pattern(expected->name, expected->n);

    if (expected->figure != NULL) {
        double value = json_number_at(line, expected->figure, -1);

        if (value < expected->least || value > expected->most)
            fail_msg("%s: %s is %g", expected->name, expected->figure, value);
    }
    assert_int_not_equal(json_array_size(json_object_get(line, "checks")), 0);
    json_decref(line);
}

/* A projection is no measurement: neither a line that says so nor a bar beside measured ones. */
static void test_projections_are_not_measured(void **state)
{
    struct finished finished = run("patterns", "--n", "10", "gather", NULL);
    json_t *line = run_pattern("gather", "10");

    (void)state;
    assert_non_null(strstr(finished.out, "  projected one_by_one_projected_ns"));
    assert_null(strstr(finished.out, "measured  one_by_one"));
    assert_int_equal(json_array_size(json_at(line, "bars")), 1);
    json_decref(line);
    finished_free(&finished);
}

/* The figures that claims ask for have the names that patterns give them: each is measured, and all
 * of its sentences can be said. */
static void test_claims_are_measured(void **state)
{
    static const char missing[] =
        "SELECT group_concat(e.id || ': ' || coalesce(s.value, why, '?'), '; ')"
        "FROM claims_entries e JOIN claims_asked a USING (n, variant) LEFT JOIN"
        "    (SELECT n, variant, s.value FROM claims_entries, json_each(reasons) r,"
        "        json_each(r.value) s) s USING (n, variant)"
        "WHERE e.title IS NULL AND a.title IS NULL AND a.run = 1 AND language = 'c'"
        "    AND query LIKE '%claim_patterns%'"
        "    AND (measured IS NULL OR filled(json_array(s.value), figures) IS NULL)";
    struct dataset dataset;
    struct error error;
    char *found;

    (void)state;
    fixture_put(folder, "run.json", "{\"status\": \"complete\"}");
    fixture_put(folder, "results.jsonl", "");
    if (dataset_open(&dataset, &error) < 0 || dataset_load(&dataset, folder, false, &error) < 0 ||
        dataset_freeze(&dataset, &error) < 0 || claims_judge(&dataset, NULL, &error) < 0)
        fail_msg("%s", error.text);
    found = dataset_text(&dataset, missing);
    if (found != NULL)
        fail_msg("%s", found);
    dataset_close(&dataset);
}

static void test_usage(void **state)
{
    static const char *const wrong[][2] = {{"nothing-like-this", NULL}, {"--n=0", "gather"}};
    struct finished finished = run("patterns", "--list", NULL);

    (void)state;
    assert_int_equal(finished.status, 0);
    for (size_t i = 0; i < sizeof(expectations) / sizeof(*expectations); i++)
        assert_non_null(strstr(finished.out, expectations[i].name));
    finished_free(&finished);
    for (size_t i = 0; i < 2; i++) {
        finished = run("patterns", wrong[i][0], wrong[i][1], NULL);
        assert_int_equal(finished.status, 2);
        assert_non_null(strstr(finished.err, i == 0 ? "--list" : "--n"));
        finished_free(&finished);
    }
}

static void test_no_server(void **state)
{
    struct finished finished = run("patterns", "--server", "/nonexistent", "timeout", NULL);

    (void)state;
    assert_int_equal(finished.status, 1);
    assert_non_null(strstr(finished.err, "/nonexistent"));
    finished_free(&finished);
}

static int make_folder(void **state)
{
    (void)state;
    folder = folder_make();
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    folder_remove(folder);
    return 0;
}

#define COUNT (sizeof(expectations) / sizeof(*expectations))

int main(void)
{
    struct CMUnitTest tests[COUNT + 4] = {
        [COUNT] = cmocka_unit_test(test_claims_are_measured),
        [COUNT + 1] = cmocka_unit_test(test_usage),
        [COUNT + 2] = cmocka_unit_test(test_no_server),
        [COUNT + 3] = cmocka_unit_test(test_projections_are_not_measured),
    };

    for (size_t i = 0; i < COUNT; i++)
        tests[i] = (struct CMUnitTest){
            .name = expectations[i].name,
            .test_func = test_pattern,
            .initial_state = (void *)&expectations[i],
        };
    return cmocka_run_group_tests_name("patterns", tests, make_folder, remove_folder);
}
