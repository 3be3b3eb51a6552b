/* What is the Python twins' own: libraries that are missing, the pools' limits, processes that are
 * left behind, where an event loop computes. A test that needs a library is skipped without it. */
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "tests/lane_run.h"

#include "common/clock.h"
#include "common/file.h"
#include "common/json.h"

#define TWIN(name) "twins/python/python_" name ".py"

/* Skips the test where the twin says that it cannot run. */
static void needs(const char *twin)
{
    struct finished finished = run(twin, "--version", NULL);
    int status = finished.status;

    finished_free(&finished);
    if (status != 0)
        skip();
}

static long server_number(const struct server *server, const char *path)
{
    char *text = server_request(server, "/stats", 0);
    json_t *stats = json_loads(text, 0, NULL);
    long value = (long)json_number_at(stats, path, -1);

    json_decref(stats);
    free(text);
    return value;
}

/* ---- Libraries --------------------------------------------------------------------------- */

static void version_is_that_of_the_suite(void **state)
{
    struct finished finished;

    needs(*state);
    finished = run(*state, "--version", NULL);
    assert_non_null(strstr(finished.out, " " SUITE_VERSION " (CPython "));
    finished_free(&finished);
}

/* Runs a twin with Python's path led by a folder in which `module` cannot be imported. */
static struct finished run_without(const char *module, const char *twin, const char *const rest[])
{
    char *folder = folder_make(), path[600];
    const char *argv[ARGUMENTS_MAX] = {"env", path, program(twin)};
    const char missing[] = "raise ModuleNotFoundError('No module named ' + repr(__name__))\n";
    char name[64];
    struct finished finished;

    snprintf(name, sizeof(name), "%s.py", module);
    assert_int_equal(file_replace(path_in(folder, name), missing, strlen(missing)), 0);
    snprintf(path, sizeof(path), "PYTHONPATH=%s", folder);
    for (int i = 0; rest[i] != NULL; i++)
        argv[3 + i] = rest[i];
    finished = run_argv(argv);
    folder_remove(folder);
    return finished;
}

static void missing_library_is_named_with_its_package(void **state)
{
    static const struct {
        const char *module, *twin, *package;
    } cases[] = {
        {"requests", TWIN("session"), "apt-get install python3-requests"},
        {"httpx", TWIN("httpx"), "apt-get install python3-httpx"},
        {"httpx", TWIN("httpx_unlimited"), "apt-get install python3-httpx"},
        {"aiohttp", TWIN("aiohttp"), "apt-get install python3-aiohttp"},
        {"aiohttp", TWIN("uvloop"), "apt-get install python3-aiohttp"},
    };

    (void)state;
    needs(TWIN("asyncio"));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct finished probe =
            run_without(cases[i].module, cases[i].twin, (const char *const[]){"--version", NULL});
        struct finished lane =
            run_without(cases[i].module, cases[i].twin,
                        (const char *const[]){"-n", "1", "http://127.0.0.1:1/{id}", NULL});

        assert_int_equal(probe.status, 3);
        assert_int_equal(lane.status, 3);
        assert_non_null(strstr(probe.err, cases[i].package));
        assert_string_equal(probe.err, lane.err);
        finished_free(&probe);
        finished_free(&lane);
    }
}

static void computing_needs_no_library(void **state)
{
    struct finished finished;

    (void)state;
    needs(TWIN("asyncio"));
    finished = run_without(
        "requests", TWIN("threads"),
        (const char *const[]){"--work", "cpu", "-n", "4", "--rounds", "10", "--quiet", NULL});
    assert_string_equal(finished.err, "");
    assert_int_equal(finished.status, 0);
    finished_free(&finished);
}

/* ---- httpx ------------------------------------------------------------------------------- */

/* The answers take so long that all requests are sent before the first one comes, if they may; and
 * less than the 5 s that httpx gives each step by default. */
static void httpx_has_100_connections_unless_told_otherwise(void **state)
{
    struct server server;
    struct lane_run limited, unlimited;
    long limited_peak, unlimited_peak;

    (void)state;
    needs(TWIN("httpx"));
    server = server_start("--latency", "4s", NULL);
    limited = run_lane(TWIN("httpx"), users_url(&server, ""), "-n", "110", NULL);
    limited_peak = server_number(&server, "in_flight_peak");
    unlimited = run_lane(TWIN("httpx_unlimited"), users_url(&server, ""), "-n", "110", NULL);
    unlimited_peak = server_number(&server, "in_flight_peak");
    assert_int_equal(number(&limited, "verified"), 110);
    assert_int_equal(number(&unlimited, "verified"), 110);
    assert_int_equal(limited_peak, 100);
    assert_int_equal(unlimited_peak, 110);
    lane_run_free(&limited);
    lane_run_free(&unlimited);
    server_stop(&server);
}

