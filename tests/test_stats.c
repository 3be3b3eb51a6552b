/* Statistics, against known values and against simulations whose truth is known. Seeds are fixed:
 * a test either always passes or never. */
#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

#include "tests/helpers.h"

#include "common/count.h"
#include "common/line_fit.h"
#include "common/ratio.h"
#include "common/stats.h"

#define SAMPLES_MAX 64

/* Draws one sample of a distribution. */
typedef double draw(gsl_rng *rng);

static double draw_normal(gsl_rng *rng)
{
    return 100 + gsl_ran_gaussian(rng, 2);
}

/* As wall times are: a floor and a long tail. */
static double draw_skewed(gsl_rng *rng)
{
    return 100 + gsl_ran_lognormal(rng, 0, 1);
}

/* Two ways of running, of which one comes six times in ten. */
static double draw_bimodal(gsl_rng *rng)
{
    return (gsl_rng_uniform(rng) < 0.6 ? 100 : 120) + gsl_ran_gaussian(rng, 1);
}

/* One in ten is far too long. */
static double draw_spiked(gsl_rng *rng)
{
    return 100 + gsl_ran_gaussian(rng, 2) + (gsl_rng_uniform(rng) < 0.1 ? 100 : 0);
}

/* By a coarse clock: many are equal. */
static double draw_ticks(gsl_rng *rng)
{
    return rint(draw_normal(rng));
}

static const struct distribution {
    const char *name;
    draw *draw;
    double at; /* with the next two: the median */
    double sigma, quantile;
} distributions[] = {
    {"normal", draw_normal, 100, 2, 0.5},         {"skewed", draw_skewed, 101, 0, 0.5},
    {"bimodal", draw_bimodal, 100, 1, 0.5 / 0.6}, {"spiked", draw_spiked, 100, 2, 0.5 / 0.9},
    {"ticks", draw_ticks, 100, 0, 0.5},
};

static double median_of(const struct distribution *distribution)
{
    return distribution->at + distribution->sigma * gsl_cdf_ugaussian_Pinv(distribution->quantile);
}

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.10g is not %.10g ± %g", value, expected, tolerance);
}

static void draw_all(gsl_rng *rng, draw *draw_one, double *samples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        samples[i] = draw_one(rng);
}

static void mad_is_the_median_distance_from_the_median(void **state)
{
    const double samples[] = {1, 1, 2, 2, 4, 6, 9};
    struct stats_summary summary;

    (void)state;
    assert_int_equal(stats_summarise(samples, 7, &summary), 0);
    assert_true(summary.median == 2 && summary.mad == 1);
}

static void few_samples_have_no_interval(void **state)
{
    const double samples[] = {3, 1, 2, 5, 4, 6};
    struct stats_summary summary;

    (void)state;
    for (size_t count = 1; count < STATS_INTERVAL_MIN; count++) {
        assert_int_equal(stats_summarise(samples, count, &summary), 0);
        assert_false(stats_has_interval(&summary.interval));
    }
    assert_int_equal(stats_summarise(samples, 6, &summary), 0);
    assert_true(summary.interval.low == 1 && summary.interval.high == 6);
}

/* The ranks are those of tables of the sign test. */
static void interval_is_that_of_the_sign_test(void **state)
{
    const struct {
        size_t count, rank;
    } known[] = {{5, 0},  {6, 1},  {8, 1},   {9, 2},    {11, 2},    {12, 3},
                 {17, 5}, {20, 6}, {50, 18}, {100, 40}, {1000, 469}};
    const double samples[] = {90, 20, 30, 40, 50, 60, 70, 80, 10};
    struct stats_summary summary, again;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(known); i++)
        assert_int_equal(stats_median_rank(known[i].count), known[i].rank);
    assert_int_equal(stats_summarise(samples, 9, &summary), 0);
    assert_true(summary.interval.low == 20 && summary.interval.high == 80);
    assert_int_equal(stats_summarise(samples, 9, &again), 0);
    assert_memory_equal(&summary, &again, sizeof(summary));
}

/* 8001 samples 0, 1, 2, …: the rank of the median is 4000 ± 1.96 * sqrt(8001) / 2. */
static void interval_of_many_samples_is_that_of_the_rank(void **state)
{
    static double samples[8001];
    struct stats_summary summary;

    (void)state;
    for (size_t i = 0; i < 8001; i++)
        samples[i] = (double)i;
    assert_int_equal(stats_summarise(samples, 8001, &summary), 0);
    assert_near(summary.interval.low, 4000 - 87.7, 1);
    assert_near(summary.interval.high, 4000 + 87.7, 1);
}

