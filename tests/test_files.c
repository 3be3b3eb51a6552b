/* Files: the mock latency file system from outside, the lanes that read from it, and bench with
 * cells that do. Whatever dies, nothing stays mounted. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/file.h"
#include "common/json.h"
#include "tests/lane_run.h"

#define BLOCK   4096
#define KILLS   20
#define GONE_NS (10 * NS_PER_S)

/* ---- A server with files ----------------------------------------------------------------- */

/* Whether something is mounted there, or a server is still there that could tell. */
static bool mounted(const char *folder)
{
    char *mounts = file_read("/proc/self/mounts", 1 << 24, NULL), line[600];
    bool found;

    assert_non_null(mounts);
    snprintf(line, sizeof(line), "mockserver %s fuse", folder);
    found = strstr(mounts, line) != NULL;
    free(mounts);
    return found;
}

static void expect_unmounted(const char *folder)
{
    uint64_t deadline_ns = clock_ns() + GONE_NS;

    while (mounted(folder) && clock_ns() < deadline_ns)
        usleep(2000);
    assert_false(mounted(folder));
}

/* Only who may mount can test it. */
static void needs_fuse(void)
{
    if (access("/dev/fuse", R_OK | W_OK) < 0 || geteuid() != 0)
        skip();
}

/* bench mounts in a namespace of its own, which takes a root folder that is a mount point. */
static void needs_namespace(void)
{
    pid_t child = fork();
    int status;

    if (child == 0)
        _exit(unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (status != 0)
        skip();
}

static long counted(const struct server *server, const char *path)
{
    char *text = server_request(server, "/stats", 0);
    json_t *stats = json_loads(text, 0, NULL);
    long count = (long)json_number_at(stats, path, -1);

    json_decref(stats);
    free(text);
    return count;
}

/* Reads DIR/NAME; returns how many bytes, or a negative errno, with the time in *took_ns. */
static long read_file(const char *folder, const char *name, char *block, uint64_t *took_ns)
{
    int fd = open(path_in(folder, name), O_RDONLY);
    uint64_t started_ns = clock_ns();
    long got = fd >= 0 ? read(fd, block, BLOCK) : -1;

    if (got < 0)
        got = -errno;
    *took_ns = clock_ns() - started_ns;
    if (fd >= 0)
        close(fd);
    return got;
}

static void a_file_takes_its_time(void **state)
{
    char block[BLOCK], *folder;
    struct server server;
    uint64_t took_ns;

    (void)state;
    needs_fuse();
    folder = folder_make();
    server = server_start("--latency", "30ms", "--files", folder, NULL);
    assert_true(mounted(folder));
    assert_int_equal(read_file(folder, "users/7", block, &took_ns), BLOCK);
    assert_memory_equal(block, "{\"id\": 7, \"name\": \"User 7\"} ", 28);
    assert_true(took_ns >= 30 * NS_PER_MS);
    assert_int_equal(read_file(folder, "90ms/123", block, &took_ns), BLOCK);
    assert_true(took_ns >= 90 * NS_PER_MS);
    assert_int_equal(read_file(folder, "90ms/123", block, &took_ns), BLOCK);
    assert_true(took_ns >= 90 * NS_PER_MS); /* it is not cached */
    assert_int_equal(read_file(folder, "users/seven", block, &took_ns), -ENOENT);
    assert_int_equal(read_file(folder, "soon/7", block, &took_ns), -ENOENT);
    assert_int_equal(counted(&server, "files.requests"), 3);
    assert_int_equal(counted(&server, "files.responses"), 3);
    assert_int_equal(counted(&server, "files.in_flight_peak"), 1);
    assert_int_equal(counted(&server, "files.lateness_ns.early"), 0);
    assert_true(counted(&server, "files.lateness_ns.max") > 0);
    assert_int_equal(counted(&server, "requests"), 0);
    free(server_request(&server, "/reset", 1));
    assert_int_equal(counted(&server, "files.requests"), 0);
    server_stop(&server);
    assert_false(mounted(folder));
    folder_remove(folder);
}

/* The same delays as over HTTP: of (seed, id). */
static void delays_are_those_of_the_requests(void **state)
{
    static const char *const spec = "uniform:5ms..80ms";
    struct finished delays =
        run("mockserver", "--latency", spec, "--seed", "5", "--print-delays", "12", NULL);
    const char *line = delays.out;
    char block[BLOCK], name[32], *folder;
    struct server server;
    uint64_t took_ns;
    int close_by = 0;

    (void)state;
    needs_fuse();
    folder = folder_make();
    server = server_start("--latency", spec, "--seed", "5", "--files", folder, NULL);
    for (unsigned long long id = 0; id < 12; id++) {
        unsigned long long told, delay_ns;

        line = strchr(line, '\n') + 1;
        assert_int_equal(sscanf(line, "%llu,%llu", &told, &delay_ns), 2);
        snprintf(name, sizeof(name), "users/%llu", id);
        assert_int_equal(read_file(folder, name, block, &took_ns), BLOCK);
        assert_true(told == id && took_ns >= delay_ns);
        close_by += took_ns < delay_ns + 10 * NS_PER_MS;
    }
    assert_true(close_by >= 6); /* a busy machine makes some late, but not by another delay */
    server_stop(&server);
    folder_remove(folder);
    finished_free(&delays);
}

static void what_cannot_be_mounted_is_said(void **state)
{
    struct finished missing =
        run("mockserver", "--listen", "127.0.0.1:0", "--files", "/nonexistent/folder", NULL);
    struct finished taken = run("mockserver", "--listen", "127.0.0.1:0", "--files", "/proc", NULL);
    struct finished several = run("mockserver", "--files", "/tmp", "--workers", "2", NULL);

    (void)state;
    assert_int_equal(missing.status, 3);
    assert_int_equal(taken.status, 3);
    assert_int_equal(several.status, 2);
    expect_text(missing.err, "--files: ");
    expect_text(taken.err, "--files: ");
    assert_int_equal(access("/proc/self", F_OK), 0); /* still mounted */
    expect_text(several.err, "one process serves files");
    finished_free(&missing);
    finished_free(&taken);
    finished_free(&several);
}

/* ---- Whatever dies ----------------------------------------------------------------------- */

static pid_t start_reader(const char *folder, const char *name)
{
    const char *argv[] = {"/bin/cat", path_in(folder, name), NULL};

    return start(argv, NULL, NULL);
}

static void a_killed_server_leaves_nothing_mounted(void **state)
{
    (void)state;
    needs_fuse();
    for (unsigned i = 0; i < KILLS; i++) {
        char *folder = folder_make();
        const char *argv[] = {
            program("mockserver"), "--listen", "127.0.0.1:0", "--files", folder, NULL};
        pid_t server = start(argv, NULL, NULL), reader = 0;

        if (i >= KILLS / 2) {
            for (int tries = 0; !mounted(folder) && tries < 5000; tries++)
                usleep(1000);
            reader = start_reader(folder, "5s/1");
        }
        usleep(i * 1500);
        kill(server, SIGKILL);
        wait_for(server, 60);
        if (reader > 0)
            assert_int_not_equal(wait_for(reader, 60), 0); /* it need not wait for its 5 s */
        assert_nothing_left();
        expect_unmounted(folder);
        folder_remove(folder);
    }
}

static void a_killed_guardian_leaves_nothing_mounted(void **state)
{
    struct server server;
    pid_t guardian;
    char *folder;

    (void)state;
    needs_fuse();
    folder = folder_make();
    server = server_start("--files", folder, NULL);
    assert_int_equal(children_of(server.pid, &guardian, 1), 1);
    kill(guardian, SIGKILL);
    usleep(20000);
    assert_true(mounted(folder));
    server_stop(&server);
    assert_false(mounted(folder));
    folder_remove(folder);
}

/* A reader that is killed does not have to wait for its file, and has left. */
static void a_killed_reader_has_left(void **state)
{
    struct server server;
    uint64_t killed_ns;
    char *folder;
    pid_t reader;

    (void)state;
    needs_fuse();
    folder = folder_make();
    server = server_start("--files", folder, NULL);
    reader = start_reader(folder, "30s/1");
    while (counted(&server, "files.in_flight") != 1)
        usleep(2000);
    kill(reader, SIGKILL);
    killed_ns = clock_ns();
    wait_for(reader, 60);
    assert_true(clock_ns() - killed_ns < 10 * NS_PER_S);
    assert_int_equal(counted(&server, "files.in_flight"), 0);
    assert_int_equal(counted(&server, "files.aborted"), 1);
    server_stop(&server);
    folder_remove(folder);
}

/* ---- The lanes --------------------------------------------------------------------------- */

/* The files of a folder in it, with their {id}; static storage. */
static const char *files_in(const char *folder, const char *name)
{
    static char path[256];

    snprintf(path, sizeof(path), "%s/%s/{id}", folder, name);
    return path;
}

static void files_are_read_and_verified(void **state)
{
    const char *lane = *state;
    struct server server;
    struct lane_run run;
    char *folder;
    long at_once;

    needs_fuse();
    folder = folder_make();
    server = server_start("--latency", "5ms", "--files", folder, NULL);
    run = run_lane(lane, files_in(folder, "users"), "--work", "file", "-n", "60", "--latency",
                   "5ms", NULL);
    at_once = number(&run, "workload.concurrency");
    expect_outcomes(&run, "outcomes.ok", 60, 60);
    assert_int_equal(run.finished.status, 0);
    assert_int_equal(number(&run, "verified"), 60);
    assert_int_equal(number(&run, "connections_opened"), 0);
    assert_string_equal(json_text_at(run.result, "workload.work", ""), "file");
    assert_true(number(&run, "wall_ns") >= number(&run, "floor_ns"));
    assert_int_equal(number(&run, "floor_ns"),
                     (60 + at_once - 1) / at_once * (long)(5 * NS_PER_MS));
    assert_true(number(&run, "latency_ns.p50") >= (long)(5 * NS_PER_MS));
    assert_int_equal(counted(&server, "files.requests"), 60);
    assert_int_equal(counted(&server, "files.responses"), 60);
    assert_true(counted(&server, "files.in_flight_peak") <= at_once);
    assert_int_equal(counted(&server, "files.lateness_ns.early"), 0);
    lane_run_free(&run);
    server_stop(&server);
    folder_remove(folder);
}

static void files_are_due_at_a_rate(void **state)
{
    struct server server;
    struct lane_run run;
    char *folder;

    needs_fuse();
    folder = folder_make();
    server = server_start("--latency", "5ms", "--files", folder, NULL);
    run = run_lane(*state, files_in(folder, "users"), "--work", "file", "-n", "20", "--rate", "100",
                   NULL);
    expect_outcomes(&run, "outcomes.ok", 20, 20);
    assert_true(number(&run, "wall_ns") >= (long)(195 * NS_PER_MS));
    assert_true(number(&run, "load.latency_from_due_ns.p50") >= (long)(5 * NS_PER_MS));
    lane_run_free(&run);
    server_stop(&server);
    folder_remove(folder);
}

static void faults_of_files_end_in_their_outcomes(void **state)
{
    const char *lane = *state;
    struct server server;
    struct lane_run run;
    char *folder;

    needs_fuse();
    folder = folder_make();
    server = server_start("--latency", "1ms", "--faults", "503=20%,truncate=20%,wrong-body=20%",
                          "--files", folder, NULL);
    run = run_lane(lane, files_in(folder, "users"), "--work", "file", "-n", "100", NULL);
    assert_int_equal(run.finished.status, 1);
    assert_int_equal(outcomes_sum(&run), 100);
    assert_int_equal(number(&run, "outcomes.reset"), counted(&server, "files.faults.503"));
    assert_int_equal(number(&run, "outcomes.bad_body"),
                     counted(&server, "files.faults.truncate") +
                         counted(&server, "files.faults.wrong-body"));
    assert_true(number(&run, "outcomes.reset") > 0 && number(&run, "outcomes.bad_body") > 0);
    expect_text(run.finished.out, "Input/output error");
    lane_run_free(&run);
    run = run_lane(lane, files_in(folder, "nowhere"), "--work", "file", "-n", "5", NULL);
    expect_outcomes(&run, "outcomes.connect", 5, 5);
    expect_text(run.finished.out, "No such file or directory");
    lane_run_free(&run);
    server_stop(&server);
    folder_remove(folder);
}

/* A lane that reads for long, as many files at once as it does. */
struct reading {
    struct server server;
    char *folder, *results, *output;
    pid_t lane;
};

static struct reading start_reading(const char *lane)
{
    struct reading r = {.results = folder_make()};

    r.output = strdup(path_in(r.results, "result"));
    r.folder = folder_make();
    r.server = server_start("--files", r.folder, NULL);
    r.lane = start_200(lane, "file", strcmp(lane, "lane-sync") == 0 ? "1" : "8",
                       files_in(r.folder, "300ms"), r.output);
    while (counted(&r.server, "files.in_flight") < 1)
        usleep(2000);
    return r;
}

static void end_reading(struct reading *r)
{
    folder_remove(r->folder);
    folder_remove(r->results);
    free(r->output);
}

static void a_server_that_dies_fails_what_is_left(void **state)
{
    struct reading r;

    needs_fuse();
    r = start_reading(*state);
    kill(r.server.pid, SIGKILL);
    wait_for(r.server.pid, 60);
    assert_int_equal(wait_for(r.lane, 60), 1);
    expect_some_of_200(r.output, "outcomes.reset");
    expect_unmounted(r.folder);
    end_reading(&r);
}

static void an_unmounting_ends_well_what_is_being_read(void **state)
{
    struct reading r;

    needs_fuse();
    r = start_reading(*state);
    assert_int_equal(umount2(r.folder, MNT_DETACH), 0);
    assert_int_equal(wait_for(r.lane, 60), 1);
    expect_some_of_200(r.output, "outcomes.connect");
    expect_some_of_200(r.output, "outcomes.ok");
    free(server_request(&r.server, "/users/1?delay=1ms", 0)); /* it goes on */
    server_stop(&r.server);
    end_reading(&r);
}

static void an_interrupt_cancels_the_rest(void **state)
{
    struct reading r;

    needs_fuse();
    r = start_reading(*state);
    assert_int_equal(interrupt_lane(r.lane, SIGINT, 1000), 130);
    expect_some_of_200(r.output, "outcomes.cancelled");
    assert_int_equal(counted(&r.server, "files.in_flight"), 0);
    server_stop(&r.server);
    end_reading(&r);
}

/* How many files were in flight at most, of those that an event loop may read at once. */
static long peak_of(const struct server *server, const char *folder, const char *const options[])
{
    const char *arguments[16] = {"--work", "file", "-n", "40"};
    struct lane_run run;
    size_t count = 4;

    free(server_request(server, "/reset", 1));
    while (*options != NULL)
        arguments[count++] = *options++;
    run = run_lane_at(program("lane-async"), files_in(folder, "150ms"), arguments);
    expect_outcomes(&run, "outcomes.ok", 40, 40);
    lane_run_free(&run);
    return counted(server, "files.in_flight_peak");
}

/* libuv's pool has 4 threads, or as many as one says; io_uring needs none. */
static void who_waits_decides_how_many_are_read_at_once(void **state)
{
    static const char *const pool[] = {NULL}, *const larger[] = {"--workers", "16", NULL};
    static const char *const uring[] = {"--blocking", "uring", NULL};
    static const char *const loops[] = {"--loops", "2", "--blocking", "uring", NULL};
    struct server server;
    char *folder;

    (void)state;
    needs_fuse();
    folder = folder_make();
    server = server_start("--files", folder, NULL);
    assert_int_equal(peak_of(&server, folder, pool), 4);
    assert_int_equal(peak_of(&server, folder, larger), 16);
    assert_int_equal(peak_of(&server, folder, uring), 40);
    assert_int_equal(peak_of(&server, folder, loops), 40);
    server_stop(&server);
    folder_remove(folder);
}

/* The mistake, the trap and the remedy: a call that blocks, on the loop, in the pool of 4, in a
 * pool of as many as there are calls. */
static void what_blocks_on_a_loop_has_its_price(void **state)
{
    static const struct {
        const char *blocking, *workers;
        long peak;
    } cases[] = {{"loop", NULL, 1}, {"threads", NULL, 4}, {"threads", "12", 12}};
    struct server server = server_start("--latency", "50ms", NULL);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *arguments[] = {"-n",
                                   "12",
                                   "--blocking",
                                   cases[i].blocking,
                                   cases[i].workers != NULL ? "--workers" : NULL,
                                   cases[i].workers,
                                   NULL};
        struct lane_run run;
        long longest_ns;

        free(server_request(&server, "/reset", 1));
        run = run_lane_at(program("lane-async"), users_url(&server, ""), arguments);
        longest_ns = number(&run, "loop.longest_block_ns");
        expect_outcomes(&run, "outcomes.ok", 12, 12);
        assert_int_equal(counted(&server, "in_flight_peak"), cases[i].peak);
        assert_true(number(&run, "wall_ns") >= 12 / cases[i].peak * (long)(50 * NS_PER_MS));
        if (cases[i].peak == 1) {
            assert_true(longest_ns >= (long)(600 * NS_PER_MS));
            expect_text(json_text_at(run.result, "loop.longest_block", ""), "calls that block");
        } else {
            assert_true(longest_ns < (long)(50 * NS_PER_MS)); /* it does not wait for the calls */
        }
        lane_run_free(&run);
    }
    server_stop(&server);
}

