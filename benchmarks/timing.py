"""Timings side by side: two ways of doing one thing, in turns, in one run."""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import TypedDict


class Measured(TypedDict):
    """A line of ``results/bench.json``.

    ``ratio`` is the median over turns of the two ways' figures of one turn, ``ratio_low`` and
    ``ratio_high`` their extremes. ``median``, ``low`` and ``high`` are our own figure, in ``unit``.
    """

    name: str
    ratio: float
    ratio_low: float
    ratio_high: float
    median: float
    low: float
    high: float
    unit: str


def seconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


def summary(name: str, ours: list[float], ratios: list[float], unit: str) -> Measured:
    """A line of the results from the figures of all turns."""
    return {
        "name": name,
        "ratio": median(ratios),
        "ratio_low": min(ratios),
        "ratio_high": max(ratios),
        "median": median(ours),
        "low": min(ours),
        "high": max(ours),
        "unit": unit,
    }


def compare(
    name: str,
    ours: Callable[[], object],
    other: Callable[[], object],
    *,
    repeats: int = 5,
    amount: tuple[float, float] = (1, 1),
    unit: str = "s",
    factor: float = 1,
) -> Measured:
    """Time two ways in turns, after a first call of each that does not count.

    Parameters
    ----------
    name
        Of the line.
    ours, other
        What is timed. The ratio is other ÷ ours: above 1, ours is faster.
    repeats
        Turns.
    amount
        How much one call of ours and of the other does, e.g. images.
    unit, factor
        Of our figure: seconds for an amount of 1, times ``factor``.
    """
    ours(), other()
    mine, ratios = [], []
    for _ in range(repeats):
        a, b = seconds(ours) / amount[0], seconds(other) / amount[1]
        mine.append(a * factor)
        ratios.append(b / a)
    return summary(name, mine, ratios, unit)
