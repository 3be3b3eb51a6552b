#include "report/gnuplot.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"

#define TIMEOUT_NS (60 * NS_PER_S)

extern char **environ;

/* gnuplot's messages go to `fd`; it must not wait for input or end up in the terminal. */
static int start(const char *folder, const char *script, int fd, pid_t *pid)
{
    char *argv[] = {"gnuplot", "-d", (char *)script, NULL};
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);

    if (error != 0)
        return -error;
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fd, STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&actions, folder);
    error = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

/* Keeps the first bytes of what comes until the end of the pipe; -ETIMEDOUT where none comes. */
static int collect(int fd, char *text, size_t size)
{
    uint64_t deadline_ns = clock_ns() + TIMEOUT_NS;
    size_t length = 0;
    char bytes[512];

    text[0] = '\0';
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        uint64_t now_ns = clock_ns();
        ssize_t got;

        if (now_ns >= deadline_ns)
            return -ETIMEDOUT;
        if (poll(&ready, 1, (int)((deadline_ns - now_ns) / NS_PER_MS) + 1) <= 0)
            continue;
        got = read(fd, bytes, sizeof(bytes));
        if (got <= 0)
            return 0;
        for (ssize_t i = 0; i < got && length + 1 < size; i++)
            if (length > 0 || !isspace((unsigned char)bytes[i]))
                text[length++] = (char)(isspace((unsigned char)bytes[i]) ? ' ' : bytes[i]);
        text[length] = '\0';
    }
}

int gnuplot_run(const char *folder, const char *script, char *error, size_t size)
{
    int fds[2], status, code;
    pid_t pid;

    error[0] = '\0';
    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    code = start(folder, script, fds[1], &pid);
    close(fds[1]);
    if (code < 0) {
        close(fds[0]);
        return code;
    }
    code = collect(fds[0], error, size);
    close(fds[0]);
    if (code < 0) {
        snprintf(error, size, "gnuplot did not end within a minute");
        kill(pid, SIGKILL);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (code == 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
        code = WIFEXITED(status) && WEXITSTATUS(status) == 127 ? -ENOENT : -EIO;
    return code;
}
