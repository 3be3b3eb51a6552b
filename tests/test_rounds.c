/* How figures come about: rounds that go on until medians are known, or until the budget or the
 * greatest number is reached; runs that go on after they were killed; executions that do not count
 * with a server that is late; two runs and two cells compared; figures as data. */
#include "tests/place.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/file.h"
#include "common/json.h"
#include "common/error.h"
#include "harness/memory/memory.h"
#include "harness/machine/noise.h"
#include "harness/run/session.h"
#include "harness/plan/schedule.h"

/* What a busy machine adds to 200 ms changes them little. */
#define CELL_THREADS                                                                               \
    "{\"lane\": \"threads\", \"requests\": 20, \"concurrency\": 20, \"latency\": \"200ms\"}"
#define CELL_SYNC_ONCE "{\"lane\": \"sync\", \"requests\": 2, \"latency\": \"20ms\", \"rounds\": 1}"
#define CELLS          "\"cells\": [" CELL_THREADS ", " CELL_SYNC_ONCE "]"

static size_t count_of(const json_t *samples, const char *cell)
{
    size_t count = 0, i;
    json_t *sample;

    json_array_foreach((json_t *)samples, i, sample)
    {
        count += strcmp(json_text_at(sample, "cell", ""), cell) == 0;
    }
    return count;
}

/* Runs a plan, and expects so many executions of the cell of threads and one of the other. */
static void expect_rounds(const char *plan, size_t least, size_t most, const char *reason)
{
    struct place place = make_place(plan);
    struct finished finished = expect_run(&place, 0);
    json_t *samples = load(&place, "results.jsonl"), *document = load(&place, "run.json");

    assert_in_range(count_of(samples, "threads-n20-c20-200ms"), least, most);
    assert_int_equal(count_of(samples, "sync-n2-c1-20ms"), 1);
    expect_text(json_text_at(document, "rounds_ended", "null"), reason);
    assert_string_equal(json_text_at(document, "status", ""), "complete");
    json_decref(samples);
    json_decref(document);
    finished_free(&finished);
    remove_place(&place);
}

/* A hundred processes cannot all have begun within 5 ms: they are held longer. */
static void memory_passes_have_rounds_and_long_enough_holds(void **state)
{
    struct place place = make_place(
        PLAN("\"cells\": [], \"memory\": {\"rounds\": 3, \"hold\": \"2s\", \"cells\": ["
             "{\"lane\": \"async\", \"requests\": 20}, "
             "{\"lane\": \"procs\", \"requests\": 100, \"concurrency\": 100, \"rounds\": 1, "
             "\"hold\": \"5ms\", \"may_fail\": true}]}"));
    struct finished finished = expect_run(&place, 0);
    json_t *passes = load(&place, "memory.jsonl");
    double held_ns;

    (void)state;
    assert_int_equal(count_of(passes, "async-n20-c20-memory"), 3);
    assert_int_equal(count_of(passes, "procs-n100-c100-memory"), 1);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal((int)json_number_at(json_array_get(passes, i), "round", 0),
                         i < 2 ? 1 : (int)i);
    held_ns = json_number_at(json_array_get(passes, 1), "lane.floor_ns", 0);
    assert_true(held_ns == 10e6 || held_ns == 20e6);
    json_decref(passes);
    finished_free(&finished);
    remove_place(&place);
}

static void rounds_go_on_until_medians_are_known(void **state)
{
    (void)state;
    /* An interval takes six samples; it takes a few more where the machine held one of them up. */
    expect_rounds(PLAN("\"rounds\": 2, \"until\": \"100%\", " CELLS), 6, 60, "Every median");
    expect_rounds(PLAN("\"rounds\": 2, \"until\": \"0.0001%\", \"rounds_max\": 9, " CELLS), 9, 9,
                  "The greatest number of rounds");
    expect_rounds(PLAN("\"rounds\": 2, " CELLS), 2, 2, "null");
}

