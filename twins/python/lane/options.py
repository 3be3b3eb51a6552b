"""The command line of a lane, the same as that of the suite's lanes in C."""
import argparse
import os
import sys
from urllib.parse import urlsplit

import lane
from lane import units

REQUESTS_MAX = 10_000_000
BLOCK_MIN = 32
BLOCK_MAX = 16 << 20
CPU_DEFAULT_NS = 20_000_000
COMPUTES = ("cpu", "mixed")


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
        return self.work in COMPUTES

    def url_of(self, id):
        return self.url.replace("{id}", str(id))


def _duration(text):
    ns = units.parse_duration(text)
    if ns == 0:
        raise ValueError
    return ns


def _count(text):
    value = units.parse_count(text)
    if not 0 < value <= REQUESTS_MAX:
        raise ValueError
    return value


def _block(text):
    value = units.parse_size(text)
    if not BLOCK_MIN <= value <= BLOCK_MAX:
        raise ValueError
    return value


def _digest(text):
    if len(bytes.fromhex(text)) != 32:
        raise ValueError
    return text.lower()


def _checked(parse, meaning):
    """An argparse type that says what it wants."""

    def convert(text):
        try:
            return parse(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is not {meaning}") from None

    return convert


TIME = _checked(_duration, "a time above 0; write it like 200ms, 1.5s or 2m")
LATENCY = _checked(units.parse_duration, "a time; write it like 200ms, or 0")
COUNT = _checked(_count, "a number from 1 to 10M; write it like 1000 or 10k")
ROUNDS = _checked(units.parse_count, "a number; write it like 50000")
BLOCK = _checked(_block, "a size from 32 bytes to 16M; write it like 64k")
DIGEST = _checked(_digest, "a SHA-256 of 64 hexadecimal digits")


def _url(text):
    if text.count("{id}") != 1:
        raise argparse.ArgumentTypeError(
            f"URL '{text}' must hold {{id}} once, the place of the request's number: "
            "http://127.0.0.1:8080/users/{id}")
    if urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).netloc:
        raise argparse.ArgumentTypeError(f"'{text}' is not an http:// or https:// URL")
    return text


class _Version(argparse.Action):
    """Loads the libraries: so that --version tells whether the lane can run at all."""

    def __init__(self, option_strings, dest, model, help):
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help=help)
        self.model = model

    def __call__(self, parser, *_):
        self.model.load_libraries()
        versions = ", ".join(f"{name} {v}" for name, v in self.model.versions().items())
        print(f"{self.model.name} {lane.VERSION} ({versions})")
        parser.exit()


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
    add("-n", "--requests", type=COUNT, default=1000, metavar="N", help="in all (default: 1000)")
    add("-c", "--concurrency", type=COUNT, metavar="C",
        help=f"size of the pool, or most requests in flight (default: {default})")
    add("-t", "--timeout", dest="timeout_ns", type=TIME, default=30 * 10**9, metavar="TIME",
        help="longest time for one request (default: 30s)")
    add("--deadline", dest="deadline_after_ns", type=TIME, metavar="TIME",
        help="longest time for the whole run (default: none)")
    add("--connections", choices=("reuse", "fresh"), default=model.connections,
        help=f"use a connection again, or make one for each (default: {model.connections})")
    add("--verify", choices=("id", "status"), default="id",
        help='what makes an answer right: a JSON body whose "id" is the request\'s, or any status '
        "200-299 (default: id)")
    add("--latency", dest="latency_ns", type=LATENCY, metavar="TIME",
        help="the fixed latency of the server, for the floor; with --work sleep the time to sleep")
    add("--work", choices=model.works, default=model.works[0],
        help=f"what an item is (default: {model.works[0]})")
    add("--cpu", dest="cpu_ns", type=TIME, metavar="TIME",
        help="CPU time of one computation (default: 20ms)")
    add("--rounds", type=ROUNDS, metavar="R", help="hashes of one computation, instead of --cpu")
    add("--block", type=BLOCK, metavar="BYTES",
        help="bytes that each of them hashes (default: 32)")
    add("--digest", type=DIGEST, metavar="HEX", help="what a computation must come to")
    add("--ready", metavar="FILE", help="with --work sleep: made once all N sleep")
    if model.offloads:
        add("--compute", choices=("loop", "threads", "processes"),
            help="where the event loop has computations done (default: loop)")
        add("--workers", type=COUNT, metavar="W",
            help="how many of these threads or processes (default: one per core)")
    add("-o", "--output", metavar="FILE", help="append the result to FILE as one JSON line")
    add("--records", metavar="FILE", help="write one CSV row per request to FILE")
    add("--quiet", action="store_true", help="no summary and no progress")
    add("--progress", action="store_true", help="progress on stderr, even if it is no terminal")
    add("--version", action=_Version, model=model, help="print the versions and exit")
    return parser


def _complete_concurrency(parser, model, w):
    if w.work == "sleep":
        w.concurrency = w.requests
    elif w.concurrency is None:
        w.concurrency = model.concurrency or w.requests
    if model.concurrency_max and w.concurrency > model.concurrency_max:
        parser.error(f"{model.name} runs {model.concurrency_max} request at a time: leave -c out, "
                     "or use another lane")
    w.concurrency = min(w.concurrency, w.requests)


def _complete_computation(parser, model, w):
    if not model.offloads:
        w.compute = w.workers = None
    if not w.computes:
        for name in ("cpu_ns", "rounds", "block", "digest", "compute", "workers"):
            if getattr(w, name) is not None:
                parser.error(f"--{name.removesuffix('_ns')}: nothing is computed; say --work cpu "
                             "or --work mixed")
        return
    w.block = w.block or BLOCK_MIN
    if w.digest is not None and w.rounds is None:
        parser.error("--digest: of how many rounds? Say --rounds as well")
    if w.cpu_ns is None and w.rounds is None:
        w.cpu_ns = CPU_DEFAULT_NS
    if model.offloads:
        w.compute = w.compute or "loop"
        if w.compute == "loop" and w.workers is not None:
            parser.error("--workers: the loop computes; say --compute threads or processes")
        if w.compute != "loop" and w.workers is None:
            w.workers = os.cpu_count()


def parse(model):
    """Reads the command line. Ends the program with status 2 and a message where it is wrong."""
    parser = _parser(model)
    w = parser.parse_args(namespace=Workload())
    if not w.makes_requests:
        w.url = None
    elif w.url is None:
        parser.error("the URL is missing: http://127.0.0.1:8080/users/{id}")
    if w.ready is not None and w.work != "sleep":
        parser.error("--ready: nothing sleeps; say --work sleep")
    if w.ready is not None and os.path.exists(w.ready) and not os.path.isfile(w.ready):
        parser.error(f"--ready: {w.ready} is no regular file")
    if w.work == "sleep" and w.latency_ns is None:
        parser.error("--work sleep needs --latency, the time to sleep")
    _complete_concurrency(parser, model, w)
    _complete_computation(parser, model, w)
    w.fresh = w.connections == "fresh"
    w.progress = not w.quiet and (w.progress or sys.stderr.isatty())
    return w
