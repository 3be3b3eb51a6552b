#include "common/stats.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/runs.h"

#define OUTLIER_LIMIT 3.5
#define MAD_TO_SIGMA  1.4826 /* of a normal distribution */

size_t stats_median_rank(size_t count)
{
    double safe = (double)count / 2 - sqrt((double)count) - 1; /* two standard deviations below */
    size_t k = (size_t)fmax(0, safe);

    while (gsl_cdf_binomial_P((unsigned)k, 0.5, (unsigned)count) <= STATS_TAIL)
        k++;
    return k;
}

struct stats_interval stats_interval_of_rank(const double *sorted, size_t count, size_t k)
{
    if (k == 0)
        return (struct stats_interval){NAN, NAN};
    return (struct stats_interval){sorted[k - 1], sorted[count - k]};
}

struct stats_interval stats_wider(struct stats_interval a, struct stats_interval b)
{
    return (struct stats_interval){fmin(a.low, b.low), fmax(a.high, b.high)};
}

bool stats_has_interval(const struct stats_interval *interval)
{
    return isfinite(interval->low) && isfinite(interval->high);
}

bool stats_is_outlier(const struct stats_summary *summary, double sample)
{
    return summary->count >= STATS_INTERVAL_MIN && summary->mad > 0 &&
           fabs(sample - summary->median) > OUTLIER_LIMIT * MAD_TO_SIGMA * summary->mad;
}

/* `work` has room for as many values as there are samples. */
static void summarise_sorted(const double *sorted, size_t count, double *work,
                             struct stats_summary *summary)
{
    *summary = (struct stats_summary){
        .count = count,
        .min = sorted[0],
        .median = gsl_stats_median_from_sorted_data(sorted, 1, count),
        .max = sorted[count - 1],
        .mad = gsl_stats_mad0(sorted, 1, count, work),
        .interval = stats_interval_of_rank(sorted, count, stats_median_rank(count)),
    };
}

int stats_summarise(const double *samples, const double *runs, size_t count,
                    struct stats_summary *summary)
{
    struct runs_mean of = {0};
    double *sorted;

    for (size_t i = 0; i < count; i++)
        if (!isfinite(samples[i]))
            return -EINVAL;
    if (count == 0)
        return -EINVAL;
    sorted = calloc(2 * count, sizeof(*sorted));
    if (sorted == NULL)
        return -ENOMEM;
    memcpy(sorted, samples, count * sizeof(*sorted));
    gsl_sort(sorted, 1, count);
    summarise_sorted(sorted, count, sorted + count, summary);
    if (runs != NULL)
        of = runs_mean(samples, runs, count, sorted);
    if (of.runs > 1) {
        summary->median = of.mean;
        summary->interval = stats_wider(summary->interval, runs_interval(&of));
    }
    for (size_t i = 0; i < count; i++)
        summary->outliers += stats_is_outlier(summary, samples[i]);
    free(sorted);
    return 0;
}
