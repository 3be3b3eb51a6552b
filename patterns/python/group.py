import asyncio

from pattern import (HttpError, bar, check, check_time, clock_ns, fetch_user, figure,
                     server_count, server_count_of, server_reset)

DELAY, DELAY_NS = "20s", 20e9


# lesson: task-group group-cancel gather-siblings
async def fetch_in_group(paths):
    async with asyncio.TaskGroup() as group:
        return [group.create_task(fetch_user(*call))
                for call in enumerate(paths)]
    # all have ended; if one failed, it ended the others
# end


async def task_group(n):
    start = clock_ns()
    tasks = await fetch_in_group([""] * n)
    bar("task group", "group_ns", clock_ns() - start)
    check(all(task.exception() is None for task in tasks), "all tasks succeed")
    check(all(task.done() for task in tasks), "no task outlives the group")


async def check_server(others):
    aborted = await server_count_of("aborted", others)
    figure("aborted_seen_by_server", aborted)
    figure("connections_left", await server_count("connections"))  # this one as well
    check(aborted == others, "the server saw each of the other requests end without an answer "
                             f"({aborted} of {others})")
    check(await server_count("in_flight") == 0, "none is left in flight")


async def group_cancel(n):
    paths = [f"?delay={DELAY}"] * n
    paths[n // 2] = "?delay=500ms&status=500"
    start, errors = clock_ns(), ()
    try:
        await fetch_in_group(paths)
    except* HttpError as group:
        errors = group.exceptions
    bar("until the group has ended", "group_ns", clock_ns() - start)
    bar("delay of the other requests", "delay_ns", DELAY_NS)
    check(errors and errors[0].status == 500, f"the group reports the error: {errors[:1]}")
    check(len(errors) == 1, f"cancelled siblings are no errors ({len(errors)} reported)")
    await check_server(n - 1)


# ---- What gather's siblings do ----

SLOW, FAILING = "?delay=2s", "?delay=300ms&status=500"


# lesson: gather-siblings
async def fetch_in_gather(tasks):
    # raises the first error, while the others run on
    return await asyncio.gather(*tasks)
# end


async def error_of(awaitable):
    error = None
    try:
        await awaitable
    except* HttpError as group:
        error = group.exceptions[0]
    return error


async def count_siblings(way, ended, n):
    await server_count_of(ended, n - 1)
    figure(f"{way}_siblings_answered", max(await server_count("statuses.200"), 0))
    figure(f"{way}_siblings_aborted", await server_count("aborted"))


async def gather_siblings(n):
    paths = [SLOW] * n
    paths[n // 2] = FAILING
    start = clock_ns()
    tasks = [asyncio.create_task(fetch_user(id, path)) for id, path in enumerate(paths)]
    error = await error_of(fetch_in_gather(tasks))
    bar("until gather has failed", "gather_ns", clock_ns() - start)
    in_flight = await server_count("in_flight")
    check(error and error.status == 500, f"gather reports the error: {error}")
    check_time(in_flight == n - 1, f"the others are still in flight ({in_flight} of {n - 1})")
    await asyncio.wait(tasks)
    figure("in_flight_after_gather", in_flight)
    await count_siblings("gather", "statuses.200", n)
    await server_reset()
    start = clock_ns()
    error = await error_of(fetch_in_group(paths))
    bar("until the group has failed", "group_ns", clock_ns() - start)
    check(error and error.status == 500, f"a group reports it as well: {error}")
    await count_siblings("group", "aborted", n)


# ---- A group of errors ----

async def save_user(id, path, fails):
    """One that `fails` cannot even undo what it did, when it is cancelled."""
    try:
        return await fetch_user(id, path)
    except asyncio.CancelledError:
        if fails:
            await fetch_user(id, "?delay=0ms&status=503")
        raise


# lesson: exception-group
async def save_all(users):
    failed = []
    try:
        async with asyncio.TaskGroup() as group:
            for user in users:
                group.create_task(save_user(*user))
    except* HttpError as errors:
        failed += errors.exceptions  # all of them
    return failed


def count_errors(failed, status):
    return sum(each.status == status for each in failed)
# end


async def exception_group(n):
    fails = [id % 3 == 0 and id != n // 2 for id in range(n)]
    users = [[id, "?delay=20s", fails[id]] for id in range(n)]
    users[n // 2][1] = "?delay=300ms&status=500"
    errors = await save_all(users)
    failed, undone = count_errors(errors, 500), count_errors(errors, 503)
    bar("errors in the group", "errors", len(errors))
    bar("of siblings that were cancelled", "errors_of_siblings", undone)
    check(failed == 1, "the error that ended the others is in the group")
    check(undone == sum(fails), "so is each that came of ending them "
                                f"({undone} of {sum(fails)})")
    check(len(errors) == failed + undone, "who was cancelled in peace is no error")
