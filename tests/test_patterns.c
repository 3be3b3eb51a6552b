/* The patterns as programs, in C and in Python: each runs, small, and finds what it should, and
 * both note the same figures and checks; what depends on how busy the machine is does not count
 * here. Together they measure every claim that asks for a pattern. */
#include <jansson.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/count.h"
#include "common/json.h"
#include "report/claims.h"
#include "tests/helpers.h"
#include "tests/run_fixture.h"
#include "tests/schema.h"

static char *folder; /* with the lines of all patterns */

static const char *const languages[] = {"c", "python"};

static bool can_run(const char *language)
{
    return strcmp(language, "c") == 0 || access("/usr/bin/python3", X_OK) == 0;
}

static json_t *run_pattern(const char *name, const char *n, const char *language)
{
    char error[JSON_ERROR_SIZE], fault[SCHEMA_FAULT_SIZE];
    const char *path = path_in(folder, "patterns.jsonl");
    struct finished finished = run("patterns", "--output", path, "--n", n, name,
                                   strcmp(language, "c") == 0 ? NULL : "--python", NULL);
    json_t *lines = json_lines_load(path, error);
    json_t *line = json_incref(json_array_get(lines, json_array_size(lines) - 1));

    if (finished.status != 0 || line == NULL)
        fail_msg("%s: status %d\n%s%s", name, finished.status, finished.out, finished.err);
    if (!schema_accepts("pattern-result.json", line, fault))
        fail_msg("%s in %s: %s", name, language, fault);
    if (strstr(finished.out, "?}") != NULL)
        fail_msg("%s: its words ask for a figure that is not there\n%s", name, finished.out);
    assert_string_equal(json_text_at(line, "pattern", ""), name);
    assert_string_equal(json_text_at(line, "language", ""), language);
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
    {"gather-siblings", "50", "figures.gather_siblings_answered", 49, 49},
    {"exception-group", "10", "figures.errors", 5, 5},
    {"await-does-not-yield", "1000", "figures.turns_wrong", 0, 0},
    {"queue-worker-dies", "20", "figures.wrong_left", 1, 16},
    {"testing", "1", "figures.virtual_ns", 3600e9, 3600e9},
    {"service", "40", "figures.back_end_calls", 120, 120},
};

static void check_figure(const struct expectation *expected, const json_t *line)
{
    double value;

    assert_int_not_equal(json_array_size(json_object_get(line, "checks")), 0);
    if (expected->figure == NULL)
        return;
    value = json_number_at(line, expected->figure, -1);
    if (value < expected->least || value > expected->most)
        fail_msg("%s: %s is %g", expected->name, expected->figure, value);
}

/* Where the languages may differ, and why. */
static const struct disagreement {
    const char *figure, *why;
} disagreements[] = {
    {"stack_high_water_bytes", "a coroutine in Python has no stack: its frame is an object"},
};

static bool may_differ(const char *figure)
{
    for (size_t i = 0; i < COUNT_OF(disagreements); i++)
        if (strcmp(disagreements[i].figure, figure) == 0)
            return true;
    return false;
}

static void check_same_figures(const char *name, json_t *one, json_t *other)
{
    const char *figure;
    json_t *value;

    json_object_foreach(json_object_get(one, "figures"), figure, value)
    {
        if (!may_differ(figure) &&
            json_object_get(json_object_get(other, "figures"), figure) == NULL)
            fail_msg("%s: %s is in one language only", name, figure);
    }
}

/* What is to be seen side by side has the same names; the labels may speak of what the language
 * calls its own. */
static bool same_bar(const json_t *c, const json_t *python)
{
    return json_equal(json_array_get(c, 2), json_array_get(python, 2));
}

/* The checks are the same, up to what an error is called in each language. */
static bool same_check(const json_t *c, const json_t *python)
{
    const char *text = json_text_at(c, "text", "");

    return strncmp(text, json_text_at(python, "text", ""), strcspn(text, ":(")) == 0 &&
           json_equal(json_object_get(c, "timing"), json_object_get(python, "timing"));
}

static void check_same(const char *name, const char *list, json_t *const lines[2],
                       bool (*same)(const json_t *c, const json_t *python))
{
    const json_t *ours = json_object_get(lines[0], list), *one;
    const json_t *theirs = json_object_get(lines[1], list);
    size_t i;

    assert_int_equal(json_array_size(ours), json_array_size(theirs));
    json_array_foreach((json_t *)ours, i, one)
    {
        if (!same(one, json_array_get(theirs, i)))
            fail_msg("%s: number %zu of the %s is another in Python", name, i, list);
    }
}

