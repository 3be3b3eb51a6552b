import asyncio
import selectors

from pattern import bar, check, clock_ns, figure

HOUR, PERIOD = 3600, 61


# lesson: testing
class Jump(selectors.DefaultSelector):
    """Where nobody can run, time jumps to a timer."""
    now = 0

    def select(self, timeout=None):
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("nobody will run")
        self.now += 0 if ready else timeout
        return ready


def virtual_time_loop():
    jump = Jump()
    loop = asyncio.SelectorEventLoop(jump)
    loop.time = lambda: jump.now
    return loop
# end


class Test:
    polls = took = 0

    async def poll_for_ever(self):
        """What is tested: it polls until somebody stops it."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        try:
            while True:
                await asyncio.sleep(PERIOD)
                self.polls += 1
        finally:
            self.took = loop.time() - start


# lesson: testing
async def gives_up_after_an_hour(test):
    async with asyncio.timeout(HOUR):
        await test.poll_for_ever()


def run_test(test):
    with asyncio.Runner(
            loop_factory=virtual_time_loop) as runner:
        runner.run(gives_up_after_an_hour(test))
# end


async def testing(n):
    """In a thread, since a loop runs in this one."""
    test, ended = Test(), None
    start = clock_ns()
    try:
        await asyncio.to_thread(run_test, test)
    except Exception as error:
        ended = error
    bar("time of the test", "virtual_ns", test.took * 1e9)
    bar("time that it took", "real_ns", clock_ns() - start)
    figure("polls", test.polls)
    check(isinstance(ended, TimeoutError), f"it gives up: {ended!r}")
