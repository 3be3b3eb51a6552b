"""The command line of a lane, the same as that of the suite's lanes in C."""
import argparse
import math
import os
import sys
from urllib.parse import urlsplit

import lane
from lane import units

CPU_DEFAULT_NS = 20_000_000
OF_COMPUTING = {"cpu_ns", "rounds", "block", "digest", "compute", "workers"}


class Workload(argparse.Namespace):
    """What the lane is asked to do: the options, complete.

    requests: N; the ids are 0 ... N-1         concurrency: C, 1 ... N: most requests in flight
    url: holds {id}; None for cpu and sleep    fresh: a new connection for every request
    timeout_ns: of one request                 deadline_after_ns: of the whole run, or None
    rounds, block, digest: of the hash chain   compute, workers: where an event loop computes
    """

    @property
    def makes_requests(self):
        return self.work in ("io", "mixed")

    @property
    def computes(self):
        return self.work in ("cpu", "mixed")

    def url_of(self, id):
        return self.url.replace("{id}", str(id))


def _url(text):
    if text.count("{id}") != 1:
        raise argparse.ArgumentTypeError(
            f"URL '{text}' must hold {{id}} once, the place of the request's number: "
            "http://127.0.0.1:8080/users/{id}")
    if urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).netloc:
        raise argparse.ArgumentTypeError(f"'{text}' is not an http:// or https:// URL")
    return text


def _parser(model):
    parser = argparse.ArgumentParser(
        prog=model.name, allow_abbrev=True,
        description=f"Runs a workload as {model.summary}, and says how long it took.",
        epilog="Exit status: 0 all requests ok; 1 some requests failed (each is counted by its "
        "outcome); 2 wrong usage; 3 the machine's limits or a missing library forbid the run; "
        "130 interrupted (the partial result is written).")
    add = parser.add_argument
    default = model.concurrency or "N"
    add("url", nargs="?", type=_url, metavar="URL", help="http://127.0.0.1:8080/users/{id}")
    add("-n", "--requests", type=units.count, default=1000, metavar="N",
        help="in all (default: 1000)")
    add("-c", "--concurrency", type=units.count, metavar="C",
        help=f"size of the pool, or most requests in flight (default: {default})")
    add("-t", "--timeout", dest="timeout_ns", type=units.duration, default=30 * 10**9,
        metavar="TIME", help="longest time for one request (default: 30s)")
    add("--deadline", dest="deadline_after_ns", type=units.duration, metavar="TIME",
        help="longest time for the whole run (default: none)")
    add("--connections", choices=("reuse", "fresh"), default=model.connections,
        help=f"use a connection again, or make one for each (default: {model.connections})")
    add("--verify", choices=("id", "status"), default="id",
        help='what makes an answer right: a JSON body whose "id" is the request\'s, or any status '
        "200-299 (default: id)")
    add("--latency", dest="latency_ns", type=units.latency, metavar="TIME",
        help="the fixed latency of the server, for the floor; with --work sleep the time to sleep")
    add("--work", choices=model.works, default=model.works[0],
        help=f"what an item is (default: {model.works[0]})")
    add("--cpu", dest="cpu_ns", type=units.duration, metavar="TIME",
        help="CPU time of one computation (default: 20ms)")
    add("--rounds", type=units.rounds, metavar="R",
        help="hashes of one computation, instead of --cpu")
    add("--block", type=units.block, metavar="BYTES",
        help="bytes that each of them hashes (default: 32)")
    add("--digest", type=units.digest, metavar="HEX", help="what a computation must come to")
    add("--ready", metavar="FILE", help="with --work sleep: made once all N sleep")
    if model.offloads:
        add("--compute", choices=("loop", "threads", "processes"),
            help="where the event loop has computations done (default: loop)")
        add("--workers", type=units.count, metavar="W",
            help="how many of these threads or processes (default: one per core)")
    add("-o", "--output", metavar="FILE", help="append the result to FILE as one JSON line")
    add("--records", metavar="FILE", help="write one CSV row per request to FILE")
    add("--quiet", action="store_true", help="no summary and no progress")
    add("--progress", action="store_true", help="progress on stderr, even if it is no terminal")
    add("--version", action="store_true", help="print the versions and exit")
    return parser


def _print_versions(model):
    """Loads the libraries: so that --version tells whether the lane can run at all."""
    model.load_libraries()
    versions = ", ".join(f"{name} {version}" for name, version in model.versions().items())
    print(f"{model.name} {lane.VERSION} ({versions})")
    sys.exit()


def _complaint(model, w):
    """What is wrong with options that are right one by one, or None."""
    asked = sorted(name for name, value in vars(w).items()
                   if name in OF_COMPUTING and value is not None)
    if w.makes_requests and w.url is None:
        return "the URL is missing: http://127.0.0.1:8080/users/{id}"
    if w.ready is not None and w.work != "sleep":
        return "--ready: nothing sleeps; say --work sleep"
    if w.ready is not None and lane.is_no_file(w.ready):
        return f"--ready: {w.ready} is no regular file"
    if w.work == "sleep" and w.latency_ns is None:
        return "--work sleep needs --latency, the time to sleep"
    if w.work != "sleep" and (w.concurrency or 1) > (model.concurrency_max or math.inf):
        return (f"{model.name} runs {model.concurrency_max} request at a time: leave -c out, or "
                "use another lane")
    if asked and not w.computes:
        name = asked[0].removesuffix("_ns")
        return f"--{name}: nothing is computed; say --work cpu or --work mixed"
    if w.digest is not None and w.rounds is None:
        return "--digest: of how many rounds? Say --rounds as well"
    if w.workers is not None and w.compute in (None, "loop"):
        return "--workers: the loop computes; say --compute threads or processes"
    return None


def _complete(model, w):
    """Sets what was left open and has no default of its own."""
    if not w.makes_requests:
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
    w.fresh = w.connections == "fresh"
    w.progress = not w.quiet and (w.progress or sys.stderr.isatty())


def parse(model):
    """Reads the command line. Ends the program with status 2 and a message where it is wrong."""
    parser = _parser(model)
    w = parser.parse_args(namespace=Workload(compute=None, workers=None))
    if w.version:
        _print_versions(model)
    complaint = _complaint(model, w)
    if complaint is not None:
        parser.error(complaint)
    _complete(model, w)
    return w
