#include "common/ratio.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "common/bootstrap.h"

#define CHANCE 0.05 /* of a difference where there is none */

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

/* The exact interval of a median, by the sign test: between the k-th values from below and above,
 * which leave it out in at most CHANCE of all cases, whatever the distribution. Of 10 values these
 * are the second ones (97.9 %), of 6 to 8 the outermost. `sorted` ascends. (Conover, Practical
 * Nonparametric Statistics, 3.2.) */
static struct stats_interval sign_interval(const double *sorted, size_t count)
{
    size_t k = 0;

    while (gsl_cdf_binomial_P((unsigned)k, 0.5, (unsigned)count) <= CHANCE / 2)
        k++;
    if (k == 0)
        return (struct stats_interval){NAN, NAN};
    return (struct stats_interval){sorted[k - 1], sorted[count - k]};
}

static void finish(struct ratio *ratio, const struct stats_interval *logarithms, double tolerance)
{
    ratio->interval = (struct stats_interval){exp(logarithms->low), exp(logarithms->high)};
    ratio->difference = judge(&ratio->interval, tolerance);
}

/* `a` and `b` are logarithms; `a` becomes their differences. */
static int compare_pairs(double *a, const double *b, size_t count, double tolerance,
                         struct ratio *ratio)
{
    struct stats_interval interval;

    *ratio = (struct ratio){.count = count, .p = ratio_mann_whitney(a, count, b, count)};
    for (size_t i = 0; i < count; i++)
        a[i] -= b[i];
    gsl_sort(a, 1, count);
    interval = sign_interval(a, count);
    ratio->ratio = exp(gsl_stats_median_from_sorted_data(a, 1, count));
    ratio->min = exp(a[0]);
    ratio->max = exp(a[count - 1]);
    finish(ratio, &interval, tolerance);
    return 0;
}

/* `a` and `b` are logarithms, which are sorted. */
static int compare_sets(double *a, size_t count_a, double *b, size_t count_b, double tolerance,
                        struct ratio *ratio)
{
    struct stats_interval interval;

    *ratio = (struct ratio){.count = count_a < count_b ? count_a : count_b,
                            .p = ratio_mann_whitney(a, count_a, b, count_b)};
    gsl_sort(a, 1, count_a);
    gsl_sort(b, 1, count_b);
    if (bootstrap_difference(a, count_a, b, count_b, &interval) < 0)
        return -ENOMEM;
    ratio->ratio = exp(gsl_stats_median_from_sorted_data(a, 1, count_a) -
                       gsl_stats_median_from_sorted_data(b, 1, count_b));
    ratio->min = exp(a[0] - b[count_b - 1]);
    ratio->max = exp(a[count_a - 1] - b[0]);
    finish(ratio, &interval, tolerance);
    if ((ratio->difference == DIFFERENCE_LESS || ratio->difference == DIFFERENCE_MORE) &&
        ratio->p > CHANCE)
        ratio->difference =
            DIFFERENCE_UNCLEAR; /* the interval of few samples is a little too narrow */
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
    if (error == 0 && paired)
        error = compare_pairs(logarithms, logarithms + count_a, count_a, tolerance, ratio);
    else if (error == 0)
        error = compare_sets(logarithms, count_a, logarithms + count_a, count_b, tolerance, ratio);
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
