#include "common/runs.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

/* The next larger number of a run, or infinity. */
static double next_run(const double *runs, size_t count, double after)
{
    double next = INFINITY;

    for (size_t i = 0; i < count; i++)
        if (runs[i] > after && runs[i] < next)
            next = runs[i];
    return next;
}

static double median_of(const double *values, const double *runs, size_t count, double run,
                        double *work)
{
    size_t taken = 0;

    for (size_t i = 0; i < count; i++)
        if (runs[i] == run)
            work[taken++] = values[i];
    gsl_sort(work, 1, taken);
    return gsl_stats_median_from_sorted_data(work, 1, taken);
}

struct runs_mean runs_mean(const double *values, const double *runs, size_t count, double *work)
{
    struct runs_mean of = {0};
    double run = -INFINITY, squares = 0;

    while ((run = next_run(runs, count, run)) < INFINITY) {
        double median = median_of(values, runs, count, run, work), distance = median - of.mean;

        of.mean += distance / (double)++of.runs;
        squares += distance * (median - of.mean);
    }
    if (of.runs > 1) {
        of.freedom = (double)of.runs - 1;
        of.error = sqrt(squares / of.freedom / (double)of.runs);
    }
    return of;
}

struct runs_mean runs_difference(const struct runs_mean *a, const struct runs_mean *b)
{
    double of_a = a->error * a->error, of_b = b->error * b->error;
    struct runs_mean difference = {.runs = a->runs < b->runs ? a->runs : b->runs,
                                   .mean = a->mean - b->mean,
                                   .error = sqrt(of_a + of_b)};

    if (a->freedom > 0 && b->freedom > 0)
        difference.freedom = of_a + of_b > 0
                                 ? (of_a + of_b) * (of_a + of_b) /
                                       (of_a * of_a / a->freedom + of_b * of_b / b->freedom)
                                 : a->freedom + b->freedom;
    return difference;
}

struct stats_interval runs_interval(const struct runs_mean *mean)
{
    double half =
        mean->freedom > 0 ? gsl_cdf_tdist_Qinv(STATS_TAIL, mean->freedom) * mean->error : NAN;

    return (struct stats_interval){mean->mean - half, mean->mean + half};
}

double runs_p(const struct runs_mean *mean, double distance)
{
    double beyond = fabs(mean->mean) - distance;

    if (!(mean->freedom > 0))
        return NAN;
    if (!(beyond > 0))
        return 1;
    return mean->error > 0 ? 2 * gsl_cdf_tdist_Q(beyond / mean->error, mean->freedom) : 0;
}
