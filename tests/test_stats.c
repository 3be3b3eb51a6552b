/* Statistics, against known values and against simulations of comparisons. Seeds are fixed: a test
 * either always passes or never. How often intervals hold the truth is in test_coverage.c. */
#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

#include "tests/helpers.h"

#include "common/count.h"
#include "common/line_fit.h"
#include "common/ratio.h"
#include "common/runs.h"
#include "common/stats.h"

#define SAMPLES_MAX 64

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.10g is not %.10g ± %g", value, expected, tolerance);
}

static void assert_in_between(double value, double low, double high)
{
    if (!(low <= value && value <= high))
        fail_msg("%.10g is not from %.10g to %.10g", value, low, high);
}

static void mad_is_the_median_distance_from_the_median(void **state)
{
    const double samples[] = {1, 1, 2, 2, 4, 6, 9};
    struct stats_summary summary;

    (void)state;
    assert_int_equal(stats_summarise(samples, NULL, 7, &summary), 0);
    assert_true(summary.median == 2 && summary.mad == 1);
}

static void few_samples_have_no_interval(void **state)
{
    const double samples[] = {3, 1, 2, 5, 4, 6};
    struct stats_summary summary;

    (void)state;
    for (size_t count = 1; count < STATS_INTERVAL_MIN; count++) {
        assert_int_equal(stats_summarise(samples, NULL, count, &summary), 0);
        assert_false(stats_has_interval(&summary.interval));
    }
    assert_int_equal(stats_summarise(samples, NULL, 6, &summary), 0);
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
    assert_int_equal(stats_summarise(samples, NULL, 9, &summary), 0);
    assert_true(summary.interval.low == 20 && summary.interval.high == 80);
    assert_int_equal(stats_summarise(samples, NULL, 9, &again), 0);
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
    assert_int_equal(stats_summarise(samples, NULL, 8001, &summary), 0);
    assert_near(summary.interval.low, 4000 - 87.7, 1);
    assert_near(summary.interval.high, 4000 + 87.7, 1);
}

static void equal_samples_have_an_interval_of_no_width(void **state)
{
    const double samples[] = {7, 7, 7, 7, 7, 7, 7};
    struct stats_summary summary;

    (void)state;
    assert_int_equal(stats_summarise(samples, NULL, 7, &summary), 0);
    assert_true(summary.interval.low == 7 && summary.interval.high == 7);
    assert_true(summary.mad == 0 && summary.outliers == 0);
}

static void outliers_are_counted_and_kept(void **state)
{
    const double samples[] = {100, 101, 99, 100.5, 99.5, 100.2, 160, 99.8};
    const double endless[] = {100, INFINITY};
    struct stats_summary summary;

    (void)state;
    assert_int_equal(stats_summarise(samples, NULL, 8, &summary), 0);
    assert_int_equal(summary.outliers, 1);
    assert_true(summary.max == 160 && summary.count == 8);
    assert_true(stats_is_outlier(&summary, 160) && stats_is_outlier(&summary, 40));
    assert_false(stats_is_outlier(&summary, 101));
    assert_false(stats_is_outlier(&summary, summary.median + 3.4 * 1.4826 * summary.mad));
    assert_true(stats_is_outlier(&summary, summary.median + 3.6 * 1.4826 * summary.mad));
    assert_int_equal(stats_summarise(endless, NULL, 2, &summary), -EINVAL);
    assert_int_equal(stats_summarise(samples, NULL, 5, &summary), 0);
    assert_int_equal(summary.outliers, 0);
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
        assert_int_equal(ratio_paired(a, b, NULL, rounds, 0, &ratio), 0);
    else
        assert_int_equal(ratio_independent(a, NULL, rounds, b, NULL, rounds, 0, &ratio), 0);
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
    assert_int_equal(ratio_paired(a, b, NULL, 7, 0, &ratio), 0);
    assert_near(ratio.ratio, 2, 1e-12);
    assert_near(ratio.interval.low, 2, 1e-12);
    assert_int_equal(ratio.difference, DIFFERENCE_MORE);
    assert_int_equal(ratio_paired(b, a, NULL, 7, 0, &ratio), 0);
    assert_near(ratio.ratio, 0.5, 1e-12);
    assert_int_equal(ratio.difference, DIFFERENCE_LESS);
    assert_int_equal(ratio_paired(b, a, NULL, 7, 1.5, &ratio), 0);
    assert_int_equal(ratio.difference, DIFFERENCE_EQUAL);
    assert_int_equal(ratio_paired(a, b, NULL, 5, 0, &ratio), 0);
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

        assert_int_equal(ratio_paired(a, b, NULL, 6, 0.02, &ratio), 0);
        assert_int_equal(ratio.difference, cases[i].difference);
    }
}

