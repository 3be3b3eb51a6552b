"""The program around a model: options, limits, signals, timing, result."""
import json
import os
import signal
import sys
import time

import lane
from lane import limits, options, result
from lane.recorder import Recorder

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class DeadlinePassed(KeyboardInterrupt):
    """The time of the run is over: raised by a signal, as an interrupt is, and wherever that is."""


def set_signals(handler):
    for number in SIGNALS:
        signal.signal(number, handler)


def on_stop(stop):
    """Has stop(error) called at the first signal or at the deadline, to raise the error or see that
    it is raised. A second signal ends the program at once."""

    def handle(number, _):
        signal.setitimer(signal.ITIMER_REAL, 0)
        set_signals(signal.SIG_DFL)
        stop(DeadlinePassed() if number == signal.SIGALRM else KeyboardInterrupt())

    set_signals(handle)
    signal.signal(signal.SIGALRM, handle)


def leave(error):
    raise error


def complain(model, text):
    print(f"{model.name}: {text}", file=sys.stderr)


def written(model, path, action):
    """Whether action(), which writes `path`, could; where it could not, that is told."""
    try:
        action()
    except OSError as error:
        complain(model, f"{path}: {error.strerror}")
        return False
    return True


def stop_behind(error):
    """The stop while which an error arose, or None: it may have found a lock half taken, which then
    raises an error of its own."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error


def run_model(model, w, recorder):
    """Returns what stopped it before its end, or None, and why it could not run, or None."""
    try:
        try:
            on_stop(leave)
            signal.setitimer(signal.ITIMER_REAL, (w.deadline_ns or 0) / 1e9)  # 0: none
            model.run(w, recorder)
        finally:
            set_signals(signal.SIG_IGN)  # the result is written in any case
            signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt as stop:
        return stop, None
    except (OSError, RuntimeError, MemoryError) as error:
        stop = stop_behind(error)
        return stop, None if stop else f"{type(error).__name__}: {error}".rstrip(": ")
    return None, None


def measure(model, w, recorder):
    """Runs the model and accounts for every request; returns the result."""
    recorder.origin_ns = time.monotonic_ns()
    stopped, error = run_model(model, w, recorder)
    measured = {
        "wall_ns": time.monotonic_ns() - recorder.origin_ns,
        "interrupted": stopped is not None and not isinstance(stopped, DeadlinePassed),
        "error": error, **result.accounts(),
    }
    recorder.end_all("other" if stopped is None else "cancelled", error)
    return result.complete(model, w, recorder, measured)


def append_output(path, found):
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(found) + "\n")


def write(model, w, recorder, found):
    """Writes all that was asked for; returns whether all of it could be written."""
    wanted = [
        (not w.quiet, "standard output",
         lambda: print(result.summary(found, recorder), end="", flush=True)),
        (w.output, w.output, lambda: append_output(w.output, found)),
        (w.records, w.records, lambda: recorder.write_csv(w.records)),
    ]
    return all([written(model, path, action) for asked, path, action in wanted if asked])


def exit_status(found, complete):
    if found["interrupted"]:
        return lane.STATUS_INTERRUPTED
    if found["error"] is not None:
        return lane.STATUS_LIMITS
    return lane.STATUS_OK if found["valid"] and complete else lane.STATUS_FAILURES


def prepare(model):
    """Reads the command line and checks all that can be checked; returns the workload."""
    w = options.parse(model)
    for path in (w.output, w.records):  # better now than after two hundred seconds of measurement
        if path and not written(model, path, lambda: open(path, "ab").close()):
            sys.exit(lane.STATUS_USAGE)
    why = limits.prepare(model, w.concurrency)
    if why is not None:
        complain(model, why)
        sys.exit(lane.STATUS_LIMITS)
    # Nothing of the user's environment reaches a request: no proxy, and no password of ~/.netrc.
    os.environ.update(NO_PROXY="*", no_proxy="*", NETRC=os.devnull)
    model.libraries = model.others.get(w.work, model.libraries)
    if w.makes_requests or w.work in model.others:
        model.load_libraries()
    if w.computes:
        from lane import chain  # and libcrypto with it

        chain.complete(w)
    return w


def main(model):
    w = prepare(model)
    recorder = Recorder(w)
    found = measure(model, w, recorder)
    if found["error"] is not None:
        complain(model, f"the model could not run: {found['error']}")
    complete = write(model, w, recorder, found)
    if found["outcomes"]["cancelled"] or not complete:
        os._exit(exit_status(found, complete))  # threads may go on, or output be unwritable
    sys.exit(exit_status(found, complete))
