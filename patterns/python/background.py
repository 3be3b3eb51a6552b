import asyncio

from pattern import bar, check, clock_ns, fetch, fetch_user, figure, server_count


async def log_analytics(event):
    await fetch("/analytics?delay=1s", post=event)


# lesson: fire-and-forget
async def handle(awaits):
    task = asyncio.create_task(
        log_analytics('{"user": 1}'))
    await fetch_user(1)
    if awaits:
        await task
    return task  # or it may vanish before its end
# end


async def fire_and_forget(n):
    start = clock_ns()
    task = await handle(awaits=False)
    forgot, done = clock_ns() - start, task.done()
    await task
    bar("handler, without waiting", "handler_without_ns", forgot)
    check(not done, "the handler is done first, the logging arrives all the same")
    start = clock_ns()
    await handle(awaits=True)
    bar("handler, waiting at its end", "handler_with_ns", clock_ns() - start)
    figure("analytics_received", await server_count("statuses.202"))
