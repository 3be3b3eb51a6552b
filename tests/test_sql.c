/* Queries: the cluster that the harness makes, the lanes that query it, and bench with cells that
 * do. Whatever dies, no process, no folder and no shared memory is left. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/file.h"
#include "common/json.h"
#include "harness/run/cluster.h"
#include "tests/lane_run.h"

#define KILLS 20

static const char *const lanes[] = {"lane-sync", "lane-threads", "lane-procs", "lane-async",
                                    "lane-co"};

/* ---- A cluster --------------------------------------------------------------------------- */

static struct cluster start_cluster(void)
{
    struct cluster cluster = {.folder = ""};
    char programs[PATH_MAX];
    struct error error;

    if (cluster_find(programs, &error) < 0)
        skip();
    if (cluster_start(&cluster, &error) < 0)
        fail_msg("%s", error.text);
    return cluster;
}

/* Folders of clusters, and shared memory of PostgreSQL or of System V. */
static size_t traces(void)
{
    char *segments = file_read("/proc/sysvipc/shm", 1 << 20, NULL);
    glob_t found = {0};
    size_t count;

    glob("/tmp/bench-sql-*", 0, NULL, &found);
    glob("/dev/shm/PostgreSQL.*", GLOB_APPEND, NULL, &found);
    count = found.gl_pathc;
    for (const char *c = segments; c != NULL && *c != '\0'; c++)
        count += *c == '\n';
    globfree(&found);
    free(segments);
    return count;
}

static void stop_cluster(struct cluster *cluster)
{
    cluster_stop(cluster);
    assert_nothing_left();
}

static long counted(const struct cluster *cluster, const char *path)
{
    struct error error;
    json_t *stats = cluster_stats(cluster, &error);
    long count = (long)json_number_at(stats, path, -1);

    if (stats == NULL)
        fail_msg("%s", error.text);
    json_decref(stats);
    return count;
}

static void reset(struct cluster *cluster)
{
    struct error error;
    uint64_t resets;

    if (cluster_reset(cluster, &resets, &error) < 0)
        fail_msg("%s", error.text);
    assert_true(resets > 0);
}

/* As its superuser. */
static void execute(const struct cluster *cluster, const char *statement)
{
    char place[PATH_MAX + 100];
    PGconn *connection;
    PGresult *result;

    snprintf(place, sizeof(place), "host=%s user=postgres dbname=postgres", cluster->folder);
    connection = PQconnectdb(place);
    result = PQexec(connection, statement);
    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("%s", PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
}

/* The database, with queries that take this long; static storage. */
static const char *database(const struct cluster *cluster, const char *delay)
{
    static char url[PATH_MAX + 100];

    snprintf(url, sizeof(url), "%s%s", cluster->url, delay);
    return url;
}

/* Its end is known a little after it: whoever keeps the server first ends what it has left. */
static void kill_cluster(struct cluster *cluster)
{
    kill(cluster->process.pid, SIGKILL);
    while (process_wait(&cluster->process, clock_ns() + NS_PER_S) == 0)
        continue;
}

static void a_cluster_is_made_and_removed(void **state)
{
    size_t before = traces();
    struct cluster cluster = start_cluster();
    struct error error;

    (void)state;
    assert_int_equal(access(cluster.folder, F_OK), 0);
    assert_int_equal(counted(&cluster, "requests"), 0);
    assert_int_equal(cluster_ensure(&cluster, &error), 0);
    kill_cluster(&cluster);
    assert_int_equal(cluster_ensure(&cluster, &error), 1);
    assert_int_equal(counted(&cluster, "requests"), 0);
    stop_cluster(&cluster);
    assert_int_equal(traces(), before);
}

/* ---- The lanes --------------------------------------------------------------------------- */

static void expect_queries(struct cluster *cluster, const char *lane)
{
    struct lane_run run;
    long at_once;

    reset(cluster);
    run = run_lane(lane, database(cluster, "5ms"), "--work", "sql", "-n", "40", "--connections",
                   "reuse", "--latency", "5ms", NULL);
    at_once = number(&run, "workload.concurrency");
    expect_outcomes(&run, "outcomes.ok", 40, 40);
    assert_int_equal(run.finished.status, 0);
    assert_int_equal(number(&run, "verified"), 40);
    assert_true(number(&run, "connections_opened") <= at_once);
    assert_string_equal(json_text_at(run.result, "workload.work", ""), "sql");
    assert_true(number(&run, "wall_ns") >= number(&run, "floor_ns"));
    assert_true(number(&run, "latency_ns.p50") >= (long)(5 * NS_PER_MS));
    assert_int_equal(counted(cluster, "requests"), 40);
    assert_int_equal(counted(cluster, "responses"), 40);
    assert_int_equal(counted(cluster, "lateness_ns.early"), 0);
    assert_true(counted(cluster, "in_flight_peak") <= at_once);
    lane_run_free(&run);
}

static void queries_are_made_and_verified(void **state)
{
    struct cluster cluster = start_cluster();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lanes); i++)
        expect_queries(&cluster, lanes[i]);
    stop_cluster(&cluster);
}

