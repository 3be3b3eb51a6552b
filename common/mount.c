#include "common/mount.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "common/path.h"

static int write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    if (file == NULL)
        return -errno;
    fputs(text, file);
    return fclose(file) != 0 ? -errno : 0;
}

/* A namespace of users in which this user is root, and so may have one of mounts. */
static int become_root(void)
{
    char user[32], group[32];
    int error;

    snprintf(user, sizeof(user), "0 %u 1", geteuid());
    snprintf(group, sizeof(group), "0 %u 1", getegid());
    error = unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ? -errno : 0;

    if (error == 0)
        error = write_text("/proc/self/setgroups", "deny");
    if (error == 0)
        error = write_text("/proc/self/uid_map", user);
    return error == 0 ? write_text("/proc/self/gid_map", group) : error;
}

int mount_open(char *folder, struct error *error)
{
    const char *temporary = getenv("TMPDIR");
    int code = 0;

    if (unshare(CLONE_NEWNS) < 0)
        code = become_root();
    if (code == 0 && mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
        code = -errno;
    if (code < 0)
        return error_set(error, code,
                         "no namespace of mounts for the mock file system: %s; run it "
                         "as root, or allow namespaces of users",
                         strerror(-code));
    path_join(folder, temporary != NULL && temporary[0] == '/' ? temporary : "/tmp",
              "bench-files-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return error_set(error, -errno, "no folder %s for the mock file system: %s", folder,
                         strerror(errno));
    return 0;
}

void mount_close(const char *folder)
{
    umount2(folder, MNT_DETACH);
    rmdir(folder);
}