static void waiting_for_a_connection_counts_as_time_of_the_request(void **state)
{
    struct server server;
    struct lane_run outcome;

    (void)state;
    needs(TWIN("httpx"));
    server = server_start("--latency", "60s", NULL);
    outcome = run_lane(TWIN("httpx"), users_url(&server, ""), "-n", "150", "-t", "1s", NULL);
    assert_int_equal(outcome.finished.status, 1);
    assert_int_equal(number(&outcome, "outcomes.timeout"), 150);
    assert_true(server_number(&server, "in_flight_peak") <= 100);
    lane_run_free(&outcome);
    server_stop(&server);
}

/* ---- Processes --------------------------------------------------------------------------- */

/* A lane that runs, and the file of its result. */
struct running {
    pid_t pid;
    char *folder;
    char *output;
};

static struct running start_procs(const struct server *server)
{
    struct running lane = {.folder = folder_make()};
    const char *argv[] = {program(TWIN("procs")), "-n", "400", "-c", "4", "-o", NULL,
                          users_url(server, ""),  NULL};

    lane.output = strdup(path_in(lane.folder, "result.jsonl"));
    argv[6] = lane.output;
    lane.pid = start(argv, NULL, NULL);
    return lane;
}

static struct lane_run end_procs(struct running *lane)
{
    struct lane_run outcome = {0};
    char error[JSON_ERROR_SIZE];
    json_t *lines = json_lines_load(lane->output, error);

    outcome.result = json_incref(json_array_get(lines, 0));
    json_decref(lines);
    free(lane->output);
    folder_remove(lane->folder);
    return outcome;
}

/* Waits until the server has seen a few requests: then all workers are there. */
static void wait_for_requests(const struct server *server)
{
    uint64_t deadline_ns = clock_ns() + 60 * NS_PER_S;

    while (server_number(server, "requests") < 10 && clock_ns() < deadline_ns)
        usleep(20000);
    assert_true(server_number(server, "requests") >= 10);
}

static int end_with(pid_t pid, int signal)
{
    kill(pid, signal);
    return wait_for(pid, 60);
}

/* The children of the main thread of `lane`, in `pids`; returns how many. */
static int workers_of(pid_t lane, pid_t *pids, int size)
{
    char path[64], *children, *rest;
    int count = 0;

    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)lane, (int)lane);
    children = file_read(path, 1 << 16, NULL);
    assert_non_null(children);
    for (char *pid = strtok_r(children, " ", &rest); pid != NULL && count < size;
         pid = strtok_r(NULL, " ", &rest))
        pids[count++] = atoi(pid);
    free(children);
    return count;
}

static bool lives(pid_t pid)
{
    char path[64], *status;
    bool living;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    status = file_read(path, 1 << 16, NULL);
    living = status != NULL && strstr(status, "State:\tZ") == NULL;
    free(status);
    return living;
}

static void assert_gone(const pid_t *pids, int count, int timeout_s)
{
    uint64_t deadline_ns = clock_ns() + (uint64_t)timeout_s * NS_PER_S;

    for (int i = 0; i < count; i++) {
        while (lives(pids[i]) && clock_ns() < deadline_ns)
            usleep(5000);
        assert_false(lives(pids[i]));
    }
}

static void interrupted_pool_leaves_no_process(void **state)
{
    struct server server;
    struct running lane;
    struct lane_run outcome;
    pid_t workers[8];
    int count;

    (void)state;
    needs(TWIN("procs"));
    server = server_start("--latency", "100ms", NULL);
    lane = start_procs(&server);
    wait_for_requests(&server);
    count = workers_of(lane.pid, workers, 8);
    assert_int_equal(count, 4);
    assert_int_equal(end_with(lane.pid, SIGTERM), 130);
    assert_gone(workers, count, 0);
    outcome = end_procs(&lane);
    assert_int_equal(outcomes_sum(&outcome), 400);
    assert_true(number(&outcome, "outcomes.cancelled") > 0);
    assert_int_equal(number(&outcome, "outcomes.other"), 0);
    lane_run_free(&outcome);
    server_stop(&server);
}

