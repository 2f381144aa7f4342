import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from cortexlens.features.pipeline import ahead, batched, regrouped


def test_results_come_in_order():
    with ThreadPoolExecutor(4) as pool:
        assert list(ahead(pool, lambda n: n * n, range(50), 3)) == [n * n for n in range(50)]
        assert list(ahead(pool, abs, [], 3)) == []


def test_no_more_items_are_taken_than_the_limit_allows():
    taken = []

    def items():
        for n in range(20):
            taken.append(n)
            yield n

    with ThreadPoolExecutor(4) as pool:
        for n in ahead(pool, lambda n: n, items(), 3):
            assert len(taken) <= n + 4


def test_steps_run_beside_each_other():
    """Each side waits for the other: in turn, they would wait for ever."""
    barrier = threading.Barrier(2, timeout=20)

    def items():
        yield 0
        barrier.wait()
        yield 1

    def function(n):
        if n == 0:
            barrier.wait()
        return n

    with ThreadPoolExecutor(1) as pool:
        assert list(ahead(pool, function, items(), 1)) == [0, 1]


def test_an_error_upstream_comes_after_the_results_before_it():
    def items():
        yield from range(3)
        raise KeyError("upstream")

    found = []
    with ThreadPoolExecutor(1) as pool, pytest.raises(KeyError, match="upstream"):
        found.extend(ahead(pool, lambda n: n, items(), 5))
    assert found == [0, 1, 2]


def test_an_error_of_the_step_itself_comes_in_its_place():
    found = []
    with ThreadPoolExecutor(2) as pool, pytest.raises(ZeroDivisionError):
        found.extend(ahead(pool, lambda n: 6 // (2 - n), range(5), 4))
    assert found == [3, 6]


def test_groups():
    assert [list(part) for part in batched(range(5), 2)] == [[0, 1], [2, 3], [4]]
    assert list(regrouped(iter(range(5)), [2, 1, 2])) == [[0, 1], [2], [3, 4]]
