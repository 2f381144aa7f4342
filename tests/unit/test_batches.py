"""Where batches, features and models go; PyTorch's device without numbers stands for a GPU."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from cortexlens.encoding import layers
from cortexlens.encoding.batches import AHEAD, Batches, ahead, feature_batches, move
from cortexlens.encoding.fit import FitOptions, _known_of, _new_model
from cortexlens.encoding.layers import StreamedLayer, open_layers
from cortexlens.features.store import open_features
from encoders import image_ids, planted_data, random_tokens, write_features

META, GPU, CPU = torch.device("meta"), torch.device("cuda"), torch.device("cpu")
TOTAL = 2 * 20 * 5 * (4 + 3)


@pytest.fixture
def features(tmp_path):
    tokens = random_tokens(np.random.default_rng(0), 20, 2, (4, 3))
    write_features(tmp_path / "features.zarr", tokens, image_ids(20))
    return open_features(tmp_path / "features.zarr")


@pytest.mark.parametrize(
    ("free", "low_memory", "memory", "home"),
    [
        (2 * TOTAL, False, None, "cuda"),
        (2 * TOTAL, False, 1e-9, "cuda"),
        (2 * TOTAL, True, None, "cpu"),
        (1.5 * TOTAL, False, None, "cpu"),
        (1.5 * TOTAL, False, 1e-9, "store"),
        (2 * TOTAL, True, 1e-9, "store"),
    ],
)
def test_features_stay_where_they_are_read_fastest(
    features, monkeypatch, free, low_memory, memory, home
):
    there = {"cuda": int(free), "cpu": 10**9}
    monkeypatch.setattr(layers, "free_memory", lambda device: there[device.type])
    homes = []
    monkeypatch.setattr(
        layers,
        "_read_whole",
        lambda layer, device: homes.append(device.type) or torch.zeros(layer.shape),
    )
    found = open_layers(features, 2, memory, GPU, low_memory)
    assert homes == ([] if home == "store" else [home] * 2)
    assert all(isinstance(layer, StreamedLayer) for layer in found) == (home == "store")


def test_batches_are_on_the_device_and_the_data_are_not():
    data, _ = planted_data(n_images=40, repeats=2)
    data = replace(data, device=META)
    for batch, selection in Batches(data, 16, 0.3, 0).epoch(0):
        for each in (batch, selection):
            assert {part.device for part in (*each.features, each.response)} == {META}
            assert each.position.device == META
    for tokens in feature_batches(data, np.arange(40), 16, META):
        assert {layer.device for layer in tokens} == {META}
    assert {layer.device for layer in data.layers} == {CPU}


@pytest.mark.parametrize("places", [None, np.eye(6, 3)])
def test_all_of_a_model_is_on_the_device(places):
    data, _ = planted_data(n_images=40)
    options = FitOptions(dimensions=4, aligned_rms=1.0)
    known = _known_of(data, options)
    model = _new_model(replace(data, device=META), places, options, known)
    assert {value.device for value in model.state_dict().values()} == {META}


def test_reading_ahead_is_for_what_takes_time(features):
    data, _ = planted_data(n_images=20)
    streamed = replace(data, layers=open_layers(features, 2, 1e-9))
    assert ahead(data, CPU) == 0
    assert ahead(streamed, CPU) == ahead(data, META) == AHEAD


def test_nothing_is_copied_to_where_it_is():
    tokens = torch.zeros(3)
    assert move(tokens, CPU) is tokens
