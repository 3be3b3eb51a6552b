/* Units of common/: units, percentiles, statistics, files and JSON. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/helpers.h"

#include "common/clock.h"
#include "common/command_texts.h"
#include "common/error.h"
#include "common/count.h"
#include "common/file.h"
#include "common/json.h"
#include "common/percentile.h"
#include "common/stats.h"
#include "common/text_stream.h"
#include "common/units.h"

static void duration_is_read_with_its_unit(void **state)
{
    const struct {
        const char *text;
        uint64_t ns;
    } cases[] = {
        {"0", 0},
        {"200ms", 200000000},
        {"1.5s", 1500000000},
        {"50us", 50000},
        {"7ns", 7},
        {"2m", 120000000000},
        {"1h", 3600000000000},
        {"0.1ms", 100000},
        {"0.001s", 1000000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t ns = 1;

        assert_int_equal(units_parse_duration(cases[i].text, &ns), 0);
        assert_int_equal(ns, cases[i].ns);
    }
}

static void what_is_no_duration_is_refused(void **state)
{
    const char *const texts[] = {"",     "200",  "ms",   "-1s",   "+1s", " 1s",  "1 s",
                                 "1sec", "nans", "infs", "0x10s", "1e",  "1ms ", "1,5s"};
    uint64_t ns;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(units_parse_duration(texts[i], &ns), -EINVAL);
    assert_int_equal(units_parse_duration("1e30s", &ns), -ERANGE);
    assert_int_equal(units_parse_duration("9999999h", &ns), -ERANGE);
}

static void count_is_read_with_its_factor(void **state)
{
    uint64_t count;

    (void)state;
    assert_int_equal(units_parse_count("1000", &count), 0);
    assert_int_equal(count, 1000);
    assert_int_equal(units_parse_count("10k", &count), 0);
    assert_int_equal(count, 10000);
    assert_int_equal(units_parse_count("1.5k", &count), 0);
    assert_int_equal(count, 1500);
    assert_int_equal(units_parse_count("1M", &count), 0);
    assert_int_equal(count, 1000000);
    assert_int_equal(units_parse_count("1.5", &count), -EINVAL);
    assert_int_equal(units_parse_count("1.0001k", &count), -EINVAL);
    assert_int_equal(units_parse_count("-1", &count), -EINVAL);
    assert_int_equal(units_parse_count("10x", &count), -EINVAL);
    assert_int_equal(units_parse_count("99999999999999999999", &count), -ERANGE);
}

static void size_is_read_with_its_binary_factor(void **state)
{
    uint64_t bytes;

    (void)state;
    assert_int_equal(units_parse_size("32", &bytes), 0);
    assert_int_equal(bytes, 32);
    assert_int_equal(units_parse_size("64k", &bytes), 0);
    assert_int_equal(bytes, 65536);
    assert_int_equal(units_parse_size("2M", &bytes), 0);
    assert_int_equal(bytes, 2097152);
    assert_int_equal(units_parse_size("1G", &bytes), 0);
    assert_int_equal(bytes, 1073741824);
    assert_int_equal(units_parse_size("1.5k", &bytes), -EINVAL);
    assert_int_equal(units_parse_size("64K", &bytes), -EINVAL);
    assert_int_equal(units_parse_size("64 k", &bytes), -EINVAL);
    assert_int_equal(units_parse_size("-1", &bytes), -EINVAL);
    assert_int_equal(units_parse_size("", &bytes), -EINVAL);
    assert_int_equal(units_parse_size("99999G", &bytes), -ERANGE);
}

static void sizes_and_times_are_written_for_people(void **state)
{
    char text[UNITS_TEXT_SIZE];

    (void)state;
    assert_string_equal(units_format_duration(0, text), "0 ns");
    assert_string_equal(units_format_duration(203000000, text), "203 ms");
    assert_string_equal(units_format_duration(20060000000, text), "20.06 s");
    assert_string_equal(units_format_duration(200400000000, text), "200.4 s");
    assert_string_equal(units_format_duration(1500, text), "1.50 us");
    assert_string_equal(units_format_bytes(13200000, text), "13.2 MB");
    assert_string_equal(units_format_bytes(999, text), "999 bytes");
    assert_string_equal(units_format_bytes(1234, text), "1.23 KB");
    assert_string_equal(units_exact_duration(0, text), "0");
    assert_string_equal(units_exact_duration(1500000, text), "1500us");
    assert_string_equal(units_exact_duration(90000000000, text), "90s");
}

static void shares_are_above_0_and_at_most_the_whole(void **state)
{
    static const char *const wrong[] = {"0%", "-1%", "101%", "5", "%", "5%%", "nan%"};
    double share;

    (void)state;
    assert_int_equal(units_parse_share("0.5%", 1, &share), 0);
    assert_true(fabs(share - 0.005) < 1e-12);
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(units_parse_share(wrong[i], 1, &share), -EINVAL);
}

/* Nearest rank against its definition: the smallest value with at least that share at or below. */
static void percentile_is_the_nearest_rank(void **state)
{
    uint64_t values[101];

    (void)state;
    for (uint64_t count = 1; count <= 101; count++) {
        for (uint64_t i = 0; i < count; i++)
            values[i] = ((i * 103) % count) << 32;
        percentile_sort(values, count);
        for (unsigned per_mille = 1; per_mille <= 1000; per_mille++) {
            uint64_t expected = 0;

            while ((expected + 1) * 1000 < per_mille * count)
                expected++;
            assert_int_equal(percentile_of_sorted(values, count, per_mille) >> 32, expected);
        }
    }
}

