/* The lessons: what may be predicted, what a lesson's file must have, and teach from end to end. */
#include <errno.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/helpers.h"

#include "common/count.h"
#include "common/json.h"
#include "teach/teach.h"

/* A lesson of one request, of which `that` must hold. */
#define LESSON(that, reason)                                                                       \
    "# One\n\n```json\n{\"minutes\": 1, \"objective\": \"see\", \"latency\": \"50ms\", \"runs\": " \
    "{\"one\": {\"label\": \"one\", \"command\": \"lane-sync -n 2\"}}, \"ask\": [{\"figure\": "    \
    "\"one_wall_ns\", \"floor\": \"one_floor_ns\", \"text\": \"How long?\"}, {\"choices\": "       \
    "{\"a\": \"yes\", \"b\": \"no\"}, \"right\": \"'b'\", \"text\": \"Less?\"}], \"expect\": "     \
    "[{\"that\": \"" that "\", \"text\": \"so it is\", \"otherwise\": \"Somebody sleeps.\"}], "    \
    "\"check\": {\"text\": \"Which?\", \"choices\": {\"a\": \"this\", \"b\": \"that\"}, "          \
    "\"right\": \"a\", \"because\": \"It is.\"}, \"sources\": []}\n```\n\n## Question\n\nAsk.\n\n" \
    "## Reason\n\n" reason "\n\n## Misconception: never\n\nNo.\n\n## For the instructor\n\nSay.\n"

/* ---- Predictions ------------------------------------------------------------------------- */

static void predictions_are_read_with_their_units(void **state)
{
    static const struct {
        const char *text, *unit;
        double value; /* NAN: refused */
    } rows[] = {
        {"5s", "ns", 5e9},        {"1.5 s", "ns", 1.5e9},  {"200ms", "ns", 2e8},
        {"2 min", "ns", 1.2e11},  {"5", "ns", NAN},        {"-5s", "ns", NAN},
        {"50MB", "bytes", 5e7},   {"8 gb", "bytes", 8e9},  {"50", "bytes", NAN},
        {"1,000", "count", 1000}, {"1k", "count", 1000},   {"many", "count", NAN},
        {"30%", "share", 0.3},    {"2.5x", "factor", 2.5}, {"2.5", "factor", 2.5},
        {"nan", "count", NAN},    {"inf", "factor", NAN},  {"", "count", NAN},
        {"1e400", "factor", NAN}, {"5 s s", "ns", NAN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        double value;
        int code = prediction_parse(rows[i].text, rows[i].unit, &value);

        assert_int_equal(code, isnan(rows[i].value) ? -EINVAL : 0);
        if (code == 0)
            assert_true(fabs(value - rows[i].value) < 1e-6 * rows[i].value);
    }
}

static void the_unit_is_in_the_name(void **state)
{
    (void)state;
    assert_string_equal(prediction_unit("loop_wall_ns"), "ns");
    assert_string_equal(prediction_unit("loop_pss_bytes"), "bytes");
    assert_string_equal(prediction_unit("more_share"), "share");
    assert_string_equal(prediction_unit("times_factor"), "factor");
    assert_string_equal(prediction_unit("loop_in_flight"), "count");
    assert_string_equal(prediction_unit("plain"), "count");
}

/* ---- Files of lessons -------------------------------------------------------------------- */

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void expect_found(const json_t *lessons, const char *word, const json_t *lesson)
{
    struct error error;
    json_t *found = lessons_find(lessons, word, &error);

    assert_ptr_equal(found, lesson);
    json_decref(found);
}

static void every_lesson_is_whole(void **state)
{
    struct error error = {""};
    json_t *lessons = lessons_load("teach/lessons", &error), *lesson;
    size_t i;

    (void)state;
    assert_non_null(lessons);
    assert_true(json_array_size(lessons) >= 11);
    json_array_foreach(lessons, i, lesson)
    {
        assert_int_equal(json_number_at(lesson, "number", -1), (int)i);
        expect_found(lessons, json_text_at(lesson, "name", ""), lesson);
        assert_true(json_array_size(json_at(lesson, "plan.expect")) > 0);
        assert_true(json_array_size(json_at(lesson, "plan.sources")) > 0);
        assert_true(strlen(json_text_at(lesson, "saying", "")) > 0);
        assert_int_equal(json_object_size(json_object_get(lesson, "sections")), 4);
    }
    expect_found(lessons, "1", json_array_get(lessons, 1));
    assert_null(lessons_find(lessons, "99", &error));
    assert_non_null(strstr(error.text, "there is no lesson '99'"));
    json_decref(lessons);
}

static void a_broken_lesson_is_refused_with_the_reason(void **state)
{
    static const struct {
        const char *file, *text, *reason;
    } rows[] = {
        {"one.md", LESSON("1", "So."), "called like 03-all-at-once.md"},
        {"01-one.md", "# One\n\n## Question\n\nAsk.\n", "without a plan"},
        {"01-one.md", "# One\n\n```json\n{\"minutes\": 1,}\n```\n", "line 1 of the plan"},
        {"01-one.md", "# One\n\n```json\n{\"minutes\": 1}\n```\n", "objective"},
        {"01-one.md", "One\n\n```json\n{}\n```\n", "minutes"},
        {"01-one.md", LESSON("1", "So.\n\n## More"), "5 headings"},
        {"01-one.md", LESSON("1", "So.\n\n## Question\n"), "5 headings"},
    };
    struct error error;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *path = path_in(*state, rows[i].file);

        put(path, rows[i].text);
        error.text[0] = '\0';
        assert_null(lesson_load(path, &error));
        if (strstr(error.text, rows[i].reason) == NULL)
            fail_msg("'%s' does not say '%s'", error.text, rows[i].reason);
    }
}

