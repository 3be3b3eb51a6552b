#include "common/ratio.h"

#include <errno.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "common/runs.h"

#define DIFFERENCES_MAX 10000000 /* 80 MB: nobody has so many samples in earnest */

/* One of the two that are compared. */
struct set {
    const double *values, *runs;
    size_t count;
    double *logs;
};

static int take_logarithms(const struct set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        if (!isfinite(set->values[i]) || !(set->values[i] > 0))
            return -EINVAL;
        set->logs[i] = log(set->values[i]);
    }
    return set->count > 0 ? 0 : -EINVAL;
}

static enum difference judge(const struct stats_interval *interval, double tolerance)
{
    if (!stats_has_interval(interval))
        return DIFFERENCE_TOO_FEW;
    if (interval->high < 1 / (1 + tolerance))
        return DIFFERENCE_LESS;
    if (interval->low > 1 + tolerance)
        return DIFFERENCE_MORE;
    return interval->low >= 1 / (1 + tolerance) && interval->high <= 1 + tolerance
               ? DIFFERENCE_EQUAL
               : DIFFERENCE_UNCLEAR;
}

/* Of sorted logarithms: the ratio, and its interval between the k-th from below and above. */
static void conclude(const double *sorted, size_t count, size_t k, double tolerance,
                     struct ratio *ratio)
{
    struct stats_interval interval = stats_interval_of_rank(sorted, count, k);

    ratio->ratio = exp(gsl_stats_median_from_sorted_data(sorted, 1, count));
    ratio->min = exp(sorted[0]);
    ratio->max = exp(sorted[count - 1]);
    ratio->interval = (struct stats_interval){exp(interval.low), exp(interval.high)};
    ratio->difference = judge(&ratio->interval, tolerance);
}

/* Likewise, of the means of several runs; the interval is the wider one. */
static void conclude_runs(const struct runs_mean *of, double tolerance, struct ratio *ratio)
{
    struct stats_interval interval = runs_interval(of);

    interval = (struct stats_interval){exp(interval.low), exp(interval.high)};
    ratio->ratio = exp(of->mean);
    ratio->interval = stats_wider(ratio->interval, interval);
    ratio->p = NAN;
    ratio->p_beyond = fmax(ratio->p_beyond, runs_p(of, log1p(tolerance)));
    ratio->difference = judge(&ratio->interval, tolerance);
}

/* `differences` are those of pairs, and `work` has room for each set. */
static struct runs_mean compare_runs(const struct set *a, const struct set *b, bool paired,
                                     const double *differences, double *work)
{
    struct runs_mean of_a = {0}, of_b;

    if (a->runs == NULL || b->runs == NULL)
        return of_a;
    if (paired)
        return runs_mean(differences, a->runs, a->count, work);
    of_a = runs_mean(a->logs, a->runs, a->count, work);
    of_b = runs_mean(b->logs, b->runs, b->count, work);
    return runs_difference(&of_a, &of_b);
}

/* The rank test where the first is taken to be nearer to the second by the tolerance. Moves it. */
static double p_beyond(struct set *a, const struct set *b, double ratio, double tolerance)
{
    double nearer = copysign(log1p(tolerance), log(ratio));

    if (!(fabs(log(ratio)) > fabs(nearer)))
        return 1;
    for (size_t i = 0; i < a->count; i++)
        a->logs[i] -= nearer;
    return ratio_mann_whitney(a->logs, a->count, b->logs, b->count);
}

static int compare_logarithms(struct set *a, const struct set *b, bool paired, double tolerance,
                              struct ratio *ratio)
{
    size_t least = a->count < b->count ? a->count : b->count, per_a = paired ? 1 : b->count;
    size_t count = a->count * per_a, k = paired ? stats_median_rank(count) : 0;
    struct runs_mean of_runs;
    double *differences;
    int error = -ENOMEM; /* the test has no probability where it has no memory */

    if (!paired && b->count > DIFFERENCES_MAX / a->count)
        return -E2BIG;
    differences = calloc(count + a->count + b->count, sizeof(*differences));
    if (differences == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        differences[i] = a->logs[i / per_a] - b->logs[paired ? i : i % per_a];
    of_runs = compare_runs(a, b, paired, differences, differences + count);
    gsl_sort(differences, 1, count);
    if (!paired && least >= STATS_INTERVAL_MIN)
        k = ratio_mann_whitney_rank(a->count, b->count, STATS_TAIL);
    *ratio = (struct ratio){.count = least,
                            .p = ratio_mann_whitney(a->logs, a->count, b->logs, b->count),
                            .p_beyond = NAN};
    if (isnan(ratio->p))
        goto out;
    conclude(differences, count, k, tolerance, ratio);
    if (!paired && k > 0)
        ratio->p_beyond = p_beyond(a, b, ratio->ratio, tolerance);
    if (of_runs.runs > 1)
        conclude_runs(&of_runs, tolerance, ratio);
    error = 0;
out:
    free(differences);
    return error;
}

static int compare(struct set a, struct set b, bool paired, double tolerance, struct ratio *ratio)
{
    double *logarithms = calloc(a.count + b.count + 1, sizeof(*logarithms));
    int error = -ENOMEM;

    *ratio = (struct ratio){.ratio = NAN,
                            .min = NAN,
                            .max = NAN,
                            .interval = {NAN, NAN},
                            .p = NAN,
                            .p_beyond = NAN,
                            .difference = DIFFERENCE_TOO_FEW};
    if (logarithms == NULL)
        return error;
    a.logs = logarithms;
    b.logs = logarithms + a.count;
    error = take_logarithms(&a);
    if (error == 0)
        error = take_logarithms(&b);
    if (error == 0)
        error = compare_logarithms(&a, &b, paired, tolerance, ratio);
    free(logarithms);
    return error;
}

int ratio_paired(const double *a, const double *b, const double *runs, size_t count,
                 double tolerance, struct ratio *ratio)
{
    return compare((struct set){a, runs, count, NULL}, (struct set){b, runs, count, NULL}, true,
                   tolerance, ratio);
}

int ratio_independent(const double *a, const double *runs_a, size_t count_a, const double *b,
                      const double *runs_b, size_t count_b, double tolerance, struct ratio *ratio)
{
    return compare((struct set){a, runs_a, count_a, NULL}, (struct set){b, runs_b, count_b, NULL},
                   false, tolerance, ratio);
}
