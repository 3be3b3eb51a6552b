/* The report of a run with programs in several languages, from a run folder of invented figures. */
#include <errno.h>
#include <unistd.h>

#include "common/json.h"
#include "report/claims.h"
#include "report/plots.h"
#include "tests/report_run.h"
#include "tests/run_fixture.h"
#include "tests/twins_fixture.h"

static void test_twins_are_held_against_c(void **state)
{
    char *markdown;

    twins_fixture_write(*state);
    markdown = report_of(*state);
    assert_has(markdown, "### 1000 requests of 200 ms, by language");
    assert_has(markdown, "| thread pool | threads (C) | 1000 | 7 of 7 | **351 ms** [350 ms, 352 "
                         "ms] |  | 5.00 ms | 300 ms | 300 us | 42.0 MB | 1000 | none |\n"
                         "|  | python-threads (Python) | 1000 | 7 of 7 | **2.31 s** [2.30 s, 2.32 "
                         "s] | 6.57 [6.57, 6.57], slower | 190 ms | 1.90 s | 1.90 ms |");
    assert_has(markdown, "|  | go-goroutines (Go) | 1000 | 7 of 7 | **422 ms** [420 ms, 423 ms] | "
                         "1.56 [1.56, 1.56], slower |");
    assert_has(markdown, "### 64 items of 20 ms of computing, by language");
    assert_has(markdown, "|  | python-threads (Python) | 2 | 7 of 7 | **1.51 s** [1.50 s, 1.51 s] "
                         "| 2.31 [2.31, 2.31], slower |");
    free(markdown);
}

static void test_failures_are_shown_and_not_ranked(void **state)
{
    char *markdown;

    twins_fixture_write(*state);
    markdown = report_of(*state);
    assert_has(markdown, "|  | python-httpx (Python) | 10,000 | 0 of 7 | 9.04 s (not ranked) [9.01 "
                         "s, 9.06 s] | – | 300 ms |");
    assert_has(markdown, "| 9900 timeout |");
    assert_has(markdown, "- python-httpx (Python), 10,000 at once, does not count: 100 of 10000 "
                         "requests verified");
    free(markdown);
}

static void test_what_is_not_installed_says_so(void **state)
{
    char *markdown;

    twins_fixture_write(*state);
    markdown = report_of(*state);
    assert_has(markdown, "- node-fetch (Node), 1000 at once, was left out: not installed: apt-get "
                         "install nodejs");
    free(markdown);
}

static void test_memory_by_language(void **state)
{
    char *markdown;

    twins_fixture_write(*state);
    markdown = report_of(*state);
    assert_has(markdown, "### Memory with 1000 requests in flight, by language");
    assert_has(markdown, "|  | python-threads (Python) | 1000 / 1000 | **85.0 MB** | 2.02, too few "
                         "passes | 30.0 MB | 55.1 KB | 102 MB | 9.00 GB | – | 1 | 1001 |");
    free(markdown);
}

static void test_twins_are_drawn_and_there_as_data(void **state)
{
    char error[JSON_ERROR_SIZE], *markdown, *script;
    json_t *tables, *row;

    twins_fixture_write(*state);
    markdown = report_of(*state);
    script = read_in(*state, "plots/twins.gp");
    assert_has(script, "\"1000 requests of 200 ms: thread pool of 1000\"");
    assert_has(script, "\"1000 requests of 200 ms: event loop, 1000 at once\"");
    free(script);
    assert_has(markdown, "![Wall time by language: black C, red Python, blue Go](plots/twins.svg)");
    assert_has(markdown, "plots/twins-memory.svg");
    tables = json_file_load(path_in(*state, "tables.json"), error);
    row = json_array_get(json_at(tables, "tables.twins"), 3);
    assert_string_equal(json_text_at(row, "lane", ""), "python-threads");
    assert_string_equal(json_text_at(row, "language", ""), "python");
    assert_string_equal(json_text_at(row, "c_cell", ""), "threads-n1000-c1000-200ms");
    assert_string_equal(json_text_at(row, "verdict", ""), "slower");
    assert_true(json_number_at(row, "ratio_to_c", 0) > 6.5);
    row = json_array_get(json_at(tables, "tables.twins_memory"), 1);
    assert_true(json_number_at(row, "virtual_bytes", 0) == 9e9);
    free(read_in(*state, "tables/twins.csv"));
    json_decref(tables);
    free(markdown);
}

