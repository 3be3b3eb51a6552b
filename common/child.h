/* Child processes that end with their parent. */
#ifndef COMMON_CHILD_H
#define COMMON_CHILD_H

#include <sys/types.h>

/* fork(), with a child that gets `signal` when its parent ends, however that ends. Returns as
 * fork(). */
pid_t child_fork(int signal);

/* Waits for the end of a child, whatever signals come meanwhile. Returns its status as waitpid()
 * gives it. */
int child_wait(pid_t pid);

#endif
