/* The parts of the harness that watch processes: that they start, end and are measured as they
 * should, and that nothing is left when those who watch are killed. The test program is a
 * subreaper: whatever were left behind would become its child, and be seen. */
#include "tests/helpers.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/file.h"
#include "common/json.h"
#include "common/units.h"
#include "harness/memory/cgroup.h"
#include "common/error.h"
#include "common/process/interrupt.h"
#include "harness/run/lane_output.h"
#include "harness/run/observation.h"
#include "common/process/process.h"
#include "harness/run/progress.h"
#include "common/process/proctree.h"
#include "tests/place.h"

#define MEGABYTES(n) ((size_t)(n) << 20)

static struct process start_shell(const char *script, unsigned capture)
{
    const char *argv[] = {"sh", "-c", script, NULL};
    struct process_options options = {.argv = argv, .capture = capture};
    struct process process;
    struct error error;

    if (process_start(&process, &options, &error) < 0)
        fail_msg("%s", error.text);
    return process;
}

static uint64_t in_seconds(uint64_t seconds)
{
    return clock_ns() + seconds * NS_PER_S;
}

static void wait_for_descendants(int count)
{
    uint64_t deadline = in_seconds(60);

    while (descendants() < count && clock_ns() < deadline)
        usleep(5000);
    assert_true(descendants() >= count);
}

static void programs_end_with_their_status(void **state)
{
    struct process process = start_shell("echo out; echo err >&2; exit 7", PROCESS_CAPTURE_OUT);

    (void)state;
    assert_int_equal(process_wait(&process, in_seconds(60)), 1);
    assert_int_equal(process_exit_status(&process), 7);
    assert_string_equal(process.text, "out\n");
    assert_int_equal(process_wait(&process, 0), 1);
    process = start_shell("echo out; echo err >&2; kill -SEGV $$", PROCESS_CAPTURE_ERR);
    assert_int_equal(process_wait(&process, in_seconds(60)), 1);
    assert_int_equal(process_exit_status(&process), 128 + SIGSEGV);
    assert_string_equal(process.text, "err\n");
    assert_nothing_left();
}

static void programs_that_cannot_start_say_why(void **state)
{
    const char *argv[] = {"/nonexistent/program", NULL};
    struct process_options options = {.argv = argv};
    struct process process;
    struct error error;

    (void)state;
    assert_int_equal(process_start(&process, &options, &error), -ENOENT);
    assert_non_null(strstr(error.text, "/nonexistent/program: No such file"));
    argv[0] = "/etc/passwd";
    assert_int_equal(process_start(&process, &options, &error), -EACCES);
    argv[0] = "true";
    options.cgroup = "/nonexistent";
    assert_int_equal(process_start(&process, &options, &error), -ENOENT);
    assert_nothing_left();
}

/* What the stack of the keeper held before goes to nobody: not in the padding of its messages. */
static void messages_hold_nothing_else(void **state)
{
    const size_t end = offsetof(struct keeper_message, leftovers) + sizeof(int);
    const size_t next = offsetof(struct keeper_message, usage);
    const char *argv[] = {"true", NULL};
    struct process_options options = {.argv = argv};
    unsigned char message[sizeof(struct keeper_message)], zeros[sizeof(message)] = {0};
    int sockets[2];
    pid_t keeper;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), 0);
    keeper = fork();
    if (keeper == 0)
        keeper_run(sockets[1], -1, &options);
    close(sockets[1]);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(recv(sockets[0], message, sizeof(message), 0), sizeof(message));
        assert_memory_equal(message + end, zeros, next - end);
    }
    close(sockets[0]);
    assert_int_equal(waitpid(keeper, NULL, 0), keeper);
}

static void a_flood_of_output_neither_blocks_nor_fills(void **state)
{
    struct process process = start_shell(
        "echo first; head -c 3000000 /dev/zero | tr '\\0' x; exit 3", PROCESS_CAPTURE_OUT);

    (void)state;
    assert_int_equal(process_wait(&process, in_seconds(60)), 1);
    assert_int_equal(process_exit_status(&process), 3);
    assert_int_equal(process.text_length, PROCESS_TEXT_SIZE - 1);
    assert_memory_equal(process.text, "first\nxxx", 9);
    process = start_shell("yes", PROCESS_CAPTURE_OUT);
    assert_int_equal(process_wait(&process, clock_ns() + 100 * NS_PER_MS), 0);
    process_end(&process, 0);
    assert_nothing_left();
}

