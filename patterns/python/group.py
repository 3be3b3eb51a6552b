import asyncio

from pattern import (HttpError, bar, check, check_time, clock_ns, fetch_user, figure,
                     server_count, server_count_of)

DELAY, DELAY_NS = "20s", 20e9


# lesson: task-group group-cancel
async def fetch_in_group(paths):
    async with asyncio.TaskGroup() as group:
        return [group.create_task(fetch_user(id, path))
                for id, path in enumerate(paths)]
    # all have ended; the first that failed ended the others
# end


async def task_group(n):
    start = clock_ns()
    tasks = await fetch_in_group([""] * n)
    bar("task group", "group_ns", clock_ns() - start)
    check(all(task.exception() is None for task in tasks), "all tasks succeed")
    check(all(task.done() for task in tasks), "no task outlives the group")


async def check_server(others):
    aborted = await server_count_of("aborted", others)
    connections = await server_count("connections")  # this one as well
    figure("aborted_seen_by_server", aborted)
    figure("connections_left", connections)
    check(aborted == others, "the server saw each of the other requests end without an answer "
                             f"({aborted} of {others})")
    check(await server_count("in_flight") == 0, "none is left in flight")
    check(connections == 1, "their connections are closed")


async def group_cancel(n):
    paths = [f"?delay={DELAY}"] * n
    paths[n // 2] = "?delay=500ms&status=500"
    start, errors = clock_ns(), ()
    try:
        await fetch_in_group(paths)
    except* HttpError as group:
        errors = group.exceptions
    took = clock_ns() - start
    bar("until the group has ended", "group_ns", took)
    bar("delay of the other requests", "delay_ns", DELAY_NS)
    check(errors and errors[0].status == 500, f"the group reports the error: {errors[:1]}")
    check(len(errors) == 1, f"cancelled siblings are no errors ({len(errors)} reported)")
    check_time(took < 10e9, "it does not wait for the others")
    await check_server(n - 1)
