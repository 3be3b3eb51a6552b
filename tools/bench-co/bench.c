/* What coroutines cost: nanoseconds per switch, spawn and item of a queue, bytes per task that
 * sleeps. Each time is CPU time, and the least of several runs, since the machine can only slow a
 * run down; each memory figure comes from a process of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "co/co.h"
#include "co/http.h"
#include "co/switch.h"
#include "common/clock.h"

#define RUNS     25
#define SWITCHES 400000
#define TASKS    50000
#define ITEMS    400000

/* Whatever else runs on this machine meanwhile. */
static uint64_t cpu_ns(void)
{
    return clock_ns_of(CLOCK_THREAD_CPUTIME_ID);
}

/* ---- Switch ------------------------------------------------------------------------------ */

struct ping {
    struct co_context here, there;
};

static void pong(void *argument)
{
    struct ping *ping = argument;

    for (;;)
        co_context_switch(&ping->there, &ping->here);
}

static double measure_switch(void)
{
    size_t bytes = 65536;
    char *stack = malloc(bytes);
    struct ping ping;
    uint64_t start_ns;
    double ns;

    if (stack == NULL || co_context_init_main(&ping.here) < 0)
        return -1;
    co_context_init(&ping.there, stack, stack + bytes, co_context_modes(), pong, &ping);
    start_ns = cpu_ns();
    for (int i = 0; i < SWITCHES / 2; i++)
        co_context_switch(&ping.here, &ping.there);
    ns = (double)(cpu_ns() - start_ns) / SWITCHES;
    co_context_term_main(&ping.here);
    free(stack);
    return ns;
}

/* ---- Yield, spawn, queue ----------------------------------------------------------------- */

static int yield_often(struct co_task *self, void *count)
{
    int error = 0;

    for (int i = 0; i < *(int *)count && error == 0; i++)
        error = co_yield (self);
    return error;
}

static int yield_two(struct co_task *self, void *result)
{
    int count = 200000;
    struct co_task *other = co_start(co_create(co_loop_of(self), yield_often, &count, NULL));
    uint64_t start_ns = cpu_ns();
    int error = yield_often(self, &count);

    *(double *)result = (double)(cpu_ns() - start_ns) / 2 / count;
    return error == 0 ? co_join(self, other) : error;
}

static int do_nothing(struct co_task *self, void *unused)
{
    (void)self, (void)unused;
    return 0;
}

/* Create, start, run, end, join, release; the stacks are in the pool already. */
static int spawn_many(struct co_task *self, void *result)
{
    struct co_loop *loop = co_loop_of(self);
    uint64_t start_ns = cpu_ns();
    int error = 0;

    for (int i = 0; i < TASKS && error == 0; i++)
        error = co_join(self, co_start(co_create(loop, do_nothing, NULL, NULL)));
    *(double *)result = (double)(cpu_ns() - start_ns) / TASKS;
    return error;
}

static int await_many(struct co_task *self, void *result)
{
    struct co_loop *loop = co_loop_of(self);
    uint64_t start_ns = cpu_ns();
    int error = 0;

    for (int i = 0; i < TASKS && error == 0; i++)
        error = co_join(self, co_create(loop, do_nothing, NULL, NULL));
    *(double *)result = (double)(cpu_ns() - start_ns) / TASKS;
    return error;
}

static int take_all(struct co_task *self, void *queue)
{
    void *item;
    int error = 0;

    while (error == 0)
        error = co_queue_get(self, queue, &item);
    return error == UV_EOF ? 0 : error;
}

static int pass_items(struct co_task *self, double *result, size_t capacity)
{
    struct co_queue queue;
    struct co_task *taker;
    uint64_t start_ns;
    int error = 0;

    co_queue_init(&queue, co_loop_of(self), capacity);
    taker = co_start(co_create(co_loop_of(self), take_all, &queue, NULL));
    start_ns = cpu_ns();
    for (int i = 0; i < ITEMS && error == 0; i++)
        error = co_queue_put(self, &queue, &queue);
    co_queue_close(&queue);
    if (error == 0)
        error = co_join(self, taker);
    *result = (double)(cpu_ns() - start_ns) / ITEMS;
    co_queue_term(&queue);
    return error;
}

static int pass_one_by_one(struct co_task *self, void *result)
{
    return pass_items(self, result, 1);
}

static int pass_64(struct co_task *self, void *result)
{
    return pass_items(self, result, 64);
}

static double run_once(co_body *body)
{
    struct co_loop *loop = co_loop_new(NULL);
    double ns = -1;

    if (loop == NULL || co_run(loop, body, &ns) < 0)
        ns = -1;
    co_loop_free(loop);
    return ns;
}

/* `known` is what others take for the same, measured elsewhere. */
static void print_ns(const char *what, double ns, const char *known)
{
    printf("  %-44s %8.1f ns  %s\n", what, ns, known);
}

static void measure_body(const char *what, co_body *body)
{
    double least = run_once(body);

    for (int i = 1; i < RUNS; i++) {
        double ns = run_once(body);

        least = ns < least ? ns : least;
    }
    print_ns(what, least, "");
}

/* ---- Bytes per task ---------------------------------------------------------------------- */