static void ending_is_polite_at_first(void **state)
{
    struct process process = start_shell(
        "trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done", PROCESS_CAPTURE_OUT);

    (void)state;
    assert_int_equal(process_wait_text(&process, in_seconds(60)), 2);
    assert_int_equal(process_wait(&process, clock_ns() + 20 * NS_PER_MS), 0);
    process_end(&process, 60 * NS_PER_S);
    assert_int_equal(process_exit_status(&process), 9);
    process =
        start_shell("trap '' TERM; echo ready; while :; do sleep 0.01; done", PROCESS_CAPTURE_OUT);
    assert_int_equal(process_wait_text(&process, in_seconds(60)), 2);
    process_end(&process, 50 * NS_PER_MS);
    assert_int_equal(process_exit_status(&process), 128 + SIGKILL);
    assert_nothing_left();
}

/* In the program's group, in groups of their own, and in sessions of their own with the parents in
 * between gone. */
#define STRAYS "sleep 1000 & setsid sleep 1000 & (setsid sh -c 'sleep 1000 & sleep 1000' &) ; "

/* How many of them run `sleep`, and not any more the shell that they come from. */
#define STRAYS_ASLEEP 4

static int asleep(void)
{
    struct proctree tree;
    int count = 0;

    assert_int_equal(proctree_list(getpid(), &tree), 0);
    for (size_t i = 0; i < tree.count; i++) {
        char path[64], *name;

        snprintf(path, sizeof(path), "/proc/%d/comm", (int)tree.pids[i]);
        name = file_read(path, 64, NULL);
        count += name != NULL && strcmp(name, "sleep\n") == 0;
        free(name);
    }
    proctree_free(&tree);
    return count;
}

/* Strays, and a program that ends with status 4 once all of them are there. */
static struct process start_strays(void)
{
    char *folder = folder_make(), script[512];
    const char *gate = path_in(folder, "gate");
    uint64_t deadline = in_seconds(60);
    struct process process;

    assert_int_equal(mkfifo(gate, 0600), 0);
    snprintf(script, sizeof(script), STRAYS "read open <%s; exit 4", gate);
    process = start_shell(script, 0);
    while (asleep() < STRAYS_ASLEEP && clock_ns() < deadline)
        usleep(5000);
    assert_int_equal(asleep(), STRAYS_ASLEEP);
    close(open(gate, O_WRONLY | O_CLOEXEC));
    folder_remove(folder);
    return process;
}

static void nothing_outlives_its_program(void **state)
{
    struct process process = start_strays();

    (void)state;
    assert_int_equal(process_wait(&process, in_seconds(60)), 1);
    assert_int_equal(process_exit_status(&process), 4);
    assert_int_equal(process.leftovers, 5);
    assert_int_equal(descendants(), 0);
    process = start_shell(STRAYS "sleep 1000", 0);
    wait_for_descendants(8);
    process_end(&process, 0);
    assert_int_equal(descendants(), 0);
}

/* A chain of processes, each of which starts the next and ends: whoever looks for them one after
 * the other finds the one that has ended, and not yet the next. */
#define CHAIN "link() { link & }; link; sleep 1000"

static void nothing_escapes_by_forking(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        struct process process = start_shell(CHAIN, 0);

        wait_for_descendants(2); /* a link may not be seen */
        usleep(5000);
        process_end(&process, 0);
        assert_int_equal(descendants(), 0);
    }
}

static void nothing_outlives_the_harness(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        pid_t harness = fork();

        assert_true(harness >= 0);
        if (harness == 0) {
            struct process first = start_shell(STRAYS "sleep 1000", PROCESS_CAPTURE_OUT);
            struct process second = start_shell(STRAYS "sleep 1000", PROCESS_CAPTURE_ERR);

            process_wait(&first, in_seconds(100));
            process_wait(&second, in_seconds(100));
            _exit(0);
        }
        usleep((useconds_t)(i * 4000)); /* while things start, and when they have */
        if (i == 9)
            wait_for_descendants(17);
        kill(harness, SIGKILL);
        waitpid(harness, NULL, 0);
        assert_nothing_left();
    }
}

static void the_loss_of_a_keeper_is_noticed(void **state)
{
    struct process process = start_shell("exec sleep 1000", 0);

    (void)state;
    kill(process.keeper, SIGKILL);
    assert_int_equal(process_wait(&process, in_seconds(60)), -ECHILD);
    assert_int_equal(process_exit_status(&process), 128 + SIGKILL);
    assert_nothing_left(); /* the program dies with its keeper */
}

