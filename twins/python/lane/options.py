"""The command line of a lane, the same as that of the suite's lanes in C."""
import argparse
import json
import math
import os
import sys
from urllib.parse import urlsplit

import lane
from lane import units

CPU_DEFAULT_NS = 20_000_000

with open(os.path.join(os.path.dirname(__file__), "../../options.json"), encoding="utf-8") as file:
    TABLE = json.load(file)  # of all twins


class Workload(argparse.Namespace):
    """What the lane is asked to do: the options, complete.

    requests: N; the ids are 0 ... N-1         concurrency: C, 1 ... N: most requests in flight
    url: holds {id}, also a file's path; of a database without it; or None
    fresh: a new connection for every request
    timeout_ns: of one request                 deadline_ns: of the whole run, or None
    rounds, block, digest: of the hash chain   compute, workers: where an event loop computes
    blocking, workers: where it makes calls that block
    """

    @property
    def makes_requests(self):
        return self.work in ("io", "mixed", "websocket")

    @property
    def computes(self):
        return self.work in ("cpu", "mixed")

    @property
    def has_url(self):
        return self.makes_requests or self.work in ("file", "sql")

    def url_of(self, id):
        return self.url.replace("{id}", str(id))


def _place(row):
    """The name of what the option of a row sets, with its unit."""
    return row["name"] + ("_ns" if row["is"] in ("time", "latency") else "")


def _add(parser, row):
    names = [f"-{letter}" for letter in row.get("letter", "")] + [f"--{row['name']}"]
    words, default = row.get("words"), row.get("default")
    text = row["help"].replace("{default}", str(row.get("shown", default)))
    if row["is"] == "switch":
        action = "help" if row["name"] == "help" else "store_true"
        parser.add_argument(*names, action=action, help=text)
    else:
        parser.add_argument(
            *names, dest=_place(row), type=getattr(units, row["is"]), choices=words,
            metavar="|".join(words) if words else row["takes"], default=default, help=text)


def _parser(model):
    parser = argparse.ArgumentParser(
        prog=model.name, allow_abbrev=True, add_help=False,
        description=f"Runs a workload as {model.summary}, and says how long it took.",
        epilog="Exit status: 0 all requests ok; 1 some requests failed (each is counted by its "
        "outcome); 2 wrong usage; 3 the machine's limits or a missing library forbid the run; "
        "130 interrupted (the partial result is written).")
    parser.add_argument("url", nargs="?", metavar="URL",
                        help="http://127.0.0.1:8080/users/{id}")
    own = {  # what the model has to say of an option
        "concurrency": {"shown": model.concurrency or "N"},
        "connections": {"default": model.connections, "shown": model.connections},
        "work": {"words": model.works, "default": model.works[0]},
    }
    for row in TABLE["options"]:
        if getattr(model, row.get("feature", ""), True):
            _add(parser, row | own.get(row["name"], {}))
    return parser


def _print_versions(model):
    """Loads the libraries: so that --version tells whether the lane can run at all."""
    model.load_libraries()
    versions = ", ".join(f"{name} {version}" for name, version in model.versions().items())
    print(f"{model.name} {lane.VERSION} ({versions})")
    sys.exit()


def _hand_over(model, interpreter):
    """Has another interpreter begin anew; for it, the empty last word overrides the first."""
    try:
        os.execvp(interpreter, [interpreter, *sys.argv, "--python", ""])
    except OSError as error:
        print(f"{model.name}: --python: {interpreter}: {error.strerror}", file=sys.stderr)
        sys.exit(lane.STATUS_LIMITS)


def _complaint(model, w):
    """What is wrong with options that are right one by one, or None."""
    for row in TABLE["options"]:
        need = TABLE["of"].get(row.get("of"))
        if need and getattr(w, _place(row)) is not None and w.work not in need["works"]:
            return f"--{row['name']}: {need['else']}"
    if w.has_url and w.url is None:
        return "the URL is missing: http://127.0.0.1:8080/users/{id}"
    if w.url is not None and w.work != "sql" and w.url.count("{id}") != 1:
        return (f"URL '{w.url}' must hold {{id}} once, the place of the request's number: "
                "http://127.0.0.1:8080/users/{id}")
    if w.work == "sql" and urlsplit(w.url).scheme not in ("postgresql", "postgres"):
        return f"'{w.url}' is not a postgresql:// URL"
    if w.makes_requests and (
            urlsplit(w.url).scheme not in ("http", "https") or not urlsplit(w.url).netloc):
        return f"'{w.url}' is not an http:// or https:// URL"
    if w.ready is not None and lane.is_no_file(w.ready):
        return f"--ready: {w.ready} is no regular file"
    if w.work == "sleep" and w.latency_ns is None:
        return "--work sleep needs --latency, the time to sleep"
    if w.work != "sleep" and (w.concurrency or 1) > (model.concurrency_max or math.inf):
        return (f"{model.name} runs {model.concurrency_max} request at a time: leave -c out, or "
                "use another lane")
    if w.digest is not None and w.rounds is None:
        return "--digest: of how many rounds? Say --rounds as well"
    if w.workers is not None and w.computes and w.compute in (None, "loop"):
        return "--workers: the loop computes; say --compute threads or processes"
    if w.workers is not None and not w.computes and (not model.blocks or w.blocking == "loop"):
        return "--workers: no thread of a pool waits; say --work cpu, or --blocking threads"
    return None


def _complete(model, w):
    """Sets what was left open and has no default of its own."""
    if not w.has_url:
        w.url = None
    wanted = w.concurrency or model.concurrency or w.requests
    w.concurrency = w.requests if w.work == "sleep" else min(wanted, w.requests)
    if w.computes:
        w.block = w.block or 32
        if w.cpu_ns is None and w.rounds is None:
            w.cpu_ns = CPU_DEFAULT_NS
        if model.offloads:
            w.compute = w.compute or "loop"
            w.workers = w.workers or (None if w.compute == "loop" else len(os.sched_getaffinity(0)))
    if model.blocks:
        w.blocking = w.blocking or "threads"
        if w.blocking == "threads":  # as many as asyncio has, or as are needed
            own = min(32, len(os.sched_getaffinity(0)) + 4)
            w.workers = min(w.workers or own, w.concurrency)
    w.fresh = w.connections == "fresh"


def parse(model):
    """Reads the command line. Ends the program with status 2 and a message where it is wrong."""
    parser = _parser(model)
    w = parser.parse_args(namespace=Workload(compute=None, workers=None, blocking=None))
    if w.python:
        _hand_over(model, w.python)
    if w.version:
        _print_versions(model)
    complaint = _complaint(model, w)
    if complaint is not None:
        parser.error(complaint)
    _complete(model, w)
    return w
