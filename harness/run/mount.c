#include "harness/run/mount.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "common/path.h"

static int write_map(const char *path, const char *format, unsigned id)
{
    FILE *file = fopen(path, "we");

    if (file == NULL)
        return -errno;
    fprintf(file, format, id);
    return fclose(file) != 0 ? -errno : 0;
}

/* A namespace of users in which this user is root, and so may have one of mounts. */
static int become_root(void)
{
    unsigned user = geteuid(), group = getegid();
    int error = unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ? -errno : 0;

    if (error == 0)
        error = write_map("/proc/self/setgroups", "deny", 0);
    if (error == 0)
        error = write_map("/proc/self/uid_map", "0 %u 1", user);
    return error == 0 ? write_map("/proc/self/gid_map", "0 %u 1", group) : error;
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
