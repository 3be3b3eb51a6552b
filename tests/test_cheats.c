/* Figures that cannot be: lanes that cheat, each of them a file in tests/cheats/, and run folders
 * that were edited. None may be ranked, and what is said of each must be the true reason. */
#include "tests/attack.h"
#include "tests/place.h"

#include <dirent.h>
#include <math.h>
#include <stdbool.h>
#include <sys/prctl.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/file.h"
#include "common/json.h"

#define CELL                                                                                       \
    "\"requests\": 20, \"concurrency\": 10, \"latency\": \"100ms\"}], "                            \
    "\"memory\": {\"cells\": []}"
#define CHEAT_PLAN PLAN("\"rounds\": 1, " LANE_X "\"cells\": [{\"lane\": \"x\", " CELL)
/* A pass of 20 requests, 10 at once; with this timeout it is not tried again with a longer hold. */
#define CHEAT_PASS_PLAN                                                                            \
    PLAN(LANE_X "\"cells\": [], \"memory\": {\"hold\": \"1s\", \"cells\": [{\"lane\": \"x\", "     \
                "\"requests\": 20, \"timeout\": \"3s\"}]}")
#define GOOD_PLAN                                                                                  \
    PLAN(                                                                                          \
        "\"rounds\": 3, \"cells\": [{\"lane\": [\"threads\", \"async\"], \"requests\": 20, "       \
        "\"concurrency\": 10, \"latency\": \"20ms\"}], \"memory\": {\"hold\": \"1s\", \"cells\": " \
        "[{\"lane\": \"threads\", \"requests\": 10}]}")
#define SLEEP_PLAN                                                                                 \
    PLAN(LANE_X "\"cells\": [], \"memory\": {\"hold\": \"3s\", \"cells\": [{\"lane\": \"x\", "     \
                "\"work\": \"sleep\", \"requests\": 50}]}")
#define TOLD "# told: "

/* ---- Lanes ------------------------------------------------------------------------------- */

/* What must be said of a cheat, as its file has it; static storage. */
static const char *told_of(const char *script)
{
    static char told[256];
    const char *line = strstr(script, TOLD);

    assert_non_null(line);
    line += strlen(TOLD);
    snprintf(told, sizeof(told), "%.*s", (int)strcspn(line, "\n"), line);
    return told;
}

/* Nothing of the only cell counts: not in what is shown, and so not in any ranking. */
static void assert_not_ranked(const struct place *place)
{
    struct finished shown = run("bench", "show", only_run(place), "--json", NULL);
    json_t *all = json_loads(shown.out, 0, NULL);
    const json_t *cell = json_array_get(json_object_get(all, "cells"), 0);

    assert_int_equal(json_number_at(cell, "valid", -1), 0);
    assert_true(json_number_at(cell, "wall_median_ns", -1) == -1);
    json_decref(all);
    finished_free(&shown);
}

/* Makes `script`, after what lanes that cheat have in common, the lane x. */
static void add_cheat(const struct place *place, const char *script)
{
    char *common = read_in("tests/cheats", "common"), text[8192];

    snprintf(text, sizeof(text), "%s%s", common, script);
    add_lane(place, "x", text);
    free(common);
}

/* Runs a cheat as the only lane of the plan in `place`. Returns what must be said of it. */
static const char *run_cheat(const struct place *place, const char *name)
{
    char *script = read_in("tests/cheats", name);
    const char *told = told_of(script);
    struct finished finished;

    add_cheat(place, script);
    finished = expect_run(place, 1);
    finished_free(&finished);
    free(script);
    return told;
}

static void expect_cheat_found(const char *name)
{
    struct place place = make_place(CHEAT_PLAN);
    const char *told;
    json_t *samples, *sample;

    attack_try("lanes that cheat", name, "");
    told = run_cheat(&place, name);
    samples = load(&place, "results.jsonl");
    sample = json_array_get(samples, 0);
    assert_true(json_is_false(json_object_get(sample, "valid")));
    expect_problem(sample, told); /* not the first: a busy machine may have others before it */
    assert_not_ranked(&place);
    attack_held("lanes that cheat", name, "");
    json_decref(samples);
    remove_place(&place);
}

static void cheats_are_found_out(void **state)
{
    DIR *folder = opendir("tests/cheats");
    int count = 0;

    (void)state;
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "common") == 0)
            continue;
        expect_cheat_found(entry->d_name);
        count++;
    }
    closedir(folder);
    assert_true(count >= 20);
}

