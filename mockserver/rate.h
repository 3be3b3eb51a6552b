/* At most so many requests a second, for all processes of the server together. */
#ifndef MOCKSERVER_RATE_H
#define MOCKSERVER_RATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Whether a request at `now_ns` is within `per_second` (0: no limit), and then counts it. Up to a
 * tenth of a second's requests may come at once. `next_ns` is the state, zero to begin with, in
 * memory that the processes share. */
bool rate_allows(_Atomic uint64_t *next_ns, uint64_t per_second, uint64_t now_ns);

#endif
