from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score

from cortexlens.encoding.data import average_repeats
from cortexlens.encoding.ridge import fit_ridge, fit_ridge_jointly
from encoders import planted_data

PENALTIES = np.geomspace(0.1, 1000, 6)


def literal_components(data, layer, count):
    """Principal components by the singular value decomposition of the training images, float64."""
    tokens = data.layers[layer][:, :-1].double().flatten(1).numpy()
    train = tokens[data.split == 0]
    centred = train - train.mean(axis=0)
    _, values, directions = np.linalg.svd(centred, full_matrices=False)
    variance = values[:count] ** 2 / (len(train) - 1)
    return (tokens - train.mean(axis=0)) @ directions[:count].T / np.sqrt(variance.mean())


def literal_path(data, layer, count, penalties):
    """Predictions for every image at each penalty, by the normal equations with an intercept."""
    components = literal_components(data, layer, count)
    trials = data.split[data.trial_image] == 0
    x = components[data.trial_image[trials]]
    y = data.response[trials].astype(float)
    inner = (x - x.mean(axis=0)).T @ (x - x.mean(axis=0))
    outer = (x - x.mean(axis=0)).T @ (y - y.mean(axis=0))
    for penalty in penalties:
        weights = np.linalg.solve(inner + penalty * np.eye(count), outer)
        yield (components - x.mean(axis=0)) @ weights + y.mean(axis=0)


def validation_r2(data, predicted):
    trials = data.split[data.trial_image] == 1
    return r2_score(
        data.response[trials].astype(float),
        predicted[data.trial_image[trials]],
        multioutput="raw_values",
    )


def unequal_repeats(data):
    """Drop trials at random, so that images are there once to three times."""
    rng = np.random.default_rng(7)
    first = np.unique(data.trial_image, return_index=True)[1]
    kept = np.union1d(first, np.flatnonzero(rng.random(len(data.trial_image)) < 0.4))
    return replace(
        data,
        response=data.response[kept] + 3,
        trial_image=data.trial_image[kept],
        repeats=data.repeats[kept],
    )


@pytest.fixture(scope="module", params=["means", "single trials"])
def data(request):
    data, _ = planted_data(1, n_images=90, channels=(4, 3, 5), noise=1, repeats=3)
    if request.param == "single trials":
        return unequal_repeats(data)
    response, image, repeats = average_repeats(data.response, data.trial_image)
    return replace(data, response=response, trial_image=image, repeats=repeats)


@pytest.mark.parametrize("components", [11, 300])
def test_ridge_follows_the_normal_equations(data, components):
    fit = fit_ridge(data, components=components, penalties=PENALTIES, seed=0)
    n_vertices = data.response.shape[1]
    profile = np.zeros((3, len(PENALTIES), n_vertices))
    predicted = {}
    for layer in range(3):
        count = min(components, 4 * [4, 3, 5][layer])
        for index, values in enumerate(literal_path(data, layer, count, PENALTIES)):
            profile[layer, index] = validation_r2(data, values)
            predicted[layer, index] = values
    np.testing.assert_allclose(fit.layer_r2_validation, profile.max(axis=1).T, atol=1e-4)
    for vertex in range(n_vertices):
        best = np.unravel_index(profile[:, :, vertex].argmax(), profile.shape[:2])
        assert fit.layer[vertex] == best[0]
        assert fit.penalty[vertex] == PENALTIES[best[1]]
        expected = predicted[best][:, vertex]
        np.testing.assert_allclose(fit.predicted[:, vertex], expected, atol=1e-3)
    assert len(set(fit.layer.tolist())) > 1


@pytest.mark.parametrize("penalty", [0.1, 10.0, 1e4])
def test_ridge_is_that_of_himalaya(penalty):
    from himalaya.ridge import Ridge

    data, _ = planted_data(2, n_images=80, channels=(4,))
    fit = fit_ridge(data, components=300, penalties=np.array([penalty]), seed=0)
    tokens = data.layers[0][:, :-1].double().flatten(1).numpy()
    train = data.split == 0
    pca = PCA(svd_solver="full").fit(tokens[train])
    components = pca.transform(tokens) / np.sqrt(pca.explained_variance_.mean())
    order = np.argsort(data.trial_image)
    response = data.response[order].astype(float)
    reference = Ridge(alpha=penalty, fit_intercept=True).fit(components[train], response[train])
    np.testing.assert_allclose(fit.predicted, reference.predict(components), atol=1e-3)
    np.testing.assert_array_equal(fit.penalty, penalty)


