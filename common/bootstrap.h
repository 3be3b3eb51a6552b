/* 95 % intervals by the percentile bootstrap: the samples are drawn anew with replacement 10,000
 * times, always with the same seed, and the interval is what the middle of those medians spans.
 *
 * The plain percentile interval is too narrow for few samples (of 7 it holds the median 87 times in
 * 100). Its percentiles are therefore widened as by Hesterberg (What Teachers Should Know About the
 * Bootstrap, The American Statistician 69, 2015, section 5.3): in place of 2.5 % it takes
 * Phi(-sqrt(n/(n-1)) * t), t being the 97.5 % quantile of Student's distribution with n-1 degrees
 * of freedom. BCa is no better here: its acceleration rests on the jackknife, which fails for
 * medians. */
#ifndef COMMON_BOOTSTRAP_H
#define COMMON_BOOTSTRAP_H

#include <stddef.h>

#include "common/stats.h"

/* The interval of the median of `count` samples in ascending order; NAN at both ends where they are
 * fewer than STATS_INTERVAL_MIN. Returns 0 or -ENOMEM. */
int bootstrap_median(const double *sorted, size_t count, struct stats_interval *interval);

/* The interval of the median of `a` minus that of `b`, independent samples in ascending order; NAN
 * where either has fewer than STATS_INTERVAL_MIN. Returns 0 or -ENOMEM. */
int bootstrap_difference(const double *a, size_t count_a, const double *b, size_t count_b,
                         struct stats_interval *interval);

#endif
