import asyncio

from pattern import (bar, clock_ns, count_failed, fetch_user, figure, outcomes_of, server_count,
                     server_reset)

PERMITS = 10


# lesson: throttling
async def fetch_throttled(n, permits):
    async def throttled(id):
        async with permits:  # each waits for a permit
            return await fetch_user(id)

    return await asyncio.gather(
        *[throttled(id) for id in range(n)],
        return_exceptions=True)
# end


async def throttling(n):
    start = clock_ns()
    without = await outcomes_of(fetch_user(id) for id in range(n))
    figure("without_ns", clock_ns() - start)
    await server_reset()
    start = clock_ns()
    limited = await fetch_throttled(n, asyncio.Semaphore(PERMITS))
    figure("with_ns", clock_ns() - start)
    figure("in_flight_peak_with", await server_count("in_flight_peak"))
    bar("without: refused", "refused_without", count_failed(without))
    bar("with a semaphore: refused", "refused_with", count_failed(limited))