static void equal_samples_have_an_interval_of_no_width(void **state)
{
    const double samples[] = {7, 7, 7, 7, 7, 7, 7};
    struct stats_summary summary;

    (void)state;
    assert_int_equal(stats_summarise(samples, 7, &summary), 0);
    assert_true(summary.interval.low == 7 && summary.interval.high == 7);
    assert_true(summary.mad == 0 && summary.outliers == 0);
}

static void outliers_are_counted_and_kept(void **state)
{
    const double samples[] = {100, 101, 99, 100.5, 99.5, 100.2, 160, 99.8};
    struct stats_summary summary;

    (void)state;
    assert_int_equal(stats_summarise(samples, 8, &summary), 0);
    assert_int_equal(summary.outliers, 1);
    assert_true(summary.max == 160 && summary.count == 8);
    assert_true(stats_is_outlier(&summary, 160) && stats_is_outlier(&summary, 40));
    assert_false(stats_is_outlier(&summary, 101));
    assert_int_equal(stats_summarise(samples, 5, &summary), 0);
    assert_int_equal(summary.outliers, 0);
}

/* How many of many intervals hold the true median, per cent. */
static double coverage(const struct distribution *distribution, size_t count, unsigned long seed)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    double samples[SAMPLES_MAX], truth = median_of(distribution);
    const int trials = 4000;
    int held = 0;

    gsl_rng_set(rng, seed);
    for (int i = 0; i < trials; i++) {
        struct stats_summary summary;

        draw_all(rng, distribution->draw, samples, count);
        assert_int_equal(stats_summarise(samples, count, &summary), 0);
        held += summary.interval.low <= truth && truth <= summary.interval.high;
    }
    gsl_rng_free(rng);
    return 100.0 * held / trials;
}

static void interval_holds_the_true_median(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(distributions); i++) {
        double least = 100;

        for (size_t count = STATS_INTERVAL_MIN; count <= 20; count++)
            least = fmin(least, coverage(&distributions[i], count, 100 * i + count));
        print_message("coverage, %s, 6 to 20 samples: at least %.1f %%\n", distributions[i].name,
                      least);
        assert_true(least >= 94);
    }
}

/* How many of many intervals hold the true ratio 1.5 of two sets of one shape, per cent. */
static double coverage_of_ratio(const struct distribution *distribution, size_t count_a,
                                size_t count_b, bool paired)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    double a[SAMPLES_MAX], b[SAMPLES_MAX];
    const int trials = 3000;
    int held = 0;

    gsl_rng_set(rng, count_a);
    for (int i = 0; i < trials; i++) {
        struct ratio ratio;

        draw_all(rng, distribution->draw, a, count_a);
        draw_all(rng, distribution->draw, b, count_b);
        for (size_t k = 0; k < count_a; k++)
            a[k] *= 1.5;
        assert_int_equal(paired ? ratio_paired(a, b, count_a, 0, &ratio)
                                : ratio_independent(a, count_a, b, count_b, 0, &ratio),
                         0);
        held += ratio.interval.low <= 1.5 * (1 + 1e-12) && 1.5 <= ratio.interval.high * (1 + 1e-12);
        assert_true(ratio.interval.low <= ratio.ratio && ratio.ratio <= ratio.interval.high);
    }
    gsl_rng_free(rng);
    return 100.0 * held / trials;
}

static void interval_holds_the_true_ratio(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(distributions); i++) {
        double paired = 100, independent = 100;

        for (size_t n = STATS_INTERVAL_MIN; n <= 22; n += 2) {
            paired = fmin(paired, coverage_of_ratio(&distributions[i], n, n, true));
            independent = fmin(independent, coverage_of_ratio(&distributions[i], n, n + 1, false));
        }
        print_message("coverage of a ratio, %s, 6 to 22 samples: at least %.1f %% (paired), "
                      "%.1f %%\n",
                      distributions[i].name, paired, independent);
        assert_true(paired >= 94 && independent >= 94);
    }
}

/* Wall times of one cell: 1.5 % of noise, rounds that are slow for all cells, and one execution in
 * twenty that something disturbed. */