/* ---- The program ------------------------------------------------------------------------- */

/* Runs teach in a shell, with `input` to it and its answers in the folder. */
static struct finished teach(const char *folder, const char *input, const char *arguments)
{
    char command[1000];
    const char *argv[] = {"/bin/sh", "-c", command, NULL};

    snprintf(command, sizeof(command), "printf '%s' | %s -o '%s/answers' %s", input,
             program("teach"), folder, arguments);
    return run_argv(argv);
}

static void expect_said(const struct finished *finished, const char *text)
{
    if (strstr(finished->out, text) == NULL && strstr(finished->err, text) == NULL)
        fail_msg("no '%s' in:\n%s%s", text, finished->out, finished->err);
}

static void lessons_are_listed(void **state)
{
    struct finished finished = run("teach", NULL);

    (void)state;
    assert_int_equal(finished.status, 0);
    expect_said(&finished, "all-at-once");
    finished_free(&finished);
    finished = run("teach", "nothing-like-it", NULL);
    assert_int_equal(finished.status, 2);
    expect_said(&finished, "there is no lesson 'nothing-like-it'");
    finished_free(&finished);
}

static void a_prediction_is_held_against_the_measurement(void **state)
{
    char lesson[200], arguments[300], error[JSON_ERROR_SIZE], number[20], unit[20], took[60];
    struct finished finished;
    json_t *answers;

    snprintf(lesson, sizeof(lesson), "%s", path_in(*state, "01-one.md"));
    put(lesson, LESSON("one_wall_ns >= one_floor_ns", "It took {{one_wall}}."));
    snprintf(arguments, sizeof(arguments), "--name Ada '%s'", lesson);
    finished = teach(*state, "soon\\n10s\\nb\\na\\n", arguments);
    assert_int_equal(finished.status, 0);
    expect_said(&finished, "'soon' cannot be read");
    expect_said(&finished, "you said");
    expect_said(&finished, "10.00 s");
    expect_said(&finished, "times too high");
    expect_said(&finished, "Right: b, no");
    assert_int_equal(sscanf(strstr(finished.out, "measured "), "measured %19s %19s", number, unit),
                     2);
    snprintf(took, sizeof(took), "It took %s %s.", number, unit);
    expect_said(&finished, took);
    expect_said(&finished, "Often said: never");
    finished_free(&finished);
    answers = json_lines_load(path_in(*state, "answers/Ada.jsonl"), error);
    assert_int_equal(json_array_size(answers), 2);
    assert_true(fabs(json_number_at(json_array_get(answers, 0), "said", 0) - 1e10) < 1);
    assert_true(json_number_at(json_array_get(answers, 0), "measured", 0) >= 1e8);
    assert_string_equal(json_text_at(json_array_get(answers, 1), "said_text", ""), "b");
    json_decref(answers);
}

