/* The report's small parts: figures as text, Markdown and gnuplot texts from untrusted names,
 * labels and groups of cells, the records of requests. */
#include <errno.h>
#include <math.h>
#include <sys/stat.h>

#include "common/file.h"
#include "report/computing.h"
#include "report/format.h"
#include "report/groups.h"
#include "report/markdown.h"
#include "report/plots.h"
#include "report/records.h"
#include "tests/helpers.h"
#include "tests/run_fixture.h"

#define HEADER "id,worker,start_ns,connected_ns,first_byte_ns,end_ns,outcome\n"

/* Opens a stream whose text close_and_compare() checks. */
static char *written;
static size_t written_size;

static void close_and_compare(FILE *stream, const char *expected)
{
    fclose(stream);
    assert_string_equal(written, expected);
    free(written);
}

static void assert_format(void (*format)(FILE *, double), double value, const char *expected)
{
    FILE *stream = open_memstream(&written, &written_size);

    format(stream, value);
    close_and_compare(stream, expected);
}

static void assert_block_label(double bytes, const char *expected)
{
    const struct computing computing = {
        .work = WORK_CPU, .compute = "loop", .block_bytes = bytes, .workers = NAN, .loops = NAN};
    FILE *stream = open_memstream(&written, &written_size);

    computing_label(stream, &computing);
    close_and_compare(stream, expected);
}

static void test_blocks_are_said_where_they_are_not_the_default(void **state)
{
    (void)state;
    assert_block_label(NAN, "");
    assert_block_label(32, "");
    assert_block_label(1000, ", 1000-byte blocks");
    assert_block_label(65536, ", 64 KiB blocks");
}

static void test_figures(void **state)
{
    (void)state;
    assert_format(format_duration, 276e6, "276 ms");
    assert_format(format_duration, 20.06e9, "20.06 s");
    assert_format(format_duration, -3e6, "-3.00 ms");
    assert_format(format_duration, NAN, "–");
    assert_format(format_duration, INFINITY, "–");
    assert_format(format_duration, 1e300, "–");
    assert_format(format_bytes, 12.5e6, "12.5 MB");
    assert_format(format_count, 1000, "1000");
    assert_format(format_count, 10000, "10,000");
    assert_format(format_count, 1234567, "1,234,567");
    assert_format(format_count, -50000, "-50,000");
    assert_format(format_change, 0.414, "+41 %");
    assert_format(format_change, 0.0123, "+1.2 %");
    assert_format(format_change, -0.5, "-50 %");
    assert_format(format_ratio, 1.876, "1.88");
    assert_format(format_ratio, 20.31, "20.3");
    assert_format(format_ratio, 0.02136, "0.0214");
    assert_format(format_share, 0.0123, "1.2 %");
    assert_format(format_share, 0.5, "50 %");
    assert_format(format_rate, 47.61, "47.6");
    assert_format(format_rate, 12345, "12,345");
}

static void assert_short(double value, void (*format)(FILE *, double), const char *expected)
{
    FILE *stream = open_memstream(&written, &written_size);

    format_short(stream, value, format);
    close_and_compare(stream, expected);
}

static void test_short_figures(void **state)
{
    (void)state;
    assert_short(1e9, format_duration, "1 s");
    assert_short(1.5e9, format_duration, "1.5 s");
    assert_short(100e9, format_duration, "100 s");
    assert_short(200e6, format_duration, "200 ms");
    assert_short(10e6, format_bytes, "10 MB");
    assert_short(NAN, format_bytes, "–");
}

static void assert_markdown(const char *text, const char *expected)
{
    FILE *stream = open_memstream(&written, &written_size);

    markdown_text(stream, text);
    close_and_compare(stream, expected);
}

static void test_markdown(void **state)
{
    (void)state;
    assert_markdown("plain text 1.5-2", "plain text 1.5-2");
    assert_markdown("a|b", "a\\|b");
    assert_markdown("<b>&", "&lt;b&gt;&amp;");
    assert_markdown("`x` *y* _z_ [l](u)", "\\`x\\` \\*y\\* \\_z\\_ \\[l\\](u)");
    assert_markdown("http://x www.x a@b", "http&#58;//x &#119;ww.x a&#64;b");
    assert_markdown("one\ntwo\r\x01", "one two  ");
    assert_markdown(NULL, "–");
}

static void test_markdown_cuts_between_characters(void **state)
{
    char text[MARKDOWN_TEXT_MAX + 10];

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text + MARKDOWN_TEXT_MAX - 1, "äb", 4); /* the limit lies inside the first letter */
    assert_int_equal(format_cut(text, MARKDOWN_TEXT_MAX), MARKDOWN_TEXT_MAX - 1);
    text[MARKDOWN_TEXT_MAX] = '\0';
    assert_int_equal(format_cut(text, MARKDOWN_TEXT_MAX), MARKDOWN_TEXT_MAX);
}

static void test_plot_text(void **state)
{
    FILE *stream = open_memstream(&written, &written_size);

    (void)state;
    plot_text(stream, "10 threads, \"`rm`\" '$x' @y \\ {z}\n%s ä");
    close_and_compare(stream, "10 threads, ??rm?? ??x? ?y ? ?z???s ä");
}

