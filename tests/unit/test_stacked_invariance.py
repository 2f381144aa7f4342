"""What a stacked fit does not depend on, and what it makes of studies with little in them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse.csgraph import floyd_warshall
from scipy.spatial.distance import cdist

from cortexlens.encoding.data import FitData, average_repeats
from cortexlens.encoding.predictions import predicted_responses
from cortexlens.encoding.scores import r2_score
from cortexlens.encoding.stacked.certainty import smallest_ranges
from cortexlens.encoding.stacked.fit import StackedOptions, fit_stacked
from cortexlens.encoding.stacked.neighbours import Cortex
from cortexlens.encoding.stacked.search import place_intervals, refined_places
from cortexlens.encoding.stacked.windows import make_windows
from encoders import image_ids, planted_data, random_split, random_tokens

QUICK = StackedOptions(sizes=(0.0, 1.0), lattice=1, bandwidths=(0.0, 2.0), blocks=10, draws=10)
ALONE = replace(QUICK, bandwidths=(0.0,))


def chain(n_vertices, step=1.0):
    """Places of vertices in a row, mm."""
    return np.arange(n_vertices)[:, None] * np.array([[step, 0.0, 0.0]])


def responses_of(tokens, layers, *, noise=0.5, seed=0):
    """Responses of one trial an image: a random reading of one token of each vertex's layer."""
    rng = np.random.default_rng(seed)
    response = np.empty((len(tokens[0]), len(layers)))
    for vertex, layer in enumerate(layers):
        seen = tokens[layer][:, 1].astype(float)
        signal = (seen - seen.mean(axis=0)) / seen.std(axis=0) @ rng.standard_normal(seen.shape[1])
        response[:, vertex] = signal / signal.std() + noise * rng.standard_normal(len(signal))
    return response.astype(np.float32)


def layered_data(layers, *, n_images=150, channels=(5, 5), noise=0.5, shared=0.0, seed=0):
    """Vertices that read the layers given, of which a part of the variance is the same in all."""
    rng = np.random.default_rng(seed)
    tokens = random_tokens(rng, n_images, 2, channels)
    if shared:
        common = (shared / (1 - shared)) ** 0.5 * rng.standard_normal(tokens[0].shape)
        tokens = [
            (layer + 10**index * common).astype(np.float16) for index, layer in enumerate(tokens)
        ]
    return FitData(
        [torch.from_numpy(layer) for layer in tokens],
        responses_of(tokens, layers, noise=noise, seed=seed + 1),
        np.arange(n_images),
        random_split(rng, n_images),
        np.ones(n_images, dtype=np.int64),
    )


def unequal_trials(data):
    """Drop trials at random, so that images are there once to three times."""
    rng = np.random.default_rng(7)
    first = np.unique(data.trial_image, return_index=True)[1]
    kept = np.union1d(first, np.flatnonzero(rng.random(len(data.trial_image)) < 0.5))
    return replace(
        data,
        response=data.response[kept],
        trial_image=data.trial_image[kept],
        repeats=data.repeats[kept],
    )


def assert_same(one, other, data_one, data_other, atol=1e-5):
    """Places, weights, probabilities and predictions are the same."""
    np.testing.assert_array_equal(one.found.window, other.found.window)
    np.testing.assert_array_equal(one.penalty, other.penalty)
    assert one.bandwidth.sigma == other.bandwidth.sigma
    np.testing.assert_allclose(one.place, other.place, atol=10 * atol)
    np.testing.assert_allclose(one.weight, other.weight, atol=atol)
    np.testing.assert_allclose(one.layer, other.layer, atol=atol)
    np.testing.assert_allclose(one.r2_left_out, other.r2_left_out, atol=atol)
    for name in ("probability", "confidence", "level_low", "level_high", "level_draw"):
        found, expected = getattr(one.certainty, name), getattr(other.certainty, name)
        np.testing.assert_allclose(found, expected, atol=10 * atol, err_msg=name)
    np.testing.assert_allclose(
        predicted_responses(one.model, data_one),
        predicted_responses(other.model, data_other),
        atol=10 * atol,
    )


