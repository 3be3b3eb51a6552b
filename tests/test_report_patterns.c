/* The report's section on the patterns: there where they were run, safe whatever the file holds. */
#include <unistd.h>

#include "common/file.h"
#include "tests/helpers.h"
#include "tests/run_fixture.h"

static char *report_with(const char *patterns, int status)
{
    char *folder = folder_make(), *text;
    struct finished finished;

    fixture_write(folder, 200);
    if (patterns != NULL)
        fixture_put(folder, "patterns.jsonl", patterns);
    finished = run("report", folder, NULL);
    if (finished.status != status)
        fail_msg("exit status %d: %s", finished.status, finished.err);
    assert_int_equal(access(path_in(folder, "plots/patterns.svg"), R_OK) == 0,
                     patterns != NULL && strstr(patterns, "_ns") != NULL);
    text = file_read(path_in(folder, "report.md"), 64UL << 20, NULL);
    assert_non_null(text);
    finished_free(&finished);
    folder_remove(folder);
    return text;
}

static void test_without(void **state)
{
    char *text = report_with(NULL, 0);

    (void)state;
    assert_null(strstr(text, "Patterns, mistakes"));
    free(text);
}

static void test_with(void **state)
{
    char *text = report_with(
        "{\"schema\":\"patterns.result/1\",\"pattern\":\"gather\",\"title\":\"Pattern 1\","
        "\"article\":\"all at once\",\"bars\":[[\"in turn\",20e9,\"in_turn_ns\"],"
        "[\"together\",25e7,\"gather_ns\"],[\"memory\",5e6,\"x_bytes\"],[\"failed\",7,\"failed\"]],"
        "\"checks\":[{\"text\":\"holds\",\"ok\":true},{\"text\":\"fails\",\"ok\":false}]}\n",
        0);

    (void)state;
    assert_non_null(strstr(text, "## Patterns, mistakes and practices"));
    assert_non_null(strstr(text, "in turn: 20.00 s; together: 250 ms; memory: 5.00 MB; failed: 7"));
    assert_non_null(strstr(text, "1 of 2; **not:** fails"));
    assert_non_null(strstr(text, "(plots/patterns.svg)"));
    free(text);
}

static void test_hostile(void **state)
{
    char *text = report_with(
        "{\"title\":\"<script>|`x`\",\"article\":7,\"bars\":[[\"\\\"; system('id') "
        "#\",1e9,\"a_ns\"],"
        "[],[1,2,3],{},[\"huge\",1e300,\"b_ns\"],[\"less\",-5,\"c_ns\"]],\"checks\":[7,{}]}\n"
        "{\"bars\":7,\"checks\":\"none\"}\n"
        "{}\n",
        0);

    (void)state;
    assert_null(strstr(text, "<script>"));
    assert_non_null(strstr(text, "0 of 2"));
    free(text);
}

static void test_broken_line(void **state)
{
    char *text = report_with("{\"title\":\"whole\"}\nthis is no JSON\n", 1);

    (void)state;
    assert_non_null(strstr(text, "| whole |"));
    assert_non_null(strstr(text, "patterns.jsonl, line 2"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without),
        cmocka_unit_test(test_with),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_broken_line),
    };

    return cmocka_run_group_tests_name("report_patterns", tests, NULL, NULL);
}
