#include "common/process/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>

#include "common/count.h"
#include "common/clock.h"

static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};
#define STOP_SIGNALS (COUNT_OF(stop_signals))

static volatile sig_atomic_t stop_signal;

static void remember(int signal)
{
    stop_signal = signal;
}

void interrupt_install(void)
{
    struct sigaction action = {.sa_handler = remember};
    sigset_t blocked;

    sigemptyset(&blocked);
    for (size_t i = 0; i < STOP_SIGNALS; i++) {
        sigaddset(&blocked, stop_signals[i]);
        sigaction(stop_signals[i], &action, NULL);
    }
    sigprocmask(SIG_BLOCK, &blocked, NULL);
}

int interrupt_signal(void)
{
    sigset_t pending;

    /* A signal that arrived outside a wait is pending, and its handler has not run yet. */
    sigpending(&pending);
    for (size_t i = 0; i < STOP_SIGNALS && stop_signal == 0; i++)
        if (sigismember(&pending, stop_signals[i]))
            stop_signal = stop_signals[i];
    return stop_signal;
}

static int poll_once(struct pollfd *fds, nfds_t count, uint64_t deadline_ns)
{
    uint64_t now = clock_ns(), left = deadline_ns > now ? deadline_ns - now : 0;
    struct timespec timeout = {
        .tv_sec = (time_t)(left / NS_PER_S),
        .tv_nsec = (long)(left % NS_PER_S),
    };
    sigset_t mask;
    int ready;

    sigprocmask(SIG_BLOCK, NULL, &mask);
    for (size_t i = 0; i < STOP_SIGNALS; i++)
        sigdelset(&mask, stop_signals[i]);
    ready = ppoll(fds, count, deadline_ns == UINT64_MAX ? NULL : &timeout, &mask);
    return ready < 0 ? -errno : ready;
}

int interrupt_poll(struct pollfd *fds, nfds_t count, uint64_t deadline_ns)
{
    int ready;

    do {
        if (interrupt_signal() != 0)
            return -EINTR;
        ready = poll_once(fds, count, deadline_ns);
    } while (ready == -EINTR);
    return ready;
}