@pytest.fixture(scope="module")
def study():
    data, _ = planted_data(5, n_images=90, n_vertices=8, height=3, channels=(4, 5, 3), repeats=2)
    return data


@pytest.fixture(scope="module")
def fitted(study):
    return fit_stacked(study, chain(8), QUICK, image_ids=image_ids(90))


def test_the_order_of_images_and_of_trials_does_not_matter(study, fitted):
    rng = np.random.default_rng(0)
    order, trials = rng.permutation(90), rng.permutation(len(study.response))
    at = np.argsort(order)
    moved = FitData(
        [layer[order] for layer in study.layers],
        study.response[trials],
        at[study.trial_image[trials]],
        study.split[order],
        study.repeats[trials],
    )
    names = np.array(image_ids(90))[order].tolist()
    other = fit_stacked(moved, chain(8), QUICK, image_ids=names)
    back = replace(moved, layers=[layer[at] for layer in moved.layers])
    assert_same(fitted, other, study, back)


def test_other_names_of_images_are_other_blocks(study, fitted):
    """Weights are those of all images; only what blocks are drawn of changes."""
    names = image_ids(90)[::-1]
    other = fit_stacked(study, chain(8), QUICK, image_ids=names)
    np.testing.assert_allclose(other.weight, fitted.weight, atol=1e-4)
    assert np.abs(other.certainty.level_draw - fitted.certainty.level_draw).max() > 0.01


def test_the_order_of_vertices_does_not_matter(study, fitted):
    order = np.random.default_rng(1).permutation(8)
    moved = replace(study, response=study.response[:, order])
    other = fit_stacked(moved, chain(8)[order], QUICK, image_ids=image_ids(90))
    np.testing.assert_array_equal(other.found.window, fitted.found.window[order])
    assert other.bandwidth.sigma == fitted.bandwidth.sigma
    np.testing.assert_allclose(other.weight, fitted.weight[:, order], atol=1e-5)
    np.testing.assert_allclose(other.place, fitted.place[order], atol=1e-4)
    np.testing.assert_allclose(other.r2_left_out, fitted.r2_left_out[order], atol=1e-5)
    predicted = predicted_responses(fitted.model, study)[:, order]
    np.testing.assert_allclose(predicted_responses(other.model, moved), predicted, atol=1e-4)


def test_the_unit_of_a_layers_features_does_not_matter(study, fitted):
    scaled = [layer * 2.0**power for layer, power in zip(study.layers, (3, -1, -4), strict=True)]
    moved = replace(study, layers=scaled)
    other = fit_stacked(moved, chain(8), QUICK, image_ids=image_ids(90))
    assert_same(fitted, other, study, moved, atol=0)


def test_the_unit_of_the_responses_does_not_matter(study, fitted):
    moved = replace(study, response=study.response * np.float32(0.25) + np.float32(2))
    other = fit_stacked(moved, chain(8), QUICK, image_ids=image_ids(90))
    np.testing.assert_array_equal(other.found.window, fitted.found.window)
    np.testing.assert_allclose(other.weight, fitted.weight, atol=1e-4)
    np.testing.assert_allclose(other.r2_left_out, fitted.r2_left_out, atol=1e-5)
    predicted = predicted_responses(fitted.model, study) * 0.25 + 2
    np.testing.assert_allclose(predicted_responses(other.model, moved), predicted, atol=1e-4)


def test_the_number_of_threads_does_not_matter():
    data, _ = planted_data(6, n_images=300, n_vertices=40, height=3, channels=(40, 30))
    before = torch.get_num_threads()
    fits = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            fits.append(fit_stacked(data, chain(40), QUICK))
    finally:
        torch.set_num_threads(before)
    one, two = fits
    np.testing.assert_array_equal(one.found.window, two.found.window)
    np.testing.assert_array_equal(one.penalty, two.penalty)
    np.testing.assert_allclose(one.weight, two.weight, atol=1e-4)
    np.testing.assert_allclose(one.r2_left_out, two.r2_left_out, atol=1e-5)


