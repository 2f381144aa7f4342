import numpy as np
import pytest
import torch

from cortexlens.cortex.regions import visual_cortex
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.encoding.moments import feature_covariances, feature_moments
from cortexlens.encoding.planted import (
    patchy_levels,
    plant_responses,
    planted_selectors,
    planted_signal,
    planted_windows,
)
from cortexlens.encoding.planted_channels import (
    LARGE_COMPONENTS,
    PLANTED_DIMENSIONS,
    TRUTHS,
    SparseReader,
    components,
    planted_reader,
)
from cortexlens.encoding.selectors import Selectors
from cortexlens.errors import CortexlensError
from cortexlens.features.store import open_features
from encoders import image_ids, random_split, random_tokens, write_features

N_IMAGES, CHANNELS, GRID = 40, (3, 4, 3), 2


@pytest.fixture(scope="module")
def tokens():
    return random_tokens(np.random.default_rng(0), N_IMAGES, GRID, CHANNELS)


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """Plants responses in features made of given tokens."""

    def plant_in(tokens, seed=0, **options):
        path = tmp_path_factory.mktemp("features") / "f.zarr"
        write_features(path, tokens, image_ids(N_IMAGES))
        train = random_split(np.random.default_rng(0), N_IMAGES) == 0
        store = open_features(path)
        return plant_responses(store, train, seed=seed, repeats=2, sessions=2, **options)

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


# Layers whose channels are correlated: a spectrum that falls, as those of networks do.
WIDE, N_TRAIN, N_VERTICES = (40, 30), 300, 400


@pytest.fixture(scope="module")
def layers():
    rng = np.random.default_rng(5)
    found = []
    for count in WIDE:
        fall = 0.75 ** np.arange(count)
        mixing = np.linalg.qr(rng.standard_normal((count, count)))[0] * fall
        tokens = rng.standard_normal((N_TRAIN, GRID**2 + 1, count)) @ mixing.T + 1
        found.append(torch.from_numpy(tokens.astype(np.float16)))
    return found


def standardised(layers):
    """Local and global tokens of each layer in float64, (token, channel), by plain numpy."""
    for layer in layers:
        values = layer.double().numpy()
        yield from (
            (part - part.mean(axis=0)) / part.std(axis=0, ddof=1)
            for part in (values[:, :-1].reshape(-1, values.shape[2]), values[:, -1])
        )


def channel_maps(layers, truth, seed=0):
    """Weights of every vertex in the standardised channels: local and global, layer by layer."""
    reader = planted_reader(layers, np.arange(N_TRAIN), N_VERTICES, truth, seed)
    if isinstance(reader, SparseReader):
        for layer, channel, *both in zip(
            layers, reader.channel, reader.local, reader.pooled, strict=True
        ):
            for weight in both:
                full = torch.zeros(N_VERTICES, layer.shape[2])
                yield full.scatter(1, channel, weight).double().numpy()
    else:
        for pair in reader.alignments():
            for align in pair:
                yield (reader.weight @ align.weight).detach().double().numpy()


def variance_shares(layers, truth):
    """For each map: eigenvalues, and the part of each vertex's variance in each component."""
    for tokens, weight in zip(standardised(layers), channel_maps(layers, truth), strict=True):
        value, vector = np.linalg.eigh(tokens.T @ tokens / len(tokens))
        power = (weight @ vector[:, ::-1]) ** 2 * value[::-1].clip(0)
        yield value[::-1], power / power.sum(axis=1, keepdims=True)


def a_signal(layers, selectors, truth="isotropic", seed=0):
    return planted_signal(layers, np.arange(N_TRAIN), selectors, seed, truth)


def some_selectors(n_vertices=N_VERTICES, n_layers=2, size=None):
    rng = np.random.default_rng(3)
    space = rng.uniform(-0.9, 0.9, (n_vertices, 2))
    layer = torch.from_numpy(rng.dirichlet(np.ones(n_layers), n_vertices)).float()
    scale = torch.from_numpy(rng.uniform(0.1, 0.7, n_vertices)).float()
    mask = None
    if size is not None:
        window = planted_windows(space, np.full(n_vertices, size), GRID)
        mask = torch.from_numpy(window).float()[:, None].expand(-1, n_layers, -1)
    return Selectors(torch.from_numpy(space).float(), layer, scale, mask)


