#!/usr/bin/python3
"""Runs one pattern's twin: main.py SOURCE PATTERN URL N CONNECTIONS TIMEOUT_NS (see twin.c)."""
import asyncio
import importlib
import json
import sys

import pattern

PATTERN, SOURCE = sys.argv[2], sys.argv[1]


async def run():
    pattern.listen_to_warnings(asyncio.get_running_loop())
    body = getattr(importlib.import_module(SOURCE), PATTERN.replace("-", "_"))
    try:
        await body(pattern.asked["n"])
    except Exception as error:
        pattern.found["error"] = f"it raised {error!r}"
        pattern.check(False, f"the pattern itself runs: {error!r}")


if __name__ == "__main__":
    connections, timeout_ns = map(int, sys.argv[5:7])
    pattern.asked.update(url=sys.argv[3], n=int(sys.argv[4]), connections=connections,
                         timeout=(timeout_ns or 30e9) / 1e9)
    asyncio.run(run())
    print(json.dumps(pattern.found))
