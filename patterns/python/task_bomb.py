import asyncio
import ctypes
import resource

from pattern import (bar, check, clock_ns, fetch_user, figure, server_count, server_reset)

AT_A_TIME = 100
LATENCY_NS = 20e6


class Tally:
    def __init__(self):
        self.ok = self.failed = self.cancelled = 0


async def count(coroutine, tally):
    try:
        await coroutine
        tally.ok += 1
    except asyncio.CancelledError:
        tally.cancelled += 1
        raise
    except Exception:
        tally.failed += 1


async def gather_at_once(n, tally):
    """WRONG: as many calls under way as there are."""
    await asyncio.gather(*[count(fetch_user(id), tally) for id in range(n)])


async def gather_throttled(n, tally):
    """RIGHT: as many tasks as calls, but few of them under way."""
    semaphore = asyncio.Semaphore(AT_A_TIME)

    async def throttled(id):
        async with semaphore:
            await count(fetch_user(id), tally)

    await asyncio.gather(*[throttled(id) for id in range(n)])
    check(semaphore._value == AT_A_TIME, "every permit is back")


# lesson: task-bomb
async def feed_workers(n, tally):
    queue = asyncio.Queue(AT_A_TIME)

    async def worker():
        while True:
            await count(fetch_user(await queue.get()), tally)
            queue.task_done()

    workers = [asyncio.create_task(worker())
               for _ in range(AT_A_TIME)]
    for id in range(n):
        await queue.put(id)  # waits where it is full
    await queue.join()
    for each in workers:
        each.cancel()
# end


def watch_memory():
    """The kernel notes the most memory that was resident from here on."""
    ctypes.CDLL(None).malloc_trim(0)
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
        return True
    except OSError:
        return False


def most_memory():
    with open("/proc/self/status") as file:
        return next(1024 * int(line.split()[1]) for line in file if line.startswith("VmHWM:"))


async def try_way(n, name, label, body):
    tally, error = Tally(), "no error"
    await server_reset()
    watched = watch_memory()
    start = clock_ns()
    try:
        await body(n, tally)
    except Exception as raised:
        error = repr(raised)
    figure(f"{name}_ns", clock_ns() - start)
    if watched:
        bar(label, f"{name}_memory_bytes", most_memory())
    figure(f"{name}_in_flight_peak", await server_count("in_flight_peak"))
    for each in ("ok", "failed", "cancelled"):
        figure(f"{name}_{each}", getattr(tally, each))
    check(error == "no error", f"{name}: runs to its end ({error})")


async def task_bomb(n):
    figure("descriptor_limit", resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    figure("latency_ns", LATENCY_NS)
    figure("most_at_a_time", AT_A_TIME)
    await try_way(n, "pool", "right: 100 workers, fed from a queue", feed_workers)
    await try_way(n, "semaphore", "right: a semaphore of 100", gather_throttled)
    await try_way(n, "unbounded", "wrong: all at once", gather_at_once)
