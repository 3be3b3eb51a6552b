#include "common/percentile.h"

#include <assert.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

void percentile_sort(uint64_t *values, size_t count)
{
    if (count > 0)
        qsort(values, count, sizeof(*values), compare);
}

uint64_t percentile_of_sorted(const uint64_t *sorted, size_t count, unsigned per_mille)
{
    assert(count > 0 && per_mille > 0 && per_mille <= 1000);
    return sorted[(count * per_mille + 999) / 1000 - 1];
}
