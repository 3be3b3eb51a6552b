"""Pools of processes that leave none behind."""
import contextlib
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor

from lane import program


def start_worker(initializer=None, *arguments):
    """The first thing that a worker does. Signals are for the parent: it ends its workers."""
    program.set_signals(program.signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    if initializer is not None:
        initializer(*arguments)


def _die_with_parent():
    multiprocessing.parent_process().join()
    os._exit(1)


def kill_workers():
    for worker in multiprocessing.active_children():
        worker.kill()


@contextlib.contextmanager
def process_pool(workers, initializer=None, *arguments):
    """A ProcessPoolExecutor of forked workers, which are killed where the run is given up."""
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), start_worker,
                               (initializer, *arguments))
    try:
        yield pool
    except BaseException:
        kill_workers()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
