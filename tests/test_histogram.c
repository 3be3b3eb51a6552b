/* The histogram against exact percentiles of the same values. */
#include <string.h>

#include "tests/helpers.h"

#include "common/percentile.h"
#include "common/histogram.h"

#define VALUES 20000

static void *zeroed(size_t size)
{
    void *memory = calloc(1, size);

    assert_non_null(memory);
    return memory;
}

static void every_value_lies_in_its_bucket(void **state)
{
    struct histogram *histogram = zeroed(sizeof(*histogram));

    (void)state;
    for (size_t i = 1; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t lower = histogram_bucket_upper(i - 1) + 1, upper = histogram_bucket_upper(i);

        assert_true(lower <= upper);
        assert_true((double)(upper - lower) <= 0.01 * (double)lower);
        memset(histogram, 0, sizeof(*histogram));
        histogram_add(histogram, lower);
        histogram_add(histogram, upper);
        assert_int_equal(histogram->counts[i], 2);
    }
    free(histogram);
}

static void empty_and_extreme_values(void **state)
{
    struct histogram *histogram = zeroed(sizeof(*histogram));

    (void)state;
    assert_int_equal(histogram_percentile(histogram, 50), 0);
    assert_int_equal(histogram_count(histogram), 0);
    histogram_add(histogram, 0);
    assert_int_equal(histogram_min(histogram), 0);
    assert_int_equal(histogram_max(histogram), 0);
    histogram_add(histogram, UINT64_MAX / 2);
    assert_int_equal(histogram_max(histogram), UINT64_MAX / 2);
    assert_int_equal(histogram_percentile(histogram, 100), UINT64_MAX / 2);
    assert_int_equal(histogram_percentile(histogram, 50), 0);
    memset(histogram, 0, sizeof(*histogram));
    assert_int_equal(histogram_count(histogram), 0);
    histogram_add(histogram, 17);
    assert_int_equal(histogram_min(histogram), 17);
    assert_int_equal(histogram_percentile(histogram, 1), 17);
    free(histogram);
}

/* Log-uniform values over nine decades. */
static void percentiles_are_within_one_percent(void **state)
{
    static const unsigned per_mille[] = {1, 10, 250, 500, 900, 990, 999, 1000};
    struct histogram *histogram = zeroed(sizeof(*histogram));
    uint64_t *values = zeroed(VALUES * sizeof(*values));
    double sum = 0;

    (void)state;
    srandom(11);
    for (size_t i = 0; i < VALUES; i++) {
        values[i] = ((uint64_t)random() << 8) >> (random() % 32);
        histogram_add(histogram, values[i]);
        sum += (double)values[i];
    }
    percentile_sort(values, VALUES);
    for (size_t i = 0; i < sizeof(per_mille) / sizeof(*per_mille); i++) {
        uint64_t exact = percentile_of_sorted(values, VALUES, per_mille[i]);
        uint64_t found = histogram_percentile(histogram, per_mille[i] / 10.0);

        assert_true(found >= exact);
        assert_true((double)(found - exact) <= 0.01 * (double)exact);
    }
    assert_int_equal(histogram_min(histogram), values[0]);
    assert_int_equal(histogram_max(histogram), values[VALUES - 1]);
    assert_float_equal(histogram_mean(histogram), sum / VALUES, 1e-9 * sum);
    free(values);
    free(histogram);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_lies_in_its_bucket),
        cmocka_unit_test(empty_and_extreme_values),
        cmocka_unit_test(percentiles_are_within_one_percent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