static void test_pattern(void **state)
{
    const struct expectation *expected = *state;
    json_t *lines[COUNT_OF(languages)] = {NULL};

    for (size_t i = 0; i < COUNT_OF(languages); i++) {
        if (!can_run(languages[i]))
            continue;
        lines[i] = run_pattern(expected->name, expected->n, languages[i]);
        check_figure(expected, lines[i]);
    }
    if (lines[1] != NULL) {
        check_same_figures(expected->name, lines[0], lines[1]);
        check_same_figures(expected->name, lines[1], lines[0]);
        check_same(expected->name, "bars", lines, same_bar);
        check_same(expected->name, "checks", lines, same_check);
    } else {
        print_message("%s: no twin runs, as there is no /usr/bin/python3\n", expected->name);
    }
    json_decref(lines[0]);
    json_decref(lines[1]);
}

static void check_lesson_fits(const char *name, const char *columns, size_t rows_max)
{
    struct finished finished;
    size_t width = strtoul(columns, NULL, 10), rows = 0;

    setenv("COLUMNS", columns, 1);
    finished = run("patterns", "--show", name, NULL);
    assert_int_equal(finished.status, 0);
    assert_non_null(strstr(finished.out, width < 100 ? "---- Python ----\n" : " | Python\n"));
    for (char *rest = finished.out, *line; (line = strsep(&rest, "\n")) != NULL; rows++)
        if (strlen(line) > width)
            fail_msg("%s: %s", name, line);
    if (rows < 8 || rows > rows_max)
        fail_msg("%s: %zu lines of %zu columns", name, rows, width);
    finished_free(&finished);
}

/* Both lessons are on one screen, beside or below each other. */
static void test_lessons_fit(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(expectations); i++) {
        check_lesson_fits(expectations[i].name, "120", 45);
        check_lesson_fits(expectations[i].name, "100", 50);
        check_lesson_fits(expectations[i].name, "80", 50);
    }
    setenv("COLUMNS", "80", 1);
    {
        struct finished finished = run("patterns", "--show", "gather", NULL);

        assert_non_null(strstr(finished.out, "---- Python ----\nasync def gather_users(n):\n"));
        assert_non_null(strstr(finished.out, "---- C ----\nstatic int gather_users("));
        finished_free(&finished);
    }
    unsetenv("COLUMNS");
}

/* A projection is no measurement: it is called so, and is no bar beside measured ones. */
static void test_projections_are_not_measured(void **state)
{
    struct finished finished = run("patterns", "--n", "10", "gather", NULL);
    json_t *line = run_pattern("gather", "10", "c");

    (void)state;
    assert_non_null(strstr(finished.out, " (projected)\n"));
    assert_non_null(strstr(finished.out, " for 10 calls; the floor is 200 ms."));
    assert_int_equal(json_array_size(json_at(line, "bars")), 1);
    json_decref(line);
    finished_free(&finished);
}

#define MISSING                                                                                    \
    "SELECT group_concat(e.id || ': ' || coalesce(s.value, why, '?'), '; ')"                       \
    "FROM claims_entries e JOIN claims_asked a USING (n, variant) LEFT JOIN"                       \
    "    (SELECT n, variant, s.value FROM claims_entries, json_each(reasons) r,"                   \
    "        json_each(r.value) s) s USING (n, variant)"                                           \
    "WHERE e.title IS NULL AND a.title IS NULL AND a.run = 1 AND language IN ('c', %s)"            \
    "    AND query LIKE '%%claim_patterns%%'"                                                      \
    "    AND (measured IS NULL OR filled(json_array(s.value), figures) IS NULL)"

/* The figures that claims ask for have the names that patterns give them: each is measured, and all
 * of its sentences can be said. */
static void test_claims_are_measured(void **state)
{
    struct dataset dataset;
    struct error error;
    char sql[1024], *found;

    (void)state;
    snprintf(sql, sizeof(sql), MISSING, can_run("python") ? "'python'" : "'c'");
    fixture_put(folder, "run.json", "{\"status\": \"complete\"}");
    fixture_put(folder, "results.jsonl", "");
    if (dataset_open(&dataset, &error) < 0 || dataset_load(&dataset, folder, false, &error) < 0 ||
        dataset_freeze(&dataset, &error) < 0 || claims_judge(&dataset, NULL, &error) < 0)
        fail_msg("%s", error.text);
    found = dataset_text(&dataset, sql);
    if (found != NULL)
        fail_msg("%s", found);
    dataset_close(&dataset);
}