/* Also of calls that block: each is accounted for. */
static void blocked_calls_end_with_the_run(void **state)
{
    static const char *const ways[] = {"loop", "threads"};
    struct server server = server_start("--latency", "2s", NULL);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        struct lane_run run = run_lane("lane-async", users_url(&server, ""), "-n", "20",
                                       "--blocking", ways[i], "--deadline", "200ms", NULL);

        expect_outcomes(&run, "outcomes.cancelled", 20, 20);
        assert_true(number(&run, "wall_ns") < (long)(1900 * NS_PER_MS));
        lane_run_free(&run);
    }
    server_stop(&server);
}

static void what_says_nothing_of_files_is_refused(void **state)
{
    static const struct {
        const char *lane, *arguments[6], *text;
    } cases[] = {
        {"lane-sync", {"--work", "file", "/tmp/7"}, "must hold {id}"},
        {"lane-sync", {"--work", "file"}, "the URL is missing"},
        {"lane-sync", {"--work", "file", "--timeout", "1s", "/{id}"}, "no request is made"},
        {"lane-async", {"--work", "file", "--cpu", "1ms", "/{id}"}, "nothing is computed"},
        {"lane-async", {"--blocking", "uring", "http://a/{id}"}, "no file is read"},
        {"lane-async", {"--blocking", "loop", "--workers", "2", "http://a/{id}"}, "--workers: no"},
        {"lane-async", {"--blocking", "loop", "--work", "cpu"}, "is for requests or files"},
        {"lane-threads", {"--work", "file", "--workers", "2", "/{id}"}, "lane-async"},
        {"lane-threads", {"--work", "file", "--blocking", "uring", "/{id}"}, "lane-async"},
        {"lane-sync", {"--work", "file", "--client", "raw", "/{id}"}, "no request is made by HTTP"},
        {"lane-async", {"/{id}"}, "is not an http:// or https:// URL"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect_usage_error(cases[i].lane, cases[i].arguments, cases[i].text);
}

/* ---- bench ------------------------------------------------------------------------------- */

#define FILE_CELL(rest) "{\"work\": \"file\", \"latency\": \"20ms\", \"requests\": 20, " rest "}"

static int bench_folders(void)
{
    DIR *temporary = opendir("/tmp");
    int count = 0;

    for (struct dirent *entry = readdir(temporary); entry != NULL; entry = readdir(temporary))
        count += strncmp(entry->d_name, "bench-files-", strlen("bench-files-")) == 0;
    closedir(temporary);
    return count;
}

static void bench_measures_files(void **state)
{
    struct place place = make_place(PLAN(
        "\"rounds\": 1, \"cells\": [" FILE_CELL("\"lane\": [\"threads\", \"co\"]") ", " FILE_CELL(
            "\"lane\": \"async\", \"blocking\": \"uring\"") "]"));
    int folders = bench_folders();
    struct finished finished;
    json_t *samples, *line;
    size_t i;

    (void)state;
    needs_fuse();
    needs_namespace();
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
    assert_int_equal(bench_folders(), folders);
    json_decref(samples);
    finished_free(&finished);
    remove_place(&place);
}

/* Here the server refuses; elsewhere there is no /dev/fuse. */
static void files_that_cannot_be_are_left_out(void **state)
{
    struct place place =
        make_place(PLAN("\"rounds\": 1, \"server\": {\"args\": [\"--workers\", \"2\"]}, "
                        "\"cells\": [" FILE_CELL(
                            "\"lane\": \"threads\"") ", {\"lane\": \"threads\","
                                                     " \"requests\": 5, \"latency\": \"1ms\"}]"));
    struct finished finished = expect_run(&place, 0);
    json_t *run = load(&place, "run.json");

    (void)state;
    expect_text(finished.err, "no files are read");
    assert_int_equal(json_array_size(json_at(run, "skipped")), 1);
    expect_text(json_text_at(json_array_get(json_at(run, "skipped"), 0), "reason", ""), "file");
    json_decref(run);
    finished_free(&finished);
    remove_place(&place);
}

static void a_killed_bench_leaves_nothing_mounted(void **state)
{
    int folders = bench_folders();

    (void)state;
    needs_fuse();
    for (unsigned i = 0; i < KILLS; i++) {
        struct place place = make_place(PLAN(
            "\"rounds\": 100, \"cells\": [" FILE_CELL("\"lane\": [\"threads\", \"async\"]") "]"));
        pid_t bench = start_bench(&place, NULL);
        char *mounts;

        usleep(i * 45000);
        kill(bench, i % 4 == 3 ? SIGINT : SIGKILL);
        wait_for(bench, 60);
        assert_nothing_left(); /* nobody is left in its namespace of mounts */
        mounts = file_read("/proc/self/mounts", 1 << 24, NULL);
        assert_null(strstr(mounts, "bench-files-"));
        free(mounts);
        remove_place(&place);
    }
    assert_int_equal(bench_folders(), folders);
}

#define TEST(name) cmocka_unit_test_teardown(name, end_leftovers)

/* The twins that read files. */
#define FOR_PYTHON(test)                                                                           \
    {#test "_python_threads", test, NULL, end_leftovers, "twins/python/python_threads.py"},        \
    {                                                                                              \
#test "_python_asyncio", test, NULL, end_leftovers, "twins/python/python_asyncio.py"       \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_takes_its_time),
        TEST(delays_are_those_of_the_requests),
        TEST(what_cannot_be_mounted_is_said),
        TEST(a_killed_server_leaves_nothing_mounted),
        TEST(a_killed_guardian_leaves_nothing_mounted),
        TEST(a_killed_reader_has_left),
        FOR_EACH_LANE(files_are_read_and_verified),
        FOR_PYTHON(files_are_read_and_verified),
        FOR_EACH_LANE(files_are_due_at_a_rate),
        FOR_EACH_LANE(faults_of_files_end_in_their_outcomes),
        FOR_PYTHON(faults_of_files_end_in_their_outcomes),
        FOR_EACH_LANE(a_server_that_dies_fails_what_is_left),
        FOR_EACH_LANE(an_unmounting_ends_well_what_is_being_read),
        FOR_EACH_LANE(an_interrupt_cancels_the_rest),
        TEST(who_waits_decides_how_many_are_read_at_once),
        TEST(what_blocks_on_a_loop_has_its_price),
        TEST(blocked_calls_end_with_the_run),
        TEST(what_says_nothing_of_files_is_refused),
        TEST(bench_measures_files),
        TEST(files_that_cannot_be_are_left_out),
        TEST(a_killed_bench_leaves_nothing_mounted),
    };

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
