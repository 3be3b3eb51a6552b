#!/usr/bin/python3
"""The sequential model: one request after another, on one connection that stays open.

The program waits for each answer before it asks for the next: the total is the sum of all
latencies. Nothing else runs while it waits.
"""
import lane
from lane.blocking import LIBRARIES, open_worker


def run(workload, recorder):
    fetch = open_worker(workload, recorder)
    for id in range(workload.requests):
        fetch(id)


if __name__ == "__main__":
    lane.main(lane.Model(
        "python-session", "one request after another, with a session of requests", run,
        libraries=LIBRARIES,
        concurrency=1, concurrency_max=1, descriptors=1))
