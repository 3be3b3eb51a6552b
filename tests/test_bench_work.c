/* `bench` with cells that compute or sleep, with lanes in languages that are not installed, and
 * with cells that may fail. */
#include "tests/place.h"

#include <stdbool.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/json.h"
#include "common/process/proctree.h"

/* A lane in a script: takes its options, and writes the result of $n tasks. */
#define OPTIONS                                                                                    \
    "while [ $# -gt 0 ]; do case $1 in -n) n=$2;; --ready) ready=$2;; --output) output=$2;; "      \
    "--rounds) rounds=$2;; --digest) digest=$2;; esac; shift; done\n"
#define RESULT(work, verified)                                                                     \
    "echo '{\"schema\": \"lane.result/1\", \"workload\": {\"requests\": '$n', \"work\": \"" work   \
    "\", \"rounds\": '${rounds:-null}', \"digest\": \"'$digest'\"}, \"verified\": " verified       \
    ", \"outcomes\": {\"ok\": '$n', " NO_FAILURES "}, " RESULT_REST "}' >> $output\n"
#define DIGEST_OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define READY             "[ -n \"$ready\" ] && : > $ready\n"

#define SLEEP_PLAN_OF(hold)                                                                        \
    PLAN(LANE_X "\"cells\": [], \"memory\": {\"hold\": \"" hold                                    \
                "\", \"cells\": [{\"lane\": \"x\", "                                               \
                "\"work\": \"sleep\", \"requests\": 50}]}")
#define SLEEP_PLAN SLEEP_PLAN_OF("4s")

static void sleeping_tasks_are_measured(void **state)
{
    struct place place = make_place(SLEEP_PLAN);
    struct finished finished;
    json_t *passes, *pass, *document;

    (void)state;
    add_lane(&place, "x", OPTIONS "sleep 4 &\n" READY "wait\n" RESULT("sleep", "'$n'"));
    finished = expect_run(&place, 0);
    expect_text(finished.err, "in flight 50/50");
    passes = load(&place, "memory.jsonl");
    assert_int_equal(json_array_size(passes), 1);
    pass = json_array_get(passes, 0);
    assert_string_equal(json_text_at(pass, "cell", ""), "x-n50-c50-memory-sleep");
    assert_true(json_is_true(json_object_get(pass, "confirmed")));
    assert_int_equal(json_number_at(pass, "in_flight", 0), 50);
    assert_int_equal(json_number_at(pass, "processes", 0), 2);
    assert_true(json_is_null(json_object_get(pass, "server")));
    assert_int_equal(json_array_size(json_object_get(pass, "problems")), 0);
    assert_int_not_equal(access(path_in(only_run(&place), "ready"), F_OK), 0);
    document = load(&place, "run.json");
    pass = json_array_get(json_object_get(document, "memory_cells"), 0);
    assert_string_equal(json_text_at(pass, "work", ""), "sleep");
    json_decref(document);
    json_decref(passes);
    finished_free(&finished);
    remove_place(&place);
}

static void expect_sleep_refused(const char *plan, const char *script, const char *problem,
                                 bool confirmed)
{
    struct place place = make_place(plan);
    struct finished finished;
    json_t *passes, *pass;

    add_lane(&place, "x", script);
    finished = expect_run(&place, 1);
    passes = load(&place, "memory.jsonl");
    pass = json_array_get(passes, 0);
    assert_int_equal(json_is_true(json_object_get(pass, "confirmed")), confirmed);
    expect_problem(pass, problem);
    json_decref(passes);
    finished_free(&finished);
    remove_place(&place);
}

static void tasks_that_do_not_sleep_are_not_counted(void **state)
{
    (void)state;
    expect_sleep_refused(SLEEP_PLAN, OPTIONS "sleep 1\n" RESULT("sleep", "'$n'"),
                         "it was not said that all 50 tasks sleep", false);
    /* The first may have ended when the last began, however long they are held. */
    expect_sleep_refused(SLEEP_PLAN_OF("500ms"),
                         OPTIONS "[ -n \"$ready\" ] && sleep 2.2\n" READY
                                 "sleep 0.5\n" RESULT("sleep", "'$n'"),
                         "it was not said that all 50 tasks sleep", false);
    expect_sleep_refused(SLEEP_PLAN, OPTIONS READY "sleep 2\n" RESULT("sleep", "49"),
                         "49 of 50 tasks were verified", false);
    expect_sleep_refused(SLEEP_PLAN, OPTIONS READY "sleep 2\n" RESULT("io", "'$n'"),
                         "work \"io\" instead of \"sleep\"", true);
}

