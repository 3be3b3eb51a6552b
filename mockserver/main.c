/* The mock latency server: command line, limits, exit status. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "common/limit.h"
#include "mockserver/counters.h"
#include "mockserver/listener.h"
#include "mockserver/loop.h"
#include "mockserver/settings.h"
#include "mockserver/workers.h"

enum exit_status { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_BAD_USAGE = 2, EXIT_MACHINE = 3 };

static void block_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static int print_delays(const struct settings *settings)
{
    printf("id,delay_ns,fault\n");
    for (uint64_t id = 0; id < settings->print_delays && !ferror(stdout); id++)
        printf("%" PRIu64 ",%" PRIu64 ",%s\n", id,
               latency_delay_ns(&settings->latency, settings->seed, id, 0),
               fault_name(faults_choose(&settings->faults, settings->seed, id, 0)));
    return EXIT_OK;
}

/* Opens one set of listeners for each worker. */
static int open_listeners(const struct settings *settings, struct listeners *listeners)
{
    struct error error = {0};
    int result = 0;

    for (size_t i = 0; i < settings->listen_count && result == 0; i++)
        result = listeners_open(&listeners[0], settings->listen[i], settings->workers > 1, &error);
    for (size_t i = 1; i < settings->workers && result == 0; i++)
        result = listeners_twin(&listeners[0], &listeners[i], &error);
    if (result < 0)
        fprintf(stderr, "mockserver: %s\n", error.text);
    return result;
}

/* It asks nobody who he is, and delays, faults and resets are for whoever asks. */
static void warn_of_public(const struct listeners *listeners)
{
    char url[LISTENER_URL_SIZE];

    for (size_t i = 0; i < listeners->count; i++)
        if (listener_is_public(listeners->fds[i])) {
            fprintf(stderr,
                    "mockserver: other machines may reach %s, and it serves whoever asks; "
                    "--listen 127.0.0.1:PORT is for this machine alone\n",
                    listener_url(listeners->fds[i], url));
            return;
        }
}

static int serve_with(const struct settings *settings, struct counters *counters,
                      struct listeners *listeners, struct files *files)
{
    char url[LISTENER_URL_SIZE];

    for (size_t i = 0; i < listeners[0].count; i++)
        printf("listening on %s\n", listener_url(listeners[0].fds[i], url));
    fflush(stdout);
    warn_of_public(&listeners[0]);
    return settings->workers > 1 ? workers_run(settings, counters, listeners)
                                 : loop_serve(settings, counters, &listeners[0], files, 0);
}

/* Mounts the file system, where one is asked for. Returns 0 or a negative errno, of which it has
 * told. */
static int mount_files(const struct settings *settings, struct counters *counters,
                       struct files **files)
{
    struct error error = {0};

    if (settings->files == NULL)
        return 0;
    counters->files = counters_new();
    if (counters->files != NULL)
        *files = files_mount(settings, counters->files, &error);
    if (*files == NULL)
        fprintf(stderr, "mockserver: %s\n", error.text);
    return *files != NULL ? 0 : -EIO;
}

static int serve(const struct settings *settings, struct listeners *listeners)
{
    struct counters *counters = counters_new();
    struct files *files = NULL;
    int error = -ENOMEM;

    if (counters != NULL && mount_files(settings, counters, &files) < 0) {
        counters_free(counters);
        return EXIT_MACHINE;
    }
    if (counters != NULL)
        error = serve_with(settings, counters, listeners, files);
    files_unmount(files);
    counters_free(counters);
    if (error == 0)
        return EXIT_OK;
    if (error == -ECHILD)
        return EXIT_FAILED;
    fprintf(stderr, "mockserver: cannot serve: %s; free what is exhausted, and try again\n",
            strerror(-error));
    return EXIT_MACHINE;
}

int main(int argc, char **argv)
{
    struct settings settings;
    struct listeners *listeners;
    int status;

    settings_parse(argc, argv, &settings);
    if (settings.print_delays > 0)
        return print_delays(&settings);
    limit_raise(RLIMIT_NOFILE); /* each client takes a descriptor */
    block_signals();
    prctl(PR_SET_TIMERSLACK, 1UL);
    listeners = calloc(settings.workers, sizeof(*listeners));
    if (listeners == NULL) {
        fputs("mockserver: there is no memory for its listeners; free some\n", stderr);
        return EXIT_MACHINE;
    }
    status = open_listeners(&settings, listeners);
    if (status == 0)
        status = serve(&settings, listeners);
    else
        status = status == -EINVAL ? EXIT_BAD_USAGE : EXIT_MACHINE;
    for (size_t i = 0; i < settings.workers; i++)
        listeners_close(&listeners[i]);
    free(listeners);
    return status;
}
