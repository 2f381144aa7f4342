"""What is needed next is made ready in the background while something else computes."""

import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from queue import Empty, Queue
from typing import Generic, NamedTuple, TypeVar

from cortexlens.compute.devices import use_one_thread

Item = TypeVar("Item")
SECONDS_BETWEEN_LOOKS = 0.01


class _Made(NamedTuple, Generic[Item]):
    """An item, or that there is none any more, or why there is none."""

    items: tuple[Item, ...] = ()
    error: BaseException | None = None


def prefetch(items: Iterator[Item], ahead: int) -> Generator[Item, None, None]:
    """Yield the same items; a thread makes the next ones meanwhile.

    Parameters
    ----------
    items
        Made one by one, in that thread alone.
    ahead
        How many may lie ready; 0: no thread, each is made when asked for.

    Yields
    ------
    object
        The items, in order. An error in making one is raised here as it is. When whoever asks
        stops early, the thread ends before the generator is closed.
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
            # Whoever waits to lay an item down sees only then that it is not wanted.
            with suppress(Empty):
                ready.get_nowait()
            thread.join(SECONDS_BETWEEN_LOOKS)


def _make(items: Iterator[Item], ready: "Queue[_Made[Item]]", stopped: threading.Event) -> None:
    """Lay items down until there are no more, one fails, or nobody wants them."""
    use_one_thread()
    try:
        for item in items:
            ready.put(_Made((item,)))
            if stopped.is_set():
                return
        ready.put(_Made())
    except BaseException as error:  # whoever asked has to hear of it
        ready.put(_Made(error=error))
