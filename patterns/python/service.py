import asyncio
import json

from pattern import (bar, check, clock_ns, count_failed, fetch, fetch_user, figure, outcomes_of,
                     server_count)
from service_call import PATHS as BACK_ENDS, SLOWEST_NS


# lesson: service
async def call_back_ends(id):
    async with asyncio.TaskGroup() as group:
        calls = [group.create_task(fetch_user(id, path))
                 for path in BACK_ENDS]  # the slowest decides
    return [call.result() for call in calls]
# end


class Service:
    open = open_most = 0

    async def answer(self, reader, writer):
        self.open += 1
        self.open_most = max(self.open, self.open_most)
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            user, *_ = await call_back_ends(int(request.split()[1].split(b"/")[-1]))
            status, body = "200 OK", json.dumps({"id": user["id"], "name": user["name"]})
        except* Exception as errors:
            status, body = "502 Bad Gateway", repr(errors)
        finally:
            self.open -= 1
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        writer.close()


async def get_user(url, id):
    user = json.loads(await fetch(f"{url}/users/{id}"))
    if user != {"id": id, "name": f"User {id}"}:
        raise ValueError("the answer is another's")


async def service(n):
    front = Service()
    async with await asyncio.start_server(front.answer, "127.0.0.1", 0, backlog=511) as server:
        url = "http://127.0.0.1:%d" % server.sockets[0].getsockname()[1]
        start = clock_ns()
        failed = count_failed(await outcomes_of(get_user(url, id) for id in range(n)))
        bar("all requests", "service_ns", clock_ns() - start)
    bar("the slowest back end alone", "slowest_latency_ns", SLOWEST_NS)
    figure("connections_most", front.open_most)
    figure("back_end_calls", await server_count("responses"))
    check(failed == 0, "every request is answered with its own user")
