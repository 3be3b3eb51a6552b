"""The computation: a chain of SHA-256, the same for every item and in every language.

h(0) is 32 zero bytes, h(k+1) the SHA-256 of h(k) followed by zeros up to `block` bytes; the result
is h(rounds). Each hash needs the one before it, so that nothing can be left out.
"""
import hashlib
import time

SLICE_NS_MIN = 5_000_000
SLICES = 15


def chain(rounds, block):
    """h(rounds), as hexadecimal digits."""
    sha256 = hashlib.sha256
    padding = bytes(block - 32)
    digest = bytes(32)
    for _ in range(rounds):
        digest = sha256(digest + padding).digest()
    return digest.hex()


def _time(rounds, block):
    before = time.thread_time_ns()
    chain(rounds, block)
    return time.thread_time_ns() - before


def _rounds_in(cpu_ns, block):
    """How many rounds take `cpu_ns` of CPU time: by the fastest of several slices, since whatever
    disturbs one makes it slower."""
    rounds = 1
    while (fastest := _time(rounds, block)) < SLICE_NS_MIN:
        rounds *= 2
    fastest = min([fastest] + [_time(rounds, block) for _ in range(SLICES - 1)])
    return max(1, round(cpu_ns / fastest * rounds))


def complete(workload):
    """What the command line left open: the rounds, by measuring; the digest, by computing it."""
    if workload.rounds is None:
        workload.rounds = _rounds_in(workload.cpu_ns, workload.block)
    if workload.digest is None:
        workload.digest = chain(workload.rounds, workload.block)
