#include "compute/kernel_timer.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/clock.h"

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct kernel_timer *timer = poll->data;
    uint64_t times;

    (void)status, (void)events;
    if (read(timer->fd, &times, sizeof(times)) > 0)
        timer->expired(timer->user);
}

int kernel_timer_start(struct kernel_timer *timer, uv_loop_t *loop, void (*expired)(void *user),
                       void *user)
{
    int error;

    *timer = (struct kernel_timer){.expired = expired, .user = user};
    timer->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (timer->fd < 0)
        return -errno;
    error = uv_poll_init(loop, &timer->poll, timer->fd);
    if (error < 0)
        goto close_timer;
    timer->poll.data = timer;
    uv_unref((uv_handle_t *)&timer->poll);
    error = uv_poll_start(&timer->poll, UV_READABLE, on_readable);
    if (error == 0)
        return 0;
    uv_close((uv_handle_t *)&timer->poll, NULL);

close_timer:
    close(timer->fd);
    timer->fd = -1;
    return error;
}

void kernel_timer_set(const struct kernel_timer *timer, uint64_t first_ns, uint64_t every_ns)
{
    struct itimerspec times = {clock_timespec(every_ns), clock_timespec(first_ns)};

    timerfd_settime(timer->fd, TFD_TIMER_ABSTIME, &times, NULL);
}

void kernel_timer_stop(struct kernel_timer *timer)
{
    if (timer->fd < 0)
        return;
    uv_poll_stop(&timer->poll); /* before its descriptor closes */
    close(timer->fd);
    timer->fd = -1;
    uv_close((uv_handle_t *)&timer->poll, NULL);
}
