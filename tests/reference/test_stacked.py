"""The stacked readout against literal refits, a dense transcription in float64, and libraries."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.optimize import nnls
from sklearn.linear_model import Ridge, RidgeCV

from cortexlens.encoding.ensemble import load_models
from cortexlens.encoding.predictions import predicted_responses
from cortexlens.encoding.stacked.fit import PLACE_BANDWIDTH, StackedOptions, fit_stacked
from cortexlens.encoding.stacked.regressions import SCALES
from cortexlens.encoding.stacked.ridge import (
    LEAST_RESIDUAL,
    PENALTIES,
    Decomposition,
    cross_products,
    decompose,
    generalised_scores,
    leave_one_out,
    precision_for,
)
from cortexlens.encoding.stacked.samples import Samples
from cortexlens.encoding.stacked.search import BEST_LAYERS
from cortexlens.encoding.stacked.stacking import non_negative, pairs_of
from encoders import planted_data

SHAPES = {"tall": (40, 7), "square": (21, 20), "wide": (25, 60)}


def random_study(n_images, n_channels, *, n_vertices=5, trials=None, seed=0):
    """Features, single-trial responses to them, and the image of each trial."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n_images, n_channels)) @ rng.standard_normal((n_channels, n_channels))
    counts = np.ones(n_images, int) if trials is None else rng.integers(*trials, n_images)
    image = rng.permutation(np.repeat(np.arange(n_images), counts))
    weights = rng.standard_normal((n_channels, n_vertices)) / n_channels
    y = (x + 2)[image] @ weights + rng.standard_normal((len(image), n_vertices)) + 3
    return x + 2, y, image


def samples_of(y, image):
    """Means over trials, centred and weighted, in float64 as nothing in the package holds them."""
    counts = np.bincount(image)
    means = np.stack([np.bincount(image, column) / counts for column in y.T], axis=1)
    root = np.sqrt(counts)
    response = (means - y.mean(axis=0)) * root[:, None]
    block = torch.zeros(len(counts), dtype=torch.int64)
    root, response, offset = map(torch.from_numpy, (root, response, y.mean(axis=0)))
    return Samples(np.arange(len(counts)), block, root, response, offset)


def refit(x, y, image, penalty):
    """Ridge on single trials by its normal equations; the intercept is not penalised."""
    seen = x[image]
    centre = seen.mean(axis=0)
    inner = (seen - centre).T @ (seen - centre) + penalty * np.eye(x.shape[1])
    weights = np.linalg.solve(inner, (seen - centre).T @ (y - y.mean(axis=0)))
    return weights, y.mean(axis=0) - centre @ weights


def literally_left_out(x, y, image, penalty):
    """Prediction of each image by ridge on the trials of all others."""
    predicted = np.empty((len(x), y.shape[1]))
    for left in range(len(x)):
        others = image != left
        weights, intercept = refit(x, y[others], image[others], penalty)
        predicted[left] = x[left] @ weights + intercept
    return predicted


def hat_matrix(x, image, penalty):
    """Of single-trial means, weighted by the root of their number of trials; with intercept."""
    root = np.sqrt(np.bincount(image))
    seen = (x - x[image].mean(axis=0)) * root[:, None]
    inner = seen.T @ seen + penalty * np.eye(x.shape[1])
    return seen @ np.linalg.solve(inner, seen.T) + np.outer(root, root) / (root @ root)


def relative_error(found, expected):
    return np.abs(found - expected).max() / np.abs(expected).max()