static void a_budget_ends_the_rounds(void **state)
{
    (void)state;
    expect_rounds(PLAN("\"rounds\": 1000, \"budget\": \"5s\", " CELLS), 2, 30, "budget of 5s");
    expect_rounds(PLAN("\"rounds\": 3, \"budget\": \"1ms\", " CELLS), 1, 1, "Round 2 would have");
}

/* Runs a plan of one execution, which must count, but be marked with this. */
static void expect_mark(struct place *place, const char *mark)
{
    struct finished finished = expect_run(place, 0);
    json_t *samples = load(place, "results.jsonl"), *sample = json_array_get(samples, 0), *sentence;
    bool told = false;
    size_t i;

    assert_true(json_is_true(json_object_get(sample, "valid")));
    json_array_foreach(json_object_get(sample, "noise"), i, sentence)
    {
        told |= strstr(json_string_value(sentence), mark) != NULL;
    }
    assert_true(told);
    json_decref(samples);
    finished_free(&finished);
    remove_place(place);
}

static void a_server_that_is_late_marks_what_it_did(void **state)
{
    struct place place = make_place(
        PLAN("\"rounds\": 1, \"cells\": [{\"lane\": \"threads\", \"requests\": 50, \"latency\": "
             "\"1ms\", \"lateness\": \"0.01%\"}]"));

    (void)state;
    expect_mark(&place, "from 0.01 % on it is marked");
}

/* The lane takes most of the server's descriptors away. */
static void a_server_without_descriptors_marks_what_it_did(void **state)
{
    struct place place;

    (void)state;
    if (system("command -v ss >/dev/null && command -v prlimit >/dev/null") != 0)
        skip();
    place = make_place(PLAN("\"rounds\": 1, " LANE_X "\"cells\": [{\"lane\": \"x\", \"requests\": "
                            "60, \"concurrency\": 60, \"latency\": \"100ms\"}]"));
    add_lane(&place, "x",
             "url=${!#} port=${url##*:}\n"
             "server=$(ss -Hltnp sport = :${port%%/*} | grep -o 'pid=[0-9]*')\n"
             "prlimit --pid ${server#pid=} --nofile=40:40 || exit 9\n"
             "exec \"$REAL/lane-threads\" \"$@\"\n");
    expect_mark(&place, "The server had no descriptors for ");
}

#define MANY                                                                                       \
    PLAN("\"rounds\": 8, \"cells\": [{\"lane\": [\"procs\", \"threads\"], \"requests\": 20, "      \
         "\"latency\": \"20ms\"}], \"memory\": {\"hold\": \"3s\", \"cells\": [{\"lane\": "         \
         "\"procs\", \"requests\": 5}]}")

static void tear_last_line(const char *path)
{
    FILE *stream = fopen(path, "a");

    assert_non_null(stream);
    fputs("{\"schema\": \"bench.sample/1\", \"cell\": \"thr", stream);
    fclose(stream);
}

/* Each cell once in each round, in the order that the seed gives. */
static void expect_all(const struct place *place)
{
    json_t *samples = load(place, "results.jsonl"), *passes = load(place, "memory.jsonl"), *sample;
    struct schedule schedule;
    struct plan plan;
    struct error error;
    size_t next = 0, i;

    assert_int_equal(plan_load(place->plan, place->build, &plan, &error), 0);
    assert_int_equal(schedule_make(&plan, 3, &schedule), 0);
    assert_int_equal(json_array_size(samples), 16);
    json_array_foreach(samples, i, sample)
    {
        while (schedule.steps[next].kind != STEP_TIMED)
            next++;
        assert_string_equal(json_text_at(sample, "cell", ""), schedule.steps[next].cell->id);
        assert_int_equal(json_number_at(sample, "round", 0), schedule.steps[next].round);
        assert_int_equal(json_number_at(sample, "order", 0), schedule.steps[next].order);
        assert_true(json_is_true(json_object_get(sample, "valid")));
        next++;
    }
    assert_int_equal(json_array_size(passes), 1);
    schedule_free(&schedule);
    plan_free(&plan);
    json_decref(samples);
    json_decref(passes);
}

