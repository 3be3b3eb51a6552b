/* What the report says about the certainty of its figures, from run folders of invented figures:
 * verdicts, intervals, noise, outliers, the two memory methods, and the tables as data. */
#include <math.h>
#include <stdbool.h>

#include "common/file.h"
#include "common/json.h"
#include "tests/report_run.h"
#include "tests/run_fixture.h"

#define LOOP    "async-n100-c100"
#define THREADS "threads-n100-c10"

static void append(const char *folder, const char *file, json_t *line)
{
    assert_non_null(line);
    assert_int_equal(json_line_append(path_in(folder, file), line), 0);
    json_decref(line);
}

/* A run of two cells, whose wall times in ms are given round by round. */
static void write_rounds(const char *folder, const double *loop_ms, const double *threads_ms,
                         int rounds)
{
    fixture_write(folder, 200);
    fixture_put(folder, "results.jsonl", "");
    for (int round = 1; round <= rounds; round++) {
        append(folder, "results.jsonl", fixture_sample(LOOP, round, loop_ms[round - 1]));
        append(folder, "results.jsonl", fixture_sample(THREADS, round, threads_ms[round - 1]));
    }
    fixture_set(folder, "status", json_string("interrupted"));
}

static void test_clear_differences_have_their_verdict(void **state)
{
    char *markdown;

    fixture_write(*state, 200);
    markdown = report_of(*state);
    assert_has(markdown, "| 10 threads (threads) | 7 | 9.40 [9.39, 9.42] | slower |");
    assert_has(markdown, "| 10 processes (procs) | 7 | 9.46 [9.45, 9.48] | slower | "
                         "1.006 [1.006, 1.007] | equal in practice |");
    assert_lacks(markdown, "too few rounds");
    free(markdown);
}

static void test_same_times_are_no_clear_difference(void **state)
{
    const double loop[] = {2010, 2030, 2011, 2029, 2012, 2028, 2020};
    const double threads[] = {2030, 2010, 2029, 2011, 2028, 2012, 2021};
    char *markdown;

    write_rounds(*state, loop, threads, 7);
    markdown = report_of(*state);
    assert_has(markdown, "| 7 | 1.000 [0.990, 1.010] | equal in practice |");
    assert_has(markdown, "at once:** event loop, equal in practice to 10 threads");
    free(markdown);
}

/* All of the interval has to be beyond 2 %. */
static void test_small_differences_are_not_clear(void **state)
{
    const double loop[] = {2000, 2000, 2000, 2000, 2000, 2000, 2000};
    const double threads[] = {2030, 2050, 2060, 2035, 2055, 2045, 2040};
    char *markdown;

    write_rounds(*state, loop, threads, 7);
    markdown = report_of(*state);
    assert_has(markdown, " [1.015, 1.030] | no clear difference |");
    free(markdown);
}

/* Memory passes of each of three models with 1000 in flight, `passes` many. */
static void write_passes(const char *folder, const int *passes)
{
    static const char *const cells[] = {"memory-async-n1000-c1000", "memory-threads-n1000-c1000",
                                        "memory-procs-n1000-c1000"};

    fixture_put(folder, "results.jsonl", "");
    fixture_write(folder, 200);
    fixture_put(folder, "memory.jsonl", "");
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < passes[i]; k++)
            append(folder, "memory.jsonl",
                   json_pack("{s:s, s:i, s:b, s:f, s:[]}", "cell", cells[i], "in_flight", 1000,
                             "confirmed", 1, "pss_bytes", 1e7 * (i + 1) + 1e4 * k, "problems"));
}

/* What has too few passes is named, and spoils no verdict of the others. */
static void test_one_pass_spoils_no_verdict(void **state)
{
    const int one[] = {6, 6, 1}, both[] = {6, 1, 1};
    char *markdown;

    write_passes(*state, one);
    markdown = report_of(*state);
    assert_has(markdown, "**least memory, 1000 requests in flight:** event loop (too few passes to "
                         "tell of 1000 processes)");
    free(markdown);
    write_passes(*state, both);
    markdown = report_of(*state);
    assert_has(markdown, "**lowest median of memory, 1000 requests in flight:** event loop (too "
                         "few passes for a verdict)");
    free(markdown);
}

