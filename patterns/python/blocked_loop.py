import asyncio
import time
from concurrent.futures import ProcessPoolExecutor

from pattern import bar, check, clock_ns, figure, was_warned

BEAT = 0.005
WORK = 1.0


class Heart:
    late = 0

    async def beat(self):
        while True:
            due = clock_ns() + BEAT * 1e9
            await asyncio.sleep(BEAT)
            self.late = max(self.late, clock_ns() - due)

    def take_lateness(self):
        late, self.late = self.late, 0
        return late


def compute():
    """Computes for a second, however much of it it has a processor."""
    end = time.perf_counter() + WORK
    while time.perf_counter() < end:
        pass


# lesson: blocked-loop
async def sleep_blocking():
    time.sleep(WORK)  # WRONG: nobody else can run


async def sleep_right():
    await asyncio.sleep(WORK)


async def compute_in_thread():
    await asyncio.to_thread(compute)


async def compute_elsewhere(pool):
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(pool, compute)
# end


async def compute_blocking():
    compute()


async def try_way(label, name, coroutine, task):
    """Runs one way beside a heartbeat, and notes the most that the heart was late meanwhile."""
    heart = Heart()
    pulse = asyncio.create_task(heart.beat(), name="heartbeat")
    await asyncio.sleep(10 * BEAT)
    figure(f"before_{name}", heart.take_lateness())
    await asyncio.create_task(coroutine, name=task)
    await asyncio.sleep(2 * BEAT)
    bar(label, name, heart.take_lateness())
    await asyncio.sleep(10 * BEAT)
    figure(f"after_{name}", heart.take_lateness())
    pulse.cancel()


async def blocked_loop(n):
    asyncio.get_running_loop().set_debug(True)  # or nobody says who blocks
    with ProcessPoolExecutor(1) as pool:
        pool.submit(int).result()  # the process is there
        for way in (
                ("right: asyncio.sleep", "late_sleep_ns", sleep_right(), "good-delay"),
                ("wrong: a blocking sleep", "late_blocking_sleep_ns", sleep_blocking(),
                 "bad-delay"),
                ("wrong: computing in a task", "late_computing_ns", compute_blocking(), "compute"),
                ("right: computing in a thread", "late_thread_ns", compute_in_thread(), "thread"),
                ("right: computing in a process", "late_process_ns", compute_elsewhere(pool),
                 "process")):
            await try_way(*way)
    check(was_warned("Executing", "'bad-delay'") and was_warned("Executing", "'compute'"),
          "who blocks is reported by name")
