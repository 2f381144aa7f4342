import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from cortexlens.analysis.statistics.agreement import (
    argmax_agreement,
    centre_distance,
    total_variation,
)


def test_what_is_known_by_hand():
    first = np.array([[1.0, 0.0, 0.0], [0.2, 0.3, 0.5], [0.5, 0.5, 0.0]])
    second = np.array([[0.0, 0.0, 1.0], [0.3, 0.3, 0.4], [0.6, 0.1, 0.3]])
    np.testing.assert_array_equal(argmax_agreement(first, second), [False, True, True])
    np.testing.assert_allclose(total_variation(first, second), [1.0, 0.1, 0.4])
    corners = np.array([[-1.0, -1.0], [0.5, 0.0]]), np.array([[1.0, 1.0], [-0.5, 0.0]])
    np.testing.assert_allclose(centre_distance(*corners), [math.sqrt(2), 0.5])


def test_single_precision_is_enough_of_an_input():
    rng = np.random.default_rng(0)
    first, second = rng.dirichlet([1, 1, 1, 1], (2, 50))
    exact = total_variation(first, second)
    single = total_variation(first.astype(np.float32), second.astype(np.float32))
    assert single.dtype == np.float64
    np.testing.assert_allclose(single, exact, atol=1e-6)


def test_a_library_measures_the_same_distances():
    rng = np.random.default_rng(1)
    first, second = rng.dirichlet([1, 2, 3], (2, 40))
    np.testing.assert_allclose(
        total_variation(first, second), np.diag(cdist(first, second, "cityblock")) / 2
    )
    places = rng.uniform(-1, 1, (2, 40, 2))
    np.testing.assert_allclose(centre_distance(*places), np.diag(cdist(*places)) / 2)


@given(arrays(np.float64, (2, 6, 4), elements=st.floats(0.01, 1)))
def test_they_are_bounded_and_the_same_both_ways(weights):
    first, second = weights / weights.sum(axis=2, keepdims=True)
    moved = total_variation(first, second)
    assert ((moved >= 0) & (moved <= 1 + 1e-12)).all()
    assert moved == pytest.approx(total_variation(second, first))
    assert total_variation(first, first) == pytest.approx(0)
    assert argmax_agreement(first, first).all()
    # more than half of the weight has to move before layers that hold most of it differ
    clear = (first.max(axis=1) > 0.75) & (moved < 0.25)
    assert argmax_agreement(first, second)[clear].all()
