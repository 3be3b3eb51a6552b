/* bench history: runs of a folder that are made up, with changes that must be found, and others
 * that must not. */
#include <math.h>

#include "tests/helpers.h"

#include "common/file.h"
#include "common/json.h"

#define CELL   "async-n1000-c100-20ms"
#define ROUNDS 6

/* The run of day `day`: executions about `wall_ms`, within 2 % of it. */
static void write_run(const char *folder, int day, double wall_ms, int concurrency)
{
    char name[32], commit[32], *run;
    json_t *document;

    snprintf(name, sizeof(name), "202611%02dT000000Z-ci", day);
    snprintf(commit, sizeof(commit), "%02dabcdef012345", day);
    run = strdup(path_in(folder, name));
    document = json_pack("{s:s, s:s, s:[{s:s, s:s, s:i, s:i, s:i}], s:{s:i, s:{s:s}}}", "id", name,
                         "started_at", name, "cells", "id", CELL, "lane", "async", "requests", 1000,
                         "concurrency", concurrency, "latency_ns", 20000000, "environment", "cores",
                         2, "git", "revision", commit);
    assert_int_equal(file_make_folder(run), 0);
    assert_int_equal(json_file_write(path_in(run, "run.json"), document), 0);
    json_decref(document);
    for (int i = 0; i < ROUNDS; i++) {
        json_t *line = json_pack("{s:s, s:i, s:f, s:i, s:i, s:b}", "cell", CELL, "round", i + 1,
                                 "wall_ns", wall_ms * 1e6 * (1 + 0.004 * (i - 2.5)), "user_ns",
                                 2000000, "system_ns", 1000000, "valid", 1);

        assert_int_equal(json_line_append(path_in(run, "results.jsonl"), line), 0);
        json_decref(line);
    }
    free(run);
}

/* A run a day. */
static void write_runs(const char *folder, const double *walls_ms, int count)
{
    for (int i = 0; i < count; i++)
        write_run(folder, 10 + i, walls_ms[i], 100);
}

static struct finished history(const char *folder, const char *a, const char *b, int status)
{
    struct finished finished = run("bench", "history", folder, a, b, NULL);

    if (finished.status != status)
        fail_msg("%d: %s", finished.status, finished.err);
    return finished;
}

/* What history says of each run: how many times as long it took as those before it; 0: the same.
 * Negative: it is still to be confirmed. */
static void expect_changes(const char *folder, const double *expected, int count)
{
    struct finished finished = history(folder, "--json", NULL, 0);
    json_t *rows = json_loads(finished.out, 0, NULL);

    assert_int_equal(json_array_size(rows), count);
    for (int i = 0; i < count; i++) {
        json_t *row = json_array_get(rows, (size_t)i);
        double change = json_number_at(row, "change", 0);

        if (json_number_at(row, "unconfirmed", 0) > 0)
            change = -change;
        if (fabs(change - expected[i]) > 0.005)
            fail_msg("run %d: %g in place of %g", i, change, expected[i]);
    }
    json_decref(rows);
    finished_free(&finished);
}

/* A step is found where it begins, up and down; a single run that is off is none. */
static void steps_are_found(void **state)
{
    static const double walls[] = {300, 301, 400, 300, 330, 331, 329, 270, 271};

    write_runs(*state, walls, 9);
    expect_changes(*state, (const double[]){0, 0, 0, 0, 1.1, 0, 0, 0.818, 0}, 9);
}

/* Steps that are each within the spread add up against the run at the last change. */
static void a_slow_drift_is_found(void **state)
{
    static const double walls[] = {300, 303, 306, 309, 312, 315};

    write_runs(*state, walls, 6);
    expect_changes(*state, (const double[]){0, 0, 0, 1.03, 0, 0}, 6);
}

/* What is clear but within the tolerance is no change, and neither is noise. */
static void nothing_is_found_where_nothing_is(void **state)
{
    static const double walls[] = {300, 302, 299, 301, 303, 298, 300};

    write_runs(*state, walls, 7);
    expect_changes(*state, (const double[]){0, 0, 0, 0, 0, 0, 0}, 7);
}

static void the_newest_run_is_to_be_confirmed(void **state)
{
    static const double walls[] = {300, 301, 400};

    write_runs(*state, walls, 3);
    expect_changes(*state, (const double[]){0, 0, -1.333}, 3);
}

/* A cell of the same name that does other work is another cell. */
static void other_parameters_are_another_cell(void **state)
{
    write_run(*state, 10, 600, 50);
    write_run(*state, 11, 300, 100);
    write_run(*state, 12, 300, 100);
    expect_changes(*state, (const double[]){0, 0}, 2);
}

static void it_is_shown_by_cell_and_by_run(void **state)
{
    static const double walls[] = {300, 301, 330, 331};
    struct finished finished;

    write_runs(*state, walls, 4);
    finished = history(*state, NULL, NULL, 0);
    assert_non_null(strstr(finished.out, CELL "  wall     4  331 ms  1.100 times  "
                                              "20261112T000000Z-ci  12abcdef0123"));
    finished_free(&finished);
    finished = history(*state, "--cell=" CELL, NULL, 0);
    assert_non_null(strstr(finished.out, "20261112T000000Z-ci  12abcdef0123  wall  6  330 ms  "));
    assert_non_null(strstr(finished.out, "1.100 times"));
    finished_free(&finished);
    finished = history(*state, "--markdown", "--figure=cpu", 0);
    assert_non_null(strstr(finished.out, "| " CELL " | cpu | 4 | 3.00 ms | – |"));
    finished_free(&finished);
}

static void what_is_not_there_is_said(void **state)
{
    struct finished finished = history(*state, NULL, NULL, 2);

    assert_non_null(strstr(finished.err, "has a cell that counts"));
    finished_free(&finished);
    write_run(*state, 10, 300, 100);
    finished = history(*state, "--cell=none", NULL, 2);
    assert_non_null(strstr(finished.err, "has a cell none that counts"));
    finished_free(&finished);
    /* A run that cannot be read is left out. */
    write_run(*state, 11, 300, 100);
    assert_int_equal(
        file_replace(path_in(*state, "20261111T000000Z-ci/run.json"), "{\"cells\":", 9), 0);
    finished = history(*state, "--csv", NULL, 0);
    assert_non_null(strstr(finished.err, "20261111T000000Z-ci is left out: "));
    assert_non_null(strstr(finished.out, CELL ",wall,ns,20261110T000000Z-ci,"));
    finished_free(&finished);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, state_make_folder, state_remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(steps_are_found),
        TEST(a_slow_drift_is_found),
        TEST(nothing_is_found_where_nothing_is),
        TEST(the_newest_run_is_to_be_confirmed),
        TEST(other_parameters_are_another_cell),
        TEST(it_is_shown_by_cell_and_by_run),
        TEST(what_is_not_there_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
