/* Work for the CPU: how much faster a cell is than the same work done one item after another. */
#ifndef REPORT_SPEED_UP_H
#define REPORT_SPEED_UP_H

#include <stdio.h>

#include "report/comparison.h"
#include "report/groups.h"
#include "report/run_data.h"

struct speed_up {
    const struct cell *base; /* the sequential cell that it is held against; NULL: there is none */
    struct comparison times; /* wall of `base` divided by that of the cell, round by round */
    double workers;          /* what may compute at the same time; NAN: unknown */
    double efficiency;       /* speed-up / workers */
};

/* Of a cell and the others of its group. */
struct speed_up speed_up_of(const struct run *run, const struct group *group,
                            const struct cell *cell);

/* "faster" than the sequential cell, "slower", "no clear difference", "too few rounds". */
const char *speed_up_verdict(const struct speed_up *speed_up);

/* Threads, processes or loops that may compute at the same time in a cell; NAN: unknown. */
double speed_up_workers(const struct workload_cell *cell);

#endif
