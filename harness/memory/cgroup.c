#include "harness/memory/cgroup.h"

#include <errno.h>
#include <glob.h>
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
#include "common/own_cgroup.h"
#include "common/path.h"

#define NAME_PREFIX     "bench-memory-"
#define REMOVE_LIMIT_NS (500 * NS_PER_MS)
#define REMOVE_STEP_NS  NS_PER_MS

/* A leftover's name ends with the id of a process that is no more. */
static void remove_leftovers(const char *parent)
{
    char pattern[PATH_MAX];
    glob_t found;

    if (glob(path_join(pattern, parent, NAME_PREFIX "*"), GLOB_NOSORT, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (kill((pid_t)atoi(strrchr(found.gl_pathv[i], '-') + 1), 0) < 0 && errno == ESRCH)
            rmdir(found.gl_pathv[i]);
    globfree(&found);
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

int cgroup_make(struct cgroup *cgroup)
{
    struct own_cgroup at = {0};

    *cgroup = (struct cgroup){0};
    /* Upwards: in version 2 a cgroup that holds processes can have no accounted children, but one
     * above it can. */
    while (own_cgroup_next(&at, "", "memory"))
        if (make_below(cgroup, at.path, at.version))
            return 0;
    return -ENOTSUP;
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