def test_the_same_call_gives_the_same_numbers(study, fitted):
    again = fit_stacked(study, chain(8), QUICK, image_ids=image_ids(90))
    assert_same(fitted, again, study, study, atol=0)


@pytest.mark.parametrize("equal", [True, False], ids=["equal trials", "unequal trials"])
def test_single_trials_and_their_means_give_the_same_fit(study, equal):
    data = study if equal else unequal_trials(study)
    response, image, repeats = average_repeats(data.response, data.trial_image)
    means = replace(data, response=response, trial_image=image, repeats=repeats)
    assert (len(np.unique(repeats)) == 1) == equal
    one, other = (fit_stacked(each, chain(8), QUICK) for each in (data, means))
    assert_same(one, other, data, data, atol=1e-4)


def test_responses_to_other_images_do_not_matter(study, fitted):
    """Nothing of validation and test images is read: neither responses nor features."""
    unseen = study.split != 0
    response = study.response.copy()
    response[unseen[study.trial_image]] += 50
    layers = [layer.clone() for layer in study.layers]
    for layer in layers:
        layer[torch.from_numpy(unseen)] *= -2
    moved = replace(study, response=response, layers=layers)
    other = fit_stacked(moved, chain(8), QUICK, image_ids=image_ids(90))
    assert_same(fitted, other, study, study, atol=0)


@pytest.mark.parametrize("value", [0.0, 0.1, 1234.5])
def test_a_vertex_that_never_varies_is_predicted_by_its_mean(study, value):
    data = unequal_trials(study)
    data.response[:, 2] = value
    fit = fit_stacked(data, chain(8), ALONE)
    assert np.isnan(fit.r2_left_out[2])
    assert (fit.weight[:, 2] == 0).all()
    np.testing.assert_allclose(fit.layer[2], 1 / 3)
    predicted = predicted_responses(fit.model, data)
    np.testing.assert_allclose(predicted[:, 2], value, rtol=1e-6)
    others = np.arange(8) != 2
    assert np.isfinite(fit.r2_left_out[others]).all()
    assert np.isfinite(fit.certainty.probability).all()
    assert np.isfinite(predicted).all()


@pytest.mark.parametrize("value", [0.0, 0.5, 0.1, 7.3])
def test_a_layer_that_never_varies_has_no_weight(study, value):
    data = unequal_trials(study)
    layers = [data.layers[0], torch.full_like(data.layers[1], value), data.layers[2]]
    data = replace(data, layers=layers)
    fit = fit_stacked(data, chain(8), ALONE)
    assert (fit.weight[3:6] == 0).all()
    without = replace(data, layers=[layers[0], layers[2]])
    other = fit_stacked(without, chain(8), ALONE)
    rest = [0, 1, 2, 6, 7, 8]
    np.testing.assert_allclose(fit.weight[rest], other.weight, atol=1e-4)
    assert (other.weight.sum(dim=0) > 0.5).any()
    found, expected = (
        predicted_responses(each.model, own) for each, own in ((fit, data), (other, without))
    )
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_no_layer_varies(study):
    data = replace(study, layers=[torch.ones_like(layer) for layer in study.layers])
    fit = fit_stacked(data, chain(8), QUICK)
    assert (fit.weight == 0).all()
    np.testing.assert_allclose(fit.r2_left_out, 0, atol=1e-6)
    train = study.response[study.split[study.trial_image] == 0].mean(axis=0)
    predicted = predicted_responses(fit.model, data)
    np.testing.assert_allclose(predicted, np.tile(train, (90, 1)), atol=1e-5)


def test_one_layer(study):
    data = replace(study, layers=study.layers[:1])
    fit = fit_stacked(data, chain(8), QUICK)
    np.testing.assert_array_equal(fit.layer, 1)
    np.testing.assert_array_equal(fit.certainty.confidence, 1)
    np.testing.assert_array_equal(fit.certainty.range_high, 0)
    np.testing.assert_array_equal(fit.certainty.level_draw, 0)