#define GO     "\"model\": \"threads\", \"language\": \"go\", \"packages\": "
#define LANE_A "\"a\": {\"path\": \"a\", " GO "[\"golang-go\"]}, "
#define LANE_B "\"b\": {\"path\": \"b\", " GO "[\"python3-x\", \"python3-y\"]}, "
#define LANE_C "\"c\": {\"path\": \"c\", " GO "[\"nodejs\"]}, "
#define LANE_D "\"d\": {\"path\": \"d\", " GO "[\"bash\"]}, "
#define LANE_E "\"e\": {\"path\": \"e\", " GO "[\"perl\"]}"
#define ABSENT                                                                                     \
    PLAN("\"rounds\": 2, \"lanes\": {" LANE_A LANE_B LANE_C LANE_D LANE_E "}, \"cells\": "         \
         "[{\"lane\": [\"a\", \"b\", \"c\", \"d\", \"e\"], \"requests\": 10, \"latency\": "        \
         "\"20ms\"}], \"memory\": {\"hold\": \"300ms\", \"cells\": [{\"lane\": \"a\", "            \
         "\"requests\": 5}]}")

static void expect_reason(const json_t *document, size_t index, const char *id, const char *reason)
{
    const json_t *cell = json_array_get(json_object_get(document, "skipped"), index);

    assert_string_equal(json_text_at(cell, "id", ""), id);
    expect_text(json_text_at(cell, "reason", ""), reason);
}

static void languages_that_are_not_installed_are_left_out(void **state)
{
    struct place place = make_place(ABSENT);
    struct finished finished;
    json_t *document, *samples;

    (void)state;
    add_lane(&place, "b", "echo 'No module named x' >&2; exit 3");
    add_lane(&place, "c", "exec no-such-interpreter \"$@\"");
    add_lane(&place, "d", "[ \"$1\" = --version ] && { echo d 1.0; exit; }\n" REAL_THREADS);
    assert_int_equal(symlink("/no/such/file", path_in(place.folder, "e")), 0);
    finished = expect_run(&place, 0);
    expect_text(finished.err, "bench: a is left out, since it is not installed: apt-get install "
                              "golang-go");
    expect_text(finished.err, "4 executions"); /* warm-up, records, two rounds */
    document = load(&place, "run.json");
    assert_int_equal(json_array_size(json_object_get(document, "skipped")), 5);
    expect_reason(document, 0, "a-n10-c10-20ms", "not installed: apt-get install golang-go");
    expect_reason(document, 1, "a-n5-c10-memory", "golang-go");
    expect_reason(document, 2, "b-n10-c10-20ms", "python3-x python3-y (No module named x)");
    expect_reason(document, 3, "c-n10-c10-20ms", "not installed: apt-get install nodejs");
    expect_reason(document, 4, "e-n10-c10-20ms", "not installed: apt-get install perl");
    samples = load(&place, "results.jsonl");
    assert_int_equal(json_array_size(samples), 2);
    json_decref(samples);
    json_decref(document);
    finished_free(&finished);
    remove_place(&place);
}

/* Node's programs are looked up in PATH, where there is nothing but hyperfine. */
static void the_doctor_names_what_is_not_installed(void **state)
{
    char *folder = folder_make(), script[2048];
    const char *argv[] = {"bash", "-c", script, NULL};
    struct finished finished;

    (void)state;
    snprintf(script, sizeof(script), "ln -s $(command -v hyperfine) %s && PATH=%s exec %s doctor",
             folder, folder, program("bench"));
    finished = run_argv(argv);
    expect_text(finished.out, "node: node-fetch");
    expect_text(finished.out, "not installed");
    expect_text(finished.out, "apt-get install nodejs");
    expect_text(finished.out, "is not installed"); /* why a plan runs in part */
    finished_free(&finished);
    folder_remove(folder);
}

