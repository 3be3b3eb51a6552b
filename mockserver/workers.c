#include "mockserver/workers.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/child.h"
#include "mockserver/loop.h"

static void close_all(struct listeners *listeners, size_t count, size_t but)
{
    for (size_t i = 0; i < count; i++)
        if (i != but)
            listeners_close(&listeners[i]);
}

/* The life of a worker. It ends with its parent, however that ends. */
static void be_worker(const struct settings *settings, struct counters *counters,
                      struct listeners *listeners, size_t number)
{
    sigset_t others; /* than SIGTERM, of those that the parent waits for */
    int error;

    /* A terminal sends it to all; the parent passes on one SIGTERM. It is unblocked below, since
     * what is blocked stays pending for the loop to read, ignored or not. */
    signal(SIGINT, SIG_IGN);
    sigemptyset(&others);
    sigaddset(&others, SIGCHLD);
    sigaddset(&others, SIGINT);
    sigprocmask(SIG_UNBLOCK, &others, NULL);
    close_all(listeners, settings->workers, number);
    error = loop_serve(settings, counters, &listeners[number], NULL, number);
    listeners_close(&listeners[number]);
    if (error < 0)
        fprintf(stderr, "mockserver: worker %zu cannot serve: %s; give fewer --workers\n", number,
                strerror(-error));
    exit(error < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

static void signal_all(const pid_t *pids, size_t count, int number)
{
    for (size_t i = 0; i < count; i++)
        if (pids[i] > 0)
            kill(pids[i], number);
}

/* Buries those that have ended. Returns how many, and sets *failed where one ended badly, or before
 * it was told to. */
static size_t reap(pid_t *pids, size_t count, bool told, bool *failed)
{
    size_t buried = 0;
    int status;

    for (size_t i = 0; i < count; i++) {
        if (pids[i] <= 0 || waitpid(pids[i], &status, WNOHANG) <= 0)
            continue;
        if (!told || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            if (!*failed)
                fprintf(stderr, "mockserver: worker %zu ended unexpectedly (%s %d); ending\n", i,
                        WIFEXITED(status) ? "status" : "signal",
                        WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
            *failed = true;
        }
        pids[i] = 0;
        buried++;
    }
    return buried;
}

/* Waits for the workers to end, and passes signals on to them. */
static int watch_over(pid_t *pids, size_t count, const sigset_t *signals)
{
    bool told = false, failed = false;
    size_t alive = count;

    while (alive > 0) {
        int number = sigwaitinfo(signals, NULL);

        if (number == SIGTERM || number == SIGINT) {
            told = true;
            signal_all(pids, count, SIGTERM);
        }
        alive -= reap(pids, count, told, &failed);
        if (failed && !told) {
            told = true;
            signal_all(pids, count, SIGTERM);
        }
    }
    return failed ? -ECHILD : 0;
}

int workers_run(const struct settings *settings, struct counters *counters,
                struct listeners *listeners)
{
    pid_t pids[SETTINGS_WORKERS_MAX] = {0};
    size_t count = settings->workers;
    sigset_t signals;
    int error = 0;

    signal(SIGCHLD, SIG_DFL); /* ignored, as whoever started this may have, none would come */
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    fflush(stdout);
    for (size_t i = 0; i < count && error == 0; i++) {
        pids[i] = child_fork(SIGTERM);
        if (pids[i] == 0)
            be_worker(settings, counters, listeners, i);
        error = pids[i] < 0 ? -errno : 0;
    }
    /* A listener left open here would take clients that nobody serves. */
    close_all(listeners, count, SIZE_MAX);
    if (error == 0)
        return watch_over(pids, count, &signals);
    signal_all(pids, count, SIGTERM);
    for (size_t i = 0; i < count; i++)
        if (pids[i] > 0)
            waitpid(pids[i], NULL, 0);
    return error;
}
