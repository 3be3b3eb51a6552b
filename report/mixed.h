/* Mixed work: requests that wait and then compute, by the share of the time that they compute. */
#ifndef REPORT_MIXED_H
#define REPORT_MIXED_H

#include <stdio.h>

#include "report/comparison.h"
#include "report/groups.h"
#include "report/run_data.h"

/* CPU time of one item as a share of its CPU time and its latency; NAN: unknown. */
double mixed_share(const struct workload_cell *cell);

/* Items per second, by the median wall time; NAN: unknown. */
double mixed_throughput(const struct cell *cell);

/* The event loop of a group that computes itself, in one thread, at its fastest; NULL: there is
 * none that is ranked. */
const struct cell *mixed_single_loop(const struct group *group);

/* One CPU share: the single loop against the fastest of the others with the same work. */
struct mixed_point {
    double share;
    const struct group *group;
    const struct cell *loop, *best; /* both ranked */
    struct comparison times;        /* wall of the loop divided by that of `best` */
};

struct mixed_points {
    struct mixed_point *list; /* by share, ascending; owned */
    size_t count;
    size_t crossing; /* from this on, at every share, `best` is clearly faster; `count`: nowhere */
};

/* The points of the groups (of mixed work) that have both; where there are several numbers of
 * requests, of the one with the most points. Returns 0, to be freed with mixed_points_free(), or
 * -ENOMEM. */
int mixed_points_make(struct mixed_points *points, const struct run *run,
                      const struct groups *groups);
void mixed_points_free(struct mixed_points *points);

/* Writes what they come to, in sentences: where the single loop stops being the best choice. */
void mixed_points_write(FILE *out, const struct mixed_points *points);

#endif