/* What was stored before the kill is still there, as it was. */
static void expect_kept(const struct place *place, char *before)
{
    char *after = file_read(path_in(only_run(place), "results.jsonl"), 10000000, NULL);

    assert_non_null(after);
    if (strncmp(after, before, strlen(before)) != 0)
        fail_msg("what was measured before the kill is gone or changed");
    free(before);
    free(after);
}

/* hyperfine.json holds what all sessions measured. */
static void expect_hyperfine(const struct place *place)
{
    char error[JSON_ERROR_SIZE];
    json_t *export = json_file_load(path_in(only_run(place), "hyperfine.json"), error), *result;
    size_t i;

    assert_int_equal(json_array_size(json_object_get(export, "results")), 2);
    json_array_foreach(json_object_get(export, "results"), i, result)
    {
        assert_int_equal(json_array_size(json_object_get(result, "times")), 8);
    }
    json_decref(export);
}

static void killed_runs_go_on(void **state)
{
    struct finished finished;
    json_t *document;
    char *before;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct place place = make_place(MANY);
        pid_t bench = start_bench(&place, NULL);

        wait_for_file(&place, "results.jsonl");
        usleep(i * 150000);
        kill(bench, SIGKILL);
        wait_for(bench, 60);
        assert_nothing_left();
        before = file_read(path_in(only_run(&place), "results.jsonl"), 10000000, NULL);
        assert_non_null(before);
        assert_int_equal(before[strlen(before) - 1], '\n');
        if (access(path_in(only_run(&place), "memory.jsonl"), F_OK) != 0)
            tear_last_line(path_in(only_run(&place), "results.jsonl"));
        finished = run("bench", "resume", "--trust", only_run(&place), "--no-report", NULL);
        if (finished.status != 0)
            fail_msg("%s%s", finished.out, finished.err);
        finished_free(&finished);
        expect_kept(&place, before);
        expect_all(&place);
        document = load(&place, "run.json");
        assert_string_equal(json_text_at(document, "status", ""), "complete");
        assert_int_equal(json_array_size(json_object_get(document, "resumed")), 1);
        json_decref(document);
        expect_hyperfine(&place);
        finished = run("bench", "resume", "--trust", only_run(&place), NULL);
        assert_int_equal(finished.status, 0);
        expect_text(finished.err, "is complete: nothing is missing");
        finished_free(&finished);
        assert_int_equal(truncate(path_in(only_run(&place), "results.jsonl"), 0), 0);
        finished = run("bench", "resume", "--trust", only_run(&place), NULL);
        assert_int_equal(finished.status, 2);
        expect_text(finished.err, "results.jsonl has 0 lines, and had ");
        finished_free(&finished);
        remove_place(&place);
    }
}

/* Takes away what comes after so many lines of results.jsonl, as if the run had been killed there.
 */
static void keep_lines(const struct place *place, size_t count)
{
    char path[512], *text, *end;
    json_t *document = load(place, "run.json");

    snprintf(path, sizeof(path), "%s", path_in(only_run(place), "results.jsonl"));
    text = end = file_read(path, 10000000, NULL);
    assert_non_null(text);
    for (size_t i = 0; i < count; i++)
        end = strchr(end, '\n') + 1;
    assert_int_equal(truncate(path, end - text), 0);
    json_object_set_new(document, "status", json_string("running"));
    assert_int_equal(json_file_write(path_in(only_run(place), "run.json"), document), 0);
    json_decref(document);
    free(text);
}

/* Two runs of two rounds and a memory pass each. */
static void expect_two_runs(const struct place *place)
{
    json_t *samples = load(place, "results.jsonl"), *passes = load(place, "memory.jsonl");

    assert_int_equal(json_array_size(samples), 4);
    assert_int_equal(json_array_size(passes), 2);
    for (size_t i = 0; i < 4; i++) {
        json_t *sample = json_array_get(samples, i);

        assert_true(json_number_at(sample, "run", 0) == (i < 2 ? 1 : 2));
        assert_true(json_number_at(sample, "round", 0) == (i % 2 == 0 ? 1 : 2));
    }
    assert_true(json_number_at(json_array_get(passes, 1), "run", 0) == 2);
    json_decref(samples);
    json_decref(passes);
}

