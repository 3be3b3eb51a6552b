"""What every Python lane shares: the lane contract of the suite, and nothing of a model.

A model is a function run(workload, recorder) that makes every request and records it; main() does
all around it: options, limits, signals, timing, result. ../README.md tells what is where.
"""
import contextlib
import importlib
import os
import sys

VERSION = "0.1.0"  # of the suite, as in the Makefile

STATUS_OK = 0
STATUS_FAILURES = 1
STATUS_USAGE = 2
STATUS_LIMITS = 3
STATUS_INTERRUPTED = 130


class Model:
    """A model and what it says of itself, so that options and limits are checked before it runs."""

    works = ("io", "cpu", "mixed", "file")  # kinds of --work
    concurrency = None  # default; None: as many as there are requests
    concurrency_max = None  # None: no limit of the model's own
    connections = "reuse"  # default of --connections
    others = {}  # libraries of other works than requests, in place of those: work -> as they are
    offloads = False  # has --compute
    blocks = False  # has --blocking
    descriptors = 0  # of one process, for each of C
    tasks = 0  # kernel tasks (threads or processes), for each of C
    mappings = 0  # memory mappings of one process, for each of C

    def __init__(self, name, summary, run, libraries, **differing):
        self.name = name  # of the lane: "python-threads"
        self.summary = summary  # one line for --help
        self.run = run
        self.libraries = libraries  # those of its requests: module -> Debian's package
        assert differing.keys() <= vars(Model).keys()
        vars(self).update(differing)  # from the defaults above

    @property
    def pools(self):
        """Whether it has --workers."""
        return self.offloads or self.blocks

    def load_libraries(self):
        for module, package in self.libraries.items():
            with needs(package):
                importlib.import_module(module)

    def versions(self):
        """The interpreter and the libraries that are loaded, with their versions."""
        free = "t" if "free-threading" in sys.version else ""
        versions = {"CPython": sys.version.split()[0] + free}
        for module in self.libraries:
            if module in sys.modules:
                versions[module] = sys.modules[module].__version__
        return versions


def is_no_file(path):
    """A device or a pipe, in whose place no file must come."""
    return os.path.exists(path) and not os.path.isfile(path)


@contextlib.contextmanager
def needs(package):
    """Around an import: where it fails, the program ends and names Debian's package, which is of
    no use to another interpreter."""
    try:
        yield
    except ImportError as error:
        program = os.path.basename(sys.argv[0])
        own = os.path.realpath(sys.executable) == os.path.realpath("/usr/bin/python3")
        remedy = f"apt-get install {package}" if own else f"install it for {sys.executable}"
        print(f"{program}: {error}: {remedy}", file=sys.stderr)
        sys.exit(STATUS_LIMITS)


def main(model):
    from lane import program  # not needed by a process that only imports the model

    program.main(model)
