#include "common/cores.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/file.h"
#include "common/own_cgroup.h"
#include "common/path.h"

#define FILE_BYTES_MAX 4096
#define SETS           8 /* of 1024 cores */

/* The first two numbers of the file; `*second` is left alone where there is one alone. Returns how
 * many there are. */
static int read_numbers(const char *folder, const char *name, double *first, double *second)
{
    char path[PATH_MAX], *text = file_read(path_join(path, folder, name), FILE_BYTES_MAX, NULL);
    int count = text != NULL ? sscanf(text, "%lf %lf", first, second) : 0;

    free(text);
    return count;
}

/* The least quota of all that hold the process counts. In version 1 it is -1 where there is none,
 * in version 2 "max". */
static void take_quota(struct cores *cores, const struct own_cgroup *at)
{
    double quota_us = -1, period_us = 0, none;

    if (at->version == 2)
        read_numbers(at->path, "cpu.max", &quota_us, &period_us);
    else if (read_numbers(at->path, "cpu.cfs_quota_us", &quota_us, &none) == 1)
        read_numbers(at->path, "cpu.cfs_period_us", &period_us, &none);
    if (quota_us > 0 && period_us > 0 && quota_us / period_us < cores->quota) {
        cores->quota = quota_us / period_us;
        cores->period_ns = (uint64_t)(period_us * NS_PER_US);
    }
}

bool cores_may_run_on(unsigned core)
{
    cpu_set_t sets[SETS];

    return sched_getaffinity(0, sizeof(sets), sets) != 0 ||
           (core < 8 * sizeof(sets) && CPU_ISSET_S(core, sizeof(sets), sets));
}

struct cores cores_read(const char *root)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    struct cores cores = {.online = online > 0 ? (uint64_t)online : 1, .quota = INFINITY};
    struct own_cgroup at = {0};
    cpu_set_t sets[SETS];

    cores.affinity = cores.online;
    if (sched_getaffinity(0, sizeof(sets), sets) == 0 && CPU_COUNT_S(sizeof(sets), sets) > 0)
        cores.affinity = (uint64_t)CPU_COUNT_S(sizeof(sets), sets);
    while (own_cgroup_next(&at, root, "cpu"))
        take_quota(&cores, &at);
    cores.usable = cores.affinity;
    if (cores.quota < (double)cores.affinity)
        cores.usable = (uint64_t)cores.quota + (cores.quota > (double)(uint64_t)cores.quota);
    return cores;
}

uint64_t cores_usable(void)
{
    return cores_read("").usable;
}

/* The quota of a whole period may be used up at once, by all cores together, and that of the period
 * that ends and of the one that begins as well: what is short can be faster than its share. */
uint64_t cores_least_ns(const struct cores *cores, uint64_t items, uint64_t at_once,
                        uint64_t each_ns)
{
    uint64_t parallel = at_once < cores->affinity ? at_once : cores->affinity;
    uint64_t ns = (items + parallel - 1) / parallel * each_ns;
    double by_quota = (double)items * (double)each_ns / cores->quota - 2 * (double)cores->period_ns;

    return by_quota > (double)ns ? (uint64_t)by_quota : ns;
}

const char *cores_describe(const struct cores *cores, char text[CORES_TEXT_SIZE])
{
    if (cores->quota < (double)cores->affinity)
        snprintf(text, CORES_TEXT_SIZE, "%.3g cores: cgroup quota", cores->quota);
    else if (cores->affinity < cores->online)
        snprintf(text, CORES_TEXT_SIZE, "%u of %u cores: affinity", (unsigned)cores->affinity,
                 (unsigned)cores->online);
    else
        snprintf(text, CORES_TEXT_SIZE, "%u", (unsigned)cores->online);
    return text;
}

struct cores_throttled cores_throttled(const char *root)
{
    struct cores_throttled sum = {0};
    struct own_cgroup at = {0};
    char path[PATH_MAX];

    while (own_cgroup_next(&at, root, "cpu")) {
        path_join(path, at.path, "cpu.stat");
        sum.periods += file_read_number(path, "nr_throttled", 0);
        sum.ns += file_read_number(path, "throttled_time", 0) +
                  file_read_number(path, "throttled_usec", 0) * NS_PER_US;
    }
    return sum;
}