/* The lane notes at which server it was: at one in each run. */
static void several_runs_have_servers_of_their_own(void **state)
{
    struct place place = make_place(
        PLAN("\"rounds\": 2, \"runs\": 2, " LANE_X "\"cells\": [{\"lane\": \"x\", "
             "\"requests\": 20, \"concurrency\": 20, \"latency\": \"20ms\"}], \"memory\": "
             "{\"hold\": \"2s\", \"cells\": [{\"lane\": \"async\", \"requests\": 5}]}"));
    char urls[512];
    const char *const distinct[] = {"sh", "-c", "sort -u \"$0\" | wc -l", urls, NULL};
    struct finished finished;

    (void)state;
    snprintf(urls, sizeof(urls), "%s", path_in(place.folder, "urls"));
    add_lane(&place, "x",
             "for last; do :; done; [ \"$last\" = --version ] || echo \"${last%%/users*}\" "
             ">>\"${0%/*}/urls\"; " REAL_THREADS);
    finished = expect_run(&place, 0);
    expect_text(finished.err, "Run 2 of 2: with a new server");
    finished_free(&finished);
    expect_two_runs(&place);
    finished = run_argv(distinct);
    assert_string_equal(finished.out, "2\n");
    finished_free(&finished);
    for (size_t lines = 1; lines <= 3; lines += 2) {
        keep_lines(&place, lines);
        finished = run("bench", "resume", "--trust", only_run(&place), "--no-report", NULL);
        if (finished.status != 0)
            fail_msg("%s%s", finished.out, finished.err);
        finished_free(&finished);
        expect_two_runs(&place);
    }
    finished = run("bench", "show", only_run(&place), NULL);
    expect_text(finished.out, "2 runs: medians are means of theirs");
    finished_free(&finished);
    remove_place(&place);
}

static void runs_that_go_on_are_left_alone(void **state)
{
    struct place place = make_place(PLAN("\"rounds\": 1000, " CELLS));
    struct finished finished;
    pid_t bench = start_bench(&place, NULL);

    (void)state;
    wait_for_file(&place, "results.jsonl");
    finished = run("bench", "resume", "--trust", only_run(&place), NULL);
    assert_int_equal(finished.status, 2);
    expect_text(finished.err, "still goes on");
    finished_free(&finished);
    kill(bench, SIGINT);
    assert_int_equal(wait_for(bench, 60), 130);
    remove_place(&place);
}

/* Runs a plan with a lane "x" of the given script; returns its place with the only run in it. */
static struct place run_with_lane(const char *script)
{
    struct place place = make_place(
        PLAN("\"rounds\": 6, " LANE_X "\"cells\": [{\"lane\": [\"x\", \"threads\"], \"requests\": "
             "20, \"concurrency\": 20, \"latency\": \"20ms\"}]"));
    struct finished finished;

    add_lane(&place, "x", script);
    finished = expect_run(&place, 0);
    finished_free(&finished);
    return place;
}

/* What a run folder says of its plan's file must not name this machine, but find the lanes that the
 * plan has beside it. */
static void lanes_of_a_plan_are_found_again(void **state)
{
    struct place place = run_with_lane(REAL_THREADS);
    json_t *document = load(&place, "run.json"), *samples;
    struct finished finished;

    (void)state;
    assert_string_equal(json_text_at(document, "settings.plan_file", ""), "../../plan.json");
    json_object_set_new(document, "status", json_string("interrupted"));
    assert_int_equal(json_file_write(path_in(only_run(&place), "run.json"), document), 0);
    assert_int_equal(truncate(path_in(only_run(&place), "results.jsonl"), 0), 0);
    finished = run("bench", "resume", "--trust", only_run(&place), "--no-report", NULL);
    assert_int_equal(finished.status, 0);
    samples = load(&place, "results.jsonl");
    assert_int_equal(count_of(samples, "x-n20-c20-20ms"), 6);
    json_decref(samples);
    json_decref(document);
    finished_free(&finished);
    remove_place(&place);
}

