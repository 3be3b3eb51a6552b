#!/usr/bin/python3
"""asyncio by itself, without a library: tasks that only sleep, that compute, that read files, or
that query a database by psycopg.

A task that computes on the loop keeps all others waiting; with --compute threads they take turns at
the interpreter's lock; with --compute processes they compute in parallel.
"""
import asyncio

import lane
from lane import event_loop, files, queries


async def sleep_all(workload, recorder, _):
    seconds = workload.latency_ns / 1e9
    loop = asyncio.get_running_loop()

    async def nap(id):
        if recorder.begin(id) == workload.requests:
            loop.call_soon(recorder.all_begun)  # when this one sleeps, too
        await asyncio.sleep(seconds)
        recorder.end(id, "ok")

    await asyncio.gather(*[nap(id) for id in range(workload.requests)])


async def compute_all(workload, recorder, heartbeat):
    slots = event_loop.Slots(workload, recorder)

    async def item(id):
        async with slots:
            with recorder.record(id) as record:
                await compute(record)

    with event_loop.computing(workload, heartbeat) as compute:
        await asyncio.gather(*[item(id) for id in range(workload.requests)])


async def read_all(workload, recorder, _):
    slots = event_loop.Slots(workload, recorder)
    loop = asyncio.get_running_loop()

    async def read(id):
        async with slots:
            with recorder.record(id, files.outcome_of) as record:
                path = workload.url_of(id)
                record.answered(200, await loop.run_in_executor(None, files.read_block, path))

    await asyncio.gather(*[read(id) for id in range(workload.requests)])


async def query_all(workload, recorder, _):
    slots = event_loop.Slots(workload, recorder)
    pool = queries.Pool(workload, recorder)

    async def query(id):
        async with slots:
            await pool.query(id)

    await asyncio.gather(*[query(id) for id in range(workload.requests)])


async def main(workload, *rest):
    kinds = {"sleep": sleep_all, "cpu": compute_all, "file": read_all, "sql": query_all}
    await kinds[workload.work](workload, *rest)


if __name__ == "__main__":
    lane.main(lane.Model(
        "python-asyncio", "asyncio tasks that sleep, compute, read files or query",
        event_loop.running(main), libraries={}, others={"sql": queries.LIBRARIES},
        works=("sleep", "cpu", "file", "sql"),
        offloads=True))
