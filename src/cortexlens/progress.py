"""Progress with an estimate: a bar on a terminal, quiet lines in a log file."""

import sys
import time
from collections.abc import Iterable, Iterator
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
            print(f"{what}: {done}/{total}, {left:.0f} s left", file=sys.stderr, flush=True)


def say(message: str) -> None:
    """Print one line on standard error, at once."""
    print(message, file=sys.stderr, flush=True)
