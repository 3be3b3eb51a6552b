#include "common/bootstrap.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RESAMPLES 10000
#define SEED      20261122
#define DRAWN_MAX 5000  /* samples; beyond, drawing takes long and tells nothing more */
#define TAIL      0.025 /* on either side of the interval */
#define KNOWN_MAX 32    /* samples whose resamples are kept, once drawn */

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

/* The two ranks in the middle of as many values drawn with replacement as there are. Counting how
 * often each is drawn spares sorting them, since they are in order already. */
static void draw_middle(struct sample *sample, gsl_rng *rng, size_t *first, size_t *second)
{
    size_t lower = (sample->count - 1) / 2, upper = sample->count / 2, below = 0, i = 0;

    memset(sample->drawn, 0, sample->count * sizeof(*sample->drawn));
    for (size_t n = 0; n < sample->count; n++)
        sample->drawn[gsl_rng_uniform_int(rng, sample->count)]++;
    while (below + sample->drawn[i] <= lower)
        below += sample->drawn[i++];
    *first = i;
    while (below + sample->drawn[i] <= upper)
        below += sample->drawn[i++];
    *second = i;
}

static double draw_median(struct sample *sample, gsl_rng *rng)
{
    size_t first, second;

    draw_middle(sample, rng, &first, &second);
    return sample->sorted[first] / 2 + sample->sorted[second] / 2;
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

/* How often two ranks were those in the middle, of all resamples. */
struct middle {
    size_t first, second;
    unsigned times;
};

struct middles {
    struct middle *list;
    size_t count;
};

static int draw_middles(struct middles *middles, size_t count)
{
    struct middle *list = calloc(count * count, sizeof(*list)), *middle;
    struct bootstrap bootstrap;
    size_t first, second;

    if (list == NULL || bootstrap_init(&bootstrap, NULL, count, NULL, 0) < 0) {
        free(list);
        return -ENOMEM;
    }
    for (size_t i = 0; i < RESAMPLES; i++) {
        draw_middle(&bootstrap.a, bootstrap.rng, &first, &second);
        middle = &list[first * count + second];
        *middle = (struct middle){first, second, middle->times + 1};
    }
    bootstrap_term(&bootstrap);
    middles->list = list;
    for (size_t i = 0; i < count * count; i++)
        if (list[i].times > 0)
            list[middles->count++] = list[i];
    return 0;
}

/* The n-th of all medians, from 0; `order` sorts those of the middles. */
static double nth_median(const struct middles *middles, const double *medians, const size_t *order,
                         size_t n)
{
    size_t i = 0, below = middles->list[order[0]].times;

    while (below <= n)
        below += middles->list[order[++i]].times;
    return medians[order[i]];
}

/* Of few samples. What is drawn depends on the seed and the count alone: so it is drawn once for
 * each count, and kept. Not for several threads at once. */
static int interval_of_few(const double *sorted, size_t count, struct stats_interval *interval)
{
    static struct middles known[KNOWN_MAX + 1];
    struct middles *middles = &known[count];
    double medians[KNOWN_MAX * KNOWN_MAX];
    size_t order[KNOWN_MAX * KNOWN_MAX], beyond = (size_t)(tail_of(count) * RESAMPLES);

    if (middles->list == NULL && draw_middles(middles, count) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < middles->count; i++)
        medians[i] = sorted[middles->list[i].first] / 2 + sorted[middles->list[i].second] / 2;
    gsl_sort_index(order, medians, 1, middles->count);
    interval->low = nth_median(middles, medians, order, beyond);
    interval->high = nth_median(middles, medians, order, RESAMPLES - 1 - beyond);
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
    if (count <= KNOWN_MAX)
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
