"""Intervals and chances against libraries and against loops over trials."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import r2_score

from cortexlens.analysis.scores.held_out import HeldOutPredictions, image_terms, pearson
from cortexlens.analysis.statistics.bootstrap import bootstrap_interval, image_draws, r2_draws
from cortexlens.analysis.statistics.permutation import (
    permutation_test,
    permuted_correlations,
    permuted_orders,
)


def subject(single_trials, n_images=15, n_vertices=4, seed=0):
    """Test images, and the trials that they stand for."""
    rng = np.random.default_rng(seed)
    prediction = rng.standard_normal((n_images, n_vertices)).astype(np.float32)
    repeats = rng.integers(1, 4, n_images) if single_trials else np.ones(n_images, np.int64)
    image = np.repeat(np.arange(n_images), repeats)
    noise = rng.standard_normal((len(image), n_vertices)) * np.linspace(0.5, 3, n_vertices)
    trials = prediction[image] + noise + 5
    mean = np.stack([trials[image == each].mean(axis=0) for each in range(n_images)])
    scatter = [
        np.square(trials[image == each] - mean[each]).sum(axis=0) for each in range(n_images)
    ]
    held = HeldOutPredictions(
        np.arange(n_images),
        prediction,
        mean.astype(np.float32),
        repeats,
        np.stack(scatter).astype(np.float32) if single_trials else None,
    )
    return held, trials, image


@pytest.mark.parametrize("single_trials", [False, True])
def test_scores_are_those_of_sklearn_and_scipy_over_trials(single_trials):
    held, trials, image = subject(single_trials)
    predicted = held.prediction[image].astype(float)
    expected = r2_score(trials, predicted, multioutput="raw_values")
    np.testing.assert_allclose(image_terms(held).r2, expected, rtol=1e-5)
    expected = [stats.pearsonr(a, b)[0] for a, b in zip(trials.T, predicted.T, strict=True)]
    np.testing.assert_allclose(pearson(held), expected, atol=1e-6)


@pytest.mark.parametrize("single_trials", [False, True])
def test_a_resample_is_scored_as_its_trials_are(single_trials):
    held, trials, image = subject(single_trials)
    draws = image_draws(held.images, 20, seed=3)
    found = r2_draws(held, draws)
    for counts, row in zip(draws.astype(int), found, strict=True):
        drawn = np.repeat(np.arange(held.n_images), counts)
        rows = np.concatenate([np.flatnonzero(image == each) for each in drawn])
        predicted = held.prediction[image[rows]].astype(float)
        expected = r2_score(trials[rows], predicted, multioutput="raw_values")
        np.testing.assert_allclose(row, expected, atol=1e-4)


def test_draws_have_the_spread_of_scipys_bootstrap():
    held, _, _ = subject(False, n_images=40)
    ours = r2_draws(held, image_draws(held.images, 4000, 0)).std(axis=0)
    pair = (held.observed[:, 1].astype(float), held.prediction[:, 1].astype(float))
    theirs = stats.bootstrap(
        pair,
        lambda a, b: r2_score(a, b),
        paired=True,
        vectorized=False,
        n_resamples=1000,
        method="percentile",
        rng=np.random.default_rng(1),
    )
    assert ours[1] == pytest.approx(theirs.standard_error, rel=0.1)


def test_an_interval_of_a_mean_is_students():
    rng = np.random.default_rng(0)
    values = rng.standard_normal((12, 1))
    draws = image_draws(np.arange(12), 40_000, 1) @ values / 12
    low, high = bootstrap_interval(values.mean(axis=0), draws, 12, 0.9)
    expected = stats.ttest_1samp(values[:, 0], 0).confidence_interval(0.9)
    width = expected.high - expected.low
    assert (low[0], high[0]) == pytest.approx((expected.low, expected.high), abs=0.06 * width)


def test_a_bias_is_taken_off_twice():
    rng = np.random.default_rng(0)
    draws = rng.standard_normal((50_000, 1)) + 3
    low, high = bootstrap_interval(np.array([4.0]), draws, 10_000, 0.95)
    # the mean draw lies 1 below the estimate, which itself lies 1 below the truth
    assert (low[0], high[0]) == pytest.approx((5 - 1.96, 5 + 1.96), abs=0.05)


def test_exchanged_predictions_correlate_as_in_numpy():
    held, _, _ = subject(False)
    orders = permuted_orders(held.n_images, 10, seed=2)
    found = permuted_correlations(held, orders)
    for order, row in zip(orders, found, strict=True):
        for vertex in range(held.n_vertices):
            r = np.corrcoef(held.observed[:, vertex], held.prediction[order, vertex])[0, 1]
            assert row[vertex] == pytest.approx(r, abs=1e-5)


def test_p_is_that_of_scipys_permutation_test():
    held, _, _ = subject(False)
    found = permutation_test(held, [np.ones(4, bool)], 4999, seed=0)
    for vertex in range(4):
        observed = held.observed[:, vertex].astype(float)
        expected = stats.permutation_test(
            (held.prediction[:, vertex].astype(float),),
            lambda a, y=observed: stats.pearsonr(a, y)[0],
            permutation_type="pairings",
            n_resamples=4999,
            alternative="greater",
            rng=np.random.default_rng(1),
        ).pvalue
        assert found.p[vertex] == pytest.approx(expected, abs=0.03)


def test_chances_are_counted_literally():
    held, _, _ = subject(True, n_vertices=6)
    regions = [np.ones(6, bool), np.arange(6) < 2]
    found = permutation_test(held, regions, 199, seed=4)
    null = permuted_correlations(held, permuted_orders(held.n_images, 199, 4))
    (real,) = permuted_correlations(held, [np.arange(held.n_images)])
    expected = [(1 + np.sum(null[:, v] >= real[v] - 1e-6)) / 200 for v in range(6)]
    np.testing.assert_allclose(found.p, expected)
    for column, mask in enumerate(regions):
        highest = null[:, mask].max(axis=1)
        for vertex in range(6):
            p = (1 + np.sum(highest >= real[vertex] - 1e-6)) / 200 if mask[vertex] else np.nan
            assert found.family[vertex, column] == pytest.approx(p, nan_ok=True)
    ranks = np.argsort(np.argsort(found.p)) + 1
    steps = found.p * 6 / ranks
    by_hand = [min(1, steps[found.p >= p].min()) for p in found.p]
    np.testing.assert_allclose(found.q, by_hand)