/* Ways to hold memory, which is populated and not written to, since a sanitizer would have memory
 * of its own for that. */
static const char *hold_private(size_t bytes)
{
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1,
                0);
}

static const char *hold_shared(size_t bytes)
{
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1,
                0);
}

static const char *hold_file(size_t bytes)
{
    char path[] = "/tmp/held-XXXXXX";
    int fd = mkstemp(path);

    unlink(path);
    return ftruncate(fd, (off_t)bytes) == 0
               ? mmap(NULL, bytes, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0)
               : MAP_FAILED;
}

/* What was written stays there below the frame of the caller. */
static const char *hold_stack(size_t bytes)
{
    char room[MEGABYTES(4)];
    const volatile char *held = memset(room + sizeof(room) - bytes, 1, bytes);

    return *held == 1 ? "" : MAP_FAILED;
}

/* A child that holds memory, and a grandchild that shares it and looks at its first byte. */
static pid_t start_tree(const char *(*hold)(size_t), size_t bytes)
{
    int ready[2];
    char byte;
    pid_t pid;

    assert_int_equal(pipe(ready), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const volatile char *held = hold(bytes);

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (held != MAP_FAILED && fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            byte = held[0];
            if (write(ready[1], &byte, 1) != 1)
                _exit(1);
        }
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return pid;
}

/* Measures a whole tree and its grandchild alone, and ends it. */
static void measure_tree(const char *(*hold)(size_t), size_t bytes, struct proctree_memory *two,
                         struct proctree_memory *one)
{
    struct proctree tree;
    pid_t pid = start_tree(hold, bytes);

    assert_int_equal(proctree_list(pid, &tree), 0);
    assert_int_equal(tree.count, 2);
    assert_int_equal(tree.pids[0], pid);
    assert_int_equal(proctree_measure(pid, two), 0);
    assert_int_equal(proctree_measure(tree.pids[1], one), 0);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_int_equal(proctree_measure(pid, &(struct proctree_memory){0}), -ESRCH);
    proctree_free(&tree);
    assert_nothing_left();
}

/* To within a hundredth, or what a sanitizer has beside it. */
static void assert_megabytes(uint64_t bytes, uint64_t before, uint64_t expected)
{
    uint64_t off = SANITIZED ? MEGABYTES(expected) / 8 : MEGABYTES(expected) / 100;

    assert_in_range(bytes - before, MEGABYTES(expected) - off, MEGABYTES(expected) + off);
}

static void trees_are_measured_without_counting_twice(void **state)
{
    struct proctree_memory one, two, small_one, small_two;

    (void)state;
    /* The first makes a sanitizer take memory that all later ones share. */
    measure_tree(hold_private, MEGABYTES(1), &small_two, &small_one);
    measure_tree(hold_private, MEGABYTES(1), &small_two, &small_one);
    measure_tree(hold_private, MEGABYTES(65), &two, &one);
    assert_int_equal(two.processes, 2);
    assert_int_equal(two.threads, 2);
    assert_int_equal(one.processes, 1);
    /* 64 MB more are resident in both, but there only once. */
    assert_megabytes(two.rss_bytes, small_two.rss_bytes, 128);
    assert_megabytes(two.pss_bytes, small_two.pss_bytes, 64);
    assert_megabytes(two.pss_anon_bytes, small_two.pss_anon_bytes, 64);
    assert_megabytes(one.pss_bytes, small_one.pss_bytes, 32);
    assert_megabytes(two.hwm_bytes, small_two.hwm_bytes, 128);
    assert_true(two.virtual_bytes >= two.rss_bytes);
    assert_true(two.page_table_bytes > small_two.page_table_bytes);
}

static void shared_memory_is_of_those_who_share_it(void **state)
{
    struct proctree_memory one, two, small_one, small_two;

    (void)state;
    measure_tree(hold_shared, MEGABYTES(1), &small_two, &small_one);
    measure_tree(hold_shared, MEGABYTES(65), &two, &one);
    assert_megabytes(two.pss_anon_bytes, small_two.pss_anon_bytes, 64);
}

/* Of the file the grandchild has but a few pages. */
static void files_count_once_and_as_whoever_has_most_of_them(void **state)
{
    struct proctree_memory one, two, small_one, small_two;

    (void)state;
    measure_tree(hold_file, MEGABYTES(1), &small_two, &small_one);
    measure_tree(hold_file, MEGABYTES(33), &two, &one);
    assert_megabytes(two.library_bytes, small_two.library_bytes, 32);
    assert_true(one.library_bytes < two.library_bytes);
    assert_in_range(two.pss_anon_bytes, 0, small_two.pss_anon_bytes + MEGABYTES(8));
}

static void a_stack_that_is_shared_counts_once(void **state)
{
    struct proctree_memory one, two;

    (void)state;
    if (SANITIZED)
        skip();
    measure_tree(hold_stack, MEGABYTES(3), &two, &one);
    assert_in_range(two.stack_bytes, MEGABYTES(3), MEGABYTES(4));
}

static void zombies_do_not_count(void **state)
{
    struct proctree tree;
    pid_t pid = fork();
    siginfo_t info;

    (void)state;
    if (pid == 0)
        _exit(0);
    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    assert_int_equal(proctree_list(pid, &tree), -ESRCH);
    proctree_free(&tree);
    waitpid(pid, NULL, 0);
}

static void cgroups_account_what_runs_in_them(void **state)
{
    const char *argv[] = {"sh", "-c", "x=$(head -c 20000000 /dev/zero | tr '\\0' x); sleep 1000",
                          NULL};
    struct process_options options = {.argv = argv};
    struct process process;
    struct cgroup cgroup;
    char path[PATH_MAX];
    struct error error;
    json_t *shown = NULL;
    double usage = 0;

    (void)state;
    if (cgroup_make(&cgroup) < 0)
        skip(); /* not allowed on this machine */
    snprintf(path, sizeof(path), "%s", cgroup.path);
    options.cgroup = cgroup.path;
    assert_int_equal(process_start(&process, &options, &error), 0);
    for (uint64_t deadline = in_seconds(60); usage < 20e6 && clock_ns() < deadline;) {
        json_decref(shown);
        shown = cgroup_read(&cgroup);
        usage = json_number_at(shown, "usage_bytes", 0);
        usleep(10000);
    }
    assert_true(usage >= 20e6);
    assert_true(json_number_at(shown, "peak_bytes", 0) >= 20e6);
    cgroup_update_peak(&cgroup, shown);
    assert_true(json_number_at(shown, "peak_bytes", 0) >= usage);
    json_decref(shown);
    process_end(&process, 0);
    cgroup_remove(&cgroup);
    assert_int_not_equal(access(path, F_OK), 0);
}

/* Reads what a lane "wrote" through the path that lanes get. */
static json_t *read_written(struct lane_output *output, const char *text, struct error *error)
{
    int fd;

    assert_int_equal(lane_output_clear(output), 0);
    fd = open(output->path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    return lane_output_read(output, error);
}

static void results_of_lanes_are_checked(void **state)
{
    struct lane_output output;
    struct error error;
    json_t *value;

    (void)state;
    assert_int_equal(lane_output_open(&output), 0);
    value = read_written(&output, "{\"schema\": \"lane.result/1\", \"n\": 1}\n", &error);
    assert_int_equal(json_number_at(value, "n", 0), 1);
    json_decref(value);
    assert_null(read_written(&output, "", &error));
    assert_string_equal(error.text, "the lane wrote no result");
    assert_null(read_written(&output, "\xff\xfe garbage", &error));
    assert_non_null(strstr(error.text, "not one line of JSON"));
    assert_null(read_written(&output, "{\"schema\": \"lane.result/1\"}\n{}\n", &error));
    assert_null(read_written(&output, "[1, 2]", &error));
    assert_non_null(strstr(error.text, "lane.result/1"));
    lane_output_close(&output);
}

static void messages_of_lanes_are_made_fit_to_print(void **state)
{
    struct observation seen = {.problems = json_array()};

    (void)state;
    observation_message(&seen, "\n \n  bad\x1b[31m \xff thing\r\nsecond line\n");
    assert_string_equal(seen.message, "bad?[31m ? thing");
    observation_problem(&seen, "it said %s", "\xc3\xa9 and \xff");
    assert_int_equal(json_array_size(seen.problems), 1);
    observation_problem(&seen, "it said %s", "\xc3\xa9");
    assert_string_equal(json_string_value(json_array_get(seen.problems, 1)), "it said \xc3\xa9");
    json_decref(seen.problems);
}

static void times_left_are_short(void **state)
{
    char text[64];

    (void)state;
    assert_string_equal(units_format_eta(0, text), "0s");
    assert_string_equal(units_format_eta(59400 * NS_PER_MS, text), "59s");
    assert_string_equal(units_format_eta(59600 * NS_PER_MS, text), "1m00s");
    assert_string_equal(units_format_eta(370 * NS_PER_S, text), "6m10s");
    assert_string_equal(units_format_eta(3900 * NS_PER_S, text), "1h05m");
}

/* What a terminal shows while the third of four steps runs. */
static void read_bar(bool no_colour, char *text, size_t size)
{
    const struct cell cell = {.id = "sync-n1-c1"};
    struct schedule_step steps[4] = {
        {.cell = &cell}, {.cell = &cell}, {.cell = &cell}, {.cell = &cell}};
    struct schedule schedule = {.steps = steps, .count = 4};
    struct progress progress;
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    size_t length = 0;
    ssize_t got;

    assert_int_equal(grantpt(terminal) + unlockpt(terminal), 0);
    if (fork() == 0) {
        dup2(open(ptsname(terminal), O_RDWR | O_NOCTTY), STDERR_FILENO);
        setenv("TERM", "xterm", 1);
        setenv("COLUMNS", "50", 1);
        unsetenv("NO_COLOR");
        if (no_colour)
            setenv("NO_COLOR", "1", 1);
        progress_init(&progress, &schedule, false);
        progress_start(&progress, 2);
        _exit(0);
    }
    wait(NULL);
    while ((got = read(terminal, text + length, size - 1 - length)) > 0)
        length += (size_t)got;
    text[length] = '\0';
    close(terminal);
}

static void the_bar_alone_is_coloured(void **state)
{
    char text[400];

    (void)state;
    read_bar(false, text, sizeof(text));
    assert_string_equal(text,
                        "\r\033[K[\033[36m############\033[0m............] 2/4  ETA 0s  sync-n1-c");
    read_bar(true, text, sizeof(text));
    assert_string_equal(text, "\r\033[K[############............] 2/4  ETA 0s  sync-n1-c");
}

/* The last test: afterwards this program counts as interrupted. */
static void waits_end_when_asked_to_stop(void **state)
{
    struct process process;
    pid_t self = getpid();

    (void)state;
    interrupt_install();
    process = start_shell("sleep 1000", 0);
    assert_int_equal(interrupt_poll(NULL, 0, clock_ns() + NS_PER_MS), 0);
    assert_int_equal(interrupt_signal(), 0);
    if (fork() == 0) {
        usleep(50000);
        kill(self, SIGTERM);
        _exit(0);
    }
    assert_int_equal(process_wait(&process, in_seconds(60)), -EINTR);
    assert_int_equal(interrupt_signal(), SIGTERM);
    assert_int_equal(process_wait(&process, in_seconds(60)), -EINTR);
    process_end(&process, 0);
    assert_nothing_left();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(programs_end_with_their_status, end_leftovers),
        cmocka_unit_test_teardown(programs_that_cannot_start_say_why, end_leftovers),
        cmocka_unit_test(messages_hold_nothing_else),
        cmocka_unit_test_teardown(a_flood_of_output_neither_blocks_nor_fills, end_leftovers),
        cmocka_unit_test_teardown(ending_is_polite_at_first, end_leftovers),
        cmocka_unit_test_teardown(nothing_outlives_its_program, end_leftovers),
        cmocka_unit_test_teardown(nothing_escapes_by_forking, end_leftovers),
        cmocka_unit_test_teardown(nothing_outlives_the_harness, end_leftovers),
        cmocka_unit_test_teardown(the_loss_of_a_keeper_is_noticed, end_leftovers),
        cmocka_unit_test_teardown(trees_are_measured_without_counting_twice, end_leftovers),
        cmocka_unit_test_teardown(shared_memory_is_of_those_who_share_it, end_leftovers),
        cmocka_unit_test_teardown(files_count_once_and_as_whoever_has_most_of_them, end_leftovers),
        cmocka_unit_test_teardown(a_stack_that_is_shared_counts_once, end_leftovers),
        cmocka_unit_test_teardown(zombies_do_not_count, end_leftovers),
        cmocka_unit_test_teardown(cgroups_account_what_runs_in_them, end_leftovers),
        cmocka_unit_test_teardown(results_of_lanes_are_checked, end_leftovers),
        cmocka_unit_test_teardown(messages_of_lanes_are_made_fit_to_print, end_leftovers),
        cmocka_unit_test_teardown(times_left_are_short, end_leftovers),
        cmocka_unit_test(the_bar_alone_is_coloured),
        cmocka_unit_test_teardown(waits_end_when_asked_to_stop, end_leftovers),
    };

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
