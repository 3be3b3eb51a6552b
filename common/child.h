/* Child processes that end with their parent. */
#ifndef COMMON_CHILD_H
#define COMMON_CHILD_H

#include <stdio.h>
#include <sys/types.h>

/* fork(), with a child that gets `signal` when its parent ends, however that ends. Returns as
 * fork(). */
pid_t child_fork(int signal);

/* Waits for the end of a child, whatever signals come meanwhile. Returns its status as waitpid()
 * gives it. */
int child_wait(pid_t pid);

/* Runs a program (a path, or a name in PATH) that ends with this process; `argv` ends with NULL.
 * Returns what it prints, to be closed, with its process in *pid, to be waited for; or NULL with
 * errno and -1. One that cannot be run ends with status 127. */
FILE *child_start(const char *const argv[], pid_t *pid);

#endif
