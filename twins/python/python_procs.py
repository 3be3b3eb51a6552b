#!/usr/bin/python3
"""The process-pool model: C processes, each of which waits for one answer at a time.

Each is an interpreter of its own, with a lock of its own: they compute in parallel. Ids go to them
and results come back through pipes; records are in shared memory. A worker that dies breaks the
pool: that is concurrent.futures' rule, and what was not done then ends as `other`.
"""
from concurrent.futures.process import BrokenProcessPool

import lane
from lane import program
from lane.blocking import LIBRARIES, open_worker
from lane.processes import kill_workers, process_pool


def start(workload, recorder):
    global fetch  # of this process
    fetch = open_worker(workload, recorder)


def perform(id):
    fetch(id)


def run(workload, recorder):
    # An error that a signal raised in the midst of the pool's own code could leave a lock taken.
    def stop(error):
        recorder.stopped = error
        kill_workers()  # who waits for one of them is told that the pool is broken

    def ids():
        for id in range(workload.requests):
            if recorder.stopped is not None:
                raise recorder.stopped
            yield id

    program.on_stop(stop)
    try:
        with process_pool(workload.concurrency, start, workload, recorder) as pool:
            for _ in pool.map(perform, ids()):
                pass
    except BrokenProcessPool as error:
        if recorder.stopped is None:
            recorder.end_all("other", str(error))
    if recorder.stopped is not None:
        raise recorder.stopped


if __name__ == "__main__":
    lane.main(lane.Model(
        "python-procs", "a pool of C processes, each waiting for one answer at a time", run,
        libraries=LIBRARIES,
        concurrency=10, descriptors=2, tasks=3))
