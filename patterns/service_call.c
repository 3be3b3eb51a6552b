/* Practice: start all outbound calls first, do the light work while they are under way, then await
 * them: as long as the slowest call instead of the sum. */
#include "common/count.h"
#include "patterns/pattern.h"

static const char *const paths[] = {
    "?delay=200ms",
    "/orders?delay=300ms",
    "/preferences?delay=250ms",
};

#define CALLS      COUNT_OF(paths)
#define SUM_NS     (750 * NS_PER_MS)
#define SLOWEST_NS (300 * NS_PER_MS)

static int call_in_turn(struct co_task *self, struct context *context)
{
    int error = 0;

    for (size_t i = 0; i < CALLS && error == 0; i++) {
        struct user_fetch fetch = {.context = context, .id = 1, .path = paths[i]};

        error = fetch_user(self, &fetch);
    }
    return error;
}

static void light_work(struct context *context)
{
    volatile double sum = 0; /* the compiler must not leave the work out */
    uint64_t start_ns = clock_ns();

    for (int i = 1; i < 100000; i++)
        sum = sum + 1.0 / i;
    figure(context, "light_work_ns", (double)(clock_ns() - start_ns));
}

/* lesson: service-call */
static int call_first(struct co_task *self, struct context *context)
{
    struct user_fetch fetches[CALLS];
    struct co_task *tasks[CALLS];
    int error;

    for (size_t i = 0; i < CALLS; i++) {
        fetches[i] = (struct user_fetch){.context = context, .id = 1, .path = paths[i]};
        tasks[i] = co_start(co_create(context->loop, fetch_user, &fetches[i], "%s", paths[i]));
    }
    error = co_yield (self); /* they begin */
    light_work(context);
    if (error == 0)
        error = co_gather(self, tasks, CALLS, NULL, CO_FIRST_ERROR);
    for (size_t i = 0; i < CALLS; i++)
        co_release(tasks[i]);
    return error;
}
/* end */

int run_service_call(struct co_task *self, struct context *context)
{
    uint64_t start_ns = clock_ns();
    int error = call_in_turn(self, context);

    bar(context, "one after the other", "in_turn_ns", (double)(clock_ns() - start_ns));
    start_ns = clock_ns();
    if (error == 0)
        error = call_first(self, context);
    bar(context, "all started first", "started_first_ns", (double)(clock_ns() - start_ns));
    figure(context, "sum_of_latencies_ns", SUM_NS);
    figure(context, "slowest_latency_ns", SLOWEST_NS);
    check(context, error == 0, "all calls succeed");
    return error;
}
