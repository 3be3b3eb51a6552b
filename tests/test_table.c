/* The one table printer: Markdown, CSV, JSON, terminal. */
#include "report/dataset/dataset.h"
#include "report/table.h"
#include "tests/report_run.h"

static void check(struct dataset *dataset, const char *sql, enum table_style style,
                  const char *expected, int rows)
{
    struct error error;
    sqlite3_stmt *query = dataset_query(dataset, sql, &error);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(query);
    assert_int_equal(table_write(out, query, style), rows);
    fclose(out);
    assert_string_equal(text, expected);
    sqlite3_finalize(query);
    free(text);
}

static void test_markdown(void **state)
{
    check(*state, "SELECT 'a' \"Name\", 1.5 \"Size>\", NULL \"None\" UNION ALL SELECT 'b', 2, 'x'",
          TABLE_MARKDOWN, "| Name | Size | None |\n|---|--:|---|\n| a | 1.5 |  |\n| b | 2 | x |\n",
          2);
    check(*state, "SELECT 1 \"Name\" WHERE 0", TABLE_MARKDOWN, "| Name |\n|---|\n", 0);
}

static void test_csv_quotes_what_needs_it(void **state)
{
    check(*state,
          "SELECT 'a,b' x, 'say \"hi\"' y, 'two' || char(10) || 'lines' z, 'plain' p, NULL n, 7 i, "
          "0.1 r",
          TABLE_CSV, "x,y,z,p,n,i,r\r\n\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",plain,,7,0.1\r\n",
          1);
    check(*state, "SELECT 1 a, 2 b WHERE 0", TABLE_CSV, "a,b\r\n", 0);
}

/* A spreadsheet would run it. */
static void test_csv_has_no_formulas(void **state)
{
    check(*state, "SELECT '=1+1' a, '+x' b, '-x' c, '@x' d, char(9) || 'x' e, -7 f", TABLE_CSV,
          "a,b,c,d,e,f\r\n\"'=1+1\",\"'+x\",\"'-x\",\"'@x\",\"'\tx\",-7\r\n", 1);
}

static void test_csv_summaries_take_seven_columns(void **state)
{
    check(*state,
          "SELECT 1 n, summary(x) wall_ns FROM (SELECT column1 x FROM (VALUES (1), (2), (4.5))) "
          "UNION ALL SELECT 2, NULL",
          TABLE_CSV,
          "n,wall_count,wall_median_ns,wall_low_ns,wall_high_ns,wall_min_ns,wall_max_ns,"
          "wall_mad_ns\r\n1,3,2,,,1,4.5,1\r\n2,0,,,,,,\r\n",
          2);
    check(*state, "SELECT summary(1) peak", TABLE_CSV,
          "peak_count,peak_median,peak_low,peak_high,peak_min,peak_max,peak_mad\r\n"
          "1,1,,,1,1,0\r\n",
          1);
}

static void test_json(void **state)
{
    struct error error;
    sqlite3_stmt *query = dataset_query(
        *state, "SELECT 'a' x, 7.0 i, 0.5 r, 9e999 huge, NULL n, summary(3) size_bytes", &error);
    json_t *rows = table_json(query), *row = json_array_get(rows, 0);

    assert_int_equal(json_array_size(rows), 1);
    assert_string_equal(json_string_value(json_object_get(row, "x")), "a");
    assert_int_equal(json_integer_value(json_object_get(row, "i")), 7);
    assert_float_equal(json_real_value(json_object_get(row, "r")), 0.5, 0);
    assert_true(json_is_null(json_object_get(row, "huge")));
    assert_true(json_is_null(json_object_get(row, "n")));
    assert_int_equal(json_integer_value(json_object_get(row, "size_median_bytes")), 3);
    assert_true(json_is_null(json_object_get(row, "size_low_bytes")));
    json_decref(rows);
    sqlite3_finalize(query);
}

static void test_terminal_columns_stand_below_one_another(void **state)
{
    check(*state, "SELECT 'a' \"Name\", 1 \"Size>\" UNION ALL SELECT 'long name', 1000",
          TABLE_TERMINAL, "Name       Size\na             1\nlong name  1000\n", 2);
    check(*state, "SELECT 'x' || char(27) || '[2Jy' \"Name\"", TABLE_TERMINAL, "Name\nx\\x1b[2Jy\n",
          1);
    check(*state, "SELECT 'a' \"\", 1 \">\"", TABLE_TERMINAL, "a  1\n", 1); /* no names, no line */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_markdown),
        cmocka_unit_test(test_csv_quotes_what_needs_it),
        cmocka_unit_test(test_csv_has_no_formulas),
        cmocka_unit_test(test_csv_summaries_take_seven_columns),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_terminal_columns_stand_below_one_another),
    };

    return cmocka_run_group_tests_name("table", tests, state_open_dataset, state_close_dataset);
}
