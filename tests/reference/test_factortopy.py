from functools import cache

import numpy as np
import pytest
import torch

from cortexlens.encoding.cells import CPU_PORTION, GPU_PORTION, TileSize
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.encoding.literal import reference_readout
from cortexlens.encoding.reading import read_by_cell, read_folded
from cortexlens.encoding.selectors import Selectors
from equation import Terms, assert_close, gradient, predict, random_terms

SINGLE, DOUBLE = (torch.float32, 1e-5), (torch.float64, 1e-10)
SIZES = [
    *({"height": height} for height in range(1, 9)),
    {"vertices": 1},
    {"images": 1},
    {"layers": 1},
    {"channels": 1},
    {"images": 1, "vertices": 1, "layers": 1, "height": 1, "channels": 1},
    {"vertices": 60, "height": 2},
    {"vertices": 300, "height": 1, "images": 2, "layers": 2},  # more in a cell than one portion
]


def read_with_folded_tokens(aligned, selectors, weight, bias):
    """read_folded, with w folded into the tokens as its caller does."""
    folded = torch.einsum("blpd,nd->blpn", aligned, weight).unbind(dim=1)
    layers = [(tokens[:, :-1], tokens[:, -1]) for tokens in folded]
    height = round((aligned.shape[2] - 1) ** 0.5)
    return read_folded(layers, selectors, height, weight.shape[1], bias)


def read_in_groups(aligned, selectors, weight, bias):
    """read_by_cell as on a GPU: several cells of different sizes in one product."""
    largest_and_more = 3 * 5 * aligned.shape[1] * weight.numel() // 2
    return read_by_cell(aligned, selectors, weight, bias, TileSize(2, largest_and_more))


def read_all_cells_at_once(aligned, selectors, weight, bias):
    return read_by_cell(aligned, selectors, weight, bias, GPU_PORTION)


READINGS = {
    "literally": reference_readout,
    "by cell": read_by_cell,
    "in groups": read_in_groups,
    "all cells at once": read_all_cells_at_once,
    "folded": read_with_folded_tokens,
}


def run(reading, terms, upstream, dtype):
    """Prediction and gradients of one of the readings, as numpy arrays by name."""
    leaves = {
        name: torch.tensor(value, dtype=dtype, requires_grad=True) for name, value in terms.items()
    }
    selectors = Selectors(leaves["space"], leaves["layer"], leaves["scale"])
    found = reading(leaves["aligned"], selectors, leaves["weight"], leaves["bias"])
    (found * torch.tensor(upstream, dtype=found.dtype)).sum().backward()
    return found.detach().numpy(), {name: leaf.grad.numpy() for name, leaf in leaves.items()}


def as_held(terms, dtype):
    """The same terms, rounded as numbers of ``dtype`` are, back in float64."""
    return Terms(*(torch.tensor(v).to(dtype).double().numpy() for _, v in terms.items()))


@cache
def reference(number, dtype):
    """Terms of one of SIZES, an upstream gradient, and what equation (1) makes of them."""
    rng = np.random.default_rng(3)
    terms = as_held(random_terms(rng, **SIZES[number]), dtype)
    expected = predict(terms)
    upstream = rng.standard_normal(expected.shape).astype(np.float32).astype(float)
    return terms, upstream, expected, gradient(terms, upstream)


@pytest.mark.parametrize("precision", [SINGLE, DOUBLE], ids=["float32", "float64"])
@pytest.mark.parametrize("number", range(len(SIZES)), ids=[str(sizes) for sizes in SIZES])
@pytest.mark.parametrize("reading", READINGS)
def test_readings_follow_equation_1(reading, number, precision):
    dtype, tolerance = precision
    terms, upstream, expected, by_hand = reference(number, dtype)
    found, gradients = run(READINGS[reading], terms, upstream, dtype)
    assert found.dtype == torch.empty(0, dtype=dtype).numpy().dtype
    assert_close(found, expected, tolerance)
    for name, value in by_hand.items():
        assert_close(gradients[name], value, tolerance, name)


def test_the_gradient_by_hand_is_the_slope_of_equation_1():
    rng = np.random.default_rng(4)
    terms = random_terms(rng, images=1, vertices=5, layers=2, height=2, channels=2)
    upstream = rng.standard_normal((1, 5))
    by_hand, step = gradient(terms, upstream), 1e-6
    for name, values in terms.items():
        slopes = np.zeros_like(values)
        for index in np.ndindex(values.shape):
            kept = values[index]
            ends = []
            for moved in (kept - step, kept + step):
                values[index] = moved
                ends.append((predict(terms) * upstream).sum())
            values[index] = kept
            slopes[index] = (ends[1] - ends[0]) / (2 * step)
        np.testing.assert_allclose(slopes, getattr(by_hand, name), atol=1e-8, err_msg=name)


