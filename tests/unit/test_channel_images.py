"""Angles between channel selectors, and pictures as regions read them."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cortexlens.analysis.channels.clusters import unit_rows
from cortexlens.backbones.network import Backbone, LayerTokens
from cortexlens.encoding.channel_images import (
    aligned_to,
    chosen_images,
    paint,
    principal_axes,
    region_components,
    shared_reading,
    stacked_reading,
)
from cortexlens.encoding.channel_metric import (
    aligned_covariance,
    read_maps,
    square_root,
    token_images,
)
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.errors import CortexlensError
from cortexlens.features.store import open_features
from encoders import image_ids, write_features

GRID, IMAGES, VERTICES, CHANNELS, DIMENSIONS = 4, 40, 30, [5, 7], 4


@pytest.fixture
def fitted(tmp_path):
    """A model with random weights, and features of two layers."""
    torch.manual_seed(0)
    tokens = [
        np.random.default_rng(layer).standard_normal((IMAGES, GRID**2 + 1, count)).astype("float16")
        for layer, count in enumerate(CHANNELS)
    ]
    write_features(tmp_path / "features.zarr", tokens, image_ids(IMAGES))
    model = FactorTopy(CHANNELS, VERTICES, DIMENSIONS).eval()
    return model, open_features(tmp_path / "features.zarr"), tokens


def covariance(models, features, **changed):
    given_ = {"layer_weight": np.array([0.25, 0.75]), "scale": 0.3, **changed}
    return aligned_covariance(models, features, GRID, images=np.arange(IMAGES), **given_)


def test_the_angle_of_two_selectors_is_the_correlation_of_what_they_read(fitted):
    model, features, _ = fitted
    found = covariance([model], features, layer_weight=np.array([1.0, 0.0]), scale=0.0)
    with torch.inference_mode():
        tokens = torch.from_numpy(features.read(0)).float()[:, :-1]
        read = model.local[0](tokens).flatten(0, 1).numpy().astype(np.float64)
    np.testing.assert_allclose(found, np.cov(read.T, bias=True), rtol=1e-4, atol=1e-5)
    w = np.random.default_rng(0).standard_normal((3, DIMENSIONS))
    unit = unit_rows(w @ square_root(found))
    np.testing.assert_allclose(unit @ unit.T, np.corrcoef(w @ read.T), atol=1e-4)


def test_angles_do_not_depend_on_how_the_shared_channels_are_written_down(fitted):
    model, features, _ = fitted
    other = FactorTopy(CHANNELS, VERTICES, DIMENSIONS).eval()
    other.load_state_dict(model.state_dict())
    change = torch.eye(DIMENSIONS) + 0.4 * torch.randn(DIMENSIONS, DIMENSIONS)
    with torch.no_grad():
        for align in (*other.local, *other.pooled):
            align.weight.copy_(change @ align.weight)
        other.weight.copy_(model.weight @ torch.linalg.inv(change))
    angles = []
    for each in (model, other):
        w = each.weight.detach().numpy().astype(np.float64)
        unit = unit_rows(w @ square_root(covariance([each], features)))
        angles.append((unit @ unit.T, unit_rows(w) @ unit_rows(w).T))
    np.testing.assert_allclose(angles[0][0], angles[1][0], atol=1e-3)
    assert np.abs(angles[0][1] - angles[1][1]).max() > 0.1


def test_features_of_another_network_are_refused(fitted):
    _, features, _ = fitted
    with pytest.raises(CortexlensError, match="fitted to"):
        covariance([FactorTopy([5, 9], VERTICES, DIMENSIONS)], features)


class Maps:
    """Maps of every layer's channels, as a stacked model has them."""

    def __init__(self, seed=0):
        rng = np.random.default_rng(seed)
        self.of_layer = [rng.standard_normal((VERTICES, count)) for count in CHANNELS]

    def weights(self, layer):
        return self.of_layer[layer]