def test_without_coordinates_each_vertex_is_fitted_alone(study):
    fit = fit_stacked(study, None, QUICK)
    assert fit.bandwidth.sigma == (0.0,)
    for vertex in (0, 5):
        alone = replace(study, response=study.response[:, [vertex]])
        one = fit_stacked(alone, None, QUICK)
        assert one.found.window[0] == fit.found.window[vertex]
        np.testing.assert_allclose(one.weight[:, 0], fit.weight[:, vertex], atol=1e-4)


def test_one_vertex_with_a_place(study):
    alone = replace(study, response=study.response[:, [3]])
    fit = fit_stacked(alone, chain(1), QUICK)
    assert fit.bandwidth.sigma == (0.0,)
    assert fit.r2_left_out.shape == (1,)
    assert fit.r2_left_out[0] > 0.3


def test_hemispheres_are_never_averaged():
    """Neighbours in space that read different layers, dealt to the two sides in turn."""
    side = np.arange(20) % 2
    data = layered_data(side, shared=0.3)
    coordinates = chain(20, 0.5)
    wide = replace(QUICK, bandwidths=(8.0,))
    fit = fit_stacked(data, coordinates, wide, side)
    np.testing.assert_array_equal(fit.layer.argmax(axis=1), side)
    assert fit.layer[np.arange(20), side].mean() > 0.8
    # what the average makes of them where no sides are known
    joined = fit_stacked(data, coordinates, wide)
    assert joined.layer[np.arange(20), side].mean() < 0.6


def test_each_hemisphere_has_a_bandwidth_of_its_own():
    """Smooth on the left, patchy on the right."""
    side = np.repeat([0, 1], 24)
    layers = np.concatenate([np.repeat([0, 1], 12), np.arange(24) % 2])
    data = layered_data(layers, n_images=240, noise=0.7, shared=0.7)
    wide = replace(QUICK, bandwidths=(0.0, 2.0))
    fit = fit_stacked(data, np.tile(chain(24), (2, 1)), wide, side)
    assert fit.bandwidth.sigma == (2.0, 0.0)
    assert fit.bandwidth.error.shape == (2, 2, 10)


def test_averages_do_not_cross_gaps():
    coordinates = np.concatenate([chain(10), chain(10) + np.array([13.0, 0, 0])])
    matrix = Cortex(coordinates, 20).average(8.0).toarray()
    assert (matrix[:10, 10:] == 0).all()
    assert (matrix[10:, :10] == 0).all()
    np.testing.assert_allclose(matrix.sum(axis=1), 1, rtol=1e-5)
    layers = np.repeat([0, 1], 10)
    fit = fit_stacked(layered_data(layers), coordinates, replace(QUICK, bandwidths=(8.0,)))
    assert fit.layer[np.arange(20), layers].min() > 0.9


def test_distances_go_along_a_fold():
    """Two banks of a sulcus 3 mm apart are far from each other by the way over its floor."""
    depth, banks = np.arange(12.0), (0.0, 3.0)
    down = np.stack([np.full(12, banks[0]), -depth, np.zeros(12)], axis=1)
    floor = np.array([[1.0, -11.0, 0.0], [2.0, -11.0, 0.0]])
    up = np.stack([np.full(12, banks[1]), -depth[::-1], np.zeros(12)], axis=1)
    sulcus = np.concatenate([down, floor, up])
    matrix = Cortex(sulcus, 26).average(4.0).toarray()
    assert matrix[0, -1] == 0
    straight = cdist(sulcus, sulcus)
    # from each vertex to the next, and across the corners of the floor
    way = floyd_warshall(np.where(straight < 1.5, straight, 0))
    assert way[0, -1] > 20
    expected = np.where(way <= 10, np.exp(-0.5 * (way / 4) ** 2), 0)
    np.testing.assert_allclose(matrix, expected / expected.sum(axis=1, keepdims=True), rtol=1e-5)