static void test_few_rounds_give_no_verdict(void **state)
{
    const double loop[] = {2010, 2011, 2012, 2013, 2014};
    const double threads[] = {2110, 2111, 2112, 2113, 2114};
    char *markdown;

    write_rounds(*state, loop, threads, 5);
    markdown = report_of(*state);
    assert_has(markdown, "| 5 | 1.050 (1.050 … 1.050) | too few rounds |");
    assert_has(markdown, "**Lowest median, 100 requests of 200 ms, up to 100 at once:** event loop "
                         "(too few rounds for a verdict)");
    assert_has(markdown, "| 2.01 s … 2.01 s | 1.00 ms |");
    free(markdown);
}

/* The floor of 10 threads is 2 s: no execution can be faster than that. */
static void test_floor_settles_what_rounds_do_not(void **state)
{
    const double loop[] = {210, 211, 212, 213, 214, 215};
    const double threads[] = {2010, 2011, 2012, 2013, 2014, 2015};
    char *markdown;

    write_rounds(*state, loop, threads, 2);
    for (int round = 3; round <= 6; round++)
        append(*state, "results.jsonl", fixture_sample(LOOP, round, loop[round - 1]));
    markdown = report_of(*state);
    assert_has(markdown, "| 2 | 9.55 (9.53 … 9.57) | slower (by its floor) |");
    assert_has(markdown, "**Fastest, 100 requests of 200 ms, up to 100 at once:** event loop");
    free(markdown);
}

static void test_noise_and_outliers_are_shown_and_count(void **state)
{
    const double loop[] = {210, 211, 212, 213, 214, 215, 390};
    const double threads[] = {2010, 2011, 2012, 2013, 2014, 2015, 2016};
    json_t *noisy = fixture_sample(LOOP, 8, 212.5);
    char *markdown, *table;

    write_rounds(*state, loop, threads, 7);
    json_object_set_new(noisy, "noise", json_pack("[s]", "load average 3.1 on <2> cores"));
    append(*state, "results.jsonl", noisy);
    markdown = report_of(*state);
    assert_has(markdown, "| event loop (async) | 8 of 8 (1 noisy, 1 outlier) |");
    assert_has(markdown, "- async-n100-c100, round 8: load average 3.1 on &lt;2&gt; cores");
    assert_has(markdown, "round 7: outlier, 390 ms against a median of 213 ms; it counts");
    table = read_in(*state, "tables/executions.csv");
    assert_has(table, "390000000");
    assert_has(table, ",load average 3.1 on <2> cores\r\n");
    free(table);
    free(markdown);
}

static void test_cells_marked_as_noisy_are_told(void **state)
{
    json_t *cells;
    json_t *document;
    char error[JSON_ERROR_SIZE], *markdown;

    fixture_write(*state, 200);
    document = json_file_load(path_in(*state, "run.json"), error);
    cells = json_incref(json_object_get(document, "cells"));
    json_object_set_new(json_array_get(cells, 0), "noise", json_pack("[s]", "the spread is 9 %"));
    fixture_set(*state, "cells", cells);
    markdown = report_of(*state);
    assert_has(markdown, "- sync-n100-c1, all rounds: the spread is 9 %");
    json_decref(document);
    free(markdown);
}

/* A pass at `concurrency`, of 2 MB and 10 KB a request by PSS, of which the cgroup sees `share`. */
static json_t *pass_of(int concurrency, double share, bool noisy)
{
    char id[64];
    int pss = 2000000 + 10000 * concurrency, kernel = 100000 + 4000 * concurrency;
    json_t *timeline = json_pack("[{s:i, s:i, s:i}, {s:i, s:n, s:i}, {s:s}]", "t_ns", 0,
                                 "in_flight", 0, "rss_bytes", 1000000, "t_ns", 500000000,
                                 "in_flight", "rss_bytes", pss, "t_ns", "soon");

    snprintf(id, sizeof(id), "memory-async-n%d-c%d", concurrency, concurrency);
    return json_pack("{s:s, s:i, s:b, s:i, s:i, s:i, s:{s:i, s:i, s:i, s:i}, s:o, s:[]}", "cell",
                     id, "in_flight", concurrency, "confirmed", 1, "pss_bytes",
                     pss + (noisy ? 1000 : 0), "pss_anon_bytes", pss / 2 + (noisy ? 1000 : 0),
                     "virtual_bytes", 100000000, "cgroup", "anon_bytes", (int)(share * pss / 2),
                     "usage_bytes", (int)(share * pss) + kernel, "kernel_bytes", kernel,
                     "peak_bytes", pss + kernel, "samples", timeline, "problems");
}

