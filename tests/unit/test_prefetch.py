import threading
from contextlib import closing

import pytest

from cortexlens.encoding.prefetch import prefetch


def running() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "prefetch"]


@pytest.mark.parametrize("ahead", [0, 1, 3])
def test_items_come_in_order_and_the_thread_ends(ahead):
    assert list(prefetch(iter(range(20)), ahead)) == list(range(20))
    assert not running()


def test_none_is_an_item_like_any_other():
    assert list(prefetch(iter([None, 1, None]), 2)) == [None, 1, None]


def test_items_are_made_while_one_is_in_use():
    made = threading.Event()

    def items():
        yield 0
        made.set()
        yield 1

    with closing(prefetch(items(), 1)) as ready:
        assert next(ready) == 0
        assert made.wait(timeout=30)


@pytest.mark.parametrize("ahead", [0, 1, 3])
def test_no_more_lie_ready_than_asked_for(ahead):
    started = []

    def items():
        for number in range(50):
            started.append(number)
            yield number

    for taken, _ in enumerate(prefetch(items(), ahead), 1):
        # One in use, those that lie ready, and one that waits to be laid down.
        assert len(started) <= taken + ahead + 1


@pytest.mark.parametrize("ahead", [0, 1, 3])
def test_an_error_is_raised_where_items_are_asked_for(ahead):
    error = ValueError("cannot be read")

    def items():
        yield 0
        raise error

    ready = prefetch(items(), ahead)
    assert next(ready) == 0
    with pytest.raises(ValueError, match="cannot be read") as caught:
        next(ready)
    assert caught.value is error
    assert not running()


@pytest.mark.parametrize("taken", [0, 1, 5])
@pytest.mark.parametrize("ahead", [1, 3])
def test_the_thread_ends_when_whoever_asks_stops(ahead, taken):
    ready = prefetch(iter(range(10**9)), ahead)
    for _ in range(taken):
        next(ready)
    ready.close()
    assert not running()


def test_the_thread_ends_when_whoever_asks_fails():
    def use():
        with closing(prefetch(iter(range(10**9)), 2)) as ready:
            for number in ready:
                raise RuntimeError(f"at {number}")

    with pytest.raises(RuntimeError, match="at 0"):
        use()
    assert not running()
