"""Concurrent pipeline steps: a chain of generators, each with its own threads."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(
    pool: Executor, function: Callable[[Item], Result], items: Iterable[Item], limit: int
) -> Iterator[Result]:
    """Apply a function to items in a pool of threads, a few items ahead of the consumer.

    Parameters
    ----------
    pool
        Pool in which the function runs. The iterator of items advances in the consumer's thread.
    function
        Function applied to each item.
    items
        Items, possibly the results of another step, which then runs concurrently.
    limit
        Largest number of items in the pool while the consumer uses a result; bounds the memory.

    Yields
    ------
    object
        Results, in the order of the items.

    Notes
    -----
    An error of ``items`` or ``function`` is raised after the results of all earlier items, as it
    would be without threads.
    """
    waiting: deque[Future[Result]] = deque()
    failed: Exception | None = None
    upstream = iter(items)
    while True:
        try:
            item = next(upstream)
        except StopIteration:
            break
        except Exception as error:
            failed = error
            break
        waiting.append(pool.submit(function, item))
        if len(waiting) > limit:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
    if failed is not None:
        raise failed


def batched(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Split a sequence into batches of ``size`` items; the last batch may be smaller."""
    return (items[start : start + size] for start in range(0, len(items), size))


def regrouped(items: Iterator[Item], sizes: Iterable[int]) -> Iterator[list[Item]]:
    """Group consecutive items into lists of the given sizes."""
    return (list(islice(items, size)) for size in sizes)
