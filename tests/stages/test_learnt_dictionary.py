"""From tokens to a dictionary: autoencoders learn planted units, and vertices find them again."""

import numpy as np
import pytest
import torch
import xarray as xr

from cortexlens.features.store import open_features
from cortexlens.sae.model import About, Sae, load_sae, save_sae
from cortexlens.sae.settings import Settings
from cortexlens.sae.tokens import Tokens, moments_of
from cortexlens.sae.training import train_autoencoder
from cortexlens.shapes import TRAIN
from cortexlens.storage.datasets import open_dataset
from planted_units import (
    ACTIVE,
    LAYERS,
    N_CHANNELS,
    N_UNITS,
    built,
    compared,
    true_sae,
    write_planted,
)

# twice as many units as were planted: nobody knows how many there are
LEARNT = 2 * N_UNITS


def learn(planted, layer):
    """Train on the training images' tokens; the file takes the place of the true dictionary."""
    store = open_features(planted.folder / "features.zarr")
    split = open_dataset(planted.folder / "responses.zarr", kind="responses")["split"].values
    rows = np.flatnonzero(split == TRAIN)
    places = np.stack([np.zeros_like(rows), rows], axis=1)
    tokens = Tokens([store], layer, "local", places)
    found = moments_of(tokens)
    sae = Sae(About("topk", ACTIVE, "local", "tiny", layer), N_CHANNELS, LEARNT)
    sae.input.mean.copy_(found.mean)
    sae.input.scale.fill_(found.scale)
    settings = Settings(batch_size=64, epochs=20, learning_rate=5e-3)
    train_autoencoder(sae, tokens, settings, planted.folder / "state", layer)
    place = planted.folder / "saes" / layer / "seed-0" / "sae.safetensors"
    save_sae(sae, place)
    return place


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return write_planted(tmp_path_factory.mktemp("learnt"), n_images=900, seed=1)


@pytest.fixture(scope="module")
def learnt(planted):
    """Decoder directions of each layer, and the dictionary of what was learnt."""
    directions = {
        layer: load_sae(learn(planted, layer)).decoder.weight.detach() for layer in LAYERS
    }
    for layer in LAYERS:
        compared(planted, layer, 0)
    return directions, built(planted)


def test_directions_are_those_that_were_planted(learnt):
    for layer, directions in learnt[0].items():
        likeness = true_sae(layer).decoder.weight @ directions.T
        assert float((likeness.max(dim=1).values >= 0.9).float().mean()) >= 0.9


def test_vertices_find_the_unit_that_drives_them(planted, learnt):
    directions, dictionary = learnt
    heard = np.flatnonzero(planted.ceiling > 0.3)
    assert len(heard) > 40
    best: xr.Dataset = dictionary.sel(metric="pearson")
    right = []
    for vertex in heard:
        layer = LAYERS[planted.layer[vertex]]
        unit = int(best["best_unit"].values[vertex])
        same = best["best_layer"].values[vertex] == planted.layer[vertex]
        true = true_sae(layer).decoder.weight.detach()[planted.unit[vertex]]
        alike = same and float(torch.dot(true, directions[layer][unit])) >= 0.9
        right.append(alike and best["q"].values[vertex] < 0.05)
    assert np.mean(right) >= 0.9