static void a_class_is_summed_up(void **state)
{
    char lesson[200], arguments[300];
    struct finished finished;

    snprintf(lesson, sizeof(lesson), "%s", path_in(*state, "01-one.md"));
    put(lesson, LESSON("1", "So."));
    snprintf(arguments, sizeof(arguments), "--name Ada '%s'", lesson);
    finished = teach(*state, "1h\\na\\n\\n", arguments);
    finished_free(&finished);
    /* within a factor of 2 of 100 ms, and of 300 on a busy machine */
    snprintf(arguments, sizeof(arguments), "--name Bob '%s'", lesson);
    finished = teach(*state, "190ms\\nb\\n\\n", arguments);
    finished_free(&finished);
    snprintf(arguments, sizeof(arguments), "--name Cy '%s'", lesson);
    finished = teach(*state, "\\n\\n\\n", arguments);
    finished_free(&finished);
    finished = run("teach", "summary", path_in(*state, "answers"), NULL);
    assert_int_equal(finished.status, 0);
    expect_said(&finished, "Ada");
    expect_said(&finished, "Bob");
    expect_said(&finished, "│·······●"); /* too high by more than the scale has */
    assert_null(strstr(finished.out, "0 ns"));
    expect_said(&finished, "1 of 2 were within a factor of 2.");
    expect_said(&finished, "1 of 2 were right.");
    finished_free(&finished);
}

static void a_lesson_that_is_wrong_fails_its_check(void **state)
{
    char lesson[200];
    struct finished finished;

    snprintf(lesson, sizeof(lesson), "%s", path_in(*state, "01-one.md"));
    put(lesson, LESSON("one_wall_ns < 0.9 * one_floor_ns", "It took {{one_wall}}."));
    finished = run("teach", "--check", lesson, NULL);
    assert_int_equal(finished.status, 1);
    expect_said(&finished, "NO");
    expect_said(&finished, "so it is");
    finished_free(&finished);
    put(lesson, LESSON("one_wall_ns >= one_floor_ns", "It took {{two_wall}}."));
    finished = run("teach", "--check", lesson, NULL);
    assert_int_equal(finished.status, 2);
    expect_said(&finished, "neither a directive nor a column");
    finished_free(&finished);
}

static void a_lesson_that_comes_out_otherwise_says_so(void **state)
{
    char lesson[200];
    struct finished finished;

    snprintf(lesson, sizeof(lesson), "'%s'", path_in(*state, "01-one.md"));
    put(path_in(*state, "01-one.md"), LESSON("one_wall_ns < 0.9 * one_floor_ns", "So."));
    finished = teach(*state, "1s\\na\\na\\n", lesson);
    assert_int_equal(finished.status, 1);
    expect_said(&finished, "On this machine it came out otherwise.");
    expect_said(&finished, "Somebody sleeps.");
    finished_free(&finished);
}

/* How many relations do not hold, of one that is a limit in time and another. */
static double broken_where(bool busy)
{
    json_t *lesson =
        json_pack("{s:{s:[{s:s, s:b, s:s}, {s:s, s:s}]}}", "plan", "expect", "that", "cores < 0",
                  "timed", 1, "text", "it is quick", "that", "cores < 0", "text", "it is right");
    json_t *none = json_array();
    struct measured measured;
    struct error error = {""};
    double broken;

    assert_int_equal(measured_open(&measured, &error), 0);
    assert_int_equal(measured_give(&measured, json_pack("{s:b}", "busy", busy)), 0);
    if (measured_take(&measured, lesson, none, true, NULL, &error) < 0)
        fail_msg("%s", error.text);
    broken = dataset_number(&measured.dataset, "SELECT count(*) FROM broken", NAN);
    measured_close(&measured);
    json_decref(none);
    json_decref(lesson);
    return broken;
}

