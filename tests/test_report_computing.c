/* What the report says of work for the CPU and of mixed work, from run folders of invented figures.
 */
#include <unistd.h>

#include "common/file.h"
#include "common/json.h"
#include "tests/computing_fixture.h"
#include "tests/report_run.h"
#include "tests/run_fixture.h"

static void test_speed_up_is_of_the_same_rounds(void **state)
{
    char *markdown;

    computing_fixture_write(*state, 7);
    markdown = report_of(*state);
    assert_has(markdown, "### 64 items of 20 ms of computing");
    assert_has(markdown, "| 20 ms | 61,234 | 32 | 20.1 ms |");
    /* Those of a CPU share of 1 %. */
    assert_has(markdown, "In 2 of the cells that compute, an execution took less than its floor");
    assert_has(markdown, "| 2 threads (threads) | 7 of 7 | 640 ms | **660 ms** | [656 ms, 664 ms] "
                         "| 2 | 1.97 [1.97, 1.97] | faster | 98 % | 1.28 s | – |");
    assert_has(markdown, "| 4 | 1.96 [1.96, 1.96] | faster | 49 % |");
    assert_has(markdown, "| sequential (sync) | 7 of 7 | 640 ms | **1.30 s** | [1.29 s, 1.31 s] | "
                         "1 | 1 |  | 100 % | 1.28 s | – |");
    free(markdown);
}

static void test_simulated_lock_makes_no_clear_difference(void **state)
{
    char *markdown;

    computing_fixture_write(*state, 7);
    markdown = report_of(*state);
    assert_has(markdown, "| 2 threads, simulated GIL (threads) |");
    assert_has(markdown, "| 2 | 0.999 [0.987, 1.011] | no clear difference | 50 % |");
    assert_has(markdown, "2 threads, simulated GIL 1.00 (no clear difference)");
    free(markdown);
}

/* How many compute the lane alone may know. */
static void test_pools_and_loops_are_workers(void **state)
{
    char *markdown;

    computing_fixture_write(*state, 7);
    markdown = report_of(*state);
    assert_has(markdown, "| event loop, 2 threads compute (async) |");
    assert_has(markdown, "| 2 | 1.95 [1.95, 1.95] | faster | 97 % | 1.28 s | 6.00 ms |");
    assert_has(markdown, "| event loop, 2 loops (async) |");
    assert_has(markdown, "| 1 | 0.992 [0.992, 0.992] | slower | 99 % | 1.28 s | 1.24 s |");
    free(markdown);
}

static void test_few_rounds_give_no_verdict(void **state)
{
    char *markdown;

    computing_fixture_write(*state, 3);
    markdown = report_of(*state);
    assert_has(markdown, "| 2 | 1.97 (1.97 … 1.97) | too few rounds | 98 % |");
    assert_has(markdown, "2 threads, simulated GIL 0.99 (too few rounds for a verdict).\n- **");
    assert_has(markdown, "There are too few rounds to say up to which CPU share");
    assert_lacks(markdown, "no longer the best choice");
    free(markdown);
}

static void test_where_the_loop_stops_being_the_best(void **state)
{
    char *markdown;

    computing_fixture_write(*state, 7);
    markdown = report_of(*state);
    assert_has(
        markdown,
        "Up to a CPU share of 1.0 % none is clearly faster than the single loop. "
        "**From 10 % on the single loop is no longer the best choice** with 200 at once; the "
        "fastest there is 200 threads (90.1 items/s against 47.6, 1.89 "
        "[1.89, 1.89] times as fast). At 1 of 4 shares the single loop is clearly "
        "the fastest. At 1 of 4 shares there is no clear difference from the fastest.");
    assert_has(markdown, "### 200 requests of 180 ms, each with 20 ms of computing (CPU share "
                         "10 %)");
    assert_has(markdown, "| 90.1 | 0.53 [0.53, 0.53] | faster |");
    assert_has(markdown, "| 1.80 s | 3.60 s | 3.96 s | 4.32 s: computing item 17 |");
    free(markdown);
}

