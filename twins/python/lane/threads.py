"""Pools of threads that nobody waits for where the run is given up."""
import contextlib
from concurrent.futures import ThreadPoolExecutor


@contextlib.contextmanager
def thread_pool(size, initializer=None):
    """A ThreadPoolExecutor. Where the run is given up its threads go on with what they are at: no
    thread can be made to stop, and the program leaves without them."""
    pool = ThreadPoolExecutor(size, initializer=initializer)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