static double wall_time(gsl_rng *rng, double round)
{
    double wall = 300 * round * exp(gsl_ran_gaussian(rng, 0.015));

    return gsl_rng_uniform(rng) < 0.05 ? 1.2 * wall : wall;
}

static struct ratio simulate(gsl_rng *rng, size_t rounds, double slowdown, bool paired)
{
    double a[SAMPLES_MAX], b[SAMPLES_MAX];
    struct ratio ratio;

    for (size_t i = 0; i < rounds; i++) {
        double round = exp(gsl_ran_gaussian(rng, paired ? 0.02 : 0));

        a[i] = slowdown * wall_time(rng, round);
        b[i] = wall_time(rng, round);
    }
    if (paired)
        assert_int_equal(ratio_paired(a, b, rounds, 0, &ratio), 0);
    else
        assert_int_equal(ratio_independent(a, rounds, b, rounds, 0, &ratio), 0);
    return ratio;
}

/* How many of 20 simulated comparisons end so. */
static int verdicts(enum difference wanted, size_t rounds, double slowdown, bool paired)
{
    int found = 0;

    for (unsigned long seed = 1; seed <= 20; seed++) {
        gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

        gsl_rng_set(rng, seed);
        found += simulate(rng, rounds, slowdown, paired).difference == wanted;
        gsl_rng_free(rng);
    }
    return found;
}

static void same_lane_twice_is_no_clear_difference(void **state)
{
    const size_t rounds[] = {6, 10, 20};

    (void)state;
    for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) {
        int paired = verdicts(DIFFERENCE_UNCLEAR, rounds[i], 1, true);
        int independent = verdicts(DIFFERENCE_UNCLEAR, rounds[i], 1, false);

        print_message("A/A, %zu rounds: no clear difference in %d of 20 (paired), %d of 20\n",
                      rounds[i], paired, independent);
        assert_true(paired >= 19 && independent >= 19);
    }
}

static void slowdown_of_5_percent_is_found(void **state)
{
    const size_t rounds[] = {10, 20};

    (void)state;
    for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) {
        int slower = verdicts(DIFFERENCE_MORE, rounds[i], 1.05, true);
        int faster = verdicts(DIFFERENCE_LESS, rounds[i], 1 / 1.05, true);
        int independent = verdicts(DIFFERENCE_MORE, rounds[i], 1.05, false);

        print_message("5 %% slower, %zu rounds: found in %d of 20, faster in %d, independent in "
                      "%d\n",
                      rounds[i], slower, faster, independent);
        assert_true(slower >= 19 && faster >= 19 && independent >= 19);
    }
}

static void interval_of_a_ratio_holds_the_true_ratio(void **state)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    const int trials = 1000;

    (void)state;
    gsl_rng_set(rng, 7);
    for (int paired = 0; paired <= 1; paired++) {
        int held = 0;

        for (int i = 0; i < trials; i++) {
            struct ratio ratio = simulate(rng, 10, 1.5, paired);

            held += ratio.interval.low <= 1.5 && 1.5 <= ratio.interval.high;
        }
        print_message("coverage of a ratio, %s: %.1f %%\n", paired ? "paired" : "independent",
                      100.0 * held / trials);
        assert_true(held >= trials * 94 / 100);
    }
    gsl_rng_free(rng);
}

