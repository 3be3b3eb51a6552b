/* A timer of the kernel's on a libuv loop, which knows nanoseconds where libuv's own know whole
 * milliseconds. It does not keep the loop running, and belongs to the loop's thread. */
#ifndef COMPUTE_KERNEL_TIMER_H
#define COMPUTE_KERNEL_TIMER_H

#include <stdint.h>
#include <uv.h>

struct kernel_timer {
    int fd; /* -1: there is none */
    uv_poll_t poll;
    void (*expired)(void *user);
    void *user;
};

/* Makes a timer that is not set; expired() is called by the loop. It must stay where it is until
 * the loop has closed its handles. Returns 0 or a negative error, and then there is none. */
int kernel_timer_start(struct kernel_timer *timer, uv_loop_t *loop, void (*expired)(void *user),
                       void *user);

/* Expires at `first_ns` of clock_ns() (above 0), and then every `every_ns`; 0: once. */
void kernel_timer_set(const struct kernel_timer *timer, uint64_t first_ns, uint64_t every_ns);

/* Closes the timer, if there is one; its handle is closed when the loop runs next. */
void kernel_timer_stop(struct kernel_timer *timer);

#endif
