/* Percentiles of latencies by nearest rank: always a latency that some request really had, never an
 * interpolation. A dozen lines instead of a library, because the lanes that use it are themselves
 * measured, and GSL would be the largest thing in their memory. */
#ifndef COMMON_PERCENTILE_H
#define COMMON_PERCENTILE_H

#include <stddef.h>
#include <stdint.h>

/* Sorts `values` ascending, in place. */
void percentile_sort(uint64_t *values, size_t count);

/* The smallest of `count` > 0 sorted values that at least `per_mille` (1 … 1000) thousandths of all
 * values do not exceed: 500 is the median, 999 is p99.9. */
uint64_t percentile_of_sorted(const uint64_t *sorted, size_t count, unsigned per_mille);

#endif