def test_vertices_in_one_place_are_averaged_alike():
    matrix = Cortex(np.zeros((3, 3)), 3).average(2.0).toarray()
    np.testing.assert_allclose(matrix, 1 / 3, rtol=1e-5)


def test_the_bandwidth_is_that_of_the_truth():
    """Neighbours that agree are averaged, neighbours that differ are not."""
    smooth, patchy = np.repeat([0, 1], 15), np.arange(30) % 2
    options = replace(QUICK, bandwidths=(0.0, 1.0, 2.0))
    chosen = {}
    for name, layers, noise in (("smooth", smooth, 2.0), ("patchy", patchy, 0.5)):
        data = layered_data(layers, n_images=240, noise=noise, shared=0.7)
        fit = fit_stacked(data, chain(30), options)
        chosen[name] = fit.bandwidth.sigma[0]
        (error,) = fit.bandwidth.error.sum(axis=2)
        assert error[0] > 0
        if name == "patchy":
            assert error.argmin() == 0
    assert chosen["patchy"] == 0.0
    assert chosen["smooth"] > 0.0


def test_a_wider_average_than_the_truth_allows_is_not_taken():
    """Layers change every six vertices: 1 mm helps, 8 mm would mix them all."""
    layers = np.arange(36) // 6 % 2
    data = layered_data(layers, n_images=240, noise=1.0, shared=0.7)
    fit = fit_stacked(data, chain(36), replace(QUICK, bandwidths=(0.0, 1.0, 8.0)))
    assert fit.bandwidth.sigma[0] < 8
    assert (fit.layer.argmax(axis=1) == layers).mean() > 0.9


def test_noise_gives_a_dim_map():
    """120 images, nothing to be found: probabilities are near chance, scores are about 0."""
    rng = np.random.default_rng(3)
    data = layered_data(np.zeros(60, int), n_images=160, channels=(6, 6, 6, 6))
    response = rng.standard_normal(data.response.shape).astype(np.float32)
    split = np.repeat([0, 1, 2], [120, 20, 20]).astype(np.int8)
    data = replace(data, response=response, split=split)
    fit = fit_stacked(data, chain(60), QUICK)
    assert np.isfinite(fit.r2_left_out).all()
    assert abs(np.median(fit.r2_left_out)) < 0.05
    held_out = r2_score(response[140:], predicted_responses(fit.model, data)[140:])
    assert -0.3 < np.median(held_out) < 0.05
    assert np.median(fit.certainty.confidence) < 0.55
    np.testing.assert_allclose(fit.certainty.probability.sum(axis=1), 1, atol=1e-6)
    span = fit.certainty.level_high - fit.certainty.level_low
    assert np.median(span) > 0.5


def test_a_clear_signal_gives_a_bright_map():
    layers = np.repeat(np.arange(4), 15)
    data = layered_data(layers, n_images=300, channels=(6, 6, 6, 6), noise=0.5)
    fit = fit_stacked(data, chain(60), QUICK)
    # averages mix layers where they meet
    inside = (np.arange(60) % 15 > 2) & (np.arange(60) % 15 < 12)
    np.testing.assert_array_equal(fit.layer.argmax(axis=1)[inside], layers[inside])
    assert np.median(fit.certainty.confidence[inside]) > 0.6


@pytest.mark.parametrize("n_train", [2, 3, 12])
def test_few_images_are_enough_to_end(n_train):
    split = np.repeat([0, 1, 2], [n_train, 3, 3]).astype(np.int8)
    data = layered_data([0, 1, 0, 1], n_images=len(split))
    fit = fit_stacked(replace(data, split=split), chain(4), StackedOptions(draws=4))
    predicted = predicted_responses(fit.model, data)
    assert np.isfinite(predicted).all()
    assert np.isfinite(fit.certainty.probability).all()
    assert np.isfinite(fit.place_interval.low).all()
    assert (fit.weight >= 0).all()


