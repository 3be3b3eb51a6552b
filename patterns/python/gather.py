import asyncio

from pattern import bar, check, clock_ns, fetch_user, figure, server_count, server_reset

LATENCY_NS = 200e6
ONE_BY_ONE_MAX = 5


# lesson: gather
async def gather_users(n):
    return await asyncio.gather(
        *[fetch_user(id) for id in range(n)])
# end


async def one_by_one(n):
    some = min(n, ONE_BY_ONE_MAX)
    start = clock_ns()
    for id in range(some):
        await fetch_user(id)
    return (clock_ns() - start) / some * n


async def gather(n):
    projected = await one_by_one(n)
    figure("one_by_one_projected_ns", projected)
    await server_reset()
    start, users, error = clock_ns(), [], "no error"
    try:
        users = await gather_users(n)
    except Exception as raised:
        error = repr(raised)
    took = clock_ns() - start
    bar("gather", "gather_ns", took)
    right = sum(user["name"] == f"User {id}" for id, user in enumerate(users))
    check(len(users) == n, f"every request is answered ({error})")
    check(right == n, f"result i is that of user i ({right} of {n})")
    figure("in_flight_peak", await server_count("in_flight_peak"))
    figure("floor_ns", LATENCY_NS)
    figure("speed_up_projected", projected / took)