def standardised(features, layer):
    """Local tokens of a layer, each channel of mean 0 and variance 1; and its deviation."""
    tokens = features.read(layer)[:, :-1].reshape(-1, CHANNELS[layer]).astype(np.float64)
    return (tokens - tokens.mean(axis=0)) / tokens.std(axis=0), tokens.std(axis=0)


def test_the_angle_of_two_stacked_maps_is_the_correlation_of_what_they_read(fitted):
    _, features, _ = fitted
    model = Maps()
    found = read_maps(model, features, GRID, np.arange(IMAGES))
    # of different layers nothing is shared: their parts are added
    together = np.zeros((VERTICES, VERTICES))
    for layer, own in enumerate(model.of_layer):
        read = standardised(features, layer)[0] @ own.T
        together += read.T @ read / len(read)
    length = np.sqrt(np.diag(together))
    unit = unit_rows(found.read)
    np.testing.assert_allclose(unit @ unit.T, together / np.outer(length, length), atol=1e-5)
    assert found.lost == pytest.approx(0, abs=1e-9)
    raw = read_maps(model, features, GRID, np.arange(IMAGES), raw=True)
    whole = np.concatenate(model.of_layer, axis=1)
    np.testing.assert_allclose(raw.read @ raw.read.T, whole @ whole.T, atol=1e-8)


def test_weights_of_the_axes_read_what_the_maps_do(fitted):
    _, features, _ = fitted
    model = Maps()
    found = read_maps(model, features, GRID, np.arange(IMAGES))
    parts = np.split(found.read @ found.weight, [CHANNELS[0]], axis=1)
    for layer, part in enumerate(parts):
        wanted = model.of_layer[layer] / standardised(features, layer)[1]
        np.testing.assert_allclose(part, wanted, rtol=1e-4, atol=1e-6)
    few = read_maps(model, features, GRID, np.arange(IMAGES), most=3)
    size = np.square(np.linalg.svd(found.read)[1])
    assert few.read.shape == (VERTICES, 3)
    assert few.lost == pytest.approx(size[3:].sum() / size.sum())
    other = Maps()
    other.of_layer[0] = np.ones((VERTICES, 9))
    with pytest.raises(CortexlensError, match=r"channels in layer 1; the model was fitted to 9"):
        read_maps(other, features, GRID, np.arange(IMAGES))


def test_images_of_the_test_set_stay_unseen():
    chosen = token_images(1000, np.arange(0, 1000, 10))
    assert 100 < len(chosen) <= 200
    assert not set(chosen) & set(range(0, 1000, 10))


@settings(max_examples=40)
@given(seed=st.integers(0, 2**31))
def test_turning_axes_keeps_their_space_and_brings_them_nearer(seed):
    rng = np.random.default_rng(seed)
    one, other = (np.linalg.qr(rng.standard_normal((8, 3)))[0].T for _ in range(2))
    turned, in_common = aligned_to(one, other)
    np.testing.assert_allclose(turned.T @ turned, one.T @ one, atol=1e-9)
    assert (turned * other).sum() >= (one * other).sum() - 1e-9
    assert 0 <= in_common <= 1 + 1e-9
    again, all_of_it = aligned_to(turned[[2, 0, 1]] * [[-1], [1], [1]], turned)
    np.testing.assert_allclose(again, turned, atol=1e-9)
    assert all_of_it == pytest.approx(1)


def test_signs_are_those_that_most_vertices_read_with():
    rng = np.random.default_rng(0)
    read = rng.standard_normal((50, 6)) + 3 * np.eye(6)[0]
    axes, explained = principal_axes(read)
    np.testing.assert_allclose(axes, principal_axes(read[rng.permutation(50)])[0], atol=1e-9)
    assert axes[0, 0] > 0.9
    assert 0.5 < explained < 1