/* It is told, by the pass and by the report, for which no pass of the only cell counts. */
static void expect_pass_found(const char *name)
{
    struct place place = make_place(CHEAT_PASS_PLAN);
    struct finished shown;
    char *problems, *report;
    const char *told;
    json_t *passes;

    attack_try("lanes that cheat in a memory pass", name, "");
    told = run_cheat(&place, name);
    passes = load(&place, "memory.jsonl");
    assert_int_equal(json_array_size(passes), 1);
    problems = json_dumps(json_object_get(json_array_get(passes, 0), "problems"), 0);
    if (problems == NULL || strstr(problems, told) == NULL)
        fail_msg("memory pass of %s: '%s' instead of '%s'", name, problems, told);
    shown = run("report", only_run(&place), NULL);
    assert_int_equal(shown.status, 0);
    report = read_in(only_run(&place), "report.md");
    expect_text(report, "| 0 of 1 |");
    expect_text(report, told);
    attack_held("lanes that cheat in a memory pass", name, "");
    json_decref(passes);
    free(problems);
    free(report);
    finished_free(&shown);
    remove_place(&place);
}

static void cheats_of_memory_passes_are_found_out(void **state)
{
    static const char *const passes[] = {"early-close",      "early-exit", "fewer",
                                         "invented-resends", "refused",    "reset",
                                         "unplanned-fault"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(passes); i++)
        expect_pass_found(passes[i]);
}

/* ---- Times that cannot be -------------------------------------------------------------------- */

/* Runs with a hyperfine in PATH that is the real one, but writes down another time. */
static void expect_time_found(const char *time, const char *told)
{
    struct place place = make_place(CHEAT_PLAN);
    struct finished finished;
    json_t *samples, *sample;
    char script[2048];

    attack_try("times that cannot be", time, "");
    add_lane(&place, "x", REAL_THREADS);
    snprintf(script, sizeof(script),
             "PATH=${PATH#*:}\nhyperfine \"$@\" || exit\n"
             "for a; do case $a in --export-json) next=1;; *) [ -z $next ] || export=$a; next=;; "
             "esac; done\n"
             "[ -n \"$export\" ] || exit 0\n" /* it was asked for its version */
             "text=$(tr -d '\\n' <$export | sed -E 's/(\"times\": *\\[)[^]]*/\\1%s/')\n"
             "echo \"$text\" >$export",
             time);
    add_lane(&place, "hyperfine", script);
    snprintf(script, sizeof(script), "PATH=%s:$PATH exec %s run %s --results %s --no-report",
             place.folder, program("bench"), place.plan, place.results);
    finished = run_argv((const char *const[]){"sh", "-c", script, NULL});
    assert_int_equal(finished.status, 1);
    samples = load(&place, "results.jsonl");
    sample = json_array_get(samples, 0);
    assert_true(json_is_false(json_object_get(sample, "valid")));
    expect_problem(sample, told);
    assert_true(json_is_null(json_object_get(sample, "wall_ns")));
    assert_not_ranked(&place);
    attack_held("times that cannot be", time, "");
    json_decref(samples);
    finished_free(&finished);
    remove_place(&place);
}

