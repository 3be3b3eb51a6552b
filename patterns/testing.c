/* Practice: tests with a clock of their own. Where the loop's time is virtual it stands still while
 * anybody can run, and then jumps to the first timer. */
#include "patterns/pattern.h"

#define HOUR_NS   (3600 * NS_PER_S)
#define PERIOD_NS (61 * NS_PER_S)

struct test {
    uint64_t polls, took_ns; /* on the loop's clock */
};

/* What is tested: it polls until somebody stops it. */
static int poll_for_ever(struct co_task *self, struct test *test)
{
    uint64_t start_ns = co_now_ns(co_loop_of(self));
    int error;

    while ((error = co_sleep(self, PERIOD_NS)) == 0)
        test->polls++;
    test->took_ns = co_now_ns(co_loop_of(self)) - start_ns;
    return error;
}

/* lesson: testing */
static int gives_up_after_an_hour(struct co_task *self, void *test)
{
    struct co_timeout timeout;

    co_timeout_begin(self, &timeout, HOUR_NS);
    return co_timeout_end(&timeout, poll_for_ever(self, test));
}

static int run_test(void *test)
{
    struct co_options options = {.virtual_time = true};
    struct co_loop *loop = co_loop_new(&options);
    int error = UV_ENOMEM;

    if (loop != NULL)
        error = co_run(loop, gives_up_after_an_hour, test);
    co_loop_free(loop);
    return error;
}
/* end */

/* In a thread, since a loop runs in this one. */
int run_testing(struct co_task *self, struct context *context)
{
    struct test test = {0};
    uint64_t start_ns = clock_ns();
    int error = co_offload(self, run_test, &test);

    bar(context, "time of the test", "virtual_ns", (double)test.took_ns);
    bar(context, "time that it took", "real_ns", (double)(clock_ns() - start_ns));
    figure(context, "polls", (double)test.polls);
    check(context, error == UV_ETIMEDOUT, "it gives up: %s", co_error(error));
    return 0;
}
