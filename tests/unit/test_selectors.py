import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cortexlens.encoding.selectors import (
    FreeSelectors,
    Selectors,
    TopologicalSelectors,
    regularizer,
)

COORDINATES = torch.rand(30, 3, generator=torch.Generator().manual_seed(0)) * 100
KINDS = {
    "free": lambda layers: FreeSelectors(30, layers),
    "topological": lambda layers: TopologicalSelectors(COORDINATES, layers),
}


def perturb(module, seed, size):
    """Move every parameter, so that selectors differ between vertices."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in module.parameters():
        parameter.data += size * torch.randn(parameter.shape, generator=generator)


@pytest.mark.parametrize("layers", [1, 2, 7])
@pytest.mark.parametrize("kind", KINDS)
def test_all_vertices_start_alike(kind, layers):
    selectors = KINDS[kind](layers)()
    torch.testing.assert_close(selectors.space, torch.zeros(30, 2))
    torch.testing.assert_close(selectors.layer, torch.full((30, layers), 1 / layers))
    torch.testing.assert_close(selectors.scale, torch.full((30,), 0.5))


@given(
    seed=st.integers(0, 1000),
    size=st.sampled_from([0.01, 1, 30, 1e4]),
    layers=st.integers(1, 6),
    kind=st.sampled_from(sorted(KINDS)),
)
def test_selectors_keep_their_ranges(seed, size, layers, kind):
    module = KINDS[kind](layers)
    perturb(module, seed, size)
    with torch.no_grad():
        selectors = module()
    assert selectors.space.abs().max() <= 1
    assert selectors.layer.min() >= 0
    torch.testing.assert_close(selectors.layer.sum(dim=1), torch.ones(30))
    assert 0 <= selectors.scale.min() <= selectors.scale.max() <= 1


def test_the_activations_are_those_of_the_method():
    module = FreeSelectors(4, 3)
    perturb(module, 1, 1.0)
    values = {
        name: parameter.detach().double().numpy() for name, parameter in module.named_parameters()
    }
    found = module()
    powers = np.exp(values["layer"])
    expected = {
        "space": np.tanh(values["space"]),
        "layer": powers / powers.sum(axis=1, keepdims=True),
        "scale": 1 / (1 + np.exp(-values["scale"][:, 0])),
    }
    for name, value in expected.items():
        np.testing.assert_allclose(getattr(found, name).detach().numpy(), value, atol=1e-6)


@pytest.mark.parametrize(("name", "outputs"), [("space", 2), ("layer", 5), ("scale", 1)])
def test_the_networks_have_the_published_shape(name, outputs):
    module = TopologicalSelectors(COORDINATES, 5)
    network = dict(module.named_children())[name]
    shapes = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    weights = [shape for key, shape in shapes.items() if key.endswith("weight")]
    assert weights == [(128, 192), (128, 128), (outputs, 128)]
    assert sum(key.endswith("bias") for key in shapes) == 2
    assert [type(part).__name__ for part in network] == [
        "Linear",
        "GELU",
        "Linear",
        "GELU",
        "Linear",
    ]


def test_neighbours_select_alike_and_the_distant_do_not():
    line = torch.linspace(0, 100, 201)[:, None] * torch.ones(1, 3)
    torch.manual_seed(2)
    module = TopologicalSelectors(line, 4)
    perturb(module.space[4], 3, 1.0)
    with torch.no_grad():
        space = module().space
    near = (space[1:] - space[:-1]).abs().mean()
    far = (space[100:] - space[:-100]).abs().mean()
    # over 200 seeds the ratio lies between 0.07 and 0.24
    assert near < far / 3


def test_coordinates_and_bounds_are_saved_with_the_model():
    module = TopologicalSelectors(COORDINATES, 3)
    perturb(module, 4, 0.1)
    restored = TopologicalSelectors(torch.zeros(30, 3), 3)
    restored.load_state_dict(module.state_dict())
    for one, other in zip(module()[:3], restored()[:3], strict=True):
        assert torch.equal(one, other)


def literal_regularizer(layer, scale):
    """R: mean of Σ ω log ω over log L, and mean of (α − ½)²; 0·log 0 is 0."""
    n_layers = len(layer[0])
    entropies = [sum(w * math.log(w) for w in row if w > 0) for row in layer]
    balance = sum((a - 0.5) ** 2 for a in scale) / len(scale)
    return sum(entropies) / len(layer) / math.log(n_layers) + balance


@given(
    arrays(np.float64, (5, 4), elements=st.floats(0, 1)),
    arrays(np.float64, 5, elements=st.floats(0, 1)),
)
def test_the_regularizer_is_that_of_the_method(weights, scale):
    weights[:, 1] += 1e-3
    layer = weights / weights.sum(axis=1, keepdims=True)
    selectors = Selectors(torch.zeros(5, 2), torch.tensor(layer), torch.tensor(scale))
    expected = literal_regularizer(layer.tolist(), scale.tolist())
    assert float(regularizer(selectors)) == pytest.approx(expected, abs=1e-12)
    assert -1 - 1e-12 <= expected <= 0.25 + 1e-12


@pytest.mark.parametrize("layers", [2, 12])
def test_the_regularizer_starts_at_its_least_value(layers):
    for make in KINDS.values():
        assert regularizer(make(layers)()).item() == pytest.approx(-1, abs=1e-6)


def test_the_regularizer_is_finite_for_one_hot_layers():
    raw = torch.zeros(3, 4)
    raw[:, 1] = 1e4
    raw.requires_grad_()
    scale = torch.ones(3, requires_grad=True)
    value = regularizer(Selectors(torch.zeros(3, 2), raw.softmax(dim=1), scale))
    value.backward()
    assert value.item() == pytest.approx(0.25)
    assert torch.isfinite(raw.grad).all()
    torch.testing.assert_close(scale.grad, torch.full((3,), 1 / 3))


def test_a_single_layer_has_no_entropy():
    selectors = Selectors(torch.zeros(3, 2), torch.ones(3, 1), torch.tensor([0.0, 0.5, 1.0]))
    assert float(regularizer(selectors)) == pytest.approx(0.5 / 3)