static void what_may_fail_does_not_fail_the_run(void **state)
{
    struct place place =
        make_place(PLAN("\"rounds\": 2, " LANE_X "\"cells\": [{\"lane\": \"x\", \"requests\": 20, "
                        "\"latency\": \"1ms\", \"may_fail\": true}]"));
    struct finished finished;
    json_t *samples;

    (void)state;
    add_lane(&place, "x", "shift 2; $REAL/lane-threads -n 10 \"$@\"; exit 1");
    finished = expect_run(&place, 0);
    expect_text(finished.err, "does not count (may fail): The lane ended with exit status 1");
    assert_null(strstr(finished.out, "Ignoring")); /* what hyperfine says is not the lane's */
    expect_text(finished.out, "0 of 2");
    expect_text(finished.out, "made 10 requests instead of 20");
    samples = load(&place, "results.jsonl");
    assert_int_equal(json_array_size(samples), 2);
    assert_true(json_is_false(json_object_get(json_array_get(samples, 0), "valid")));
    json_decref(samples);
    finished_free(&finished);
    remove_place(&place);
}

#define COMPUTING                                                                                  \
    PLAN("\"rounds\": 1, \"cells\": ["                                                             \
         "{\"lane\": [\"sync\", \"procs\"], \"work\": \"cpu\", \"cpu\": \"1ms\", \"requests\": "   \
         "8}, "                                                                                    \
         "{\"lane\": \"threads\", \"work\": \"cpu\", \"cpu\": \"1ms\", \"requests\": 8, "          \
         "\"gil\": [false, true]}, "                                                               \
         "{\"lane\": \"async\", \"work\": \"mixed\", \"cpu\": \"1ms\", \"requests\": 8, "          \
         "\"latency\": \"5ms\"}]")

static void check_sample(const json_t *sample, const json_t *calibration)
{
    bool mixed = strcmp(json_text_at(sample, "lane.workload.work", ""), "mixed") == 0;

    assert_true(json_is_true(json_object_get(sample, "valid")));
    assert_int_equal(json_number_at(sample, "lane.verified", 0), 8);
    assert_true(json_equal(json_at(sample, "lane.workload.rounds"),
                           json_object_get(calibration, "rounds")));
    assert_true(json_equal(json_at(sample, "lane.workload.digest"),
                           json_object_get(calibration, "digest")));
    assert_int_equal(json_number_at(sample, "server.requests", 0), mixed ? 8 : 0);
    assert_int_equal(json_is_null(json_object_get(sample, "server")), !mixed);
}

static void items_are_calibrated_once_and_verified(void **state)
{
    struct place place = make_place(COMPUTING);
    struct finished finished = expect_run(&place, 0);
    json_t *document = load(&place, "run.json"), *samples = load(&place, "results.jsonl"), *sample;
    json_t *calibrations = json_object_get(document, "calibrations");
    const json_t *calibration = json_array_get(calibrations, 0);
    const json_t *gil = json_array_get(json_object_get(document, "cells"), 3);
    size_t i;

    (void)state;
    assert_int_equal(json_array_size(calibrations), 1);
    assert_int_equal(json_number_at(calibration, "cpu_ns", 0), NS_PER_MS);
    assert_int_equal(json_number_at(calibration, "block_bytes", 0), 32);
    assert_true(json_number_at(calibration, "measured_ns", 0) > 0);
    assert_int_equal(json_array_size(samples), 5);
    json_array_foreach(samples, i, sample)
    {
        check_sample(sample, calibration);
    }
    assert_string_equal(json_text_at(gil, "id", ""), "threads-n8-c10-cpu1ms-gil");
    assert_true(json_is_true(json_object_get(gil, "gil")));
    assert_string_equal(json_text_at(gil, "work", ""), "cpu");
    assert_string_equal(json_text_at(gil, "language", ""), "c");
    assert_true(json_is_null(json_object_get(gil, "latency_ns")));
    json_decref(document);
    json_decref(samples);
    finished_free(&finished);
    remove_place(&place);
}

