/* `bench` as its users see it: tiny plans with the real mock server and the real lanes, lanes that
 * misbehave in every way (any executable can be a lane: here they are shell scripts), and runs that
 * are interrupted or killed. The test program is a subreaper, so that nothing that were left
 * running could hide. */
#include "tests/place.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/count.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/json.h"
#include "common/process/proctree.h"

#define X_ONCE                                                                                     \
    "\"rounds\": 1, " LANE_X "\"cells\": [{\"lane\": \"x\", \"requests\": 20, "                    \
    "\"concurrency\": 5, \"latency\": \"10ms\"}]"

static void check_samples(const struct place *place)
{
    json_t *samples = load(place, "results.jsonl"), *sample;
    size_t i;

    assert_int_equal(json_array_size(samples), 9); /* four cells twice, sync once */
    json_array_foreach(samples, i, sample)
    {
        double floor = json_number_at(sample, "lane.floor_ns", -1);
        char path[600];

        assert_string_equal(json_text_at(sample, "schema", ""), "bench.sample/1");
        assert_true(json_is_true(json_object_get(sample, "valid")));
        assert_true(json_number_at(sample, "wall_ns", 0) >
                    json_number_at(sample, "lane.wall_ns", 0));
        assert_true(json_number_at(sample, "lane.wall_ns", 0) >= floor);
        assert_true(json_number_at(sample, "server.requests", 0) == 20);
        assert_true(json_number_at(sample, "exit_status", -1) == 0);
        snprintf(path, sizeof(path), "%s/records/%s.csv", only_run(place),
                 json_text_at(sample, "cell", "?"));
        assert_int_equal(access(path, R_OK), 0);
        strcat(path, ".part"); /* until they are whole */
        assert_int_equal(access(path, F_OK), -1);
    }
    json_decref(samples);
}

/* All times of a cell are one result, as hyperfine itself would have exported them. */
static void check_hyperfine(const struct place *place)
{
    char error[JSON_ERROR_SIZE];
    json_t *export = json_file_load(path_in(only_run(place), "hyperfine.json"), error);
    const json_t *results = json_object_get(export, "results");
    const json_t *once = json_array_get(results, 0), *twice = json_array_get(results, 1);
    json_t *times = json_object_get(twice, "times"), *code;
    double first = json_number_value(json_array_get(times, 0)),
           second = json_number_value(json_array_get(times, 1));
    size_t i;

    assert_int_equal(json_array_size(results), 5);
    assert_int_equal(json_array_size(json_object_get(once, "times")), 1);
    assert_true(json_is_null(json_object_get(once, "stddev")));
    assert_int_equal(json_array_size(times), 2);
    assert_true(fabs(json_number_at(twice, "mean", 0) - (first + second) / 2) < 1e-9);
    assert_true(fabs(json_number_at(twice, "median", 0) - (first + second) / 2) < 1e-9);
    assert_true(fabs(json_number_at(twice, "stddev", 0) - fabs(first - second) / sqrt(2)) < 1e-9);
    assert_true(json_number_at(twice, "min", 0) == fmin(first, second));
    assert_true(json_number_at(twice, "max", 0) == fmax(first, second));
    assert_true(json_number_at(twice, "user", 0) + json_number_at(twice, "system", 0) > 0);
    assert_int_equal(json_array_size(json_object_get(twice, "exit_codes")), 2);
    json_array_foreach(json_object_get(twice, "exit_codes"), i, code)
    {
        assert_int_equal(json_integer_value(code), 0);
    }
    expect_text(json_text_at(twice, "command", ""), "lane-threads -n 20 -c 5 --latency 20ms ");
    assert_string_equal(json_text_at(twice, "parameters.cell", ""), "threads-n20-c5-20ms");
    assert_string_equal(json_text_at(twice, "parameters.concurrency", ""), "5");
    json_decref(export);
}

/* Nothing that is kept says where things are on this machine. */
static void check_paths(const struct place *place)
{
    static const char *const names[] = {"run.json", "results.jsonl", "memory.jsonl",
                                        "hyperfine.json"};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char *text = file_read(path_in(only_run(place), names[i]), 10000000, NULL);

        assert_non_null(text);
        assert_null(strstr(text, place->build));
        assert_null(strstr(text, place->folder));
        free(text);
    }
}

static void check_passes(const struct place *place)
{
    json_t *passes = load(place, "memory.jsonl"), *pass;
    size_t i;

    assert_int_equal(json_array_size(passes), 3);
    json_array_foreach(passes, i, pass)
    {
        const char *lane = json_text_at(pass, "lane.lane", "");
        double processes = json_number_at(pass, "processes", 0);

        assert_true(json_is_true(json_object_get(pass, "confirmed")));
        assert_true(json_number_at(pass, "in_flight", 0) == 30);
        assert_true(json_number_at(pass, "server.in_flight_peak", 0) == 30);
        assert_true(json_number_at(pass, "pss_bytes", 0) > 100e3);
        assert_true(json_number_at(pass, "rss_bytes", 0) >= json_number_at(pass, "pss_bytes", 0));
        assert_int_equal(json_array_size(json_object_get(pass, "problems")), 0);
        assert_true(processes == (strcmp(lane, "procs") == 0 ? 31 : 1));
        if (strcmp(lane, "threads") == 0)
            assert_true(json_number_at(pass, "threads", 0) >= 30);
    }
    json_decref(passes);
}

