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

    def __init__(self, name, summary, run, *, libraries, works=("io", "cpu", "mixed"),
                 concurrency=None, concurrency_max=None, connections="reuse", offloads=False,
                 descriptors=0, tasks=0, mappings=0, processes=False):
        self.name = name  # of the lane: "python-threads"
        self.summary = summary  # one line for --help
        self.run = run
        self.libraries = libraries  # those of its requests: module -> Debian's package
        self.works = works  # kinds of --work
        self.concurrency = concurrency  # default; None: as many as there are requests
        self.concurrency_max = concurrency_max  # None: no limit of the model's own
        self.connections = connections  # default of --connections
        self.offloads = offloads  # has --compute and --workers
        self.descriptors = descriptors  # of one process, for each of C
        self.tasks = tasks  # kernel tasks (threads or processes), for each of C
        self.mappings = mappings  # memory mappings of one process, for each of C

    def load_libraries(self):
        for module, package in self.libraries.items():
            with needs(package):
                importlib.import_module(module)

    def versions(self):
        """The interpreter and the libraries that are loaded, with their versions."""
        versions = {"CPython": sys.version.split()[0]}
        for module in self.libraries:
            if module in sys.modules:
                versions[module] = sys.modules[module].__version__
        return versions


@contextlib.contextmanager
def needs(package):
    """Around an import: where it fails, the program ends and names Debian's package."""
    try:
        yield
    except ImportError as error:
        program = os.path.basename(sys.argv[0])
        print(f"{program}: {error}: apt-get install {package}", file=sys.stderr)
        sys.exit(STATUS_LIMITS)


def main(model):
    from lane import program  # not needed by a process that only imports the model

    program.main(model)