@pytest.mark.parametrize("height", [1, 3, 8])
@pytest.mark.parametrize("reading", READINGS)
def test_readings_follow_grid_sample(reading, height):
    terms = random_terms(np.random.default_rng(5), vertices=40, height=height)
    tensors = {name: torch.tensor(value) for name, value in terms.items()}
    grids = tensors["aligned"][:, :, :-1].flatten(0, 1).mT.unflatten(2, (height, height))
    local = torch.nn.functional.grid_sample(
        grids, tensors["space"].expand(len(grids), 1, -1, -1), align_corners=False
    )
    local = local[:, :, 0].unflatten(0, (3, 3))  # image, layer, channel, vertex
    pooled = tensors["aligned"][:, :, -1, :, None]
    mixed = (1 - tensors["scale"]) * local + tensors["scale"] * pooled
    expected = torch.einsum("bldn,nl,nd->bn", mixed, tensors["layer"], tensors["weight"]) / 5
    selectors = Selectors(tensors["space"], tensors["layer"], tensors["scale"])
    found = READINGS[reading](tensors["aligned"], selectors, tensors["weight"], tensors["bias"])
    assert_close(found, (expected + tensors["bias"]).numpy(), 1e-12)


@pytest.mark.parametrize("reading", READINGS)
def test_places_on_token_centres_and_borders(reading):
    """Where the bilinear read has a kink, it is still continuous and its slope finite."""
    height = 4
    marks = np.linspace(-1, 1, 2 * height + 1)  # centres, and borders between tokens
    space = np.array([(x, y) for x in marks for y in marks])
    terms = random_terms(np.random.default_rng(6), vertices=len(space), height=height)
    terms.space[:] = space
    upstream = np.ones((3, len(space)))
    found, gradients = run(READINGS[reading], terms, upstream, torch.float32)
    assert_close(found, predict(terms), 1e-5)
    assert np.isfinite(gradients["space"]).all()


def test_only_the_global_token_is_read_at_full_scale_and_never_at_none():
    terms = random_terms(np.random.default_rng(7), vertices=2)
    terms.scale[:] = [1, 0]
    upstream = np.ones((3, 2))
    upstream[:, 1] = 0
    for reading in READINGS.values():
        _, only_global = run(reading, terms, upstream, torch.float64)
        assert (only_global["aligned"][:, :, :-1] == 0).all()
        assert (only_global["aligned"][:, :, -1] != 0).all()
        _, only_local = run(reading, terms, 1 - upstream, torch.float64)
        assert (only_local["aligned"][:, :, -1] == 0).all()


@cache
def real_size():
    """Terms with as many layers, tokens and channels as a real fit, and what they give."""
    rng = np.random.default_rng(8)
    terms = random_terms(rng, images=16, vertices=500, layers=12, height=8, channels=128)
    upstream = rng.standard_normal((16, 500))
    return terms, upstream, *run(reference_readout, terms, upstream, torch.float64)


@pytest.mark.parametrize("portion", [CPU_PORTION, GPU_PORTION], ids=["cpu", "gpu"])
@pytest.mark.parametrize(("dtype", "tolerance"), [SINGLE, (torch.bfloat16, 2e-2)], ids=str)
def test_number_formats_at_real_size(dtype, tolerance, portion):
    """Against the literal order in float64; bfloat16 is the format of the tokens alone."""
    terms, upstream, full, expected = real_size()

    def read(aligned, selectors, weight, bias):
        return read_by_cell(aligned.to(dtype), selectors, weight, bias, portion)

    found, gradients = run(read, terms, upstream, torch.float32)
    assert found.dtype == np.float32
    assert_close(found, full, tolerance)
    for name, value in expected.items():
        assert_close(gradients[name], value, tolerance, name)


@pytest.mark.parametrize("reading", [read_by_cell, read_with_folded_tokens])
def test_places_that_are_not_numbers_give_no_numbers(reading):
    """A fit that diverged is told from its loss, so NaN has to arrive there."""
    terms = random_terms(np.random.default_rng(10))
    terms.space[3] = np.nan
    found, _ = run(reading, terms, np.ones((3, 9)), torch.float32)
    assert np.isnan(found).all(axis=0).tolist() == [vertex == 3 for vertex in range(9)]
    assert np.isfinite(np.delete(found, 3, axis=1)).all()


# Products an image: 150·N folded, 150·D + 40·N by cell; with D = 4 the choice falls at N = 5.45.
CHANNELS, DIMENSIONS, HEIGHT = [6, 9], 4, 3