class Shown(Backbone):
    """A network of two layers of different sizes whose tokens are parts of the picture."""

    def __init__(self):
        self.preprocess = self.pixels

    def pixels(self, picture):
        return torch.from_numpy(np.asarray(picture, np.float32) / 255).permute(2, 0, 1)

    def tokens(self, batch):
        maps = [torch.nn.functional.avg_pool2d(batch, side) for side in (2, 4)]
        return [LayerTokens(each, each.mean((2, 3))) for each in maps]


def test_a_painted_token_is_equation_1_with_the_regions_components():
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    members = [FactorTopy([3, 3], VERTICES, DIMENSIONS).eval() for _ in range(2)]
    w = np.concatenate([each.weight.detach().numpy() for each in members], axis=1).astype(float)
    layer = rng.dirichlet([1, 1], VERTICES)
    masks = {
        "all": np.ones(VERTICES, bool),
        "V1": np.arange(VERTICES) < 9,
        "one": np.eye(30)[0] > 0,
    }
    root = np.eye(2 * DIMENSIONS)
    parts = region_components(w, root, layer, masks)
    assert list(parts) == ["all", "V1"]
    assert parts["all"].in_common == pytest.approx(1)
    pictures = [Image.fromarray(rng.integers(0, 255, (16, 16, 3), np.uint8)) for _ in range(3)]
    painted = paint(Shown(), shared_reading(members, parts), parts, pictures)["V1"]
    assert painted.shape == (3, 8, 8, 3)
    assert (painted.min(), painted.max()) == (0, 1)
    raw = np.zeros((3, 8, 8, 3))
    for number, picture in enumerate(pictures):
        maps = Shown().tokens(Shown().preprocess(picture)[None])
        for index, tokens in enumerate(maps):
            large = torch.nn.functional.interpolate(
                tokens.local_map, size=(8, 8), mode="bilinear", align_corners=False
            )[0].permute(1, 2, 0)
            with torch.inference_mode():
                shared = torch.cat([m.local[index](large) for m in members], dim=2).numpy()
            raw[number] += parts["V1"].layer[index] * (shared @ parts["V1"].direction.T)
    low, high = np.percentile(raw, [2, 98], axis=(0, 1, 2))
    np.testing.assert_allclose(painted, np.clip((raw - low) / (high - low), 0, 1), atol=1e-4)


def test_a_token_is_painted_by_what_stacked_maps_read_of_it():
    rng = np.random.default_rng(2)
    axis_weight = rng.standard_normal((5, 6))
    parts = region_components(
        *(rng.standard_normal((VERTICES, 5)), np.eye(5), rng.dirichlet([1, 1], VERTICES)),
        {"all": np.ones(VERTICES, bool)},
    )
    picture = Image.fromarray(rng.integers(0, 255, (16, 16, 3), np.uint8))
    painted = paint(Shown(), stacked_reading(axis_weight, [3, 3], parts), parts, [picture])["all"]
    own = np.split(parts["all"].direction @ axis_weight, 2, axis=1)
    raw = 0
    for index, tokens in enumerate(Shown().tokens(Shown().preprocess(picture)[None])):
        large = torch.nn.functional.interpolate(
            tokens.local_map, size=(8, 8), mode="bilinear", align_corners=False
        )[0]
        raw = raw + large.permute(1, 2, 0).numpy() @ own[index].T
    low, high = np.percentile(raw, [2, 98], axis=(0, 1))
    np.testing.assert_allclose(painted[0], np.clip((raw - low) / (high - low), 0, 1), atol=1e-4)


def test_pictures_are_counted_or_named():
    ids, tested = [f"i{n}" for n in range(20)], np.arange(5, 15)
    assert chosen_images("3", ids, tested) == [5, 9, 14]
    assert chosen_images("100", ids, tested) == list(range(5, 15))
    assert chosen_images("2", ids, np.zeros(0, int)) == [0, 19]
    assert chosen_images("i7, i2", ids, tested) == [7, 2]
    with pytest.raises(CortexlensError, match="found 'i99'"):
        chosen_images("i7,i99", ids, tested)
