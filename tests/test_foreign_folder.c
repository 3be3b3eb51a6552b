/* A run folder from somebody else: nothing that it names is run unasked, and nothing outside of it
 * is written, whatever it holds. */
#include "tests/attack.h"
#include "tests/place.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "common/file.h"
#include "common/json.h"

/* A lane that leaves a mark beside it whenever it is run. */
#define MARKING "touch \"${0%/*}/mark\"; " REAL_THREADS

static void set_status(const struct place *place, const char *status, const char *plan_name)
{
    json_t *document = load(place, "run.json");

    json_object_set_new(document, "status", json_string(status));
    json_object_set_new(json_object_get(document, "plan"), "name", json_string(plan_name));
    assert_int_equal(json_file_write(path_in(only_run(place), "run.json"), document), 0);
    json_decref(document);
}

/* A run that lacks its executions. */
static struct place interrupted_run(const char *plan_name)
{
    struct place place =
        make_place(PLAN("\"rounds\": 1, " LANE_X "\"cells\": [{\"lane\": \"x\", \"requests\": 5, "
                        "\"concurrency\": 5, \"latency\": \"20ms\"}]"));
    struct finished finished;

    add_lane(&place, "x", MARKING);
    finished = expect_run(&place, 0);
    finished_free(&finished);
    set_status(&place, "interrupted", plan_name);
    assert_int_equal(truncate(path_in(only_run(&place), "results.jsonl"), 0), 0);
    assert_int_equal(unlink(path_in(place.folder, "mark")), 0);
    return place;
}

static void expect_finished(struct finished finished, int status, const char *said)
{
    if (finished.status != status)
        fail_msg("status %d: %s%s", finished.status, finished.out, finished.err);
    expect_text(finished.err, said);
    finished_free(&finished);
}

static void expect_resumed(const struct place *place, bool trust, int status, const char *said)
{
    expect_finished(
        run("bench", "resume", trust ? "--trust" : "--quiet", "--no-report", only_run(place), NULL),
        status, said);
}

/* Not even where it calls itself like a plan of the suite. */
static void what_a_folder_names_is_not_run_unasked(void **state)
{
    static const char *const names[] = {"tiny", "quick"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct place place = interrupted_run(names[i]);

        attack_try("folders of others", "a lane of its own", names[i]);
        expect_resumed(&place, false, 2, "where you trust it: bench resume --trust");
        assert_int_not_equal(access(path_in(place.folder, "mark"), F_OK), 0);
        if (i == 0) {
            expect_resumed(&place, true, 0, "");
            assert_int_equal(access(path_in(place.folder, "mark"), F_OK), 0);
        }
        attack_held("folders of others", "a lane of its own", names[i]);
        remove_place(&place);
    }
}

static void what_would_run_is_shown(void **state)
{
    struct place place = interrupted_run("tiny");

    (void)state;
    expect_resumed(&place, false, 2, "bench: server: [\"mockserver\"]");
    expect_resumed(&place, false, 2, "/../../x\"");
    remove_place(&place);
}

/* Sets `value` at a path of the plan in run.json. */
static void set_in_plan(const struct place *place, const char *path, const char *key,
                        const char *value)
{
    json_t *document = load(place, "run.json"), *of = json_object_get(document, "plan");
    json_error_t error;

    if (path != NULL)
        of = json_array_get(json_object_get(of, path), 0);
    assert_int_equal(json_object_set_new(of, key, json_loads(value, 0, &error)), 0);
    assert_int_equal(json_file_write(path_in(only_run(place), "run.json"), document), 0);
    json_decref(document);
}

/* None of it is cut off, and no option that is not of requests hides among theirs. */
static void what_lanes_would_be_told_is_shown(void **state)
{
    struct place place = interrupted_run("tiny");
    char arguments[1400];

    (void)state;
    attack_try("folders of others", "options of its own", "run.json");
    snprintf(arguments, sizeof(arguments), "[\"--limit\", \"%01000d\", \"--records=/x\"]", 0);
    set_in_plan(&place, "cells", "args", arguments);
    set_in_plan(&place, NULL, "server",
                "{\"url\": \"http://h/{id}\", \"request\": [\"--method\", \"DELETE\"]}");
    expect_resumed(&place, false, 2, "bench: requests: [\"with\", [\"--method\", \"DELETE\"]]");
    expect_resumed(&place, false, 2, "0\", \"--records=/x\"]]");
    set_in_plan(&place, NULL, "server",
                "{\"url\": \"http://h/{id}\", \"request\": [\"--records\", \"/x\"]}");
    expect_resumed(&place, true, 2, "request[0]: must be a list of the options --verify,");
    attack_held("folders of others", "options of its own", "run.json");
    remove_place(&place);
}

/* When to interrupt. The first line comes after the warm-ups, which take a minute in `quick`. */
#define IT_RUNS "grep -qs '\"status\": *\"running\"' \"$1\"/*/run.json"
#define A_LINE  "[ -s \"$1\"/*/results.jsonl ]"

#define INTERRUPT_WHERE                                                                            \
    "\"$0\"/bench $2 --quiet --no-report --results \"$1\" & "                                      \
    "while kill -0 $! 2>/dev/null && ! eval \"$3\"; do sleep 0.1; done; kill -INT $!; wait $!"

static void expect_interrupted(const struct place *place, const char *command, const char *where)
{
    const char *const words[] = {"bash",         "-mc",   INTERRUPT_WHERE, place->build,
                                 place->results, command, where,           NULL};
    struct finished finished = run_argv(words);

    if (finished.status != 130)
        fail_msg("status %d: %s%s", finished.status, finished.out, finished.err);
    finished_free(&finished);
}