static void test_claims_have_a_column_for_each_language(void **state)
{
    char *markdown;

    twins_fixture_write(*state);
    markdown = report_of(*state);
    assert_has(markdown, "| Claim | The article (criterion) | Python here | C here | Go here | "
                         "Reason |");
    assert_has(markdown, "| a few seconds (at most 5 s) | ✗ not reproduced: 5.52 s [5.51 s, 5.54 "
                         "s] (python-httpx); ✓ reproduced: 924 ms [921 ms, 926 ms] "
                         "(python-aiohttp) | ✓ reproduced: 271 ms [270 ms, 272 ms] | ✓ reproduced: "
                         "422 ms [420 ms, 423 ms] (go-goroutines) | **Python:** python-httpx: 5.32 "
                         "s above the floor of 200 ms, 300 ms of it the interpreter's start");
    assert_has(markdown, "(python-threads : python-aiohttp) | ✗ not reproduced: 1.30 : 1");
    assert_has(markdown, " are not measured here in C. Python: ");
    free(markdown);
}

/* That requests fail is what is measured, not that nothing is. */
static void test_answer_has_a_row_for_each_lane(void **state)
{
    char *markdown;

    twins_fixture_write(*state);
    markdown = report_of(*state);
    assert_has(markdown, "\n| event loop | 271 ms | 934 ms | 17.0 MB |\n");
    assert_has(markdown, "\n| python-aiohttp | 924 ms | 9.94 s |  |\n");
    assert_has(markdown, "\n| go-goroutines | 422 ms |  |  |\n");
    free(markdown);
}

static void test_failing_is_a_verdict_on_what_is_verified(void **state)
{
    char *markdown;

    twins_fixture_write(*state);
    markdown = report_of(*state);
    assert_has(markdown, "| ✗ not reproduced: 100 (python-httpx); ✓ reproduced: 10,000 "
                         "(python-aiohttp) | ✓ reproduced: 10,000 | – not measured |");
    assert_has(markdown, "python-httpx: Only 100 answers are verified");
    free(markdown);
}

static void test_claims_by_language_are_there_as_data(void **state)
{
    char error[JSON_ERROR_SIZE], *table;
    json_t *tables;

    twins_fixture_write(*state);
    free(report_of(*state));
    table = read_in(*state, "tables/claims_by_language.csv");
    assert_has(table, "\nloop-1000,python,python-aiohttp,,0.923");
    assert_has(table, "\nthreads-memory,python,python-threads,,85,");
    free(table);
    fixture_write(*state, 200);
    free(report_of(*state));
    tables = json_file_load(path_in(*state, "tables.json"), error);
    assert_null(json_at(tables, "tables.claims_by_language"));
    json_decref(tables);
}

/* Of the sentences those whose figures the run has: here there is no pool of processes. */
static void test_explanation_has_figures_of_the_run(void **state)
{
    char *markdown;

    twins_fixture_write(*state);
    markdown = report_of(*state);
    assert_has(markdown, "### 50 MB against 500 MB");
    assert_has(markdown, "1000 Python threads reserve 9.00 GB of addresses");
    assert_has(markdown, "85.0 MB of that is memory, 85.0 KB for each thread");
    assert_has(markdown, "Of 10,000 at once httpx with its defaults got 100 answers; 9900 requests "
                         "failed");
    assert_lacks(markdown, "A pool of 100 Python processes");
    assert_lacks(markdown, "The kernel holds");
    free(markdown);
}

/* Names from a lane's own result, and of a lane, reach a page and a plot. */
static void test_hostile_names(void **state)
{
    static const char name[] = "x|<script>`touch pwned`\"'$(touch pwned)";
    char error[JSON_ERROR_SIZE], *markdown, *html;
    json_t *document, *cells, *sample;

    twins_fixture_write(*state);
    document = json_file_load(path_in(*state, "run.json"), error);
    cells = json_incref(json_object_get(document, "cells"));
    json_object_set_new(json_array_get(cells, 5), "lane", json_string(name));
    json_object_set_new(json_array_get(cells, 6), "language", json_string(name));
    json_object_set_new(json_array_get(cells, 7), "model", json_integer(7));
    fixture_set(*state, "cells", cells);
    sample = json_pack("{s:s, s:i, s:b, s:i, s:{s:{s:i, s:s}}, s:[s]}", "cell",
                       "python-httpx-n10000-c10000-200ms", "round", 9, "valid", 0, "wall_ns", 1,
                       "lane", "outcomes", name, 9999, "ok", "many", "problems", name);
    assert_int_equal(json_line_append(path_in(*state, "results.jsonl"), sample), 0);
    json_decref(sample);
    json_decref(document);
    markdown = report_of(*state);
    html = read_in(*state, "report.html");
    assert_has(markdown, "9999 x\\|&lt;script&gt;");
    assert_has(markdown, "python-aiohttp (another language)");
    assert_has(markdown, "| another model | go-goroutines (Go) |");
    assert_lacks(markdown, "<script>");
    assert_lacks(html, "<script");
    assert_int_equal(access(path_in(*state, "plots/pwned"), F_OK), -1);
    free(html);
    free(markdown);
}