/* Tables and plots of waiting are about cells that only wait; these also begin mixed work. */
static void test_they_are_not_among_those_that_wait(void **state)
{
    char *markdown, *table;

    computing_fixture_write(*state, 7);
    markdown = report_of(*state);
    assert_lacks(markdown, "nothing to compare");
    assert_has(markdown, "### 200 requests of 200 ms (CPU share 0 %)");
    table = read_in(*state, "tables/wall.csv");
    assert_has(table, "mixed-0-threads");
    assert_lacks(table, "mixed-10");
    assert_lacks(table, "threads-c2");
    free(table);
    free(markdown);
}

/* The article's claims about computing; the patterns' are measured where these were run. */
static void test_claims(void **state)
{
    static const char patterns[] =
        "{\"pattern\": \"blocked-loop\", \"n\": 1, \"figures\": {\"late_blocking_sleep_ns\": "
        "999e6, "
        "\"late_sleep_ns\": 8e5}}\n"
        "{\"pattern\": \"service-call\", \"n\": 1, \"figures\": {\"started_first_ns\": 301e6, "
        "\"slowest_latency_ns\": 2e8, \"in_turn_ns\": 75e7}}\n"
        "{\"pattern\": \"group-cancel\", \"n\": 7, \"figures\": {\"aborted_seen_by_server\": 49}}\n"
        "{\"pattern\": \"timeout\", \"figures\": {\"took_ns\": 5e8, \"timeout_ns\": 0}}\n";
    char *markdown;

    computing_fixture_write(*state, 7);
    fixture_put(*state, "patterns.jsonl", patterns);
    markdown = report_of(*state);
    assert_has(markdown, "(at most 1.05 ×) | 1.00 × [0.99 ×, 1.01 ×] | ✓ reproduced "
                         "| With CPython's lock simulated, 2 threads take 1.30 s");
    assert_has(markdown, "(at most 1.05 ×) | 1.97 × [1.97 ×, 1.97 ×] | ✗ not "
                         "reproduced | C has no such lock");
    assert_has(markdown,
               "| 0.0006 : 1 [0.0006 : 1, 0.0006 : 1] | ✓ reproduced | 99 % of the heartbeats "
               "came no later than 2.00 ms with processes, 3.60 s with");
    assert_has(markdown, "(at least 50 %) | 1.0 % | ✗ not reproduced | This is the largest");
    assert_has(markdown, "| 5 s, here 1 s (at least 900 ms) | 999 ms | ✓ reproduced | While a call "
                         "blocks for 1 s the heartbeat is that late; it is 800 us late");
    assert_has(markdown, "| 1.50 : 1 | ✗ not reproduced | 301 ms for a slowest latency of 200 ms.");
    assert_has(markdown, "(at least 49) | – | – not measured | The patterns that were run have no");
    assert_has(markdown, "(±5 %) | – | – not measured | The patterns that were run have no");
    free(markdown);
}

static void test_plots(void **state)
{
    char *markdown, *data;

    computing_fixture_write(*state, 7);
    markdown = report_of(*state);
    assert_has(markdown, "(plots/speed-up.svg)");
    assert_has(markdown, "(plots/mixed.svg)");
    data = read_in(*state, "plots/speed-up.dat");
    assert_has(data, "\n1 0.9961685824 0.99616");
    assert_has(data, "\n2 1.96969697 ");
    free(data);
    data = read_in(*state, "plots/mixed.dat");
    assert_has(data, "\n10 47.61904762 ");
    assert_has(data, " 3600000000 3600000000 3600000000 15.23809524 ");
    free(data);
    data = read_in(*state, "plots/mixed.gp");
    assert_has(data, "set arrow 1 from 10, graph 0");
    free(data);
    free(markdown);
}

static const json_t *row_of(const json_t *tables, const char *table, const char *cell)
{
    size_t i;
    json_t *row;

    json_array_foreach(json_at(json_at(tables, "tables"), table), i, row)
    {
        if (strcmp(json_text_at(row, "cell", ""), cell) == 0)
            return row;
    }
    fail_msg("no %s in the table %s", cell, table);
    return NULL;
}

static void assert_near(const json_t *row, const char *key, double expected)
{
    assert_float_equal(json_number_at(row, key, -1), expected, 1e-6 * (1 + expected));
}

