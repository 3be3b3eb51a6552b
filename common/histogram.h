/* A log-linear histogram of durations, after the idea of HdrHistogram: every octave has 128 equal
 * buckets, so that a value is known to 1/128 (0.8 %) at any magnitude, and adding costs no more
 * than an addition. All zeros is empty. Any number of threads or processes that share the memory
 * may add at once. */
#ifndef COMMON_HISTOGRAM_H
#define COMMON_HISTOGRAM_H

#include <jansson.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_OCTAVE_BITS 7  /* 2^7 buckets an octave */
#define HISTOGRAM_VALUE_BITS  42 /* 2^42 ns: 73 minutes; larger values go to the last bucket */
#define HISTOGRAM_BUCKETS                                                                          \
    ((HISTOGRAM_VALUE_BITS - HISTOGRAM_OCTAVE_BITS + 1) << HISTOGRAM_OCTAVE_BITS)

struct histogram {
    _Atomic uint64_t counts[HISTOGRAM_BUCKETS];
    _Atomic uint64_t count;
    _Atomic uint64_t sum;
    _Atomic uint64_t max;
    _Atomic uint64_t min_complement; /* UINT64_MAX - min, so that zero means "none yet" */
};

/* Raises *peak to `value` where that is more. */
void histogram_raise(_Atomic uint64_t *peak, uint64_t value);

void histogram_add(struct histogram *histogram, uint64_t value);

/* The largest value that falls into bucket `index`. */
uint64_t histogram_bucket_upper(size_t index);

/* How many values were added; their least, greatest and mean. Without values: 0. */
uint64_t histogram_count(const struct histogram *histogram);
uint64_t histogram_min(const struct histogram *histogram);
uint64_t histogram_max(const struct histogram *histogram);
double histogram_mean(const struct histogram *histogram);

/* [[largest value, count], …] of the buckets that are not empty, a new reference. Those of several
 * histograms can be added. */
json_t *histogram_to_json(const struct histogram *histogram);

/* The value that at least `percent` (0 < percent <= 100) of all values do not exceed: at most 0.8 %
 * above the exact nearest rank, never below it. Without values: 0. */
uint64_t histogram_percentile(const struct histogram *histogram, double percent);

#endif