static void expect_compared(int status, const char *part, const char *const arguments[])
{
    const char *argv[12] = {program("bench"), "compare"};
    struct finished finished;

    for (size_t i = 0; arguments[i] != NULL; i++)
        argv[i + 2] = arguments[i];
    finished = run_argv(argv);
    if (finished.status != status)
        fail_msg("exit status %d instead of %d\n%s%s", finished.status, status, finished.out,
                 finished.err);
    expect_text(finished.out, part);
    finished_free(&finished);
}

static void slower_runs_are_found(void **state)
{
    struct place before = run_with_lane(REAL_THREADS),
                 after = run_with_lane("sleep 1; " REAL_THREADS);
    char a[512], b[512];

    (void)state;
    snprintf(a, sizeof(a), "%s", only_run(&before));
    snprintf(b, sizeof(b), "%s", only_run(&after));
    expect_compared(1, "slower", (const char *const[]){a, b, NULL});
    expect_compared(1, "\"bench.comparison/1\"", (const char *const[]){a, b, "--json", NULL});
    expect_compared(1, "x-n20-c20-20ms,wall,ns,6,", (const char *const[]){a, b, "--csv", NULL});
    expect_compared(0, "faster", (const char *const[]){b, a, "--tolerance", "50%", NULL});
    expect_compared(0, "without a clear difference", (const char *const[]){a, a, NULL});
    expect_compared(
        1, "slower",
        (const char *const[]){b, "--cells", "threads-n20-c20-20ms", "x-n20-c20-20ms", NULL});
    expect_compared(0, "faster",
                    (const char *const[]){b, "--cells", "x-n20-c20-20ms", "threads-n20-c20-20ms",
                                          "--csv", NULL});
    expect_compared(2, "", (const char *const[]){b, "--cells", "x-n20-c20-20ms", "nothing", NULL});
    expect_compared(2, "", (const char *const[]){a, "no-such-run", NULL});
    remove_place(&before);
    remove_place(&after);
}

static void figures_are_exported(void **state)
{
    struct place place = run_with_lane(REAL_THREADS);
    struct finished finished = run("bench", "show", only_run(&place), "--json", NULL);
    json_t *tables = json_loads(finished.out, 0, NULL), *cells = json_object_get(tables, "cells");

    (void)state;
    assert_int_equal(json_array_size(cells), 2);
    assert_int_equal(json_number_at(json_array_get(cells, 0), "wall_count", 0), 6);
    assert_true(json_number_at(json_array_get(cells, 0), "wall_low_ns", 0) > 20e6);
    assert_non_null(json_object_get(tables, "memory"));
    assert_non_null(json_object_get(tables, "remarks"));
    json_decref(tables);
    finished_free(&finished);
    finished = run("bench", "show", only_run(&place), "--csv", "--table", "cells", NULL);
    assert_int_equal(finished.status, 0);
    expect_text(finished.out, "cell,lane,model,requests,");
    expect_text(finished.out, "x-n20-c20-20ms,x,threads,20,20,20000000,20000000,6,6,6,");
    finished_free(&finished);
    finished = run("bench", "show", only_run(&place), "--csv", "--table", "nothing", NULL);
    assert_int_equal(finished.status, 2);
    finished_free(&finished);
    remove_place(&place);
}

static void a_server_of_ones_own_is_marked(void **state)
{
    struct server server = server_start("--latency", "20ms", NULL);
    char plan[600];
    struct place place;
    struct finished finished;
    json_t *samples, *sample;

    (void)state;
    snprintf(plan, sizeof(plan),
             "%s\"rounds\": 2, \"server\": {\"url\": \"%s/users/{id}\"}, \"cells\": "
             "[{\"lane\": \"threads\", \"requests\": 20, \"latency\": \"20ms\"}]}",
             PLAN_HEAD, server.url);
    place = make_place(plan);
    finished = expect_run(&place, 0);
    expect_text(finished.err, "peak ?/10");
    finished_free(&finished);
    samples = load(&place, "results.jsonl");
    assert_int_equal(json_array_size(samples), 2);
    sample = json_array_get(samples, 0);
    assert_true(json_is_null(json_object_get(sample, "server")));
    assert_true(json_is_true(json_object_get(sample, "valid")));
    json_decref(samples);
    server_stop(&server);
    remove_place(&place);
}