/* A pattern that does not come to its end has a line nevertheless, which says why. */
static void test_deaths_are_told(void **state)
{
    static const struct {
        const char *command, *error;
    } cases[] = {
        {"$0 -o $1 -s /bin/false gather", "the mock server /bin/false does not start"},
        {"ulimit -t 1; $0 -o $1 -n 9000000000 await-does-not-yield", "by signal "},
        {"ulimit -t 1; $0 -o $1 -n 900000000 -p await-does-not-yield", "by signal "},
    };
    char path[PATH_MAX], error[JSON_ERROR_SIZE];

    (void)state;
    snprintf(path, sizeof(path), "%s", path_in(folder, "deaths.jsonl"));
    for (size_t i = 0; i < COUNT_OF(cases) - !can_run("python"); i++) {
        const char *const argv[] = {"/bin/sh",           "-c", cases[i].command,
                                    program("patterns"), path, NULL};
        struct finished finished = run_argv(argv);
        json_t *lines = json_lines_load(path, error);

        assert_int_equal(finished.status, 1);
        assert_int_equal(json_array_size(lines), i + 1);
        assert_non_null(
            strstr(json_text_at(json_array_get(lines, i), "error", ""), cases[i].error));
        json_decref(lines);
        finished_free(&finished);
    }
}

/* Of a single request none is refused: what is expected of the figures does not come. */
static void test_expectations_can_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(languages); i++) {
        struct finished finished;

        if (!can_run(languages[i]))
            continue;
        finished = run("patterns", "--n", "1", "throttling", i == 0 ? NULL : "--python", NULL);
        assert_int_equal(finished.status, 1);
        assert_non_null(strstr(finished.out, "NO        without throttling the service refuses"));
        assert_non_null(strstr(finished.out, "yes       with it, none\n"));
        finished_free(&finished);
    }
}

static void test_usage(void **state)
{
    static const char *const wrong[][2] = {{"nothing-like-this", NULL}, {"--n=0", "gather"}};
    struct finished finished = run("patterns", "--list", NULL);

    (void)state;
    assert_int_equal(finished.status, 0);
    for (size_t i = 0; i < COUNT_OF(expectations); i++)
        assert_non_null(strstr(finished.out, expectations[i].name));
    finished_free(&finished);
    for (size_t i = 0; i < 2; i++) {
        finished = run("patterns", wrong[i][0], wrong[i][1], NULL);
        assert_int_equal(finished.status, 2);
        assert_non_null(strstr(finished.err, i == 0 ? "--list" : "--n"));
        finished_free(&finished);
    }
}

/* Each language says what it is; where there is no Python, that is told. */
static void test_both(void **state)
{
    struct finished finished = run("patterns", "--both", "never-awaited", NULL);

    (void)state;
    assert_int_equal(finished.status, 0);
    assert_non_null(strstr(finished.out, "(C, n = 1)"));
    if (can_run("python"))
        assert_non_null(strstr(finished.out, "(Python, n = 1)"));
    else
        assert_non_null(strstr(finished.err, "Python is skipped: there is no /usr/bin/python3"));
    finished_free(&finished);
}

/* An older Python is refused by its version, with what to do; and whatever else is no Python. */
static void test_interpreters_are_refused(void **state)
{
    static const struct {
        const char *script, *told;
    } cases[] = {
        {"#!/bin/sh\necho 3.10.12\n", "is Python 3.10.12, without the task groups of 3.11; name"},
        {"#!/bin/sh\necho 2.7.18\n", "is Python 2.7.18, without"},
        {"#!/bin/sh\nexit 1\n", "does not tell its version; name one"},
        {NULL, "there is no "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *python = strdup(path_in(folder, "python"));
        struct finished finished;

        unlink(python);
        if (cases[i].script != NULL)
            fixture_put(folder, "python", cases[i].script);
        chmod(python, 0755);
        finished = run("patterns", "--python", "--interpreter", python, "gather", NULL);
        assert_int_equal(finished.status, 3);
        assert_non_null(strstr(finished.err, cases[i].told));
        finished_free(&finished);
        free(python);
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

#define COUNT (COUNT_OF(expectations))

int main(void)
{
    struct CMUnitTest tests[COUNT + 9] = {
        [COUNT] = cmocka_unit_test(test_claims_are_measured),
        [COUNT + 1] = cmocka_unit_test(test_usage),
        [COUNT + 2] = cmocka_unit_test(test_no_server),
        [COUNT + 3] = cmocka_unit_test(test_projections_are_not_measured),
        [COUNT + 4] = cmocka_unit_test(test_lessons_fit),
        [COUNT + 5] = cmocka_unit_test(test_both),
        [COUNT + 6] = cmocka_unit_test(test_deaths_are_told),
        [COUNT + 7] = cmocka_unit_test(test_interpreters_are_refused),
        [COUNT + 8] = cmocka_unit_test(test_expectations_can_fail),
    };

    for (size_t i = 0; i < COUNT; i++)
        tests[i] = (struct CMUnitTest){
            .name = expectations[i].name,
            .test_func = test_pattern,
            .initial_state = (void *)&expectations[i],
        };
    return cmocka_run_group_tests_name("patterns", tests, make_folder, remove_folder);
}
