/* Each task is a timer of libuv and its callback: what a program on libuv alone would have. */
#include <assert.h>
#include <stdlib.h>
#include <uv.h>

#include "common/clock.h"
#include "sleepers/sleepers.h"

/* The due time of a timer is its `data`: no memory beyond what libuv asks for. */
static_assert(sizeof(void *) >= sizeof(uint64_t), "a pointer holds a time in nanoseconds");

static void get_up(uv_timer_t *timer, int error)
{
    sleepers_get_up(timer->loop->data, (uintptr_t)timer->data, error);
    uv_close((uv_handle_t *)timer, (uv_close_cb)free);
}

static void on_timer(uv_timer_t *timer)
{
    get_up(timer, 0);
}

/* libuv counts whole milliseconds from a time that it rounds down, so that a timer may be up to one
 * early. With one more it never is. Returns 0 or UV_ENOMEM. */
static int lie_down(uv_loop_t *loop, uint64_t latency_ns)
{
    uint64_t timeout_ms = (latency_ns + NS_PER_MS - 1) / NS_PER_MS + 1;
    uv_timer_t *timer = malloc(sizeof(*timer));

    if (timer == NULL)
        return UV_ENOMEM;
    uv_timer_init(loop, timer);
    timer->data = (void *)(uintptr_t)(clock_ns() + latency_ns);
    uv_update_time(loop); /* not before: the kernel may take the processor away in between */
    uv_timer_start(timer, on_timer, timeout_ms, 0);
    sleepers_lie_down(loop->data);
    return 0;
}

static int start_all(uv_loop_t *loop, struct sleepers *s)
{
    uint64_t started = 0;
    int error = 0;

    while (started < s->tasks && error == 0) {
        error = lie_down(loop, s->latency_ns);
        started += error == 0;
    }
    sleepers_give_up(s, s->tasks - started);
    return error;
}

static void end_handle(uv_handle_t *handle, void *user)
{
    (void)user;
    if (uv_is_closing(handle))
        return;
    if (uv_handle_get_type(handle) == UV_TIMER)
        get_up((uv_timer_t *)handle, UV_ECANCELED);
    else
        uv_close(handle, NULL);
}

static void stop(void *argument)
{
    uv_walk(argument, end_handle, NULL);
}

int timer_run(struct sleepers *s)
{
    struct interrupt interrupt;
    uv_loop_t loop;
    int error = uv_loop_init(&loop);

    if (error < 0)
        return error;
    loop.data = s;
    error = interrupt_watch(&interrupt, &loop, s, stop, &loop);
    if (error == 0)
        error = start_all(&loop, s);
    if (error == 0) {
        sleepers_done(s);
        uv_run(&loop, UV_RUN_DEFAULT);
    }
    uv_walk(&loop, end_handle, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    return error;
}
