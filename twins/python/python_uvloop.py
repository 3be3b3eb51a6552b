#!/usr/bin/python3
"""The event-loop model with aiohttp, like python_aiohttp.py, on uvloop: libuv for the loop."""
import lane
from lane import event_loop
from python_aiohttp import gather

with lane.needs("python3-uvloop"):
    import uvloop


if __name__ == "__main__":
    lane.main(lane.Model(
        "python-uvloop", "an event loop (uvloop) with aiohttp",
        event_loop.running(gather, uvloop.new_event_loop),
        libraries={"aiohttp": "python3-aiohttp", "uvloop": "python3-uvloop"},
        works=("io", "mixed"), offloads=True, descriptors=1))