static void check_document(const struct place *place)
{
    json_t *run_json = load(place, "run.json");
    const json_t *first = json_array_get(json_object_get(run_json, "cells"), 0);

    assert_string_equal(json_text_at(run_json, "schema", ""), "bench.run/1");
    assert_int_equal(json_number_at(run_json, "seed", 0), 3);
    assert_string_equal(json_text_at(run_json, "plan.name", ""), "tiny");
    assert_int_equal(json_array_size(json_object_get(run_json, "cells")), 5);
    assert_int_equal(json_array_size(json_object_get(run_json, "memory_cells")), 3);
    assert_string_equal(json_text_at(first, "id", ""), "sync-n20-c1-5ms");
    assert_string_equal(json_text_at(first, "model", ""), "sync");
    assert_int_equal(json_number_at(first, "floor_ns", 0), 100 * NS_PER_MS);
    assert_true(json_number_at(run_json, "environment.cores", 0) >= 1);
    assert_true(json_number_at(run_json, "environment.limits.nofile_hard", 1) > 0);
    assert_non_null(json_text_at(run_json, "environment.versions.hyperfine", NULL));
    json_decref(run_json);
}

static void a_plan_runs_to_a_complete_folder(void **state)
{
    struct place place = make_place(PLAN(
        "\"rounds\": 2, \"cells\": ["
        "{\"lane\": \"sync\", \"requests\": 20, \"latency\": \"5ms\", \"rounds\": 1}, "
        "{\"lane\": [\"threads\", \"procs\", \"async\"], \"requests\": 20, \"concurrency\": 5, "
        "\"latency\": \"20ms\"}, {\"lane\": \"async\", \"requests\": 20, \"latency\": \"20ms\"}], "
        "\"memory\": {\"hold\": \"4s\", \"cells\": [{\"lane\": [\"threads\", \"procs\", "
        "\"async\"], \"requests\": 30, \"concurrency\": 30}]}"));
    struct finished finished = expect_run(&place, 0), shown, listed;

    (void)state;
    expect_text(finished.err, "threads-n20-c5-20ms");
    expect_text(finished.err, "round 2");
    expect_text(finished.err, "in flight 30/30");
    assert_null(strchr(finished.err, '\033')); /* no terminal, no bar */
    assert_status(&place, "complete");
    check_document(&place);
    check_samples(&place);
    check_passes(&place);
    check_hyperfine(&place);
    check_paths(&place);
    shown = run("bench", "show", "--results", place.results, NULL);
    assert_int_equal(shown.status, 0);
    expect_text(shown.out, "ok 40");
    assert_non_null(strstr(finished.out, shown.out)); /* the same table as at the end of the run */
    listed = run("bench", "list", "--results", place.results, NULL);
    assert_int_equal(listed.status, 0);
    expect_text(listed.out, "article");
    expect_text(listed.out, "-tiny  complete");
    finished_free(&finished);
    finished_free(&shown);
    finished_free(&listed);
    remove_place(&place);
}

#define WITH_PATTERNS(names)                                                                       \
    PLAN("\"rounds\": 1, \"patterns\": [" names                                                    \
         "], \"cells\": [{\"lane\": \"async\", \"requests\": 5, \"latency\": \"20ms\"}]")

/* A pattern is run in C, and in Python where there is one. */
static size_t languages(void)
{
    return access("/usr/bin/python3", X_OK) == 0 ? 2 : 1;
}

/* At the end, in the order of the plan; as often as it names them. */
static void patterns_of_a_plan_are_run(void **state)
{
    struct place place =
        make_place(WITH_PATTERNS("\"never-awaited\", \"gather-errors\", \"never-awaited\""));
    struct finished finished = expect_run(&place, 0);
    json_t *lines = load(&place, "patterns.jsonl");
    static const char *const names[] = {"never-awaited", "gather-errors", "never-awaited"};

    (void)state;
    expect_text(finished.err, "pattern gather-errors: as expected");
    assert_int_equal(json_array_size(lines), languages() * COUNT_OF(names));
    for (size_t i = 0; i < json_array_size(lines); i++)
        assert_string_equal(json_text_at(json_array_get(lines, i), "pattern", ""),
                            names[i / languages()]);
    json_decref(lines);
    finished_free(&finished);
    remove_place(&place);
}

static void a_pattern_that_is_none_is_said_first(void **state)
{
    struct place place = make_place(WITH_PATTERNS("\"never-awaited\", \"bogus\""));
    struct finished finished = expect_run(&place, 3);

    (void)state;
    expect_text(finished.err, "the plan names the pattern \"bogus\", which is none");
    expect_text(finished.err, "patterns --list");
    assert_null(strstr(finished.err, "round 1")); /* nothing was measured before that */
    finished_free(&finished);
    remove_place(&place);
}

