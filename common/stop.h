/* When to stop: somebody has asked, or a deadline has passed. May lie in memory that processes
 * share; any thread, any process and a signal handler may ask and look. */
#ifndef COMMON_STOP_H
#define COMMON_STOP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/clock.h"

struct stop {
    _Atomic bool asked;
    uint64_t deadline_ns; /* of clock_ns(); 0: none */
};

static inline void stop_ask(struct stop *stop)
{
    atomic_store(&stop->asked, true);
}

static inline bool stop_asked(const struct stop *stop)
{
    return atomic_load_explicit(&stop->asked, memory_order_relaxed);
}

/* Whether to go on with nothing: asked, or past the deadline. */
static inline bool stop_due(const struct stop *stop)
{
    return stop_asked(stop) || (stop->deadline_ns != 0 && clock_ns() >= stop->deadline_ns);
}

#endif
