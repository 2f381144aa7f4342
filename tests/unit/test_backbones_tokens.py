"""Tokens become a map where it is known which of them are places of the picture."""

from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from cortexlens.backbones.network import Backbone
from cortexlens.backbones.row import BackboneRow
from cortexlens.backbones.sources import Built
from cortexlens.errors import CortexlensError

SIDE = 24
CLASS, REGISTER = 1000.0, -100.0


class Vision(nn.Module):
    """Its patches hold their numbers, the class token 1000, and registers −100."""

    def __init__(self, grid, n_prefix, *, class_token=True, patches=False, **said):
        super().__init__()
        self.block = nn.Identity()
        if patches:
            self.patch_embed = nn.Conv2d(3, 5, SIDE // grid, SIDE // grid)
        values = torch.arange(grid**2.0)
        before = torch.full((n_prefix,), REGISTER)
        if class_token:
            before[:1] = CLASS
        self.register_buffer("values", torch.cat([before, values])[:, None].repeat(1, 7))
        for name, value in said.items():
            setattr(self, name, value)

    def forward(self, pictures):
        return self.block(self.values + 0 * pictures.mean((1, 2, 3))[:, None, None])


def backbone(network, layer="block", **columns):
    columns = {"input_size": SIDE, "mean": (0.5,) * 3, "std": (0.5,) * 3, **columns}
    row = BackboneRow("net", "python", "nets:make", layers=layer, **columns)
    return Backbone(row, Built(network.eval().requires_grad_(False), None, ""), "cpu")


def read(*args, **columns):
    found = backbone(*args, **columns)
    ((local, pooled),) = found.tokens(torch.rand(1, 3, SIDE, SIDE))
    return local[0, 0], float(pooled[0, 0]), found.description["global_token"]


def parameter():
    return nn.Parameter(torch.zeros(1, 1, 5))


def embeddings():
    """Embeddings of transformers' networks hold the class token."""
    part = nn.Module()
    part.cls_token = parameter()
    return part


# What networks say of n_prefix tokens, the first of them a class token.
SAID = {
    "timm": lambda n: {"num_prefix_tokens": n, "cls_token": parameter()},
    "DINOv2": lambda n: {"num_register_tokens": n - 1, "cls_token": parameter()},
    "registers alone": lambda n: {"num_register_tokens": n - 1},
    "timm's registers": lambda n: {"num_reg_tokens": n - 1, "has_class_token": True},
    "transformers": lambda n: {
        "config": SimpleNamespace(num_register_tokens=n - 1),
        "embeddings": embeddings(),
    },
}


@given(
    said=st.sampled_from(sorted(SAID)),
    grid=st.sampled_from([1, 2, 3, 4, 6, 8]),
    n_prefix=st.integers(1, 40),
    patches=st.booleans(),
    within=st.booleans(),
)
def test_tokens_that_the_network_tells_of_are_left_out(said, grid, n_prefix, patches, within):
    patches = patches and grid < SIDE
    network = Vision(grid, n_prefix, patches=patches, **SAID[said](n_prefix))
    layer = "block"
    if within:
        network, layer = nn.Sequential(network), "0.block"
    local, pooled, kind = read(network, layer)
    assert local.flatten().tolist() == list(range(grid**2))
    assert (pooled, kind) == (CLASS, "class")


@given(grid=st.integers(1, 9), n_prefix=st.integers(0, 40), kind=st.sampled_from([None, "class"]))
def test_tokens_that_the_row_tells_of_are_left_out(grid, n_prefix, kind):
    kind = kind if n_prefix else None
    local, pooled, _ = read(Vision(grid, n_prefix), prefix_tokens=n_prefix, global_token=kind)
    assert local.flatten().tolist() == list(range(grid**2))
    assert pooled == (CLASS if kind else pytest.approx((grid**2 - 1) / 2))


@given(grid=st.integers(1, 9), n_prefix=st.integers(0, 40))
def test_a_square_number_of_tokens_of_unknown_meaning_is_refused(grid, n_prefix):
    with pytest.raises(CortexlensError, match=r"does not state how many are .* prefix_tokens"):
        backbone(Vision(grid, n_prefix))


@given(grid=st.sampled_from([2, 3, 4, 6, 8]), n_prompts=st.integers(1, 40))
def test_prompts_that_complete_a_square_are_refused(grid, n_prompts):
    prompted = Vision(grid, 1 + n_prompts, patches=True, cls_token=parameter())
    with pytest.raises(CortexlensError, match=rf"states that 1 are.*{grid} × {grid} patches"):
        backbone(prompted)
    local, pooled, _ = read(prompted, prefix_tokens=1 + n_prompts)
    assert local.flatten().tolist() == list(range(grid**2))
    assert pooled == CLASS


def test_patches_are_counted_where_nothing_else_is_said():
    assert read(Vision(4, 1, patches=True))[1:] == (CLASS, "class")
    local, _, kind = read(Vision(4, 0, patches=True))
    assert (local.flatten().tolist(), kind) == (list(range(16)), "mean")
    with pytest.raises(CortexlensError, match=r"25 tokens: .* 4 × 4 patches"):
        backbone(Vision(4, 9, patches=True))


def test_a_register_is_no_class_token():
    network = Vision(4, 1, class_token=False, num_prefix_tokens=1, has_class_token=False)
    local, pooled, kind = read(network)
    assert (local.flatten().tolist(), pooled, kind) == (list(range(16)), 7.5, "mean")


class Mixer(nn.Module):
    """Gives (image, channel, token), as blocks that mix tokens do."""

    def __init__(self, n_channels):
        super().__init__()
        self.stem = nn.Conv2d(3, n_channels, 4, 4)
        self.block = nn.Identity()

    def forward(self, pictures):
        return self.block(self.stem(pictures).flatten(2))


@pytest.mark.parametrize("n_channels", [9, 35, 36, 37, 49])
def test_channels_before_tokens_are_refused(n_channels):
    network = Mixer(n_channels)
    with pytest.raises(CortexlensError, match=r"\(image, channel, token\).*6 × 6 patches"):
        backbone(network)


class Attention(nn.Module):
    """Weights between 37 tokens, of two heads."""

    def __init__(self):
        super().__init__()
        self.cls_token = parameter()
        self.stem = nn.Conv2d(3, 5, 4, 4)
        self.weights = nn.Identity()

    def forward(self, pictures):
        tokens = self.stem(pictures).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.cls_token.expand(len(tokens), 1, 5), tokens], 1)
        weights = (tokens @ tokens.transpose(1, 2)).softmax(-1)
        return self.weights(weights[:, None].repeat(1, 2, 1, 1))


def test_weights_of_attention_are_no_map():
    with pytest.raises(CortexlensError, match=r"shape \(2, 2, 37, 37\)"):
        backbone(Attention(), "weights")
