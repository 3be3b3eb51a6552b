#!/usr/bin/python3
"""The thread-pool model: C threads, each of which waits for one answer at a time.

A thread that waits for its socket lets go of the interpreter's lock, so that all can wait at once;
only one at a time runs Python: that which makes a request, checks an answer, or computes.
"""
import threading

import lane
from lane.blocking import LIBRARIES, OTHERS, open_worker
from lane.threads import thread_pool


def run(workload, recorder):
    own = threading.local()  # a session is not to be shared between threads

    def start():
        own.fetch = open_worker(workload, recorder)

    with thread_pool(workload.concurrency, start) as pool:
        for _ in pool.map(lambda id: own.fetch(id), range(workload.requests)):
            pass


if __name__ == "__main__":
    lane.main(lane.Model(
        "python-threads", "a pool of C threads, each waiting for one answer at a time", run,
        libraries=LIBRARIES, others=OTHERS,
        works=("io", "cpu", "mixed", "sleep", "file", "websocket", "sql"),
        concurrency=10, descriptors=1, tasks=1, mappings=2))
