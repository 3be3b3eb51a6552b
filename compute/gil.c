#include "compute/gil.h"

#include <errno.h>

#include "common/clock.h"

int gil_init(struct gil *g)
{
    pthread_condattr_t monotonic;
    int error;

    *g = (struct gil){0};
    pthread_mutex_init(&g->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    error = pthread_cond_init(&g->released, &monotonic) != 0 ||
            pthread_cond_init(&g->switched, NULL) != 0;
    pthread_condattr_destroy(&monotonic);
    return error ? -ENOMEM : 0;
}

void gil_term(struct gil *g)
{
    pthread_cond_destroy(&g->switched);
    pthread_cond_destroy(&g->released);
    pthread_mutex_destroy(&g->mutex);
}

/* Waits one switch interval for the lock. If it was held all the time by the same thread, asks that
 * thread to let go. */
static void wait_interval(struct gil *g)
{
    uint64_t until_ns = clock_ns() + GIL_SWITCH_INTERVAL_NS, switches = g->switches;
    const struct timespec until = clock_timespec(until_ns);
    int error = pthread_cond_timedwait(&g->released, &g->mutex, &until);

    if (error == ETIMEDOUT && g->held && g->switches == switches)
        atomic_store_explicit(&g->drop_request, true, memory_order_relaxed);
}

void gil_take(struct gil *g)
{
    pthread_mutex_lock(&g->mutex);
    while (g->held)
        wait_interval(g);
    g->held = true;
    if (g->switches == 0 || !pthread_equal(g->last, pthread_self())) {
        g->last = pthread_self();
        g->switches++;
    }
    atomic_store_explicit(&g->drop_request, false, memory_order_relaxed);
    pthread_cond_broadcast(&g->switched);
    pthread_mutex_unlock(&g->mutex);
}

void gil_release(struct gil *g)
{
    uint64_t switches;

    pthread_mutex_lock(&g->mutex);
    switches = g->switches;
    g->held = false;
    pthread_cond_signal(&g->released);
    while (atomic_load_explicit(&g->drop_request, memory_order_relaxed) && g->switches == switches)
        pthread_cond_wait(&g->switched, &g->mutex);
    pthread_mutex_unlock(&g->mutex);
}

void gil_check(struct gil *g)
{
    if (!atomic_load_explicit(&g->drop_request, memory_order_relaxed))
        return;
    gil_release(g);
    gil_take(g);
}
