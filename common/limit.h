/* Limits of this process: raised as far as it is allowed to, and named where something failed. */
#ifndef COMMON_LIMIT_H
#define COMMON_LIMIT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/error.h"

/* Raises the soft limit of RLIMIT_NOFILE or another resource. Returns what it is then; UINT64_MAX
 * where there is none, or it cannot be read. */
uint64_t limit_raise(int resource);

/* pids.max of the cgroup that has least room for more tasks, of those that hold this process. */
struct limit_tasks {
    uint64_t max; /* UINT64_MAX: none has a limit */
    uint64_t used;
    char file[PATH_MAX]; /* pids.max itself */
};
struct limit_tasks limit_tasks(const char *root);

/* The ports that connections to one address and port can come from. Returns how many there are,
 * and the first of them; UINT64_MAX where that cannot be read. */
uint64_t limit_ports(unsigned *first);

/* How many of them connections to this address and port hold that have ended: the kernel gives such
 * a port to no other for a minute, except on loopback. 0 where `host` is no IPv4 address. */
uint64_t limit_ports_waiting(const char *host, unsigned port);

/* Says in `text` which limit something that failed with `code` (a negative errno) came up against:
 * its value, and the command that raises it. The text begins with no capital letter and ends with
 * no full stop; it is empty where no limit explains it. Returns whether one does. */
bool limit_explain(int code, struct error *text);

#endif