static void quiet_is_quiet(void **state)
{
    struct place place = make_place(PLAN(X_ONCE));
    struct finished finished;

    (void)state;
    add_lane(&place, "x", REAL_THREADS);
    finished = run("bench", "run", place.plan, "--results", place.results, "--no-report", "--quiet",
                   "--rounds", "2", "--seed", "9", NULL);
    assert_int_equal(finished.status, 0);
    assert_string_equal(finished.out, "");
    assert_string_equal(finished.err, "");
    assert_status(&place, "complete");
    finished_free(&finished);
    remove_place(&place);
}

/* Runs one cell with a lane that misbehaves; it must be recorded, and not count. */
static void expect_invalid(const char *script, const char *problem)
{
    struct place place = make_place(PLAN(X_ONCE));
    struct finished finished;
    json_t *samples, *sample;

    add_lane(&place, "x", script);
    finished = expect_run(&place, 1);
    expect_text(finished.err, "INVALID");
    expect_text(finished.out, problem);
    assert_status(&place, "complete");
    samples = load(&place, "results.jsonl");
    assert_int_equal(json_array_size(samples), 1);
    sample = json_array_get(samples, 0);
    assert_true(json_is_false(json_object_get(sample, "valid")));
    expect_problem(sample, problem);
    json_decref(samples);
    finished_free(&finished);
    remove_place(&place);
}

static void lanes_that_misbehave_do_not_count(void **state)
{
    (void)state;
    expect_invalid("kill -SEGV $$", "ended by signal 11");
    expect_invalid("echo 'out of luck' >&2; exit 9", "exit status 9: out of luck");
    expect_invalid("exit 0", "wrote no result");
    expect_invalid("while [ $# -gt 1 ]; do [ $1 = --output ] && echo nonsense >> $2; shift; done",
                   "not one line of JSON");
    expect_invalid("head -c 3000000 /dev/urandom; head -c 3000000 /dev/urandom >&2; exit 5",
                   "exit status 5");
    expect_invalid("$REAL/lane-threads \"$@\"; exit 1", "exit status 1");
    expect_invalid("$REAL/lane-threads \"$@\"; $REAL/lane-threads \"$@\"", "not one line of JSON");
    expect_invalid("sleep 1000 & setsid sleep 1000 & " REAL_THREADS, "left 2 processes running");
    expect_invalid("echo 'no limit like this' >&2; exit 3",
                   "limits of this machine forbid it: no limit like this");
}

static void lanes_that_cheat_are_found_out(void **state)
{
    (void)state;
    /* Half the requests, and more in flight than asked. */
    expect_invalid("shift 4; exec $REAL/lane-threads -n 10 -c 5 \"$@\"",
                   "made 10 requests instead of 20");
    expect_invalid("shift 4; exec $REAL/lane-threads -n 20 -c 20 \"${@/delay=*/delay=3s}\"",
                   "requests in flight at once, 5 were asked");
    expect_invalid("shift 4; exec $REAL/lane-threads -n 20 -c 8 \"$@\"",
                   "ran with a concurrency of 8 instead of 5");
    /* A result without requests. */
    expect_invalid("while [ $# -gt 1 ]; do [ $1 = --output ] && echo '{\"schema\": "
                   "\"lane.result/1\", \"workload\": {\"requests\": 20, \"work\": \"io\"}, "
                   "\"verified\": 20, \"outcomes\": {\"ok\": 20, " NO_FAILURES "}, " RESULT_REST
                   "}' >> $2; shift; done",
                   "received 0 requests instead of 20");
    /* Bodies that are not those of their ids. */
    expect_invalid(
        "a=(\"$@\"); n=$((${#a[@]} - 1)); a[$n]=${a[$n]/users\\/{id\\}/users\\/1{id\\}}; "
        "exec $REAL/lane-threads \"${a[@]}\"",
        "0 of 20 requests were verified");
}

static void a_lane_that_hangs_is_ended(void **state)
{
    struct place place = make_place(
        PLAN("\"rounds\": 1, " LANE_X "\"cells\": [{\"lane\": \"x\", \"requests\": 2, "
             "\"latency\": \"1ms\", \"limit\": \"300ms\"}], \"memory\": {\"cells\": [{\"lane\": "
             "\"x\", \"requests\": 2, \"limit\": \"300ms\"}]}"));
    struct finished finished;

    (void)state;
    /* The warm-up has 10 requests, and passes. */
    add_lane(&place, "x",
             "[ $2 = 10 ] && exec $REAL/lane-threads \"$@\"; trap '' TERM; sleep 1000 & wait; "
             "while :; do sleep 1; done");
    finished = expect_run(&place, 1);
    expect_text(finished.out, "did not end within 300 ms");
    expect_text(finished.out, "x-n2-c10-memory, round 1: It did not end within 300 ms");
    finished_free(&finished);
    remove_place(&place);
}

