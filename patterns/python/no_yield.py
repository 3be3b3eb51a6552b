import asyncio

from pattern import bar, check

EVERY = 100
turns = 0


async def count_turns():
    """Another task, which would like to run as often as it can."""
    global turns
    while True:
        await asyncio.sleep(0)
        turns += 1


async def look_up():
    return None  # it is in the cache: nothing to wait for


# lesson: await-does-not-yield
async def await_only(n):
    for _ in range(n):  # WRONG: no one else runs
        await look_up()


async def await_and_yield(n):
    for i in range(n):
        await look_up()
        if i % EVERY == 0:
            await asyncio.sleep(0)
# end


async def await_does_not_yield(n):
    global turns
    other = asyncio.create_task(count_turns(), name="other")
    await asyncio.sleep(0)
    turns = 0
    await await_only(n)
    wrong = turns
    await await_and_yield(n)
    bar("wrong: turns of another task", "turns_wrong", wrong)
    bar("right: turns of another task", "turns_right", turns - wrong)
    other.cancel()
    await asyncio.wait([other])
    check(other.cancelled(), "all were awaited")
