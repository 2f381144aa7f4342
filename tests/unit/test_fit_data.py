from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.encoding.data import (
    FitData,
    average_repeats,
    load_fit_data,
)
from cortexlens.encoding.layers import coarsen
from cortexlens.encoding.moments import feature_moments
from cortexlens.errors import CortexlensError
from cortexlens.features.store import open_features
from cortexlens.storage.datasets import open_dataset
from encoders import image_ids, planted_data, random_tokens, write_features, write_subject


@given(st.lists(st.integers(0, 6), min_size=1, max_size=25), st.integers(0, 99))
def test_repeats_are_averaged_image_by_image(shown, seed):
    response = np.random.default_rng(seed).standard_normal((len(shown), 3)).astype(np.float32)
    means, images, counts = average_repeats(response, np.array(shown))
    assert images.tolist() == sorted(set(shown))
    assert counts.tolist() == [shown.count(image) for image in images]
    assert means.dtype == np.float32
    for image, found in zip(images, means, strict=True):
        trials = [response[t].astype(float) for t, each in enumerate(shown) if each == image]
        np.testing.assert_allclose(found, sum(trials) / len(trials), atol=1e-6)


def literal_moments(tokens):
    """Mean and standard deviation (ddof 1) of each channel, one by one."""
    pairs = []
    for channel in range(tokens.shape[2]):
        values = [float(value) for value in tokens[:, :, channel].flatten()]
        mean = sum(values) / len(values)
        pairs.append((mean, (sum((v - mean) ** 2 for v in values) / (len(values) - 1)) ** 0.5))
    return np.array(pairs).T


def test_moments_are_those_of_the_training_images_alone():
    (layer,) = random_tokens(np.random.default_rng(0), 8, 2, (3,))
    train = np.array([1, 2, 4, 7])
    local, pooled = feature_moments(torch.from_numpy(layer), train)
    for found, tokens in ((local, layer[train, :-1]), (pooled, layer[train, -1:])):
        np.testing.assert_allclose(np.stack(found), literal_moments(tokens), rtol=1e-4)
    layer[[0, 3, 5, 6]] = np.nan
    again = feature_moments(torch.from_numpy(layer), train)
    assert torch.equal(torch.stack(again[0]), torch.stack(local))
    assert torch.equal(torch.stack(again[1]), torch.stack(pooled))


def test_dead_channels_have_deviation_1():
    layer = torch.randn(6, 5, 3).half()
    layer[:, :, 1] = 0.25
    for mean, deviation in feature_moments(layer, np.arange(6)):
        assert (float(mean[1]), float(deviation[1])) == (0.25, 1)
        assert (deviation[[0, 2]] != 1).all()


def test_trials_follow_the_split_of_their_image():
    layers = [torch.arange(5).half()[:, None, None]]
    response = np.arange(7, dtype=np.float32)[:, None]
    data = FitData(
        layers, response, np.array([4, 0, 1, 0, 3, 2, 4]), np.array([0, 2, 1, 1, 0], np.int8),
        np.ones(7, np.int64),
    )  # fmt: skip
    assert [data.trials(part).tolist() for part in range(3)] == [[0, 1, 3, 6], [4, 5], [2]]
    observed, image = data.observed(1)
    assert observed[:, 0].tolist() == [4, 5]
    assert image.tolist() == [3, 2]
    assert data.features(np.array([3, 0, 3]))[0].flatten().tolist() == [3, 0, 3]


@pytest.fixture
def stored(tmp_path):
    data, _ = planted_data(n_images=20, repeats=3)
    features, responses = write_subject(tmp_path, data)
    return data, open_features(features), open_dataset(responses, kind="responses")


@pytest.mark.parametrize("single_trials", [False, True])
def test_stores_are_read_whole(stored, single_trials):
    data, features, responses = stored
    loaded = load_fit_data(features, responses, single_trials=single_trials)
    for one, other in zip(loaded.layers, data.layers, strict=True):
        assert torch.equal(one, other)
    np.testing.assert_array_equal(loaded.split, data.split)
    if single_trials:
        np.testing.assert_array_equal(loaded.response, data.response)
        np.testing.assert_array_equal(loaded.trial_image, data.trial_image)
        assert (loaded.repeats == 1).all()
    else:
        assert loaded.response.shape == (20, 6)
        assert loaded.trial_image.tolist() == list(range(20))
        assert (loaded.repeats == 3).all()


@pytest.mark.parametrize("grid", [1, 2, 3, 6])
def test_coarser_grids_are_means_of_squares_of_tokens(grid):
    (layer,) = random_tokens(np.random.default_rng(1), 3, 6, (2,))
    found = coarsen(torch.from_numpy(layer), grid).numpy()
    assert found.dtype == np.float16
    assert found.shape == (3, grid**2 + 1, 2)
    local = layer[:, :-1].reshape(3, 6, 6, 2).astype(float)
    size = 6 // grid
    for row in range(grid):
        for column in range(grid):
            square = local[:, row * size : (row + 1) * size, column * size : (column + 1) * size]
            token = found[:, row * grid + column]
            np.testing.assert_allclose(token, square.mean(axis=(1, 2)), rtol=1e-3, atol=1e-3)
    np.testing.assert_array_equal(found[:, -1], layer[:, -1])


@pytest.mark.parametrize("grid", [4, 5, 7, 12])
def test_grids_that_do_not_divide_the_features_are_refused(grid):
    with pytest.raises(CortexlensError, match=f"grid is {grid}; .*6: allowed are 1, 2, 3, 6[.]"):
        coarsen(torch.zeros(2, 37, 3), grid)


@pytest.mark.parametrize(("grid", "tokens"), [(None, 5), (2, 5), (1, 2)])
def test_the_grid_that_is_read_can_be_coarser(stored, grid, tokens):
    _, features, responses = stored
    loaded = load_fit_data(features, responses, single_trials=False, grid=grid)
    assert {layer.shape[1] for layer in loaded.layers} == {tokens}


@pytest.mark.parametrize("ids", [image_ids(21), image_ids(20)[::-1]], ids=["more", "reordered"])
def test_features_of_other_images_are_refused(stored, tmp_path, ids):
    _, _, responses = stored
    tokens = random_tokens(np.random.default_rng(0), len(ids), 2, (4, 3))
    write_features(tmp_path / "other.zarr", tokens, ids)
    with pytest.raises(CortexlensError, match=rf"other.zarr: .* {len(ids)} images.* 20 "):
        load_fit_data(open_features(tmp_path / "other.zarr"), responses, single_trials=True)


@pytest.mark.parametrize("part", [0, 1, 2])
def test_every_part_of_the_split_needs_two_images(tmp_path, part):
    data, _ = planted_data(n_images=20)
    split = data.split.copy()
    members = np.flatnonzero(split == part)
    split[members[1:]] = (part + 1) % 3
    features, responses = write_subject(tmp_path, replace(data, split=split))
    name = ["train", "validation", "test"][part]
    with pytest.raises(CortexlensError, match=rf"holds 1 {name} images; at least 2 are"):
        load_fit_data(
            open_features(features), open_dataset(responses, kind="responses"), single_trials=False
        )