static void ratio_of_pairs_takes_each_round_by_itself(void **state)
{
    const double a[] = {2, 20, 200, 2000, 20000, 200000, 2000000};
    const double b[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    struct ratio ratio;

    (void)state;
    assert_int_equal(ratio_paired(a, b, 7, 0, &ratio), 0);
    assert_near(ratio.ratio, 2, 1e-12);
    assert_near(ratio.interval.low, 2, 1e-12);
    assert_int_equal(ratio.difference, DIFFERENCE_MORE);
    assert_int_equal(ratio_paired(b, a, 7, 0, &ratio), 0);
    assert_near(ratio.ratio, 0.5, 1e-12);
    assert_int_equal(ratio.difference, DIFFERENCE_LESS);
    assert_int_equal(ratio_paired(b, a, 7, 1.5, &ratio), 0);
    assert_int_equal(ratio.difference, DIFFERENCE_EQUAL);
    assert_int_equal(ratio_paired(a, b, 5, 0, &ratio), 0);
    assert_int_equal(ratio.difference, DIFFERENCE_TOO_FEW);
    assert_true(ratio.count == 5 && isnan(ratio.interval.low));
    assert_near(ratio.max, 2, 1e-12);
}

/* Where the whole interval lies on one side of an end of the tolerance, and where it does not. */
static void tolerance_parts_equal_from_unclear(void **state)
{
    static const struct {
        double low, high;
        enum difference difference;
    } cases[] = {{0.99, 1.01, DIFFERENCE_EQUAL},   {1.003, 1.019, DIFFERENCE_EQUAL},
                 {1.01, 1.03, DIFFERENCE_UNCLEAR}, {0.97, 1.03, DIFFERENCE_UNCLEAR},
                 {1.021, 1.05, DIFFERENCE_MORE},   {0.95, 0.98, DIFFERENCE_LESS},
                 {0.95, 0.99, DIFFERENCE_UNCLEAR}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double middle = (cases[i].low + cases[i].high) / 2;
        const double a[] = {cases[i].low, middle, middle, middle, middle, cases[i].high};
        const double b[] = {1, 1, 1, 1, 1, 1};
        struct ratio ratio;

        assert_int_equal(ratio_paired(a, b, 6, 0.02, &ratio), 0);
        assert_int_equal(ratio.difference, cases[i].difference);
    }
}

static void what_cannot_be_compared_is_refused(void **state)
{
    const double good[] = {1, 2, 3}, zero[] = {1, 0, 3}, bad[] = {1, NAN, 3};
    struct ratio ratio;

    (void)state;
    assert_int_equal(ratio_paired(good, zero, 3, 0, &ratio), -EINVAL);
    assert_true(isnan(ratio.ratio) && ratio.difference == DIFFERENCE_TOO_FEW);
    assert_int_equal(ratio_paired(bad, good, 3, 0, &ratio), -EINVAL);
    assert_int_equal(ratio_paired(good, good, 0, 0, &ratio), -EINVAL);
    assert_int_equal(ratio_independent(good, 3, good, 0, 0, &ratio), -EINVAL);
}

/* Known values: tables of the distribution of U, and R's wilcox.test(). */
static void mann_whitney_gives_known_probabilities(void **state)
{
    const double low[] = {1, 2, 3, 4, 5}, high[] = {6, 7, 8, 9, 10};
    const double a[] = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
    const double b[] = {1.15, 0.88, 0.90, 0.74, 1.21};
    const double tied_a[] = {1, 2, 2, 3}, tied_b[] = {2, 3, 4, 5, 5};
    double many[30];

    (void)state;
    assert_near(ratio_mann_whitney(low, 5, high, 5), 2.0 / 252, 1e-12);
    assert_near(ratio_mann_whitney(high, 5, low, 5), 2.0 / 252, 1e-12);
    assert_near(ratio_mann_whitney(low, 3, high, 1), 0.5, 1e-12);
    assert_near(ratio_mann_whitney(a, 10, b, 5), 0.2544, 5e-5);
    assert_near(ratio_mann_whitney(b, 5, a, 10), 0.2544, 5e-5);
    assert_near(ratio_mann_whitney(tied_a, 4, tied_b, 5), 0.07855, 5e-5);
    assert_near(ratio_mann_whitney(low, 5, low, 5), 1, 1e-12);
    assert_true(isnan(ratio_mann_whitney(low, 0, high, 5)));
    for (size_t i = 0; i < 30; i++)
        many[i] = 100 + (double)i;
    assert_true(ratio_mann_whitney(many, 30, low, 5) < 0.001);
}

/* The ranks follow from tables of the critical values of U: each is one more. */
static void ratio_of_sets_is_that_of_hodges_and_lehmann(void **state)
{
    const struct {
        size_t m, n, critical;
    } known[] = {{6, 6, 5},  {5, 10, 8},  {10, 5, 8},   {7, 8, 10},
                 {8, 8, 13}, {8, 20, 41}, {10, 10, 23}, {20, 20, 127}};
    const double a[] = {4, 8, 16, 32, 64, 128}, b[] = {1, 2, 4, 8, 16, 4096};
    struct ratio ratio;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(known); i++)
        assert_int_equal(ratio_mann_whitney_rank(known[i].m, known[i].n, STATS_TAIL),
                         known[i].critical + 1);
    /* the logarithms of the 36 ratios in order: -10 … -5, -2, -1, -1, 0 (3), 1 (4), 2 (5), … */
    assert_int_equal(ratio_independent(a, 6, b, 6, 0, &ratio), 0);
    assert_near(log2(ratio.interval.low), -5, 1e-9);
    assert_near(log2(ratio.ratio), 2, 1e-9);
    assert_near(log2(ratio.interval.high), 5, 1e-9);
    assert_int_equal(ratio.difference, DIFFERENCE_UNCLEAR);
    assert_int_equal(ratio_independent(a, 5, b, 6, 0, &ratio), 0);
    assert_int_equal(ratio.difference, DIFFERENCE_TOO_FEW);
}

