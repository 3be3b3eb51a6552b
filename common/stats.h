/* Statistics of a few samples, by GSL. Medians throughout: times have a floor and a long tail, and
 * one slow execution must not move the figure. Nothing is ever dropped; outliers are counted. */
#ifndef COMMON_STATS_H
#define COMMON_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* With fewer samples no method that assumes nothing of their distribution reaches 95 %: even
 * min … max of n samples holds the median with a probability of 1 - 2^(1-n) only, 93.75 % for 5. */
#define STATS_INTERVAL_MIN 6

#define STATS_TAIL 0.025 /* how probable the truth is beyond either end of an interval, at most */

/* Both ends are NAN where the samples are too few for an interval. */
struct stats_interval {
    double low, high;
};

struct stats_summary {
    size_t count;
    double min;
    double median; /* of several runs the mean of their medians */
    double max;
    double mad;                     /* median absolute deviation from the median, not scaled */
    struct stats_interval interval; /* of the median, 95 %: stats_median_rank(); of several runs the
                                       wider of that and runs_interval() */
    size_t outliers;                /* by stats_is_outlier() */
};

/* Summarises `count` > 0 samples in any unit, in any order; they are left as they are. `runs` has
 * the number of the run of each; NULL: all are of one. The same samples always give the same
 * summary. Returns 0 or -EINVAL (no samples, or one that is not finite), -ENOMEM. */
int stats_summarise(const double *samples, const double *runs, size_t count,
                    struct stats_summary *summary);

/* The interval of a median by order statistics, exact whatever the distribution: between the k-th
 * least and the k-th greatest of `count` values. This is the k, by the sign test: 0 where there is
 * none, 1 (the outermost) of 6 to 8 values, 2 of 9 to 11. (Conover, Practical Nonparametric
 * Statistics, 3.2.) */
size_t stats_median_rank(size_t count);

/* From the k-th least to the k-th greatest of values in ascending order; NAN where k is 0. */
struct stats_interval stats_interval_of_rank(const double *sorted, size_t count, size_t k);

/* Each end that of the two which lies farther out; of one that is known alone, its own. */
struct stats_interval stats_wider(struct stats_interval a, struct stats_interval b);

/* Whether both ends are known. */
bool stats_has_interval(const struct stats_interval *interval);

/* Whether `sample` lies further from the median than 3.5 times 1.4826 MAD, which for a normal
 * distribution are 3.5 standard deviations (Iglewicz and Hoaglin, 1993). Never where the samples
 * are fewer than STATS_INTERVAL_MIN or half of them are equal: the MAD says nothing then. */
bool stats_is_outlier(const struct stats_summary *summary, double sample);

#endif