static void what_cannot_be_compared_is_refused(void **state)
{
    const double good[] = {1, 2, 3}, zero[] = {1, 0, 3}, bad[] = {1, NAN, 3};
    struct ratio ratio;

    (void)state;
    assert_int_equal(ratio_paired(good, zero, NULL, 3, 0, &ratio), -EINVAL);
    assert_true(isnan(ratio.ratio) && ratio.difference == DIFFERENCE_TOO_FEW);
    assert_int_equal(ratio_paired(bad, good, NULL, 3, 0, &ratio), -EINVAL);
    assert_int_equal(ratio_paired(good, good, NULL, 0, 0, &ratio), -EINVAL);
    assert_int_equal(ratio_independent(good, NULL, 3, good, NULL, 0, 0, &ratio), -EINVAL);
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
    assert_int_equal(ratio_independent(a, NULL, 6, b, NULL, 6, 0, &ratio), 0);
    assert_near(log2(ratio.interval.low), -5, 1e-9);
    assert_near(log2(ratio.ratio), 2, 1e-9);
    assert_near(log2(ratio.interval.high), 5, 1e-9);
    assert_int_equal(ratio.difference, DIFFERENCE_UNCLEAR);
    assert_int_equal(ratio_independent(a, NULL, 5, b, NULL, 6, 0, &ratio), 0);
    assert_int_equal(ratio.difference, DIFFERENCE_TOO_FEW);
}

/* Three runs with the medians 10, 12 and 14: the mean is 12, its standard error 2 / sqrt(3), and t
 * of two degrees of freedom 4.30265. */
static void several_runs_are_the_unit(void **state)
{
    const double samples[] = {10, 14, 12, 9, 14, 12, 11, 13}, runs[] = {1, 3, 2, 1, 3, 2, 1, 3};
    const double half = 4.30265273 * 2 / sqrt(3), b[] = {1, 1, 1, 1, 1, 1, 1, 1};
    struct stats_summary summary;
    struct ratio ratio;

    (void)state;
    assert_int_equal(stats_summarise(samples, runs, 8, &summary), 0);
    assert_near(summary.median, 12, 1e-12);
    assert_near(summary.interval.low, 12 - half, 1e-6);
    assert_near(summary.interval.high, 12 + half, 1e-6);
    assert_true(summary.min == 9 && summary.max == 14 && summary.count == 8);
    assert_int_equal(stats_summarise(samples, b, 8, &summary), 0);
    assert_true(summary.median == 12 && summary.interval.low == 9); /* all of run 1 */
    assert_int_equal(ratio_paired(samples, b, runs, 8, 0.02, &ratio), 0);
    assert_near(ratio.ratio, cbrt(10 * 12 * 14), 1e-9);
    assert_true(ratio.difference == DIFFERENCE_MORE && isnan(ratio.p) && ratio.p_beyond < 0.01);
}

