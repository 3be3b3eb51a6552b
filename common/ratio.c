#include "common/ratio.h"

#include <errno.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#define DIFFERENCES_MAX 10000000 /* 80 MB: nobody has so many samples in earnest */

static int take_logarithms(const double *values, size_t count, double *logarithms)
{
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(values[i]) || !(values[i] > 0))
            return -EINVAL;
        logarithms[i] = log(values[i]);
    }
    return count > 0 ? 0 : -EINVAL;
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

/* `a` and `b` are logarithms. */
static int compare_logarithms(const double *a, size_t count_a, const double *b, size_t count_b,
                              bool paired, double tolerance, struct ratio *ratio)
{
    size_t least = count_a < count_b ? count_a : count_b, per_a = paired ? 1 : count_b;
    size_t count = count_a * per_a, k = paired ? stats_median_rank(count) : 0;
    double *differences;

    if (!paired && count_b > DIFFERENCES_MAX / count_a)
        return -E2BIG;
    differences = calloc(count, sizeof(*differences));
    if (differences == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        differences[i] = a[i / per_a] - b[paired ? i : i % per_a];
    gsl_sort(differences, 1, count);
    if (!paired && least >= STATS_INTERVAL_MIN)
        k = ratio_mann_whitney_rank(count_a, count_b, STATS_TAIL);
    *ratio = (struct ratio){.count = least, .p = ratio_mann_whitney(a, count_a, b, count_b)};
    conclude(differences, count, k, tolerance, ratio);
    free(differences);
    return 0;
}

static int compare(const double *a, size_t count_a, const double *b, size_t count_b, bool paired,
                   double tolerance, struct ratio *ratio)
{
    double *logarithms = calloc(count_a + count_b + 1, sizeof(*logarithms));
    int error = -ENOMEM;

    *ratio = (struct ratio){.ratio = NAN,
                            .min = NAN,
                            .max = NAN,
                            .interval = {NAN, NAN},
                            .p = NAN,
                            .difference = DIFFERENCE_TOO_FEW};
    if (logarithms == NULL)
        return error;
    error = take_logarithms(a, count_a, logarithms);
    if (error == 0)
        error = take_logarithms(b, count_b, logarithms + count_a);
    if (error == 0)
        error = compare_logarithms(logarithms, count_a, logarithms + count_a, count_b, paired,
                                   tolerance, ratio);
    free(logarithms);
    return error;
}

int ratio_paired(const double *a, const double *b, size_t count, double tolerance,
                 struct ratio *ratio)
{
    return compare(a, count, b, count, true, tolerance, ratio);
}

int ratio_independent(const double *a, size_t count_a, const double *b, size_t count_b,
                      double tolerance, struct ratio *ratio)
{
    return compare(a, count_a, b, count_b, false, tolerance, ratio);
}