static void optional_cells_are_left_out(void **state)
{
    struct place place = make_place(PLAN(
        "\"rounds\": 3, " LANE_X "\"cells\": [{\"lane\": \"x\", \"requests\": 20, "
        "\"latency\": \"20ms\", \"optional\": true}, {\"lane\": \"threads\", \"requests\": 20, "
        "\"latency\": \"20ms\"}], \"memory\": {\"hold\": \"300ms\", \"cells\": [{\"lane\": "
        "\"x\", \"requests\": 20, \"optional\": true}]}"));
    struct finished finished;
    json_t *run_json, *samples, *skipped;

    (void)state;
    add_lane(&place, "x", "echo 'needs more of everything' >&2; exit 3");
    finished = expect_run(&place, 0);
    run_json = load(&place, "run.json");
    skipped = json_object_get(run_json, "skipped");
    assert_int_equal(json_array_size(skipped), 2);
    assert_string_equal(json_text_at(json_array_get(skipped, 0), "id", ""), "x-n20-c10-20ms");
    assert_string_equal(json_text_at(json_array_get(skipped, 0), "reason", ""),
                        "needs more of everything");
    samples = load(&place, "results.jsonl");
    assert_int_equal(json_array_size(samples), 3);
    json_decref(run_json);
    json_decref(samples);
    finished_free(&finished);
    remove_place(&place);
}

/* The pid of a descendant by the name of its program, or 0. */
static pid_t find_descendant(const char *name)
{
    struct proctree tree;
    pid_t found = 0;

    assert_int_equal(proctree_list(getpid(), &tree), 0);
    for (size_t i = 1; i < tree.count && found == 0; i++) {
        char path[64];
        char *text;

        snprintf(path, sizeof(path), "/proc/%d/comm", (int)tree.pids[i]);
        text = file_read(path, 4096, NULL);
        if (text != NULL && strncmp(text, name, strlen(name)) == 0)
            found = tree.pids[i];
        free(text);
    }
    proctree_free(&tree);
    return found;
}

static pid_t wait_for_descendant(const char *name)
{
    uint64_t deadline = clock_ns() + 60 * NS_PER_S;
    pid_t pid = find_descendant(name);

    while (pid == 0 && clock_ns() < deadline) {
        usleep(5000);
        pid = find_descendant(name);
    }
    assert_int_not_equal(pid, 0);
    return pid;
}

/* Waits until one lane has been there for a second: what warms it up is much shorter. */
static void wait_for_first_execution(void)
{
    pid_t lane = wait_for_descendant("lane-sync");
    uint64_t since_ns = clock_ns(), deadline = since_ns + 60 * NS_PER_S;

    while (clock_ns() < since_ns + NS_PER_S) {
        pid_t now;

        usleep(20000);
        now = find_descendant("lane-sync");
        if (now == lane && now != 0)
            continue;
        assert_true(clock_ns() < deadline);
        lane = now;
        since_ns = clock_ns();
    }
}

static void a_server_that_is_killed_is_replaced(void **state)
{
    struct place place =
        make_place(PLAN("\"rounds\": 2, \"cells\": [{\"lane\": \"sync\", \"requests\": 30, "
                        "\"latency\": \"200ms\"}]"));
    char err[512];
    pid_t bench;
    json_t *samples;
    char *text;

    (void)state;
    snprintf(err, sizeof(err), "%s/err", place.folder);
    bench = start_bench(&place, err);
    wait_for_first_execution();
    kill(wait_for_descendant("mockserver"), SIGKILL);
    assert_int_equal(wait_for(bench, 120), 1);
    text = file_read(err, 1 << 20, NULL);
    expect_text(text, "the mock server had ended with status 137 and was restarted");
    samples = load(&place, "results.jsonl");
    assert_int_equal(json_array_size(samples), 2);
    assert_true(json_is_false(json_object_get(json_array_get(samples, 0), "valid")));
    expect_problem(json_array_get(samples, 0), "requests ended ok");
    expect_problem(json_array_get(samples, 0), "The mock server does not say what it saw");
    assert_true(json_is_true(json_object_get(json_array_get(samples, 1), "valid")));
    assert_status(&place, "complete");
    json_decref(samples);
    free(text);
    remove_place(&place);
}

static pid_t parent_of(pid_t pid)
{
    char path[64];
    char *status;
    pid_t parent;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    status = file_read(path, 1 << 16, NULL);
    assert_non_null(status);
    assert_non_null(strstr(status, "PPid:"));
    parent = (pid_t)atoi(strstr(status, "PPid:") + 5);
    free(status);
    return parent;
}

static void a_keeper_that_is_killed_costs_one_execution(void **state)
{
    struct place place =
        make_place(PLAN("\"rounds\": 2, \"cells\": [{\"lane\": \"sync\", \"requests\": 30, "
                        "\"latency\": \"200ms\"}]"));
    pid_t bench = start_bench(&place, NULL);
    json_t *samples;

    (void)state;
    wait_for_first_execution();
    kill(parent_of(wait_for_descendant("hyperfine")), SIGKILL);
    assert_int_equal(wait_for(bench, 120), 1);
    samples = load(&place, "results.jsonl");
    assert_int_equal(json_array_size(samples), 2);
    expect_problem(json_array_get(samples, 0), "Its keeper was killed");
    assert_true(json_is_true(json_object_get(json_array_get(samples, 1), "valid")));
    json_decref(samples);
    remove_place(&place);
}

#define ENDLESS                                                                                    \
    PLAN("\"rounds\": 1000, \"cells\": [{\"lane\": [\"procs\", \"threads\"], \"requests\": 20, "   \
         "\"latency\": \"20ms\"}], \"memory\": {\"cells\": [{\"lane\": \"procs\", "                \
         "\"requests\": 20}]}")