static void test_tables_as_data(void **state)
{
    char error[JSON_ERROR_SIZE];
    json_t *tables;
    const json_t *row;

    computing_fixture_write(*state, 7);
    free(report_of(*state));
    tables = json_file_load(path_in(*state, "tables.json"), error);
    row = row_of(tables, "cpu", "threads-c2");
    assert_string_equal(json_text_at(row, "against", ""), "sync-cpu");
    assert_near(row, "speed_up", 1300.0 / 660);
    assert_near(row, "efficiency", 650.0 / 660);
    row = row_of(tables, "mixed", "mixed-50-offload");
    assert_near(row, "cpu_share", 0.5);
    assert_near(row, "items_per_second", 200 / 10.25);
    assert_near(row, "heartbeat_p99_median_ns", 2e6);
    assert_string_equal(json_text_at(row, "verdict", ""), "faster");
    assert_string_equal(json_text_at(row, "longest_block", ""), "computing item 17");
    json_decref(tables);
}

/* Runs without such cells have neither the sections nor their tables. */
static void test_runs_that_only_wait(void **state)
{
    char *markdown;

    fixture_write(*state, 200);
    markdown = report_of(*state);
    assert_lacks(markdown, "## Work for the CPU");
    assert_lacks(markdown, "## Mixed work");
    assert_int_equal(access(path_in(*state, "tables/cpu.csv"), F_OK), -1);
    free(markdown);
}

static void test_hostile_values(void **state)
{
    static const char lines[] =
        "{\"cell\": \"a\", \"round\": 1, \"valid\": true, \"wall_ns\": 1e-300, \"lane\": {\"loop\":"
        " {\"lateness_ns\": {\"p99\": -1, \"p50\": \"x\", \"max\": 1e300}, \"longest_block_ns\": "
        "5, "
        "\"longest_block\": \"<b>|x\"}, \"workload\": {\"workers\": -3}}}\n"
        "{\"cell\": \"s\", \"round\": 1, \"valid\": true, \"wall_ns\": 1e18}\n"
        "{\"cell\": \"m\", \"round\": 1, \"valid\": true, \"wall_ns\": 7, \"lane\": {\"loop\": "
        "{\"longest_block_ns\": 5, \"longest_block\": \"<b>|x\"}}}\n"
        "{\"cell\": \"n\", \"round\": 1, \"valid\": true, \"wall_ns\": 5}\n";
    static const char run_json[] =
        "{\"status\": \"complete\", \"environment\": {\"cores\": \"two\"}, \"calibrations\": [7, "
        "{\"cpu_ns\": []}], \"cells\": [{\"id\": \"a\", \"lane\": \"async\", \"work\": \"cpu\", "
        "\"compute\": \"`rm`\", \"workers\": {}, \"loops\": -1, \"gil\": 7, \"cpu_ns\": 1e300, "
        "\"block_bytes\": 1e17}, {\"id\": \"s\", \"lane\": \"sync\", \"work\": \"cpu\", "
        "\"concurrency\": 1, \"block_bytes\": 1e17}, {\"id\": \"m\", \"lane\": \"async\", "
        "\"work\": \"mixed\", \"cpu_ns\": 0, \"latency_ns\": 0}, {\"id\": \"n\", \"lane\": "
        "\"threads\", \"work\": \"mixed\", \"cpu_ns\": 0, \"latency_ns\": 0, \"compute\": 7}, "
        "{\"id\": \"o\", \"work\": \"dance\"}, {\"id\": \"p\", \"work\": 7}]}";
    char *markdown;

    fixture_put(*state, "run.json", run_json);
    fixture_put(*state, "results.jsonl", lines);
    markdown = report_of(*state);
    assert_lacks(markdown, "<b>");
    assert_has(markdown, "5 ns: &lt;b&gt;\\|x");
    free(markdown);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, state_make_folder, state_remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_speed_up_is_of_the_same_rounds),
        TEST(test_simulated_lock_makes_no_clear_difference),
        TEST(test_pools_and_loops_are_workers),
        TEST(test_few_rounds_give_no_verdict),
        TEST(test_where_the_loop_stops_being_the_best),
        TEST(test_they_are_not_among_those_that_wait),
        TEST(test_claims),
        TEST(test_plots),
        TEST(test_tables_as_data),
        TEST(test_runs_that_only_wait),
        TEST(test_hostile_values),
    };

    return cmocka_run_group_tests_name("report_computing", tests, NULL, NULL);
}
