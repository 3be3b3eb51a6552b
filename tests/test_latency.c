/* The delays against the theory of their distributions (Kolmogorov and Smirnov, by GSL), and their
 * independence of everything but seed, id and attempt. */
#include "tests/helpers.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "common/draw.h"
#include "common/latency.h"

#define SAMPLES 20000
#define SEED    20261122

/* Asymptotic 1 % limit of the distance between the empirical and the true distribution; the seed
 * is fixed, so a test that passes always passes. */
#define DISTANCE_MAX (1.63 / sqrt(SAMPLES))

static struct distribution parse(const char *spec)
{
    struct distribution latency;
    struct error error = {0};

    assert_int_equal(latency_parse(spec, &latency, &error), 0);
    return latency;
}

static double uniform_cdf(double x)
{
    return gsl_cdf_flat_P(x, 100e6, 300e6);
}

static double normal_cdf(double x)
{
    return gsl_cdf_gaussian_P(x - 200e6, 20e6);
}

/* Given by its median and 99th percentile. */
static double lognormal_cdf(double x)
{
    return gsl_cdf_lognormal_P(x, log(200e6), log(4) / gsl_cdf_ugaussian_Pinv(0.99));
}

static double pareto_cdf(double x)
{
    return x >= 2e9 ? 1 : gsl_cdf_pareto_P(x, 1.5, 50e6);
}

static double percentiles_cdf(double x)
{
    static const double ns[] = {10e6, 100e6, 200e6, 800e6, 2e9}, share[] = {0, 0.5, 0.9, 0.99, 1};
    size_t i = 0;

    while (i < 3 && x > ns[i + 1])
        i++;
    return share[i] + (x - ns[i]) / (ns[i + 1] - ns[i]) * (share[i + 1] - share[i]);
}

/* Greatest distance between the share of samples up to x and cdf(x). Where many samples are equal
 * (a cap), only the share up to and with them counts. */
static double distance(const double *sorted, double (*cdf)(double))
{
    double greatest = 0;

    for (size_t i = 0; i < SAMPLES; i++) {
        double theory = cdf(sorted[i]);

        if (i + 1 == SAMPLES || sorted[i + 1] > sorted[i])
            greatest = fmax(greatest, fabs((double)(i + 1) / SAMPLES - theory));
        if ((i == 0 || sorted[i] > sorted[i - 1]) && theory < 1)
            greatest = fmax(greatest, fabs(theory - (double)i / SAMPLES));
    }
    return greatest;
}

static void sample(const struct distribution *latency, uint64_t seed, double *values)
{
    for (size_t id = 0; id < SAMPLES; id++)
        values[id] = (double)latency_delay_ns(latency, seed, id, 0);
}

static void distributions_agree_with_theory(void **state)
{
    static const struct {
        const char *spec;
        double (*cdf)(double);
    } cases[] = {
        {"uniform:100ms..300ms", uniform_cdf},
        {"normal:200ms,20ms", normal_cdf},
        {"lognormal:median=200ms,p99=800ms", lognormal_cdf},
        {"pareto:min=50ms,shape=1.5,max=2s", pareto_cdf},
        {"percentiles:min=10ms,p50=100ms,p90=200ms,p99=800ms,max=2s", percentiles_cdf},
    };
    double *values = malloc(SAMPLES * sizeof(*values));

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct distribution latency = parse(cases[i].spec);

        sample(&latency, SEED, values);
        gsl_sort(values, 1, SAMPLES);
        if (distance(values, cases[i].cdf) > DISTANCE_MAX)
            fail_msg("%s: distance %g", cases[i].spec, distance(values, cases[i].cdf));
        /* The test can fail: a distribution 2 % off is told apart. */
        for (size_t k = 0; k < SAMPLES; k++)
            values[k] *= 1.02;
        assert_true(distance(values, cases[i].cdf) > DISTANCE_MAX);
    }
    free(values);
}

static void percentiles_are_as_given(void **state)
{
    struct distribution latency = parse("lognormal:median=200ms,p99=800ms");
    double *values = malloc(SAMPLES * sizeof(*values));

    (void)state;
    sample(&latency, SEED, values);
    gsl_sort(values, 1, SAMPLES);
    assert_float_equal(gsl_stats_quantile_from_sorted_data(values, 1, SAMPLES, 0.5), 200e6, 5e6);
    assert_float_equal(gsl_stats_quantile_from_sorted_data(values, 1, SAMPLES, 0.99), 800e6, 40e6);
    latency = parse("pareto:min=50ms,shape=1.5,max=2s");
    sample(&latency, SEED, values);
    gsl_sort(values, 1, SAMPLES);
    assert_true(values[0] >= 50e6);
    assert_float_equal(values[SAMPLES - 1], 2e9, 0);
    free(values);
}