static void an_interrupted_run_can_be_read(void **state)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct place place = make_place(ENDLESS);
        struct finished shown;
        pid_t bench = start_bench(&place, NULL);

        wait_for_file(&place, "run.json");
        usleep(300000U * (useconds_t)(i + 1));
        kill(bench, signals[i]);
        assert_int_equal(wait_for(bench, 60), 130);
        assert_status(&place, "interrupted");
        shown = run("bench", "show", only_run(&place), NULL);
        assert_int_equal(shown.status, 0);
        expect_text(shown.out, "interrupted");
        finished_free(&shown);
        remove_place(&place);
    }
}

/* What a session has not run to its end is run anew, so that no pattern is there twice. */
static void interrupted_patterns_are_run_anew(void **state)
{
    struct place place = make_place(WITH_PATTERNS("\"never-awaited\", \"fire-and-forget\""));
    pid_t bench = start_bench(&place, NULL);
    struct finished resumed;
    json_t *lines;

    (void)state;
    wait_for_file(&place, "patterns.jsonl.part");
    kill(bench, SIGINT);
    assert_int_equal(wait_for(bench, 60), 130);
    assert_status(&place, "interrupted");
    assert_int_not_equal(access(path_in(only_run(&place), "patterns.jsonl"), F_OK), 0);
    resumed = run("bench", "resume", "--trust", only_run(&place), "--no-report", NULL);
    assert_int_equal(resumed.status, 0);
    assert_status(&place, "complete");
    lines = load(&place, "patterns.jsonl");
    assert_int_equal(json_array_size(lines), 2 * languages());
    json_decref(lines);
    finished_free(&resumed);
    remove_place(&place);
}

/* While the programs are looked for, the environment is read, the server starts. */
static void an_interrupt_before_the_first_execution_is_one(void **state)
{
    (void)state;
    for (useconds_t after_ms = 1; after_ms < 100; after_ms = after_ms * 3 / 2 + 1) {
        struct place place = make_place(ENDLESS);
        pid_t bench = start_bench(&place, NULL);
        int status;

        usleep(after_ms * 1000);
        kill(bench, SIGINT);
        status = wait_for(bench, 60);
        if (status != 130) /* 128 + SIGINT, where it had no handler yet */
            fail_msg("status %d after %u ms", status, (unsigned)after_ms);
        remove_place(&place);
    }
}

static void a_memory_pass_can_be_interrupted(void **state)
{
    struct place place = make_place(
        PLAN("\"rounds\": 1, \"cells\": [{\"lane\": \"procs\", \"requests\": 1, \"latency\": "
             "\"1ms\"}], \"memory\": {\"hold\": \"1m\", \"cells\": [{\"lane\": \"procs\", "
             "\"requests\": 20, \"concurrency\": 20}]}"));
    pid_t bench = start_bench(&place, NULL);
    uint64_t deadline = clock_ns() + 60 * NS_PER_S;

    (void)state;
    while (descendants() < 24 && clock_ns() < deadline)
        usleep(5000);
    assert_true(descendants() >= 24);
    kill(bench, SIGINT);
    assert_int_equal(wait_for(bench, 60), 130);
    assert_status(&place, "interrupted");
    remove_place(&place);
}

/* How many executions of rounds bench has announced as done. */
static size_t announced(const char *path)
{
    char *text = file_read(path, 10000000, NULL);
    size_t count = 0;

    assert_non_null(text);
    for (const char *at = strstr(text, " round "); at != NULL; at = strstr(at + 1, " round "))
        count++;
    free(text);
    return count;
}

static void a_killed_run_loses_nothing_and_leaves_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        struct place place = make_place(ENDLESS);
        char error[JSON_ERROR_SIZE], *err = strdup(path_in(place.folder, "err"));
        struct finished listed;
        pid_t bench = start_bench(&place, err);
        json_t *samples;

        if (i >= 6)
            wait_for_file(&place, "run.json");
        usleep((useconds_t)(i < 6 ? 20000 * i : 60000 * i));
        kill(bench, SIGKILL);
        wait_for(bench, 60);
        assert_nothing_left();
        if (i >= 6) {
            const char *path = path_in(only_run(&place), "results.jsonl");

            samples = access(path, F_OK) == 0 ? json_lines_load(path, error) : json_array();
            assert_non_null(samples);
            assert_true(json_array_size(samples) >= announced(err));
            json_decref(samples);
            listed = run("bench", "list", "--results", place.results, NULL);
            expect_text(listed.out, "-tiny  killed");
            finished_free(&listed);
        }
        free(err);
        remove_place(&place);
    }
}

