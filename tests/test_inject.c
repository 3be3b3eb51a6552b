/* Programs of which one call fails (tests/inject): what the machine refuses is told, and what is
 * written is whole and on the disk. tests/inject/run tries all programs and calls; here are the
 * kinds of failure that were found so, and what only a count of calls shows. */
#include <glob.h>

#include "common/file.h"
#include "common/json.h"
#include "common/path.h"
#include "tests/lane_run.h"

/* As in inject.c. */
struct calls {
    uint64_t count, failed;
    char crashed[64];
};

/* Runs the program with the call `at` of the family failing (0: none), in all that is called
 * `name`. */
static struct calls inject(const char *folder, const char *name, const char *family, unsigned at,
                           const char *const argv[], struct finished *finished)
{
    const struct calls none = {0};
    struct calls calls;
    char number[16], state[PATH_MAX], *text, *real = realpath(program("inject.so"), NULL);
    size_t size;

    assert_non_null(real);
    path_join(state, folder, "state");
    snprintf(number, sizeof(number), "%u", at);
    assert_int_equal(file_write(state, &none, sizeof(none)), 0);
    setenv("INJECT_PROGRAM", name, 1);
    setenv("INJECT_FAMILY", family, 1);
    setenv("INJECT_AT", number, 1);
    setenv("INJECT_STATE", state, 1);
    setenv("LD_PRELOAD", real, 1);
    *finished = run_argv(argv);
    unsetenv("LD_PRELOAD");
    text = file_read(state, sizeof(calls), &size);
    assert_int_equal(size, sizeof(calls));
    memcpy(&calls, text, sizeof(calls));
    free(text);
    free(real);
    return calls;
}

/* A lane with 5 requests, which writes a result and records into the folder. */
static struct calls inject_lane(const char *folder, const struct server *server, const char *family,
                                unsigned at, struct finished *finished)
{
    char result[PATH_MAX], records[PATH_MAX];
    const char *const argv[] = {
        program("lane-sync"),  "-n", "5", "-o", result, "--records", records,
        users_url(server, ""), NULL};

    path_join(result, folder, "result");
    path_join(records, folder, "records");
    return inject(folder, "lane-sync", family, at, argv, finished);
}

static void what_is_stored_is_flushed_to_the_disk(void **state)
{
    struct server server = server_start("--latency", "1ms", NULL);
    struct finished finished;
    struct calls calls = inject_lane(*state, &server, "fsync", 0, &finished);

    assert_int_equal(finished.status, 0);
    assert_int_equal(calls.count, 2);
    finished_free(&finished);
    for (unsigned at = 1; at <= 2; at++) {
        calls = inject_lane(*state, &server, "fsync", at, &finished);
        assert_int_equal(calls.failed, 1);
        assert_int_equal(finished.status, 1);
        assert_non_null(strstr(finished.err, "Input/output error"));
        finished_free(&finished);
    }
    server_stop(&server);
}

static void what_cannot_be_renamed_leaves_nothing(void **state)
{
    struct server server = server_start("--latency", "1ms", NULL);
    struct finished finished;
    struct calls calls = inject_lane(*state, &server, "rename", 1, &finished);
    glob_t left = {0};
    char *records;

    assert_int_equal(calls.failed, 1);
    assert_int_equal(finished.status, 1);
    assert_non_null(strstr(finished.err, "No space left on device"));
    records = read_in(*state, "records");
    assert_string_equal(records, ""); /* as the lane has found it, or made it to see that it may */
    free(records);
    assert_int_equal(glob(path_in(*state, "*.tmp"), 0, NULL, &left), GLOB_NOMATCH);
    finished_free(&finished);
    server_stop(&server);
}

/* Whatever is lost last, while the result becomes a text: jansson does not tell of all that. */
static void results_are_whole_or_none(void **state)
{
    struct server server = server_start("--latency", "1ms", NULL);
    struct finished finished;
    struct calls calls = inject_lane(*state, &server, "malloc", 0, &finished);
    unsigned count = (unsigned)calls.count;

    finished_free(&finished);
    for (unsigned at = count - 80; at <= count; at++) {
        json_t *lines;
        char error[JSON_ERROR_SIZE];

        assert_int_equal(file_write(path_in(*state, "result"), "", 0), 0);
        calls = inject_lane(*state, &server, "malloc", at, &finished);
        lines = json_lines_load(path_in(*state, "result"), error);
        assert_non_null(lines);
        assert_true(json_array_size(lines) == 1 || finished.status != 0);
        json_decref(lines);
        finished_free(&finished);
    }
    server_stop(&server);
}

/* What tests/inject/run finds for these scenarios and families; of many calls only some are tried.
 */
static void expect_to_hold(const char *only, const char *most)
{
    const char *build = getenv("BUILD");
    const char *const argv[] = {
        "tests/inject/run", build != NULL ? build : "build", "--only", only, "--most", most, NULL};
    struct finished finished = run_argv(argv);

    if (finished.status != 0)
        print_error("%s%s", finished.out, finished.err);
    assert_int_equal(finished.status, 0);
    finished_free(&finished);
}

/* A figure, a line or a table that is missing would be a lie. */
static void readers_without_memory_end(void **state)
{
    (void)state;
    expect_to_hold("^bench show (malloc|calloc|realloc)", "40");
}

static void choose_without_memory_ends(void **state)
{
    (void)state;
    expect_to_hold("^choose (malloc|calloc|realloc)", "40");
}

static void no_table_is_left_out_without_memory(void **state)
{
    (void)state;
    expect_to_hold("^report calloc", "150");
}

/* Records that cannot be read are told. */
static void reports_say_what_they_could_not_read(void **state)
{
    (void)state;
    expect_to_hold("^report (read|open)", "30");
}

static void servers_in_want_go_on_or_say_why(void **state)
{
    (void)state;
    expect_to_hold("^mockserver -w 2 (malloc|calloc|read|open|fork|descriptor|send)", "30");
}

/* All records, or none and a word. */
static void lanes_without_memory_lose_no_record(void **state)
{
    (void)state;
    expect_to_hold("^lane-sync (malloc|realloc)", "40");
}

/* Where libcurl has no memory, what waits there is asked for again. */
static void loops_without_memory_end(void **state)
{
    (void)state;
    expect_to_hold("^lane-(async|co) malloc", "120");
}

static void runs_say_which_records_they_have_lost(void **state)
{
    (void)state;
    expect_to_hold("^bench run rename", "20");
}

/* Nobody waits for a keeper that could not begin, or has lost its word. */
static void keepers_that_fail_are_noticed(void **state)
{
    (void)state;
    expect_to_hold("^bench run (descriptor|send)", "16");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_stored_is_flushed_to_the_disk, state_make_folder,
                                        state_remove_folder),
        cmocka_unit_test_setup_teardown(what_cannot_be_renamed_leaves_nothing, state_make_folder,
                                        state_remove_folder),
        cmocka_unit_test_setup_teardown(results_are_whole_or_none, state_make_folder,
                                        state_remove_folder),
        cmocka_unit_test(readers_without_memory_end),
        cmocka_unit_test(choose_without_memory_ends),
        cmocka_unit_test(no_table_is_left_out_without_memory),
        cmocka_unit_test(reports_say_what_they_could_not_read),
        cmocka_unit_test(servers_in_want_go_on_or_say_why),
        cmocka_unit_test(lanes_without_memory_lose_no_record),
        cmocka_unit_test(loops_without_memory_end),
        cmocka_unit_test(runs_say_which_records_they_have_lost),
        cmocka_unit_test(keepers_that_fail_are_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
