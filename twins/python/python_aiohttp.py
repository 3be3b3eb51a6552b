#!/usr/bin/python3
"""The event-loop model with aiohttp: asyncio.gather() over all requests, on one thread.

aiohttp, too, allows 100 connections unless told otherwise; here it has as many as requests.
"""
import asyncio

import lane
from lane import event_loop
from lane.recorder import Failed

with lane.needs("python3-aiohttp"):
    import aiohttp


async def gather(workload, recorder, heartbeat):
    slots = event_loop.Slots(workload, recorder)
    timeout = aiohttp.ClientTimeout(total=workload.timeout_ns / 1e9)
    connector = aiohttp.TCPConnector(limit=0, force_close=workload.fresh)
    session = aiohttp.ClientSession(connector=connector, timeout=timeout,
                                    trace_configs=[count_connections(recorder)])
    session._retry_connection = False  # since 3.10 it sends one that was reset a second time

    async def fetch(id):
        async with slots:
            with recorder.record(id, outcome_of) as record:
                async with session.get(workload.url_of(id), allow_redirects=False,
                                       trace_request_ctx=record) as response:
                    record.first_byte()
                    body = await record.read(response.content.iter_any())
                    record.answered(response.status, body)
                if workload.computes:
                    await compute(record)

    async def talk(id):
        async with slots:
            with recorder.record(id, outcome_of) as record:
                async with asyncio.timeout(workload.timeout_ns / 1e9):
                    async with session.ws_connect(workload.url_of(id)) as socket:
                        record.opened_connection()
                        await answer(socket, record)

    item = talk if workload.work == "websocket" else fetch
    with event_loop.computing(workload, heartbeat) as compute:
        async with session:
            await asyncio.gather(*[item(id) for id in range(workload.requests)])


async def answer(socket, record):
    """Verifies the message of a WebSocket and sends it back; the server judges that."""
    text = await receive(socket)
    while text.startswith('{"chat"'):
        text = await receive(socket)
    record.first_byte()
    record.answered(200, text.encode())
    await socket.send_str(text)
    close = await socket.receive()
    if close.data != aiohttp.WSCloseCode.OK:
        raise failure(close)


async def receive(socket):
    message = await socket.receive()
    if message.type == aiohttp.WSMsgType.TEXT:
        return message.data
    raise failure(message)


def failure(message):
    """What another message than the one that was waited for means."""
    if message.type == aiohttp.WSMsgType.ERROR:
        return Failed("other", str(message.data))
    if message.type == aiohttp.WSMsgType.CLOSE:
        return Failed("http_status", f"closed with {message.data}")
    return Failed("reset", "the connection ended")


def count_connections(recorder):
    async def created(session, context, _):
        if context.trace_request_ctx is not None:  # a WebSocket counts its own
            context.trace_request_ctx.opened_connection()

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(created)
    return trace


def outcome_of(error):
    if isinstance(error, asyncio.TimeoutError):
        return "timeout"
    if isinstance(error, aiohttp.WSServerHandshakeError):
        return "http_status"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "connect"
    if isinstance(error, (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
        return "reset"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "truncated"
    return "other"


if __name__ == "__main__":
    lane.main(lane.Model(
        "python-aiohttp", "an event loop with aiohttp",
        event_loop.running(gather),
        libraries={"aiohttp": "python3-aiohttp"}, works=("io", "mixed", "websocket"), offloads=True,
        descriptors=1))
