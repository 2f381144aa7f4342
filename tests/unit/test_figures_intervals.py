"""Bootstrap intervals: those of the normal approximation where that holds, and reproducible."""

import numpy as np
import pytest

from cortexlens.figures.intervals import mean_interval


def test_interval_of_many_values_is_the_normal_one():
    values = np.random.default_rng(1).gamma(2, size=4000)
    found = mean_interval(values)
    error = values.std() / np.sqrt(4000)
    assert found.mean == values.mean()
    np.testing.assert_allclose(found.high - found.low, 2 * 1.96 * error, rtol=0.15)
    np.testing.assert_allclose((found.high + found.low) / 2, found.mean, atol=0.3 * error)


def test_interval_covers_the_true_mean_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = [
        found.low <= 0 <= found.high
        for found in (mean_interval(rng.standard_normal(60)) for _ in range(150))
    ]
    assert 0.88 < np.mean(covered) < 0.99


def test_columns_share_their_rows_and_rows_with_unknowns_are_left_out():
    values = np.array([[1.0, 10.0], [3.0, 30.0], [np.nan, 50.0]])
    found = mean_interval(values)
    np.testing.assert_array_equal(found.mean, [2, 20])
    np.testing.assert_allclose(10 * found.low[0], found.low[1])
    assert found.n == 2


def test_the_same_seed_gives_the_same_interval():
    values = np.random.default_rng(2).random(30)
    assert mean_interval(values, seed=4) == mean_interval(values, seed=4)
    assert mean_interval(values, seed=4) != mean_interval(values, seed=5)


@pytest.mark.parametrize("n_values", [0, 5])
def test_nothing_has_no_mean(n_values):
    found = mean_interval(np.full(n_values, np.nan))
    assert found.n == 0
    assert np.isnan([found.mean, found.low, found.high]).all()