static void a_busy_machine_breaks_no_limit_in_time(void **state)
{
    (void)state;
    assert_true(broken_where(false) == 2);
    assert_true(broken_where(true) == 1);
}

static void without_an_answer_nothing_is_measured(void **state)
{
    struct finished finished = teach(*state, "2s", "floor");

    assert_int_equal(finished.status, 3);
    expect_said(&finished, "no answer: nothing was measured");
    finished_free(&finished);
}

static void the_first_lesson_passes_its_check(void **state)
{
    struct finished finished;

    (void)state;
    if (SANITIZED) /* a tenth of the time is then computing */
        skip();
    finished = run("teach", "--check", "set-up", NULL);
    if (finished.status != 0)
        print_message("%s%s", finished.out, finished.err);
    assert_int_equal(finished.status, 0);
    expect_said(&finished, "yes");
    finished_free(&finished);
}

static void answers_are_shown_without_measuring(void **state)
{
    struct finished finished = run("teach", "--answers", "all", NULL);

    (void)state;
    assert_int_equal(finished.status, 0);
    expect_said(&finished, "For the instructor");
    assert_null(strstr(finished.out, "{{"));
    finished_free(&finished);
}

/* ---- The race ---------------------------------------------------------------------------- */

static void a_race_in_a_pipe_is_lines(void **state)
{
    struct finished finished =
        run("teach", "race", "-n", "20", "-c", "5", "--latency", "50ms", NULL);

    (void)state;
    assert_int_equal(finished.status, 0);
    expect_said(&finished, "event loop");
    expect_said(&finished, "20 threads");
    expect_said(&finished, "5 processes");
    expect_said(&finished, "sequential");
    expect_said(&finished, "20/20");
    expect_said(&finished, "1.00 s"); /* the floor of the sequential one */
    assert_null(strchr(finished.out, '\033'));
    finished_free(&finished);
}

static void a_race_takes_a_pool_within_its_calls(void **state)
{
    struct finished finished = run("teach", "race", "-n", "5", "-c", "6", NULL);

    (void)state;
    assert_int_equal(finished.status, 2);
    expect_said(&finished, "there are only 5 requests");
    finished_free(&finished);
}

/* ---- Lanes of one's own ------------------------------------------------------------------ */

static void a_new_lane_passes(void **state)
{
    static const char *const languages[][3] = {
        {"python", "mine.py", "/usr/bin/python3"},
        {"bash", "mine.sh", "/bin/bash"},
        {"c", "mine.c", "/usr/bin/cc"},
        {"go", "mine.go", "/usr/bin/go"},
    };

    for (size_t i = 0; i < COUNT_OF(languages); i++) {
        char *path = strdup(path_in(*state, languages[i][1]));
        struct finished finished = run("bench", "new-lane", languages[i][0], path, NULL);

        assert_int_equal(finished.status, 0);
        finished_free(&finished);
        if (access(languages[i][2], X_OK) < 0) {
            free(path);
            continue;
        }
        /* Go's library is compiled once, which takes many seconds where all is busy. */
        if (strcmp(languages[i][0], "go") == 0) {
            const char *const compile[] = {languages[i][2], "build", "-o", "/dev/null", path, NULL};

            finished = run_argv(compile);
            assert_int_equal(finished.status, 0);
            finished_free(&finished);
        }
        finished = run("teach", "check-lane", path, NULL);
        if (finished.status != 0)
            fail_msg("%s: %s%s", languages[i][0], finished.out, finished.err);
        expect_said(&finished, "It honours the contract.");
        finished_free(&finished);
        finished = run("teach", "grade", path, "--exercise", "pool-of-10", NULL);
        if (finished.status != 0)
            fail_msg("%s: %s%s", languages[i][0], finished.out, finished.err);
        finished_free(&finished);
        free(path);
    }
}

/* Makes a lane of the shell, which knows $n, $c, $url (with {id}), $base (without) and $out. */
static void put_lane(const char *path, const char *body)
{
    char script[2000];

    snprintf(script, sizeof(script),
             "#!/bin/sh\nout=\nwhile [ $# -gt 0 ]; do case $1 in --output) out=$2; shift;; "
             "-n) n=$2; shift;; -c) c=$2; shift;; http*) url=$1;; esac; shift; done\n"
             "base=${url%%{id\\}}\nget() { curl -s -f -g -o /dev/null \"$base$1\"; }\n%s",
             body);
    put(path, script);
    assert_int_equal(chmod(path, 0755), 0);
}

