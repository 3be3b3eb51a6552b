"""The result of a run, from its records: as JSON (schemas/lane-result.json) and for people."""
import os
import resource

from lane.recorder import OK
from lane.units import format_duration, percentiles


def accounts():
    """CPU time of the process and the workers it has waited for, and the peak of the largest.

    The own peak is VmHWM, because ru_maxrss starts at the size of the program that started this."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    workers = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:
        peak_kb = next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))
    return {
        "user_cpu_ns": round((own.ru_utime + workers.ru_utime) * 1e9),
        "system_cpu_ns": round((own.ru_stime + workers.ru_stime) * 1e9),
        "max_rss_bytes": max(peak_kb, workers.ru_maxrss) * 1024,
    }


def _up(dividend, divisor):
    return -(-dividend // divisor)


def floor_ns(w):
    """The least wall time possible, or None where it is not known."""
    n, c, latency, cpu = w.requests, w.concurrency, w.latency_ns, w.cpu_ns
    cores = len(os.sched_getaffinity(0))
    if w.work in ("io", "sleep", "file", "websocket", "sql"):
        return None if latency is None else _up(n, c) * latency
    if cpu is None or (w.work == "mixed" and latency is None):
        return None
    if w.work == "cpu":
        return _up(n, min(c, cores)) * cpu
    return max(_up(n, c) * (latency + cpu), _up(n, cores) * cpu)


def _peak_in_flight(starts, ends):
    """Most requests between start and end at one moment; an end goes before a start."""
    ends = sorted(ends)
    peak = ended = 0
    for begun, start in enumerate(sorted(starts), 1):
        while ends[ended] <= start:
            ended += 1
        peak = max(peak, begun - ended)
    return peak


def _latency(times):
    """Percentiles, and of each twentieth by when it had ended; None where there is no time."""
    times = sorted(times)
    twentieths = percentiles(times, **{str(percent): percent for percent in range(5, 101, 5)})
    return twentieths and {**percentiles(times, p50=50, p90=90, p99=99, max=100),
                           "twentieths": list(twentieths.values())}


def complete(model, w, recorder, measured):
    """The result as a dictionary; `measured` has wall_ns, interrupted, error and the accounts.
    Every request has ended."""
    begun = [id for id in range(w.requests) if recorder.start_ns[id]]
    latencies = [recorder.end_ns[id] - recorder.start_ns[id] for id in begun
                 if recorder.outcome[id] == OK]
    outcomes = recorder.outcomes()
    return {
        "schema": "lane.result/1", "lane": model.name, "libraries": model.versions(),
        "workload": {"requests": w.requests, "concurrency": w.concurrency, "work": w.work,
                     "rounds": w.rounds, "digest": w.digest, "workers": w.workers}, **measured,
        "floor_ns": floor_ns(w), "outcomes": outcomes,
        "verified": 0 if w.verify == "status" and not w.computes else outcomes["ok"],
        "in_flight_peak": _peak_in_flight([recorder.start_ns[id] for id in begun],
                                          [recorder.end_ns[id] for id in begun]),
        "latency_ns": _latency(latencies),
        "connections_opened": sum(recorder.opened),
        "resends": 0,  # none of the libraries sends a request again: README.md
        "valid": outcomes["ok"] == w.requests and measured["error"] is None,
        "loop": recorder.loop,
        "connect_error": w.work == "sql" and recorder.reason("connect") or None,
    }


def _lines(result, reasons):
    """Name and text of each line for people."""
    wall, floor, latency = result["wall_ns"], result["floor_ns"], result["latency_ns"]
    text = format_duration(wall)
    if floor:
        text += f"   (floor {format_duration(floor)}, {100 * (wall / floor - 1):+.1f} %)"
    yield "wall time", text
    for name, count in result["outcomes"].items():
        beside = reasons(name)
        if name == "ok" and result["verified"]:
            beside = f"{result['verified']} verified by their id"
        if count:
            yield name, f"{count}   ({beside})" if beside else count
    yield "in flight", (f"{result['in_flight_peak']} at most, "
                        f"{result['connections_opened']} connections")
    if latency is not None:
        yield "latency", ", ".join(f"{name} {format_duration(latency[name])}"
                                   for name in ("p50", "p99", "max"))
    cpu = format_duration(result["user_cpu_ns"] + result["system_cpu_ns"])
    yield "cost", f"{cpu} of CPU time, largest process {result['max_rss_bytes'] / 1e6:.1f} MB"


def summary(result, recorder):
    """The result for people, as text."""
    w = recorder.workload
    text = f"{result['lane']}: {w.requests} items of {w.work}, {w.concurrency} at once"
    text += f", {w.url}\n" if w.url else "\n"
    text += "".join(f"  {name:<12} {value}\n" for name, value in _lines(result, recorder.reason))
    return text + ("  interrupted: the result is partial\n" if result["interrupted"] else "")
