import asyncio

from pattern import HttpError, bar, count_failed, fetch_user, figure, outcomes_of
from throttling import PERMITS, fetch_throttled

RATE = 200  # requests a second that the service allows, 20 of them at once
INTERVAL = 1 / (RATE * 0.9)  # a tenth below it: its clock is not ours


# lesson: rate-limit
async def start_paced(n, interval):
    tasks = []
    for id in range(n):
        tasks.append(asyncio.create_task(fetch_user(id)))
        await asyncio.sleep(interval)
    return tasks
# end


async def rate_limit(n):
    at_once = await outcomes_of(fetch_user(id) for id in range(n))
    bar("all at once: 429", "refused_at_once", count_failed(at_once, HttpError))
    await asyncio.sleep(1)  # what was refused is forgotten
    few = await fetch_throttled(n, asyncio.Semaphore(PERMITS))
    bar("10 at a time: 429", "refused_few", count_failed(few, HttpError))
    await asyncio.sleep(1)
    paced = await outcomes_of(await start_paced(n, INTERVAL))
    bar("paced: 429", "refused_paced", count_failed(paced, HttpError))
    figure("rate_per_second", RATE)
