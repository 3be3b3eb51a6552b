/* Two run folders against each other: an invented pair that is the same, one that became slower,
 * and what is missing or broken. */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <unistd.h>

#include "tests/helpers.h"

#include "common/file.h"
#include "common/json.h"
#include "harness/show.h"

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
                     latency, (json_int_t)1000000);
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

/* A dataset with both runs, in which all views are computed. */
static struct dataset compare(const char *a, const char *b, double tolerance)
{
    struct dataset dataset;
    struct error error;

    if (show_open(&dataset, a, b, &error) < 0 || show_check(&dataset, &error) < 0)
        fail_msg("%s", error.text);
    assert_int_equal(dataset_execute(&dataset, "UPDATE tolerance SET share = ?", "d", tolerance),
                     0);
    return dataset;
}

static double number_in(struct dataset *dataset, const char *sql)
{
    return dataset_number(dataset, sql, NAN);
}

static void expect_text(struct dataset *dataset, const char *sql, const char *expected)
{
    char *text = dataset_text(dataset, sql);

    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

#define WALL(column)  "SELECT " column " FROM run_comparison WHERE metric = 'wall'"
#define COUNT(column) "SELECT " column " FROM run_verdicts"

static void same_run_twice_has_no_clear_difference(void **state)
{
    double unclear = 0;

    for (unsigned long seed = 1; seed <= 20; seed++) {
        struct dataset dataset;
        char names[2][16], *a, *b;

        snprintf(names[0], sizeof(names[0]), "a%lu", seed);
        snprintf(names[1], sizeof(names[1]), "b%lu", seed);
        a = write_run(*state, names[0], seed, 8, 300);
        b = write_run(*state, names[1], 100 + seed, 8, 300);
        dataset = compare(a, b, 0);
        unclear += number_in(&dataset, WALL("difference = 0"));
        dataset_close(&dataset);
        free(a);
        free(b);
    }
    assert_true(unclear >= 19);
}

static void slowdown_is_found(void **state)
{
    char *a = write_run(*state, "a", 1, 10, 300), *b = write_run(*state, "b", 2, 10, 315);
    struct dataset dataset = compare(a, b, 0);

    assert_true(number_in(&dataset, "SELECT count(*) FROM run_comparison") == 3);
    expect_text(&dataset, "SELECT cell || metric FROM run_comparison", CELL "wall");
    expect_text(&dataset, WALL("verdict"), "slower");
    assert_true(fabs(number_in(&dataset, WALL("ratio")) - 1.05) < 0.02);
    assert_true(number_in(&dataset, WALL("mann_whitney_p")) < 0.01);
    expect_text(&dataset, COUNT("slower || unclear || faster || too_few"), "1100");
    dataset_close(&dataset);
    dataset = compare(b, a, 0);
    expect_text(&dataset, WALL("verdict"), "faster");
    dataset_close(&dataset);
    dataset = compare(a, b, 0.1);
    expect_text(&dataset, WALL("verdict"), "equal in practice");
    dataset_close(&dataset);
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
    struct dataset dataset;

    make_computing(a, "cpu", 170000);
    make_computing(b, "cpu", 187000);
    dataset = compare(a, b, 0);
    assert_true(number_in(&dataset, COUNT("slower")) == 0);
    assert_true(fabs(number_in(&dataset, WALL("ratio")) - 1) < 0.03);
    expect_text(&dataset, "SELECT note FROM run_notes WHERE note LIKE 'calibration of 20 ms%'",
                "calibration of 20 ms: an item of the second run has 10.00 % more rounds; times of "
                "work cpu are converted, those of mixed work are not");
    dataset_close(&dataset);
    /* What waits as well cannot be converted. */
    make_computing(a, "mixed", 170000);
    make_computing(b, "mixed", 187000);
    dataset = compare(a, b, 0);
    assert_true(number_in(&dataset, COUNT("slower")) == 1);
    dataset_close(&dataset);
    free(a);
    free(b);
}

static void what_differs_is_noted(void **state)
{
    char *a = write_run(*state, "a", 1, 6, 300), *b = write_run(*state, "b", 2, 3, 300);
    struct dataset dataset;
    json_t *document;
    char error[JSON_ERROR_SIZE];

    document = json_file_load(path_in(b, "run.json"), error);
    json_object_update_new(json_object_get(document, "environment"),
                           json_pack("{s:s, s:i}", "kernel", "Linux 6.12.0", "cores", 4));
    json_object_set_new(json_array_get(json_object_get(document, "memory_cells"), 0), "hold_ns",
                        json_integer(1));
    assert_int_equal(json_file_write(path_in(b, "run.json"), document), 0);
    json_decref(document);
    dataset = compare(a, b, 0);
    assert_true(number_in(&dataset, COUNT("too_few")) == 1);
    assert_true(number_in(&dataset, COUNT("missing")) == 1);
    expect_text(&dataset, "SELECT group_concat(note, '; ') FROM run_notes",
                "a: only the first run has this cell; b: only the second run has this cell; "
                "memory: the runs gave this cell different parameters; "
                "kernel differs: Linux 6.1.0, then Linux 6.12.0; "
                "cores: the machines have different numbers of them");
    dataset_close(&dataset);
    free(a);
    free(b);
}

/* What is three times as much is told even where a verdict would take more; noise is not. */
static void far_more_in_too_few_is_told(void **state)
{
    char *a = write_run(*state, "a", 1, 2, 300), *b = write_run(*state, "b", 2, 2, 900);
    char *near = write_run(*state, "near", 3, 2, 330);
    struct dataset dataset = compare(a, b, 0);

    assert_true(number_in(&dataset, COUNT("far")) == 1);
    expect_text(&dataset, WALL("verdict"), "far slower, in too few rounds");
    dataset_close(&dataset);
    dataset = compare(a, near, 0);
    assert_true(number_in(&dataset, COUNT("far")) == 0);
    dataset_close(&dataset);
    free(a);
    free(b);
    free(near);
}

/* A cell that counted and is not there any more could hide anything; one that never counted, not.
 */
static void missing_cells_are_counted(void **state)
{
    char *a = write_run(*state, "a", 1, 6, 300), *b = write_run(*state, "b", 2, 6, 300);
    struct dataset dataset = compare(a, b, 0);

    assert_true(number_in(&dataset, COUNT("missing + lost")) == 0);
    dataset_close(&dataset);
    append(a, "results.jsonl",
           json_pack("{s:s, s:i, s:b}", "cell", "a", "wall_ns", 1100000000, "valid", 1));
    dataset = compare(a, b, 0);
    assert_true(number_in(&dataset, COUNT("missing")) == 1);
    dataset_close(&dataset);
    assert_int_equal(unlink(path_in(b, "memory.jsonl")), 0);
    dataset = compare(a, b, 0);
    assert_true(number_in(&dataset, COUNT("lost")) == 1);
    dataset_close(&dataset);
    free(a);
    free(b);
}

static void only_what_is_valid_counts(void **state)
{
    char *a = write_run(*state, "a", 1, 6, 300), *b = write_run(*state, "b", 2, 6, 300);
    struct dataset dataset;

    append(b, "results.jsonl",
           json_pack("{s:s, s:i, s:b}", "cell", CELL, "wall_ns", 900000000, "valid", 0));
    append(b, "results.jsonl", json_pack("{s:s, s:n, s:b}", "cell", CELL, "wall_ns", "valid", 1));
    append(b, "memory.jsonl",
           json_pack("{s:s, s:i, s:b}", "cell", "memory", "pss_bytes", 9, "confirmed", 0));
    dataset = compare(a, b, 0);
    assert_true(number_in(&dataset, "SELECT sum(samples(b) = 6) FROM run_comparison") == 3);
    dataset_close(&dataset);
    free(a);
    free(b);
}

static void broken_folders_are_refused(void **state)
{
    char *a = write_run(*state, "a", 1, 6, 300), *empty = strdup(path_in(*state, "empty"));
    struct dataset dataset;
    struct error error;

    assert_true(show_open(&dataset, a, "/nonexistent", &error) < 0);
    assert_non_null(strstr(error.text, "/nonexistent/run.json"));
    dataset_close(&dataset);
    assert_int_equal(file_make_folder(empty), 0);
    assert_int_equal(file_replace(path_in(empty, "run.json"), "{}", 2), 0);
    dataset = compare(a, empty, 0);
    assert_true(number_in(&dataset, "SELECT count(*) FROM run_comparison") == 0);
    dataset_close(&dataset);
    assert_int_equal(file_replace(path_in(empty, "results.jsonl"), "{}\n?\n", 5), 0);
    assert_int_equal(show_open(&dataset, a, empty, &error), 0);
    assert_true(show_check(&dataset, &error) < 0);
    assert_non_null(strstr(error.text, "empty/results.jsonl, line 2:"));
    dataset_close(&dataset);
    free(a);
    free(empty);
}

/* What `option` of bench compare writes, of a run that became slower and lost a cell. */
static char *exported(const char *folder, const char *option)
{
    char *a = write_run(folder, "a", 1, 6, 300), *b = write_run(folder, "b", 2, 6, 400), *text;
    struct finished finished;

    append(a, "results.jsonl",
           json_pack("{s:s, s:i, s:b}", "cell", "a", "wall_ns", 1100000000, "valid", 1));
    finished = run("bench", "compare", a, b, option, path_in(folder, "exported"), NULL);
    if (finished.status != 1 || finished.err[0] != '\0')
        fail_msg("%d: %s", finished.status, finished.err);
    text = read_in(folder, "exported");
    finished_free(&finished);
    free(a);
    free(b);
    return text;
}

static void expect_part(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in: %s", part, text);
}

static void junit_fails_what_became_slower_or_is_gone(void **state)
{
    char *text = exported(*state, "--export-junit");

    expect_part(text, "<testsuite name=\"b against a\" tests=\"3\" failures=\"2\" errors=\"0\" "
                      "skipped=\"0\">");
    expect_part(text, "name=\"" CELL ", wall\" time=\"0.395");
    expect_part(text, "<failure message=\"slower: 1.3");
    expect_part(text, "<failure message=\"missing\"/>");
    expect_part(text,
                "name=\"memory, memory\" time=\"0.000000\">\n<system-out>equal in practice: ");
    free(text);
}

/* An array of name, unit and value, and for people a range and what else is known. */
static void github_gets_its_benchmarks(void **state)
{
    char *text = exported(*state, "--export-github");
    json_t *all = json_loads(text, 0, NULL), *first = json_array_get(all, 0);

    assert_int_equal(json_array_size(all), 3); /* wall, cpu, memory */
    assert_string_equal(json_text_at(first, "name", ""), CELL ", wall");
    assert_string_equal(json_text_at(first, "unit", ""), "ns");
    assert_true(fabs(json_number_at(first, "value", 0) - 400e6) < 20e6);
    assert_true(strncmp(json_text_at(first, "range", ""), "± ", strlen("± ")) == 0);
    assert_string_equal(json_text_at(first, "extra", ""), "6 executions, slower");
    json_decref(all);
    free(text);
}

static void tables_are_markdown_and_asciidoc(void **state)
{
    char *a = write_run(*state, "a|*<b>", 1, 6, 300);
    struct finished finished = run("bench", "show", a, "--markdown", "--table", "cells", NULL);

    expect_part(finished.out, "\n|---|--:|");
    expect_part(finished.out, "\n| a&#124;&#42;&#60;b&#62; | ");
    finished_free(&finished);
    finished = run("bench", "show", a, "--asciidoc", NULL);
    expect_part(finished.out, "[%header,cols=\"<,>,");
    expect_part(finished.out, "\n|===\n| cell | n | ");
    expect_part(finished.out, "\n|===\n| memory pass | n | ");
    expect_part(finished.out, "\n| a&#124;&#42;&#60;b&#62; | ");
    finished_free(&finished);
    finished = run("bench", "compare", a, a, "--markdown", NULL);
    assert_true(strncmp(finished.out, "| cell | what | n A |", 21) == 0);
    finished_free(&finished);
    free(a);
}

static void exports_take_two_runs(void **state)
{
    char *a = write_run(*state, "a", 1, 6, 300);
    struct finished finished =
        run("bench", "compare", a, "--cells", CELL, CELL, "--export-junit", "x", NULL);

    assert_int_equal(finished.status, 2);
    expect_part(finished.err, "take two runs");
    finished_free(&finished);
    finished = run("bench", "compare", a, a, "--export-junit", "/nonexistent/x", NULL);
    assert_int_equal(finished.status, 2);
    expect_part(finished.err, "cannot write /nonexistent/x");
    finished_free(&finished);
    free(a);
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
        TEST(broken_folders_are_refused),
        TEST(junit_fails_what_became_slower_or_is_gone),
        TEST(github_gets_its_benchmarks),
        TEST(tables_are_markdown_and_asciidoc),
        TEST(exports_take_two_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