static void storage_that_takes_no_more_is_said(void **state)
{
    struct place place = make_place(ENDLESS);
    char script[2048];
    const char *argv[] = {"bash", "-c", script, NULL};
    struct finished finished;
    json_t *samples;

    (void)state;
    finished = run("bench", "run", place.plan, "--results", "/proc/nowhere", NULL);
    assert_int_equal(finished.status, 3);
    expect_text(finished.err, "cannot make a folder for the run in /proc/nowhere");
    finished_free(&finished);
    finished = run("bench", "run", place.plan, "--results", place.plan, NULL);
    assert_int_equal(finished.status, 3);
    expect_text(finished.err, "Not a directory");
    finished_free(&finished);
    /* No file may grow beyond 16 KB, as if the disk were full then. */
    snprintf(script, sizeof(script), "ulimit -f 16; exec %s run %s --results %s --no-report",
             program("bench"), place.plan, place.results);
    finished = run_argv(argv);
    assert_int_equal(finished.status, 3);
    expect_text(finished.err, "cannot write ");
    expect_text(finished.err, "results.jsonl: File too large");
    assert_status(&place, "failed");
    samples = load(&place, "results.jsonl");
    assert_true(json_array_size(samples) >= 2);
    json_decref(samples);
    finished_free(&finished);
    remove_place(&place);
}

/* A program finds itself by /proc; only root can take it away here. */
static void a_missing_place_is_said(void **state)
{
    char path[PATH_MAX];
    const char *argv[] = {"bash", "-c", "d=$(mktemp -d); cd $d; rmdir $d; exec \"$0\" list",
                          realpath(program("bench"), path), NULL};
    struct finished finished = run_argv(argv);

    (void)state;
    assert_int_equal(finished.status, 3);
    expect_text(finished.err, "/proc or the working folder cannot be read: No such file");
    finished_free(&finished);
    argv[2] = "unshare -m bash -c 'mount -t tmpfs none /proc && exec \"$0\" list' \"$0\"";
    finished = run_argv(argv);
    if (finished.status == 3)
        expect_text(finished.err, "/proc or the working folder cannot be read: No such file");
    finished_free(&finished);
}

static void expect_refusal(const char *plan, int status, const char *reason)
{
    struct place place = make_place(plan);
    struct finished finished = run_place(&place);

    assert_int_equal(finished.status, status);
    expect_text(finished.err, reason);
    assert_int_not_equal(access(place.results, F_OK), 0);
    finished_free(&finished);
    remove_place(&place);
}

static void wrong_plans_start_nothing(void **state)
{
    (void)state;
    expect_refusal("{\"schema\":\n nonsense", 2, "plan.json:2:");
    expect_refusal(
        PLAN("\"cells\": [{\"lane\": \"fibers\", \"requests\": 1, \"latency\": \"1s\"}]"), 2,
        "cells[0].lane: must be the name of a lane");
    expect_refusal(PLAN(X_ONCE), 3, "the lane x, "); /* its program does not exist */
    expect_refusal(PLAN("\"server\": {\"args\": [\"--bogus\"]}, \"cells\": [{\"lane\": \"sync\", "
                        "\"requests\": 1, \"latency\": \"1ms\"}]"),
                   3, "the mock server");
}