def test_all_components_are_all_channels(study):
    options = replace(ALONE, components=4)
    data = replace(study, layers=study.layers[:1])
    whole, same = (fit_stacked(data, None, each) for each in (ALONE, options))
    assert same.variance_lost == 0
    assert_same(whole, same, data, data, atol=0)


def test_components_lose_what_is_said_and_nothing_where_nothing_is_lost():
    """Of channels that lie in fewer directions, as many components predict like all channels."""
    data = layered_data([0, 1, 0, 1, 0, 1], channels=(3, 3))
    rng = np.random.default_rng(0)
    mixed = [
        (layer.float() @ torch.from_numpy(rng.standard_normal((3, 8))).float()).half()
        for layer in data.layers
    ]
    data = replace(data, layers=mixed)
    whole = fit_stacked(data, None, ALONE)
    full = fit_stacked(data, None, replace(ALONE, components=3))
    less = fit_stacked(data, None, replace(ALONE, components=1))
    assert full.variance_lost < 1e-4
    assert 0.05 < less.variance_lost < 0.7
    predicted = [predicted_responses(each.model, data) for each in (whole, full, less)]
    spread = predicted[0].std()
    assert np.abs(predicted[1] - predicted[0]).max() < 0.15 * spread
    assert np.abs(predicted[2] - predicted[0]).max() > 0.5 * spread
    assert less.r2_left_out.mean() < full.r2_left_out.mean() - 0.1


def test_the_variance_that_components_lose_is_that_of_the_smallest():
    data = layered_data([0, 1], channels=(6, 4))
    fit = fit_stacked(data, None, replace(ALONE, components=2))
    lost = []
    for layer in data.layers:
        for tokens in (layer[:, :-1], layer[:, -1:]):
            seen = tokens[torch.from_numpy(data.split == 0)].double().flatten(0, 1).numpy()
            values = np.linalg.eigvalsh(np.corrcoef(seen.T))
            lost.append(values[:-2].sum() / values.sum())
    assert fit.variance_lost == pytest.approx(max(lost), abs=1e-3)


# ----- Places and ranges, on made-up surfaces -----

WINDOWS = make_windows(8, (0.0, 2.0), 2)


def surface(windows, centre, *, height=0.5, bend=0.3, level=0):
    """Scores that fall off as a parabola round a centre, in windows of one size."""
    away = ((windows.place - centre) ** 2).sum(axis=1)
    return np.where(windows.level == level, height - bend * away, 0.0)


@given(st.floats(-0.8, 0.8), st.floats(-0.8, 0.8))
def test_the_top_of_a_parabola_is_found_between_lattice_points(x, y):
    score = surface(WINDOWS, np.array([x, y]))
    window = np.array([score.argmax()])
    place = refined_places(WINDOWS, window, score[:, None])
    np.testing.assert_allclose(place, [[x, y]], atol=1e-6)


@pytest.mark.parametrize("corner", [(-1, -1), (1, 1), (-1, 1)])
def test_places_at_the_edge_stay_there(corner):
    score = surface(WINDOWS, 2 * np.array(corner, float), height=3)[:, None]
    window = score.argmax(axis=0)
    np.testing.assert_allclose(refined_places(WINDOWS, window, score), [np.array(corner) * 7 / 8])


def test_a_flat_surface_moves_no_place():
    score = np.full((len(WINDOWS), 1), 0.2)
    window = np.array([40])
    np.testing.assert_array_equal(refined_places(WINDOWS, window, score), WINDOWS.place[window])


