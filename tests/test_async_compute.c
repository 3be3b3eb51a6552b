/* lane-async with work that computes, end to end: on the loop, in threads and in processes, on one
 * loop and on two. Every test that takes a way runs once for each. */
#include <glob.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "tests/lane_run.h"

#include "common/clock.h"
#include "common/file.h"
#include "common/json.h"

/* Of 1000 rounds of 32 bytes, and of 300,000 (tens of milliseconds), computed with Python's hashlib
 * (see test_computing.c). */
#define DIGEST_1000 "36c1cb4f826ae42ceba848227e0c5f786178ca9dceca6772e5d728d09c30a2f6"
#define DIGEST_300K "ca89bc5f5b2d272fb5d8d0be1d2d37fd5d70908b1bce2e6a7f8d035107d4d913"

#define CPU_1000 "--rounds", "1000", "--digest", DIGEST_1000
#define CPU_300K "--rounds", "300k", "--digest", DIGEST_300K
/* Hours of rounds, that no lane comes to the end of. */
#define CPU_HOURS "--rounds", "900G", "--digest", DIGEST_1000

struct way {
    const char *compute, *loops;
    const char *more; /* one more option */
    int pool;         /* whether not the loop computes */
};

/* The options of a way, for calls that take options one by one. */
#define WAY(way) "--compute", (way)->compute, "--loops", (way)->loops, (way)->more

static const struct way loop = {"loop", "1", "--timeout=30s", 0};
static const struct way threads = {"threads", "1", "--timeout=30s", 1};
static const struct way processes = {"processes", "1", "--timeout=30s", 1};
static const struct way lock = {"threads", "1", "--gil", 1};
static const struct way loops = {"loop", "2", "--timeout=30s", 0};
static const struct way loops_threads = {"threads", "2", "--timeout=30s", 1};
static const struct way loops_processes = {"processes", "2", "--timeout=30s", 1};

