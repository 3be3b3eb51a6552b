#include "report/gnuplot.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"

#define TIMEOUT_NS (60 * NS_PER_S)

extern char **environ;

/* A file in memory that holds `text` and is read from its start, or a negative errno. */
static int file_of(const char *text)
{
    size_t size = strlen(text);
    int fd = memfd_create("script", MFD_CLOEXEC), code;

    if (fd < 0)
        return -errno;
    if (write(fd, text, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    code = errno != 0 ? -errno : -EIO;
    close(fd);
    return code;
}

/* Named as a file, a script ends at its first fault. */
static int spawn(struct gnuplot *gnuplot, int folder_fd, int script, int messages)
{
    char *argv[] = {"gnuplot", "-d", "/dev/stdin", NULL};
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);

    if (error != 0)
        return -error;
    posix_spawn_file_actions_adddup2(&actions, script, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, messages, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, messages, STDERR_FILENO);
    posix_spawn_file_actions_addfchdir_np(&actions, folder_fd);
    error = posix_spawnp(&gnuplot->pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

int gnuplot_start(struct gnuplot *gnuplot, int folder_fd, const char *script)
{
    int fds[2], code, file = file_of(script);

    if (file < 0)
        return file;
    if (pipe2(fds, O_CLOEXEC) < 0) {
        code = -errno;
        close(file);
        return code;
    }
    code = spawn(gnuplot, folder_fd, file, fds[1]);
    close(file);
    close(fds[1]);
    gnuplot->messages = fds[0];
    gnuplot->deadline_ns = clock_ns() + TIMEOUT_NS;
    if (code < 0)
        close(fds[0]);
    return code;
}

/* Keeps the first bytes of what comes until the end of the pipe; -ETIMEDOUT where none comes. */
static int collect(int fd, uint64_t deadline_ns, char *text, size_t size)
{
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

int gnuplot_end(struct gnuplot *gnuplot, char *error, size_t size)
{
    int status, code = collect(gnuplot->messages, gnuplot->deadline_ns, error, size);

    close(gnuplot->messages);
    if (code < 0) {
        snprintf(error, size, "gnuplot did not end within a minute");
        kill(gnuplot->pid, SIGKILL);
    }
    while (waitpid(gnuplot->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (code == 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
        code = WIFEXITED(status) && WEXITSTATUS(status) == 127 ? -ENOENT : -EIO;
    return code;
}