static void wrong_command_lines_are_refused(void **state)
{
    static const char *const lines[][5] = {
        {NULL},
        {"fly", NULL},
        {"run", NULL},
        {"run", "no-such-plan", NULL},
        {"run", "quick", "more", NULL},
        {"run", "quick", "--rounds=0", NULL},
        {"run", "quick", "--seed=-1", NULL},
        {"run", "quick", "--bogus", NULL},
        {"show", "no-such-run", NULL},
        {"list", "more", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct finished finished = run("bench", lines[i][0], lines[i][1], lines[i][2], NULL);

        assert_int_equal(finished.status, 2);
        assert_string_equal(finished.out, "");
        assert_true(strlen(finished.err) > 10);
        finished_free(&finished);
    }
}

/* Both say it before anything is measured, in the same words. */
static void a_hyperfine_that_is_of_no_use_is_said(void **state)
{
    static const struct {
        const char *script, *told;
    } cases[] = {
        {NULL, "cannot start hyperfine: No such file"},
        {"kill -SEGV $$", "hyperfine 1.13 or newer is needed; asked to time itself, it crashed: "},
        {"[ \"$1\" = --version ] || { echo 'error: unknown -N'; exit 1; }; echo 'hyperfine 1.9.0'",
         "asked to time itself, it says: error: unknown -N"},
        {"echo '{\"results\": [{\"times\": [-1.0]}]}'", "it gave no time: "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct place place = make_place(
            PLAN("\"cells\": [{\"lane\": \"sync\", \"requests\": 1, \"latency\": \"1ms\"}]"));
        char script[2048];
        const char *argv[] = {"bash", "-c", script, NULL};
        struct finished finished;

        if (cases[i].script != NULL)
            add_lane(&place, "hyperfine", cases[i].script);
        snprintf(script, sizeof(script), "PATH=%s%s; %s doctor; exec %s run %s --results %s",
                 place.folder, cases[i].script != NULL ? ":$PATH" : "", program("bench"),
                 program("bench"), place.plan, place.results);
        finished = run_argv(argv);
        assert_int_equal(finished.status, 3);
        expect_text(finished.out, cases[i].told);
        expect_text(finished.err, cases[i].told);
        expect_text(finished.err, "apt-get install hyperfine");
        finished_free(&finished);
        remove_place(&place);
    }
}

static struct finished run_url(const struct place *place, const char *url, const char *more)
{
    char script[2048];
    const char *argv[] = {"bash", "-c", script, NULL};

    snprintf(script, sizeof(script),
             "exec %s run --lane async --lane sync -n 4 --latency 1ms --rounds 1 --no-report "
             "--results %s --url '%s' %s",
             program("bench"), place->results, url, more);
    return run_argv(argv);
}

/* Of a server of one's own the warm-ups tell whether it can be asked like that. */
static void own_servers_are_asked_as_is_said(void **state)
{
    static const struct {
        const char *path, *more, *told;
        int status;
    } cases[] = {
        {"/users/{id}", "", NULL, 0},
        {"/stats", "--verify status -H 'Accept: text/plain'", NULL, 0},
        {"/stats", "", "say --verify status, or put {id} into", 2},
        {"/stats", "--method GET", "say --verify status, or put {id} into", 2},
        {"/stats", "-H 'Accept: {id}' --verify id", "say --verify status, or put {id} into", 2},
        {"/stats", "--body '{\"id\": {id}}'", "All 10 requests ended as http_status", 1},
        {"/stats?{id}", "",
         "Every warm-up failed for one reason. All 10 requests ended as bad_body", 1},
        {"/stats?{id}", "", "with --verify status any with", 1},
        {"/stats", "--verify status --body x", "no answer had a status of 200 to 299", 1},
        {"/stats?{id}", "--verify never", "--verify: 'never' is not 'id' or 'status'", 1},
    };
    struct place place = make_place("{}");
    struct server server = server_start("--latency", "1ms", NULL);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char url[300];
        struct finished finished;

        snprintf(url, sizeof(url), "%s%s", server.url, cases[i].path);
        finished = run_url(&place, url, cases[i].more);
        assert_int_equal(finished.status, cases[i].status);
        if (cases[i].told != NULL)
            expect_text(finished.err, cases[i].told);
        finished_free(&finished);
    }
    server_stop(&server);
    remove_place(&place);
}

/* Each says which cell, what and by how much. */
static void thresholds_are_judged(void **state)
{
    static const struct {
        const char *said, *told;
        int status;
    } cases[] = {
        {"wall > 60s", NULL, 0},
        {"failures > 0", NULL, 0},
        {"p99 >1us", "async-n4-c4-1ms: p99 is ", 1},
        {"wall > 1ms", "sync-n4-c1-1ms: wall is ", 1},
        {"cpu<10m", " below the threshold of 10.00 m", 1},
        {"failures > 1%", NULL, 0},
        {"verified > 4", NULL, 0},
        {"executions > 5ms", "is not like 'p99 > 300ms'", 2},
        {"lane > 5", "no cell has a figure for 'lane > 5'", 1},
        {"wall > 1%", "is not like 'p99 > 300ms'", 2},
        {"p99 > 1.2.3ms", "is not like 'p99 > 300ms'", 2},
        {"rss > 1kB", " above the threshold of 1.00 KB", 1},
        {"verified < 5", "async-n4-c4-1ms: verified is 4, 1 (20.0 %) below the threshold of 5", 1},
        {"memory > 1MB", "no cell has a figure for 'memory > 1MB'", 1},
        {"p99 > 300", "--fail-if: 'p99 > 300' is not like 'p99 > 300ms'", 2},
        {"speed > 1ms", "is not like 'p99 > 300ms'; what it may name are wall, cpu", 2},
        {"p99", "is not like 'p99 > 300ms'", 2},
    };
    struct place place = make_place(
        PLAN("\"rounds\": 1, \"cells\": [{\"lane\": [\"async\", \"sync\"], \"requests\": 4, "
             "\"latency\": \"1ms\"}]"));
    char option[100];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct finished finished;

        snprintf(option, sizeof(option), "--fail-if=%s", cases[i].said);
        finished = run("bench", "run", place.plan, "--results", place.results, "--no-report",
                       "--quiet", "--fail-if=wall > 1h", option, NULL);
        assert_int_equal(finished.status, cases[i].status);
        if (cases[i].told != NULL)
            expect_text(finished.err, cases[i].told);
        else
            assert_string_equal(finished.err, "");
        finished_free(&finished);
    }
    remove_place(&place);
}

static void a_complete_run_is_judged_as_well(void **state)
{
    struct place place = make_place(PLAN(X_ONCE));
    struct finished finished;

    (void)state;
    add_lane(&place, "x", REAL_THREADS);
    finished = expect_run(&place, 0);
    finished_free(&finished);
    finished = run("bench", "resume", only_run(&place), "--fail-if=wall > 1ns", NULL);
    assert_int_equal(finished.status, 1);
    expect_text(finished.err, " above the threshold of 1 ns");
    finished_free(&finished);
    finished = run("bench", "resume", only_run(&place), "--fail-if=wall > 1h", NULL);
    assert_int_equal(finished.status, 0);
    finished_free(&finished);
    remove_place(&place);
}

/* That another lane computes well says nothing of the server. */
static void warm_ups_that_do_not_ask_are_not_counted(void **state)
{
    struct server server = server_start("--latency", "1ms", NULL);
    struct place place = make_place(PLAN(
        "\"rounds\": 1, \"cells\": [{\"lane\": \"sync\", \"requests\": 4, \"latency\": \"1ms\"}, "
        "{\"lane\": \"threads\", \"requests\": 4, \"work\": \"cpu\", \"cpu\": \"1ms\"}]"));
    struct finished finished;
    char url[300];

    (void)state;
    snprintf(url, sizeof(url), "--url=%s/stats?{id}", server.url);
    finished = run("bench", "run", place.plan, "--results", place.results, url, NULL);
    assert_int_equal(finished.status, 1);
    expect_text(finished.err, "Every warm-up failed for one reason");
    finished_free(&finished);
    server_stop(&server);
    remove_place(&place);
}

