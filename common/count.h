/* Counts: of the elements of an array, and the least of two. */
#ifndef COMMON_COUNT_H
#define COMMON_COUNT_H

#include <stdint.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static inline uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

#endif