/* The twins that query, and what becomes of their queries when the server is killed. */
static void twins_in_python_query(void **state)
{
    static const char *const twins[] = {"twins/python/python_threads.py",
                                        "twins/python/python_asyncio.py"};
    const char *const probe[] = {"/usr/bin/python3", "-c", "import psycopg", NULL};
    struct cluster cluster = start_cluster();
    struct finished finished = run_argv(probe);
    bool installed = finished.status == 0;

    (void)state;
    finished_free(&finished);
    for (size_t i = 0; installed && i < COUNT_OF(twins); i++) {
        char *folder = folder_make(), *output = strdup(path_in(folder, "result"));
        struct error error;
        pid_t twin;

        expect_queries(&cluster, twins[i]);
        twin = start_200(twins[i], "sql", "20", database(&cluster, "1s"), output);
        while (counted(&cluster, "in_flight") < 20)
            usleep(2000);
        kill_cluster(&cluster);
        assert_int_equal(wait_for(twin, 60), 1);
        expect_some_of_200(output, "outcomes.reset");
        expect_some_of_200(output, "outcomes.connect");
        assert_int_equal(cluster_ensure(&cluster, &error), 1);
        free(output);
        folder_remove(folder);
    }
    stop_cluster(&cluster);
    if (!installed)
        skip();
}

static void queries_are_due_at_a_rate(void **state)
{
    struct cluster cluster = start_cluster();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lanes); i++) {
        struct lane_run run = run_lane(lanes[i], database(&cluster, "5ms"), "--work", "sql", "-n",
                                       "20", "--rate", "100", NULL);

        expect_outcomes(&run, "outcomes.ok", 20, 20);
        assert_true(number(&run, "wall_ns") >= (long)(195 * NS_PER_MS));
        assert_true(number(&run, "load.latency_from_due_ns.p50") >= (long)(5 * NS_PER_MS));
        lane_run_free(&run);
    }
    stop_cluster(&cluster);
}

/* A lane that takes a long time, with its result in `output`. */
static pid_t start_long(const char *lane, const struct cluster *cluster, const char *output)
{
    const char *at_once = strcmp(lane, "lane-sync") == 0 ? "1" : "20";
    pid_t pid = start_200(lane, "sql", at_once, database(cluster, "1s"), output);

    while (counted(cluster, "in_flight") < atol(at_once))
        usleep(2000);
    return pid;
}

/* All C are in flight, as pg_stat_activity says; and an interrupt gives up what is. */
static void an_interrupt_cancels_the_rest(void **state)
{
    struct cluster cluster = start_cluster();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lanes); i++) {
        char *folder = folder_make(), *output = strdup(path_in(folder, "result"));
        pid_t lane;

        reset(&cluster);
        lane = start_long(lanes[i], &cluster, output);
        assert_int_equal(interrupt_lane(lane, SIGINT, 1000), 130);
        expect_some_of_200(output, "outcomes.cancelled");
        free(output);
        folder_remove(folder);
        while (counted(&cluster, "in_flight") > 0)
            usleep(2000);
    }
    stop_cluster(&cluster);
}

static void a_killed_server_fails_what_is_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lanes); i++) {
        struct cluster cluster = start_cluster();
        char *folder = folder_make(), *output = strdup(path_in(folder, "result"));
        pid_t lane = start_long(lanes[i], &cluster, output);

        kill(cluster.process.pid, SIGKILL);
        assert_int_equal(wait_for(lane, 60), 1);
        expect_some_of_200(output, "outcomes.reset");
        expect_some_of_200(output, "outcomes.connect");
        free(output);
        folder_remove(folder);
        stop_cluster(&cluster);
    }
}

/* One that is refused because there are as many connections as the server allows, 100, says so. */
static void too_many_connections_are_told(void **state)
{
    struct cluster cluster = start_cluster();

    (void)state;
    for (size_t i = 1; i < COUNT_OF(lanes); i++) {
        struct lane_run run;

        reset(&cluster);
        run = run_lane(lanes[i], database(&cluster, "6s"), "--work", "sql", "-n", "120", "-c",
                       "120", NULL);
        assert_int_equal(run.finished.status, 1);
        expect_outcomes(&run, "outcomes.ok", 100, 120);
        expect_outcomes(&run, "outcomes.connect", 20, 120);
        expect_text(json_text_at(run.result, "limit", ""), "max_connections");
        expect_text(run.finished.out, "PgBouncer");
        assert_int_equal(counted(&cluster, "in_flight_peak"), 100);
        lane_run_free(&run);
    }
    stop_cluster(&cluster);
}

