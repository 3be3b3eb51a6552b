import asyncio

from pattern import HttpError, bar, check, clock_ns, fetch, fetch_user, server_count_of


# ---- HTTP errors and others ----

# lesson: http-errors
async def fetch_with_error_handling(url):
    try:
        await fetch(url)
    except HttpError as error:  # HTTP's first,
        return error
    except Exception as error:  # then all others
        return error
# end


TROUBLES = (
    ("none", "/users/1", None),
    ("status 404", "/nothing-here", 404),
    ("status 500", "/users/1?status=500", 500),
    ("status 503", "/users/1?fault=503", 503),
    ("connection reset", "/users/1?fault=reset", ConnectionResetError),
    ("answer cut short", "/users/1?fault=truncate", asyncio.IncompleteReadError),
    ("not HTTP", "/users/1?fault=malformed", ValueError),
    ("nobody listens", "http://127.0.0.1:1/users/1", ConnectionRefusedError),
    ("not a URL", "http://[", ValueError),
)


async def http_errors(n):
    for name, url, expected in TROUBLES:
        error = await fetch_with_error_handling(url)
        known = getattr(error, "status", type(error)) if error else None
        check(known == expected, f"{name}: {error!r}")


# ---- Gather that collects ----

# lesson: gather-errors
async def gather_outcomes(coroutines):
    return await asyncio.gather(
        *coroutines, return_exceptions=True)
# end


async def gather_errors(n):
    outcomes = await gather_outcomes(
        [fetch_user(id, "?status=500" if id % 3 == 1 else "") for id in range(n)])
    succeeded = sum(isinstance(each, dict) for each in outcomes)
    failed = sum(isinstance(each, HttpError) and each.status == 500 for each in outcomes)
    misplaced = sum(isinstance(each, dict) == (id % 3 == 1) for id, each in enumerate(outcomes))
    bar("succeeded", "succeeded", succeeded)
    bar("failed", "failed", failed)
    check(succeeded + failed == n, "every outcome is there")
    check(misplaced == 0, "each error is in the slot of its request")


# ---- Timeout ----

TIMEOUT_NS = 500e6


# lesson: timeout
async def fetch_with_timeout(path, seconds):
    async with asyncio.timeout(seconds):
        return await fetch_user(1, path)
    # TimeoutError where it was too long
# end


async def timeout(n):
    bar("timeout", "timeout_ns", TIMEOUT_NS)
    start, ended = clock_ns(), None
    try:
        await fetch_with_timeout("?delay=20s", TIMEOUT_NS / 1e9)
    except Exception as error:
        ended = error
    bar("until it was noticed", "took_ns", clock_ns() - start)
    check(isinstance(ended, TimeoutError), f"the fetch ends with: {ended!r}")
    check(await server_count_of("aborted", 1) == 1, "the server saw the connection close")
    user = await fetch_with_timeout("?delay=10ms", 20)
    check(user["id"] == 1, "a fetch in time is not touched")
