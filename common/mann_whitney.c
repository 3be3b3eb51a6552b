/* The rank test of ratio.h. */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "common/ratio.h"

#define EXACT_MAX 20 /* of each set; beyond, the approximation is as good */

struct ranked {
    double value;
    bool of_a;
};

struct ranks {
    double sum_a; /* of the ranks of the first set */
    double ties;  /* the sum of t^3 - t over groups of t equal values */
};

static int compare_values(const void *a, const void *b)
{
    double left = ((const struct ranked *)a)->value, right = ((const struct ranked *)b)->value;

    return (left > right) - (left < right);
}

/* Equal values share the mean of their ranks. */
static struct ranks rank(struct ranked *all, size_t count)
{
    struct ranks ranks = {0};
    size_t end;

    qsort(all, count, sizeof(*all), compare_values);
    for (size_t start = 0; start < count; start = end) {
        double length;

        for (end = start + 1; end < count && all[end].value <= all[start].value; end++)
            ;
        length = (double)(end - start);
        ranks.ties += length * length * length - length;
        for (size_t i = start; i < end; i++)
            if (all[i].of_a)
                ranks.sum_a += ((double)start + 1 + (double)end) / 2;
    }
    return ranks;
}

/* The share of all choices of `m` of the ranks 1 … m+n whose sum is at most `sum`. */
static double share_up_to(size_t m, size_t n, size_t sum)
{
    static const size_t sums = EXACT_MAX * 2 * EXACT_MAX + 1;
    double *ways = calloc((m + 1) * sums, sizeof(*ways)), below = 0, all = 0;

    if (ways == NULL)
        return NAN;
    ways[0] = 1;
    for (size_t value = 1; value <= m + n; value++)
        for (size_t chosen = value < m ? value : m; chosen >= 1; chosen--)
            for (size_t s = value; s < sums; s++)
                ways[chosen * sums + s] += ways[(chosen - 1) * sums + s - value];
    for (size_t s = 0; s < sums; s++) {
        all += ways[m * sums + s];
        below += s <= sum ? ways[m * sums + s] : 0;
    }
    free(ways);
    return below / all;
}

static double exact(size_t m, size_t n, double sum_a)
{
    double mirrored = (double)(m * (m + n + 1)) - sum_a; /* as probable as the sum itself */

    return fmin(1, 2 * share_up_to(m, n, (size_t)fmin(sum_a, mirrored)));
}

static double approximate(double m, double n, const struct ranks *ranks)
{
    double total = m + n, mean = m * (total + 1) / 2;
    double variance = m * n / 12 * (total + 1 - ranks->ties / (total * (total - 1)));
    double distance = fmax(0, fabs(ranks->sum_a - mean) - 0.5);

    return variance > 0 ? 2 * gsl_cdf_ugaussian_Q(distance / sqrt(variance)) : 1;
}

double ratio_mann_whitney(const double *a, size_t count_a, const double *b, size_t count_b)
{
    struct ranked *all = calloc(count_a + count_b + 1, sizeof(*all));
    struct ranks ranks;

    if (all == NULL)
        return NAN;
    for (size_t i = 0; i < count_a; i++)
        all[i] = (struct ranked){a[i], true};
    for (size_t i = 0; i < count_b; i++)
        all[count_a + i] = (struct ranked){b[i], false};
    ranks = rank(all, count_a + count_b);
    free(all);
    if (count_a == 0 || count_b == 0)
        return NAN;
    if (ranks.ties > 0 || count_a > EXACT_MAX || count_b > EXACT_MAX)
        return approximate((double)count_a, (double)count_b, &ranks);
    return exact(count_a, count_b, ranks.sum_a);
}
