#!/usr/bin/python3
"""The event-loop model with httpx: asyncio.gather() over all requests, on one thread.

Unless told otherwise httpx opens 100 connections and gives each step 5 s: of more requests the rest
wait for a connection, and give up after 5 s of it (PoolTimeout), while those that have one may take
longer in all. The 5 s begin when httpx looks for a connection and finds none free, and are those of
a timer of the loop: where the loop is busy, a request that was given one meanwhile may end so as
well. PoolTimeout is a TimeoutException, and so the outcome is `timeout`, though nothing was sent:
the server has not seen the request. So it is here, within the --timeout of the whole request.
python_httpx_unlimited.py lifts both limits.
"""
import asyncio
import weakref

import lane
from lane import event_loop

with lane.needs("python3-httpx"):
    import anyio  # which httpx waits by: asyncio.timeout() loses its way in it
    import httpx

STEP_TIMEOUT_S = 5  # httpx's default: for connecting, writing, reading, waiting for a connection

LIBRARIES = {"httpx": "python3-httpx", "httpcore": "python3-httpcore", "h11": "python3-h11"}


async def gather(workload, recorder, heartbeat, step_timeout_s=STEP_TIMEOUT_S, **limits):
    slots = event_loop.Slots(workload, recorder)
    headers = {"Connection": "close"} if workload.fresh else {}
    timeout_s = min(step_timeout_s, workload.timeout_ns / 1e9)
    # httpx reads ~/.netrc wherever NETRC names no regular file.
    client = httpx.AsyncClient(timeout=timeout_s, headers=headers, trust_env=False, **limits)
    seen = weakref.WeakSet()

    async def exchange(id, record):
        async with client.stream("GET", workload.url_of(id)) as response:
            record.first_byte()
            count_connection(response, record, seen)
            body = await record.read(response.aiter_bytes())
            record.answered(response.status_code, body)

    async def fetch(id):
        async with slots:
            with recorder.record(id, outcome_of) as record:
                with anyio.fail_after(workload.timeout_ns / 1e9):  # each step begins anew
                    await exchange(id, record)
                if workload.computes:
                    await compute(record)

    with event_loop.computing(workload, heartbeat) as compute:
        async with client:
            await asyncio.gather(*[fetch(id) for id in range(workload.requests)])


def count_connection(response, record, seen):
    """httpx tells which connection an answer came on: the ones not seen before are new."""
    stream = response.extensions["network_stream"]
    if stream not in seen:
        seen.add(stream)
        record.opened_connection()


def outcome_of(error):
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):  # of a step, or of all
        return "timeout"
    if isinstance(error, httpx.ConnectError):
        return "connect"
    if isinstance(error, httpx.NetworkError):
        return "reset"
    if isinstance(error, httpx.RemoteProtocolError):  # told apart by their texts only
        if "without sending a response" in str(error):
            return "reset"
        if "without sending complete message body" in str(error):
            return "truncated"
    return "other"


if __name__ == "__main__":
    lane.main(lane.Model(
        "python-httpx", "an event loop with httpx and its default limits",
        event_loop.running(gather), libraries=LIBRARIES, works=("io", "mixed"), offloads=True))
