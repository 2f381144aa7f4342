"""Stacks on the simplex against a general solver, and ranges of layers that were planted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from cortexlens.analysis.scores.variance_partitioning import nested_stacks, partition_variance
from cortexlens.errors import CortexlensError

N_LAYERS, N_TRIALS = 6, 150


def correlated_layers(rng, n_vertices):
    """Predictions of neighbouring layers that resemble each other."""
    apart = np.abs(np.subtract.outer(np.arange(N_LAYERS), np.arange(N_LAYERS)))
    mix = np.linalg.cholesky(np.exp(-apart))
    return np.einsum("lm,tmn->tln", mix, rng.standard_normal((N_TRIALS, N_LAYERS, n_vertices)))


def planted(seed, noise, first, last):
    """Responses that are the mean of layers first … last, with noise."""
    rng = np.random.default_rng(seed)
    layers = correlated_layers(rng, len(first))
    response = np.stack(
        [
            layers[:, a : b + 1, v].mean(axis=1)
            for v, (a, b) in enumerate(zip(first, last, strict=True))
        ],
        axis=1,
    )
    return layers, response + noise * rng.standard_normal(response.shape)


def literal(residual):
    """Smallest squared error of a convex combination, by sequential quadratic programming."""
    n = residual.shape[1]
    gram = residual.T @ residual
    found = minimize(
        lambda w: w @ gram @ w,
        np.full(n, 1 / n),
        jac=lambda w: 2 * gram @ w,
        bounds=[(0, 1)] * n,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(n)},
        options={"ftol": 1e-14, "maxiter": 500},
    )
    return found.x


@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.integers(2, 30), st.floats(0.05, 3))
def test_stacks_are_the_nearest_points_on_the_simplex(seed, n_layers, n_trials, spread):
    rng = np.random.default_rng(seed)
    residual = rng.standard_normal((n_trials, 1)) + spread * rng.standard_normal(
        (n_trials, n_layers)
    )
    residual /= np.sqrt(n_trials)
    (stacks,) = nested_stacks(residual[None])
    assert (stacks >= 0).all()
    np.testing.assert_allclose(stacks.sum(axis=1), 1)
    np.testing.assert_array_equal(stacks[np.triu_indices(n_layers, 1)], 0)
    for count in range(1, n_layers + 1):
        own = stacks[count - 1, :count]
        error, expected = (
            np.square(residual[:, :count] @ each).sum()
            for each in (own, literal(residual[:, :count]))
        )
        assert error <= expected + 1e-7
        # the conditions of Karush, Kuhn and Tucker: no layer is nearer than those that are used
        slope = residual[:, :count].T @ (residual[:, :count] @ own)
        assert (slope >= error - 1e-8).all()


@pytest.mark.parametrize("noise", [0.3, 1.0])
def test_a_planted_layer_is_the_range(noise):
    """But for the few whose noise another layer explains by more than one standard error."""
    layer = np.arange(180) % N_LAYERS
    layers, response = planted(0, noise, layer, layer)
    found = partition_variance(layers, response, np.arange(N_TRIALS))
    exact = (found.low == layer) & (found.high == layer)
    assert exact.mean() >= 0.9
    assert ((found.low <= layer) & (layer <= found.high)).all()
    np.testing.assert_array_equal(found.weight.argmax(axis=1), layer)


def test_a_planted_range_is_found_from_both_ends():
    first, last = np.array([0, 1, 2, 3, 0] * 8), np.array([2, 3, 5, 5, 5] * 8)
    found = partition_variance(*planted(1, 0.2, first, last), np.arange(N_TRIALS))
    assert ((found.low == first) & (found.high == last)).mean() >= 0.95


def test_weak_signals_give_wide_ranges_that_hold_the_truth():
    layer = np.arange(120) % N_LAYERS
    layers, response = planted(2, 4.0, layer, layer)
    weak = partition_variance(0.06 * layers, response, np.arange(N_TRIALS))
    assert ((weak.low <= layer) & (layer <= weak.high)).mean() >= 0.95
    noise = np.random.default_rng(0).standard_normal(response.shape)
    none = partition_variance(0.06 * layers, noise, np.arange(N_TRIALS))
    assert 1.5 < (weak.high - weak.low + 1).mean() < (none.high - none.low + 1).mean()
    assert (none.high - none.low + 1).mean() > 3


def test_layers_that_can_stand_in_for_each_other_bound_the_range():
    layers, response = planted(3, 0.5, np.full(20, 1), np.full(20, 1))
    layers[:, 4] = layers[:, 1]
    found = partition_variance(layers, response, np.arange(N_TRIALS))
    assert (np.stack([found.low, found.high]) == [[1], [4]]).mean() >= 0.95


def test_curves_are_r2_of_nested_stacks():
    layer = np.arange(12) % N_LAYERS
    layers, response = planted(4, 0.5, layer, layer)
    found = partition_variance(layers, response, np.arange(N_TRIALS))
    assert (np.diff(found.forward, axis=1) >= -1e-12).all()
    assert (np.diff(found.backward, axis=1) <= 1e-12).all()
    np.testing.assert_allclose(found.backward[:, 0], found.forward[:, -1], rtol=1e-9)
    np.testing.assert_array_equal(found.r2, found.forward[:, -1])
    stacked = np.einsum("tln,nl->tn", layers, found.weight)
    total = np.square(response - response.mean(axis=0)).sum(axis=0)
    np.testing.assert_allclose(found.r2, 1 - np.square(response - stacked).sum(axis=0) / total)
    alone = 1 - np.square(response - layers[:, 0]).sum(axis=0) / total
    np.testing.assert_allclose(found.forward[:, 0], alone)


def test_responses_have_no_unit_and_blocks_no_effect(monkeypatch):
    layers, response = planted(5, 1.0, np.zeros(7, int), np.full(7, 2))
    one = partition_variance(layers, response, np.arange(N_TRIALS))
    monkeypatch.setattr("cortexlens.analysis.scores.variance_partitioning.BLOCK_VALUES", 2_000)
    other = partition_variance(1e4 * layers + 3e4, 1e4 * response + 3e4, np.arange(N_TRIALS))
    np.testing.assert_allclose(one.forward, other.forward, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal([one.low, one.high], [other.low, other.high])


def test_trials_of_an_image_are_one_draw_of_the_noise():
    """Repeating every trial changes nothing where image by image is counted."""
    layers, response = planted(6, 2.0, np.arange(30) % 6, np.arange(30) % 6)
    twice = [np.repeat(each, 4, axis=0) for each in (layers, response)]
    one = partition_variance(layers, response, np.arange(N_TRIALS))
    same = partition_variance(*twice, np.repeat(np.arange(N_TRIALS), 4))
    np.testing.assert_array_equal([one.low, one.high], [same.low, same.high])
    surer = partition_variance(*twice, np.arange(4 * N_TRIALS))
    assert (surer.high - surer.low).sum() != (one.high - one.low).sum()


def test_more_noise_that_is_allowed_never_needs_more_layers():
    layers, response = planted(7, 1.0, np.zeros(30, int), np.full(30, 5))
    strict, lenient = (
        partition_variance(layers, response, np.arange(N_TRIALS), standard_errors=each)
        for each in (0.1, 1.0)
    )
    assert (strict.high - strict.low).mean() > (lenient.high - lenient.low).mean()


def test_single_vertex_single_layer_and_a_vertex_that_never_varies():
    layers, response = planted(8, 1.0, np.zeros(2, int), np.zeros(2, int))
    response[:, 1] = 0.1
    found = partition_variance(layers[:, :1], response, np.arange(N_TRIALS))
    assert (found.low.tolist(), found.high.tolist()) == ([0, -1], [0, -1])
    np.testing.assert_array_equal(found.weight, [[1], [np.nan]])
    assert np.isnan(found.forward[1]).all()
    assert np.isfinite(found.forward[0]).all()
    alone = partition_variance(layers[:, :, :1], response[:, :1], np.arange(N_TRIALS))
    assert alone.forward.shape == (1, N_LAYERS)


def test_fewer_trials_than_layers_and_layers_that_are_alike():
    layers, response = planted(9, 1.0, np.zeros(4, int), np.zeros(4, int))
    layers[:, 2] = layers[:, 1]
    found = partition_variance(layers[:3], response[:3], np.arange(3))
    assert np.isfinite(found.forward).all()
    assert ((found.low >= 0) & (found.low <= found.high)).all()


def test_what_cannot_be_judged_is_refused():
    layers, response = planted(10, 1.0, np.zeros(2, int), np.zeros(2, int))
    with pytest.raises(CortexlensError, match="found 1 held-out images; at least 2 are needed"):
        partition_variance(layers, response, np.zeros(N_TRIALS, int))
    with pytest.raises(CortexlensError, match="standard_errors is 0; it must be above 0"):
        partition_variance(layers, response, np.arange(N_TRIALS), standard_errors=0)