def test_isotropic_responses_are_what_they_always_were(layers):
    """Literally as they were planted before there were other truths: the same draws in order."""
    selectors, train = some_selectors(), np.arange(N_TRAIN)
    generator = torch.Generator().manual_seed(9)
    model = FactorTopy(list(WIDE), N_VERTICES, PLANTED_DIMENSIONS)
    for layer, pair in zip(layers, model.alignments(), strict=True):
        for align, (mean, scale) in zip(pair, feature_moments(layer, train), strict=True):
            align.mean.copy_(mean)
            align.scale.copy_(scale)
            align.weight.data.normal_(0, align.weight.shape[1] ** -0.5, generator=generator)
    model.weight.data.normal_(generator=generator)
    with torch.inference_mode():
        expected = model(layers, selectors).numpy()
    expected = (expected - expected.mean(axis=0)) / expected.std(axis=0)
    for truth in ("isotropic", "patchy"):
        np.testing.assert_allclose(a_signal(layers, selectors, truth, seed=9), expected, atol=2e-5)


@pytest.mark.parametrize("truth", TRUTHS)
@pytest.mark.parametrize("size", [None, 0.2])
def test_every_truth_has_unit_variance_and_a_seed(layers, truth, size):
    selectors = some_selectors(size=size)
    first, again, other = (a_signal(layers, selectors, truth, seed) for seed in (0, 0, 1))
    np.testing.assert_allclose(first.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(first.std(axis=0), 1, atol=1e-4)
    np.testing.assert_array_equal(first, again)
    alike = (first * other).mean(axis=0)
    assert abs(alike.mean()) < 0.1
    assert (np.abs(alike) < 0.999).all()


def test_a_sparse_vertex_reads_two_channels_of_each_layer(layers):
    maps = list(channel_maps(layers, "sparse"))
    for local, pooled in zip(maps[::2], maps[1::2], strict=True):
        assert ((local != 0).sum(axis=1) == 2).all()
        np.testing.assert_array_equal(local != 0, pooled != 0)
        # all channels are read by some vertex
        assert (local != 0).any(axis=0).all()
    for tokens, weight in zip(standardised(layers), maps, strict=True):
        np.testing.assert_allclose((tokens @ weight.T).std(axis=0), 1, rtol=0.01)


def test_sparse_responses_are_literally_equation_one(layers):
    selectors, n_images = some_selectors(12), N_TRAIN
    reader = planted_reader(layers, np.arange(N_TRAIN), 12, "sparse", 0)
    maps, tokens = [], list(standardised(layers))
    for layer, channel, *both in zip(
        layers, reader.channel, reader.local, reader.pooled, strict=True
    ):
        for weight in both:
            maps.append(torch.zeros(12, layer.shape[2]).scatter(1, channel, weight).numpy())
    expected = np.zeros((n_images, 12))
    place = (selectors.space.double().numpy() + 1) * GRID / 2 - 0.5
    for vertex in range(12):
        near = np.zeros(GRID**2)
        for row in range(GRID):
            for column in range(GRID):
                away = np.abs(place[vertex] - [column, row])
                near[row * GRID + column] = np.prod(np.maximum(0, 1 - away))
        scale = float(selectors.scale[vertex])
        for index in range(len(layers)):
            local = (tokens[2 * index] @ maps[2 * index][vertex]).reshape(n_images, -1) @ near
            pooled = tokens[2 * index + 1] @ maps[2 * index + 1][vertex]
            part = (1 - scale) * local + scale * pooled
            expected[:, vertex] += float(selectors.layer[vertex, index]) * part
    np.testing.assert_allclose(reader(layers, selectors).numpy(), expected, atol=2e-3)


def test_channels_that_never_vary_are_not_planted(layers):
    dead = [layer.clone() for layer in layers]
    for layer in dead:
        layer[:, :, ::2] = 3.0
    for weight in channel_maps(dead, "sparse"):
        assert (weight[:, ::2] == 0).all()
        assert ((weight != 0).sum(axis=1) == 2).all()
    for truth in ("large-components", "small-components"):
        for weight in channel_maps(dead, truth):
            assert np.abs(weight[:, ::2]).max() < 1e-3 * np.abs(weight).max()


def test_large_components_share_the_variance_evenly(layers):
    for _, share in variance_shares(layers, "large-components"):
        assert share[:, :LARGE_COMPONENTS].sum(axis=1).min() > 0.999
        # a mean over vertices of the share of one of eight has an error of about 0.006
        np.testing.assert_allclose(share.mean(axis=0)[:LARGE_COMPONENTS], 1 / 8, atol=0.03)


def test_small_components_come_after_those_that_hold_the_variance(layers):
    for value, share in variance_shares(layers, "small-components"):
        held = np.cumsum(value) / value.sum()
        first = max(int((held < 0.9).sum()) + 1, LARGE_COMPONENTS)
        assert share[:, first:].sum(axis=1).min() > 0.99
        used = share.mean(axis=0) > 1e-3
        assert used[first:].sum() >= 5
        # all that is used counts alike: the last as much as the first
        assert share.mean(axis=0)[used].max() < 4 * share.mean(axis=0)[used].min()


def test_components_in_the_noise_are_left_out(layers):
    doubled = torch.cat([layers[0], layers[0]], dim=2)
    known = feature_moments(doubled, np.arange(N_TRAIN))
    covariance, _ = feature_covariances(doubled, np.arange(N_TRAIN), known)
    found = components(covariance, known[0])
    assert 8 < len(found.variance) <= WIDE[0]
    assert (found.variance[:-1] >= found.variance[1:]).all()
    assert len(found.large().variance) == 8
    assert len(found.small().variance) <= len(found.variance) - 8
    with pytest.raises(CortexlensError, match="do not vary over the training images"):
        components(torch.zeros(3, 3), (torch.zeros(3), torch.ones(3)))


def test_a_layer_of_few_channels_has_a_last_component_to_plant_in():
    layer = torch.randn(60, 5, 2, generator=torch.Generator().manual_seed(0)).half()
    known = feature_moments(layer, np.arange(60))
    found = components(feature_covariances(layer, np.arange(60), known)[0], known[0])
    assert len(found.large().variance) == 2
    assert found.small().variance.tolist() == [found.variance[1].item()]
    selectors = some_selectors(5, 1)
    for truth in TRUTHS:
        signal = planted_signal([layer], np.arange(60), selectors, 0, truth)
        np.testing.assert_allclose(signal.std(axis=0), 1, atol=1e-4)


def test_neighbours_of_a_patchy_truth_do_not_agree():
    cortex = visual_cortex()
    dealt = patchy_levels(cortex, 0)
    level, new = cortex["planted_level"].values, dealt["planted_level"].values
    np.testing.assert_array_equal(np.sort(level), np.sort(new))
    # neighbours on the list lie beside each other on the cortex
    assert np.corrcoef(level[1:], level[:-1])[0, 1] > 0.5
    assert abs(np.corrcoef(new[1:], new[:-1])[0, 1]) < 0.1
    assert dealt.drop_vars("planted_level").equals(cortex.drop_vars("planted_level"))
    assert dealt.equals(patchy_levels(cortex, 0))
    assert not dealt.equals(patchy_levels(cortex, 1))


@pytest.mark.parametrize("truth", ["sparse", "patchy"])
def test_responses_are_planted_by_a_truth(plant, planted, tokens, truth):
    found = plant(tokens, truth=truth)
    assert found.equals(plant(tokens, truth=truth))
    assert np.median(unlike(planted, found)) > 0.1
    same = found["planted_level"].values == planted["planted_level"].values
    assert same.all() == (truth != "patchy")
    assert found["planted_space"].equals(planted["planted_space"])


def test_an_unknown_truth_is_refused_in_a_line(plant, tokens):
    with pytest.raises(CortexlensError, match="truth: found 'dense'; allowed are isotropic, spar"):
        plant(tokens, truth="dense")


def test_windows_that_shrink_read_at_a_point(layers):
    inside = 1 - 1 / GRID
    space = np.random.default_rng(0).uniform(-inside, inside, (N_VERTICES, 2))
    point = some_selectors()._replace(space=torch.from_numpy(space).float())
    window = planted_windows(space, np.full(N_VERTICES, 1e-5), GRID)
    mask = torch.from_numpy(window).float()[:, None].expand(-1, len(WIDE), -1)
    for truth in ("isotropic", "sparse"):
        narrow = a_signal(layers, point._replace(mask=mask), truth)
        np.testing.assert_allclose(narrow, a_signal(layers, point, truth), atol=5e-3)


def test_windows_are_gaussian():
    grid, space, size = 40, np.array([[0.1, -0.2], [0.0, 0.0]]), np.array([0.08, 0.03])
    weight = planted_windows(space, size, grid).reshape(2, grid, grid)
    np.testing.assert_allclose(weight.sum(axis=(1, 2)), 1)
    centre = (np.arange(grid) + 0.5) / grid
    across, down = weight.sum(axis=1), weight.sum(axis=2)
    for marginal, axis in ((across, 0), (down, 1)):
        mean = marginal @ centre
        np.testing.assert_allclose(mean, (space[:, axis] + 1) / 2, atol=1e-3)
        # a token is wide itself: the variance of a tent is a sixth of its half width squared
        deviation = np.sqrt(marginal @ centre**2 - mean**2 - (1 / grid) ** 2 / 6)
        np.testing.assert_allclose(deviation, size, rtol=0.02)


def test_windows_are_planted_with_their_sizes(plant, planted, tokens):
    assert "planted_size" not in planted
    found = plant(tokens, windows=True)
    np.testing.assert_array_equal(
        found["planted_size"], visual_cortex(np.random.default_rng(0))["planted_size"]
    )
    assert found["planted_size"].attrs["units"] == "image coordinates"
    # four tokens have little to tell windows apart by
    assert np.median(unlike(planted, found)) > 0.01
    for name in ("planted_layer", "planted_space", "planted_scale"):
        assert found[name].equals(planted[name])
