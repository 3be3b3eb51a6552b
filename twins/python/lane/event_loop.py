"""What the models on an event loop share: signals, deadline, heartbeat, where computing is done."""
import asyncio
import contextlib

from lane import program
from lane.chain import chain
from lane.heartbeat import Heartbeat


def running(main, loop_factory=None):
    """A model's run(workload, recorder) that runs main(workload, recorder, heartbeat) on a loop, to
    its end, its deadline or a signal."""

    def run(workload, recorder):
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(_limited(main, workload, recorder))

    return run


async def _limited(main, workload, recorder):
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def stop(error):
        recorder.stopped = error
        if loop.is_closed():  # all is done but the writing
            raise error
        loop.call_soon_threadsafe(task.cancel)
        if recorder.blocks_loop:  # which will not come to that for long
            raise error

    program.on_stop(stop)
    heartbeat = Heartbeat()
    heartbeat.start()
    try:
        await main(workload, recorder, heartbeat)
    except asyncio.CancelledError:
        if recorder.stopped is None:
            raise
        raise recorder.stopped from None
    finally:
        recorder.loop = heartbeat.stop()


class Slots(asyncio.Semaphore):
    """At most C at a time. Once the run is stopped nobody is woken any more: for each of those that
    wait and are cancelled, Python 3.13 would look through all others, for minutes with 100,000."""

    def __init__(self, workload, recorder):
        super().__init__(workload.concurrency)
        self.recorder = recorder

    def _wake_up_next(self):
        return self.recorder.stopped is None and super()._wake_up_next()


@contextlib.contextmanager
def computing(workload, heartbeat):
    """A coroutine function that computes for a record: on the loop, which then does nothing else,
    or in a pool beside it."""
    with _pool(workload) as pool:

        async def compute(record):
            if pool is None:
                heartbeat.computes(record.id)
                record.recorder.blocks_loop = True
                if record.recorder.stopped is not None:  # between two items of one turn
                    raise record.recorder.stopped
                digest = chain(workload.rounds, workload.block)
                record.recorder.blocks_loop = False
            else:
                loop = asyncio.get_running_loop()
                digest = await loop.run_in_executor(pool, chain, workload.rounds, workload.block)
            record.computed(digest)

        yield compute


def _pool(workload):
    if workload.compute == "threads":
        from lane.threads import thread_pool

        return thread_pool(workload.workers)
    if workload.compute == "processes":
        from lane.processes import process_pool

        return process_pool(workload.workers)
    return contextlib.nullcontext()
