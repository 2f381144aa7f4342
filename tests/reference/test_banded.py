"""Banded ridge regression against himalaya's estimator and the normal equations."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cortexlens.encoding.banded import fit_banded
from encoders import planted_data

PENALTIES = np.geomspace(1e-4, 1e4, 9)
OPTIONS = {"components": 6, "samples": 20, "penalties": PENALTIES, "seed": 0}


def literal_sets(data, components):
    """Feature sets in float64, by the singular value decomposition of the training images."""
    train = data.split == 0
    sets = []
    for layer in data.layers:
        tokens = layer.double().numpy()
        local, pooled = tokens[:, :-1].reshape(len(tokens), -1), tokens[:, -1]
        centred = local - local[train].mean(axis=0)
        _, _, directions = np.linalg.svd(centred[train], full_matrices=False)
        standard = (pooled - pooled[train].mean(axis=0)) / pooled[train].std(axis=0)
        for found in (centred @ directions[:components].T, standard):
            sets.append(found / np.sqrt(found[train].var(axis=0).sum()))
    return sets


@pytest.fixture(scope="module")
def data():
    """One trial an image, in the order of the images."""
    made, _ = planted_data(1, n_images=80, n_vertices=5, channels=(4, 3), noise=1.0)
    order = np.argsort(made.trial_image)
    return replace(made, response=made.response[order] + 2, trial_image=made.trial_image[order])


@pytest.fixture(scope="module")
def fit(data):
    return fit_banded(data, **OPTIONS)


def test_the_search_is_that_of_himalaya(data, fit):
    """Its documented estimator, with the same images for validation."""
    from himalaya.backend import get_backend
    from himalaya.kernel_ridge import MultipleKernelRidgeCV
    from sklearn.model_selection import PredefinedSplit

    assert get_backend().__name__ == "himalaya.backend.numpy"
    used = np.flatnonzero(data.split < 2)
    spaces = [each[used] for each in literal_sets(data, 6)]
    kernels = np.stack([space @ space.T for space in spaces]).astype(np.float32)
    response = (data.response - data.response[data.split == 0].mean(axis=0))[used]
    model = MultipleKernelRidgeCV(
        kernels="precomputed",
        solver_params={
            **{"n_iter": 20, "alphas": PENALTIES.astype(np.float32), "progress_bar": False},
            "concentration": [0.1, 1.0],
        },
        cv=PredefinedSplit(np.where(data.split[used] == 0, -1, 0)),
        random_state=0,
    ).fit(kernels, response)
    weight = np.exp(model.deltas_) * fit.penalty
    np.testing.assert_allclose(fit.band_weight.reshape(5, 4), weight.T, rtol=1e-3, atol=1e-6)
    assert len(np.unique(fit.band_weight[:, 0, 0])) > 1


def test_weights_solve_the_normal_equations_of_training_images(data, fit):
    train = data.split == 0
    sets = literal_sets(data, 6)
    for vertex in range(5):
        roots = np.sqrt(fit.band_weight[vertex].ravel())
        scaled = np.concatenate([r * each for r, each in zip(roots, sets, strict=True)], axis=1)
        response = data.response[train, vertex].astype(float)
        inner = scaled[train].T @ scaled[train] + fit.penalty[vertex] * np.eye(scaled.shape[1])
        solved = np.linalg.solve(inner, scaled[train].T @ (response - response.mean()))
        expected = scaled @ solved + response.mean()
        np.testing.assert_allclose(fit.predicted[:, vertex], expected, atol=2e-3)


def test_r2_of_layers_adds_up_to_that_of_the_fit(data, fit):
    seen = data.split == 1
    response, predicted = data.response[seen], fit.predicted[seen]
    response, predicted = (each - each.mean(axis=0) for each in (response, predicted))
    r2 = 1 - np.square(response - predicted).sum(axis=0) / np.square(response).sum(axis=0)
    np.testing.assert_allclose(fit.layer_r2_split.sum(axis=1), r2, atol=1e-4)
    positive = np.maximum(fit.layer_r2_split, 0)
    np.testing.assert_allclose(fit.layer_share, positive / positive.sum(axis=1, keepdims=True))


def test_a_planted_layer_is_found():
    data, truth = planted_data(2, n_images=300, n_vertices=40, channels=(6,) * 4, noise=1.0)
    fit = fit_banded(
        data, components=24, samples=100, penalties=np.geomspace(1e-6, 1e10, 17), seed=0
    )
    planted = truth.layer.argmax(axis=1)
    assert (fit.layer_share.argmax(axis=1) == planted).mean() >= 0.95
    assert fit.layer_share[np.arange(40), planted].mean() > 0.7
    # the range that the config fills in is wide enough
    assert (fit.at_smallest, fit.at_largest) == (0, 0)


def test_vertices_at_the_ends_of_a_narrow_range_of_penalties_are_counted(data):
    fit = fit_banded(data, **{**OPTIONS, "penalties": np.array([1e3, 1e4])})
    assert fit.at_smallest + fit.at_largest == 1


def test_test_images_never_influence_it(data, fit):
    unseen = data.split == 2
    response = data.response.copy()
    response[unseen] += 100
    layers = [layer.clone() for layer in data.layers]
    for layer in layers:
        layer[torch.from_numpy(unseen)] *= -3
    other = fit_banded(replace(data, response=response, layers=layers), **OPTIONS)
    np.testing.assert_array_equal(fit.predicted[~unseen], other.predicted[~unseen])
    np.testing.assert_array_equal(fit.layer_r2_split, other.layer_r2_split)


def test_the_same_seed_gives_the_same_numbers(data, fit):
    again = fit_banded(data, **OPTIONS)
    np.testing.assert_array_equal(fit.predicted, again.predicted)
    np.testing.assert_array_equal(fit.band_weight, again.band_weight)


def test_vertices_are_predicted_alike_whatever_is_held_at_once(data, fit, monkeypatch):
    monkeypatch.setattr("cortexlens.encoding.banded.HELD_VALUES", 200)
    parts = fit_banded(data, **OPTIONS)
    np.testing.assert_array_equal(parts.band_weight, fit.band_weight)
    # small penalties leave some rounding of float32
    np.testing.assert_allclose(parts.predicted, fit.predicted, atol=1e-3)


def test_single_trials_are_solved_together():
    """An image that is shown twice counts twice, as in the normal equations."""
    data, _ = planted_data(3, n_images=60, n_vertices=3, repeats=2, noise=1.0)
    fit = fit_banded(data, **OPTIONS)
    train, image = data.observed(0)
    assert len(train) == 84
    sets = literal_sets(data, 6)
    for vertex in range(3):
        roots = np.sqrt(fit.band_weight[vertex].ravel())
        scaled = np.concatenate([r * each for r, each in zip(roots, sets, strict=True)], axis=1)
        response = train[:, vertex].astype(float) - train[:, vertex].mean()
        inner = scaled[image].T @ scaled[image] + fit.penalty[vertex] * np.eye(scaled.shape[1])
        solved = np.linalg.solve(inner, scaled[image].T @ response)
        expected = scaled @ solved + train[:, vertex].mean()
        np.testing.assert_allclose(fit.predicted[:, vertex], expected, atol=2e-3)


def test_few_images_one_layer_and_a_vertex_that_never_varies():
    data, _ = planted_data(4, n_images=14, n_vertices=3, channels=(4,))
    data.response[:, 1] = 0.5
    fit = fit_banded(data, **OPTIONS)
    np.testing.assert_array_equal(fit.layer_share, 1)
    np.testing.assert_allclose(fit.predicted[:, 1], 0.5, atol=1e-6)
    np.testing.assert_array_equal(np.isnan(fit.penalty), [False, True, False])
    np.testing.assert_array_equal(np.isnan(fit.layer_r2_split[:, 0]), [False, True, False])
    assert np.isfinite(fit.predicted).all()


def test_layers_share_evenly_where_nothing_is_predicted(data):
    data = replace(data, response=np.full_like(data.response, 0.25))
    fit = fit_banded(data, **OPTIONS)
    np.testing.assert_array_equal(fit.layer_share, 0.5)
    assert (fit.at_smallest, fit.at_largest) == (0, 0)