def test_intervals_follow_the_likelihood_of_windows():
    """Literally: moments of centres and quantiles of sizes under (1 − R²)^(−n/2)."""
    score = surface(WINDOWS, np.array([0.1, -0.2]), bend=0.8)
    score[WINDOWS.level == 1] = score.max() - 0.01
    window = np.array([score.argmax()])
    place = refined_places(WINDOWS, window, score[:, None])
    found = place_intervals(WINDOWS, place, score[:, None], 100)
    chance = (1 - score) ** -50.0
    chance /= chance.sum()
    step = {0: 2 * 7 / 8 / 14, 1: 2 * 7 / 8 / 3}
    for axis in (0, 1):
        variance = 0.0
        for each in range(len(WINDOWS)):
            away = WINDOWS.place[each, axis] - place[0, axis]
            variance += chance[each] * (away**2 + step[int(WINDOWS.level[each])] ** 2 / 12)
        reach = 1.645 * np.sqrt(variance)
        assert found.low[0, axis] == pytest.approx(max(place[0, axis] - reach, -1))
        assert found.high[0, axis] == pytest.approx(min(place[0, axis] + reach, 1))
    share = chance[WINDOWS.level == 0].sum()
    assert 0.05 < share < 0.95
    small, large = np.unique(WINDOWS.size)
    # from a single token's extent to as far beyond the largest size as half way to the smaller one
    ends = 1 / 12**0.5 / 8, large**1.5 / small**0.5
    np.testing.assert_allclose((found.size_low[0], found.size_high[0]), ends)


def test_intervals_are_narrower_with_more_images():
    score = surface(WINDOWS, np.array([0.1, -0.2]))[:, None]
    place = refined_places(WINDOWS, score.argmax(axis=0), score)
    widths = []
    for n_images in (30, 300, 3000):
        found = place_intervals(WINDOWS, place, score, n_images)
        assert (found.low <= place).all()
        assert (found.high >= place).all()
        widths.append(float((found.high - found.low).max()))
    assert widths[0] > widths[1] > widths[2]
    sharp = place_intervals(WINDOWS, place, score, 10**6)
    edges = WINDOWS.size_edges()
    assert (sharp.size_low[0], sharp.size_high[0]) == (edges[0], edges[1])
    small, large = np.unique(WINDOWS.size)
    assert edges[1] == pytest.approx((small * large) ** 0.5)


def brute_range(probability, share):
    """Of all ranges of neighbouring layers: fewest layers, then most probability, then first."""
    n_layers = len(probability)
    ranges = [
        (last - first, -probability[first : last + 1].sum(), first)
        for first in range(n_layers)
        for last in range(first, n_layers)
        if probability[first : last + 1].sum() >= share - 1e-9
    ]
    length, _, first = min(ranges)
    return first, first + length


@given(
    arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 7)), elements=st.integers(0, 40)),
    st.sampled_from([0.5, 0.8, 0.95, 1.0]),
)
def test_ranges_are_the_smallest_that_hold_the_share(counts, share):
    counts[:, 0] += 1
    probability = counts / counts.sum(axis=1, keepdims=True)
    first, last = smallest_ranges(probability, share)
    for row, one, other in zip(probability, first, last, strict=True):
        expected = brute_range(row, share)
        held = row[one : other + 1].sum()
        best = row[expected[0] : expected[1] + 1].sum()
        assert other - one == expected[1] - expected[0]
        assert held == pytest.approx(best)


def test_windows_weigh_tokens_by_their_place_and_size():
    """Weights sum to 1; their mean is the centre; of inner windows the variance is the size."""
    windows = make_windows(16, (0.0, 1.0, 2.0), 2)
    weight = windows.weight.double().numpy()
    np.testing.assert_allclose(weight.sum(axis=1), 1, rtol=1e-5)
    centre = (np.arange(16) + 0.5) / 16 * 2 - 1
    x, y = np.meshgrid(centre, centre)
    inner = (np.abs(windows.place) < 0.3).all(axis=1)
    for axis, at in ((0, x.ravel()), (1, y.ravel())):
        np.testing.assert_allclose(weight[inner] @ at, windows.place[inner, axis], atol=1e-3)
        spread = weight[inner] @ at**2 - (weight[inner] @ at) ** 2
        # of tokens that are 1/16 wide themselves, in image widths
        size = np.sqrt(spread / 4 + 1 / 12 / 16**2)
        level = windows.level[inner]
        np.testing.assert_allclose(size[level > 0], windows.size[inner][level > 0], rtol=1e-2)
    points = weight[windows.level == 0]
    assert ((points > 0).sum(axis=1) <= 4).all()
