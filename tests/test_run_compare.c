/* Two run folders against each other: an invented pair that is the same, one that became slower,
 * and what is missing or broken. */
#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

#include "tests/helpers.h"

#include "common/file.h"
#include "common/json.h"
#include "common/run_compare.h"

#define CELL "threads-n1000-c100-200ms"

static void append(const char *run, const char *file, json_t *line)
{
    assert_non_null(line);
    assert_int_equal(json_line_append(path_in(run, file), line), 0);
    json_decref(line);
}

static json_t *cell_of(const char *id, int concurrency, const char *latency)
{
    return json_pack("{s:s, s:i, s:i, s:I}", "id", id, "requests", 1000, "concurrency", concurrency,
                     latency, (json_int_t)200000000);
}

/* A run of `rounds` executions of one cell, about `wall_ms` each, and as many memory passes. */
static char *write_run(const char *folder, const char *name, unsigned long seed, int rounds,
                       double wall_ms)
{
    char *run = strdup(path_in(folder, name));
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    json_t *document = json_pack("{s:s, s:[o, o], s:[o], s:{s:s, s:i}}", "id", name, "cells",
                                 cell_of(CELL, 100, "latency_ns"), cell_of(name, 1, "latency_ns"),
                                 "memory_cells", cell_of("memory", 1000, "hold_ns"), "environment",
                                 "kernel", "Linux 6.1.0", "cores", 2);

    gsl_rng_set(rng, seed);
    assert_int_equal(file_make_folder(run), 0);
    assert_int_equal(json_file_write(path_in(run, "run.json"), document), 0);
    json_decref(document);
    for (int i = 0; i < rounds; i++) {
        double wall = wall_ms * 1e6 * exp(gsl_ran_gaussian(rng, 0.015));

        append(run, "results.jsonl",
               json_pack("{s:s, s:f, s:i, s:i, s:b}", "cell", CELL, "wall_ns", wall, "user_ns",
                         2000000 + i, "system_ns", 1000000, "valid", 1));
        append(run, "memory.jsonl",
               json_pack("{s:s, s:i, s:b, s:[]}", "cell", "memory", "pss_bytes", 5000000 + 10 * i,
                         "confirmed", 1, "problems"));
    }
    gsl_rng_free(rng);
    return run;
}

static void compare(const char *a, const char *b, double tolerance,
                    struct run_comparison *comparison)
{
    char error[JSON_ERROR_SIZE];

    if (run_compare(a, b, tolerance, comparison, error) != 0)
        fail_msg("%s", error);
}

static void same_run_twice_has_no_clear_difference(void **state)
{
    int unclear = 0;

    for (unsigned long seed = 1; seed <= 20; seed++) {
        struct run_comparison comparison;
        char names[2][16], *a, *b;

        snprintf(names[0], sizeof(names[0]), "a%lu", seed);
        snprintf(names[1], sizeof(names[1]), "b%lu", seed);
        a = write_run(*state, names[0], seed, 8, 300);
        b = write_run(*state, names[1], 100 + seed, 8, 300);
        compare(a, b, 0, &comparison);
        unclear += comparison.rows[0].ratio.difference == DIFFERENCE_UNCLEAR;
        run_compare_free(&comparison);
        free(a);
        free(b);
    }
    assert_true(unclear >= 19);
}

static void slowdown_is_found(void **state)
{
    char *a = write_run(*state, "a", 1, 10, 300), *b = write_run(*state, "b", 2, 10, 315);
    struct run_comparison comparison;

    compare(a, b, 0, &comparison);
    assert_int_equal(comparison.count, 3);
    assert_string_equal(comparison.rows[0].cell, CELL);
    assert_string_equal(run_compare_verdict(&comparison.rows[0]), "slower");
    assert_true(fabs(comparison.rows[0].ratio.ratio - 1.05) < 0.02);
    assert_true(comparison.rows[0].ratio.p < 0.01);
    assert_true(comparison.slower == 1 && comparison.unclear == 1 && comparison.faster == 0);
    run_compare_free(&comparison);
    compare(b, a, 0, &comparison);
    assert_string_equal(run_compare_verdict(&comparison.rows[0]), "faster");
    run_compare_free(&comparison);
    compare(a, b, 0.1, &comparison);
    assert_string_equal(run_compare_verdict(&comparison.rows[0]), "no clear difference");
    run_compare_free(&comparison);
    free(a);
    free(b);
}

