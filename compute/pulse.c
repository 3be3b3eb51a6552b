#include "compute/pulse.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/clock.h"

static void on_beat(uv_poll_t *timer, int status, int events)
{
    struct pulse *p = timer->data;
    uint64_t expired;

    (void)status, (void)events;
    if (read(p->fd, &expired, sizeof(expired)) > 0)
        heartbeat_beat(&p->heart, clock_ns());
}

static void on_end(uv_prepare_t *end)
{
    struct pulse *p = end->data;
    uint64_t now_ns = clock_ns(), waited_ns = uv_metrics_idle_time(end->loop);

    if (p->fd < 0)
        heartbeat_infer(&p->heart, now_ns, waited_ns);
    heartbeat_wait(&p->heart, now_ns, waited_ns);
}

static int start_timer(struct pulse *p, uv_loop_t *loop)
{
    struct itimerspec times = {clock_timespec(HEARTBEAT_NS), clock_timespec(p->heart.due_ns)};
    int error;

    p->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (p->fd < 0)
        return -errno;
    timerfd_settime(p->fd, TFD_TIMER_ABSTIME, &times, NULL);
    error = uv_poll_init(loop, &p->timer, p->fd);
    if (error < 0)
        goto close_fd;
    p->timer.data = p;
    uv_unref((uv_handle_t *)&p->timer);
    error = uv_poll_start(&p->timer, UV_READABLE, on_beat);
    if (error == 0)
        return 0;
    uv_close((uv_handle_t *)&p->timer, NULL);
close_fd:
    close(p->fd);
    p->fd = -1;
    return error;
}

static void stop_timer(struct pulse *p)
{
    heartbeat_beat(&p->heart, clock_ns());
    uv_poll_stop(&p->timer); /* before its descriptor closes */
    close(p->fd);
    uv_close((uv_handle_t *)&p->timer, NULL);
}

int pulse_start(struct pulse *p, uv_loop_t *loop, bool with_timer)
{
    int error = uv_loop_configure(loop, UV_METRICS_IDLE_TIME);

    p->fd = -1;
    heartbeat_start(&p->heart, clock_ns());
    if (error == 0 && with_timer)
        error = start_timer(p, loop);
    if (error < 0)
        return error;
    uv_prepare_init(loop, &p->end);
    p->end.data = p;
    uv_unref((uv_handle_t *)&p->end);
    return uv_prepare_start(&p->end, on_end);
}

void pulse_stop(struct pulse *p)
{
    if (p->fd >= 0)
        stop_timer(p);
    on_end(&p->end);
    uv_close((uv_handle_t *)&p->end, NULL);
}

enum activity pulse_enter(struct pulse *p, enum activity activity, uint64_t id)
{
    return heartbeat_enter(&p->heart, activity, id, clock_ns());
}