/* What is measured later belongs to the same run only if it is the same work. */
static void a_resumed_run_computes_the_same(void **state)
{
    struct place place = make_place(COMPUTING);
    struct finished finished = expect_run(&place, 0);
    char path[512];
    json_t *before = load(&place, "run.json"), *after, *samples, *sample;
    size_t i;

    (void)state;
    finished_free(&finished);
    json_object_set_new(before, "status", json_string("interrupted"));
    snprintf(path, sizeof(path), "%s", path_in(only_run(&place), "run.json"));
    assert_int_equal(json_file_write(path, before), 0);
    snprintf(path, sizeof(path), "%s", path_in(only_run(&place), "results.jsonl"));
    assert_int_equal(truncate(path, 0), 0);
    finished = run("bench", "resume", "--trust", only_run(&place), "--no-report", NULL);
    assert_int_equal(finished.status, 0);
    after = load(&place, "run.json");
    assert_true(json_equal(json_object_get(before, "calibrations"),
                           json_object_get(after, "calibrations")));
    samples = load(&place, "results.jsonl");
    assert_int_equal(json_array_size(samples), 5);
    json_array_foreach(samples, i, sample)
    {
        check_sample(sample, json_array_get(json_object_get(before, "calibrations"), 0));
    }
    json_decref(before);
    json_decref(after);
    json_decref(samples);
    finished_free(&finished);
    remove_place(&place);
}

static void expect_work_refused(const char *script, const char *problem)
{
    struct place place =
        make_place(PLAN("\"rounds\": 1, " LANE_X "\"cells\": [{\"lane\": \"x\", \"work\": \"cpu\", "
                        "\"cpu\": \"1ms\", \"requests\": 20, \"concurrency\": 2}]"));
    struct finished finished;
    json_t *samples;

    add_lane(&place, "x", script);
    finished = expect_run(&place, 1);
    samples = load(&place, "results.jsonl");
    expect_problem(json_array_get(samples, 0), problem);
    json_decref(samples);
    finished_free(&finished);
    remove_place(&place);
}

static void lanes_that_compute_less_are_found_out(void **state)
{
    (void)state;
    expect_work_refused(OPTIONS "rounds=1\n" RESULT("cpu", "'$n'"),
                        "computed 1 rounds for an item");
    expect_work_refused(OPTIONS "digest=ab\n" RESULT("cpu", "'$n'"), "expected another result");
    expect_work_refused(OPTIONS RESULT("io", "'$n'"), "work \"io\" instead of \"cpu\"");
    expect_work_refused(OPTIONS RESULT("cpu", "19"), "19 of 20 items were verified");
    expect_work_refused("exec $REAL/lane-threads \"$@\" --rounds 3", "computed 3 rounds");
    expect_work_refused("exec $REAL/lane-threads \"$@\" --digest " DIGEST_OF_NOTHING,
                        "0 of 20 items ended ok");
}

/* A folder of programs, with a lane-sync of its own. */
static void a_calibration_that_fails_is_said(void **state)
{
    struct place place = make_place(COMPUTING);
    char script[2048];
    const char *argv[] = {"bash", "-c", script, NULL};
    struct finished finished;

    (void)state;
    add_lane(&place, "lane-sync", "echo 'no such hash' >&2; exit 3");
    snprintf(script, sizeof(script),
             "cd %s && ln -s %s/mockserver %s/lane-{threads,procs,async} . && cp %s/bench . && "
             "exec ./bench run ./plan.json --results results --no-report",
             place.folder, place.build, place.build, place.build);
    finished = run_argv(argv);
    assert_int_equal(finished.status, 3);
    expect_text(finished.err, "cannot calibrate work of 1ms: ");
    expect_text(finished.err, "lane-sync ended with status 3: no such hash");
    assert_int_not_equal(access(place.results, F_OK), 0);
    finished_free(&finished);
    remove_place(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(sleeping_tasks_are_measured, end_leftovers),
        cmocka_unit_test_teardown(tasks_that_do_not_sleep_are_not_counted, end_leftovers),
        cmocka_unit_test_teardown(languages_that_are_not_installed_are_left_out, end_leftovers),
        cmocka_unit_test_teardown(the_doctor_names_what_is_not_installed, end_leftovers),
        cmocka_unit_test_teardown(items_are_calibrated_once_and_verified, end_leftovers),
        cmocka_unit_test_teardown(a_resumed_run_computes_the_same, end_leftovers),
        cmocka_unit_test_teardown(lanes_that_compute_less_are_found_out, end_leftovers),
        cmocka_unit_test_teardown(a_calibration_that_fails_is_said, end_leftovers),
        cmocka_unit_test_teardown(what_may_fail_does_not_fail_the_run, end_leftovers),
    };

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
