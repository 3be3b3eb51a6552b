#!/usr/bin/python3
"""asyncio with a library that blocks: requests, called by coroutines.

--blocking loop is the mistake: the loop stands still while a call waits, and so do all others. With
--blocking threads a pool waits in its place (run_in_executor). The trap is the pool that asyncio
has by itself, with 4 threads more than there are cores; the remedy is --workers, as many as calls
are to be in flight.
"""
import asyncio
import threading

import lane
from lane import event_loop
from lane.blocking import LIBRARIES, open_worker
from lane.threads import thread_pool


async def call_all(workload, recorder, _):
    slots = event_loop.Slots(workload, recorder)
    loop = asyncio.get_running_loop()
    own = threading.local()  # a session is not to be shared between threads

    def call(id):
        if not hasattr(own, "fetch"):
            own.fetch = open_worker(workload, recorder)
        own.fetch(id)

    async def on_loop(id):
        async with slots:
            recorder.blocks_loop = True
            if recorder.stopped is not None:
                raise recorder.stopped
            call(id)
            recorder.blocks_loop = False

    async def in_pool(id):
        async with slots:
            await loop.run_in_executor(pool, call, id)

    item = on_loop if workload.blocking == "loop" else in_pool
    with thread_pool(workload.workers) as pool:
        await asyncio.gather(*[item(id) for id in range(workload.requests)])


if __name__ == "__main__":
    lane.main(lane.Model(
        "python-blocking", "asyncio that calls requests, on its loop or in a pool of threads",
        event_loop.running(call_all), libraries=LIBRARIES, works=("io",), blocks=True,
        descriptors=1, tasks=1, mappings=2))
