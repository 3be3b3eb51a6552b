/* The rank test of ratio.h. */
#include <gsl/gsl_cdf.h>
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

/* In how many of all arrangements U is 0, 1, … m * n: the coefficients of the product of
 * (1 - q^(n + i)) / (1 - q^i) over i = 1 … m. All are whole and less than 2^53. */
static void count_ways(size_t m, size_t n, double *ways)
{
    ways[0] = 1;
    for (size_t i = 1; i <= m; i++) {
        for (size_t u = m * n; u >= n + i; u--)
            ways[u] -= ways[u - n - i];
        for (size_t u = i; u <= m * n; u++)
            ways[u] += ways[u - i];
    }
}

/* How probable a U of less than `u` is, where both sets come from one distribution. */
static double share_below(size_t m, size_t n, size_t u)
{
    double ways[EXACT_MAX * EXACT_MAX + 1] = {0}, below = 0, all = 0;

    count_ways(m, n, ways);
    for (size_t i = 0; i <= m * n; i++) {
        all += ways[i];
        below += i < u ? ways[i] : 0;
    }
    return below / all;
}

static double exact(size_t m, size_t n, double sum_a)
{
    double u = sum_a - (double)(m * (m + 1)) / 2, mirrored = (double)(m * n) - u;

    return fmin(1, 2 * share_below(m, n, (size_t)fmin(u, mirrored) + 1));
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

size_t ratio_mann_whitney_rank(size_t m, size_t n, double tail)
{
    double product = (double)m * (double)n, middle = product / 2 + 0.5;
    double half = gsl_cdf_ugaussian_Qinv(tail) * sqrt(product * (double)(m + n + 1) / 12);
    size_t rank = (size_t)fmax(0, middle - half);

    if (m > EXACT_MAX || n > EXACT_MAX)
        return rank;
    while (rank > 0 && share_below(m, n, rank) > tail)
        rank--;
    while (share_below(m, n, rank + 1) <= tail)
        rank++;
    return rank;
}
