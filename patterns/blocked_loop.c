/* Mistake 2: work that blocks the loop, seen by a heartbeat that should come every 5 ms. */
#include "common/count.h"
#include "patterns/pattern.h"

#define BEAT_NS (5 * NS_PER_MS)
#define WORK_NS (1000 * NS_PER_MS)

struct heart {
    uint64_t lateness_ns_max;
};

static int beat(struct co_task *self, void *argument)
{
    struct heart *heart = argument;
    uint64_t due_ns = clock_ns() + BEAT_NS;
    int error = co_sleep(self, BEAT_NS);

    while (error == 0) {
        uint64_t now_ns = clock_ns(), late_ns = now_ns > due_ns ? now_ns - due_ns : 0;

        heart->lateness_ns_max =
            late_ns > heart->lateness_ns_max ? late_ns : heart->lateness_ns_max;
        due_ns = now_ns + BEAT_NS;
        error = co_sleep(self, BEAT_NS);
    }
    return error;
}

/* Computes until WORK_NS have passed, however much of them it has a processor. */
static int compute(void *unused)
{
    uint64_t end_ns = clock_ns() + WORK_NS;
    volatile uint64_t sum = 0;

    (void)unused;
    while (clock_ns() < end_ns)
        sum = sum + end_ns;
    return 1;
}

static int compute_in_process(const void *in, size_t in_bytes, void *out)
{
    (void)in, (void)in_bytes, (void)out;
    return compute(NULL) - 1;
}

/* lesson: blocked-loop */
static int sleep_blocking(struct co_task *self, void *argument)
{
    (void)self, (void)argument;
    clock_sleep_until(clock_ns() + WORK_NS); /* WRONG: nobody else can run */
    return 0;
}
/* end */

/* lesson: blocked-loop */
static int sleep_right(struct co_task *self, void *argument)
{
    (void)argument;
    return co_sleep(self, WORK_NS);
}
/* end */

static int compute_blocking(struct co_task *self, void *argument)
{
    (void)self, (void)argument;
    return compute(NULL);
}

/* lesson: blocked-loop */
static int compute_in_thread(struct co_task *self, void *argument)
{
    (void)argument;
    return co_offload(self, compute, NULL);
}
/* end */

/* lesson: blocked-loop */
static int compute_elsewhere(struct co_task *self, void *argument)
{
    struct context *context = argument;
    char out[PROCESS_JOB_BYTES_MAX];

    return co_offload_process(self, context->processes, compute_in_process, "", 0, out);
}
/* end */

struct way {
    const char *label, *figure, *task;
    co_body *body;
};

/* The most that the heart was late since the last look. */
static uint64_t take_lateness(struct heart *heart)
{
    uint64_t late_ns = heart->lateness_ns_max;

    heart->lateness_ns_max = 0;
    return late_ns;
}

/* Runs one way beside a heartbeat, and notes the most that the heart was late meanwhile. */
static int try_way(struct co_task *self, struct context *context, const struct way *way)
{
    struct heart heart = {0};
    struct co_task *pulse = co_start(co_create(context->loop, beat, &heart, "heartbeat"));
    int error = co_sleep(self, 10 * BEAT_NS);

    figure_of(context, "before", way->figure, (double)take_lateness(&heart));
    if (error == 0)
        error =
            co_join(self, co_start(co_create(context->loop, way->body, context, "%s", way->task)));
    if (error >= 0)
        error = co_sleep(self, 2 * BEAT_NS);
    bar(context, way->label, way->figure, (double)take_lateness(&heart));
    if (error == 0)
        error = co_sleep(self, 10 * BEAT_NS);
    figure_of(context, "after", way->figure, (double)take_lateness(&heart));
    if (pulse != NULL)
        co_cancel(pulse);
    return co_join(self, pulse) == UV_ECANCELED ? error : UV_EIO;
}

int run_blocked_loop(struct co_task *self, struct context *context)
{
    static const struct way ways[] = {
        {"right: co_sleep", "late_sleep_ns", "good-delay", sleep_right},
        {"wrong: a blocking sleep", "late_blocking_sleep_ns", "bad-delay", sleep_blocking},
        {"wrong: computing in a task", "late_computing_ns", "compute", compute_blocking},
        {"right: computing in a thread", "late_thread_ns", "thread", compute_in_thread},
        {"right: computing in a process", "late_process_ns", "process", compute_elsewhere},
    };
    int error = 0;

    for (size_t i = 0; i < COUNT_OF(ways) && error >= 0; i++)
        error = try_way(self, context, &ways[i]);
    check(context,
          was_warned(context, "task 'bad-delay' blocked the loop for") &&
              was_warned(context, "task 'compute' blocked the loop for"),
          "who blocks is reported by name");
    return error < 0 ? error : 0;
}
