/* The cells of a run in the order in which a reader compares them: those with the same work
 * together (requests, latency, and what each computes), the fastest first. */
#ifndef REPORT_GROUPS_H
#define REPORT_GROUPS_H

#include <stddef.h>

#include "report/run_data.h"

#define LABEL_SIZE 96 /* bytes that the group_…_label functions need */

struct group {
    const struct cell **cells; /* ranked by median wall, then unranked, then without figures */
    size_t count;
};

struct groups {
    const struct cell **cells; /* of all groups; owned */
    size_t cell_count;
    struct group *list; /* by requests, then by CPU time, then by latency, ascending; owned */
    size_t count;
    const struct group *main; /* most models measured, then most requests; NULL: none measured */
};

/* Arranges the cells of `run` whose work is `work`. Cells that only wait are also mixed work, with
 * a CPU share of 0, where mixed cells with as many requests and as many at once take as long,
 * waiting and computing together. Returns 0, to be freed with groups_free(), or -ENOMEM. */
int groups_arrange(struct groups *groups, const struct run *run, enum work work);
void groups_free(struct groups *groups);

/* Writes what the cell runs to `text` of LABEL_SIZE bytes and returns it: "1000 threads", "event
 * loop", "go, 100 at once". Plain text with a name from the run in it: escape it. */
const char *group_cell_label(const struct workload_cell *cell, char *text);

/* Likewise "1000 requests of 200 ms", "64 items of 20 ms of computing", "1000 requests of 200 ms,
 * each with 2 ms of computing". */
const char *group_label(const struct group *group, char *text);

/* The lane without its concurrency: the name of its model ("event loop"), or the lane's own where
 * it is none of the four. Not escaped, either. */
const char *group_lane_name(const struct workload_cell *cell);

/* Whether the cell has a wall time of valid executions. */
bool group_is_ranked(const struct cell *cell);

#endif
