"""The model without factorisation: a mask over the tokens for each layer and vertex."""

import numpy as np
import pytest
import torch

from cortexlens.encoding import reading
from cortexlens.encoding.cells import tokens_read
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.encoding.literal import reference_readout
from cortexlens.encoding.reading import corners_of, read_masked
from cortexlens.encoding.selectors import FreeSelectors, Selectors
from equation import assert_close, random_terms

HEIGHT = 3


def random_masks(rng, vertices, layers):
    mask = rng.exponential(size=(vertices, layers, HEIGHT**2))
    return mask / mask.sum(axis=2, keepdims=True)


def predict(terms, mask):
    """Term by term in float64: sums over layers, tokens and channels, as they are written."""
    y = np.zeros((len(terms.aligned), len(terms.bias)))
    for b, image in enumerate(terms.aligned):
        for i in range(len(terms.bias)):
            vector = np.zeros(terms.weight.shape[1])
            for layer, share in enumerate(terms.layer[i]):
                local = sum(mask[i, layer, p] * image[layer, p] for p in range(HEIGHT**2))
                vector += share * ((1 - terms.scale[i]) * local + terms.scale[i] * image[layer, -1])
            y[b, i] = np.mean(vector * terms.weight[i]) + terms.bias[i]
    return y


def leaves_of(terms, mask, dtype):
    values = {**dict(terms.items()), "mask": mask}
    return {
        name: torch.tensor(value, dtype=dtype, requires_grad=True) for name, value in values.items()
    }


def read_with_einsum(leaves):
    """All in one sum, with nothing bounded: what a library makes of the equation."""
    local = torch.einsum("blpd,nlp->bnld", leaves["aligned"][:, :, :-1], leaves["mask"])
    scale = leaves["scale"][None, :, None, None]
    mixed = (1 - scale) * local + scale * leaves["aligned"][:, None, :, -1]
    y = torch.einsum("bnld,nl,nd->bn", mixed, leaves["layer"], leaves["weight"])
    return y / leaves["weight"].shape[1] + leaves["bias"]


def read(leaves):
    selectors = Selectors(*(leaves[name] for name in ("space", "layer", "scale", "mask")))
    return read_masked(leaves["aligned"], selectors, leaves["weight"], leaves["bias"])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("numbers", [1, 60, 2**25], ids=["one by one", "blocks", "at once"])
def test_masks_are_read_as_the_equation_says(monkeypatch, numbers, dtype):
    monkeypatch.setattr(reading, "MASKED_NUMBERS", numbers)
    rng = np.random.default_rng(0)
    terms, mask = random_terms(rng, height=HEIGHT), random_masks(rng, 9, 3)
    upstream = torch.tensor(rng.standard_normal((3, 9)), dtype=dtype)
    tolerance = 1e-5 if dtype == torch.float32 else 1e-12
    found, plain = leaves_of(terms, mask, dtype), leaves_of(terms, mask, torch.float64)
    y = read(found)
    assert_close(y.detach(), predict(terms, mask), tolerance)
    (y * upstream).sum().backward()
    (read_with_einsum(plain) * upstream.double()).sum().backward()
    for name, leaf in plain.items():
        if name != "space":
            assert_close(found[name].grad, leaf.grad.numpy(), tolerance, name)


def test_a_mask_of_four_corners_is_a_place():
    terms = random_terms(np.random.default_rng(1), height=HEIGHT, vertices=30)
    # Places within the outermost centres, where all four corners are on the grid.
    terms.space *= 1 - 1 / HEIGHT
    tensors = {name: torch.tensor(value) for name, value in terms.items()}
    cell, corner = corners_of(tensors["space"], HEIGHT)
    tokens = tokens_read(HEIGHT, cell.device)[cell, :4]
    mask = corner.new_zeros(30, HEIGHT**2).scatter_add(1, tokens, corner)
    mask = mask[:, None].expand(-1, 3, -1)
    factorized = Selectors(tensors["space"], tensors["layer"], tensors["scale"])
    rest = (tensors["weight"], tensors["bias"])
    expected = reference_readout(tensors["aligned"], factorized, *rest)
    found = read_masked(tensors["aligned"], factorized._replace(mask=mask), *rest)
    assert_close(found, expected.numpy(), 1e-12)


@pytest.mark.parametrize("places", [None, torch.rand(7, 3) * 80], ids=["free", "topology"])
def test_masks_start_even_and_their_middle_is_the_place(places):
    model = FactorTopy([4, 5], 7, 3, places, n_masked=HEIGHT**2)
    start = model.selectors()
    torch.testing.assert_close(start.mask, torch.full((7, 2, HEIGHT**2), 1 / HEIGHT**2))
    torch.testing.assert_close(start.space, torch.zeros(7, 2), atol=1e-6, rtol=0)
    free = FreeSelectors(1, 2, n_masked=HEIGHT**2)
    free.space.data[0] = torch.tensor(np.tile(np.where(np.arange(9) == 5, 50.0, 0), 2))
    # Row 1, column 2 of three: to the right, in the middle.
    torch.testing.assert_close(free().space, torch.tensor([[2 / 3, 0.0]]))
