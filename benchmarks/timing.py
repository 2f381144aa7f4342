"""Two ways to do a thing, timed in turn: the ratio hardly depends on the machine or its load."""

import statistics
import time


def seconds(call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def compare(ours, other, repeats: int = 3) -> dict[str, float]:
    """How many times as fast `ours` is as `other`: the median of pairs, and the extremes.

    `median` is that of our own times, in seconds. The order changes from pair to pair, so that a
    machine that grows slower favours neither.
    """
    ratios, times = [], []
    for repeat in range(repeats):
        pair = (ours, other) if repeat % 2 else (other, ours)
        took = {call: seconds(call) for call in pair}
        ratios.append(took[other] / took[ours])
        times.append(took[ours])
    return {
        "ratio": statistics.median(ratios),
        "median": statistics.median(times),
        "low": min(ratios),
        "high": max(ratios),
    }
