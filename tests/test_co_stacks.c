/* Stacks: a hundred thousand at once on the kernel's default limits, guards of each kind, reuse. */
#include <fenv.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "co/sanitizer.h"
#include "common/file.h"
#include "tests/co/fixture.h"

#ifdef __SANITIZE_THREAD__
#define MANY 2000 /* it can follow 8000 at most */
#else
#define MANY 100000
#endif
#define MAPPINGS_MAX 65530 /* the kernel's default of vm.max_map_count */

/* valgrind keeps account of 30,000 mappings at most. */
static size_t many(void)
{
    return co_sanitizer_on_valgrind() ? 5000 : MANY;
}

static size_t mappings(void)
{
    char *text = file_read("/proc/self/maps", 64UL << 20, NULL);
    size_t count = 0;

    assert_non_null(text);
    for (const char *line = strchr(text, '\n'); line != NULL; line = strchr(line + 1, '\n'))
        count++;
    free(text);
    return count;
}

static int wait_for_event(struct co_task *self, void *event)
{
    return co_event_wait(self, event);
}

static int hold_many(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_task **tasks = calloc(many(), sizeof(*tasks));
    struct co_event event;
    int result = 0;

    co_event_init(&event, f->loop);
    for (size_t i = 0; i < many(); i++)
        tasks[i] = co_start(co_create(f->loop, wait_for_event, &event, NULL));
    while (co_loop_counts(f->loop).stacks < many())
        assert_int_equal(co_sleep(self, 20 * MS), 0);
    assert_in_range(mappings(), 1, MAPPINGS_MAX);
    co_event_set(&event);
    assert_int_equal(co_gather(self, tasks, many(), NULL, CO_FIRST_ERROR), 0);
    for (size_t i = 0; i < many(); i++) {
        assert_int_equal(co_result(tasks[i], &result), 0);
        assert_int_equal(result, 0);
        co_release(tasks[i]);
    }
    free(tasks);
    return 0;
}

static void run_many(enum co_guard guard)
{
    struct co_options options = {.guard = guard, .stack_bytes = 16384};
    struct fixture fixture;

    assert_int_equal(fixture_run(&fixture, hold_many, &options), 0);
}

static void test_many_guarded(void **state)
{
    (void)state;
    run_many(CO_GUARD_AUTO);
}

/* As on kernels that have no guard regions: half of the mappings are used, the rest is marked. */
static void test_many_with_pages(void **state)
{
    (void)state;
    run_many(CO_GUARD_PAGE);
}

/* ---- Overflow ---------------------------------------------------------------------------- */

static int recurse(int depth)
{
    volatile char frame[512];

    for (size_t i = 0; i < sizeof(frame); i++)
        frame[i] = (char)depth;
    return depth == 0 ? frame[0] : recurse(depth - 1) + frame[0];
}

static int overflow(struct co_task *self, void *argument)
{
    volatile int depth = 36; /* 20 KB: a little more than there is */

    (void)self, (void)argument;
    return recurse(depth);
}

static int overflow_beside(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_event event;
    struct co_task *tasks[3];

    co_event_init(&event, f->loop);
    for (size_t i = 0; i < 2; i++)
        tasks[i] = co_start(co_create(f->loop, wait_for_event, &event, NULL));
    tasks[2] = co_start(co_create(f->loop, overflow, NULL, "deep"));
    return co_gather(self, tasks, 3, NULL, CO_FIRST_ERROR);
}

