#include "common/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t child_fork(int signal)
{
    pid_t parent = getpid(), pid = fork();

    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, signal);
    if (getppid() != parent)
        _exit(EXIT_FAILURE); /* the parent died before the line above */
    return 0;
}

int child_wait(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

FILE *child_start(const char *const argv[], pid_t *pid)
{
    FILE *output = NULL;
    int fds[2];

    *pid = -1;
    if (pipe2(fds, O_CLOEXEC) < 0)
        return NULL;
    output = fdopen(fds[0], "r");
    if (output != NULL)
        *pid = child_fork(SIGKILL);
    if (*pid == 0) {
        if (dup2(fds[1], STDOUT_FILENO) >= 0)
            execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    close(fds[1]);
    if (*pid > 0)
        return output;
    if (output != NULL)
        fclose(output);
    else
        close(fds[0]);
    return NULL;
}
