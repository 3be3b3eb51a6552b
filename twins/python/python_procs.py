#!/usr/bin/python3
"""The process-pool model: C processes, each of which waits for one answer at a time.

Each is an interpreter of its own, with a lock of its own: they compute in parallel. Ids go to them
and results come back through pipes; records are in shared memory. A worker that dies breaks the
pool: that is concurrent.futures' rule, and what was not done then ends as `other`.
"""
from concurrent.futures.process import BrokenProcessPool

import lane
from lane.blocking import LIBRARIES, open_worker
from lane.processes import process_pool


def start(workload, recorder):
    global fetch  # of this process
    fetch = open_worker(workload, recorder)


def perform(id):
    fetch(id)


def run(workload, recorder):
    try:
        with process_pool(workload.concurrency, start, workload, recorder) as pool:
            for _ in pool.map(perform, range(workload.requests)):
                pass
    except BrokenProcessPool as error:
        recorder.end_all("other", str(error))


if __name__ == "__main__":
    lane.main(lane.Model(
        "python-procs", "a pool of C processes, each waiting for one answer at a time", run,
        libraries=LIBRARIES,
        concurrency=10, descriptors=2, tasks=3))