def test_few_components_are_the_largest():
    """The randomised decomposition finds the same few directions as the complete one."""
    data, _ = planted_data(3, n_images=300, channels=(30,))
    strength = np.geomspace(30, 0.1, 30).astype(np.float32)
    layer = (data.layers[0].float() * torch.from_numpy(strength)).half()
    data = replace(data, layers=[layer])
    (expected,) = literal_path(data, 0, 10, [1.0])
    fit = fit_ridge(data, components=10, penalties=np.array([1.0]), seed=0)
    np.testing.assert_allclose(fit.predicted, expected, atol=0.01)


def test_the_penalty_has_no_unit_of_the_features():
    data, _ = planted_data(4, n_images=60)
    stretched = replace(data, layers=[64 * layer for layer in data.layers])
    fits = [
        fit_ridge(each, components=5, penalties=PENALTIES, seed=0) for each in (data, stretched)
    ]
    np.testing.assert_allclose(fits[0].predicted, fits[1].predicted, atol=1e-3)
    np.testing.assert_array_equal(fits[0].penalty, fits[1].penalty)


def test_test_images_never_influence_the_baseline():
    data, _ = planted_data(5, n_images=60, repeats=2)
    unseen = data.split == 2
    response = data.response.copy()
    response[unseen[data.trial_image]] += 100
    layers = [layer.clone() for layer in data.layers]
    for layer in layers:
        layer[torch.from_numpy(unseen)] *= -3
    changed = replace(data, response=response, layers=layers)
    one, other = (
        fit_ridge(each, components=6, penalties=PENALTIES, seed=0) for each in (data, changed)
    )
    np.testing.assert_array_equal(one.predicted[~unseen], other.predicted[~unseen])
    np.testing.assert_array_equal(one.layer_r2_validation, other.layer_r2_validation)


def test_vertices_and_layers_without_variance():
    """A silent vertex is predicted by its mean and has no scores; a dead layer explains nothing."""
    data, _ = planted_data(6, n_images=60)
    data.response[:, 2] = 0.1
    data.layers[1][:] = 0.5
    fit = fit_ridge(data, components=6, penalties=PENALTIES, seed=0)
    others = np.arange(6) != 2
    np.testing.assert_allclose(fit.predicted[:, 2], 0.1, atol=1e-6)
    assert np.isnan(fit.layer_r2_validation[2]).all()
    assert np.isfinite(fit.layer_r2_validation[others]).all()
    assert (fit.layer_r2_validation[others, 1] < 0.05).all()


def test_the_same_seed_gives_the_same_numbers():
    data, _ = planted_data(7, n_images=60, channels=(20, 20))
    one, other = (
        fit_ridge(data, components=6, penalties=PENALTIES, seed=3).predicted for _ in range(2)
    )
    np.testing.assert_array_equal(one, other)


def test_all_layers_together_are_one_ridge_regression():
    """Against the normal equations in float64, and against scikit-learn."""
    data, _ = planted_data(9, n_images=80, n_vertices=5, repeats=2, noise=1.0)
    fit = fit_ridge_jointly(data, components=4, penalties=PENALTIES, seed=0)
    space = np.concatenate([literal_components(data, index, 4) for index in range(2)], axis=1)
    train, image = data.observed(0)
    offset = train.mean(axis=0, dtype=float)
    space -= space[image].mean(axis=0)
    x, y = space[image], train - offset
    weights = [np.linalg.solve(x.T @ x + p * np.eye(8), x.T @ y) for p in PENALTIES]
    for penalty, weight in zip(PENALTIES, weights, strict=True):
        library = Ridge(alpha=penalty, fit_intercept=False).fit(x, y)
        np.testing.assert_allclose(weight, library.coef_.T, rtol=1e-6, atol=1e-9)
    scores = [validation_r2(data, space @ weight + offset) for weight in weights]
    best = np.argmax(scores, axis=0)
    np.testing.assert_allclose(fit.penalty, PENALTIES[best], rtol=1e-6)
    for vertex, number in enumerate(best):
        own = weights[number][:, vertex]
        np.testing.assert_allclose(
            fit.predicted[:, vertex], space @ own + offset[vertex], atol=2e-3
        )
        power = np.array([(x[:, part] @ own[part]).var() for part in (slice(4), slice(4, 8))])
        np.testing.assert_allclose(fit.layer_share[vertex], power / power.sum(), atol=2e-3)


def test_layers_share_evenly_where_nothing_is_predicted():
    data, _ = planted_data(10, n_images=60)
    data.response[:, 1] = 0.5
    fit = fit_ridge_jointly(data, components=3, penalties=PENALTIES, seed=0)
    np.testing.assert_allclose(fit.layer_share.sum(axis=1), 1)
    np.testing.assert_allclose(fit.layer_share[1], 0.5)
    np.testing.assert_allclose(fit.predicted[:, 1], 0.5, atol=1e-6)