#define FOR_EACH_WAY(test)                                                                         \
    {#test "_loop", test, NULL, end_leftovers, (void *)&loop},                                     \
        {#test "_threads", test, NULL, end_leftovers, (void *)&threads},                           \
        {#test "_processes", test, NULL, end_leftovers, (void *)&processes},                       \
        {#test "_lock", test, NULL, end_leftovers, (void *)&lock},                                 \
        {#test "_loops", test, NULL, end_leftovers, (void *)&loops},                               \
        {#test "_loops_threads", test, NULL, end_leftovers, (void *)&loops_threads},               \
    {                                                                                              \
#test "_loops_processes", test, NULL, end_leftovers, (void *)&loops_processes              \
    }

/* Whether the summary says `text`, as it should or should not. */
static void expect_said(const struct lane_run *run, bool said, const char *text)
{
    if ((strstr(run->finished.out, text) != NULL) != said)
        fail_msg("'%s' %s:\n%s", text, said ? "is missing" : "is said", run->finished.out);
}

/* How many there were, as the summary says. */
static long heartbeats(const struct lane_run *run)
{
    const char *text = strstr(run->finished.out, " at most"), *number;

    number = text != NULL ? strstr(text, "; ") : NULL;
    return number != NULL ? strtol(number + 2, NULL, 10) : 0;
}

/* What the server saw since it started. */
static void expect_served(const struct server *server, long requests, long in_flight_max)
{
    char *text = server_request(server, "/stats", 0);
    json_t *seen = json_loads(text, 0, NULL);

    assert_int_equal((long)json_number_at(seen, "requests", -1), requests);
    assert_in_range((long)json_number_at(seen, "in_flight_peak", -1), 1, in_flight_max);
    json_decref(seen);
    free(text);
}

/* ---- The workload done right ------------------------------------------------------------- */

static void items_are_computed_and_verified(void **state)
{
    const struct way *way = *state;
    struct lane_run run =
        run_lane("lane-async", NULL, "--work", "cpu", CPU_1000, WAY(way), "-n", "30", NULL);

    expect_outcomes(&run, "outcomes.ok", 30, 30);
    assert_int_equal(run.finished.status, 0);
    assert_int_equal(number(&run, "verified"), 30);
    if (way->pool)
        expect_said(&run, true, way->compute);
    expect_said(&run, atoi(way->loops) > 1, "2 loops ");
    assert_int_equal(json_is_integer(json_at(run.result, "workload.workers")), way->pool);
    expect_said(&run, way == &lock, "one thread at a time");
    if (!way->pool) /* a loop that computes does nothing else */
        assert_in_range(number(&run, "in_flight_peak"), 1, atoi(way->loops));
    lane_run_free(&run);
    assert_int_equal(children_count(), 0);
}

static void answers_are_computed_on_and_verified(void **state)
{
    struct server server = server_start("--latency", "5ms", NULL);
    struct lane_run run =
        run_lane("lane-async", users_url(&server, ""), "--work", "mixed", CPU_1000,
                 WAY((const struct way *)*state), "-n", "60", "-c", "8", NULL);

    expect_outcomes(&run, "outcomes.ok", 60, 60);
    assert_int_equal(run.finished.status, 0);
    assert_int_equal(number(&run, "verified"), 60);
    assert_in_range(number(&run, "in_flight_peak"), 1, 8); /* a slot is one's own to the end */
    assert_in_range(number(&run, "connections_opened"), 1, 8);
    expect_served(&server, 60, 8);
    lane_run_free(&run);
    server_stop(&server);
    assert_int_equal(children_count(), 0);
}

static void wrong_digest_is_a_bad_body(void **state)
{
    struct lane_run run =
        run_lane("lane-async", NULL, "--work", "cpu", "--rounds", "999", "--digest", DIGEST_1000,
                 WAY((const struct way *)*state), "-n", "12", NULL);

    assert_int_equal(run.finished.status, 1);
    expect_outcomes(&run, "outcomes.bad_body", 12, 12);
    assert_int_equal(number(&run, "verified"), 0);
    lane_run_free(&run);
}

static void several_loops_share_the_requests(void **state)
{
    struct server server = server_start("--latency", "500ms", NULL);
    struct lane_run run =
        run_lane("lane-async", users_url(&server, ""), "--loops", "3", "-n", "24", "-c", "8", NULL);

    (void)state;
    expect_outcomes(&run, "outcomes.ok", 24, 24);
    assert_int_equal(number(&run, "verified"), 24);
    assert_int_equal(number(&run, "in_flight_peak"), 8);
    expect_said(&run, true, "3 loops ");
    expect_served(&server, 24, 8);
    lane_run_free(&run);
    server_stop(&server);
}

static void there_are_no_more_loops_than_slots(void **state)
{
    struct server server = server_start("--latency", "5ms", NULL);
    struct lane_run run =
        run_lane("lane-async", users_url(&server, ""), "--loops", "9", "-n", "10", "-c", "2", NULL);

    (void)state;
    expect_outcomes(&run, "outcomes.ok", 10, 10);
    expect_said(&run, true, "2 loops ");
    expect_served(&server, 10, 2);
    lane_run_free(&run);
    server_stop(&server);
}

/* However busy the machine is: while one thread computes at a time, the CPU time of all cannot be
 * more than the time that passes. A tenth and 50 ms are for the rest of the process. */
static void threads_under_the_lock_compute_one_at_a_time(void **state)
{
    struct lane_run run = run_lane("lane-async", NULL, "--work", "cpu", CPU_300K, WAY(&lock),
                                   "--workers", "4", "-n", "12", NULL);

    (void)state;
    expect_outcomes(&run, "outcomes.ok", 12, 12);
    if ((double)number(&run, "user_cpu_ns") > 1.1 * (double)number(&run, "wall_ns") + 50e6)
        fail_msg("%ld ns of CPU time in %ld ns", number(&run, "user_cpu_ns"),
                 number(&run, "wall_ns"));
    lane_run_free(&run);
}

/* ---- The health of the loop -------------------------------------------------------------- */

/* On the loop, the first turn begins and computes all items: it blocks for nearly all of the run,
 * and all beats but a few are late. */
static void loop_that_computes_is_blocked(void **state)
{
    struct lane_run run = run_lane("lane-async", NULL, "--work", "cpu", CPU_300K, "-n", "16", NULL);
    long block_ns = number(&run, "loop.longest_block_ns");

    (void)state;
    expect_outcomes(&run, "outcomes.ok", 16, 16);
    assert_string_equal(json_text_at(run.result, "loop.longest_block", ""),
                        "computing 16 items, item 0 first");
    assert_in_range(block_ns, number(&run, "wall_ns") / 2, number(&run, "wall_ns"));
    assert_true(heartbeats(&run) >= block_ns / (long)(10 * NS_PER_MS));
    assert_true(number(&run, "loop.lateness_ns.p50") >= block_ns / 4);
    assert_true(number(&run, "loop.lateness_ns.max") <= block_ns);
    assert_non_null(strstr(run.finished.out, "(computing 16 items, item 0 first)"));
    assert_non_null(strstr(run.finished.out, " heartbeats late by p50 "));
    lane_run_free(&run);
}

static void item_that_blocks_is_named(void **state)
{
    struct server server = server_start("--latency", "5ms", NULL);
    struct lane_run run = run_lane("lane-async", users_url(&server, ""), "--work", "mixed",
                                   CPU_300K, "-n", "5", "-c", "1", NULL);
    const char *name = json_text_at(run.result, "loop.longest_block", "");
    unsigned count, item;

    (void)state;
    expect_outcomes(&run, "outcomes.ok", 5, 5);
    /* Two, where the machine was so busy that an answer came before the heartbeat had its turn. */
    if (sscanf(name, "computing item %u", &item) != 1 &&
        sscanf(name, "computing %u items, item %u first", &count, &item) != 2)
        fail_msg("blocked by '%s'", name);
    assert_in_range(item, 0, 4);
    lane_run_free(&run);
    server_stop(&server);
}

/* How long it is blocked depends on the machine; not, that computing is no part of it. */
static void loop_that_offloads_computes_nothing(void **state)
{
    const struct way *way = *state;
    struct lane_run run =
        run_lane("lane-async", NULL, "--work", "cpu", CPU_300K, WAY(way), "-n", "16", NULL);
    const char *name = json_text_at(run.result, "loop.longest_block", "computing");

    if (way->pool == (strstr(name, "computing") != NULL))
        fail_msg("%s: blocked by '%s'", way->compute, name);
    assert_true(heartbeats(&run) > 0);
    lane_run_free(&run);
}

static void loop_that_waits_has_a_pulse(void **state)
{
    struct server server = server_start("--latency", "300ms", NULL);
    struct lane_run run =
        run_lane("lane-async", users_url(&server, ""), "-n", "10", "-c", "5", NULL);
    struct lane_run other =
        run_lane("lane-threads", users_url(&server, ""), "-n", "10", "-c", "5", NULL);

    (void)state;
    expect_outcomes(&run, "outcomes.ok", 10, 10);
    assert_true(heartbeats(&run) >= 59); /* 600 ms */
    assert_true(number(&run, "loop.longest_block_ns") < number(&run, "wall_ns") / 2);
    assert_true(json_is_null(json_at(other.result, "loop")));
    assert_null(strstr(other.finished.out, "heartbeat"));
    lane_run_free(&run);
    lane_run_free(&other);
    server_stop(&server);
}

/* ---- Workers that die -------------------------------------------------------------------- */

#define COMPUTING_NS (100 * NS_PER_MS) /* of CPU time: more than it takes to start */

/* A lane under way, whose result is read when it has ended. */
struct running {
    pid_t pid;
    char *folder, *output;
};

static struct running start_lane(const char *url, const char *const arguments[])
{
    struct running lane = {.folder = folder_make()};
    const char *argv[ARGUMENTS_MAX] = {program("lane-async"), "-o"};
    int count = 3;

    lane.output = strdup(path_in(lane.folder, "result.jsonl"));
    argv[2] = lane.output;
    while (*arguments != NULL)
        argv[count++] = *arguments++;
    argv[count] = url;
    lane.pid = start(argv, NULL, NULL);
    return lane;
}

/* The result of a lane that has ended; the caller frees it. */
static struct lane_run end_lane(struct running *lane)
{
    char error[JSON_ERROR_SIZE];
    json_t *lines = json_lines_load(lane->output, error);
    struct lane_run run = {.result = json_incref(json_array_get(lines, 0))};

    json_decref(lines);
    free(lane->output);
    folder_remove(lane->folder);
    return run;
}

/* CPU time of a process so far, in ns; 0 where it is gone. */
static uint64_t cpu_ns_of(pid_t pid)
{
    char path[64], *text;
    uint64_t ns;

    snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
    text = file_read(path, 1024, NULL);
    ns = text != NULL ? strtoull(text, NULL, 10) : 0;
    free(text);
    return ns;
}

/* Waits until the lane has `count` processes, and each of them computes; they go into `pids`. */
static void wait_for_workers(pid_t lane, pid_t *pids, int count)
{
    uint64_t deadline = clock_ns() + 60 * NS_PER_S;

    while (children_of(lane, pids, count) != count && clock_ns() < deadline)
        usleep(5000);
    assert_int_equal(children_of(lane, pids, count), count);
    for (int i = 0; i < count; i++)
        while (cpu_ns_of(pids[i]) < COMPUTING_NS && clock_ns() < deadline)
            usleep(5000);
}

#define STARTED(...) start_lane(NULL, (const char *const[]){__VA_ARGS__, NULL})

static void dead_worker_loses_only_its_item(void **state)
{
    struct running lane =
        STARTED("--work", "cpu", CPU_HOURS, "--compute", "processes", "--workers", "3", "-n", "7");
    struct lane_run run;
    pid_t workers[3], left[2];

    (void)state;
    wait_for_workers(lane.pid, workers, 3);
    kill(workers[1], SIGKILL);
    wait_for_workers(lane.pid, left, 2); /* the lane has taken note */
    assert_int_equal(interrupt_lane(lane.pid, SIGINT, 0), 130);
    run = end_lane(&lane);
    expect_outcomes(&run, "outcomes.other", 1, 7);
    assert_int_equal(number(&run, "outcomes.cancelled"), 6);
    wait_until_gone(workers, 3);
    json_decref(run.result);
}

static void lane_ends_when_all_workers_are_dead(void **state)
{
    const struct way *way = *state;
    struct running lane =
        STARTED("--work", "cpu", CPU_HOURS, WAY(way), "--workers", "2", "-n", "7", "-c", "4");
    struct lane_run run;
    pid_t workers[2];

    wait_for_workers(lane.pid, workers, 2);
    kill(workers[0], SIGKILL);
    kill(workers[1], SIGABRT); /* not SIGSEGV, which a sanitizer would explain, and may hang */
    assert_int_equal(wait_for(lane.pid, 60), 1);
    run = end_lane(&lane);
    expect_outcomes(&run, "outcomes.other", 7, 7);
    assert_true(json_is_false(json_at(run.result, "interrupted")));
    json_decref(run.result);
}

static void workers_die_with_their_parent(void **state)
{
    struct running lane =
        STARTED("--work", "cpu", CPU_HOURS, "--compute", "processes", "--workers", "3", "-n", "7");
    pid_t workers[3];

    (void)state;
    wait_for_workers(lane.pid, workers, 3);
    kill(lane.pid, SIGKILL);
    assert_int_equal(wait_for(lane.pid, 60), 128 + SIGKILL);
    wait_until_gone(workers, 3);
    free(lane.output);
    folder_remove(lane.folder);
}

/* ---- Ends before the end ----------------------------------------------------------------- */

static void deadline_ends_long_items(void **state)
{
    struct lane_run run =
        run_lane("lane-async", NULL, "--work", "cpu", CPU_HOURS, WAY((const struct way *)*state),
                 "-n", "9", "--deadline", "200ms", NULL);

    assert_int_equal(run.finished.status, 1);
    expect_outcomes(&run, "outcomes.cancelled", 9, 9);
    lane_run_free(&run);
    assert_int_equal(children_count(), 0);
}

static void expect_interrupted(struct running *lane, int signal)
{
    struct lane_run run;

    assert_int_equal(interrupt_lane(lane->pid, signal, 300000), 130);
    run = end_lane(lane);
    expect_outcomes(&run, "outcomes.cancelled", 9, 9);
    assert_true(json_is_true(json_at(run.result, "interrupted")));
    json_decref(run.result);
}

static void interrupt_ends_long_items(void **state)
{
    const struct way *way = *state;
    struct running lane = STARTED("--work", "cpu", CPU_HOURS, WAY(way), "-n", "9");

    expect_interrupted(&lane, SIGINT);
    assert_int_equal(children_count(), 0);
}

static void interrupt_ends_what_is_computed_on_answers(void **state)
{
    const struct way *way = *state;
    struct server server = server_start("--latency", "1ms", NULL);
    struct running lane = start_lane(
        users_url(&server, ""),
        (const char *const[]){"--work", "mixed", CPU_HOURS, WAY(way), "-n", "9", "-c", "6", NULL});

    expect_interrupted(&lane, SIGTERM);
    server_stop(&server);
    assert_int_equal(children_count(), 0);
}

/* As from a terminal: the workers get the signal too, and leave what to do to the lane. */
static void signal_to_the_group_is_the_lanes_to_handle(void **state)
{
    struct running lane =
        STARTED("--work", "cpu", CPU_HOURS, "--compute", "processes", "--workers", "2", "-n", "9");
    pid_t workers[2];

    (void)state;
    wait_for_workers(lane.pid, workers, 2);
    kill(workers[0], SIGINT);
    kill(workers[1], SIGINT);
    expect_interrupted(&lane, SIGINT);
    wait_until_gone(workers, 2);
}

/* ---- Threads and loops ------------------------------------------------------------------- */

#ifdef __SANITIZE_THREAD__
#define OWN_THREADS 1 /* of the sanitizer */
#else
#define OWN_THREADS 0
#endif

/* Those of the program: libuv before 1.49 has the kernel add some of io_uring's. */
static long threads_of(pid_t pid)
{
    char pattern[64];
    glob_t tasks = {0};
    long count = 0;

    snprintf(pattern, sizeof(pattern), "/proc/%d/task/*/comm", (int)pid);
    glob(pattern, 0, NULL, &tasks);
    for (size_t i = 0; i < tasks.gl_pathc; i++) {
        char *name = file_read(tasks.gl_pathv[i], 1 << 10, NULL);

        count += name != NULL && strncmp(name, "iou-", 4) != 0;
        free(name);
    }
    globfree(&tasks);
    return count;
}

static void expect_threads(struct running *lane, long count)
{
    uint64_t deadline = clock_ns() + 60 * NS_PER_S;

    while (threads_of(lane->pid) != count && clock_ns() < deadline)
        usleep(5000);
    usleep(50000); /* no more are to come; the kernel's own are named a moment after they start */
    assert_int_equal(threads_of(lane->pid), count);
    expect_interrupted(lane, SIGINT);
}

static void threads_are_as_many_as_asked_for(void **state)
{
    struct running lane =
        STARTED("--work", "cpu", CPU_HOURS, "--compute", "threads", "--workers", "5", "-n", "9");

    (void)state;
    expect_threads(&lane, 6 + OWN_THREADS);
    lane = STARTED("--work", "cpu", CPU_HOURS, "--loops", "3", "-n", "9");
    expect_threads(&lane, 3 + OWN_THREADS);
    lane = STARTED("--work", "cpu", CPU_HOURS, "--compute", "threads", "--workers", "2", "--loops",
                   "3", "-n", "9"); /* the loops share the two */
    expect_threads(&lane, 5 + OWN_THREADS);
}

/* ---- Usage ------------------------------------------------------------------------------- */

static void wrong_usage_is_explained(void **state)
{
    const char *url = "http://127.0.0.1:1/{id}";

    (void)state;
#define EXPECT(text, ...)                                                                          \
    expect_usage_error("lane-async", (const char *const[]){__VA_ARGS__, NULL}, text)
#define CPU "--work", "cpu"
    EXPECT("is not 'loop', 'threads' or 'processes'", CPU, "--compute", "fibers");
    EXPECT("--compute: nothing is computed", "--compute", "threads", url);
    EXPECT("--workers: nothing is computed", "--workers", "2", url);
    EXPECT("--workers: the loop computes", CPU, "--workers", "2");
    EXPECT("not a whole number from 1 to 10000000", CPU, "--compute", "threads", "--workers", "0");
    EXPECT("--workers: at most 1024", CPU, "--compute", "threads", "--workers", "1025");
    EXPECT("--workers: at most 1024", CPU, "--compute", "processes", "--workers", "1025");
    EXPECT("3 loops need at least as many processes", CPU, "--compute", "processes", "--workers",
           "2", "--loops", "3");
    EXPECT("not a whole number from 1 to 10000000", "--loops", "0", url);
    EXPECT("--gil: no threads compute", CPU, "--gil");
    EXPECT("--gil: no threads compute", CPU, "--gil", "--compute", "processes");
#undef CPU
#undef EXPECT
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOR_EACH_WAY(items_are_computed_and_verified),
        FOR_EACH_WAY(answers_are_computed_on_and_verified),
        FOR_EACH_WAY(wrong_digest_is_a_bad_body),
        cmocka_unit_test_teardown(several_loops_share_the_requests, end_leftovers),
        cmocka_unit_test_teardown(there_are_no_more_loops_than_slots, end_leftovers),
        cmocka_unit_test_teardown(threads_under_the_lock_compute_one_at_a_time, end_leftovers),
        cmocka_unit_test_teardown(loop_that_computes_is_blocked, end_leftovers),
        cmocka_unit_test_teardown(item_that_blocks_is_named, end_leftovers),
        FOR_EACH_WAY(loop_that_offloads_computes_nothing),
        cmocka_unit_test_teardown(loop_that_waits_has_a_pulse, end_leftovers),
        cmocka_unit_test_teardown(dead_worker_loses_only_its_item, end_leftovers),
        cmocka_unit_test_prestate(lane_ends_when_all_workers_are_dead, (void *)&processes),
        cmocka_unit_test_prestate(lane_ends_when_all_workers_are_dead, (void *)&loops_processes),
        cmocka_unit_test_teardown(workers_die_with_their_parent, end_leftovers),
        FOR_EACH_WAY(deadline_ends_long_items),
        FOR_EACH_WAY(interrupt_ends_long_items),
        FOR_EACH_WAY(interrupt_ends_what_is_computed_on_answers),
        cmocka_unit_test_teardown(signal_to_the_group_is_the_lanes_to_handle, end_leftovers),
        cmocka_unit_test_teardown(threads_are_as_many_as_asked_for, end_leftovers),
        cmocka_unit_test_teardown(wrong_usage_is_explained, end_leftovers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