static void the_doctor_says_what_matters(void **state)
{
    struct finished finished;
    json_t *found;

    (void)state;
    setenv("MALLOC_ARENA_MAX", "1", 1);
    finished = run("bench", "doctor", NULL);
    assert_true(finished.status == 0 || finished.status == 3);
    expect_text(finished.out, "open files");
    expect_text(finished.out, "unset MALLOC_ARENA_MAX");
    finished_free(&finished);
    setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1", 1); /* for git, which asks who owns a checkout */
    finished = run("bench", "doctor", NULL);
    if (access(".git", F_OK) == 0) {
        expect_text(finished.out, "unknown, another user's");
        expect_text(finished.out, "safe.directory");
    }
    finished_free(&finished);
    unsetenv("GIT_TEST_ASSUME_DIFFERENT_OWNER");
    finished = run("bench", "doctor", "--json", NULL);
    found = json_loads(finished.out, 0, NULL);
    assert_string_equal(json_text_at(found, "schema", ""), "bench.doctor/1");
    assert_true(json_array_size(json_object_get(found, "plans")) >= 4);
    assert_string_equal(json_text_at(found, "environment.allocator.MALLOC_ARENA_MAX", ""), "1");
    assert_true(json_number_at(found, "environment.memory_available_bytes", 0) > 0);
    json_decref(found);
    finished_free(&finished);
    unsetenv("MALLOC_ARENA_MAX");
}

static void methods_that_disagree_are_flagged(void **state)
{
    struct proctree_memory memory = {.pss_anon_bytes = 100000000};
    json_t *close = json_pack("{s:i}", "anon_bytes", 109000000),
           *far = json_pack("{s:i}", "anon_bytes", 111000000),
           *sentence = memory_disagreement(&memory, far);

    (void)state;
    assert_null(memory_disagreement(&memory, close));
    assert_null(memory_disagreement(&memory, NULL));
    expect_text(json_string_value(sentence), "100 MB by PSS and 111 MB by the cgroup, 11 %");
    json_decref(sentence);
    json_decref(close);
    json_decref(far);
}

/* Of an execution that took a second. */
static void noise_is_told_from_silence(void **state)
{
    struct noise before = {.at_ns = NS_PER_S}, after = {.at_ns = 2 * NS_PER_S};
    struct noise_execution execution = {0};
    json_t *sentences = noise_judge(&before, &after, &execution);
    char *text;

    (void)state;
    assert_int_equal(json_array_size(sentences), 0);
    json_decref(sentences);
    after.cpu.busy_ns = 10 * NS_PER_S;
    after.cpu.steal_ns = 1 * NS_PER_S;
    sentences = noise_judge(&before, &after, &execution);
    assert_int_equal(json_array_size(sentences), 2);
    text = json_dumps(sentences, 0);
    expect_text(text, "The hypervisor took 1.00 s");
    expect_text(text, "Other programs used 10.00 s");
    free(text);
    json_decref(sentences);
    before.load.average = 1000;
    before.load.runnable = 3;
    after.cpu.steal_ns = 0;
    execution.usage.cpu_ns = 7 * NS_PER_S; /* what was used was the lane's own, */
    execution.server_ns = 2 * NS_PER_S;    /* the server's */
    after.own_ns = 1 * NS_PER_S;           /* and the harness's */
    sentences = noise_judge(&before, &after, &execution);
    assert_int_equal(json_array_size(sentences), 1);
    expect_text(json_string_value(json_array_get(sentences, 0)), "load average before it was 1000");
    json_decref(sentences);
    before.load.runnable = 0; /* the load was the harness's own, and is over */
    sentences = noise_judge(&before, &after, &execution);
    assert_int_equal(json_array_size(sentences), 0);
    json_decref(sentences);
}

