#include "common/limit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/count.h"
#include "common/file.h"
#include "common/own_cgroup.h"
#include "common/path.h"

#define NONE UINT64_MAX

uint64_t limit_raise(int resource)
{
    struct rlimit limit;

    if (getrlimit((__rlimit_resource_t)resource, &limit) < 0)
        return NONE;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit((__rlimit_resource_t)resource, &limit) < 0)
        getrlimit((__rlimit_resource_t)resource, &limit);
    return limit.rlim_cur == RLIM_INFINITY ? NONE : (uint64_t)limit.rlim_cur;
}

struct limit_tasks limit_tasks(const char *root)
{
    struct limit_tasks least = {.max = NONE};
    struct own_cgroup at = {0};
    char path[PATH_MAX];

    while (own_cgroup_next(&at, root, "pids")) {
        uint64_t max = file_read_number(path_join(path, at.path, "pids.max"), "", 0); /* "max": 0 */
        uint64_t used = file_read_number(path_join(path, at.path, "pids.current"), "", 0);

        if (max == 0 || (least.max != NONE && max - used >= least.max - least.used))
            continue;
        least.max = max;
        least.used = used < max ? used : max;
        path_join(least.file, at.path, "pids.max");
    }
    return least;
}

uint64_t limit_ports(unsigned *first)
{
    char *text = file_read("/proc/sys/net/ipv4/ip_local_port_range", 64, NULL);
    unsigned last;
    bool known = text != NULL && sscanf(text, "%u %u", first, &last) == 2 && last >= *first;

    free(text);
    return known ? last - *first + 1 : NONE;
}

uint64_t limit_ports_waiting(const char *host, unsigned port)
{
    enum { TIME_WAIT = 6, LOOPBACK_ONLY = 2 }; /* of /proc/net/tcp, and of tcp_tw_reuse */
    uint64_t reuse, count = 0;
    struct in_addr to;
    unsigned address, at, state;
    char line[256];
    FILE *file;

    if (inet_pton(AF_INET, host, &to) != 1)
        return 0;
    reuse = file_read_number("/proc/sys/net/ipv4/tcp_tw_reuse", "", 0);
    if (reuse == 1 || (reuse == LOOPBACK_ONLY && ntohl(to.s_addr) >> 24 == IN_LOOPBACKNET))
        return 0;
    file = fopen("/proc/net/tcp", "re");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        count += sscanf(line, "%*u: %*x:%*x %x:%x %x", &address, &at, &state) == 3 &&
                 address == to.s_addr && at == port && state == TIME_WAIT;
    if (file != NULL)
        fclose(file);
    return count;
}

static bool explain_tasks(int code, struct error *text)
{
    struct limit_tasks tasks = {.max = NONE};
    char events[PATH_MAX];

    if (code == -EAGAIN)
        tasks = limit_tasks("");
    if (tasks.max == NONE)
        return false;
    /* By now the tasks may be gone: the kernel counts how often it refused one. */
    snprintf(events, sizeof(events), "%.*sevents", (int)(strlen(tasks.file) - strlen("max")),
             tasks.file);
    if (tasks.used < tasks.max && file_read_number(events, "max", 0) == 0)
        return false;
    error_set(text, code,
              "the cgroup's limit of tasks (pids.max) is %" PRIu64
              "; raise it with: echo max > %.300s",
              tasks.max, tasks.file);
    return true;
}

static bool explain_ports(int code, struct error *text)
{
    unsigned first = 0;
    uint64_t count = code == -EADDRNOTAVAIL ? limit_ports(&first) : NONE;

    if (count == NONE)
        return false;
    error_set(text, code,
              "all %" PRIu64 " ports (%u to %u) for connections to one address are in use, or wait "
              "for a minute after their end; raise it with: sysctl -w "
              "net.ipv4.ip_local_port_range=\"1024 65535\"",
              count, first, first + (unsigned)count - 1);
    return true;
}

/* Of a database server, which has a process for each. */
static bool explain_connections(int code, struct error *text)
{
    if (code != -EUSERS)
        return false;
    error_set(text, code,
              "the database has no place for so many connections (max_connections), of which each "
              "is a process there; have fewer at once with -c, allow it more, or put a pool such "
              "as PgBouncer before it");
    return true;
}

/* Limits of resources, the likeliest first. What is used is a line of /proc/self/status in KB, the
 * most it ever was where the kernel says that. */
static const struct limit_row {
    int code;
    int resource;
    const char *name;
    char option; /* of ulimit */
    const char *raised;
    const char *used;
} rows[] = {
    {-EMFILE, RLIMIT_NOFILE, "open files (RLIMIT_NOFILE)", 'n', "1048576", NULL},
    {-EFBIG, RLIMIT_FSIZE, "the size of a file (RLIMIT_FSIZE)", 'f', "unlimited", NULL},
    {-ENOMEM, RLIMIT_AS, "address space (RLIMIT_AS)", 'v', "unlimited", "VmPeak"},
    {-ENOMEM, RLIMIT_DATA, "data (RLIMIT_DATA)", 'd', "unlimited", "VmData"},
    {-EAGAIN, RLIMIT_NPROC, "the user's processes and threads (RLIMIT_NPROC)", 'u', "unlimited",
     NULL},
};

/* How much a program asks for at most at once: a heap of malloc. */
#define REQUEST_BYTES (64UL << 20)

static bool explain_resource(const struct limit_row *row, int code, struct error *text)
{
    /* Where there is no memory for its stack, pthread_create() says EAGAIN. */
    bool fits = row->code == code || (row->code == -ENOMEM && code == -EAGAIN);
    struct rlimit limit;
    uint64_t used_kb;

    if (!fits || getrlimit((__rlimit_resource_t)row->resource, &limit) < 0 ||
        limit.rlim_cur == RLIM_INFINITY)
        return false;
    used_kb = row->used != NULL ? file_read_number("/proc/self/status", row->used, 0) : 0;
    if (row->used != NULL && used_kb * 1024 + REQUEST_BYTES < limit.rlim_cur)
        return false;
    error_set(text, code, "the limit of %s is %" PRIu64 "; raise it with: ulimit -%c %s%s",
              row->name, (uint64_t)limit.rlim_cur, row->option, row->raised,
              limit.rlim_max == RLIM_INFINITY ? "" : " (as root, in this shell)");
    return true;
}

bool limit_explain(int code, struct error *text)
{
    text->text[0] = '\0';
    if (explain_tasks(code, text) || explain_ports(code, text) || explain_connections(code, text))
        return true;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (explain_resource(&rows[i], code, text))
            return true;
    return false;
}
