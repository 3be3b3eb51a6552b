/* A memory cgroup (version 2 or 1) for one lane: what the kernel accounts to it, its own memory for
 * sockets, stacks and page tables included. Making one takes rights that an ordinary user may not
 * have; then there is none. */
#ifndef HARNESS_MEMORY_CGROUP_H
#define HARNESS_MEMORY_CGROUP_H

#include <jansson.h>
#include <limits.h>
#include <stdint.h>

struct cgroup {
    int version; /* 0: there is none */
    char path[PATH_MAX];
};

/* Makes a cgroup as near below that of the calling process as possible, and removes empty ones that
 * a killed run has left there. Returns 0, or -ENOTSUP where none can be made. */
int cgroup_make(struct cgroup *cgroup);

/* What the cgroup shows now, as `cgroup` in bench.memory/1 (what this kernel does not account is
 * null); a new reference, or a new reference to null where there is no cgroup. */
json_t *cgroup_read(const struct cgroup *cgroup);

/* What is charged to it now, its own memory of the kernel included; 0 where there is no cgroup. */
uint64_t cgroup_usage(const struct cgroup *cgroup);

/* Brings the peak in `shown`, of cgroup_read(), up to now. */
void cgroup_update_peak(const struct cgroup *cgroup, json_t *shown);

/* Removes it. All processes in it must have ended. */
void cgroup_remove(struct cgroup *cgroup);

#endif