static void write_sweep(const char *folder, double share)
{
    static const int concurrencies[] = {1, 100, 1000};
    json_t *cells = json_array();

    fixture_write(folder, 200);
    fixture_put(folder, "memory.jsonl", "");
    for (size_t i = 0; i < 3; i++) {
        json_t *first = pass_of(concurrencies[i], share, false);

        json_array_append_new(cells,
                              json_pack("{s:O, s:s, s:i, s:i}", "id",
                                        json_object_get(first, "cell"), "lane", "async", "requests",
                                        concurrencies[i], "concurrency", concurrencies[i]));
        append(folder, "memory.jsonl", first);
        append(folder, "memory.jsonl", pass_of(concurrencies[i], share, true));
    }
    fixture_set(folder, "memory_cells", cells);
}

static void test_bytes_per_request_are_a_slope(void **state)
{
    char error[JSON_ERROR_SIZE], *markdown;
    json_t *tables, *row;

    write_sweep(*state, 0.95);
    markdown = report_of(*state);
    assert_has(markdown, "### What one more request in flight costs");
    assert_has(markdown,
               "| event loop (async) | heap, stacks and kernel | 3 | 6 | 1.10 MB | 9.00 KB | [");
    assert_has(markdown, "| kernel's share | 3 | 6 | 100 KB | 4.00 KB |");
    assert_has(markdown, "plots/memory-concurrency.svg");
    tables = json_file_load(path_in(*state, "tables.json"), error);
    row = json_array_get(json_at(tables, "tables.memory_slopes"), 0);
    assert_true(fabs(json_number_at(row, "slope_bytes", 0) - 9000) < 1);
    assert_true(json_number_at(row, "slope_low_bytes", 0) < 9000);
    assert_true(json_number_at(row, "slope_high_bytes", 0) > 9000);
    json_decref(tables);
    free(markdown);
}

static void test_methods_that_agree_are_not_marked(void **state)
{
    char *markdown;

    write_sweep(*state, 0.95);
    markdown = report_of(*state);
    assert_has(markdown, "| event loop (async) | 1000 / 1000 | 6.00 MB | 5.70 MB | -5.0 % | "
                         "12.0 MB | 11.4 MB | -5.0 % |");
    assert_lacks(markdown, "% ⚠");
    free(markdown);
}

static void test_methods_that_disagree_are_marked(void **state)
{
    char *markdown;

    write_sweep(*state, 0.8);
    markdown = report_of(*state);
    assert_has(markdown, "| 4.80 MB | -20 % ⚠ | 12.0 MB | 9.60 MB | -20 % |");
    free(markdown);
}

static void test_memory_over_time_is_drawn(void **state)
{
    char *markdown, *data;

    write_sweep(*state, 1);
    markdown = report_of(*state);
    assert_has(markdown, "plots/memory-time.svg");
    data = read_in(*state, "tables/memory_time.csv");
    assert_has(data, "memory-async-n1000-c1000,5,500000000,,12000000,\r\n");
    free(data);
    free(markdown);
}

static void test_folders_of_older_versions_are_read(void **state)
{
    char *markdown;

    fixture_write(*state, 200);
    markdown = report_of(*state);
    assert_has(markdown, "None: no execution that counts is marked as noisy or is an outlier.");
    assert_lacks(markdown, "plots/memory-time.svg");
    free(markdown);
}

static void test_every_table_is_there_as_data(void **state)
{
    static const char *const names[] = {"claims", "wall",          "comparisons", "executions",
                                        "memory", "memory_slopes", "memory_time", "environment"};
    char error[JSON_ERROR_SIZE];
    json_t *tables, *row;

    fixture_write(*state, 200);
    free(report_of(*state));
    tables = json_file_load(path_in(*state, "tables.json"), error);
    assert_string_equal(json_text_at(tables, "schema", ""), "report.tables/3");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char name[64];

        snprintf(name, sizeof(name), "tables/%s.csv", names[i]);
        free(read_in(*state, name));
        snprintf(name, sizeof(name), "tables.%s", names[i]);
        assert_true(json_is_array(json_at(tables, name)));
    }
    assert_int_equal(json_array_size(json_at(tables, "tables.wall")), 13);
    assert_int_equal(json_array_size(json_at(tables, "tables.executions")), 91);
    row = json_array_get(json_at(tables, "tables.wall"), 0);
    assert_string_equal(json_text_at(row, "cell", ""), LOOP);
    assert_true(json_number_at(row, "wall_median_ns", 0) == 214e6);
    assert_true(json_number_at(row, "overhead_ns", 0) == 14e6);
    assert_true(json_number_at(row, "wall_low_ns", 0) < 214e6);
    row = json_array_get(json_at(tables, "tables.comparisons"), 0);
    assert_string_equal(json_text_at(row, "verdict", ""), "slower");
    json_decref(tables);
}

