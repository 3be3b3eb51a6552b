"""One item after another, waiting for each: what a thread or process of its own does.

The models that block differ in who has such a worker, and in nothing else. `requests` is imported
here only where requests are made: it is most of the start-up time of a lane.
"""
import functools
import http.client
import io
import threading
import time

from lane import files, queries, sockets
from lane.recorder import BODY_SIZE_MAX

LIBRARIES = {"requests": "python3-requests", "urllib3": "python3-urllib3"}
OTHERS = {"sql": queries.LIBRARIES, "websocket": sockets.LIBRARIES}


def open_worker(workload, recorder):
    """A function that takes an id and does its item; with a session of its own."""
    clients = {"io": Client, "mixed": Client, "sql": queries.Client, "websocket": sockets.Client}
    if workload.work in clients:
        return clients[workload.work](workload, recorder)
    item = {"file": files.read, "cpu": compute_item, "sleep": sleep_item}[workload.work]
    return functools.partial(item, workload, recorder)


present = threading.local()  # present.until: when the request of this thread is to have ended


class TimedReader(io.RawIOBase):
    """A socket that is read, by the time that is left: requests gives each read all of it, so that
    one who says a little now and then is never given up."""

    def __init__(self, raw):
        self.raw = raw

    def readable(self):
        return True

    def readinto(self, buffer):
        left = present.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self.raw._sock.settimeout(left)
        return self.raw.readinto(buffer)

    def close(self):
        self.raw.close()
        super().close()


class TimedResponse(http.client.HTTPResponse):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.fp = io.BufferedReader(TimedReader(self.fp.detach()))


class Client:
    def __init__(self, workload, recorder):
        import requests
        import urllib3

        urllib3.connection.HTTPConnection.response_class = TimedResponse
        self.workload = workload
        self.recorder = recorder
        # requests.get() opens a session and a connection for this one request.
        self.session = None if workload.fresh else requests.Session()
        self.get = requests.get if workload.fresh else self.session.get

    def __call__(self, id):
        with self.recorder.record(id, outcome_of) as record:
            present.until = time.monotonic() + self.workload.timeout_ns / 1e9
            self._fetch(record)
            if self.workload.computes:
                compute(self.workload, record)

    def _fetch(self, record):
        before = self._connections()
        with self.get(self.workload.url_of(record.id), timeout=self.workload.timeout_ns / 1e9,
                      allow_redirects=False, stream=True) as response:
            record.first_byte()
            record.opened_connection(1 if self.workload.fresh else self._connections() - before)
            record.answered(response.status_code, _read_body(response))

    def _connections(self):
        """That the session has made so far, as urllib3 counts them."""
        if self.session is None:
            return 0
        pools = self.session.get_adapter(self.workload.url).poolmanager.pools
        return sum(pools[key].num_connections for key in pools.keys())


def _read_body(response):
    """requests takes a body that ends early for a whole one, before version 2.32."""
    body = response.raw.read(BODY_SIZE_MAX + 1, decode_content=True)
    wanted, found = response.headers.get("Content-Length", "0"), response.raw.tell()
    if wanted.isdigit() and found < min(int(wanted), BODY_SIZE_MAX):
        raise http.client.IncompleteRead(body, int(wanted) - found)
    return body


def outcome_of(error):
    """requests wraps errors of urllib3, which wrap those of http.client and of the socket."""
    import requests
    from urllib3.exceptions import MaxRetryError, ProtocolError, ReadTimeoutError

    if isinstance(error, (requests.Timeout, ReadTimeoutError)):
        return "timeout"
    if isinstance(error, (http.client.IncompleteRead, ProtocolError)):  # while it was read
        return "truncated"
    if not isinstance(error, requests.ConnectionError):
        return "other"
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        return "connect"
    aborted = isinstance(cause, Exception) and isinstance(cause.args[-1], ConnectionError)
    return "reset" if aborted else "other"


def compute(workload, record):
    from lane.chain import chain

    record.computed(chain(workload.rounds, workload.block))


def compute_item(workload, recorder, id):
    with recorder.record(id) as record:
        compute(workload, record)


def sleep_item(workload, recorder, id):
    if recorder.begin(id) == workload.requests:
        recorder.all_begun()
    time.sleep(workload.latency_ns / 1e9)
    recorder.end(id, "ok")