static const char *fault_of_claims(const char *folder, const char *text)
{
    static char error[JSON_ERROR_SIZE];
    struct claims claims;
    struct run run;

    assert_int_equal(run_load(&run, folder, error), 0);
    assert_int_equal(claims_evaluate(&claims, text, &run, error), -EINVAL);
    run_free(&run);
    return error;
}

#define HEAD                                                                                       \
    "{\"claims\": [{\"id\": \"x\", \"claim\": \"c\", \"article\": {\"text\": \"t\"}, \"metric\": " \
    "\"wall\", \"criterion\": {\"at_most\": 1}, \"languages\": "

static void test_refused_languages_and_explanations(void **state)
{
    fixture_write(*state, 200);
    assert_has(fault_of_claims(*state, HEAD "{\"cobol\": []}}]}"), "must be python, go or node");
    assert_has(fault_of_claims(*state, HEAD "{\"go\": {}}}]}"), "needs an array");
    assert_has(fault_of_claims(*state, HEAD "{\"go\": [1]}}]}"), "must be an object");
    assert_has(fault_of_claims(*state, HEAD "{\"go\": [{\"reasons\": {\"higher\": "
                                            "[\"{x}\"]}}]}}]}"),
               "names a figure");
    assert_has(fault_of_claims(*state, "{\"claims\": [], \"explanations\": [{}]}"), "title");
    assert_has(fault_of_claims(*state, "{\"claims\": [], \"explanations\": [{\"title\": \"t\", "
                                       "\"points\": [{\"metric\": \"wall\", \"text\": "
                                       "[\"{speed}\"]}]}]}"),
               "a figure that is not known");
}

/* Each lane of a language and model has a colour of its own, the same in every cell. */
static void test_lanes_of_a_language_are_told_apart(void **state)
{
    char error[JSON_ERROR_SIZE];
    struct run run;

    twins_fixture_write(*state);
    fixture_set(*state, "plan",
                json_pack("{s:{s:{s:s, s:s}, s:{s:s, s:s}}}", "lanes", "python-httpx", "model",
                          "async", "language", "python", "python-aiohttp", "model", "async",
                          "language", "python"));
    assert_int_equal(run_load(&run, *state, error), 0);
    assert_string_equal(run.cells[5].of.lane, "python-httpx");
    assert_string_equal(run.cells[6].of.lane, "python-aiohttp");
    assert_int_not_equal(run.cells[5].of.model->colour, run.cells[6].of.model->colour);
    assert_int_equal(run.cells[5].of.model->point, run.cells[6].of.model->point);
    assert_ptr_equal(run.cells[10].of.model, run.cells[5].of.model);
    run_free(&run);
}

/* More names than fit into a picture stand below it. */
static void test_long_keys_stand_below(void **state)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    assert_int_equal(plot_key(out, 6, "top left"), 0);
    assert_int_equal(plot_key_below_panels(out, 6, 1000, "top left"), 0);
    fflush(out);
    assert_lacks(text, "bottom");
    assert_int_equal(plot_key(out, 9, "top left"), plot_key(out, 7, "top left"));
    assert_true(plot_key(out, 10, "top left") > plot_key(out, 9, "top left"));
    assert_true(plot_key_below_panels(out, 7, 1000, "top left") > 0);
    assert_int_equal(fclose(out), 0);
    assert_has(text, "set key outside bottom");
    assert_has(text, "set key at screen 0.5, screen 0.00");
    free(text);
}

static void test_runs_in_c_have_no_such_section(void **state)
{
    char *markdown;

    fixture_write(*state, 200);
    markdown = report_of(*state);
    assert_lacks(markdown, "twins");
    assert_lacks(markdown, "by language");
    assert_lacks(markdown, "Python here");
    free(markdown);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, state_make_folder, state_remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_twins_are_held_against_c),
        TEST(test_failures_are_shown_and_not_ranked),
        TEST(test_what_is_not_installed_says_so),
        TEST(test_memory_by_language),
        TEST(test_twins_are_drawn_and_there_as_data),
        TEST(test_claims_have_a_column_for_each_language),
        TEST(test_answer_has_a_row_for_each_lane),
        TEST(test_failing_is_a_verdict_on_what_is_verified),
        TEST(test_claims_by_language_are_there_as_data),
        TEST(test_explanation_has_figures_of_the_run),
        TEST(test_hostile_names),
        TEST(test_refused_languages_and_explanations),
        TEST(test_lanes_of_a_language_are_told_apart),
        TEST(test_long_keys_stand_below),
        TEST(test_runs_in_c_have_no_such_section),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