def model_and_terms(rng, vertices, tokens):
    """A model with random parameters and constants, and equation (1) of the same numbers."""
    model = FactorTopy(CHANNELS, vertices, DIMENSIONS)
    aligned = []
    for (local, pooled), layer in zip(model.alignments(), tokens, strict=True):
        parts = []
        for align, part in ((local, layer[:, :-1]), (pooled, layer[:, -1:])):
            align.mean.copy_(torch.from_numpy(rng.standard_normal(layer.shape[2])))
            align.scale.copy_(torch.from_numpy(rng.uniform(0.5, 2, layer.shape[2])))
            standard = (part - align.mean.double().numpy()) / align.scale.double().numpy()
            parts.append(standard @ align.weight.detach().double().numpy().T)
        aligned.append(np.concatenate(parts, axis=1))
    model.bias.data.normal_()
    drawn = random_terms(rng, vertices=vertices, layers=len(tokens), height=HEIGHT)
    learnt = [parameter.detach().double().numpy() for parameter in (model.weight, model.bias)]
    return model, Terms(np.stack(aligned, axis=1), drawn.space, drawn.layer, drawn.scale, *learnt)


def expected_gradients(model, terms, tokens, upstream):
    """Gradient of every parameter and selector, by name."""
    expected = dict(gradient(terms, upstream).items())
    of_aligned = expected.pop("aligned")
    for index, ((local, pooled), layer) in enumerate(zip(model.alignments(), tokens, strict=True)):
        for name, align, part in (
            (f"local.{index}.weight", local, slice(None, -1)),
            (f"pooled.{index}.weight", pooled, slice(-1, None)),
        ):
            standard = (layer[:, part] - align.mean.numpy()) / align.scale.numpy()
            expected[name] = np.einsum("bpd,bpc->dc", of_aligned[:, index, part], standard)
    return expected


@pytest.mark.parametrize("precision", [(torch.float32, 1e-5), (torch.bfloat16, 2e-2)], ids=str)
@pytest.mark.parametrize("images", [1, 4])
@pytest.mark.parametrize(("vertices", "folded"), [(1, True), (5, True), (6, False), (30, False)])
def test_the_model_follows_equation_1(vertices, folded, images, precision):
    torch.manual_seed(0)
    rng = np.random.default_rng(9)
    tokens = [
        rng.standard_normal((images, HEIGHT**2 + 1, count)).astype(np.float16).astype(float)
        for count in CHANNELS
    ]
    model, terms = model_and_terms(rng, vertices, tokens)
    model.compute_dtype, tolerance = precision
    assert model._folding_is_cheaper(HEIGHT**2 + 1) == folded
    leaves = {
        name: torch.tensor(getattr(terms, name), dtype=torch.float32, requires_grad=True)
        for name in ("space", "layer", "scale")
    }
    predicted = model(
        [torch.tensor(layer, dtype=torch.float16) for layer in tokens], Selectors(**leaves)
    )
    assert predicted.dtype == torch.float32
    assert_close(predicted.detach(), predict(terms), tolerance)
    upstream = rng.standard_normal((images, vertices))
    (predicted * torch.tensor(upstream, dtype=torch.float32)).sum().backward()
    leaves |= {n: p for n, p in model.named_parameters() if not n.startswith("selectors.")}
    expected = expected_gradients(model, terms, tokens, upstream)
    assert set(expected) == set(leaves)
    for name, value in expected.items():
        assert_close(leaves[name].grad, value, tolerance, name)


@pytest.mark.parametrize("coordinates", [None, torch.rand(30, 3) * 80], ids=["free", "topology"])
def test_the_model_reads_with_its_own_selectors(coordinates):
    torch.manual_seed(1)
    model = FactorTopy(CHANNELS, 30, DIMENSIONS, coordinates)
    for parameter in model.selectors.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    tokens = [torch.randn(2, 10, count) for count in CHANNELS]
    selectors = model.selectors()
    expected = reference_readout(model.align(tokens), selectors, model.weight, model.bias)
    assert_close(model(tokens).detach(), expected.detach().numpy(), 1e-5)
    model(tokens).sum().backward()
    assert all((parameter.grad != 0).any() for parameter in model.parameters())


@pytest.mark.parametrize("vertices", [3, 2000])
def test_dropout_hides_channels_from_vertices_one_by_one(vertices):
    """With one shared channel a vertex sees all, twice as strongly, or nothing but its bias."""
    torch.manual_seed(2)
    model = FactorTopy([4], vertices, 1)
    tokens = [torch.randn(3, 5, 4)]
    with torch.no_grad():
        plain, dropped = model(tokens), model(tokens, dropout=0.5)
        assert torch.equal(model(tokens, dropout=0.0), plain)
    seen = (dropped != 0).any(dim=0)
    torch.testing.assert_close(dropped, 2 * plain * seen)
    if vertices == 2000:
        assert abs(seen.float().mean() - 0.5) < 0.05