/* The signal that ends a program whose task needs more than its stack. */
static int signal_of_overflow(enum co_guard guard)
{
    struct co_options options = {.guard = guard, .stack_bytes = 16384};
    struct rlimit none = {0, 0};
    struct fixture fixture;
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &none);
        signal(SIGSEGV, SIG_DFL); /* of cmocka and of the sanitizers */
        signal(SIGABRT, SIG_DFL);
        _exit(fixture_run(&fixture, overflow_beside, &options) == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void test_guards(void **state)
{
    (void)state;
    assert_int_equal(signal_of_overflow(CO_GUARD_AUTO), SIGSEGV);
    assert_int_equal(signal_of_overflow(CO_GUARD_PAGE), SIGSEGV);
#ifndef __SANITIZE_ADDRESS__ /* it finds the overflow first, and exits */
    assert_int_equal(signal_of_overflow(CO_GUARD_MARK), SIGABRT);
#endif
}

/* One stack serves as many tasks as there are: nothing that a tool keeps of it may grow. */
static int do_nothing(struct co_task *self, void *unused)
{
    (void)self, (void)unused;
    return 0;
}

static int use_one_stack(struct co_task *self, void *argument)
{
    struct fixture *f = argument;

    for (int i = 0; i < 200000; i++)
        assert_int_equal(co_join(self, co_start(co_create(f->loop, do_nothing, NULL, NULL))), 0);
    return 0;
}

static void test_many_after_each_other(void **state)
{
    struct fixture fixture;

    (void)state;
    assert_int_equal(fixture_run(&fixture, use_one_stack, NULL), 0);
}

/* ---- Reuse and high-water mark ----------------------------------------------------------- */

static int use_8k(struct co_task *self, void *argument)
{
    volatile char frame[8192];

    (void)argument;
    for (size_t i = 0; i < sizeof(frame); i++)
        frame[i] = (char)i;
    return co_yield (self) + (frame[17] - 17);
}

static int use_stacks(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    struct co_counts counts;

    for (int i = 0; i < 100; i++)
        assert_int_equal(co_join(self, co_start(co_create(f->loop, use_8k, NULL, NULL))), 0);
    counts = co_loop_counts(f->loop);
    assert_in_range(counts.stacks, 2, 3); /* main's, that of all others, one that only marks */
    assert_in_range(counts.stack_high_water_bytes, 8192, counts.stack_bytes);
    return 0;
}

static void test_reuse(void **state)
{
    static const enum co_guard guards[] = {CO_GUARD_AUTO, CO_GUARD_PAGE, CO_GUARD_MARK};
    struct fixture fixture;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct co_options options = {.guard = guards[i]};

        assert_int_equal(fixture_run(&fixture, use_stacks, &options), 0);
    }
}

/* ---- Registers --------------------------------------------------------------------------- */

/* Each task rounds in a way of its own, and keeps numbers in registers across its switches. */
static int compute(struct co_task *self, void *argument)
{
    int mode = *(int *)argument;
    double sum = 0;

    assert_int_equal(fesetround(mode), 0);
    for (int i = 0; i < 1000; i++) {
        sum += i * 0.5;
        if (co_yield (self) < 0)
            return UV_ECANCELED;
        assert_int_equal(fegetround(), mode);
    }
    return sum == 499500 * 0.5 ? 0 : UV_EIO;
}

static int round_as_the_thread(struct co_task *self, void *unused)
{
    (void)self, (void)unused;
    return fegetround() == FE_TONEAREST ? 0 : UV_EIO;
}

/* It begins in the turn of one that rounds otherwise. */
static int start_while_rounding(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    int error;

    assert_int_equal(fesetround(FE_UPWARD), 0);
    error = co_join(self, co_start(co_create(f->loop, round_as_the_thread, NULL, NULL)));
    assert_int_equal(fegetround(), FE_UPWARD);
    return error;
}

static int compute_all(struct co_task *self, void *argument)
{
    struct fixture *f = argument;
    int modes[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}, error;
    struct co_task *tasks[3];

    for (size_t i = 0; i < 3; i++)
        tasks[i] = co_create(f->loop, compute, &modes[i], NULL);
    error = co_gather(self, tasks, 3, NULL, CO_FIRST_ERROR);
    assert_int_equal(fegetround(), FE_TONEAREST);
    for (size_t i = 0; i < 3; i++)
        co_release(tasks[i]);
    return error;
}

static void test_registers(void **state)
{
    struct fixture fixture;

    (void)state;
    assert_int_equal(fixture_run(&fixture, compute_all, NULL), 0);
    assert_int_equal(fixture_run(&fixture, start_while_rounding, NULL), 0);
    assert_int_equal(fegetround(), FE_TONEAREST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_guarded),
        cmocka_unit_test(test_many_with_pages),
        cmocka_unit_test(test_guards),
        cmocka_unit_test(test_reuse),
        cmocka_unit_test(test_many_after_each_other),
        cmocka_unit_test(test_registers),
    };

    return cmocka_run_group_tests_name("stacks", tests, NULL, NULL);
}
