"""Steps that run beside one another: a chain of generators, each with threads of its own."""

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
    """Apply a function to items in a pool, a few of them ahead of the result that is asked for.

    Parameters
    ----------
    pool
        Where the function runs; the items themselves are taken in the thread that asks.
    function
        What is done to each item.
    items
        May be the results of another step: the two then run beside each other.
    limit
        Items that wait or are worked on while a result is used: memory stays bounded.

    Yields
    ------
    object
        Results, in the order of the items.

    Notes
    -----
    An error comes where it would without threads: after the results of all items before it.
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
    """Cut a sequence into parts of a size; the last may be smaller."""
    return (items[start : start + size] for start in range(0, len(items), size))


def regrouped(items: Iterator[Item], sizes: Iterable[int]) -> Iterator[list[Item]]:
    """Take items in groups of the sizes given."""
    return (list(islice(items, size)) for size in sizes)