/* Runs that agree say nothing of what differs within each: the interval is that of the pairs. */
static void runs_that_agree_do_not_narrow_an_interval(void **state)
{
    const double a[] = {10, 12, 14, 16, 10, 12, 14, 16}, runs[] = {1, 1, 1, 1, 2, 2, 2, 2};
    const double b[] = {1, 1, 1, 1, 1, 1, 1, 1};
    struct ratio ratio;

    (void)state;
    assert_int_equal(ratio_paired(a, b, runs, 8, 0.02, &ratio), 0);
    assert_near(ratio.ratio, sqrt(12 * 14), 1e-9);
    assert_near(ratio.interval.low, 10, 1e-9);
    assert_near(ratio.interval.high, 16, 1e-9);
}

/* Welch's test of R: t.test(log(c(10, 11, 12)), log(c(13, 15, 14, 16))). */
static void runs_of_two_sets_are_compared(void **state)
{
    const double a[] = {10, 11, 12}, b[] = {13, 15, 14, 16}, runs[] = {1, 2, 3, 4};
    double logs_a[3], logs_b[4], work[4];
    struct runs_mean of_a, of_b, difference;
    struct ratio ratio;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        logs_b[i] = log(b[i]);
        logs_a[i % 3] = log(a[i % 3]);
    }
    of_a = runs_mean(logs_a, runs, 3, work);
    of_b = runs_mean(logs_b, runs, 4, work);
    difference = runs_difference(&of_a, &of_b);
    assert_int_equal(ratio_independent(a, runs, 3, b, runs, 4, 0.02, &ratio), 0);
    assert_near(log(ratio.ratio), difference.mean, 1e-12);
    assert_near(log(ratio.interval.high), runs_interval(&difference).high, 1e-12);
    assert_near(ratio.p_beyond, runs_p(&difference, log(1.02)), 1e-12);
    assert_true(ratio.difference == DIFFERENCE_LESS);
    of_a = runs_mean(logs_a, runs, 1, work);
    difference = runs_difference(&of_a, &of_b);
    assert_true(isnan(runs_interval(&difference).low) && isnan(runs_p(&difference, 0)));
}

/* What the interval leaves out has a p of no more than 5 %, and the other way round. */
static void p_and_interval_agree(void **state)
{
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    double a[8], b[8];

    (void)state;
    gsl_rng_set(rng, 3);
    for (int i = 0; i < 400; i++) {
        struct ratio ratio;
        bool beyond;

        for (size_t k = 0; k < 8; k++) {
            a[k] = 104 + gsl_ran_gaussian(rng, 2);
            b[k] = 100 + gsl_ran_gaussian(rng, 2);
        }
        assert_int_equal(ratio_independent(a, NULL, 8, b, NULL, 8, 0.02, &ratio), 0);
        beyond = ratio.interval.low > 1.02 || ratio.interval.high < 1 / 1.02;
        assert_true(beyond == (ratio.p_beyond <= 0.05));
    }
    gsl_rng_free(rng);
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
    /* of two standard errors the interval takes the larger one, which is not certified */
    assert_in_between(fit.slope_interval.high - slope, t * error, 1.3 * t * error);
    assert_near(slope - fit.slope_interval.low, fit.slope_interval.high - slope, 1e-9);
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
        cmocka_unit_test(same_lane_twice_is_no_clear_difference),
        cmocka_unit_test(slowdown_of_5_percent_is_found),
        cmocka_unit_test(interval_of_a_ratio_holds_the_true_ratio),
        cmocka_unit_test(ratio_of_pairs_takes_each_round_by_itself),
        cmocka_unit_test(tolerance_parts_equal_from_unclear),
        cmocka_unit_test(what_cannot_be_compared_is_refused),
        cmocka_unit_test(mann_whitney_gives_known_probabilities),
        cmocka_unit_test(ratio_of_sets_is_that_of_hodges_and_lehmann),
        cmocka_unit_test(several_runs_are_the_unit),
        cmocka_unit_test(runs_that_agree_do_not_narrow_an_interval),
        cmocka_unit_test(runs_of_two_sets_are_compared),
        cmocka_unit_test(p_and_interval_agree),
        cmocka_unit_test(line_is_fitted_as_certified),
        cmocka_unit_test(line_needs_two_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