/* What is done to the database, or said to the lane, and what becomes of each query. */
static void faults_end_in_their_outcomes(void **state)
{
    static const struct {
        const char *statement, *delay, *timeout, *outcome;
    } cases[] = {
        {"SELECT 1", "9s", "150ms", "outcomes.timeout"},
        {"SELECT 1", "soon", "30s", "outcomes.other"},
        {"ALTER ROLE bench SET statement_timeout = '150ms'", "9s", "30s", "outcomes.timeout"},
        {"CREATE OR REPLACE FUNCTION users(id bigint) RETURNS text LANGUAGE sql AS "
         "'SELECT ''{\"id\": 4711}'''",
         "0", "30s", "outcomes.bad_body"},
        {"CREATE OR REPLACE FUNCTION users(id bigint) RETURNS text LANGUAGE sql AS "
         "'SELECT pg_terminate_backend(pg_backend_pid())::text'",
         "0", "30s", "outcomes.reset"},
        {"ALTER ROLE bench NOLOGIN", "0", "30s", "outcomes.connect"},
    };
    struct cluster cluster = start_cluster();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        execute(&cluster, cases[i].statement);
        for (size_t k = 0; k < COUNT_OF(lanes); k++) {
            struct lane_run run = run_lane(lanes[k], database(&cluster, cases[i].delay), "--work",
                                           "sql", "-n", "6", "--timeout", cases[i].timeout, NULL);

            assert_int_equal(run.finished.status, 1);
            expect_outcomes(&run, cases[i].outcome, 6, 6);
            lane_run_free(&run);
        }
    }
    stop_cluster(&cluster);
}

static void a_refused_connection_is_one(void **state)
{
    char url[100];

    (void)state;
    snprintf(url, sizeof(url), "postgresql://bench@127.0.0.1:%d/postgres", free_port());
    for (size_t k = 0; k < COUNT_OF(lanes); k++) {
        struct lane_run run = run_lane(lanes[k], url, "--work", "sql", "-n", "6", NULL);

        expect_outcomes(&run, "outcomes.connect", 6, 6);
        expect_text(json_text_at(run.result, "connect_error", ""), "Connection refused");
        lane_run_free(&run);
    }
}

/* Fills what is left of the disk that has the cluster. */
static void fill(const char *folder)
{
    static const char zeros[1 << 16];
    int fd = open(path_in(folder, "full"), O_WRONLY | O_CREAT, 0600);

    while (write(fd, zeros, sizeof(zeros)) > 0 || write(fd, zeros, 512) > 0)
        continue;
    close(fd);
}

static void a_full_disk_is_told(void **state)
{
    char *disk = folder_make();
    struct cluster cluster = {.folder = ""};
    struct error error;
    struct lane_run run;
    char programs[PATH_MAX];

    (void)state;
    if (cluster_find(programs, &error) < 0 ||
        mount("none", disk, "tmpfs", 0, "size=20m,mode=777") < 0) {
        folder_remove(disk);
        skip();
    }
    setenv("TMPDIR", disk, 1);
    assert_true(cluster_start(&cluster, &error) < 0);
    if (strstr(error.text, "No space left on device") == NULL) /* or a part of what it is about */
        expect_text(error.text, "wrote only");
    mount(NULL, disk, NULL, MS_REMOUNT, "size=120m");
    cluster = start_cluster();
    fill(disk);
    run = run_lane("lane-async", database(&cluster, "0"), "--work", "sql", "-n", "2000", "-c", "10",
                   NULL);
    assert_int_equal(outcomes_sum(&run), 2000);
    assert_true(number(&run, "outcomes.other") > 0);
    expect_text(run.finished.out, "No space left on device");
    lane_run_free(&run);
    stop_cluster(&cluster);
    unsetenv("TMPDIR");
    umount2(disk, MNT_DETACH);
    folder_remove(disk);
}

