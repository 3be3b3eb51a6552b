/* How two sets of samples compare: their ratio with its 95 % interval, a rank test, a verdict. All
 * is done with logarithms, so that "twice" and "half" weigh the same. */
#ifndef COMMON_RATIO_H
#define COMMON_RATIO_H

#include <stddef.h>

#include "common/stats.h"

enum difference {
    DIFFERENCE_UNCLEAR, /* the interval of the ratio reaches across an end of the tolerance around 1
                         */
    DIFFERENCE_EQUAL,   /* all of it lies within the tolerance: equal in practice */
    DIFFERENCE_LESS,    /* the first is less than the second: faster, smaller */
    DIFFERENCE_MORE,
    DIFFERENCE_TOO_FEW, /* too few samples for an interval, so there is no verdict */
};

struct ratio {
    size_t count;    /* pairs; of independent samples, the smaller number */
    double ratio;    /* of the first to the second; NAN where there is nothing to compare */
    double min, max; /* of the pairs' ratios; of independent samples the extremes possible */
    struct stats_interval interval;
    double p; /* Mann-Whitney, two-sided; NAN where there is nothing to compare, or several runs */
    double p_beyond; /* two-sided, that it lies within the tolerance; NAN of pairs of one run,
                        or without an interval */
    enum difference difference;
};

/* Compares pairs, such as the wall times of two cells in the same rounds: what disturbs a whole
 * round falls out. The ratio is the median of the pairs' ratios. `count` values > 0 each, of which
 * a[i] and b[i] belong together, and to the run runs[i] (NULL: all are of one). Of several runs the
 * ratio is the mean of theirs, and the interval is of the runs (runs.h). A difference within
 * `tolerance` (0.01 is 1 %) is none. Returns 0 or -EINVAL (no pairs, a value that is not finite and
 * positive), -ENOMEM, and of independent samples -E2BIG (more than ten million pairs of them). */
int ratio_paired(const double *a, const double *b, const double *runs, size_t count,
                 double tolerance, struct ratio *ratio);

/* Compares independent samples, such as those of two runs. The ratio is that of Hodges and Lehmann:
 * the median of the ratios of each of the first to each of the second. Its interval is that of the
 * Mann-Whitney test, exact under the same conditions, so that one leaves 1 out where the other's p
 * is at most 0.05. None where either has fewer than STATS_INTERVAL_MIN. Of several runs on both
 * sides the interval is of the runs. Otherwise as ratio_paired(). */
int ratio_independent(const double *a, const double *runs_a, size_t count_a, const double *b,
                      const double *runs_b, size_t count_b, double tolerance, struct ratio *ratio);

/* Two-sided p of the Mann-Whitney U test: how probable ranks as uneven as these are where both sets
 * come from one distribution. Exact for up to 20 samples each without ties, otherwise the normal
 * approximation with corrections for ties and continuity. NAN where a set is empty, or memory
 * lacks. */
double ratio_mann_whitney(const double *a, size_t count_a, const double *b, size_t count_b);

/* The largest k for which U is less than k with a probability of at most `tail`: between the k-th
 * least and the k-th greatest of all m * n differences lies the shift, but for twice `tail`. */
size_t ratio_mann_whitney_rank(size_t m, size_t n, double tail);

#endif