static size_t resident_bytes(void)
{
    FILE *file = fopen("/proc/self/smaps_rollup", "re");
    char line[256];
    size_t kb = 0;

    if (file == NULL)
        return 0;
    while (fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "Pss: %zu kB", &kb) == 1)
            break;
    fclose(file);
    return kb * 1024;
}

/* What the kernel needs to map the stacks. */
static size_t page_table_bytes(void)
{
    FILE *file = fopen("/proc/self/status", "re");
    char line[256];
    size_t kb = 0;

    if (file == NULL)
        return 0;
    while (fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "VmPTE: %zu kB", &kb) == 1)
            break;
    fclose(file);
    return kb * 1024;
}

struct sleeping {
    size_t count;
    double bytes;
};

static int sleep_long(struct co_task *self, void *unused)
{
    (void)unused;
    return co_sleep(self, 3600 * NS_PER_S);
}

static int sleep_with_stacks(struct co_task *self, void *argument)
{
    struct sleeping *sleepers = argument;
    size_t before = resident_bytes() + page_table_bytes();
    int error;

    for (size_t i = 0; i < sleepers->count; i++) {
        struct co_task *task = co_start(co_create(co_loop_of(self), sleep_long, NULL, NULL));

        if (task == NULL)
            return UV_ENOMEM;
        co_release(task);
    }
    do { /* until the last has begun to sleep */
        error = co_yield (self);
    } while (error == 0 && co_loop_counts(co_loop_of(self)).resumes < sleepers->count);
    sleepers->bytes =
        (double)(resident_bytes() + page_table_bytes() - before) / (double)sleepers->count;
    return error;
}

static void woken(struct co_waiter *waiter, int reason)
{
    (void)waiter, (void)reason;
}

static int sleep_without_stacks(struct co_task *self, void *argument)
{
    struct sleeping *sleepers = argument;
    struct co_loop *loop = co_loop_of(self);
    struct co_waiter **waiters = calloc(sleepers->count, sizeof(struct co_waiter *));
    size_t before = resident_bytes(), after, made = 0;

    for (; waiters != NULL && made < sleepers->count; made++) {
        waiters[made] = malloc(sizeof(struct co_waiter));
        if (waiters[made] == NULL)
            break;
        co_waiter_init(waiters[made], woken);
        if (co_wake_at(loop, waiters[made], clock_ns() + 3600 * NS_PER_S) < 0)
            break;
    }
    after = resident_bytes();
    sleepers->bytes = (double)(after - before) / (double)sleepers->count;
    for (size_t i = 0; i < made; i++) {
        co_forget(loop, waiters[i]);
        free(waiters[i]);
    }
    free(waiters);
    return made == sleepers->count ? 0 : UV_ENOMEM;
}

/* In a process of its own, whose memory is fresh. Returns 0, or -1 where it failed. */
static int measure_bytes(const char *what, co_body *body, size_t count)
{
    struct sleeping sleepers = {.count = count};
    struct co_options options = {.stack_bytes = 16384, .slow_ns = UINT64_MAX};
    int status;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        struct co_loop *loop = co_loop_new(&options);

        status = loop != NULL ? co_run(loop, body, &sleepers) : UV_ENOMEM;
        if (status == 0)
            printf("  %-34s %8zu %9.0f bytes\n", what, count, sleepers.bytes);
        fflush(stdout);
        _exit(status == 0 ? 0 : 1);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0)
        return -1;
    return 0;
}

static int measure_memory(void)
{
    static const size_t counts[] = {10000, 100000, 1000000};
    int error = 0;

    printf("bytes per sleeping task (PSS, with stacks also page tables)\n");
    for (size_t i = 0; i < 3; i++)
        error |= measure_bytes("task with a stack of 16 KB", sleep_with_stacks, counts[i]);
    for (size_t i = 0; i < 3; i++)
        error |=
            measure_bytes("stackless (waiter, timer, pointer)", sleep_without_stacks, counts[i]);
    printf("  %-34s %18zu bytes\n", "stackless request (struct co_call)", sizeof(struct co_call));
    printf(
        "known, an idle task: a bare uv_timer_t 150 bytes, C# 202, Rust with tokio 455, Node 470 "
        "to "
        "550,\nPython 1320, Go 2620, an OS thread about 20 KB with what the kernel keeps for it\n");
    return error;
}

int main(int argc, char **argv)
{
    double least = measure_switch();

    printf("times (%s)\n", co_context_name());
    for (int i = 1; i < RUNS; i++) {
        double ns = measure_switch();

        least = ns < least ? ns : least;
    }
    print_ns("switch between two stacks", least,
             "(known: assembly 9 to 13 ns, ucontext 200 to 280 ns)");
    if (argc > 1 && strcmp(argv[1], "--switch") == 0)
        return 0;
    measure_body("yield: to another task", yield_two);
    measure_body("spawn: create, start, run, join, release", spawn_many);
    measure_body("await a coroutine: create, run, release", await_many);
    measure_body("item through a queue of 1", pass_one_by_one);
    measure_body("item through a queue of 64", pass_64);
    return measure_memory() == 0 ? 0 : 1;
}