/* But not where the server would be another one. */
static void plans_of_the_suite_go_on(void **state)
{
    struct place place = make_place(PLAN("\"cells\": []"));
    json_t *document;

    (void)state;
    expect_interrupted(&place, "run quick", IT_RUNS);
    expect_interrupted(&place, "resume", IT_RUNS);
    document = load(&place, "run.json");
    json_object_set_new(json_object_get(document, "settings"), "server_url",
                        json_string("http://127.0.0.1:9/{id}"));
    assert_int_equal(json_file_write(path_in(only_run(&place), "run.json"), document), 0);
    json_decref(document);
    attack_try("folders of others", "another server", "quick");
    expect_resumed(&place, false, 2, "http://127.0.0.1:9/{id}");
    attack_held("folders of others", "another server", "quick");
    remove_place(&place);
}

/* A run without a plan of its own file has nobody else's program in it either. */
static void cells_of_the_command_line_run_and_go_on(void **state)
{
    struct place place = make_place(PLAN("\"cells\": []"));
    json_t *samples;

    (void)state;
    expect_interrupted(&place, "run --lane threads --lane async -n 40 -c 10 --latency 50ms",
                       A_LINE);
    expect_finished(run("bench", "resume", "--no-report", only_run(&place), NULL), 0, "");
    samples = load(&place, "results.jsonl");
    assert_int_equal(json_array_size(samples), 20);
    assert_string_equal(json_text_at(json_array_get(samples, 0), "cell", "") +
                            strcspn(json_text_at(json_array_get(samples, 0), "cell", ""), "-"),
                        "-n40-c10-50ms");
    json_decref(samples);
    expect_finished(run("bench", "run", "--lane", "nope", "-n", "4", "--latency", "1ms", NULL), 2,
                    "cells[0].lane[0]: must be the name of a lane: sync threads");
    expect_finished(run("bench", "run", "quick", "-n", "4", NULL), 2, "take the place of the plan");
    remove_place(&place);
}

static void nothing_is_read_or_written_through_links(void **state)
{
    static const char *const names[] = {"results.jsonl", "memory.jsonl", "run.json",
                                        "records",       "plots",        "other"};

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        struct place place = interrupted_run("tiny");
        char *mine = strdup(path_in(place.folder, "mine")), *at, *text;

        attack_try("folders of others", i < 4 ? "a link" : "a pipe", names[i]);
        assert_int_equal(file_replace(mine, "one line\nand a half", 19), 0);
        at = strdup(path_in(only_run(&place), names[i]));
        unlink(at);
        if (i == 3)
            folder_remove(strdup(at));
        assert_int_equal(i < 4 ? symlink(mine, at) : mkfifo(at, 0600), 0);
        expect_resumed(&place, true, 2, "is no file and no folder: take it away");
        text = file_read(mine, 100, NULL);
        assert_string_equal(text, "one line\nand a half");
        attack_held("folders of others", i < 4 ? "a link" : "a pipe", names[i]);
        free(text);
        free(mine);
        free(at);
        remove_place(&place);
    }
}

/* Changes the lines of a complete run by a command of the shell; the report says what is wrong. */
static void expect_fault(const struct place *place, const char *command, const char *fault)
{
    const char *const words[] = {"sh", "-c", command, only_run(place), NULL};
    struct finished finished = run_argv(words);

    attack_try("folders that were edited", command, "");
    if (finished.status != 0)
        fail_msg("%s: %s", command, finished.err);
    finished_free(&finished);
    finished = run("report", only_run(place), NULL);
    assert_int_equal(finished.status, 1);
    expect_text(finished.err, fault);
    attack_held("folders that were edited", command, "");
    finished_free(&finished);
}

/* Neither the loss of a line nor a copy of one goes without a word. */
static void changed_lines_are_told(void **state)
{
    struct place place =
        make_place(PLAN("\"rounds\": 3, \"cells\": [{\"lane\": \"threads\", \"requests\": 5, "
                        "\"concurrency\": 5, \"latency\": \"20ms\"}]"));
    struct finished finished = expect_run(&place, 0);

    (void)state;
    finished_free(&finished);
    expect_fault(&place, "cd $0 && cp results.jsonl whole && sed -i 2d results.jsonl",
                 "results.jsonl has 2 lines, and had 3 at the end of the run");
    expect_fault(&place, "cd $0 && (cat whole; sed -n 1p whole) > results.jsonl",
                 "results.jsonl has 4 lines, and had 3 at the end of the run");
    expect_fault(&place, "cd $0 && sed '2s/\"round\"/\"r\\x00und\"/' whole > results.jsonl",
                 "results.jsonl, line 2: ");
    remove_place(&place);
}

static void text_does_not_change_its_order(void **state)
{
    char text[] = "a\u202Eb\u2066c\u200Fd\u061Ce\u00E9\u2014f";

    (void)state;
    error_make_plain(text);
    assert_string_equal(text, "a   b   c   d  e\u00E9\u2014f");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_a_folder_names_is_not_run_unasked, end_leftovers),
        cmocka_unit_test_teardown(what_would_run_is_shown, end_leftovers),
        cmocka_unit_test_teardown(what_lanes_would_be_told_is_shown, end_leftovers),
        cmocka_unit_test_teardown(plans_of_the_suite_go_on, end_leftovers),
        cmocka_unit_test_teardown(cells_of_the_command_line_run_and_go_on, end_leftovers),
        cmocka_unit_test_teardown(nothing_is_read_or_written_through_links, end_leftovers),
        cmocka_unit_test_teardown(changed_lines_are_told, end_leftovers),
        cmocka_unit_test(text_does_not_change_its_order),
    };

    unsetenv("TEST_LINES"); /* what is edited here is not as the schemas say */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