/* The first sentence of a cell whose executions took these times, to be freed, or NULL. */
static char *noise_of(const double *walls, const double *cpus, size_t count)
{
    struct cell cell = {.id = "cell"};
    struct plan plan = {.cells = &cell, .cell_count = 1};
    struct rounds rounds;
    json_t *sentences;
    char *first = NULL;

    assert_int_equal(rounds_init(&rounds, &plan), 0);
    for (size_t i = 0; i < count; i++) {
        json_t *sample =
            json_pack("{s:b, s:f, s:f, s:f}", "valid", 1, "wall_ns", walls != NULL ? walls[i] : 1.0,
                      "user_ns", cpus != NULL ? cpus[i] / 2 : 1.0, "system_ns",
                      cpus != NULL ? cpus[i] / 2 : 1.0);

        assert_int_equal(rounds_add(&rounds, &cell, sample), 0);
        json_decref(sample);
    }
    sentences = rounds_noise(&rounds, &cell);
    assert_true(json_array_size(sentences) < 2);
    if (json_array_size(sentences) > 0)
        first = strdup(json_string_value(json_array_get(sentences, 0)));
    json_decref(sentences);
    rounds_free(&rounds);
    return first;
}

static void spread_is_judged_by_cell(void **state)
{
    static const double even[] = {100, 101, 99, 100, 102, 100}, wide[] = {100, 120, 80, 110, 90};
    char *sentence = noise_of(wide, NULL, 5);

    (void)state;
    assert_null(noise_of(even, NULL, 6));
    assert_null(noise_of(wide, NULL, 2));
    expect_text(sentence, "spread by 15 % (1.48 MAD of 5 executions)");
    free(sentence);
}

static void slow_computing_is_noticed(void **state)
{
    static const double even[] = {1e9, 1.05e9, 0.98e9, 1.02e9}, slow[] = {1.49e9, 1e9, 1.01e9, 1e9},
                        tiny[] = {1.5e6, 1e6, 1e6, 1e6};
    char *sentence = noise_of(NULL, slow, 4);

    (void)state;
    assert_null(noise_of(NULL, even, 4));
    assert_null(noise_of(NULL, tiny, 4));
    expect_text(sentence, "1 of its 4 executions took up to 48 % more CPU time");
    free(sentence);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(memory_passes_have_rounds_and_long_enough_holds, end_leftovers),
        cmocka_unit_test_teardown(rounds_go_on_until_medians_are_known, end_leftovers),
        cmocka_unit_test_teardown(a_budget_ends_the_rounds, end_leftovers),
        cmocka_unit_test_teardown(a_server_that_is_late_marks_what_it_did, end_leftovers),
        cmocka_unit_test_teardown(a_server_without_descriptors_marks_what_it_did, end_leftovers),
        cmocka_unit_test_teardown(killed_runs_go_on, end_leftovers),
        cmocka_unit_test_teardown(several_runs_have_servers_of_their_own, end_leftovers),
        cmocka_unit_test_teardown(runs_that_go_on_are_left_alone, end_leftovers),
        cmocka_unit_test_teardown(lanes_of_a_plan_are_found_again, end_leftovers),
        cmocka_unit_test_teardown(slower_runs_are_found, end_leftovers),
        cmocka_unit_test_teardown(figures_are_exported, end_leftovers),
        cmocka_unit_test_teardown(a_server_of_ones_own_is_marked, end_leftovers),
        cmocka_unit_test_teardown(the_doctor_says_what_matters, end_leftovers),
        cmocka_unit_test_teardown(methods_that_disagree_are_flagged, end_leftovers),
        cmocka_unit_test_teardown(noise_is_told_from_silence, end_leftovers),
        cmocka_unit_test_teardown(spread_is_judged_by_cell, end_leftovers),
        cmocka_unit_test_teardown(slow_computing_is_noticed, end_leftovers),
    };

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
