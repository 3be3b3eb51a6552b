"""Values as people write and read them: "200ms", "10k", "64k". A reader is called what options.json
calls its values."""
import argparse
import math
import re

DURATIONS = {"h": 3600e9, "m": 60e9, "s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1}
COUNTS = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9}
SIZES = {"": 1, "k": 1 << 10, "M": 1 << 20, "G": 1 << 30}
DURATION_MAX = 100 * 365 * 24 * DURATIONS["h"]


def _reader(units, least, most, meaning):
    """An argparse type: a whole number of the least unit. Durations are rounded to one."""

    def read(text):
        match = re.fullmatch(r"([0-9]+\.?[0-9]*)([A-Za-z]*)", text)
        value = float(match[1]) * units.get(match[2], math.nan) if match else math.nan
        if not value <= most or round(value) < least or (
                units is not DURATIONS and value != int(value)):
            raise argparse.ArgumentTypeError(f"'{text}' is not {meaning}")
        return round(value)

    return read


time = _reader(DURATIONS, 1, DURATION_MAX, "a time above 0; write it like 200ms, 1.5s or 2m")
_latency = _reader(DURATIONS, 0, DURATION_MAX, "a time; write it like 200ms, or 0")
count = _reader(COUNTS, 1, 10_000_000, "a number from 1 to 10M; write it like 1000 or 10k")
rounds = _reader(COUNTS, 0, 1e15, "a number; write it like 50000")
block = _reader(SIZES, 32, 16 << 20, "a size from 32 bytes to 16M; write it like 64k")


text = word = str


def latency(text):
    return 0 if text == "0" else _latency(text)


def digest(text):
    if not re.fullmatch("[0-9A-Fa-f]{64}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a SHA-256 of 64 hexadecimal digits")
    return text.lower()


def format_duration(ns):
    return f"{ns / 1e9:.2f} s" if ns >= 1e9 else f"{ns / 1e6:.3g} ms"


def percentiles(values, **percents):
    """By nearest rank, or None where there is no value."""
    if not values:
        return None
    values = sorted(values)
    return {name: values[-(-len(values) * percent // 100) - 1]
            for name, percent in percents.items()}
