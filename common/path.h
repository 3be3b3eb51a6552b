/* Paths put together from a folder and a name. */
#ifndef COMMON_PATH_H
#define COMMON_PATH_H

#include <limits.h>

/* Writes "FOLDER/NAME" to `path` of PATH_MAX bytes and returns it. Where it is too long it becomes
 * empty, a path at which no file can be: whoever opens it fails with ENOENT. */
const char *path_join(char path[PATH_MAX], const char *folder, const char *name);

#endif