@pytest.mark.parametrize("trials", [None, (1, 4)], ids=["one trial", "one to three trials"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("penalties", "dtype", "bound"),
    [([1e-7, 0.01, 1, 10], torch.float64, 1e-6), ([0.01, 0.1, 1, 10], torch.float32, 2e-5)],
    ids=["float64", "float32"],
)
def test_left_out_predictions_are_those_of_refits(shape, trials, penalties, dtype, bound):
    """Trials of an image leave together; weights with all images are those of all trials."""
    x, y, image = random_study(*SHAPES[shape], trials=trials)
    samples = samples_of(y, image)
    features = samples.centred(torch.from_numpy(x))
    part = decompose(features, samples.leverage_1, np.array(penalties))
    assert part.rotated.dtype == dtype
    products = cross_products(part, samples.response)
    for index in range(1, len(penalties)):
        chosen = torch.full((y.shape[1],), index)
        left_out, weights = leave_one_out(part, products, samples.response, chosen)
        penalty = float(part.penalties[index])
        found = (left_out.T.double() / samples.root[:, None] + samples.offset).numpy()
        expected = literally_left_out(x, y, image, penalty)
        assert relative_error(found, expected) < bound
        assert relative_error(weights.numpy(), refit(x, y, image, penalty)[0]) < bound


def test_each_vertex_has_the_penalty_that_was_chosen_for_it():
    x, y, image = random_study(30, 6)
    samples = samples_of(y, image)
    part = decompose(samples.centred(torch.from_numpy(x)), samples.leverage_1)
    products = cross_products(part, samples.response)
    chosen = torch.tensor([3, 0, 12, 3, 7])
    left_out, weights = leave_one_out(part, products, samples.response, chosen)
    for vertex, index in enumerate(chosen.tolist()):
        alone = torch.full((5,), index)
        one, own = leave_one_out(part, products, samples.response, alone)
        assert torch.allclose(left_out[vertex], one[vertex], atol=1e-6)
        assert torch.allclose(weights[:, vertex], own[:, vertex], atol=1e-6)


def test_penalties_are_in_units_of_the_mean_eigenvalue_of_all_channels():
    for shape in SHAPES.values():
        x, y, image = random_study(*shape)
        samples = samples_of(y, image)
        part = decompose(samples.centred(torch.from_numpy(x)), samples.leverage_1)
        mean = np.linalg.norm(x - x.mean(axis=0)) ** 2 / shape[1]
        np.testing.assert_allclose(part.penalties, PENALTIES * mean, rtol=1e-9)


@pytest.mark.parametrize("shape", ["tall", "wide"])
@pytest.mark.parametrize("trials", [None, (1, 4)], ids=["one trial", "one to three trials"])
def test_left_out_predictions_and_weights_are_those_of_scikit_learn(shape, trials):
    """Against `RidgeCV` with its own leave-one-out, and `Ridge`; weights of images are theirs."""
    x, y, image = random_study(*SHAPES[shape], trials=trials)
    samples = samples_of(y, image)
    penalties = np.array([0.03, 0.3, 3.0])
    part = decompose(samples.centred(torch.from_numpy(x)), samples.leverage_1, penalties)
    counts = np.bincount(image).astype(float)
    means = samples.response.numpy() / np.sqrt(counts)[:, None] + y.mean(axis=0)
    own = part.penalties.numpy()
    reference = RidgeCV(alphas=own, store_cv_results=True).fit(x, means, sample_weight=counts)
    errors = []
    products = cross_products(part, samples.response)
    for index, penalty in enumerate(own):
        chosen = torch.full((y.shape[1],), index)
        left_out, weights = leave_one_out(part, products, samples.response, chosen)
        errors.append((samples.response - left_out.T).numpy() ** 2)
        ridge = Ridge(alpha=penalty).fit(x, means, sample_weight=counts)
        np.testing.assert_allclose(weights.T, ridge.coef_, atol=1e-4 * np.abs(ridge.coef_).max())
    expected = np.moveaxis(reference.cv_results_, 2, 0)
    assert relative_error(np.stack(errors), expected) < 1e-4
    assert int(np.stack(errors).mean(axis=(1, 2)).argmin()) == list(own).index(reference.alpha_)


def test_penalties_by_left_out_error_and_predictions_are_those_of_himalaya():
    from himalaya.kernel_ridge import KernelRidge
    from himalaya.ridge import RidgeCV as HimalayaRidgeCV
    from himalaya.scoring import l2_neg_loss
    from sklearn.model_selection import KFold

    x, y, image = random_study(36, 8, n_vertices=12)
    samples = samples_of(y, image)
    part = decompose(samples.centred(torch.from_numpy(x)), samples.leverage_1)
    alphas = part.penalties.numpy()
    reference = HimalayaRidgeCV(
        alphas=alphas,
        fit_intercept=True,
        cv=KFold(len(x)),
        solver_params={"score_func": l2_neg_loss},
    ).fit(x, y[np.argsort(image)])
    products = cross_products(part, samples.response)
    every = [torch.full((12,), index) for index in range(len(alphas))]
    errors = np.stack(
        [
            (samples.response - leave_one_out(part, products, samples.response, each)[0].T)
            .square()
            .mean(dim=0)
            .numpy()
            for each in every
        ]
    )
    np.testing.assert_allclose(-errors.min(axis=0), reference.cv_scores_.ravel(), rtol=1e-4)
    chosen = errors.argmin(axis=0)
    np.testing.assert_allclose(alphas[chosen], reference.best_alphas_, rtol=1e-9)
    assert len(set(chosen.tolist())) > 2
    _, weights = leave_one_out(part, products, samples.response, torch.from_numpy(chosen))
    centred = x - x.mean(axis=0)
    found = centred @ weights.numpy()
    kernel = KernelRidge(alpha=alphas[chosen], warn=False).fit(centred, samples.response.numpy())
    assert relative_error(found, kernel.predict(centred)) < 2e-5
    assert relative_error(found + y.mean(axis=0), reference.predict(x)) < 2e-5


@pytest.mark.parametrize("shape", SHAPES)
def test_generalised_cross_validation_follows_its_definition(shape):
    """With an explicit hat matrix (Golub, Heath & Wahba 1979), the intercept among its trace."""
    x, y, image = random_study(*SHAPES[shape], trials=(1, 4))
    samples = samples_of(y, image)
    part = decompose(samples.centred(torch.from_numpy(x)), samples.leverage_1)
    response = samples.response.numpy()
    power = (response**2).sum(axis=0)
    found = generalised_scores(
        part, cross_products(part, samples.response), torch.from_numpy(power)
    )
    n_images = len(x)
    refused = 0
    for penalty, score in zip(part.penalties.tolist(), found.numpy(), strict=True):
        hat = hat_matrix(x, image, penalty)
        free = 1 - np.trace(hat) / n_images
        if free < LEAST_RESIDUAL:
            assert (score == -np.inf).all()
            refused += 1
            continue
        residual = ((response - hat @ response) ** 2).sum(axis=0)
        expected = 1 - residual / n_images / (free**2 * power / n_images)
        np.testing.assert_allclose(score, expected, atol=2e-4, rtol=1e-4)
    assert refused == {"tall": 0, "square": 0, "wide": 4}[shape]


def test_the_largest_penalty_is_left_where_no_other_is():
    """Two images: any penalty but a vast one fits them, and none can be judged."""
    x, y, image = random_study(2, 5)
    samples = samples_of(y, image)
    part = decompose(
        samples.centred(torch.from_numpy(x)), samples.leverage_1, np.array([1e-9, 1e-6])
    )
    total = samples.response.square().sum(dim=0)
    scores = generalised_scores(part, cross_products(part, samples.response), total)
    assert scores.argmax(dim=0).tolist() == [1] * 5


@pytest.mark.parametrize("value", [0.0, 0.1, 7.3])
def test_what_is_left_of_a_constant_is_no_set_of_features(value):
    """Rounding, some 1e-7 of the constant, is not decomposed; a small variation is."""
    x, y, image = random_study(30, 4, trials=(1, 4))
    samples = samples_of(y, image)
    rounding = 1e-7 * value * torch.from_numpy(x)
    assert decompose(samples.centred(value + rounding), samples.leverage_1) is None
    varied = samples.centred(value + 1e-3 * torch.from_numpy(x))
    assert decompose(varied, samples.leverage_1) is not None


def ill_conditioned(condition, n_images=120, n_channels=16, n_vertices=8):
    """Centred float32 features whose singular values span ``condition``, and responses."""
    rng = np.random.default_rng(0)
    centred = rng.standard_normal((n_images, n_channels))
    left = np.linalg.qr(centred - centred.mean(axis=0))[0]
    right = np.linalg.qr(rng.standard_normal((n_channels, n_channels)))[0]
    values = np.geomspace(1, 1 / condition, n_channels) * np.sqrt(n_images)
    features = torch.from_numpy((left * values) @ right.T).float()
    features -= features.double().mean(dim=0).float()
    # every direction, the smallest too, says as much of the responses
    response = left @ rng.standard_normal((n_channels, n_vertices))
    response += 0.1 * rng.standard_normal(response.shape)
    return features, torch.from_numpy(response - response.mean(axis=0)).float()


def by_singular_values(features, response, penalty):
    """Left-out predictions by the singular value decomposition, float64."""
    left, values, _ = np.linalg.svd(features.double().numpy(), full_matrices=False)
    y = response.double().numpy()
    hat = (left * (values**2 / (values**2 + penalty))) @ left.T
    leverage = np.diag(hat) + 1 / len(y)
    return y - (y - hat @ y) / (1 - leverage)[:, None]


def left_out_by(part, response, index):
    products = cross_products(part, response)
    chosen = torch.full((response.shape[1],), index)
    return leave_one_out(part, products, response, chosen)[0].T.numpy()


def test_default_penalties_need_no_more_than_float32():
    features, response = ill_conditioned(1e6)
    leverage = torch.full((len(features),), 1 / len(features))
    part = decompose(features, leverage)
    assert part.rotated.dtype == torch.float32
    for index, penalty in enumerate(part.penalties.tolist()):
        expected = by_singular_values(features, response, penalty)
        assert relative_error(left_out_by(part, response, index), expected) < 2e-5


def test_small_penalties_are_given_float64_and_need_it():
    features, response = ill_conditioned(1e6)
    leverage = torch.full((len(features),), 1 / len(features))
    part = decompose(features, leverage, np.array([1e-8, 1e-6]))
    assert part.rotated.dtype == part.basis.dtype == torch.float64
    narrow = Decomposition(
        *(part.basis.float(), part.eigenvalues, part.penalties, part.n_images),
        *(part.rotated.float(), part.leverage_1.float()),
    )
    for index, penalty in enumerate(part.penalties.tolist()):
        expected = by_singular_values(features, response, penalty)
        assert relative_error(left_out_by(part, response, index), expected) < 1e-6
    # products of a rotation in float32, as they would have been taken
    rotated = features @ part.basis.float()
    expected = by_singular_values(features, response, float(part.penalties[0]))
    narrow = replace(narrow, rotated=rotated)
    assert relative_error(left_out_by(narrow, response, 0), expected) > 1e-4


def test_precision_follows_the_smallest_penalty():
    values = torch.tensor([1e-12, 1e-3, 1.0], dtype=torch.float64)
    assert precision_for(values, 3e-7) == torch.float32
    assert precision_for(values, 2e-7) == torch.float64


def stack_problem(seed, n_images=60, n_sets=9, n_vertices=40, shared=1.0):
    """Predictions (vertex, image, set) with much in common, and responses (vertex, image)."""
    rng = np.random.default_rng(seed)
    common = rng.standard_normal((n_vertices, n_images, 1))
    predicted = shared * common + rng.standard_normal((n_vertices, n_images, n_sets))
    weight = np.where(rng.random((n_vertices, n_sets)) < 0.4, rng.random((n_vertices, n_sets)), 0)
    noise = 3 * rng.standard_normal((n_vertices, n_images))
    return predicted, np.einsum("vis,vs->vi", predicted, weight) + noise


def stacked(predicted, response, **options):
    """Weights (vertex, set) from sums, in the float32 of the package."""
    n_sets = predicted.shape[2]
    upper = torch.triu_indices(n_sets, n_sets)
    wide = torch.from_numpy(predicted)
    products = (wide.mT @ wide)[:, upper[0], upper[1]].T.float()
    responses = (wide.mT @ torch.from_numpy(response)[:, :, None])[:, :, 0].T.float()
    return non_negative(products, responses, **options).T.double().numpy()


def lost(predicted, response, weight):
    return ((response - np.einsum("vis,vs->vi", predicted, weight)) ** 2).sum(axis=1)


def literal_stack(predicted, response):
    return np.stack([nnls(own, seen)[0] for own, seen in zip(predicted, response, strict=True)])


@pytest.mark.parametrize("n_sets", [1, 2, 9, 36])
@pytest.mark.parametrize("shared", [0.0, 1.0, 4.0, 8.0])
def test_stack_weights_are_those_of_non_negative_least_squares(n_sets, shared):
    predicted, response = stack_problem(n_sets, n_sets=n_sets, shared=shared)
    expected = literal_stack(predicted, response)
    found = stacked(predicted, response)
    assert (found >= 0).all()
    assert (expected == 0).any(axis=1).mean() > 0.2
    np.testing.assert_allclose(found, expected, atol=2e-3)
    least = lost(predicted, response, expected)
    np.testing.assert_allclose(lost(predicted, response, found), least, rtol=1e-6)


def test_stack_weights_do_not_depend_on_where_they_begin():
    predicted, response = stack_problem(1)
    start = torch.rand(predicted.shape[2], len(predicted))
    found = stacked(predicted, response, start=start)
    np.testing.assert_allclose(found, stacked(predicted, response), atol=1e-3)


def test_sets_that_are_alike_share_what_one_of_them_would_have():
    """Twice the same set, and one that is the mean of two others: errors and sums are unique."""
    predicted, response = stack_problem(2, n_sets=4)
    mean = predicted[:, :, 2:4].mean(axis=2)
    more = np.concatenate([predicted, predicted[:, :, :1], mean[:, :, None]], axis=2)
    found = stacked(more, response)
    least = lost(predicted, response, literal_stack(predicted, response))
    np.testing.assert_allclose(lost(more, response, found), least, rtol=1e-5)
    together = found[:, :4].copy()
    together[:, 0] += found[:, 4]
    together[:, 2:] += found[:, 5:] / 2
    np.testing.assert_allclose(together, literal_stack(predicted, response), atol=5e-3)


def test_sets_that_predict_nothing_have_no_weight():
    predicted, response = stack_problem(3, n_sets=5)
    predicted[:, :, 1] = 0
    predicted[3] = 0
    found = stacked(predicted, response)
    assert (found[:, 1] == 0).all()
    assert (found[3] == 0).all()
    rest = [0, 2, 3, 4]
    expected = literal_stack(predicted[:, :, rest], response)
    np.testing.assert_allclose(found[:, rest], expected, atol=1e-4)


def test_sets_that_predict_the_opposite_have_no_weight():
    predicted, _ = stack_problem(4, n_sets=3)
    response = -predicted.sum(axis=2)
    np.testing.assert_array_equal(stacked(predicted, response), 0)


def test_pairs_of_sets_are_those_of_the_upper_triangle():
    assert pairs_of(3).tolist() == [[0, 1, 2], [1, 3, 4], [2, 4, 5]]


# ----- The whole estimator, literally -----


def window_line(grid, at, size):
    """Weights of the tokens along one axis, of a window at a place in [−1, 1]."""
    centre = (np.arange(grid) + 0.5) / grid * 2 - 1
    away = (centre - at) * grid / 2
    if math.isclose(size * grid, 0.5, rel_tol=1e-6):
        line = np.maximum(1 - np.abs(away), 0)
    else:
        width = (size * grid) ** 2 - 1 / 12
        line = np.exp(-0.5 * away**2 / width)
    return line / line.sum()


def literal_sets(data, train, window, place, size, image_grid):
    """Features of each set, layers first, then scales: (image, channel) float64."""
    grid = round((data.layers[0].shape[1] - 1) ** 0.5)
    sets = []
    for layer in data.layers:
        tokens = layer.double().numpy()
        local = tokens[:, :-1].reshape(len(tokens), grid, grid, -1)
        seen = local[train].reshape(-1, local.shape[-1])
        local = (local - seen.mean(axis=0)) / seen.std(axis=0, ddof=1)
        pooled = tokens[:, -1]
        pooled = (pooled - pooled[train].mean(axis=0)) / pooled[train].std(axis=0, ddof=1)
        x, y = (window_line(grid, place[window, axis], size[window]) for axis in (0, 1))
        through = np.einsum("r,c,irck->ik", y, x, local)
        # cells: twice as many rows and columns, each cell the mean over what falls into it
        fine = local.repeat(image_grid, axis=1).repeat(image_grid, axis=2)
        cells = [
            fine[:, r * grid : (r + 1) * grid, c * grid : (c + 1) * grid].mean(axis=(1, 2))
            for r in range(image_grid)
            for c in range(image_grid)
        ]
        sets += [through, np.concatenate(cells, axis=1), pooled]
    return sets


def literal_scores(data, windows, near):
    """R² of every window by generalised cross-validation, averaged over vertices and layers."""
    trials = np.flatnonzero(data.split[data.trial_image] == 0)
    train, image = np.unique(data.trial_image[trials], return_inverse=True)
    response, root = data.response[trials].astype(float), np.sqrt(np.bincount(image))
    weighted = np.array([np.bincount(image, y) / root - y.mean() * root for y in response.T])
    own = np.zeros((len(data.layers), len(windows), len(weighted)))
    for window in range(len(windows)):
        sets = literal_sets(data, train, window, windows.place, windows.size, 1)
        for layer, x in enumerate(each[train] for each in sets[:: len(SCALES)]):
            centred = (x - x[image].mean(axis=0)) * root[:, None]
            unit = (centred**2).sum() / x.shape[1]
            for place, penalty in enumerate(PENALTIES):
                hat = hat_matrix(x, image, penalty * unit)
                error = ((weighted - weighted @ hat.T) ** 2).sum(axis=1)
                free = (1 - np.trace(hat) / len(x)) ** 2
                score = 1 - error / (free * (weighted**2).sum(axis=1))
                best = own[layer, window]
                own[layer, window] = score if place == 0 else np.maximum(best, score)
    averaged = own @ near.T
    return np.sort(averaged, axis=0)[-BEST_LAYERS:].mean(axis=0)


def literal_penalty(x, y, image):
    """Penalty by generalised cross-validation with explicit hat matrices, of one response."""
    counts = np.bincount(image)
    root = np.sqrt(counts)
    mean = np.bincount(image, y) / counts
    weighted = (mean - y.mean()) * root
    centred = (x - x[image].mean(axis=0)) * root[:, None]
    unit = (centred**2).sum() / x.shape[1]
    best = -np.inf, 0.0, 0.0
    for relative in PENALTIES:
        hat = hat_matrix(x, image, relative * unit)
        free = 1 - np.trace(hat) / len(x)
        if free >= LEAST_RESIDUAL:
            error = ((weighted - hat @ weighted) ** 2).sum() / free**2
            best = max(best, (-error, relative, relative * unit))
    return best[1:]


def literal_fit(data, fit, near, image_grid):
    """Weights, predictions for all images, R² and penalties: loops over everything."""
    trials = np.flatnonzero(data.split[data.trial_image] == 0)
    train, image = np.unique(data.trial_image[trials], return_inverse=True)
    response = data.response[trials].astype(float)
    root = np.sqrt(np.bincount(image))
    n_vertices, n_sets = response.shape[1], len(SCALES) * len(data.layers)
    left_out = np.zeros((n_vertices, len(train), n_sets))
    seen = np.zeros((n_vertices, len(train)))
    everywhere = np.zeros((n_vertices, len(data.split), n_sets))
    penalty = np.zeros((n_sets, n_vertices))
    for vertex in range(n_vertices):
        y = response[:, [vertex]]
        seen[vertex] = root * (np.bincount(image, y[:, 0]) / root**2 - y.mean())
        sets = literal_sets(
            data, train, fit.found.window[vertex], fit.windows.place, fit.windows.size, image_grid
        )
        for number, features in enumerate(sets):
            x = features[train]
            penalty[number, vertex], absolute = literal_penalty(x, y[:, 0], image)
            away = literally_left_out(x, y, image, absolute)[:, 0]
            left_out[vertex, :, number] = root * (away - away @ root**2 / (root @ root))
            weights, intercept = refit(x, y, image, absolute)
            everywhere[vertex, :, number] = (features @ weights + intercept - y.mean())[:, 0]
    omega, r2 = np.zeros((n_vertices, n_sets)), np.zeros(n_vertices)
    predicted = np.zeros((len(data.split), n_vertices))
    for vertex in range(n_vertices):
        around = np.flatnonzero(near[vertex])
        share = np.sqrt(near[vertex, around])
        rows = (share[:, None, None] * left_out[around]).reshape(-1, n_sets)
        omega[vertex] = nnls(rows, (share[:, None] * seen[around]).ravel())[0]
        # a stack weighs what the intercepts add alike
        predicted[:, vertex] = everywhere[vertex] @ omega[vertex] + response[:, vertex].mean()
        error = ((seen[vertex] - left_out[vertex] @ omega[vertex]) ** 2).sum()
        r2[vertex] = 1 - error / (seen[vertex] ** 2).sum()
    return omega, predicted, r2, penalty


def unequal_trials(data):
    """Drop trials at random, so that images are there once to three times."""
    rng = np.random.default_rng(7)
    first = np.unique(data.trial_image, return_index=True)[1]
    kept = np.union1d(first, np.flatnonzero(rng.random(len(data.trial_image)) < 0.5))
    return replace(
        data,
        response=data.response[kept] + 3,
        trial_image=data.trial_image[kept],
        repeats=data.repeats[kept],
    )


@pytest.fixture(scope="module", params=[0.0, 2.0], ids=["each vertex alone", "2 mm"])
def pair(request):
    """Data, a fit to them, and the same literally."""
    data, _ = planted_data(
        3, n_images=40, n_vertices=8, height=3, channels=(4, 6), noise=0.7, repeats=3
    )
    data = unequal_trials(data)
    # a chain of vertices, 1 mm apart
    coordinates = np.arange(8)[:, None] * np.array([[1.0, 0.0, 0.0]])
    sigma = request.param
    options = StackedOptions(
        sizes=(0.0, 1.0), lattice=2, image_grid=2, bandwidths=(sigma,), blocks=5, draws=4
    )
    fit = fit_stacked(data, coordinates, options)
    away = np.abs(np.arange(8)[:, None] - np.arange(8))
    near = np.eye(8)
    if sigma:
        near = np.where(away <= 2.5 * sigma, np.exp(-0.5 * (away / sigma) ** 2), 0)
        near /= near.sum(axis=1, keepdims=True)
    return data, fit, literal_fit(data, fit, near, 2)


def test_the_planted_study_exercises_windows_of_both_sizes_and_several_sets(pair):
    _, fit, (omega, *_) = pair
    assert len(set(fit.found.window.tolist())) > 3
    assert (omega > 0.01).any(axis=0).sum() >= 4
    assert fit.r2_left_out.max() > 0.3


def test_scores_of_all_windows_are_literally_those(pair):
    data, fit, _ = pair
    away = np.abs(np.arange(8)[:, None] - np.arange(8))
    near = np.where(away <= 2.5 * PLACE_BANDWIDTH, np.exp(-0.5 * (away / PLACE_BANDWIDTH) ** 2), 0)
    near /= near.sum(axis=1, keepdims=True)
    score = literal_scores(data, fit.windows, near)
    assert score.max() > 0.1
    np.testing.assert_allclose(fit.found.score, score, atol=1e-4)
    np.testing.assert_array_equal(fit.found.window, score.argmax(axis=0))


def test_penalties_of_the_whole_fit_are_literally_those(pair):
    _, fit, (*_, penalty) = pair
    np.testing.assert_allclose(fit.penalty, penalty, rtol=1e-6)
    assert len(np.unique(penalty)) > 3


def test_stack_weights_of_the_whole_fit_are_literally_those(pair):
    data, fit, (omega, *_) = pair
    np.testing.assert_allclose(fit.weight.T, omega, atol=2e-4)
    layers = omega.reshape(8, len(data.layers), -1).sum(axis=2)
    np.testing.assert_allclose(fit.layer, layers / layers.sum(axis=1, keepdims=True), atol=2e-4)


def test_predictions_of_the_whole_fit_are_literally_those(pair):
    data, fit, (_, predicted, r2, _) = pair
    found = predicted_responses(fit.model, data)
    np.testing.assert_allclose(found, predicted, atol=2e-4)
    held_out = data.split != 0
    assert held_out.sum() == 12
    assert np.corrcoef(found[held_out].ravel(), predicted[held_out].ravel())[0, 1] > 0.99999
    np.testing.assert_allclose(fit.r2_left_out, r2, atol=1e-4)


def test_a_model_that_was_written_predicts_the_same(pair, tmp_path):
    data, fit, _ = pair
    fit.model.save(tmp_path / "model.safetensors", {"subject": "sim01"})
    (model,), about = load_models(tmp_path / "model.safetensors")
    assert about == {"subject": "sim01"}
    found = predicted_responses(model, data)
    # products of arrays that lie otherwise in memory are rounded otherwise
    np.testing.assert_allclose(found, predicted_responses(fit.model, data), rtol=1e-6)


def test_weights_of_a_layer_are_those_that_the_model_predicts_with(pair):
    """A step of one channel's tokens, local or global, changes predictions by its weight."""
    data, fit, _ = pair
    tokens = [layer.float() for layer in data.layers]
    base = fit.model([layer[:1] for layer in tokens])
    for index, layer in enumerate(tokens):
        (_, scale), (_, scale_1) = fit.model.moments[index]
        moved = [each[:1].clone() for each in tokens]
        moved[index][:, -1, 2] += scale_1[2]
        step = (fit.model(moved) - base)[0]
        np.testing.assert_allclose(step, fit.model.weights(index, "global")[:, 2], atol=1e-4)
        moved = [each[:1].clone() for each in tokens]
        # all local tokens alike: every window and every cell sees the step
        moved[index][:, :-1, 1] += scale[1]
        step = (fit.model(moved) - base)[0]
        both = sum(fit.model.weights(index, name)[:, 1] for name in ("window", "image"))
        np.testing.assert_allclose(step, both, atol=1e-4)
        assert layer.shape[2] == fit.model.channels[index]
