/* Several event loops at once, each in a thread of its own. */
#ifndef COMPUTE_LOOPS_H
#define COMPUTE_LOOPS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Calls run() for each of `count` loops, of `size` bytes each, and returns when all have come back:
 * for the first in this thread, for the others each in a new one. Where a thread cannot be started,
 * *stop is set, which the others heed: fewer loops than asked for would be another measurement.
 * Returns 0 or a negative error, of any of them. */
int loops_run(int (*run)(void *loop), void *loops, size_t size, uint64_t count, _Atomic bool *stop);

#endif