static void summary_holds_min_median_max(void **state)
{
    const double samples[] = {3, 1, 10, 2};
    const double bad[] = {1, NAN};
    struct stats_summary summary;

    (void)state;
    assert_int_equal(stats_summarise(samples, NULL, 4, &summary), 0);
    assert_int_equal(summary.count, 4);
    assert_true(summary.min == 1 && summary.median == 2.5 && summary.max == 10);
    assert_true(samples[0] == 3);
    assert_int_equal(stats_summarise(samples, NULL, 0, &summary), -EINVAL);
    assert_int_equal(stats_summarise(bad, NULL, 2, &summary), -EINVAL);
}

static void file_is_replaced_whole(void **state)
{
    char *folder = folder_make();
    const char *path = path_in(folder, "file");
    size_t size;
    char *text;

    (void)state;
    assert_int_equal(file_replace(path, "first", 5), 0);
    assert_int_equal(file_replace(path, "2nd", 3), 0);
    text = file_read(path, 100, &size);
    assert_string_equal(text, "2nd");
    assert_int_equal(size, 3);
    free(text);
    assert_null(file_read(path, 2, &size));
    assert_int_equal(errno, EFBIG);
    assert_int_equal(mkfifo(path_in(folder, "pipe"), 0600), 0);
    assert_null(file_read(path_in(folder, "pipe"), 100, &size));
    assert_int_equal(errno, ENODEV);
    assert_int_equal(file_replace("/nowhere/at/all", "x", 1), -ENOENT);
    folder_remove(folder);
}

static void a_text_is_written_to_as_a_file(void **state)
{
    struct text_stream stream;
    char *text;
    size_t size;

    (void)state;
    text_stream_begin(&stream);
    assert_int_equal(text_stream_end(&stream, &text, &size), 0);
    assert_string_equal(text, "");
    free(text);
    text_stream_begin(&stream);
    for (int i = 0; i < 20000; i++)
        fprintf(stream.file, "%05d", i);
    assert_int_equal(text_stream_end(&stream, &text, &size), 0);
    assert_int_equal(size, 100000);
    assert_int_equal(strlen(text), size);
    assert_string_equal(text + size - 10, "1999819999");
    free(text);
}

/* More than there can be is asked for, as if it had grown to that. */
static void a_text_that_finds_no_room_is_none(void **state)
{
    struct text_stream stream;
    char *text;

    (void)state;
    if (SANITIZED) /* whose realloc() ends the program */
        skip();
    text_stream_begin(&stream);
    fputs("lost", stream.file);
    stream.size = SIZE_MAX / 8;
    assert_int_equal(text_stream_end(&stream, &text, NULL), -ENOMEM);
    assert_null(text);
}

