"""What is seen of each request: a column per fact, a row per id, in shared memory.

Shared, so that threads, forked processes and an event loop record in the same way. A row is written
by whoever makes that request only. Times are of time.monotonic_ns(), 0 where it never happened.
"""
import itertools
import json
import mmap
import os
import threading
import time

from lane import is_no_file

OUTCOMES = ("pending", "ok", "timeout", "connect", "reset", "truncated", "http_status", "bad_body",
            "cancelled", "other")
PENDING, OK = 0, 1

BODY_SIZE_MAX = 1 << 20
REASON_SIZE = 256


def _column(kind, count):
    """`count` numbers, all 0, shared with forked processes; pages are touched as they are used."""
    size = {"B": 1, "I": 4, "Q": 8}[kind]
    return memoryview(mmap.mmap(-1, size * count)).cast(kind)


class Failed(Exception):
    """An answer came, and is not the right one."""

    def __init__(self, outcome, reason):
        super().__init__(reason)
        self.outcome = outcome


class Recorder:
    def __init__(self, workload):
        self.workload = workload
        self.begun = itertools.count(1)
        self.start_ns = _column("Q", workload.requests)
        self.first_byte_ns = _column("Q", workload.requests)
        self.end_ns = _column("Q", workload.requests)
        self.worker = _column("I", workload.requests)  # the thread's id, as the kernel has it
        self.opened = _column("B", workload.requests)  # connections made for this request
        self.outcome = _column("B", workload.requests)
        self.loop = None  # what the heartbeat of an event loop saw
        self.blocks_loop = False  # whether something computes on that loop now
        self.stopped = None  # what is to end that loop: an interrupt, or the deadline
        self.reasons = mmap.mmap(-1, REASON_SIZE * len(OUTCOMES))  # of one failure of each kind

    def record(self, id, outcome_of=None):
        """A `with` block around the request `id`, which records its start, end and outcome.

        An exception that leaves the block becomes an outcome by outcome_of(error). One that is no
        Exception (cancelled, interrupted) goes on, and the request stays pending.
        """
        return Record(self, id, outcome_of)

    def begin(self, id):
        """Returns how many have begun now, in this process."""
        self.worker[id] = threading.get_native_id()
        self.start_ns[id] = time.monotonic_ns()
        return next(self.begun)

    def all_begun(self):
        """All have begun: makes the file of --ready, unless one has ended already."""
        if self.workload.ready is not None and self.ended() == 0:
            open(self.workload.ready, "wb").close()

    def end(self, id, outcome, reason=None):
        """Ends a request, once: a second end is ignored."""
        if self.outcome[id] != PENDING:
            return
        self.end_ns[id] = time.monotonic_ns()
        if reason:
            row = OUTCOMES.index(outcome) * REASON_SIZE
            text = reason.encode("ascii", "replace")[: REASON_SIZE - 1]
            self.reasons[row: row + REASON_SIZE] = text.ljust(REASON_SIZE, b"\0")
        self.outcome[id] = OUTCOMES.index(outcome)

    def end_all(self, outcome, reason=None):
        """Ends all that have not ended, begun or not: then the outcomes add up to N."""
        for id in range(self.workload.requests):
            self.end(id, outcome, reason)

    def ended(self):
        return self.workload.requests - bytes(self.outcome).count(PENDING)

    def reason(self, outcome):
        row = OUTCOMES.index(outcome) * REASON_SIZE
        return self.reasons[row: row + REASON_SIZE].rstrip(b"\0").decode()

    def outcomes(self):
        ended = bytes(self.outcome)
        return {name: ended.count(i) for i, name in enumerate(OUTCOMES) if i != PENDING}

    def write_csv(self, path):
        """All records, as a whole new file, or to the device that is there."""
        target = path if is_no_file(path) else f"{path}.{os.getpid()}.tmp"
        with open(target, "w", encoding="ascii") as file:
            file.writelines(self._rows())
        if target != path:
            os.replace(target, path)

    def _rows(self):
        workers = {}  # the kernel's ids as 0, 1, ... in the order of their first request
        yield "id,worker,start_ns,connected_ns,first_byte_ns,end_ns,outcome,resends\n"
        for id, outcome in enumerate(self.outcome):
            start, first_byte, end = (
                ns and ns - self.origin_ns or ""
                for ns in (self.start_ns[id], self.first_byte_ns[id], self.end_ns[id]))
            worker = workers.setdefault(self.worker[id], len(workers)) if start else ""
            yield f"{id},{worker},{start},,{first_byte},{end},{OUTCOMES[outcome]},0\n"


class Record:
    __slots__ = ("recorder", "id", "outcome_of")

    def __init__(self, recorder, id, outcome_of):
        self.recorder = recorder
        self.id = id
        self.outcome_of = outcome_of

    def __enter__(self):
        self.recorder.begin(self.id)
        return self

    def __exit__(self, kind, error, traceback):
        if error is None:
            self.recorder.end(self.id, "ok")
        elif isinstance(error, Failed):
            self.recorder.end(self.id, error.outcome, str(error))
        elif isinstance(error, Exception):
            self._fail(error)
        else:
            return False
        return True

    def _fail(self, error):
        outcome = self.outcome_of(error) if self.outcome_of else "other"
        if outcome == "reset" and self.recorder.first_byte_ns[self.id]:
            outcome = "truncated"  # the connection was lost within the body
        self.recorder.end(self.id, outcome, f"{type(error).__name__}: {error}".rstrip(": "))

    def first_byte(self):
        """The answer has begun: its header is here."""
        self.recorder.first_byte_ns[self.id] = time.monotonic_ns()

    def opened_connection(self, count=1):
        """A connection was made for this request."""
        self.recorder.opened[self.id] += count

    async def read(self, chunks):
        """The body of an answer that comes in chunks, up to the size that is allowed and a bit."""
        body = bytearray()
        async for chunk in chunks:
            body += chunk
            if len(body) > BODY_SIZE_MAX:
                break
        return body

    def answered(self, status, body):
        """Checks a whole answer; raises Failed where it is not the one of this request."""
        w = self.recorder.workload
        took_ns = time.monotonic_ns() - self.recorder.start_ns[self.id]
        if w.makes_requests and took_ns > w.timeout_ns:
            raise Failed("timeout", "the whole answer took longer than --timeout")
        if not 200 <= status <= 299:
            raise Failed("http_status", f"status {status}")
        if w.verify == "id":
            _check_body(body, self.id)

    def computed(self, digest):
        if digest != self.recorder.workload.digest:
            raise Failed("bad_body", f"the computation came to {digest}")


def _refuse(constant):
    raise ValueError(f"{constant} is no JSON")


def _check_body(body, id):
    if len(body) > BODY_SIZE_MAX:
        raise Failed("bad_body", f"the body has more than {BODY_SIZE_MAX} bytes")
    try:
        found = json.loads(body.decode(), parse_constant=_refuse)["id"]
    except (ValueError, TypeError, LookupError, RecursionError):
        raise Failed("bad_body", f"no JSON with an id: {bytes(body[:60])!r}") from None
    if type(found) is not int or found != id:
        raise Failed("bad_body", f"the answer of {found!r}")
