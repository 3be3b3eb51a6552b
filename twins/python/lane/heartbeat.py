"""How late an event loop is: a beat is due every 10 ms, on a fixed grid.

Beats that a block swallowed count as late by the rest of it, so that a long block weighs as much as
it lasts.
"""
import asyncio
import time

from lane.units import percentiles

INTERVAL_NS = 10_000_000


class Heartbeat:
    def __init__(self):
        self._lateness_ns = []
        self._computed = []  # ids, since the last beat
        self._longest = (0, None)  # ns, and what the loop did meanwhile
        self._timer = None
        self._due_ns = time.monotonic_ns() + INTERVAL_NS

    def start(self):
        """Beats on the running loop from now on."""
        left_ns = self._due_ns - time.monotonic_ns()
        self._timer = asyncio.get_running_loop().call_later(left_ns / 1e9, self._beat)

    def _beat(self):
        self._account()
        self.start()

    def _account(self):
        now = time.monotonic_ns()
        if now - self._due_ns > self._longest[0]:
            self._longest = (now - self._due_ns, self._name())
        while self._due_ns <= now:
            self._lateness_ns.append(now - self._due_ns)
            self._due_ns += INTERVAL_NS
        self._computed.clear()

    def _name(self):
        if not self._computed:
            return None
        if len(self._computed) == 1:
            return f"computing item {self._computed[0]}"
        return f"computing {len(self._computed)} items, from item {self._computed[0]} on"

    def computes(self, id):
        """The loop computes the item `id` instead of turning."""
        self._computed.append(id)

    def stop(self):
        """The member `loop` of the result."""
        self._timer.cancel()
        self._account()
        return {
            "lateness_ns": percentiles(self._lateness_ns or [0], p50=50, p99=99, max=100),
            "longest_block_ns": self._longest[0], "longest_block": self._longest[1],
        }
