#!/usr/bin/python3
"""The sequential model as it is written first: requests.get() for one id after another.

Like python_session.py, but each call opens a session and a connection of its own.
"""
import lane
from lane.blocking import LIBRARIES
from python_session import run

if __name__ == "__main__":
    lane.main(lane.Model(
        "python-requests", "one requests.get() after another", run,
        libraries=LIBRARIES,
        concurrency=1, concurrency_max=1, connections="fresh", descriptors=1))
