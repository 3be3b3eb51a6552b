#!/usr/bin/python3
"""asyncio by itself, without a library: tasks that only sleep, and tasks that compute.

A task that computes on the loop keeps all others waiting; with --compute threads they take turns at
the interpreter's lock; with --compute processes they compute in parallel.
"""
import asyncio

import lane
from lane import event_loop


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


async def main(workload, *rest):
    await (sleep_all if workload.work == "sleep" else compute_all)(workload, *rest)


if __name__ == "__main__":
    lane.main(lane.Model(
        "python-asyncio", "asyncio tasks that sleep or compute", event_loop.running(main),
        libraries={}, works=("sleep", "cpu"), offloads=True))
