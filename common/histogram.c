#include "common/histogram.h"

#include <math.h>

#define RELAXED memory_order_relaxed

static size_t bucket_of(uint64_t value)
{
    unsigned msb, shift;

    if (value >> HISTOGRAM_VALUE_BITS != 0)
        return HISTOGRAM_BUCKETS - 1;
    if (value >> HISTOGRAM_OCTAVE_BITS == 0)
        return (size_t)value;
    msb = 63U - (unsigned)__builtin_clzll(value);
    shift = msb - HISTOGRAM_OCTAVE_BITS;
    return ((size_t)shift << HISTOGRAM_OCTAVE_BITS) + (size_t)(value >> shift);
}

uint64_t histogram_bucket_upper(size_t index)
{
    size_t octave = index >> HISTOGRAM_OCTAVE_BITS;
    unsigned shift = octave > 0 ? (unsigned)octave - 1 : 0;
    uint64_t mantissa = index - ((size_t)shift << HISTOGRAM_OCTAVE_BITS);

    return ((mantissa + 1) << shift) - 1;
}

void histogram_raise(_Atomic uint64_t *peak, uint64_t value)
{
    uint64_t seen = atomic_load_explicit(peak, RELAXED);

    while (value > seen &&
           !atomic_compare_exchange_weak_explicit(peak, &seen, value, RELAXED, RELAXED))
        ;
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
    atomic_fetch_add_explicit(&histogram->counts[bucket_of(value)], 1, RELAXED);
    atomic_fetch_add_explicit(&histogram->count, 1, RELAXED);
    atomic_fetch_add_explicit(&histogram->sum, value, RELAXED);
    histogram_raise(&histogram->max, value);
    histogram_raise(&histogram->min_complement, UINT64_MAX - value);
}

uint64_t histogram_count(const struct histogram *histogram)
{
    return atomic_load_explicit(&histogram->count, RELAXED);
}

uint64_t histogram_min(const struct histogram *histogram)
{
    uint64_t complement = atomic_load_explicit(&histogram->min_complement, RELAXED);

    return complement > 0 ? UINT64_MAX - complement : 0;
}

uint64_t histogram_max(const struct histogram *histogram)
{
    return atomic_load_explicit(&histogram->max, RELAXED);
}

double histogram_mean(const struct histogram *histogram)
{
    uint64_t count = histogram_count(histogram);

    return count > 0 ? (double)atomic_load_explicit(&histogram->sum, RELAXED) / (double)count : 0;
}

json_t *histogram_to_json(const struct histogram *histogram)
{
    json_t *buckets = json_array();

    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t count = atomic_load_explicit(&histogram->counts[i], RELAXED);

        if (count > 0)
            json_array_append_new(buckets, json_pack("[I,I]", (json_int_t)histogram_bucket_upper(i),
                                                     (json_int_t)count));
    }
    return buckets;
}

uint64_t histogram_percentile(const struct histogram *histogram, double percent)
{
    uint64_t count = histogram_count(histogram), max = histogram_max(histogram), seen = 0;
    double rank = fmax(1, ceil(percent / 100 * (double)count - 1e-9));

    for (size_t i = 0; count > 0 && i < HISTOGRAM_BUCKETS; i++) {
        uint64_t upper = histogram_bucket_upper(i);

        seen += atomic_load_explicit(&histogram->counts[i], RELAXED);
        if ((double)seen >= rank)
            return upper < max && i < HISTOGRAM_BUCKETS - 1 ? upper : max;
    }
    return max;
}
