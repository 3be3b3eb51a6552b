import asyncio
import selectors

from pattern import bar, check, check_time, clock_ns, figure, found

HOUR, PERIOD = 3600, 61


# lesson: testing
class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Where nobody can run, time jumps to a timer."""

    def __init__(self):
        self.now = 0

        class Jump(selectors.DefaultSelector):
            def select(_, timeout=None):
                ready = super().select(0)
                if not ready and timeout is None:
                    raise RuntimeError("nobody will run")
                self.now += 0 if ready else timeout
                return ready

        super().__init__(Jump())

    def time(self):
        return self.now
# end


class Test:
    polls = took = 0

    async def poll_for_ever(self):
        """What is tested: it polls until somebody stops it."""
        while True:
            await asyncio.sleep(PERIOD)
            self.polls += 1


# lesson: testing
async def gives_up_after_an_hour(test):
    loop = asyncio.get_running_loop()
    start = loop.time()
    try:
        async with asyncio.timeout(HOUR):
            await test.poll_for_ever()
    finally:
        test.took = loop.time() - start


def run_test(test):
    with asyncio.Runner(
            loop_factory=VirtualTimeLoop) as runner:
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
    check(test.took == HOUR, "after an hour of the loop's clock, to the nanosecond")
    check(test.polls == HOUR // PERIOD, "it has polled as often as an hour allows")
    check_time(found["figures"]["real_ns"] < 1e9, "and nobody has waited")
