#include "harness/machine/needs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/json.h"

#define DESCRIPTORS_BASE 32
#define MAPPINGS_BASE    1000

/* For each request in flight. */
static const struct need {
    const char *model;
    double descriptors, tasks, mappings;
} needs[] = {
    {"sync", 3, 0, 0},
    {"threads", 3, 1, 2},
    {"procs", 0, 1, 0},
    {"async", 1, 0, 0},
};

static const struct need *need_of(const struct cell *cell)
{
    size_t i = 0;

    while (i + 1 < sizeof(needs) / sizeof(needs[0]) &&
           strcmp(needs[i].model, cell->lane->model) != 0)
        i++;
    return &needs[i];
}

bool needs_met(const struct cell *cell, const json_t *environment, char *why, size_t size)
{
    const struct need *need = need_of(cell);
    double c = (double)cell->concurrency;
    /* The server holds one descriptor for each request, whatever the model. */
    double descriptors =
        cell_work_requests(&cell->work) ? DESCRIPTORS_BASE + fmax(need->descriptors, 1) * c : 0;
    const struct {
        const char *key, *name, *remedy;
        double needed;
    } limits[] = {
        {"limits.nofile_hard", "open files", "ulimit -Hn %.0f", descriptors},
        {"limits.nproc", "processes and threads", "ulimit -Hu %.0f", 1 + need->tasks * c},
        {"limits.pid_max", "task ids", "sysctl -w kernel.pid_max=%.0f", 1 + need->tasks * c},
        {"limits.threads_max", "threads", "sysctl -w kernel.threads-max=%.0f", 1 + need->tasks * c},
        {"limits.max_map_count", "memory mappings", "sysctl -w vm.max_map_count=%.0f",
         MAPPINGS_BASE + need->mappings * c},
    };

    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        double limit = json_number_at(environment, limits[i].key, INFINITY);
        char remedy[96];

        if (limits[i].needed <= limit)
            continue;
        snprintf(remedy, sizeof(remedy), limits[i].remedy, limits[i].needed);
        snprintf(why, size, "%s needs %.0f %s, the limit is %.0f: %s", cell->id, limits[i].needed,
                 limits[i].name, limit, remedy);
        return false;
    }
    return true;
}
