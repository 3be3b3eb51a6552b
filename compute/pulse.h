/* Takes the pulse of a libuv loop: the heartbeats and blocks of heartbeat.h, by libuv's account of
 * the time that it waits, and, where asked for, by a timer of the kernel's that knows nanoseconds
 * (libuv's own know milliseconds).
 *
 * The timer sees as well how long the kernel takes to wake the loop, which is long where others
 * compute on its core, but it costs a hundred wake-ups a second: more CPU time than all else in a
 * loop with ten slow requests at a time. Without it, the price is two looks at the clock each time
 * that the loop waits. */
#ifndef COMPUTE_PULSE_H
#define COMPUTE_PULSE_H

#include <stdbool.h>
#include <uv.h>

#include "compute/heartbeat.h"
#include "compute/kernel_timer.h"

struct pulse {
    struct heartbeat heart;
    struct kernel_timer timer; /* its fd is -1 where there is none */
    uv_prepare_t end;          /* of a block; its data is this */
};

/* Starts the pulse of a loop that has not run yet, with a timer or without. It does not keep the
 * loop running. Returns 0 or a negative error. */
int pulse_start(struct pulse *p, uv_loop_t *loop, bool with_timer);

/* Counts what has been due, and stops; the handles are closed when the loop runs next. */
void pulse_stop(struct pulse *p);

/* The loop now does this (heartbeat_enter). */
enum activity pulse_enter(struct pulse *p, enum activity activity, uint64_t id);

#endif