static void exercises_are_passed_by_who_does_them(void **state)
{
    static const struct {
        const char *exercise, *lane;
        int status;
        const char *said;
    } rows[] = {
        {"sequential", "for i in $(seq 0 $((n - 1))); do get $i; done\n", 0, "10 of 10 points"},
        {"sequential", "seq 0 19 | xargs -P 5 -I '{id}' curl -s -g -o /dev/null \"$url\"\n", 1,
         "Wait for each answer"},
        {"all-at-once",
         "curl -s -Z --parallel-immediate --parallel-max $c -o /dev/null "
         "\"$base[0-$((n - 1))]\"\n",
         0, "11 of 11 points"},
        {"limit-of-rate", "for i in $(seq 0 $((n - 1))); do get $i & sleep 0.03; done; wait\n", 0,
         "11 of 11 points"},
        {"limit-of-rate", "for i in $(seq 0 $((n - 1))); do get $i & done; wait\n", 1,
         "sleep between the starts"},
        {"retry",
         "for i in $(seq 0 $((n - 1))); do a=0; until get \"$i?attempt=$a\"; do a=$((a + 1)); "
         "done; "
         "done\n",
         0, "10 of 10 points"},
        {"retry", "for i in $(seq 0 $((n - 1))); do get $i; done; true\n", 1, "Ask again"},
        {"nothing", "true\n", 2, "there is no exercise 'nothing'"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *path = strdup(path_in(*state, "lane"));
        struct finished finished;

        put_lane(path, rows[i].lane);
        finished = run("teach", "grade", path, "--exercise", rows[i].exercise, NULL);
        if (finished.status != rows[i].status)
            fail_msg("%s: %s%s", rows[i].exercise, finished.out, finished.err);
        expect_said(&finished, rows[i].said);
        finished_free(&finished);
        free(path);
    }
}

/* What each does wrong, and what check-lane has to say of it. Twenty calls, five at once. */
static void a_broken_lane_is_told_why(void **state)
{
#define CALLS(first, last, at_once)                                                                \
    "seq " first " " last " | xargs -P " at_once " -I '{id}' curl -s -f -g -o /dev/null "          \
    "\"$url\"\n"
#define WRITES(text)                                                                               \
    CALLS("0", "19", "5") "[ -z \"$out\" ] || printf '%s\\n' '" text "' >\"$out\"\n"
    static const struct {
        const char *script, *reason;
    } rows[] = {
        {"exit 1\n", "End with status 0"},
        {CALLS("0", "9", "5"), "make a call for each id from 0 to N-1"},
        {CALLS("0", "19", "5") CALLS("0", "3", "5"), "asked for again"},
        {CALLS("100", "119", "5"), "Put the numbers 0 to N-1"},
        {"{ " CALLS("0", "19", "5") "} &\nexit 0\n", "below the floor"},
        {CALLS("0", "19", "5") "sleep 60\n", "something keeps it open"},
        {"exit 0\n", "below the floor"},
        {"curl -s -Z --parallel-immediate --parallel-max 20 -o /dev/null \"$base[0-19]\"\n",
         "never sees more than C at once"},
        {CALLS("0", "19", "5") "curl -s -X POST \"${url%%/users*}/reset\"\n", "POST to /reset"},
        {"curl -s -Z --parallel-max 5 -o /dev/null \"$base[0-19]?delay=0ms\"\n",
         "asks for another delay"},
        {WRITES("here it comes {\"schema\": \"lane.result/1\"}"), "one line of JSON"},
        {WRITES("{\"schema\": \"lane.result/1\", \"wall_ns\": NaN}"), "NaN"},
        {WRITES("{\"schema\": \"lane.result/1\"}"), "\"outcomes\" is missing"},
        {WRITES("{\"schema\": \"mine/1\"}"), "does not have"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *path = strdup(path_in(*state, "broken"));
        struct finished finished;

        put_lane(path, rows[i].script);
        finished = run("teach", "check-lane", path, NULL);
        assert_int_equal(finished.status, 1);
        expect_said(&finished, rows[i].reason);
        if (strstr(rows[i].reason, "/reset") != NULL) /* what is not known is no fault */
            assert_null(strstr(finished.out, "behind -n"));
        finished_free(&finished);
        free(path);
    }
}

/* ---- A class ----------------------------------------------------------------------------- */

static void the_runs_of_a_class_become_one_report(void **state)
{
    /* Five machines, of which one has other cores and takes ten times as long. */
    static const char script[] =
        "cd '%s' && for name in ada bob cy dee eve; do mkdir -p class/$name && "
        "cp '%s'/results/reference-cpu/run.json class/$name && "
        "zcat '%s'/results/reference-cpu/results.jsonl.gz >class/$name/results.jsonl; done && "
        "sed -i 's/\"wall_ns\":\\([0-9]*\\)/\"wall_ns\":\\10/' class/eve/results.jsonl && "
        "sed -i 's/^    \"cores\": 2/    \"cores\": 16/' class/eve/run.json";
    char command[3000], here[1000], *report;
    const char *argv[] = {"/bin/sh", "-c", command, NULL};
    struct finished finished;

    assert_non_null(getcwd(here, sizeof(here)));
    snprintf(command, sizeof(command), script, (const char *)*state, here, here);
    finished = run_argv(argv);
    assert_int_equal(finished.status, 0);
    finished_free(&finished);
    finished = run("teach", "collect", path_in(*state, "class"), NULL);
    expect_said(&finished, "eve is apart in");
    expect_said(&finished, "16 cores, most have 2");
    expect_said(&finished, "4\302\267"); /* four dots at one place */
    assert_null(strstr(finished.out, "ada is apart"));
    finished_free(&finished);
    report = read_in(*state, "class/report/report.md");
    assert_non_null(strstr(report, "| eve | 16 |"));
    assert_non_null(strstr(report, "**eve** is apart in"));
    free(report);
    finished = run("teach", "collect", *state, NULL);
    assert_int_equal(finished.status, 2);
    expect_said(&finished, "there are no runs, folders");
    finished_free(&finished);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predictions_are_read_with_their_units),
        cmocka_unit_test(the_unit_is_in_the_name),
        cmocka_unit_test(every_lesson_is_whole),
        cmocka_unit_test_setup_teardown(a_broken_lesson_is_refused_with_the_reason,
                                        state_make_folder, state_remove_folder),
        cmocka_unit_test(lessons_are_listed),
        cmocka_unit_test_setup_teardown(a_prediction_is_held_against_the_measurement,
                                        state_make_folder, state_remove_folder),
        cmocka_unit_test_setup_teardown(a_class_is_summed_up, state_make_folder,
                                        state_remove_folder),
        cmocka_unit_test_setup_teardown(a_lesson_that_is_wrong_fails_its_check, state_make_folder,
                                        state_remove_folder),
        cmocka_unit_test_setup_teardown(a_lesson_that_comes_out_otherwise_says_so,
                                        state_make_folder, state_remove_folder),
        cmocka_unit_test_setup_teardown(without_an_answer_nothing_is_measured, state_make_folder,
                                        state_remove_folder),
        cmocka_unit_test(a_busy_machine_breaks_no_limit_in_time),
        cmocka_unit_test(the_first_lesson_passes_its_check),
        cmocka_unit_test(answers_are_shown_without_measuring),
        cmocka_unit_test(a_race_in_a_pipe_is_lines),
        cmocka_unit_test(a_race_takes_a_pool_within_its_calls),
        cmocka_unit_test_setup_teardown(a_new_lane_passes, state_make_folder, state_remove_folder),
        cmocka_unit_test_setup_teardown(a_broken_lane_is_told_why, state_make_folder,
                                        state_remove_folder),
        cmocka_unit_test_setup_teardown(exercises_are_passed_by_who_does_them, state_make_folder,
                                        state_remove_folder),
        cmocka_unit_test_setup_teardown(the_runs_of_a_class_become_one_report, state_make_folder,
                                        state_remove_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