static void test_own_server_is_told(void **state)
{
    char *markdown;

    fixture_write(*state, 200);
    fixture_set(*state, "settings", json_pack("{s:s}", "server_url", "http://10.0.0.1/{id}"));
    markdown = report_of(*state);
    assert_has(markdown, "> **Measured against a server of the user's own,** http&#58;//10.0.0.1/");
    free(markdown);
}

/* Values of the wrong kind wherever the report looks for something. */
static void test_hostile_values(void **state)
{
    static const char pass[] =
        "{\"cell\": \"memory-async-n1000-c1000\", \"confirmed\": true, \"pss_bytes\": 1e17, "
        "\"pss_anon_bytes\": -5, \"in_flight\": 1e300, \"problems\": {}, \"noise\": [[], null, 7], "
        "\"samples\": [1, [], {\"t_ns\": -1, \"rss_bytes\": 1}, {\"t_ns\": 1e18, \"rss_bytes\": "
        "1e18}, "
        "{\"t_ns\": 5, \"rss_bytes\": 1e-300, \"cgroup_bytes\": \"x\"}]}\n";
    static const char sample[] =
        "{\"cell\": \"async-n100-c100\", \"round\": 1, \"valid\": true, \"wall_ns\": 1e-300, "
        "\"noise\": \"| <b>\"}\n{\"cell\": \"async-n100-c100\", \"round\": 99, \"valid\": true, "
        "\"wall_ns\": 1e18, \"noise\": [\"=1|<b>\\n- x\"], \"started_at\": \"=cmd\"}\n";
    char *lines, *markdown, *table, text[16384];

    fixture_write(*state, 200);
    fixture_put(*state, "memory.jsonl", pass);
    lines = read_in(*state, "results.jsonl");
    lines[8000] = '\0';
    *strrchr(lines, '\n') = '\0';
    snprintf(text, sizeof(text), "%s\n%s", lines, sample);
    fixture_put(*state, "results.jsonl", text);
    fixture_set(*state, "status", json_string("interrupted"));
    fixture_set(*state, "environment", json_pack("[i]", 7));
    fixture_set(*state, "settings", json_pack("{s:s}", "server_url", "\"><script>"));
    markdown = report_of(*state);
    assert_has(markdown, "user's own,** \"&gt;&lt;script&gt;:");
    assert_has(markdown, "=1\\|&lt;b&gt; - x");
    table = read_in(*state, "tables/executions.csv");
    assert_has(table, ",\"'=cmd\",1e+18,");
    assert_has(table, "\"'=1|<b>\n- x\"\r\n");
    free(table);
    free(markdown);
    free(lines);
}

/* The limit is 2.3 s; the interval lies on both sides. */
static void test_close_claims_say_so(void **state)
{
    const double loop[] = {210, 211, 212, 213, 214, 215};
    const double threads[] = {2280, 2285, 2290, 2310, 2320, 2330};
    char *markdown;

    write_rounds(*state, loop, threads, 6);
    markdown = report_of(*state);
    assert_has(markdown, "| 2 s (±15 %; our limit) | ? undecided: 2.30 s [2.28 s, 2.33 s]");
    assert_has(markdown, "Undecided: the interval reaches across the limit");
    free(markdown);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, state_make_folder, state_remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_clear_differences_have_their_verdict),
        TEST(test_same_times_are_no_clear_difference),
        TEST(test_small_differences_are_not_clear),
        TEST(test_one_pass_spoils_no_verdict),
        TEST(test_few_rounds_give_no_verdict),
        TEST(test_floor_settles_what_rounds_do_not),
        TEST(test_noise_and_outliers_are_shown_and_count),
        TEST(test_cells_marked_as_noisy_are_told),
        TEST(test_bytes_per_request_are_a_slope),
        TEST(test_methods_that_agree_are_not_marked),
        TEST(test_methods_that_disagree_are_marked),
        TEST(test_memory_over_time_is_drawn),
        TEST(test_folders_of_older_versions_are_read),
        TEST(test_every_table_is_there_as_data),
        TEST(test_own_server_is_told),
        TEST(test_hostile_values),
        TEST(test_close_claims_say_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
