#include "workload/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "common/count.h"
#include "common/file.h"
#include "common/limit.h"

#define DESCRIPTORS_BASE 32   /* standard streams, result files, the loop's own */
#define TASKS_BASE       1    /* the lane itself */
#define MAPPINGS_BASE    1000 /* libraries and malloc's arenas */

/* One limit: what is there and how it is raised. */
struct limit {
    int error;
    uint64_t value;
    uint64_t needed;
    const char *name;
    const char *remedy; /* printf format that takes `needed`, or leaves it out */
};

/* A kernel setting, or no limit where it cannot be read. */
static uint64_t read_setting(const char *path)
{
    return file_read_number(path, "", UINT64_MAX);
}

/* The cgroup's limit counts all tasks in it, this one included. */
static int check_tasks(uint64_t tasks, const char *option, uint64_t count, struct error *error)
{
    struct limit_tasks room = {.max = UINT64_MAX};

    if (tasks > TASKS_BASE)
        room = limit_tasks("");
    if (room.max == UINT64_MAX || tasks - TASKS_BASE <= room.max - room.used)
        return 0;
    return error_set(error, -EAGAIN,
                     "%s %" PRIu64 " needs %" PRIu64 " more tasks in its cgroup (pids.max), but of "
                     "%" PRIu64 " there are %" PRIu64 "; raise it with: echo %" PRIu64
                     " > %.200s, or lower %s",
                     option, count, tasks - TASKS_BASE, room.max, room.used,
                     room.used + tasks - TASKS_BASE, room.file, option);
}

/* Those that ended connections do not hold. */
static uint64_t free_ports(uint64_t waiting)
{
    unsigned first;
    uint64_t ports = limit_ports(&first);

    return ports == UINT64_MAX ? ports : ports > waiting ? ports - waiting : 0;
}

/* Into `text`, what helps beside a higher limit. Ports that ended connections hold come back by
 * themselves. Else it spreads the `count` so that each process, or address, is within the limit. Of
 * an address it is half of the ports: the kernel gives out those of one half first, and looks
 * through all of them for each connection beyond. */
static void spread(const struct limit *limit, const struct needs *needs, uint64_t count, char *text,
                   size_t size)
{
    bool files = limit->error == -EMFILE, ports = limit->error == -EADDRNOTAVAIL;
    uint64_t room = files ? limit->value / 32 * 31 : limit->value / 2;
    uint64_t own = 2 * DESCRIPTORS_BASE; /* a loop takes some */

    text[0] = '\0';
    if (ports && needs->waiting > 0)
        snprintf(text, size,
                 "%" PRIu64 " more are held by connections that ended less than a minute ago: "
                 "wait, or ",
                 needs->waiting);
    else if (needs->spreads && room > own && (files || ports))
        snprintf(text, size, "spread it with: %s%" PRIu64 "%s, ",
                 files ? "--processes " : "--addresses 127.0.0.1-", count / (room - own) + 1,
                 files ? "" : " (where the server listens)");
}

int limits_prepare(const struct needs *needs, const char *option, uint64_t count,
                   struct error *error)
{
    uint64_t tasks = needs->tasks > 0 ? TASKS_BASE + needs->tasks : 0;
    const struct limit limits[] = {
        {-EMFILE, limit_raise(RLIMIT_NOFILE), DESCRIPTORS_BASE + needs->descriptors,
         "open files (RLIMIT_NOFILE)", "ulimit -Hn %" PRIu64 " (as root, in this shell)"},
        {-EAGAIN, limit_raise(RLIMIT_NPROC), tasks, "processes and threads (RLIMIT_NPROC)",
         "ulimit -Hu %" PRIu64 " (as root, in this shell)"},
        {-EAGAIN, read_setting("/proc/sys/kernel/pid_max"), tasks, "task ids (kernel.pid_max)",
         "sysctl -w kernel.pid_max=%" PRIu64},
        {-EAGAIN, read_setting("/proc/sys/kernel/threads-max"), tasks,
         "threads of the machine (kernel.threads-max)", "sysctl -w kernel.threads-max=%" PRIu64},
        {-EADDRNOTAVAIL, free_ports(needs->waiting), needs->ports,
         "ports to one address (net.ipv4.ip_local_port_range)",
         "sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\""},
        {-ENOMEM, read_setting("/proc/sys/vm/max_map_count"), MAPPINGS_BASE + needs->mappings,
         "memory mappings (vm.max_map_count)", "sysctl -w vm.max_map_count=%" PRIu64},
    };
    char remedy[256], other[128];

    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        const struct limit *limit = &limits[i];

        if (limit->needed <= limit->value)
            continue;
        snprintf(remedy, sizeof(remedy), limit->remedy, limit->needed);
        spread(limit, needs, count, other, sizeof(other));
        return error_set(error, limit->error,
                         "%s %" PRIu64 " needs %" PRIu64 " %s, but the limit is %" PRIu64
                         "; %sraise it with: %s, or lower %s",
                         option, count, limit->needed, limit->name, limit->value, other, remedy,
                         option);
    }
    return check_tasks(tasks, option, count, error);
}