static void expect_output(const char *command, const char *option, const char *text)
{
    struct finished finished = run("bench", command, option, NULL);

    assert_int_equal(finished.status, 0);
    assert_string_equal(finished.err, "");
    expect_text(finished.out, text);
    finished_free(&finished);
}

static void help_and_version(void **state)
{
    static const char *const commands[] = {"run",     "resume",  "list",  "show",
                                           "compare", "history", "doctor"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        char usage[64];

        snprintf(usage, sizeof(usage), "Usage: bench %s [OPTION...]", commands[i]);
        expect_output("--help", NULL, commands[i]);
        expect_output(commands[i], "--help", usage);
        expect_output(commands[i], "-h", "Examples:\n  bench ");
        expect_output(commands[i], "--version", "bench " SUITE_VERSION);
    }
    expect_output("run", "--help", "--rounds=N");
    expect_output("-h", NULL, "Exit status: 0 complete");
    expect_output("--version", NULL, "bench " SUITE_VERSION);
}

static void expect_usage_error(const char *command, const char *option, const char *text)
{
    struct finished finished = run("bench", command, option, NULL);

    assert_int_equal(finished.status, 2);
    assert_string_equal(finished.out, "");
    expect_text(finished.err, text);
    finished_free(&finished);
}

static void mistakes_are_named(void **state)
{
    (void)state;
    expect_usage_error("shwo", NULL, "'shwo' is not a command; the nearest one is 'show'");
    expect_usage_error("a-long-name-that-is-none", NULL, "is not a command");
    expect_usage_error("run", "--rounds=1001", "--rounds: '1001' is not a whole number from 1 to");
    expect_usage_error("run", "--until=2", "--until: '2' is not a share");
    expect_usage_error("run", "--budget=soon", "--budget: 'soon' is not a duration");
    expect_usage_error("run", "--lane=co", "cells[0].requests: is missing");
    expect_usage_error("run", "--url=ftp://h/x", "--url: 'ftp://h/x' is not a URL");
    expect_usage_error("resume", "--seed=3", "--seed"); /* a run goes on as it began */
    expect_usage_error("compare", "a", "takes two runs");
    expect_usage_error("run", "--fail-if=p99 > \xff", "is not UTF-8");
    expect_usage_error("run", "--header=a: \xff", "is not UTF-8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_plan_runs_to_a_complete_folder, end_leftovers),
        cmocka_unit_test_teardown(patterns_of_a_plan_are_run, end_leftovers),
        cmocka_unit_test_teardown(a_pattern_that_is_none_is_said_first, end_leftovers),
        cmocka_unit_test_teardown(quiet_is_quiet, end_leftovers),
        cmocka_unit_test_teardown(lanes_that_misbehave_do_not_count, end_leftovers),
        cmocka_unit_test_teardown(lanes_that_cheat_are_found_out, end_leftovers),
        cmocka_unit_test_teardown(a_lane_that_hangs_is_ended, end_leftovers),
        cmocka_unit_test_teardown(optional_cells_are_left_out, end_leftovers),
        cmocka_unit_test_teardown(a_server_that_is_killed_is_replaced, end_leftovers),
        cmocka_unit_test_teardown(a_keeper_that_is_killed_costs_one_execution, end_leftovers),
        cmocka_unit_test_teardown(an_interrupted_run_can_be_read, end_leftovers),
        cmocka_unit_test_teardown(interrupted_patterns_are_run_anew, end_leftovers),
        cmocka_unit_test_teardown(an_interrupt_before_the_first_execution_is_one, end_leftovers),
        cmocka_unit_test_teardown(a_memory_pass_can_be_interrupted, end_leftovers),
        cmocka_unit_test_teardown(a_killed_run_loses_nothing_and_leaves_nothing, end_leftovers),
        cmocka_unit_test_teardown(storage_that_takes_no_more_is_said, end_leftovers),
        cmocka_unit_test_teardown(a_missing_place_is_said, end_leftovers),
        cmocka_unit_test_teardown(wrong_plans_start_nothing, end_leftovers),
        cmocka_unit_test_teardown(wrong_command_lines_are_refused, end_leftovers),
        cmocka_unit_test_teardown(thresholds_are_judged, end_leftovers),
        cmocka_unit_test_teardown(a_complete_run_is_judged_as_well, end_leftovers),
        cmocka_unit_test_teardown(warm_ups_that_do_not_ask_are_not_counted, end_leftovers),
        cmocka_unit_test_teardown(own_servers_are_asked_as_is_said, end_leftovers),
        cmocka_unit_test_teardown(a_hyperfine_that_is_of_no_use_is_said, end_leftovers),
        cmocka_unit_test_teardown(help_and_version, end_leftovers),
        cmocka_unit_test_teardown(mistakes_are_named, end_leftovers),
    };

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
