"""Progress with an estimate: a bar on a terminal, quiet lines in a log file.

Lines of a log have fields between bars: time, what, done of all, per cent, time left. A message is
the time and itself.
"""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

Item = TypeVar("Item")
SECONDS_BETWEEN_LINES = 10.0


def track(items: Iterable[Item], what: str, total: int | None = None) -> Iterator[Item]:
    """Yield the items and show how far along they are, on standard error.

    Parameters
    ----------
    items
        What to go through.
    what
        What is being done, e.g. ``"images read"``.
    total
        Number of items; taken from ``len(items)`` when left out.

    Yields
    ------
    object
        The items, unchanged.
    """
    total = len(items) if total is None else total  # type: ignore[arg-type]
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import track as rich_track

        yield from rich_track(items, what, total=total, console=Console(stderr=True))
        return
    start = last = time.monotonic()
    for done, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - last > SECONDS_BETWEEN_LINES or done == total:
            last = now
            left = (now - start) / done * (total - done)
            share = 100 * done // max(total, 1)
            say(f"{what} | {done}/{total} | {share} % | {left:.0f} s left")


def say(message: str) -> None:
    """Print one line on standard error, at once; where that is a log, after the local time.

    A log on a full disk loses the line, and the job goes on.
    """
    stamp = "" if sys.stderr.isatty() else f"{datetime.now():%Y-%m-%d %H:%M:%S} | "
    with suppress(OSError):
        print(f"{stamp}{message}", file=sys.stderr, flush=True)