/* NIST's reference data set Norris, with its certified results. */
static void line_is_fitted_as_certified(void **state)
{
    const double x[] = {0.2,   337.4, 118.2, 884.6, 10.1,  226.5, 666.3, 996.3, 448.6,
                        777.0, 558.2, 0.4,   0.6,   775.5, 666.9, 338.0, 447.5, 11.6,
                        556.0, 228.1, 995.8, 887.6, 120.2, 0.3,   0.3,   556.8, 339.1,
                        887.2, 999.0, 779.0, 11.1,  118.3, 229.2, 669.1, 448.9, 0.5};
    const double y[] = {0.1,   338.8, 118.1, 888.0, 9.2,   228.1, 668.5, 998.5, 449.1,
                        778.9, 559.2, 0.3,   0.1,   778.1, 668.8, 339.3, 448.9, 10.8,
                        557.7, 228.3, 998.0, 888.8, 119.6, 0.3,   0.6,   557.6, 339.3,
                        888.0, 998.5, 778.9, 10.2,  117.6, 228.9, 668.4, 449.2, 0.2};
    const double slope = 1.00211681802045, error = 0.429796848199937e-3, t = 2.032244509;
    struct line_fit fit;

    (void)state;
    assert_int_equal(line_fit(x, y, 36, &fit), 0);
    assert_near(fit.slope, slope, 1e-10);
    assert_near(fit.intercept, -0.262323073774029, 1e-10);
    assert_near(fit.slope_interval.low, slope - t * error, 1e-9);
    assert_near(fit.slope_interval.high, slope + t * error, 1e-9);
    assert_near(fit.r_squared, 0.999993745883712, 1e-10);
}

static void line_needs_two_places(void **state)
{
    const double x[] = {1, 1, 2}, y[] = {1, 3, 4}, bad[] = {1, NAN, 3};
    struct line_fit fit;

    (void)state;
    assert_int_equal(line_fit(x, y, 2, &fit), -EINVAL);
    assert_int_equal(line_fit(x, y, 0, &fit), -EINVAL);
    assert_int_equal(line_fit(x, bad, 3, &fit), -EINVAL);
    assert_int_equal(line_fit(x + 1, y + 1, 2, &fit), 0);
    assert_near(fit.slope, 1, 1e-12);
    assert_true(isnan(fit.slope_interval.low));
    assert_int_equal(line_fit(x, y, 3, &fit), 0);
    assert_near(fit.slope, 2, 1e-12);
    assert_true(fit.slope_interval.low < 2 && fit.slope_interval.high > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mad_is_the_median_distance_from_the_median),
        cmocka_unit_test(few_samples_have_no_interval),
        cmocka_unit_test(interval_is_that_of_the_sign_test),
        cmocka_unit_test(interval_of_many_samples_is_that_of_the_rank),
        cmocka_unit_test(equal_samples_have_an_interval_of_no_width),
        cmocka_unit_test(outliers_are_counted_and_kept),
        cmocka_unit_test(interval_holds_the_true_median),
        cmocka_unit_test(interval_holds_the_true_ratio),
        cmocka_unit_test(same_lane_twice_is_no_clear_difference),
        cmocka_unit_test(slowdown_of_5_percent_is_found),
        cmocka_unit_test(interval_of_a_ratio_holds_the_true_ratio),
        cmocka_unit_test(ratio_of_pairs_takes_each_round_by_itself),
        cmocka_unit_test(tolerance_parts_equal_from_unclear),
        cmocka_unit_test(what_cannot_be_compared_is_refused),
        cmocka_unit_test(mann_whitney_gives_known_probabilities),
        cmocka_unit_test(ratio_of_sets_is_that_of_hodges_and_lehmann),
        cmocka_unit_test(line_is_fitted_as_certified),
        cmocka_unit_test(line_needs_two_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