static void test_log_tics(void **state)
{
    FILE *stream = open_memstream(&written, &written_size);

    (void)state;
    plot_log_tics(stream, "x", 0.15e9, 300e9, format_duration);
    close_and_compare(stream, "set xtics (\"1 s\" 1000000000, \"10 s\" 1e+10, \"100 s\" 1e+11)\n");
    stream = open_memstream(&written, &written_size);
    plot_log_tics(stream, "x", 4e6, 60e6, format_bytes);
    close_and_compare(stream, "set xtics (\"5 MB\" 5000000, \"10 MB\" 10000000, \"20 MB\" "
                              "20000000, \"50 MB\" 50000000)\n");
}

static void assert_label(const char *lane, double requests, double concurrency,
                         const char *expected)
{
    struct workload_cell cell = {
        .lane = lane, .model = model_of(lane, 0), .requests = requests, .concurrency = concurrency};
    char label[LABEL_SIZE];

    assert_string_equal(group_cell_label(&cell, label), expected);
}

static void test_labels(void **state)
{
    (void)state;
    assert_label("sync", 1000, 1, "sequential");
    assert_label("threads", 1000, 10, "10 threads");
    assert_label("threads", 10000, 10000, "10,000 threads");
    assert_label("procs", 1, 1, "1 process");
    assert_label("async", 1000, 1000, "event loop");
    assert_label("async", 1000, 64, "event loop, 64 at once");
    assert_label("go", 1000, 1000, "go, 1000 at once");
    assert_label("go", 1000, NAN, "go, – at once");
    assert_string_equal(model_lane_short("/opt/x/lane-go"), "go");
    assert_string_equal(model_lane_short("async"), "async");
}

static void test_groups(void **state)
{
    char *folder = folder_make(), error[512];
    struct run run;
    struct groups groups;

    (void)state;
    fixture_write(folder, 200);
    assert_int_equal(run_load(&run, folder, error), 0);
    assert_int_equal(groups_arrange(&groups, &run, WORK_IO), 0);
    assert_int_equal(groups.count, 3);
    assert_int_equal(groups.list[0].count, 4);
    assert_int_equal(groups.list[1].count, 7);
    assert_ptr_equal(groups.main, &groups.list[1]);
    assert_string_equal(groups.main->cells[0]->of.id, "async-n1000-c1000");
    assert_string_equal(groups.main->cells[6]->of.id, "sync-n1000-c1");
    groups_free(&groups);
    run_free(&run);
    folder_remove(folder);
}

static void write_records(const char *folder, const char *text)
{
    assert_int_equal(file_make_folder(path_in(folder, "records")), 0);
    fixture_put(folder, "records/a.csv", text);
}

static void test_records(void **state)
{
    struct records records;
    double in_flight[11], waiting[11];
    char *folder = folder_make();

    (void)state;
    write_records(folder, HEADER "1,1,2000000000,,9000000000,10000000000,ok\n"
                                 "0,0,0,1000000000,4000000000,5000000000,ok\n");
    assert_int_equal(records_load(&records, folder, "a"), 0);
    assert_int_equal(records.count, 2);
    assert_true(records.end == 10 && records.rows[0].start == 0);
    assert_true(records_first_answer(&records) == 4);
    assert_true(records_connected_after(&records, 1) == 1);
    assert_true(records_connected_after(&records, 2) == 2); /* reused: connected at its start */
    assert_true(isnan(records_connected_after(&records, 3)));
    records_in_flight(&records, 11, in_flight, waiting);
    assert_true(in_flight[0] == 1 && in_flight[2] == 2 && in_flight[5] == 1 && in_flight[10] == 0);
    assert_true(waiting[0] == 0 && waiting[1] == 1 && waiting[3] == 2 && waiting[9] == 0);
    records_free(&records);
    folder_remove(folder);
}

static void test_useless_records(void **state)
{
    static const char *const texts[] = {"",
                                        "id\n",
                                        HEADER,
                                        HEADER "0,0,5,,,4,ok\n",
                                        HEADER "0,0,0,0,0,0,ok\n",
                                        HEADER "a,b,c,d,e,f\n,,,\n"};
    struct records records;
    char *folder = folder_make();

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        write_records(folder, texts[i]);
        assert_int_equal(records_load(&records, folder, "a"), -EINVAL);
    }
    assert_int_equal(records_load(&records, folder, "b"), -ENOENT);
    folder_remove(folder);
}

static void test_names_of_records(void **state)
{
    static const char *const bad[] = {"", ".", "..", "../a", "a/b", ".a", "a b", "a\nb", "ä"};
    struct records records;
    char *folder = folder_make(), long_name[200];

    (void)state;
    write_records(folder, HEADER "0,0,0,1,2,3,ok\n");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(records_load(&records, folder, bad[i]), -EINVAL);
    memset(long_name, 'a', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    assert_int_equal(records_load(&records, folder, long_name), -EINVAL);
    assert_true(records_is_name("async-n1000-c1000-0.2s"));
    folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures),
        cmocka_unit_test(test_blocks_are_said_where_they_are_not_the_default),
        cmocka_unit_test(test_short_figures),
        cmocka_unit_test(test_markdown),
        cmocka_unit_test(test_markdown_cuts_between_characters),
        cmocka_unit_test(test_plot_text),
        cmocka_unit_test(test_log_tics),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_useless_records),
        cmocka_unit_test(test_names_of_records),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
