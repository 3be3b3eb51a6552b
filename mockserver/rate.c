#include "mockserver/rate.h"

#include "common/clock.h"

#define BURST_NS (NS_PER_S / 10)

/* The generic cell rate algorithm: *next_ns is when the requests so far would have come, had they
 * come evenly. A request may come before its time by the length of a burst. */
bool rate_allows(_Atomic uint64_t *next_ns, uint64_t per_second, uint64_t now_ns)
{
    uint64_t next = atomic_load_explicit(next_ns, memory_order_relaxed), after;

    if (per_second == 0)
        return true;
    do {
        uint64_t base = next > now_ns ? next : now_ns;

        after = base + NS_PER_S / per_second;
        if (base > now_ns && after > now_ns + BURST_NS)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(next_ns, &next, after, memory_order_relaxed,
                                                    memory_order_relaxed));
    return true;
}