static void killed_pool_leaves_no_process(void **state)
{
    struct server server;
    struct running lane;
    struct lane_run outcome;
    pid_t workers[8];
    int count;

    (void)state;
    needs(TWIN("procs"));
    server = server_start("--latency", "100ms", NULL);
    lane = start_procs(&server);
    wait_for_requests(&server);
    count = workers_of(lane.pid, workers, 8);
    assert_int_equal(count, 4);
    assert_int_equal(end_with(lane.pid, SIGKILL), 128 + SIGKILL);
    assert_gone(workers, count, 60);
    outcome = end_procs(&lane);
    assert_null(outcome.result);
    lane_run_free(&outcome);
    server_stop(&server);
}

/* concurrent.futures gives the whole pool up; the lane accounts for every request even so. */
static void dead_worker_breaks_the_pool(void **state)
{
    struct server server;
    struct running lane;
    struct lane_run outcome;
    pid_t workers[8];
    int count;

    (void)state;
    needs(TWIN("procs"));
    server = server_start("--latency", "100ms", NULL);
    lane = start_procs(&server);
    wait_for_requests(&server);
    count = workers_of(lane.pid, workers, 8);
    assert_int_equal(count, 4);
    kill(workers[1], SIGKILL);
    assert_int_equal(wait_for(lane.pid, 60), 1);
    assert_gone(workers, count, 0);
    outcome = end_procs(&lane);
    assert_int_equal(outcomes_sum(&outcome), 400);
    assert_true(number(&outcome, "outcomes.ok") >= 1);
    assert_true(number(&outcome, "outcomes.other") >= 1);
    assert_int_equal(number(&outcome, "outcomes.ok") + number(&outcome, "outcomes.other"), 400);
    assert_true(json_is_false(json_at(outcome.result, "valid")));
    lane_run_free(&outcome);
    server_stop(&server);
}

/* ---- asyncio ----------------------------------------------------------------------------- */

static struct lane_run compute_on(const char *place)
{
    return run_lane(TWIN("asyncio"), NULL, "--work", "cpu", "-n", "8", "--rounds", "60000",
                    "--compute", place, NULL);
}

/* On the loop an item is not begun before the one before it has ended. */
static void loop_computes_one_item_at_a_time(void **state)
{
    struct lane_run outcome;

    (void)state;
    needs(TWIN("asyncio"));
    outcome = compute_on("loop");
    assert_int_equal(number(&outcome, "verified"), 8);
    assert_int_equal(number(&outcome, "in_flight_peak"), 1);
    assert_non_null(strstr(json_text_at(outcome.result, "loop.longest_block", ""), "computing"));
    lane_run_free(&outcome);
}

#define ANY_DIGEST "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"

/* Items for hours on the loop, which comes neither to its timers nor to its signals meanwhile. */
#define HOURS_OF_ITEMS "--work", "cpu", "-n", "2000", "--rounds", "200000", "--digest", ANY_DIGEST

static void blocked_loop_ends_at_its_deadline(void **state)
{
    struct lane_run outcome;

    (void)state;
    needs(TWIN("asyncio"));
    outcome = run_lane(TWIN("asyncio"), NULL, HOURS_OF_ITEMS, "--deadline", "1s", NULL);
    assert_int_equal(outcome.finished.status, 1);
    assert_int_equal(outcomes_sum(&outcome), 2000);
    assert_true(number(&outcome, "outcomes.cancelled") > 0);
    lane_run_free(&outcome);
}

static void blocked_loop_can_be_interrupted(void **state)
{
    const char *argv[] = {program(TWIN("asyncio")), HOURS_OF_ITEMS, NULL};

    (void)state;
    needs(TWIN("asyncio"));
    assert_int_equal(interrupt_lane(start(argv, NULL, NULL), SIGINT, 500000), 130);
}

static int status_of_python(const char *script)
{
    const char *argv[] = {"/usr/bin/python3", "-c", script, NULL};
    struct finished finished = run_argv(argv);
    int status = finished.status;

    finished_free(&finished);
    return status;
}

/* The moment before the loop is blocked for days, where a handler cannot tell that it will be. */
static int status_after_signal_before_item(const char *signal)
{
    char script[1024];

    snprintf(script, sizeof(script),
             "import os, runpy, signal, sys\n"
             "sys.argv = ['lane', '--work', 'cpu', '--rounds', '900G', '--digest', '%s',\n"
             "            '-n', '3', '--quiet']\n"
             "sys.path.insert(0, os.path.dirname('%s'))\n"
             "from lane.heartbeat import Heartbeat\n"
             "Heartbeat.computes = lambda *_: os.kill(os.getpid(), signal.%s)\n"
             "runpy.run_path('%s', run_name='__main__')\n",
             ANY_DIGEST, program(TWIN("asyncio")), signal, program(TWIN("asyncio")));
    return status_of_python(script);
}

