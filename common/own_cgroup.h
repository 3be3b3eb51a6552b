/* The cgroups that hold this process, for one controller. */
#ifndef COMMON_OWN_CGROUP_H
#define COMMON_OWN_CGROUP_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct own_cgroup {
    int version;         /* of the hierarchy: 2 or 1; 0: none yet */
    size_t top;          /* length of the mount point in `path` */
    char path[PATH_MAX]; /* the folder, without a slash at its end */
};

/* Goes on to the next one: from the process's own upwards, in version 2, then in version 1. A
 * zeroed `at` begins. `root` stands before the paths of /proc and of the mounts: "" but for a tree
 * that was made up. Returns whether there is one; that its folder can be read is not said. */
bool own_cgroup_next(struct own_cgroup *at, const char *root, const char *controller);

#endif
