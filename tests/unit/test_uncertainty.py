import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cortexlens.analysis.scores.held_out import (
    HeldOutPredictions,
    image_terms,
    pearson,
    read_held_out,
)
from cortexlens.analysis.statistics.bootstrap import bootstrap_interval, image_draws, r2_draws
from cortexlens.analysis.statistics.permutation import permutation_test, permuted_orders
from cortexlens.errors import CortexlensError
from fits import scored_fit


def random_subject(rng, n_images, n_vertices, gain):
    prediction = rng.standard_normal((n_images, n_vertices)).astype(np.float32)
    noise = rng.standard_normal((n_images, n_vertices)).astype(np.float32)
    ones = np.ones(n_images, np.int64)
    return HeldOutPredictions(np.arange(n_images), prediction, gain * prediction + noise, ones)


def test_draws_depend_on_seed_and_images_alone():
    images = np.array([3, 9, 4])
    draws = image_draws(images, 200, 1)
    np.testing.assert_array_equal(draws, image_draws(images, 200, 1))
    assert not np.array_equal(draws, image_draws(images, 200, 2))
    assert not np.array_equal(draws, image_draws(images + 1, 200, 1))
    assert (draws.sum(axis=1) == 3).all()


@given(st.integers(2, 30), st.integers(0, 99))
def test_orders_are_permutations(n_images, seed):
    orders = permuted_orders(n_images, 20, seed)
    np.testing.assert_array_equal(np.sort(orders, axis=1), np.tile(np.arange(n_images), (20, 1)))


@given(
    arrays(np.float32, (2, 6, 3), elements=st.floats(-100, 100, width=16)),
    st.integers(0, 9),
)
def test_scores_of_any_responses_are_bounded_or_unknown(values, seed):
    predicted, observed = values
    held = HeldOutPredictions(np.arange(6), predicted, observed, np.ones(6, np.int64))
    r2, r = image_terms(held).r2, pearson(held)
    constant = (observed == observed[0]).all(axis=0)
    np.testing.assert_array_equal(np.isnan(r2), constant)
    assert (r2[~constant] <= 1).all()
    assert (np.abs(r[np.isfinite(r)]) <= 1 + 1e-9).all()
    draws = r2_draws(held, image_draws(held.images, 30, seed))
    np.testing.assert_array_equal(np.isnan(draws).any(axis=0), constant)
    assert (draws[:, ~constant] <= 1 + 1e-4).all()
    found = permutation_test(held, [np.ones(3, bool)], 30, seed)
    np.testing.assert_array_equal(np.isnan(found.p), np.isnan(r))
    known = np.isfinite(found.p)
    assert ((found.p[known] >= 1 / 31) & (found.p[known] <= 1)).all()
    assert (found.q[known] >= found.p[known] - 1e-12).all()
    # the best of a region is reached by chance at least as often as each alone
    assert (found.family[known, 0] >= found.p[known] - 1e-12).all()


def test_intervals_hold_the_truth_as_often_as_they_say():
    # population R² of a gain g: 1 − (1 + (1 − g)²) / (1 + g²)
    gain, n_images = 0.8, 100
    truth = 1 - (1 + (1 - gain) ** 2) / (1 + gain**2)
    held_vertex, held_mean = [], []
    for seed in range(60):
        held = random_subject(np.random.default_rng(seed), n_images, 30, gain)
        draws, r2 = r2_draws(held, image_draws(held.images, 300, seed)), image_terms(held).r2
        low, high = bootstrap_interval(r2, draws, n_images, 0.9)
        held_vertex.append(np.mean((low <= truth) & (truth <= high)))
        mean, mean_draws = r2.mean(keepdims=True), draws.mean(axis=1, keepdims=True)
        low, high = bootstrap_interval(mean, mean_draws, n_images, 0.9)
        held_mean.append(low[0] <= truth <= high[0])
    assert np.mean(held_vertex) == pytest.approx(0.9, abs=0.03)
    # 60 intervals at 90 %: three standard errors are 0.12
    assert 0.78 <= np.mean(held_mean) <= 0.99


def test_chance_is_not_taken_for_more():
    shares, any_found, any_family = [], [], []
    for seed in range(40):
        held = random_subject(np.random.default_rng(seed), 50, 40, gain=0)
        found = permutation_test(held, [np.ones(40, bool)], 199, seed)
        shares.append(np.mean(found.p <= 0.05))
        any_found.append((found.q <= 0.05).any())
        any_family.append((found.family <= 0.05).any())
    assert np.mean(shares) == pytest.approx(0.05, abs=0.02)
    # at most 5 % of 40 tries, with three standard errors
    assert np.mean(any_found) <= 0.16
    assert np.mean(any_family) <= 0.16


def test_what_is_predicted_is_found():
    held = random_subject(np.random.default_rng(0), 80, 10, gain=2)
    held.prediction[:, 5:] = np.random.default_rng(1).standard_normal((80, 5))
    found = permutation_test(held, [np.ones(10, bool), np.arange(10) >= 5], 999, 0)
    assert (found.q[:5] < 0.01).all()
    assert (found.family[:5, 0] == 0.001).all()
    assert (found.q[5:] > 0.05).all()
    assert np.isnan(found.family[:5, 1]).all()


def test_fits_without_predictions_are_refused():
    fit = scored_fit(space=None, n_vertices=20, n_layers=3)
    with pytest.raises(CortexlensError, match=r"old: found no repeats_test; .* Fit again"):
        read_held_out(fit.drop_vars("repeats_test"), "old")
    with pytest.raises(CortexlensError, match=r"found 1 test image; .* at least 2"):
        read_held_out(fit.isel(test_image=[0]), "small")