static void delays_depend_on_seed_id_and_attempt_alone(void **state)
{
    struct distribution latency = parse("uniform:0..1s");
    double *first = malloc(SAMPLES * sizeof(*first)), *second = malloc(SAMPLES * sizeof(*second));

    (void)state;
    sample(&latency, 1, first);
    for (size_t id = SAMPLES; id-- > 0;)
        assert_int_equal(latency_delay_ns(&latency, 1, id, 0), (uint64_t)first[id]);
    for (uint64_t seed = 2; seed <= 9; seed++) { /* each another than the one before */
        sample(&latency, seed, second);
        assert_true(fabs(gsl_stats_correlation(first, 1, second, 1, SAMPLES)) < 0.03);
        memcpy(first, second, SAMPLES * sizeof(*first));
    }
    sample(&latency, 1, first);
    assert_true(fabs(gsl_stats_correlation(first, 1, first + 1, 1, SAMPLES - 1)) < 0.03);
    for (size_t id = 0; id < SAMPLES; id++)
        second[id] = (double)latency_delay_ns(&latency, 1, id, 1);
    assert_true(fabs(gsl_stats_correlation(first, 1, second, 1, SAMPLES)) < 0.03);
    for (size_t id = 0; id < SAMPLES; id++)
        second[id] = draw(1, id, 0, DRAW_FAULT);
    assert_true(fabs(gsl_stats_correlation(first, 1, second, 1, SAMPLES)) < 0.03);
    free(first);
    free(second);
}

/* The delays are part of the contract with stored results: they must not change unnoticed. */
static void delays_are_the_same_for_ever(void **state)
{
    struct distribution latency = parse("uniform:0..1000s");

    (void)state;
    assert_int_equal(latency_delay_ns(&latency, 1, 0, 0), 778228159082);
    assert_int_equal(latency_delay_ns(&latency, 1, 1, 0), 872312872891);
    latency = parse("200ms");
    assert_int_equal(latency_delay_ns(&latency, 1, 1, 0), 200000000);
    latency = parse("fixed:0");
    assert_int_equal(latency_delay_ns(&latency, 1, 1, 0), 0);
    latency = parse("normal:1ms,10ms");
    for (uint64_t id = 0; id < 1000; id++)
        assert_true(latency_delay_ns(&latency, 1, id, 0) < 100000000);
}

static void malformed_specs_are_refused(void **state)
{
    static const char *const specs[] = {
        "",
        "5",
        "-5ms",
        "gauss:1ms,2ms",
        "uniform:1ms",
        "uniform:3ms..1ms",
        "uniform:1ms..",
        "normal:1ms",
        "normal:1ms,2ms,3ms",
        "lognormal:median=1ms",
        "lognormal:median=8ms,p99=1ms",
        "lognormal:median=0,p99=1ms",
        "pareto:min=1ms,shape=0,max=1s",
        "pareto:min=1ms,shape=nan,max=1s",
        "pareto:min=1s,shape=1,max=1ms",
        "percentiles:p50=1ms",
        "percentiles:p50=2ms,max=1ms",
        "percentiles:p90=1ms,p50=2ms,max=3ms",
        "percentiles:p50=1ms,p101=2ms,max=3ms",
        "percentiles:",
        "percentiles:min=1ms,min=2ms,max=3s",
        "percentiles:p50=1ms,max=2s,",
        "lognormal:median=1ms,median=2ms",
        "lognormal:median=1ms,p99=2ms,",
        "uniform:1ms..2ms..3ms",
        "percentiles:p1=1ms,p2=1ms,p3=1ms,p4=1ms,p5=1ms,p6=1ms,p7=1ms,p8=1ms,p9=1ms,p10=1ms,"
        "p11=1ms,p12=1ms,p13=1ms,p14=1ms,p15=1ms,max=1ms",
    };
    struct distribution latency;
    struct error error = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(specs) / sizeof(*specs); i++)
        if (latency_parse(specs[i], &latency, &error) != -EINVAL || strlen(error.text) < 20)
            fail_msg("'%s' was taken", specs[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distributions_agree_with_theory),
        cmocka_unit_test(percentiles_are_as_given),
        cmocka_unit_test(delays_depend_on_seed_id_and_attempt_alone),
        cmocka_unit_test(delays_are_the_same_for_ever),
        cmocka_unit_test(malformed_specs_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
