#include "report/gnuplot.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/child.h"
#include "common/clock.h"

#define TIMEOUT_NS (60 * NS_PER_S)

extern char **environ;

/* A file in memory that holds `text` and is read from its start, or a negative errno. */
static int file_of(const char *text)
{
    size_t size = strlen(text);
    int fd = memfd_create("gnuplot", MFD_CLOEXEC);

    if (fd >= 0 && pwrite(fd, text, size, 0) != (ssize_t)size) {
        close(fd);
        return -EIO;
    }
    return fd < 0 ? -errno : fd;
}

/* Named as a file, a script ends at its first fault. */
static int spawn(struct gnuplot *gnuplot, int folder_fd, int script)
{
    char *argv[] = {"gnuplot", "-d", "/dev/stdin", NULL};
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);

    if (error != 0)
        return -error;
    posix_spawn_file_actions_adddup2(&actions, script, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, gnuplot->messages, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, gnuplot->messages, STDERR_FILENO);
    posix_spawn_file_actions_addfchdir_np(&actions, folder_fd);
    error = posix_spawnp(&gnuplot->pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

int gnuplot_start(struct gnuplot *gnuplot, int folder_fd, const char *script)
{
    int code, file = file_of(script);

    gnuplot->messages = file < 0 ? file : file_of("");
    code = gnuplot->messages < 0 ? gnuplot->messages : spawn(gnuplot, folder_fd, file);
    gnuplot->deadline_ns = clock_ns() + TIMEOUT_NS;
    if (code < 0 && gnuplot->messages >= 0)
        close(gnuplot->messages);
    if (file >= 0)
        close(file);
    return code;
}

/* Waits for its end; ends it at its deadline. Returns whether it had to. */
static bool stop_late(const struct gnuplot *gnuplot)
{
    struct pollfd end = {.fd = pidfd_open(gnuplot->pid, 0), .events = POLLIN};
    uint64_t now_ns = clock_ns();
    int left_ms =
        now_ns < gnuplot->deadline_ns ? (int)((gnuplot->deadline_ns - now_ns) / NS_PER_MS) : 0;
    bool late = end.fd >= 0 && poll(&end, 1, left_ms) == 0;

    if (late)
        kill(gnuplot->pid, SIGKILL);
    if (end.fd >= 0)
        close(end.fd);
    return late;
}

int gnuplot_end(struct gnuplot *gnuplot, char *error, size_t size)
{
    bool late = stop_late(gnuplot);
    int status = child_wait(gnuplot->pid), code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ssize_t length = pread(gnuplot->messages, error, size - 1, 0);

    close(gnuplot->messages);
    error[length > 0 && code != 0 ? length : 0] = '\0';
    memmove(error, error + strspn(error, "\n "), strlen(error + strspn(error, "\n ")) + 1);
    for (char *at = error; *at != '\0'; at++)
        *at = isspace((unsigned char)*at) ? ' ' : *at;
    if (late)
        snprintf(error, size, "gnuplot did not end within a minute");
    return code == 0 ? 0 : code == 127 ? -ENOENT : late ? -ETIMEDOUT : -EIO;
}
