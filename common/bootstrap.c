#include "common/bootstrap.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define RESAMPLES 10000
#define SEED      20261122
#define DRAWN_MAX 5000  /* samples; beyond, drawing takes long and tells nothing more */
#define TAIL      0.025 /* on either side of the interval */
#define TALLY_MAX 16    /* samples up to which a tally of the medians is kept */

struct sample {
    const double *sorted;
    size_t count;
    unsigned *drawn; /* how often each value was drawn */
};

struct bootstrap {
    gsl_rng *rng;
    double *results; /* RESAMPLES of them */
    struct sample a, b;
};

static int sample_init(struct sample *sample, const double *sorted, size_t count)
{
    *sample = (struct sample){sorted, count, calloc(count + 1, sizeof(*sample->drawn))};
    return sample->drawn != NULL ? 0 : -ENOMEM;
}

static void bootstrap_term(struct bootstrap *bootstrap)
{
    if (bootstrap->rng != NULL)
        gsl_rng_free(bootstrap->rng);
    free(bootstrap->results);
    free(bootstrap->a.drawn);
    free(bootstrap->b.drawn);
}

static int bootstrap_init(struct bootstrap *bootstrap, const double *a, size_t count_a,
                          const double *b, size_t count_b)
{
    *bootstrap = (struct bootstrap){.rng = gsl_rng_alloc(gsl_rng_taus2),
                                    .results = calloc(RESAMPLES, sizeof(double))};
    if (sample_init(&bootstrap->a, a, count_a) < 0 || sample_init(&bootstrap->b, b, count_b) < 0 ||
        bootstrap->rng == NULL || bootstrap->results == NULL) {
        bootstrap_term(bootstrap);
        return -ENOMEM;
    }
    gsl_rng_set(bootstrap->rng, SEED);
    return 0;
}

/* The ranks between which the median lies of as many values as there are, drawn with replacement.
 * Counting how often each is drawn spares sorting them, since they are in order already. */
static void draw_ranks(struct sample *sample, gsl_rng *rng, size_t *lower, size_t *upper)
{
    size_t low = (sample->count - 1) / 2, high = sample->count / 2, below = 0, i = 0;

    memset(sample->drawn, 0, sample->count * sizeof(*sample->drawn));
    for (size_t n = 0; n < sample->count; n++)
        sample->drawn[gsl_rng_uniform_int(rng, sample->count)]++;
    while (below + sample->drawn[i] <= low)
        below += sample->drawn[i++];
    *lower = i;
    while (below + sample->drawn[i] <= high)
        below += sample->drawn[i++];
    *upper = i;
}

static double between(const double *sorted, size_t lower, size_t upper)
{
    return sorted[lower] / 2 + sorted[upper] / 2;
}

static double draw_median(struct sample *sample, gsl_rng *rng)
{
    size_t lower, upper;

    draw_ranks(sample, rng, &lower, &upper);
    return between(sample->sorted, lower, upper);
}

/* The share of resamples beyond either end: TAIL, widened for few samples. */
static double tail_of(size_t count)
{
    double n = (double)count;

    return gsl_cdf_ugaussian_P(-sqrt(n / (n - 1)) * gsl_cdf_tdist_Pinv(1 - TAIL, n - 1));
}

/* Selects the two ends rather than sorting all, which would take most of the time. */
static struct stats_interval interval_of(double *results, size_t count)
{
    size_t beyond = (size_t)(tail_of(count) * RESAMPLES);

    return (struct stats_interval){
        .low = gsl_stats_select(results, 1, RESAMPLES, beyond),
        .high = gsl_stats_select(results, 1, RESAMPLES, RESAMPLES - 1 - beyond),
    };
}

/* What the bootstrap of many samples tends to: the binomial interval of the median's rank. */
static struct stats_interval interval_of_many(const double *sorted, size_t count)
{
    double middle = (double)(count - 1) / 2;
    double half = gsl_cdf_ugaussian_Pinv(1 - TAIL) * sqrt((double)count) / 2;

