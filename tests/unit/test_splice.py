"""Networks that go on from changed tokens of a layer."""

import math

import pytest
import torch
from torch import nn

from cortexlens.backbones.hooks import RawLayer, as_layer, as_output
from cortexlens.backbones.splice import ActivationPatch
from cortexlens.sae.quality import recovered
from trained import network, painted


@pytest.mark.parametrize(
    ("shape", "layout"),
    [
        ((2, 5, 3, 3), "nchw"),
        ((2, 3, 3, 5), "nhwc"),
        ((2, 10, 5), "tokens+1"),
        ((2, 9, 5), "tokens+0"),
    ],
)
def test_tokens_are_written_as_they_were_read(shape, layout):
    output = torch.randn(shape)
    layer = as_layer(output, layout, True)
    assert torch.equal(as_output(layer, output, layout), output)
    doubled = RawLayer(2 * layer.local, layer.class_token)
    changed = as_layer(as_output(doubled, output, layout), layout, True)
    assert torch.equal(changed.local, 2 * layer.local)


def test_registers_stay_what_they_are():
    output = torch.randn(1, 1 + 2 + 4, 3)
    layer = as_layer(output, "tokens+3", True)
    zero = RawLayer(torch.zeros_like(layer.local), torch.zeros(1, 3))
    changed = as_output(zero, output, "tokens+3")
    assert torch.equal(changed[:, 1:3], output[:, 1:3])
    assert changed[:, [0, 3, 4, 5, 6]].abs().max() == 0


def test_a_layer_s_own_tokens_change_nothing_and_others_do():
    backbone = network()
    splice = ActivationPatch(backbone, "blocks.5")
    batch = torch.rand(2, 3, 96, 96)
    own = splice.last(batch)
    torch.testing.assert_close(own, backbone.tokens(batch)[-1].global_token)
    assert torch.equal(splice.last(batch, lambda layer: layer), own)
    other = splice.last(batch, lambda layer: layer._replace(local=0 * layer.local))
    assert (other - own).abs().max() > 0.01
    assert torch.equal(splice.last(batch), own)


@pytest.mark.parametrize("kind", ["local", "class", "mean"])
def test_recovered_is_one_for_the_tokens_and_zero_for_their_mean(kind, tmp_path):
    images = painted(tmp_path, 3)
    pictures = [images.open(i) for i in range(3)]
    mean = torch.full((128,), 0.1)

    def halfway(tokens):
        return (tokens + mean) / 2

    ways = (lambda tokens: tokens, lambda tokens: mean.expand_as(tokens), halfway)
    same, none, half = recovered(network(), "blocks.1", kind, pictures, mean, ways)
    assert same == pytest.approx(1, abs=1e-6)
    assert none == pytest.approx(0, abs=1e-6)
    assert 0 < half < 1


def test_what_the_last_token_does_not_depend_on_is_not_recovered(tmp_path):
    pictures = [painted(tmp_path, 1).open(0)]
    found = recovered(network(), "blocks.7", "local", pictures, torch.zeros(128), [nn.Identity()])
    assert math.isnan(found[0])
