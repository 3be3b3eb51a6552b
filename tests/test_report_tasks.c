/* The report's section on sleeping tasks, from a run folder of invented figures. */
#include <unistd.h>

#include "common/file.h"
#include "common/json.h"
#include "tests/report_run.h"
#include "tests/run_fixture.h"
#include "tests/twins_fixture.h"

static void test_bytes_per_task_are_slopes(void **state)
{
    char *markdown;

    tasks_fixture_write(*state);
    markdown = report_of(*state);
    assert_has(markdown, "# Sleeping tasks: ");
    assert_has(markdown,
               "**Memory of one more sleeping task:** stackless (C) 200 bytes, coroutine (C) "
               "1.00 KB, python-asyncio (Python) 2.00 KB, thread (C) 9.00 KB.\n");
    assert_has(markdown, "| thread (C) | 3 | 3 | **9.00 KB** | [9.00 KB, 9.00 KB] | 12.0 KB | "
                         "21.0 KB | 36.0 KB | 2.00 MB | 1.0000 |");
    assert_has(markdown, "| python-asyncio (Python) | 5 | 5 | **2.00 KB** |");
    assert_has(markdown, "plots/tasks.svg");
    assert_has(markdown, "plots/task-bytes.svg");
    free(markdown);
}

/* Tasks make no requests: no table of those may hold them. */
/* Leaves of memory.jsonl the lines of the fixture's `count` smallest numbers of coroutines. */
static void keep_coroutines(const char *folder, size_t count)
{
    char *text = read_in(folder, "memory.jsonl"), *end = text;

    while (count-- > 0)
        end = strchr(end, '\n') + 1;
    *end = '\0';
    fixture_put(folder, "memory.jsonl", text);
    free(text);
}

static void test_two_numbers_give_no_interval(void **state)
{
    char *markdown;

    tasks_fixture_write(*state);
    keep_coroutines(*state, 2);
    markdown = report_of(*state);
    assert_has(markdown,
               "| coroutine (C) | 2 | 2 | **1.00 KB** | – | 5 bytes | 1.00 KB | 4.00 KB | "
               "3.00 MB | – |");
    assert_has(markdown, "**Memory of one more sleeping task:** coroutine (C) 1.00 KB.\n");
    keep_coroutines(*state, 1);
    free(markdown);
    markdown = report_of(*state);
    assert_has(markdown, "| coroutine (C) | 1 | 0 | **–** |");
    assert_lacks(markdown, "**Memory of one more");
    free(markdown);
}

/* What is no line says nothing, and must not stand in the answer. */
static void test_slopes_that_may_be_nothing_are_no_answer(void **state)
{
    static const double wrong[] = {30e6, 20e6, 31e6};
    char line[256], *markdown;

    tasks_fixture_write(*state);
    fixture_put(*state, "memory.jsonl", "");
    for (int i = 0, number = 1000; i < 3; i++, number *= i == 1 ? 10 : 3) {
        snprintf(line, sizeof(line),
                 "{\"cell\": \"coroutine-n%d-c%d-sleep-memory\", \"confirmed\": true, "
                 "\"in_flight\": %d, \"pss_bytes\": %.0f, \"problems\": []}",
                 number, number, number, wrong[i]);
        assert_int_equal(file_append_line(path_in(*state, "memory.jsonl"), line), 0);
    }
    markdown = report_of(*state);
    assert_has(markdown, "| coroutine (C) | 3 | 3 | **");
    assert_lacks(markdown, "**Memory of one more");
    free(markdown);
}

/* A plan without timed cells leaves no results.jsonl. */
static void test_no_timed_cells_are_no_fault(void **state)
{
    char *markdown;

    tasks_fixture_write(*state);
    unlink(path_in(*state, "results.jsonl"));
    markdown = report_of(*state);
    assert_lacks(markdown, "could not be read");
    assert_lacks(markdown, "## Method in short");
    free(markdown);
}

static void test_tasks_are_apart_from_requests(void **state)
{
    char *markdown;

    tasks_fixture_write(*state);
    markdown = report_of(*state);
    assert_lacks(markdown, "requests in flight:**");
    assert_lacks(markdown, "## The article's claims");
    assert_lacks(markdown, "## Wall time");
    assert_lacks(markdown, "## Memory");
    assert_lacks(markdown, "nothing to compare");
    free(markdown);
}

static void test_what_could_not_be_run_says_why(void **state)
{
    char *markdown;

    tasks_fixture_write(*state);
    markdown = report_of(*state);
    assert_has(markdown, "| thread (C) | 100,000 | 0 of 0 | – | – | – | – | – | it needs 100,000 "
                         "threads |");
    free(markdown);
}

static void test_tasks_are_there_as_data(void **state)
{
    char error[JSON_ERROR_SIZE], *markdown;
    json_t *tables;

    tasks_fixture_write(*state);
    markdown = report_of(*state);
    tables = json_file_load(path_in(*state, "tables.json"), error);
    assert_int_equal(json_array_size(json_at(tables, "tables.tasks")), 19);
    assert_int_equal(json_array_size(json_at(tables, "tables.task_slopes")), 20);
    assert_int_equal(json_array_size(json_at(tables, "tables.memory")), 0);
    free(read_in(*state, "tables/tasks.csv"));
    json_decref(tables);
    free(markdown);
}

/* A folder whose tasks are gone must not keep their tables. */
static void test_runs_without_tasks_have_no_such_tables(void **state)
{
    char error[JSON_ERROR_SIZE], *markdown;
    json_t *tables;

    tasks_fixture_write(*state);
    free(report_of(*state));
    fixture_write(*state, 200);
    markdown = report_of(*state);
    assert_lacks(markdown, "leeping task");
    tables = json_file_load(path_in(*state, "tables.json"), error);
    assert_null(json_at(tables, "tables.tasks"));
    assert_int_equal(access(path_in(*state, "tables/tasks.csv"), F_OK), -1);
    assert_int_equal(access(path_in(*state, "plots/tasks.svg"), F_OK), -1);
    json_decref(tables);
    free(markdown);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, state_make_folder, state_remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_bytes_per_task_are_slopes),
        TEST(test_two_numbers_give_no_interval),
        TEST(test_slopes_that_may_be_nothing_are_no_answer),
        TEST(test_no_timed_cells_are_no_fault),
        TEST(test_tasks_are_apart_from_requests),
        TEST(test_what_could_not_be_run_says_why),
        TEST(test_tasks_are_there_as_data),
        TEST(test_runs_without_tasks_have_no_such_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
