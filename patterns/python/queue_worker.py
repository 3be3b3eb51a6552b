import asyncio

from pattern import bar, fetch_user, figure

WORKERS = 3


class Line:
    def __init__(self, n):
        self.queue, self.processed, self.failed = asyncio.Queue(), 0, 0
        for id in range(n):
            self.queue.put_nowait(id)

    async def process(self, id):
        try:
            await fetch_user(id, "?status=500" if WORKERS <= id < 2 * WORKERS else "")
            self.processed += 1
        except Exception:
            self.failed += 1
            raise


# lesson: queue-worker-dies
async def work_until_error(line):
    while True:
        item = await line.queue.get()
        try:
            await line.process(item)
        finally:  # WRONG: an error ends the worker
            line.queue.task_done()


async def work_on(line):
    while True:
        item = await line.queue.get()
        try:
            await line.process(item)
        except Exception:
            pass  # it is counted; the next item
        finally:
            line.queue.task_done()
# end


async def try_way(n, body, dies):
    line = Line(n)
    workers = [asyncio.create_task(body(line), name=f"worker-{i}") for i in range(WORKERS)]
    joiner = asyncio.create_task(line.queue.join(), name="join")
    await asyncio.wait(workers if dies else [joiner])
    await asyncio.sleep(0)
    joined = joiner.done()
    for each in (joiner, *workers):
        each.cancel()
    await asyncio.wait([joiner, *workers])
    way = "wrong" if dies else "right"
    figure(f"{way}_processed", line.processed)
    figure(f"{way}_failed", line.failed)
    figure(f"{way}_joined", int(joined))
    bar(f"{way}: items left", f"{way}_left", line.queue.qsize())


async def queue_worker_dies(n):
    n = max(n, 2 * WORKERS + 1)
    await try_way(n, work_until_error, dies=True)
    await try_way(n, work_on, dies=False)