/* Makes the cell of a run one of the given work, whose items take so many rounds. */
static void make_computing(const char *run, const char *work, int rounds)
{
    char error[JSON_ERROR_SIZE];
    json_t *document = json_file_load(path_in(run, "run.json"), error);
    json_t *cell = json_array_get(json_object_get(document, "cells"), 0);

    json_object_update_new(
        cell, json_pack("{s:s, s:i, s:i}", "work", work, "cpu_ns", 20000000, "block_bytes", 32));
    json_object_set_new(document, "calibrations",
                        json_pack("[{s:i, s:i, s:i}, {s:i, s:i, s:i}]", "cpu_ns", 1000000,
                                  "block_bytes", 32, "rounds", 7, "cpu_ns", 20000000, "block_bytes",
                                  32, "rounds", rounds));
    assert_int_equal(json_file_write(path_in(run, "run.json"), document), 0);
    json_decref(document);
}

/* A second run that takes 10 % longer for 10 % more rounds is as fast as the first. */
static void work_is_compared_for_the_same_rounds(void **state)
{
    char *a = write_run(*state, "a", 1, 10, 1000), *b = write_run(*state, "b", 2, 10, 1100);
    struct run_comparison comparison;
    char *notes;

    make_computing(a, "cpu", 170000);
    make_computing(b, "cpu", 187000);
    compare(a, b, 0, &comparison);
    assert_int_equal(comparison.slower, 0);
    assert_true(fabs(comparison.rows[0].ratio.ratio - 1) < 0.03);
    notes = json_dumps(comparison.notes, 0);
    assert_non_null(
        strstr(notes, "calibration of 20 ms: an item of the second run has 10.00 % more rounds"));
    free(notes);
    run_compare_free(&comparison);
    /* What waits as well cannot be converted. */
    make_computing(a, "mixed", 170000);
    make_computing(b, "mixed", 187000);
    compare(a, b, 0, &comparison);
    assert_int_equal(comparison.slower, 1);
    run_compare_free(&comparison);
    free(a);
    free(b);
}

static void what_differs_is_noted(void **state)
{
    char *a = write_run(*state, "a", 1, 6, 300), *b = write_run(*state, "b", 2, 3, 300), *notes;
    struct run_comparison comparison;

    compare(a, b, 0, &comparison);
    assert_int_equal(comparison.too_few, 2);
    notes = json_dumps(comparison.notes, 0);
    assert_non_null(strstr(notes, "a: only the first run has this cell"));
    assert_non_null(strstr(notes, "b: only the second run has this cell"));
    free(notes);
    run_compare_free(&comparison);
    free(a);
    free(b);
}

/* What is three times as much is told even where a verdict would take more; noise is not. */
static void far_more_in_too_few_is_told(void **state)
{
    char *a = write_run(*state, "a", 1, 2, 300), *b = write_run(*state, "b", 2, 2, 900);
    char *near = write_run(*state, "near", 3, 2, 330);
    struct run_comparison comparison;

    compare(a, b, 0, &comparison);
    assert_int_equal(comparison.far, 1);
    assert_string_equal(run_compare_verdict(&comparison.rows[0]), "far slower, in too few rounds");
    run_compare_free(&comparison);
    compare(a, near, 0, &comparison);
    assert_int_equal(comparison.far, 0);
    run_compare_free(&comparison);
    free(a);
    free(b);
    free(near);
}

/* A cell that counted and is not there any more could hide anything; one that never counted, not.
 */
static void missing_cells_are_counted(void **state)
{
    char *a = write_run(*state, "a", 1, 6, 300), *b = write_run(*state, "b", 2, 6, 300);
    struct run_comparison comparison;

    compare(a, b, 0, &comparison);
    assert_int_equal(comparison.missing, 0);
    run_compare_free(&comparison);
    append(a, "results.jsonl",
           json_pack("{s:s, s:i, s:b}", "cell", "a", "wall_ns", 900000000, "valid", 1));
    compare(a, b, 0, &comparison);
    assert_int_equal(comparison.missing, 1);
    run_compare_free(&comparison);
    free(a);
    free(b);
}

