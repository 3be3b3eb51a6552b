import asyncio

from pattern import HttpError, bar, check, check_time, count_failed, fetch_user, figure, outcomes_of
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
    at_once = count_failed(await outcomes_of(fetch_user(id) for id in range(n)), HttpError)
    await asyncio.sleep(1)  # what was refused is forgotten
    few = count_failed(await fetch_throttled(n, asyncio.Semaphore(PERMITS)), HttpError)
    await asyncio.sleep(1)
    paced = count_failed(await outcomes_of(await start_paced(n, INTERVAL)), HttpError)
    bar("all at once: 429", "refused_at_once", at_once)
    bar("10 at a time: 429", "refused_few", few)
    bar("paced: 429", "refused_paced", paced)
    figure("rate_per_second", RATE)
    check(at_once > 0, "all at once the service refuses requests with 429")
    check_time(few > 0, f"so it does with {PERMITS} at a time, since answers are quick")
    check_time(paced == 0, "started one after the other in time, none")
