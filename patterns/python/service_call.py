import asyncio

from pattern import bar, check, clock_ns, fetch_user, figure

PATHS = ("?delay=200ms", "/orders?delay=300ms", "/preferences?delay=250ms")
SUM_NS, SLOWEST_NS = 750e6, 300e6


async def call_in_turn():
    return [await fetch_user(1, path) for path in PATHS]


def light_work():
    start = clock_ns()
    sum(1 / i for i in range(1, 100000))
    figure("light_work_ns", clock_ns() - start)


# lesson: service-call
async def call_first():
    tasks = [asyncio.create_task(fetch_user(1, path))
             for path in PATHS]
    await asyncio.sleep(0)  # they begin
    light_work()
    return await asyncio.gather(*tasks)
# end


async def service_call(n):
    start = clock_ns()
    answers = await call_in_turn()
    bar("one after the other", "in_turn_ns", clock_ns() - start)
    start = clock_ns()
    answers += await call_first()
    bar("all started first", "started_first_ns", clock_ns() - start)
    figure("sum_of_latencies_ns", SUM_NS)
    figure("slowest_latency_ns", SLOWEST_NS)
    check(len(answers) == 2 * len(PATHS), "all calls succeed")