static void json_error_names_file_and_line(void **state)
{
    char *folder = folder_make(), error[JSON_ERROR_SIZE];
    const char *path = path_in(folder, "plan.json");

    (void)state;
    assert_int_equal(file_replace(path, "{\n  \"a\": 1,\n  b\n}\n", 18), 0);
    assert_null(json_file_load(path, error));
    assert_non_null(strstr(error, "plan.json:3:"));
    assert_int_equal(file_replace(path, "\xEF\xBB\xBF{}\n", 6), 0);
    assert_null(json_file_load(path, error));
    assert_non_null(strstr(error, "plan.json:1:1: begins with a byte order mark; save it as"));
    assert_null(json_file_load(path_in(folder, "none"), error));
    assert_non_null(strstr(error, "No such file"));
    folder_remove(folder);
}

/* The text `count` times, and what closes it. */
static json_t *load_nested(const char *open, const char *close, int count)
{
    char *text = calloc(1, 4096), *end = text;
    json_t *value;

    for (int i = 0; i < count; i++)
        end += sprintf(end, "%s", open);
    end += sprintf(end, "1");
    for (int i = 0; i < count; i++)
        end += sprintf(end, "%s", close);
    value = json_text_load(text, (size_t)(end - text), 0);
    free(text);
    return value;
}

static void expect_loaded(json_t *value, bool loaded)
{
    assert_int_equal(value != NULL, loaded);
    json_decref(value);
}

static void json_from_the_network_must_be_shallow(void **state)
{
    (void)state;
    expect_loaded(load_nested("[", "]", JSON_DEPTH_MAX), true);
    expect_loaded(load_nested("[", "]", JSON_DEPTH_MAX + 1), false);
    expect_loaded(load_nested("{\"a\":", "}", JSON_DEPTH_MAX), true);
    expect_loaded(load_nested("{\"a\":", "}", JSON_DEPTH_MAX + 1), false);
    expect_loaded(load_nested("[[],{},\"[[{\\\"[\",", "]", JSON_DEPTH_MAX - 1), true);
    expect_loaded(json_text_load("", 0, 0), false);
    expect_loaded(json_text_load("]]]", 3, 0), false);
    expect_loaded(json_text_load("[\"\\", 3, 0), false);
}

static void json_lines_survive_a_cut_last_line(void **state)
{
    char *folder = folder_make(), error[JSON_ERROR_SIZE];
    const char *path = path_in(folder, "lines");
    json_t *row = json_pack("{s:{s:i}}", "a", "b", 7), *rows;

    (void)state;
    assert_int_equal(json_line_append(path, row), 0);
    assert_int_equal(json_line_append(path, row), 0);
    rows = json_lines_load(path, error);
    assert_int_equal(json_array_size(rows), 2);
    assert_true(json_number_at(json_array_get(rows, 1), "a.b", 0) == 7);
    assert_true(json_number_at(json_array_get(rows, 1), "a.c", -1) == -1);
    assert_string_equal(json_text_at(row, "a.b", "none"), "none");
    json_decref(rows);
    assert_int_equal(file_replace(path, "{\"a\":1}\n{\"a\":", 13), 0);
    rows = json_lines_load(path, error);
    assert_int_equal(json_array_size(rows), 1);
    json_decref(rows);
    assert_int_equal(file_replace(path, "{\"a\":\n{}\n", 9), 0);
    assert_null(json_lines_load(path, error));
    assert_non_null(strstr(error, "lines:1:"));
    json_decref(row);
    folder_remove(folder);
}

static void utc_and_monotonic_clocks_run(void **state)
{
    char text[CLOCK_UTC_SIZE];
    uint64_t before = clock_ns();

    (void)state;
    clock_utc(text);
    assert_int_equal(strlen(text), strlen("2026-11-22T19:45:41.123Z"));
    clock_sleep_until(before + 2 * NS_PER_MS);
    assert_true(clock_ns() >= before + 2 * NS_PER_MS);
}