static void what_says_nothing_of_queries_is_refused(void **state)
{
    static const struct {
        const char *lane, *arguments[6], *text;
    } cases[] = {
        {"lane-sync", {"--work", "sql", "http://127.0.0.1/{id}"}, "is not a URL of PostgreSQL"},
        {"lane-sync", {"--work", "sql", "postgresql://h:x/y?z"}, "is not a URL of PostgreSQL"},
        {"lane-sync", {"--work", "sql"}, "the URL is missing"},
        {"lane-sync", {"--work", "sql", "--client", "raw", "postgresql:///"}, "no request is made"},
        {"lane-async", {"--work", "sql", "--cpu", "1ms", "postgresql:///"}, "nothing is computed"},
        {"lane-async", {"--work", "sql", "--blocking", "uring", "postgresql:///"}, "no file"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_usage_error(cases[i].lane, cases[i].arguments, cases[i].text);
}

/* ---- bench ------------------------------------------------------------------------------- */

#define SQL_CELL(rest) "{\"work\": \"sql\", \"latency\": \"20ms\", \"requests\": 20, " rest "}"

static void bench_measures_queries(void **state)
{
    struct place place = make_place(PLAN("\"rounds\": 1, \"cells\": [" SQL_CELL(
        "\"lane\": [\"threads\", \"co\"]") ", " SQL_CELL("\"lane\": \"async\", \"blocking\": "
                                                         "\"threads\"") "]"));
    struct finished finished;
    char programs[PATH_MAX];
    size_t before = traces();
    struct error error;
    json_t *samples, *line;
    size_t i;

    (void)state;
    if (cluster_find(programs, &error) < 0)
        skip();
    finished = expect_run(&place, 0);
    samples = load(&place, "results.jsonl");
    assert_int_equal(json_array_size(samples), 3);
    json_array_foreach(samples, i, line)
    {
        assert_int_equal(json_number_at(line, "lane.verified", 0), 20);
        assert_int_equal(json_number_at(line, "server.requests", 0), 20);
        assert_true(json_number_at(line, "server.in_flight_peak", 0) >= 1);
        assert_true(json_number_at(line, "wall_ns", 0) >= 20e6);
    }
    json_decref(samples);
    finished_free(&finished);
    remove_place(&place);
    assert_int_equal(traces(), before);
}

/* Here its socket could not have a name so long; elsewhere it is not installed. */
static void queries_that_cannot_be_are_left_out(void **state)
{
    struct place place = make_place(PLAN("\"rounds\": 1, \"cells\": [" SQL_CELL(
        "\"lane\": \"threads\"") ", {\"lane\": "
                                 "\"threads\", \"requests\": 5, \"latency\": \"1ms\"}]"));
    char temporary[140] = "/tmp/";
    struct finished finished;
    json_t *run;

    (void)state;
    memset(temporary + 5, 'x', sizeof(temporary) - 6);
    temporary[sizeof(temporary) - 1] = '\0';
    file_make_folder(temporary);
    setenv("TMPDIR", temporary, 1);
    finished = expect_run(&place, 0);
    unsetenv("TMPDIR");
    run = load(&place, "run.json");
    expect_text(finished.err, "no queries are made: PostgreSQL");
    assert_int_equal(json_array_size(json_at(run, "skipped")), 1);
    json_decref(run);
    finished_free(&finished);
    remove_place(&place);
    assert_int_equal(rmdir(temporary), 0); /* and nothing is in it */
}

static void a_killed_bench_leaves_no_cluster(void **state)
{
    size_t before = traces();
    char programs[PATH_MAX];
    struct error error;

    (void)state;
    if (cluster_find(programs, &error) < 0)
        skip();
    for (unsigned i = 0; i < KILLS; i++) {
        struct place place = make_place(PLAN(
            "\"rounds\": 100, \"cells\": [" SQL_CELL("\"lane\": [\"threads\", \"async\"]") "]"));
        pid_t bench = start_bench(&place, NULL);

        usleep(i * 200000);
        kill(bench, i % 4 == 3 ? SIGINT : SIGKILL);
        wait_for(bench, 60);
        assert_nothing_left();
        assert_int_equal(traces(), before);
        remove_place(&place);
    }
}

#define TEST(name) cmocka_unit_test_teardown(name, end_leftovers)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_cluster_is_made_and_removed),
        TEST(queries_are_made_and_verified),
        TEST(twins_in_python_query),
        TEST(queries_are_due_at_a_rate),
        TEST(an_interrupt_cancels_the_rest),
        TEST(a_killed_server_fails_what_is_left),
        TEST(too_many_connections_are_told),
        TEST(faults_end_in_their_outcomes),
        TEST(a_refused_connection_is_one),
        TEST(a_full_disk_is_told),
        TEST(what_says_nothing_of_queries_is_refused),
        TEST(bench_measures_queries),
        TEST(queries_that_cannot_be_are_left_out),
        TEST(a_killed_bench_leaves_no_cluster),
    };

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return cmocka_run_group_tests_name("sql", tests, NULL, NULL);
}
