import numpy as np
import pytest
import torch

from cortexlens.cortex.regions import visual_cortex
from cortexlens.encoding.planted import plant_responses, planted_selectors
from cortexlens.features.store import open_features
from encoders import image_ids, random_split, random_tokens, write_features

N_IMAGES, CHANNELS, GRID = 40, (3, 4, 3), 2


@pytest.fixture(scope="module")
def tokens():
    return random_tokens(np.random.default_rng(0), N_IMAGES, GRID, CHANNELS)


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """Plants responses in features made of given tokens."""

    def plant_in(tokens, seed=0):
        path = tmp_path_factory.mktemp("features") / "f.zarr"
        write_features(path, tokens, image_ids(N_IMAGES))
        train = random_split(np.random.default_rng(0), N_IMAGES) == 0
        return plant_responses(open_features(path), train, seed=seed, repeats=2, sessions=2)

    return plant_in


@pytest.fixture(scope="module")
def planted(plant, tokens):
    return plant(tokens)


def unlike(one, other):
    """Largest difference between two subjects' responses, for each vertex."""
    return np.abs(one["response"].values - other["response"].values).max(axis=0)


@pytest.mark.parametrize("n_layers", [1, 3, 8])
def test_selectors_follow_the_planted_cortex(n_layers):
    cortex = visual_cortex()
    level = cortex["planted_level"].values
    selectors = planted_selectors(cortex, n_layers)
    torch.testing.assert_close(selectors.layer.sum(dim=1), torch.ones(len(level)))
    nearest = np.abs(selectors.layer.argmax(dim=1).numpy() - level * (n_layers - 1))
    assert nearest.max() <= 0.5 + 1e-6
    assert selectors.space.abs().max() <= 1
    np.testing.assert_allclose(
        selectors.space, np.clip(cortex["planted_space"].values, -1, 1), atol=1e-6
    )
    assert 0 <= selectors.scale.min() < selectors.scale.max() <= 1
    assert (np.diff(selectors.scale.numpy()[np.argsort(level)]) >= 0).all()


def test_the_truth_stays_in_the_dataset(planted):
    n_vertices = planted.sizes["vertex"]
    assert planted["response"].dims == ("trial", "vertex")
    assert planted["response"].shape == (2 * N_IMAGES, n_vertices)
    assert planted["planted_layer"].dims == ("vertex", "layer")
    np.testing.assert_allclose(planted["planted_layer"].sum("layer"), 1, atol=1e-6)
    assert planted["planted_scale"].dims == ("vertex",)
    assert planted["planted_space"].shape == (n_vertices, 2)
    assert np.isfinite(planted["response"]).all()
    for session in (0, 1):
        trials = planted["response"].values[planted["session"] == session]
        np.testing.assert_allclose(trials.mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(trials.std(axis=0, ddof=1), 1, atol=1e-4)


def test_the_same_seed_plants_the_same(plant, planted, tokens):
    assert planted.equals(plant(tokens))
    other = plant(tokens, seed=1)
    assert other.sizes != planted.sizes or unlike(planted, other).min() > 0


def test_vertices_read_the_layer_that_was_planted(plant, planted, tokens):
    changed = [*tokens[:2], tokens[2][::-1]]
    difference = unlike(planted, plant(changed))
    level = planted["planted_level"].values
    assert difference[level == 0].max() < 0.02
    assert np.median(difference[level == 1]) > 0.5


def test_vertices_read_the_place_that_was_planted(plant, planted, tokens):
    changed = [layer.copy() for layer in tokens]
    for layer in changed:
        layer[:, [0, 2]] = layer[::-1, [0, 2]]  # the left half of the image, of each layer
    difference = unlike(planted, plant(changed))
    x = planted["planted_space"].values[:, 0]
    assert difference[x > 0.55].max() < 0.05
    assert np.median(difference[x < -0.5]) > 0.5


def test_signal_grows_with_the_planted_ratio(planted):
    """Repeats of an image are as alike as the planted signal-to-noise ratio says."""
    order = np.argsort(planted["trial_image"].values, kind="stable")
    first, second = planted["response"].values[order].reshape(N_IMAGES, 2, -1).swapaxes(0, 1)
    alike = (first * second).mean(axis=0)
    ratio = planted["planted_ncsnr"].values
    expected = ratio**2 / (1 + ratio**2)
    assert abs((alike - expected).mean()) < 0.05
    assert np.corrcoef(alike, expected)[0, 1] > 0.5
