"""Layers share what they are said to share; similarity against two plain ways to compute it."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cortexlens.encoding.layers import StreamedLayer
from cortexlens.encoding.mixing import layer_similarity, linear_cka, mix_layers
from cortexlens.errors import CortexlensError
from cortexlens.features.store import open_features
from encoders import image_ids, random_tokens, write_features

N_IMAGES, GRID, CHANNELS = 900, 2, (5, 3, 4)
EVERY = np.arange(N_IMAGES)


def layers(seed=0):
    tokens = random_tokens(np.random.default_rng(seed), N_IMAGES, GRID, CHANNELS)
    return [torch.from_numpy(layer) for layer in tokens]


def explained(layer, other):
    """Share of a layer's variance that another explains linearly: local tokens."""
    a, b = (each[:, :-1].flatten(0, 1).double().numpy() for each in (layer, other))
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    left = a - b @ np.linalg.lstsq(b, a, rcond=None)[0]
    return 1 - left.var() / a.var()


@pytest.mark.parametrize("share", [0.3, 0.8])
def test_layers_share_that_part_of_their_variance(share):
    mixed = layers()
    mix_layers(mixed, EVERY, share, seed=0)
    for layer in mixed:
        values = layer[:, :-1].flatten(0, 1).float()
        torch.testing.assert_close(
            values.std(dim=0), torch.ones(values.shape[1]), rtol=0.05, atol=0
        )
    # The middle layer has as many channels as what is shared. Of layers that are unrelated
    # otherwise, each shows the share of what the other shows of it.
    assert explained(mixed[0], mixed[1]) == pytest.approx(share**2, abs=0.06)
    assert explained(layers()[0], layers()[1]) < 0.02


def test_what_is_shared_says_nothing_of_the_image():
    mixed, before = layers(), layers()
    mix_layers(mixed, EVERY, 0.6, seed=0)
    for index, layer in enumerate(mixed):
        for number, other in enumerate(before):
            wanted = 0.4 if number == index else 0
            assert explained(layer, other) == pytest.approx(wanted, abs=0.03)


def test_nothing_shared_leaves_the_layers_as_they_are():
    mixed = layers()
    mix_layers(mixed, EVERY, 0.0, seed=0)
    assert all(torch.equal(a, b) for a, b in zip(mixed, layers(), strict=True))


def test_layers_that_are_streamed_are_not_mixed(tmp_path):
    write_features(tmp_path / "f.zarr", [each.numpy() for each in layers()], image_ids(N_IMAGES))
    store = open_features(tmp_path / "f.zarr")
    streamed = [StreamedLayer(store, index, GRID, 0) for index in range(len(CHANNELS))]
    with pytest.raises(
        CortexlensError, match=r"layer_mixing is 0.5, .* in memory: they take 0.00011 GB"
    ):
        mix_layers(streamed, EVERY, 0.5, seed=0)


def by_kernels(a, b):
    """CKA as defined: of the centred matrices of products between images."""
    n = len(a)
    centring = np.eye(n) - 1 / n
    one, other = (centring @ (each @ each.T) @ centring for each in (a, b))
    return np.sum(one * other) / np.sqrt(np.sum(one * one) * np.sum(other * other))


def by_components(a, b):
    """Cosines between principal directions, weighted by their variances (Kornblith, eq. 14)."""
    (u, s, _), (v, t, _) = (np.linalg.svd(x - x.mean(axis=0), full_matrices=False) for x in (a, b))
    products = np.outer(s**2, t**2) * (u.T @ v) ** 2
    return products.sum() / np.sqrt((s**4).sum() * (t**4).sum())


@pytest.mark.parametrize("reference", [by_kernels, by_components])
def test_similarity_is_that_of_the_references(reference):
    rng = np.random.default_rng(0)
    a = rng.standard_normal((50, 7)) * rng.uniform(0.1, 3, 7) + 5
    b = a[:, :4] @ rng.standard_normal((4, 5)) + rng.standard_normal((50, 5))
    assert linear_cka(a, b) == pytest.approx(reference(a, b), rel=1e-9)


@given(st.integers(0, 10**6), st.floats(0.01, 100))
def test_similarity_does_not_care_for_rotation_and_size(seed, size):
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal((30, 4)), rng.standard_normal((30, 3))
    turned = size * a @ np.linalg.qr(rng.standard_normal((4, 4)))[0]
    assert linear_cka(turned, b) == pytest.approx(linear_cka(a, b))
    assert linear_cka(turned, a) == pytest.approx(1)
    assert 0 <= linear_cka(a, b) <= 1


def test_what_does_not_vary_is_like_nothing():
    assert np.isnan(linear_cka(np.ones((5, 2)), np.random.default_rng(0).standard_normal((5, 2))))


def test_similarity_of_layers_is_that_of_their_means():
    found = layer_similarity(layers(), EVERY)
    means = [layer[:, :-1].float().mean(dim=1).double().numpy() for layer in layers()]
    expected = [[linear_cka(a, b) for b in means] for a in means]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    np.testing.assert_allclose(np.diag(found), 1)
