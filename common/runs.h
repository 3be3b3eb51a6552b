/* Several runs: two levels of chance. Executions vary within a run, and runs vary among each other,
 * which no number of executions of one of them tells. So each run gives one figure, the median of
 * its own, and their interval rests on those alone. (Kalibera and Jones 2013, Rigorous benchmarking
 * in reasonable time: the highest level has the interval.) Few runs that agree by chance can make
 * it too narrow where executions come in two ways; therefore it is never taken to be narrower than
 * that of the executions (stats_wider()). */
#ifndef COMMON_RUNS_H
#define COMMON_RUNS_H

#include <stddef.h>

#include "common/stats.h"

struct runs_mean {
    size_t runs;
    double mean;    /* of the runs' medians */
    double error;   /* its standard error */
    double freedom; /* degrees of freedom of the error; 0 where a single run gives none */
};

/* Of `count` values, each from the run of the number in `runs`. `work` has room for as many. The
 * sets are told apart by their numbers alone, in any order. */
struct runs_mean runs_mean(const double *values, const double *runs, size_t count, double *work);

/* The first less the second, of runs that have nothing in common (Welch). */
struct runs_mean runs_difference(const struct runs_mean *a, const struct runs_mean *b);

/* The 95 % interval by Student's t: it takes figures of runs that are about normal. Both ends are
 * NAN without degrees of freedom. */
struct stats_interval runs_interval(const struct runs_mean *mean);

/* Two-sided p that the truth is no farther from 0 than `distance`; NAN likewise. */
double runs_p(const struct runs_mean *mean, double distance);

#endif
