"""Streamed features are those in memory, within the bound."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cortexlens.encoding import layers, moments
from cortexlens.encoding.data import FitData, load_fit_data
from cortexlens.encoding.fit import FitOptions, fit_member
from cortexlens.encoding.layers import StreamedLayer, gather, load_layer, open_layers
from cortexlens.encoding.moments import feature_covariances, feature_moments
from cortexlens.encoding.predictions import predict_images, score_on
from cortexlens.encoding.ridge import fit_ridge
from cortexlens.errors import CortexlensError
from cortexlens.features.store import open_features
from cortexlens.storage.datasets import open_dataset
from encoders import planted_data, write_subject

N_IMAGES, CHANNELS = 60, (4, 3)
IMAGE_BYTES = 2 * 17 * sum(CHANNELS)
QUICK = FitOptions(dimensions=4, batch_size=16, epochs=3, learning_rate=0.01, precision="float32")
NOTHING = 1e-9


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    data, _ = planted_data(3, n_images=N_IMAGES, height=4, channels=CHANNELS)
    features, responses = write_subject(tmp_path_factory.mktemp("subject"), data)
    return open_features(features), open_dataset(responses, kind="responses").load()


def loaded(stores, memory, grid=None) -> FitData:
    return load_fit_data(*stores, single_trials=False, memory=memory, grid=grid)


def kept_bytes(data: FitData) -> int:
    return sum(layer.kept_bytes for layer in data.layers if isinstance(layer, StreamedLayer))


def test_all_is_in_memory_where_it_fits(stores):
    assert not loaded(stores, None).streamed
    assert not loaded(stores, N_IMAGES * IMAGE_BYTES / 1e9).streamed
    assert loaded(stores, (N_IMAGES * IMAGE_BYTES - 1) / 1e9).streamed


def test_half_of_the_free_memory_is_taken_where_nothing_is_said(stores, monkeypatch):
    monkeypatch.setattr(layers, "free_memory", lambda device: 20 * IMAGE_BYTES)
    data = loaded(stores, None)
    data.features(np.arange(N_IMAGES))
    assert kept_bytes(data) == 10 * IMAGE_BYTES


@pytest.mark.parametrize("grid", [None, 2, 1])
@pytest.mark.parametrize("n_kept", [0, 7, N_IMAGES])
def test_streamed_tokens_are_those_in_memory(stores, n_kept, grid):
    features, _ = stores
    memory = open_layers(features, grid or 4, 1.0)
    streamed = [StreamedLayer(features, index, grid or 4, n_kept) for index in range(2)]
    rng = np.random.default_rng(0)
    for images in [rng.integers(0, N_IMAGES, count) for count in (5, 30, 0, 64, 1, 64)]:
        for one, other in zip(memory, streamed, strict=True):
            assert torch.equal(gather(one, images), gather(other, images))
    for one, other in zip(memory, streamed, strict=True):
        assert torch.equal(load_layer(one), load_layer(other))


@pytest.mark.parametrize("n_kept", [0, 1, 25, N_IMAGES])
def test_no_more_is_kept_than_the_bound_and_what_is_kept_is_not_read_again(
    stores, n_kept, monkeypatch
):
    features, _ = stores
    streamed = [StreamedLayer(features, index, 4, n_kept) for index in range(2)]
    read = []
    monkeypatch.setattr(
        StreamedLayer, "_read", lambda layer, images, tokens, rows: read.append(len(images))
    )
    for epoch in range(3):
        read.clear()
        order = np.random.default_rng(epoch).permutation(N_IMAGES)
        for start in range(0, N_IMAGES, 7):
            for layer in streamed:
                gather(layer, order[start : start + 7])
            assert sum(layer.kept_bytes for layer in streamed) <= n_kept * IMAGE_BYTES
        assert sum(read) == 2 * (N_IMAGES - (n_kept if epoch else 0))
    assert sum(layer.kept_bytes for layer in streamed) == n_kept * IMAGE_BYTES


@pytest.mark.parametrize("memory", [NOTHING, 20 * IMAGE_BYTES / 1e9])
@pytest.mark.parametrize(
    "options",
    [QUICK, replace(QUICK, selector_image_fraction=0.3, aligned_rms=2.0, dropout=0.2)],
    ids=["plain", "all"],
)
def test_a_streamed_fit_is_that_in_memory(stores, memory, options):
    here, there = loaded(stores, None), loaded(stores, memory)
    one, other = (fit_member(data, None, options, seed=1) for data in (here, there))
    assert there.streamed
    assert kept_bytes(there) <= memory * 1e9
    np.testing.assert_array_equal(one.curve_loss, other.curve_loss)
    np.testing.assert_array_equal(one.curve_r2_validation, other.curve_r2_validation)
    images = np.random.default_rng(0).permutation(N_IMAGES)
    np.testing.assert_array_equal(
        predict_images(one.model, here, images), predict_images(other.model, there, images)
    )
    np.testing.assert_array_equal(score_on(one.model, here, 2), score_on(one.model, there, 2))


def test_a_streamed_ridge_is_that_in_memory(stores):
    one, other = (
        fit_ridge(loaded(stores, memory), components=5, penalties=np.array([1.0, 10.0]), seed=0)
        for memory in (None, NOTHING)
    )
    np.testing.assert_array_equal(one.predicted, other.predicted)


@pytest.mark.parametrize("images_a_block", [1, 7, 59])
def test_moments_by_blocks_are_those_of_all_at_once(stores, images_a_block, monkeypatch):
    features, _ = stores
    layer = open_layers(features, 4, 1.0)[1]
    streamed = StreamedLayer(features, 1, 4, 10)
    train = np.random.default_rng(0).permutation(N_IMAGES)[:59]
    at_once = feature_moments(layer, train)
    covariances = feature_covariances(layer, train, at_once)
    monkeypatch.setattr(moments, "BLOCK_VALUES", images_a_block * 17 * CHANNELS[1])
    by_blocks = feature_moments(streamed, train)
    for one, other in zip(at_once, by_blocks, strict=True):
        torch.testing.assert_close(torch.stack(one), torch.stack(other), rtol=1e-6, atol=0)
    for one, other in zip(covariances, feature_covariances(streamed, train, at_once), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=0)


def test_moments_by_blocks_bear_a_mean_far_from_zero(monkeypatch):
    """A sum of squares in float32 would lose the deviation altogether."""
    rng = np.random.default_rng(0)
    layer = torch.from_numpy((60_000 + 32 * rng.integers(0, 3, (200, 5, 2))).astype(np.float16))
    monkeypatch.setattr(moments, "BLOCK_VALUES", 90)
    (mean, deviation), _ = feature_moments(layer, np.arange(200))
    flat = layer[:, :-1].flatten(0, 1).double()
    torch.testing.assert_close(mean.double(), flat.mean(dim=0), rtol=1e-6, atol=0)
    torch.testing.assert_close(deviation.double(), flat.std(dim=0), rtol=1e-4, atol=0)


@pytest.mark.parametrize("memory", [0.0, -1.0, float("nan")])
def test_a_bound_that_holds_nothing_is_refused(stores, memory):
    with pytest.raises(CortexlensError, match=r"encoder.memory is .*above 0, in GB. Change"):
        loaded(stores, memory)
