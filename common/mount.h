/* A place for the mock file system: a new folder, in a namespace of mounts that this process and
 * all that it starts have to themselves. Nobody else sees what is mounted in it, and when the last
 * of them has ended, however that was, the kernel unmounts it. */
#ifndef COMMON_MOUNT_H
#define COMMON_MOUNT_H

#include <limits.h>

#include "common/error.h"

/* Makes both, before anything is started; `folder` is of PATH_MAX bytes. Who is not root becomes
 * root of a namespace of users, too. Returns 0 or a negative errno with the reason in `error`. */
int mount_open(char *folder, struct error *error);

/* Unmounts what is there, and removes the folder. */
void mount_close(const char *folder);

#endif