/* A disk that is full in the middle of a line: nothing of it stays, and the next one is whole. */
static void a_line_is_appended_whole_or_not(void **state)
{
    struct rlimit before, small = {.rlim_cur = 100};
    char *folder = folder_make(), line[81], *text;
    const char *path = path_in(folder, "lines");

    (void)state;
    memset(line, 'a', 80);
    line[80] = '\0';
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(file_append_line(path, line), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(file_append_line(path, line), -EFBIG);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    text = file_read(path, 1000, NULL);
    assert_int_equal(strlen(text), 81);
    free(text);
    folder_remove(folder);
}

static void what_the_user_named_is_written_to(void **state)
{
    char *folder = folder_make();
    const char *path = path_in(folder, "null");

    (void)state;
    make_null_device(path);
    assert_int_equal(file_write(path, "x", 1), 0);
    assert_true(is_device(path));
    folder_remove(folder);
}

static void a_message_moves_no_cursor(void **state)
{
    char text[] = "\x1b[31mred\r\n\x7f \xc2\x9b é";

    (void)state;
    error_make_plain(text);
    assert_string_equal(text, " [31mred       é");
}

/* Neither what stands at the name nor what stands at that of the temporary file. */
static void nothing_is_written_through(void **state)
{
    char *folder = folder_make(), *mine = strdup(path_in(folder, "mine")), temporary[64], *text;
    char *path = strdup(path_in(folder, "file"));

    (void)state;
    assert_int_equal(file_replace(mine, "untouched", 9), 0);
    snprintf(temporary, sizeof(temporary), "file.%d.tmp", (int)getpid());
    for (int pipe = 0; pipe <= 1; pipe++) {
        unlink(path);
        assert_int_equal(pipe ? mkfifo(path, 0600) : symlink("mine", path), 0);
        assert_int_equal(symlink("mine", path_in(folder, temporary)), 0);
        assert_int_equal(file_replace(path, "new", 3), 0);
        text = read_in(folder, "file");
        assert_string_equal(text, "new");
        free(text);
        text = read_in(folder, "mine");
        assert_string_equal(text, "untouched");
        free(text);
    }
    free(mine);
    free(path);
    folder_remove(folder);
}

static void a_folder_behind_a_link_is_not_opened(void **state)
{
    char *folder = folder_make(), *path = strdup(path_in(folder, "a/b"));
    int fd = file_open_folder(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(file_replace_at(fd, "c", "text", 4), 0);
    free(read_in(folder, "a/b/c"));
    close(fd);
    assert_int_equal(symlink("b", path_in(folder, "a/link")), 0);
    assert_int_equal(file_open_folder(path_in(folder, "a/link")), -ENOTDIR);
    free(path);
    folder_remove(folder);
}

static void help_that_no_text_names_is_kept(void **state)
{
    struct option_row rows[] = {
        {.kind = OPTION_GROUP, .help = "A heading of its own:"},
        {"named", .kind = OPTION_GROUP, .help = "A draft:"},
        {"silent", .kind = OPTION_FLAG},
    };
    json_t *said = json_pack("{s:{s:s}}", "named", "help", "Named:");

    (void)state;
    command_texts_of_rows(rows, 3, said);
    assert_string_equal(rows[0].help, "A heading of its own:");
    assert_string_equal(rows[1].help, "Named:");
    assert_string_equal(rows[2].help, "");
    json_decref(said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_appended_whole_or_not),
        cmocka_unit_test(a_message_moves_no_cursor),
        cmocka_unit_test(what_the_user_named_is_written_to),
        cmocka_unit_test(nothing_is_written_through),
        cmocka_unit_test(a_folder_behind_a_link_is_not_opened),
        cmocka_unit_test(duration_is_read_with_its_unit),
        cmocka_unit_test(what_is_no_duration_is_refused),
        cmocka_unit_test(count_is_read_with_its_factor),
        cmocka_unit_test(size_is_read_with_its_binary_factor),
        cmocka_unit_test(sizes_and_times_are_written_for_people),
        cmocka_unit_test(shares_are_above_0_and_at_most_the_whole),
        cmocka_unit_test(percentile_is_the_nearest_rank),
        cmocka_unit_test(summary_holds_min_median_max),
        cmocka_unit_test(file_is_replaced_whole),
        cmocka_unit_test(a_text_is_written_to_as_a_file),
        cmocka_unit_test(a_text_that_finds_no_room_is_none),
        cmocka_unit_test(help_that_no_text_names_is_kept),
        cmocka_unit_test(json_error_names_file_and_line),
        cmocka_unit_test(json_from_the_network_must_be_shallow),
        cmocka_unit_test(json_lines_survive_a_cut_last_line),
        cmocka_unit_test(utc_and_monotonic_clocks_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