static void signal_between_two_items_is_heard(void **state)
{
    (void)state;
    needs(TWIN("asyncio"));
    assert_int_equal(status_after_signal_before_item("SIGALRM"), 1); /* the deadline's */
    assert_int_equal(status_after_signal_before_item("SIGINT"), 130);
}

/* A lock that a signal found half taken raises an error of its own as it is left. */
static int status_after_signal_in_lock(const char *signal)
{
    char script[1024];

    snprintf(script, sizeof(script),
             "import os, signal, sys\n"
             "sys.argv = ['lane', '--rounds', '1', '--quiet']\n"
             "sys.path.insert(0, os.path.dirname('%s'))\n"
             "import lane\n"
             "def run(*_):\n"
             "    try:\n"
             "        os.kill(os.getpid(), signal.%s)\n"
             "    finally:\n"
             "        raise RuntimeError('release unlocked lock')\n"
             "lane.main(lane.Model('lane', '', run, {}, works=('cpu',)))\n",
             program(TWIN("asyncio")), signal);
    return status_of_python(script);
}

static void signal_in_a_lock_is_heard(void **state)
{
    (void)state;
    needs(TWIN("asyncio"));
    assert_int_equal(status_after_signal_in_lock("SIGALRM"), 1); /* the deadline's */
    assert_int_equal(status_after_signal_in_lock("SIGINT"), 130);
    assert_int_equal(status_after_signal_in_lock("SIGCHLD"),
                     3); /* nobody's: the model's own error */
}

static void pools_compute_beside_the_loop(void **state)
{
    static const char *const places[] = {"threads", "processes"};

    (void)state;
    needs(TWIN("asyncio"));
    for (int i = 0; i < 2; i++) {
        struct lane_run outcome = compute_on(places[i]);

        assert_int_equal(number(&outcome, "verified"), 8);
        assert_int_equal(number(&outcome, "in_flight_peak"), 8);
        assert_null(json_text_at(outcome.result, "loop.longest_block", NULL));
        lane_run_free(&outcome);
    }
}

/* The file of --ready is there while all sleep. */
static void ready_is_told_while_all_sleep(void **state)
{
    char *folder = folder_make(), *ready = strdup(path_in(folder, "ready"));
    const char *argv[] = {program(*state), "--work", "sleep",   "-n",  "200",
                          "--latency",     "4s",     "--ready", ready, NULL};
    uint64_t deadline_ns = clock_ns() + 60 * NS_PER_S;
    pid_t lane;

    needs(*state);
    lane = start(argv, NULL, NULL);
    while (access(ready, F_OK) != 0 && clock_ns() < deadline_ns)
        usleep(5000);
    assert_int_equal(access(ready, F_OK), 0);
    assert_true(lives(lane));
    assert_int_equal(wait_for(lane, 60), 0);
    free(ready);
    folder_remove(folder);
}

#define VERSION_OF(name)                                                                           \
    {                                                                                              \
        "version_is_that_of_the_suite_" name, version_is_that_of_the_suite, NULL, NULL, TWIN(name) \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        VERSION_OF("requests"),
        VERSION_OF("session"),
        VERSION_OF("threads"),
        VERSION_OF("procs"),
        VERSION_OF("httpx"),
        VERSION_OF("httpx_unlimited"),
        VERSION_OF("aiohttp"),
        VERSION_OF("uvloop"),
        VERSION_OF("asyncio"),
        cmocka_unit_test(missing_library_is_named_with_its_package),
        cmocka_unit_test(computing_needs_no_library),
        cmocka_unit_test(httpx_has_100_connections_unless_told_otherwise),
        cmocka_unit_test(waiting_for_a_connection_counts_as_time_of_the_request),
        cmocka_unit_test(interrupted_pool_leaves_no_process),
        cmocka_unit_test(killed_pool_leaves_no_process),
        cmocka_unit_test(dead_worker_breaks_the_pool),
        cmocka_unit_test(loop_computes_one_item_at_a_time),
        cmocka_unit_test(blocked_loop_ends_at_its_deadline),
        cmocka_unit_test(blocked_loop_can_be_interrupted),
        cmocka_unit_test(signal_between_two_items_is_heard),
        cmocka_unit_test(signal_in_a_lock_is_heard),
        cmocka_unit_test(pools_compute_beside_the_loop),
        {"ready_is_told_asyncio", ready_is_told_while_all_sleep, NULL, NULL, TWIN("asyncio")},
        {"ready_is_told_threads", ready_is_told_while_all_sleep, NULL, NULL, TWIN("threads")},
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
