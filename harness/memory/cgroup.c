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
#include "common/file.h"

#define NAME_PREFIX     "bench-memory-"
#define FILE_BYTES_MAX  65536
#define REMOVE_LIMIT_NS (500 * NS_PER_MS)
#define REMOVE_STEP_NS  NS_PER_MS

/* The file that shows whether a folder is accounted for memory. */
static const char *usage_file(int version)
{
    return version == 2 ? "memory.current" : "memory.usage_in_bytes";
}

/* Where the hierarchy is mounted. Returns whether it is. */
static bool find_mount(int version, char *path, size_t size)
{
    FILE *mounts = setmntent("/proc/self/mounts", "r");
    struct mntent *mount;
    bool found = false;

    if (mounts == NULL)
        return false;
    for (mount = getmntent(mounts); mount != NULL && !found; mount = getmntent(mounts)) {
        if (version == 2)
            found = strcmp(mount->mnt_type, "cgroup2") == 0;
        else
            found = strcmp(mount->mnt_type, "cgroup") == 0 && hasmntopt(mount, "memory") != NULL;
        if (found)
            found = snprintf(path, size, "%s", mount->mnt_dir) < (int)size;
    }
    endmntent(mounts);
    return found;
}

/* The rest of a line of /proc/self/cgroup, "4:memory:/a/b" or "0::/a/b", after the second colon,
 * where the line is that of the wanted hierarchy; else NULL. */
static const char *own_path_in(const char *line, int version)
{
    const char *controllers = strchr(line, ':');
    const char *path = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
    size_t length;

    if (path == NULL)
        return NULL;
    length = (size_t)(path - controllers - 1);
    if (version == 2)
        return length == 0 ? path + 1 : NULL;
    return length == strlen("memory") && strncmp(controllers + 1, "memory", length) == 0 ? path + 1
                                                                                         : NULL;
}

static void find_own(int version, char *path, size_t size)
{
    char *text = file_read("/proc/self/cgroup", FILE_BYTES_MAX, NULL), *rest = NULL;
    char *line = text != NULL ? strtok_r(text, "\n", &rest) : NULL;

    snprintf(path, size, "/");
    for (; line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        const char *own = own_path_in(line, version);

        if (own != NULL)
            snprintf(path, size, "%s", own);
    }
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

static bool make_below(struct cgroup *cgroup, const char *parent, int version)
{
    char probe[PATH_MAX + 64];
    int length;

    remove_leftovers(parent);
    length =
        snprintf(cgroup->path, sizeof(cgroup->path), "%s/" NAME_PREFIX "%d", parent, (int)getpid());
    if (length >= (int)sizeof(cgroup->path) || mkdir(cgroup->path, 0755) < 0)
        return false;
    snprintf(probe, sizeof(probe), "%s/%s", cgroup->path, usage_file(version));
    if (access(probe, R_OK) == 0) {
        cgroup->version = version;
        return true;
    }
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

static char *read_own(const struct cgroup *cgroup, const char *name)
{
    char path[PATH_MAX + 64];

    snprintf(path, sizeof(path), "%s/%s", cgroup->path, name);
    return file_read(path, FILE_BYTES_MAX, NULL);
}

static json_t *read_number(const struct cgroup *cgroup, const char *name)
{
    char *text = read_own(cgroup, name);
    json_t *number = text != NULL ? json_integer(atoll(text)) : json_null();

    free(text);
    return number;
}

/* A line "name value" of memory.stat. */
static json_t *read_stat(const struct cgroup *cgroup, const char *name)
{
    char *text = read_own(cgroup, "memory.stat"), *rest = NULL;
    char *line = text != NULL ? strtok_r(text, "\n", &rest) : NULL;
    size_t length = strlen(name);
    json_t *number = NULL;

    for (; line != NULL && number == NULL; line = strtok_r(NULL, "\n", &rest))
        if (strncmp(line, name, length) == 0 && line[length] == ' ')
            number = json_integer(atoll(line + length));
    free(text);
    return number != NULL ? number : json_null();
}

static json_t *read_peak(const struct cgroup *cgroup)
{
    return read_number(cgroup, cgroup->version == 2 ? "memory.peak" : "memory.max_usage_in_bytes");
}

json_t *cgroup_read(const struct cgroup *cgroup)
{
    bool v2 = cgroup->version == 2;

    if (cgroup->version == 0)
        return json_null();
    return json_pack(
        "{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "version", cgroup->version, "usage_bytes",
        read_number(cgroup, usage_file(cgroup->version)), "peak_bytes", read_peak(cgroup),
        "kernel_bytes",
        v2 ? read_stat(cgroup, "kernel") : read_number(cgroup, "memory.kmem.usage_in_bytes"),
        "tcp_bytes",
        v2 ? read_stat(cgroup, "sock") : read_number(cgroup, "memory.kmem.tcp.usage_in_bytes"),
        "anon_bytes", read_stat(cgroup, v2 ? "anon" : "rss"), "file_bytes",
        read_stat(cgroup, v2 ? "file" : "cache"), "kernel_stack_bytes",
        v2 ? read_stat(cgroup, "kernel_stack") : json_null(), "page_table_bytes",
        v2 ? read_stat(cgroup, "pagetables") : json_null());
}

uint64_t cgroup_usage(const struct cgroup *cgroup)
{
    json_t *number = cgroup->version != 0 ? read_number(cgroup, usage_file(cgroup->version)) : NULL;
    json_int_t bytes = json_integer_value(number);

    json_decref(number);
    return bytes > 0 ? (uint64_t)bytes : 0;
}

void cgroup_update_peak(const struct cgroup *cgroup, json_t *shown)
{
    if (cgroup->version != 0 && json_is_object(shown))
        json_object_set_new(shown, "peak_bytes", read_peak(cgroup));
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