    return (struct stats_interval){sorted[(size_t)floor(middle - half)],
                                   sorted[(size_t)ceil(middle + half)]};
}

/* How often the median lay between two ranks. The seed being always the same, that follows from the
 * number of samples alone, and is drawn once for each. */
typedef unsigned short tally[TALLY_MAX][TALLY_MAX];

static int draw_tally(const double *sorted, size_t count, tally times)
{
    struct bootstrap bootstrap;
    size_t lower, upper;

    if (bootstrap_init(&bootstrap, sorted, count, NULL, 0) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < RESAMPLES; i++) {
        draw_ranks(&bootstrap.a, bootstrap.rng, &lower, &upper);
        times[lower][upper]++;
    }
    bootstrap_term(&bootstrap);
    return 0;
}

/* The value of which `rank` medians are less or equal, in ascending order. */
static double value_at(const double *values, const size_t *order, const unsigned short *times,
                       size_t count, size_t rank)
{
    size_t i = 0;

    for (size_t below = times[order[0]]; i + 1 < count && below <= rank; below += times[order[i]])
        i++;
    return values[order[i]];
}

static int interval_of_few(const double *sorted, size_t count, struct stats_interval *interval)
{
    static _Thread_local tally tallies[TALLY_MAX + 1];
    static _Thread_local bool is_drawn[TALLY_MAX + 1];
    double values[TALLY_MAX * TALLY_MAX];
    size_t order[TALLY_MAX * TALLY_MAX], beyond = (size_t)(tail_of(count) * RESAMPLES);
    const unsigned short *times = &tallies[count][0][0];

    if (!is_drawn[count] && draw_tally(sorted, count, tallies[count]) < 0)
        return -ENOMEM;
    is_drawn[count] = true;
    for (size_t i = 0; i < TALLY_MAX * TALLY_MAX; i++)
        values[i] = times[i] > 0 ? between(sorted, i / TALLY_MAX, i % TALLY_MAX) : INFINITY;
    gsl_sort_index(order, values, 1, TALLY_MAX * TALLY_MAX);
    interval->low = value_at(values, order, times, TALLY_MAX * TALLY_MAX, beyond);
    interval->high = value_at(values, order, times, TALLY_MAX * TALLY_MAX, RESAMPLES - 1 - beyond);
    return 0;
}

int bootstrap_median(const double *sorted, size_t count, struct stats_interval *interval)
{
    struct bootstrap bootstrap;

    *interval = (struct stats_interval){NAN, NAN};
    if (count < STATS_INTERVAL_MIN)
        return 0;
    if (sorted[0] >= sorted[count - 1]) { /* all are equal, and so is every resample */
        *interval = (struct stats_interval){sorted[0], sorted[0]};
        return 0;
    }
    if (count <= TALLY_MAX)
        return interval_of_few(sorted, count, interval);
    if (count > DRAWN_MAX) {
        *interval = interval_of_many(sorted, count);
        return 0;
    }
    if (bootstrap_init(&bootstrap, sorted, count, NULL, 0) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < RESAMPLES; i++)
        bootstrap.results[i] = draw_median(&bootstrap.a, bootstrap.rng);
    *interval = interval_of(bootstrap.results, count);
    bootstrap_term(&bootstrap);
    return 0;
}

int bootstrap_difference(const double *a, size_t count_a, const double *b, size_t count_b,
                         struct stats_interval *interval)
{
    struct bootstrap bootstrap;

    *interval = (struct stats_interval){NAN, NAN};
    if (count_a < STATS_INTERVAL_MIN || count_b < STATS_INTERVAL_MIN)
        return 0;
    if (bootstrap_init(&bootstrap, a, count_a, b, count_b) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < RESAMPLES; i++)
        bootstrap.results[i] =
            draw_median(&bootstrap.a, bootstrap.rng) - draw_median(&bootstrap.b, bootstrap.rng);
    *interval = interval_of(bootstrap.results, count_a < count_b ? count_a : count_b);
    bootstrap_term(&bootstrap);
    return 0;
}
