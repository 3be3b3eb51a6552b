#include "harness/memory/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/file.h"
#include "common/path.h"

#define NAME_PREFIX     "bench-memory-"
#define FILE_BYTES_MAX  65536
#define REMOVE_LIMIT_NS (500 * NS_PER_MS)
#define REMOVE_STEP_NS  NS_PER_MS

/* Where the hierarchy is mounted. Returns whether it is. */
static bool find_mount(int version, char *path, size_t size)
{
    FILE *mounts = setmntent("/proc/self/mounts", "r");
    struct mntent *mount;
    bool found = false;

    if (mounts == NULL)
        return false;
    for (mount = getmntent(mounts); mount != NULL && !found; mount = getmntent(mounts)) {
        found = strcmp(mount->mnt_type, version == 2 ? "cgroup2" : "cgroup") == 0 &&
                (version == 2 || hasmntopt(mount, "memory") != NULL) &&
                snprintf(path, size, "%s", mount->mnt_dir) < (int)size;
    }
    endmntent(mounts);
    return found;
}

/* The path behind "0::" or "4:memory:" in a line of /proc/self/cgroup, "/" where there is none. */
static void find_own(int version, char *path, size_t size)
{
    const char *mark = version == 2 ? "0::" : ":memory:";
    char *text = file_read("/proc/self/cgroup", FILE_BYTES_MAX, NULL);
    const char *own = text != NULL ? strstr(text, mark) : NULL;

    own = own != NULL ? own + strlen(mark) : "/";
    snprintf(path, size, "%.*s", (int)strcspn(own, "\n"), own);
    free(text);
}

/* A leftover's name ends with the id of a process that is no more. */
static bool is_leftover(const char *name)
{
    size_t length = strlen(NAME_PREFIX);

    return strncmp(name, NAME_PREFIX, length) == 0 && kill((pid_t)atoi(name + length), 0) < 0 &&
           errno == ESRCH;
}

static void remove_leftovers(const char *parent)
{
    DIR *folder = opendir(parent);
    struct dirent *entry;

    if (folder == NULL)
        return;
    for (entry = readdir(folder); entry != NULL; entry = readdir(folder))
        if (is_leftover(entry->d_name))
            unlinkat(dirfd(folder), entry->d_name, AT_REMOVEDIR);
    closedir(folder);
}

/* What is read, in version 1 and 2: a file, or "KEY" of memory.stat after a colon; NULL: nothing.
 */
static const struct cgroup_figure {
    const char *name, *version_1, *version_2;
} figures[] = {
    {"usage_bytes", "memory.usage_in_bytes", "memory.current"},
    {"peak_bytes", "memory.max_usage_in_bytes", "memory.peak"},
    {"kernel_bytes", "memory.kmem.usage_in_bytes", ":kernel"},
    {"tcp_bytes", "memory.kmem.tcp.usage_in_bytes", ":sock"},
    {"anon_bytes", ":rss", ":anon"},
    {"file_bytes", ":cache", ":file"},
    {"kernel_stack_bytes", NULL, ":kernel_stack"},
    {"page_table_bytes", NULL, ":pagetables"},
};
#define USAGE (&figures[0])
#define PEAK  (&figures[1])

/* A figure now, or -1. */
static long long read_figure(const struct cgroup *cgroup, const struct cgroup_figure *figure)
{
    const char *from = cgroup->version == 2 ? figure->version_2 : figure->version_1, *file = from;
    char path[PATH_MAX];

    if (cgroup->version == 0 || from == NULL)
        return -1;
    if (from[0] == ':')
        file = "memory.stat";
    return (long long)file_read_number(path_join(path, cgroup->path, file),
                                       file != from ? from + 1 : "", UINT64_MAX);
}

/* Whether the folder can be made there, and is accounted for memory. */
static bool make_below(struct cgroup *cgroup, const char *parent, int version)
{
    char name[48];

    remove_leftovers(parent);
    snprintf(name, sizeof(name), NAME_PREFIX "%d", (int)getpid());
    if (mkdir(path_join(cgroup->path, parent, name), 0755) < 0)
        return false;
    cgroup->version = version;
    if (read_figure(cgroup, USAGE) >= 0)
        return true;
    cgroup->version = 0;
    rmdir(cgroup->path);
    return false;
}

/* From the process's own cgroup upwards: in version 2 a cgroup that holds processes can have no
 * accounted children, but one above it can. */
static bool make_version(struct cgroup *cgroup, int version)
{
    char mount[PATH_MAX / 4], own[PATH_MAX / 4], parent[PATH_MAX / 2 + 2];

    if (!find_mount(version, mount, sizeof(mount)))
        return false;
    find_own(version, own, sizeof(own));
    for (;;) {
        char *slash = strrchr(own, '/');

        snprintf(parent, sizeof(parent), "%s%s", mount, strcmp(own, "/") == 0 ? "" : own);
        if (make_below(cgroup, parent, version))
            return true;
        if (slash == NULL || strcmp(own, "/") == 0)
            return false;
        slash[slash == own] = '\0';
    }
}

int cgroup_make(struct cgroup *cgroup)
{
    *cgroup = (struct cgroup){0};
    return make_version(cgroup, 2) || make_version(cgroup, 1) ? 0 : -ENOTSUP;
}

static void show_figure(const struct cgroup *cgroup, const struct cgroup_figure *figure,
                        json_t *shown)
{
    long long bytes = read_figure(cgroup, figure);

    json_object_set_new(shown, figure->name, bytes >= 0 ? json_integer(bytes) : json_null());
}

json_t *cgroup_read(const struct cgroup *cgroup)
{
    json_t *shown =
        cgroup->version != 0 ? json_pack("{s:i}", "version", cgroup->version) : json_null();

    for (size_t i = 0; i < COUNT_OF(figures) && json_is_object(shown); i++)
        show_figure(cgroup, &figures[i], shown);
    return shown;
}

uint64_t cgroup_usage(const struct cgroup *cgroup)
{
    long long bytes = read_figure(cgroup, USAGE);

    return bytes > 0 ? (uint64_t)bytes : 0;
}

void cgroup_update_peak(const struct cgroup *cgroup, json_t *shown)
{
    if (cgroup->version != 0 && json_is_object(shown))
        show_figure(cgroup, PEAK, shown);
}

void cgroup_remove(struct cgroup *cgroup)
{
    uint64_t deadline = clock_ns() + REMOVE_LIMIT_NS;

    /* The kernel may take a moment to let go of the last process. */
    while (cgroup->version != 0 && rmdir(cgroup->path) < 0 && errno == EBUSY &&
           clock_ns() < deadline)
        clock_sleep_until(clock_ns() + REMOVE_STEP_NS);
    cgroup->version = 0;
}