static void only_what_is_valid_counts(void **state)
{
    char *a = write_run(*state, "a", 1, 6, 300), *b = write_run(*state, "b", 2, 6, 300);
    struct run_comparison comparison;

    append(b, "results.jsonl",
           json_pack("{s:s, s:i, s:b}", "cell", CELL, "wall_ns", 900000000, "valid", 0));
    append(b, "results.jsonl", json_pack("{s:s, s:n, s:b}", "cell", CELL, "wall_ns", "valid", 1));
    append(b, "memory.jsonl",
           json_pack("{s:s, s:i, s:b}", "cell", "memory", "pss_bytes", 9, "confirmed", 0));
    compare(a, b, 0, &comparison);
    assert_true(comparison.rows[0].b.count == 6 && comparison.rows[2].b.count == 6);
    run_compare_free(&comparison);
    free(a);
    free(b);
}

static void table_is_written_as_csv_and_json(void **state)
{
    char *a = write_run(*state, "a", 1, 6, 300), *b = write_run(*state, "b", 2, 6, 600), *text;
    struct run_comparison comparison;
    struct dataset dataset;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    json_t *json;

    compare(a, b, 0, &comparison);
    assert_int_equal(run_compare_dataset(&comparison, &dataset), 0);
    dataset_csv(out, &dataset);
    fclose(out);
    assert_non_null(strstr(text, "cell,metric,unit,a_count,a_median,"));
    assert_non_null(strstr(text, "\r\n" CELL ",wall,ns,6,"));
    assert_non_null(strstr(text, ",slower\r\n"));
    json = run_compare_json(&comparison);
    assert_string_equal(json_text_at(json, "schema", ""), "bench.comparison/1");
    assert_string_equal(json_text_at(json_array_get(json_at(json, "rows"), 0), "verdict", ""),
                        "slower");
    assert_true(json_number_at(json, "slower", 0) == 1);
    json_decref(json);
    free(text);
    dataset_free(&dataset);
    run_compare_free(&comparison);
    free(a);
    free(b);
}

static void broken_folders_are_refused(void **state)
{
    char *a = write_run(*state, "a", 1, 6, 300), error[JSON_ERROR_SIZE];
    struct run_comparison comparison;

    assert_true(run_compare(a, "/nonexistent", 0, &comparison, error) < 0);
    assert_non_null(strstr(error, "/nonexistent/run.json"));
    assert_int_equal(file_make_folder(path_in(*state, "empty")), 0);
    assert_int_equal(file_replace(path_in(*state, "empty/run.json"), "{}", 2), 0);
    assert_int_equal(run_compare(a, path_in(*state, "empty"), 0, &comparison, error), -ENOENT);
    assert_int_equal(file_replace(path_in(*state, "empty/results.jsonl"), "?\n", 2), 0);
    assert_int_equal(run_compare(a, path_in(*state, "empty"), 0, &comparison, error), -EINVAL);
    assert_non_null(strstr(error, "results.jsonl:1:"));
    free(a);
}

static void csv_quotes_what_it_must(void **state)
{
    static const char *const columns[] = {"text", "number", "truth", NULL};
    struct dataset dataset;
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    assert_int_equal(dataset_init(&dataset, "name", columns), 0);
    dataset_row(&dataset);
    dataset_text(&dataset, "a \"b\", c\nd");
    dataset_number(&dataset, 1e9);
    dataset_truth(&dataset, true);
    dataset_row(&dataset);
    dataset_text(&dataset, "=1+2");
    dataset_number(&dataset, NAN);
    dataset_row(&dataset);
    dataset_text(&dataset, NULL);
    dataset_number(&dataset, 0.5);
    dataset_truth(&dataset, false);
    dataset_csv(out, &dataset);
    fclose(out);
    assert_string_equal(text, "text,number,truth\r\n"
                              "\"a \"\"b\"\", c\nd\",1000000000,true\r\n"
                              "\"'=1+2\",,\r\n"
                              ",0.5,false\r\n");
    free(text);
    dataset_free(&dataset);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, state_make_folder, state_remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(same_run_twice_has_no_clear_difference),
        TEST(slowdown_is_found),
        TEST(work_is_compared_for_the_same_rounds),
        TEST(what_differs_is_noted),
        TEST(far_more_in_too_few_is_told),
        TEST(missing_cells_are_counted),
        TEST(only_what_is_valid_counts),
        TEST(table_is_written_as_csv_and_json),
        TEST(broken_folders_are_refused),
        cmocka_unit_test(csv_quotes_what_it_must),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
