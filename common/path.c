#include "common/path.h"

#include <stdio.h>

const char *path_join(char path[PATH_MAX], const char *folder, const char *name)
{
    if (snprintf(path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
        path[0] = '\0';
    return path;
}
