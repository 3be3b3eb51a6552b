import asyncio

from pattern import bar, check, clock_ns, fetch_user, figure, server_count

WORKERS = 10


# lesson: worker-pool
async def process_all(items):
    queue = asyncio.Queue()

    async def worker():
        while True:
            id = await queue.get()
            try:
                users.append(await fetch_user(id))
            finally:
                queue.task_done()

    users = []
    workers = [asyncio.create_task(worker())
               for _ in range(WORKERS)]
    for item in items:
        await queue.put(item)
    await queue.join()  # waits for all items ...
    for each in workers:
        each.cancel()  # ... then ends the workers
    return users
# end


async def worker_pool(n):
    start = clock_ns()
    users = await process_all(range(n))
    bar("worker pool", "pool_ns", clock_ns() - start)
    bar("floor: items / workers x latency", "floor_ns", -(-n // WORKERS) * 100e6)
    figure("in_flight_peak", await server_count("in_flight_peak"))
    check(len(users) == n, "all items are processed")
    check(await server_count("responses") == n, "each item was requested once")
