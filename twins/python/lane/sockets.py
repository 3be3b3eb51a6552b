"""WebSockets of who waits for them, by websocket-client."""
import time

from lane.recorder import Failed

LIBRARIES = {"websocket": "python3-websocket"}


class Client:
    """Opens one for each item, waits for its message and sends that back; the server judges it."""

    def __init__(self, workload, recorder):
        self.workload = workload
        self.recorder = recorder

    def __call__(self, id):
        import websocket

        with self.recorder.record(id, outcome_of) as record:
            until = time.monotonic() + self.workload.timeout_ns / 1e9
            url = self.workload.url_of(id).replace("http", "ws", 1)
            socket = websocket.create_connection(url, timeout=self.workload.timeout_ns / 1e9)
            try:
                record.opened_connection()
                self._talk(socket, record, until)
            finally:
                socket.shutdown()

    def _talk(self, socket, record, until):
        text = b'{"chat"'
        while text.startswith(b'{"chat"'):
            text, code = hear(socket, until)
            if code is not None:
                raise Failed("http_status", f"closed with {code}")
        record.first_byte()
        record.answered(200, text)
        socket.send(text.decode())
        code = hear(socket, until)[1]
        if code != 1000:
            raise Failed("http_status", f"closed with {code}")


def hear(socket, until):
    """A message, or the code of a close."""
    from websocket import ABNF

    socket.settimeout(max(until - time.monotonic(), 1e-3))
    kind, data = socket.recv_data()
    if kind != ABNF.OPCODE_CLOSE:
        return data, None
    return b"", int.from_bytes(data[:2], "big")


def outcome_of(error):
    import websocket

    if isinstance(error, (TimeoutError, websocket.WebSocketTimeoutException)):
        return "timeout"
    if isinstance(error, websocket.WebSocketBadStatusException):
        return "http_status"
    if isinstance(error, (websocket.WebSocketConnectionClosedException, ConnectionResetError,
                          BrokenPipeError)):
        return "reset"
    if isinstance(error, (websocket.WebSocketAddressException, OSError)):
        return "connect"
    return "other"
