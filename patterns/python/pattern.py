"""What the Python twins share: the client, the server's counts, figures and checks.

A process runs one pattern, so all of it is of this module. The program `patterns` starts the server
and this process, and reads the one line of JSON that it writes at its end.
"""
import asyncio
import json
import logging
import time
import warnings
from urllib.parse import urlsplit

found = {"figures": {}, "bars": [], "checks": [], "warnings": []}
asked = {}  # url, n, connections, timeout
idle = []  # connections kept for later requests
warned_ns = 0
clock_ns = time.perf_counter_ns


# ---- What a pattern notes ----

def figure(name, value):
    found["figures"][name] = value


def bar(label, name, value):
    figure(name, value)
    found["bars"].append([label, value, name])


def check(ok, text, timing=False):
    found["checks"].append({"text": text, "ok": bool(ok), "timing": timing})


def check_time(ok, text):
    check(ok, text, timing=True)


def was_warned(*parts):
    return any(all(part in text for part in parts) for text in found["warnings"])


def note_warning(text):
    global warned_ns
    warned_ns = clock_ns()
    found["warnings"].append(text)


def listen_to_warnings(loop):
    """What Python says to stderr, where nobody need read it."""
    class Handler(logging.Handler):
        def emit(self, record):
            note_warning(record.getMessage())

    def told(_, told_of):
        task = told_of.get("task") or told_of.get("future")
        name = task.get_name() if isinstance(task, asyncio.Task) else ""
        note_warning(f"{told_of['message']}: {name}")

    logging.getLogger("asyncio").handlers = [Handler()]
    logging.getLogger("asyncio").propagate = False
    loop.set_exception_handler(told)
    warnings.simplefilter("always", RuntimeWarning)
    warnings.showwarning = lambda message, *_: note_warning(str(message))


# ---- HTTP ----

class HttpError(Exception):
    def __init__(self, status):
        super().__init__(f"HTTP status {status}")
        self.status = status


async def read_answer(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    version, status, *_ = head[0].split(" ") + [""]
    if not version.startswith("HTTP/1."):
        raise ValueError("not HTTP")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
    return int(status), await reader.readexactly(int(headers.get("content-length", 0)))


async def fetch(url, post=None):
    """Returns the body of an answer of 200 to 299; raises HttpError for any other. Whoever is
    cancelled here leaves a closed connection."""
    place = urlsplit(url if "://" in url else asked["url"] + url)
    target = place.path + ("?" + place.query if place.query else "")
    body = b"" if post is None else post.encode()
    head = f"{'GET' if post is None else 'POST'} {target} HTTP/1.1\r\nHost: {place.netloc}\r\n"
    if post is not None:
        head += f"Content-Length: {len(body)}\r\n"
    keep = False
    async with asyncio.timeout(asked["timeout"]):
        reader, writer = (idle.pop() if idle else
                          await asyncio.open_connection(place.hostname, place.port))
        try:
            writer.write(head.encode() + b"\r\n" + body)
            status, answer = await read_answer(reader)
            keep = len(idle) < asked["connections"]
        finally:
            if keep:
                idle.append((reader, writer))
            else:
                writer.transport.abort()
    if not 200 <= status < 300:
        raise HttpError(status)
    return answer


async def fetch_user(id, path=""):
    user = json.loads(await fetch(f"/users/{id}{path}"))
    if user["id"] != id:
        raise ValueError("the answer is another's")
    return user


# ---- The server ----

async def server_count(path):
    at = json.loads(await fetch("/stats"))
    for key in path.split("."):
        at = at.get(key, -1) if isinstance(at, dict) else -1
    return at


async def server_count_of(path, count):
    """Once it is at least `count`, or a second has passed: the server notices a closed connection
    when its loop comes to it."""
    for _ in range(100):
        if (now := await server_count(path)) >= count:
            break
        await asyncio.sleep(0.01)
    return now


async def server_reset():
    await fetch("/reset", post="")


# ---- Outcomes ----

async def outcomes_of(coroutines):
    return await asyncio.gather(*coroutines, return_exceptions=True)


def count_failed(outcomes, kind=Exception):
    """How many have failed; -1 where one failed in another way."""
    failed = [each for each in outcomes if isinstance(each, BaseException)]
    return len(failed) if all(isinstance(each, kind) for each in failed) else -1