/* hyperfine's times, as JSON may write them, of which none can be. */
static void times_of_hyperfine_must_be_possible(void **state)
{
    static const struct {
        const char *time, *told;
    } times[] = {
        {"0", "hyperfine's times are not finite and positive: 0 s, user "},
        {"-0.5", "hyperfine's times are not finite and positive: -0.5 s, user "},
        {"1e12", "hyperfine's times are not finite and positive: 1e+12 s, user "},
        {"null", "hyperfine's times are no numbers"},
        {"NaN", "hyperfine's times are no numbers"},
        {"1e999", "hyperfine's times are no numbers"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(times); i++)
        expect_time_found(times[i].time, times[i].told);
}

/* Runs a plan of one memory pass, with the lane x as `script` has it after what cheats have in
 * common; checks what is told of the pass. */
static void expect_pass(const char *plan, const char *script, bool confirmed, const char *problem)
{
    struct place place = make_place(plan);
    struct finished finished;
    json_t *passes, *pass;

    add_cheat(&place, script);
    finished = expect_run(&place, 1);
    passes = load(&place, "memory.jsonl");
    pass = json_array_get(passes, 0);
    assert_true(json_is_boolean(json_object_get(pass, "confirmed")));
    assert_int_equal(json_is_true(json_object_get(pass, "confirmed")), confirmed);
    expect_problem(pass, problem);
    json_decref(passes);
    finished_free(&finished);
    remove_place(&place);
}

#define SLEEPER(seconds, verified)                                                                 \
    "for ((i = 0; i < ${#all[@]}; i++)); do [ ${all[i]} = --ready ] && : >${all[i + 1]}; done\n"   \
    "sleep " seconds "\n"                                                                          \
    "echo '{\"schema\": \"lane.result/1\", \"workload\": {\"requests\": 50, \"work\": "            \
    "\"sleep\"}, \"verified\": " verified ", \"outcomes\": {\"ok\": 50, " NO_FAILURES              \
    "}, " RESULT_REST "}' >>$output"

/* A memory pass is no better: these tasks sleep for a third of the time. */
static void short_sleepers_are_found_out(void **state)
{
    (void)state;
    expect_pass(SLEEP_PLAN, SLEEPER("1", "50"), true,
                "but nothing can take less than 3.00 s (floor)");
}

/* One of these did not sleep, so who knows of how many the sample is. */
static void too_few_sleepers_are_found_out(void **state)
{
    (void)state;
    expect_pass(SLEEP_PLAN, SLEEPER("3.2", "49"), false, "49 of 50 tasks were verified");
}

/* A sample is of all the requests or of none. */
static void one_too_few_are_not_sampled(void **state)
{
    (void)state;
    expect_pass(CHEAT_PASS_PLAN, "n=9\nsend_all\nsleep 2\nn=20\nlie 1\n", false,
                "The server never had 10 requests in flight at once");
}

/* The answers come while a thousand processes are looked at. */
static void a_sample_that_lasts_too_long_is_found_out(void **state)
{
    (void)state;
    expect_pass(CHEAT_PASS_PLAN,
                "for i in {1..1000}; do sleep 30 & done\npath=${path%%[?]*} n=10\n"
                "send_all '?delay=80ms'\nsleep 2\nkill $(jobs -p)\nn=20\nlie 1\n",
                false, "were left at the end of the sample");
}

/* libcurl sends a request again where a kept connection turns out to be closed; the server then
 * receives more than N, and the lanes say why. */
static void re_sends_are_counted(void **state)
{
    struct place place = make_place(
        PLAN("\"rounds\": 1, \"server\": {\"args\": [\"--faults\", \"stale=8%\"]}, "
             "\"cells\": [{\"lane\": [\"threads\", \"procs\", \"async\"], \"requests\": 40, "
             "\"concurrency\": 4, \"latency\": \"5ms\"}]"));
    struct finished finished = expect_run(&place, 0);
    json_t *samples = load(&place, "results.jsonl"), *sample;
    size_t i;

    (void)state;
    assert_int_equal(json_array_size(samples), 3);
    json_array_foreach(samples, i, sample)
    {
        double resends = json_number_at(sample, "lane.resends", -1);

        assert_true(resends > 0);
        assert_true(json_number_at(sample, "server.faults.stale", -1) == resends);
        assert_true(json_number_at(sample, "server.requests", -1) == 40 + resends);
        assert_true(json_number_at(sample, "server.responses", -1) == 40);
        assert_true(json_is_true(json_object_get(sample, "valid")));
    }
    json_decref(samples);
    finished_free(&finished);
    remove_place(&place);
}

/* ---- Folders that were edited ------------------------------------------------------------ */

/* Sets `path` ("server.aborted") of a line to a number, or deletes it where that is NAN; "": the
 * line is there twice. */
static const struct edit {
    const char *file, *path;
    double value;
    const char *told;
} edits[] = {
    {"results.jsonl", "server.in_flight_peak", 13, "The server saw 13 requests in flight at once"},
    {"results.jsonl", "wall_ns", 39e6, "It took 39.0 ms, but nothing can take less than 40.0 ms"},
    {"results.jsonl", "lane.wall_ns", 50e9, "the lane says that its requests alone took 50.00 s"},
    {"results.jsonl", "server.responses", 18, "The server answered 18 of 20 requests"},
    {"results.jsonl", "server.aborted", 2, "the client left 2 before the answer"},
    {"results.jsonl", "server.requests", 18, "The server received 18 requests instead of 20"},
    {"results.jsonl", "server", NAN, "The mock server does not say what it saw"},
    {"results.jsonl", "server.in_flight_peak", NAN, "The mock server does not say what it saw"},
    {"results.jsonl", "server.faults.drip", 2, "2 requests with the fault drip, which the plan"},
    {"results.jsonl", "server.resets", 1, "Somebody else reset the server's counts"},
    {"results.jsonl", "server.lateness_ns.early", 3, "The server sent 3 replies too early"},
    {"results.jsonl", "lane.verified", 18, "18 of 20 requests were verified"},
    {"results.jsonl", "exit_status", 1, "The lane ended with exit status 1"},
    {"results.jsonl", "wall_ns", 0, "Its wall time is not positive"},
    {"results.jsonl", "", 0, "of this cell is there 2 times"},
    {"memory.jsonl", "wall_ns", 0.9e9, "It took 900 ms, but nothing can take less than 1.00 s"},
    {"memory.jsonl", "server.responses", 9, "The server answered 9 of 10 requests"},
    {"memory.jsonl", "server", NAN, "The mock server does not say what it saw"},
    {"memory.jsonl", "server.faults.drip", 2, "2 requests with the fault drip, which the plan"},
    {"memory.jsonl", "", 0, "of this cell is there 2 times"},
};

static void edit_line(json_t *line, const char *path, double value)
{
    char folder[64];
    const char *dot = strrchr(path, '.'), *name = dot != NULL ? dot + 1 : path;
    json_t *in;

    snprintf(folder, sizeof(folder), "%.*s", dot != NULL ? (int)(dot - path) : 0, path);
    in = dot != NULL ? json_at(line, folder) : line;
    if (isnan(value))
        assert_int_equal(json_object_del(in, name), 0);
    else
        assert_int_equal(json_object_set_new(in, name, json_integer((json_int_t)value)), 0);
}

static void write_lines(const char *path, const json_t *lines)
{
    json_t *line;
    size_t i;

    assert_int_equal(file_replace(path, "", 0), 0);
    json_array_foreach((json_t *)lines, i, line)
    {
        assert_int_equal(json_line_append(path, line), 0);
    }
}

static double number_of(json_t *shown, const char *table, size_t row, const char *column)
{
    return json_number_at(json_array_get(json_object_get(shown, table), row), column, -1);
}

/* All that is shown of it: how many executions of the cell count, and why not all. */
static void expect_edit_told(const struct place *place, const struct edit *edit, json_t *lines)
{
    bool memory = strcmp(edit->file, "memory.jsonl") == 0, twice = edit->path[0] == '\0';
    const char *path = strdup(path_in(only_run(place), edit->file));
    json_t *line = json_deep_copy(json_array_get(lines, 0)), *shown;
    json_t *edited = json_copy(lines);
    struct finished finished;

    attack_try("folders that were edited", edit->told, edit->file);
    if (!twice)
        edit_line(line, edit->path, edit->value);
    if (twice)
        json_array_append(edited, line);
    else
        json_array_set(edited, 0, line);
    write_lines(path, edited);
    finished = run("bench", "show", only_run(place), "--json", NULL);
    shown = json_loads(finished.out, 0, NULL);
    expect_text(finished.out, edit->told);
    if (!memory) {
        assert_int_equal(
            number_of(shown, "cells", 0, "valid") + number_of(shown, "cells", 1, "valid"), 5);
    }
    json_decref(shown);
    finished_free(&finished);
    finished = run("report", only_run(place), NULL);
    assert_int_equal(finished.status, twice ? 1 : 0); /* a line too much is said, and is a fault */
    finished_free(&finished);
    finished = run_argv((const char *const[]){"cat", path_in(only_run(place), "report.md"), NULL});
    expect_text(finished.out, edit->told);
    finished_free(&finished);
    attack_held("folders that were edited", edit->told, edit->file);
    write_lines(path, lines);
    json_decref(edited);
    json_decref(line);
    free((void *)path);
}

static void edited_folders_rank_nothing_impossible(void **state)
{
    struct place place = make_place(GOOD_PLAN);
    struct finished finished = expect_run(&place, 0);
    json_t *samples = load(&place, "results.jsonl"), *passes = load(&place, "memory.jsonl");

    (void)state;
    for (size_t i = 0; i < COUNT_OF(edits); i++)
        expect_edit_told(&place, &edits[i],
                         strcmp(edits[i].file, "memory.jsonl") == 0 ? passes : samples);
    json_decref(samples);
    json_decref(passes);
    finished_free(&finished);
    remove_place(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(cheats_are_found_out, end_leftovers),
        cmocka_unit_test_teardown(cheats_of_memory_passes_are_found_out, end_leftovers),
        cmocka_unit_test_teardown(times_of_hyperfine_must_be_possible, end_leftovers),
        cmocka_unit_test_teardown(short_sleepers_are_found_out, end_leftovers),
        cmocka_unit_test_teardown(too_few_sleepers_are_found_out, end_leftovers),
        cmocka_unit_test_teardown(one_too_few_are_not_sampled, end_leftovers),
        cmocka_unit_test_teardown(a_sample_that_lasts_too_long_is_found_out, end_leftovers),
        cmocka_unit_test_teardown(re_sends_are_counted, end_leftovers),
        cmocka_unit_test_teardown(edited_folders_rank_nothing_impossible, end_leftovers),
    };

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
