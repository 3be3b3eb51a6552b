#!/usr/bin/python3
"""The event-loop model with httpx, like python_httpx.py, with as many connections as requests, and
no timeout but that of the whole request."""
import math

import lane
from lane import event_loop
from python_httpx import LIBRARIES, gather, httpx


async def gather_unlimited(workload, recorder, heartbeat):
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    await gather(workload, recorder, heartbeat, math.inf, limits=limits)


if __name__ == "__main__":
    lane.main(lane.Model(
        "python-httpx-unlimited", "an event loop with httpx, connections without limit",
        event_loop.running(gather_unlimited),
        libraries=LIBRARIES, works=("io", "mixed"), offloads=True, descriptors=1))
