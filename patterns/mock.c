#include "patterns/mock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/child.h"

#define ARGUMENTS_MAX 16
#define READY_LINE    "listening on "

static _Noreturn void be_server(const char *program, const char *const arguments[], int fd)
{
    const char *argv[ARGUMENTS_MAX] = {program, "--listen", "127.0.0.1:0"};

    for (int i = 0; i < ARGUMENTS_MAX - 4 && arguments[i] != NULL; i++)
        argv[3 + i] = arguments[i];
    if (dup2(fd, STDOUT_FILENO) >= 0)
        execv(program, (char *const *)argv);
    _exit(127);
}

/* The line "listening on http://127.0.0.1:PORT", which the server writes when it is ready. */
static int read_url(int fd, char *url, size_t size)
{
    char line[128] = "";
    FILE *file = fdopen(fd, "r");
    int error = -EIO;

    url[0] = '\0';
    if (file == NULL) {
        close(fd);
        return -ENOMEM;
    }
    if (fgets(line, sizeof(line), file) != NULL && strncmp(line, READY_LINE, 13) == 0) {
        line[strcspn(line, "\r\n")] = '\0';
        error = strlen(line + strlen(READY_LINE)) < size ? 0 : -ENAMETOOLONG;
        strncat(url, line + strlen(READY_LINE), size - 1);
    }
    fclose(file);
    return error;
}

int mock_start(struct mock *server, const char *program, const char *const arguments[])
{
    int fds[2], error;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    server->pid = child_fork(SIGKILL);
    if (server->pid == 0)
        be_server(program, arguments, fds[1]);
    close(fds[1]);
    if (server->pid < 0) {
        close(fds[0]);
        return -EAGAIN;
    }
    error = read_url(fds[0], server->url, sizeof(server->url));
    if (error < 0)
        mock_stop(server);
    return error;
}

void mock_stop(struct mock *server)
{
    kill(server->pid, SIGTERM);
    child_wait(server->pid);
}
