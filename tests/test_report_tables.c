/* The tables of a report as data: tables.json and tables/, from run folders of invented figures. */
#include <unistd.h>

#include "common/file.h"
#include "common/json.h"
#include "tests/computing_fixture.h"
#include "tests/report_run.h"
#include "tests/run_fixture.h"
#include "tests/twins_fixture.h"

/* Makes the report and returns its tables, a new reference. */
static json_t *tables_of(const char *folder)
{
    char error[JSON_ERROR_SIZE];
    json_t *all, *tables;

    free(report_of(folder));
    all = json_file_load(path_in(folder, "tables.json"), error);
    assert_non_null(all);
    tables = json_incref(json_at(all, "tables"));
    json_decref(all);
    return tables;
}

static const json_t *row_of(const json_t *tables, const char *table, const char *key,
                            const char *value)
{
    size_t i;
    json_t *row;

    json_array_foreach(json_at(tables, table), i, row)
    {
        if (strcmp(json_text_at(row, key, ""), value) == 0)
            return row;
    }
    fail_msg("no %s in the table %s", value, table);
    return NULL;
}

static void assert_near(const json_t *row, const char *key, double expected)
{
    assert_float_equal(json_number_at(row, key, -1), expected, 1e-6 * (1 + expected));
}

static void test_tasks(void **state)
{
    json_t *tables;

    tasks_fixture_write(*state);
    tables = tables_of(*state);
    assert_int_equal(json_array_size(json_at(tables, "tasks")), 19);
    assert_int_equal(json_array_size(json_at(tables, "task_slopes")), 24);
    assert_int_equal(json_array_size(json_at(tables, "memory")), 0);
    free(read_in(*state, "tables/tasks.csv"));
    json_decref(tables);
}

/* A folder whose tasks are gone must not keep their tables. */
static void test_what_a_run_has_not_is_no_table(void **state)
{
    static const char *const tables_of_others[] = {"tasks",        "task_slopes", "twins",
                                                   "twins_memory", "cpu",         "mixed"};
    json_t *tables;

    tasks_fixture_write(*state);
    free(report_of(*state));
    fixture_write(*state, 200);
    tables = tables_of(*state);
    for (size_t i = 0; i < sizeof(tables_of_others) / sizeof(tables_of_others[0]); i++) {
        char path[64];

        snprintf(path, sizeof(path), "tables/%s.csv", tables_of_others[i]);
        assert_null(json_at(tables, tables_of_others[i]));
        assert_int_equal(access(path_in(*state, path), F_OK), -1);
    }
    json_decref(tables);
}

static void test_twins(void **state)
{
    const json_t *row;
    json_t *tables;

    twins_fixture_write(*state);
    tables = tables_of(*state);
    row = json_array_get(json_at(tables, "twins"), 3);
    assert_string_equal(json_text_at(row, "lane", ""), "python-threads");
    assert_string_equal(json_text_at(row, "language", ""), "python");
    assert_string_equal(json_text_at(row, "c_cell", ""), "threads-n1000-c1000-200ms");
    assert_string_equal(json_text_at(row, "verdict", ""), "slower");
    assert_true(json_number_at(row, "ratio_to_c", 0) > 6.5);
    row = json_array_get(json_at(tables, "twins_memory"), 1);
    assert_near(row, "virtual_bytes", 9e9);
    assert_near(row, "ratio_to_c", 85.0 / 42);
    json_decref(tables);
}

static void test_computing(void **state)
{
    const json_t *row;
    json_t *tables;

    computing_fixture_write(*state, 7);
    tables = tables_of(*state);
    row = row_of(tables, "cpu", "cell", "threads-c2");
    assert_string_equal(json_text_at(row, "against", ""), "sync-cpu");
    assert_near(row, "speed_up", 1300.0 / 660);
    assert_near(row, "efficiency", 650.0 / 660);
    row = row_of(tables, "mixed", "cell", "mixed-50-offload");
    assert_near(row, "cpu_share", 0.5);
    assert_near(row, "items_per_second", 200 / 10.25);
    assert_near(row, "heartbeat_p99_median_ns", 2e6);
    assert_string_equal(json_text_at(row, "verdict", ""), "faster");
    assert_string_equal(json_text_at(row, "longest_block", ""), "computing item 17");
    json_decref(tables);
}

/* A machine that computes faster than it was calibrated is believed, up to half. */
static void test_faster_than_calibrated(void **state)
{
    const char *sample =
        "{\"cell\": \"threads-c2\", \"round\": %d, \"wall_ns\": %d, \"valid\": true, "
        "\"problems\": [], \"lane\": {\"verified\": 64}}";
    const json_t *row;
    json_t *tables;
    char line[200];

    computing_fixture_write(*state, 7);
    for (int i = 0; i < 2; i++) {
        snprintf(line, sizeof(line), sample, 8 + i, 325000000 - i * 10000000); /* 320 are half */
        assert_int_equal(file_append_line(path_in(*state, "results.jsonl"), line), 0);
    }
    tables = tables_of(*state);
    row = row_of(tables, "cpu", "cell", "threads-c2");
    assert_near(row, "floor_ns", 640e6);
    assert_near(row, "executions", 9);
    assert_near(row, "valid", 8);
    json_decref(tables);
}

static void test_claims_by_language(void **state)
{
    const json_t *row;
    json_t *tables;
    size_t i, found = 0;

    twins_fixture_write(*state);
    tables = tables_of(*state);
    json_array_foreach(json_at(tables, "claims"), i, row)
    {
        if (strcmp(json_text_at(row, "id", ""), "threads-memory") != 0 ||
            strcmp(json_text_at(row, "language", ""), "python") != 0)
            continue;
        assert_string_equal(json_text_at(row, "verdict", ""), "not reproduced");
        assert_near(row, "measured", 85);
        assert_true(json_number_at(row, "stands", 0) == 1);
        found++;
    }
    assert_int_equal(found, 1);
    json_decref(tables);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, state_make_folder, state_remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_tasks),
        TEST(test_what_a_run_has_not_is_no_table),
        TEST(test_twins),
        TEST(test_computing),
        TEST(test_faster_than_calibrated),
        TEST(test_claims_by_language),
    };

    return cmocka_run_group_tests_name("report_tables", tests, NULL, NULL);
}
