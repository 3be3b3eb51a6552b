"""Numbers with units, as people write and read them: "200ms", "10k", "64k", "13.2 MB"."""
import math
import re

DURATIONS = {"h": 3600e9, "m": 60e9, "s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1}
COUNTS = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9}
SIZES = {"": 1, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30}

DURATION_MAX = 100 * 365 * 24 * DURATIONS["h"]
COUNT_MAX = 1e15
SIZE_MAX = 1 << 40


def _parse(text, units, most):
    match = re.fullmatch(r"([0-9]+\.?[0-9]*)([A-Za-z]*)", text)
    value = float(match[1]) * units.get(match[2], math.nan) if match else math.nan
    if not value <= most:
        raise ValueError(text)
    return value


def parse_duration(text):
    """Nanoseconds of "200ms", "1.5s", or "0". Raises ValueError."""
    return 0 if text == "0" else round(_parse(text, DURATIONS, DURATION_MAX))


def parse_count(text):
    """The whole number of "1000", "10k", "1.5k". Raises ValueError."""
    value = _parse(text, COUNTS, COUNT_MAX)
    if value != int(value):
        raise ValueError(text)
    return int(value)


def parse_size(text):
    """Bytes of "32" or "64k" (65536). Raises ValueError."""
    return int(_parse(text, SIZES, SIZE_MAX))


def _format(value, units, digits):
    for name, factor in units:
        if value >= factor:
            break
    value /= factor
    decimals = digits - 3 if value >= 100 else digits - 2 if value >= 10 else digits - 1
    return f"{value:.{0 if factor == 1 else decimals}f} {name}"


def format_duration(ns):
    units = list(DURATIONS.items())
    return _format(ns, units if ns >= 600e9 else units[2:], 4 if ns >= 10e9 else 3)


def format_bytes(size):
    return _format(size, [("GB", 1e9), ("MB", 1e6), ("KB", 1e3), ("bytes", 1)], 3)
