"""Prepare the next items of an iterator in a background thread."""

import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from queue import Empty, Queue
from typing import Generic, NamedTuple, TypeVar

from cortexlens.compute.devices import use_one_thread

Item = TypeVar("Item")
SECONDS_BETWEEN_LOOKS = 0.01


class _Made(NamedTuple, Generic[Item]):
    """A single item, an error, or, if both are empty, the end of the items."""

    items: tuple[Item, ...] = ()
    error: BaseException | None = None


def prefetch(items: Iterator[Item], ahead: int) -> Generator[Item, None, None]:
    """Yield the items of an iterator while a thread prepares the next ones.

    Parameters
    ----------
    items
        Iterator, which only that thread advances.
    ahead
        Largest number of items prepared in advance; 0 uses no thread.

    Yields
    ------
    object
        The items, in order. An error in the iterator is raised here unchanged. If the consumer
        stops early, closing the generator ends the thread first.
    """
    if not ahead:
        yield from items
        return
    ready: Queue[_Made[Item]] = Queue(ahead)
    stopped = threading.Event()
    thread = threading.Thread(
        target=_make, args=(items, ready, stopped), name="prefetch", daemon=True
    )
    thread.start()
    try:
        while True:
            made = ready.get()
            if made.error is not None:
                raise made.error
            if not made.items:
                return
            yield made.items[0]
    finally:
        stopped.set()
        while thread.is_alive():
            # A thread that waits for room in the queue notices only then that it should stop.
            with suppress(Empty):
                ready.get_nowait()
            thread.join(SECONDS_BETWEEN_LOOKS)


def _make(items: Iterator[Item], ready: "Queue[_Made[Item]]", stopped: threading.Event) -> None:
    """Put items into the queue until they end, one fails, or the consumer has stopped."""
    use_one_thread()
    try:
        for item in items:
            ready.put(_Made((item,)))
            if stopped.is_set():
                return
        ready.put(_Made())
    except BaseException as error:  # to be raised in the consumer's thread
        ready.put(_Made(error=error))
