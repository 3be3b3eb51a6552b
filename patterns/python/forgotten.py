import asyncio

from pattern import (HttpError, bar, check, clock_ns, fetch_user, figure, found, server_count,
                     was_warned)
import pattern

WORK = 0.3


# ---- Never awaited ----

# lesson: never-awaited
async def forget():
    fetch_user(7)  # WRONG: it was only created


async def remember():
    return await fetch_user(7)
# end


async def never_awaited(n):
    await forget()
    wrong = await server_count("requests")
    user = await remember()
    right = await server_count("requests") - wrong
    bar("wrong: created only", "requests_wrong", wrong)
    bar("right: awaited", "requests_right", right)
    check(was_warned("coroutine 'fetch_user' was never awaited"), "it is reported by its name")
    check(user["id"] == 7 and right == 1, "awaited, it makes its request")


# ---- The error that nobody retrieved ----

failed_ns = 0


async def might_fail():
    global failed_ns
    try:
        await fetch_user(1, "?status=500")
    finally:
        failed_ns = clock_ns()


# lesson: lost-error
def lose_error():
    # WRONG: nobody awaits it
    return asyncio.create_task(
        might_fail(), name="might-fail")


async def handle_error():
    task = asyncio.create_task(
        might_fail(), name="handled")
    try:
        return await task
    except HttpError as error:
        return error
# end


async def work_beside():
    """The one who started it goes on with its own work, and only then lets it go."""
    task = lose_error()
    await asyncio.sleep(WORK)
    await asyncio.wait([task])  # on a very slow machine; it takes no result
    figure("held_ns", clock_ns() - failed_ns)
    del task
    if was_warned("exception was never retrieved", "might-fail"):
        bar("wrong: told after", "told_after_ns", pattern.warned_ns - failed_ns)


async def lost_error(n):
    await work_beside()
    check(was_warned("exception was never retrieved", "might-fail"),
          "an error that nobody looks at is reported by the task's name")
    figure("warnings_wrong", len(found["warnings"]))
    error = await handle_error()
    bar("right: awaited, known after", "awaited_after_ns", clock_ns() - failed_ns)
    check(isinstance(error, HttpError) and error.status == 500,
          f"awaited, the error is a result: {error}")
    check(not was_warned("handled"), "and there is no warning")
