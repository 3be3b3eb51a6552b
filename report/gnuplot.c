#include "report/gnuplot.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/child.h"

#define TIMEOUT_S 60
#define MISSING   127 /* the exit status where there is no program, as in a shell */

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

/* In the child. An alarm outlives exec, and ends what takes too long. Named as a file, a script
 * ends at its first fault. */
static void run(int folder_fd, int script, int messages)
{
    alarm(TIMEOUT_S);
    if (dup2(script, STDIN_FILENO) >= 0 && dup2(messages, STDOUT_FILENO) >= 0 &&
        dup2(messages, STDERR_FILENO) >= 0 && fchdir(folder_fd) == 0)
        execlp("gnuplot", "gnuplot", "-d", "/dev/stdin", (char *)NULL);
    _exit(errno == ENOENT ? MISSING : EXIT_FAILURE);
}

int gnuplot_start(struct gnuplot *gnuplot, int folder_fd, const char *text)
{
    int script = file_of(text), messages = script < 0 ? script : file_of(""), status = 0;

    if (messages >= 0)
        gnuplot->pid = child_fork(SIGKILL);
    if (messages >= 0 && gnuplot->pid == 0)
        run(folder_fd, script, messages);
    if (messages < 0 || gnuplot->pid < 0)
        status = messages < 0 ? messages : -errno;
    if (script >= 0)
        close(script);
    if (status < 0 && messages >= 0)
        close(messages);
    gnuplot->messages = messages;
    return status;
}

int gnuplot_end(struct gnuplot *gnuplot, char *error, size_t size)
{
    int status = child_wait(gnuplot->pid), code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ssize_t length = pread(gnuplot->messages, error, size - 1, 0);

    close(gnuplot->messages);
    error[length > 0 && code != 0 ? length : 0] = '\0';
    memmove(error, error + strspn(error, "\n "), strlen(error + strspn(error, "\n ")) + 1);
    for (char *at = error; *at != '\0'; at++)
        *at = isspace((unsigned char)*at) ? ' ' : *at;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        snprintf(error, size, "gnuplot did not end within a minute");
    return code == 0 ? 0 : code == MISSING ? -ENOENT : -EIO;
}
