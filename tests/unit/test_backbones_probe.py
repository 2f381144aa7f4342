"""Features are a function of the picture, of the network's weights and of its code."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from cortexlens.backbones.network import Backbone
from cortexlens.backbones.row import BackboneRow
from cortexlens.backbones.sources import Built
from cortexlens.errors import CortexlensError
from cortexlens.features.extract import shaping_key
from cortexlens.features.workers import shaping_of

SHOWN = {"input_size": 16, "mean": (0.5,) * 3, "std": (0.5,) * 3}
PICTURES = torch.randn(4, 3, 16, 16, generator=torch.Generator().manual_seed(1))


def backbone(network, layers="0,2"):
    row = BackboneRow("net", "python", "nets:make", layers=layers, **SHOWN)
    return Backbone(row, Built(network.requires_grad_(False), None, "same"), "cpu")


class Function(nn.Module):
    """A function as a module; what it does shows in no weight."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(self, x)


def around(module, **options):
    """Two convolutions of known weights with a module between them."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        options = {"padding": 1, **options}
        first, last = nn.Conv2d(3, 4, 3, **options), nn.Conv2d(4, 4, 3, padding=1)
    return nn.Sequential(first, module, last).eval()


def key(network):
    found = backbone(network).description
    assert found["code"] == "same"
    return shaping_key(found, ["a"], 2, "area")


CHANGES = {
    "activation": lambda: around(nn.GELU()),
    "clipped activation": lambda: around(nn.ReLU6()),
    "slope": lambda: around(nn.LeakyReLU(0.01)),
    "gain": lambda: around(Function(lambda _self, x: 1.001 * x.relu())),
    "pooling": lambda: around(nn.Sequential(nn.ReLU(), nn.MaxPool2d(3, 1, 1))),
    "other pooling": lambda: around(nn.Sequential(nn.ReLU(), nn.AvgPool2d(3, 1, 1))),
    "stride": lambda: around(nn.ReLU(), stride=2),
    "dilation": lambda: around(nn.ReLU(), padding=2, dilation=2),
    "padding": lambda: around(nn.ReLU(), padding_mode="reflect"),
}


def test_what_neither_weights_nor_code_show_is_part_of_the_key():
    keys = {name: key(make()) for name, make in CHANGES.items()}
    keys["none"] = key(around(nn.ReLU()))
    assert len(set(keys.values())) == len(CHANGES) + 1
    assert key(around(nn.ReLU())) == keys["none"]


def test_dask_workers_may_round_otherwise():
    one, other = (backbone(around(make())).description for make in (nn.ReLU, nn.GELU))
    assert one["probe"] != other["probe"]
    assert shaping_of(one) == shaping_of(other)


def kept(self, x):
    self.last = x + getattr(self, "last", 0)
    return self.last


CHANCE = {
    "dropout": lambda _self, x: functional.dropout(x, 0.1),
    "dropout of channels": lambda _self, x: functional.dropout2d(x, 0.3, training=True),
    "noise": lambda _self, x: x + 0.1 * torch.randn_like(x),
    "values of the call before": kept,
}
COMPANIONS = {
    "statistics of the batch": lambda _self, x: functional.batch_norm(x, None, None, training=True),
    "mean of the batch": lambda _self, x: x - 0.1 * x.mean(0, keepdim=True),
    "largest of the batch": lambda _self, x: x / x.abs().max(),
    "attention over the batch": lambda _self, x: x + x.roll(1, 0),
    "seeded noise": lambda _self, x: (
        x + 0.1 * torch.randn(x.shape, generator=torch.Generator().manual_seed(3))
    ),
}


@pytest.mark.parametrize("name", CHANCE)
def test_what_depends_on_the_call_is_refused(name):
    with pytest.raises(CortexlensError, match=r"'net': layer 2 returns other values when the same"):
        backbone(around(Function(CHANCE[name])))


@pytest.mark.parametrize("name", COMPANIONS)
def test_what_depends_on_other_pictures_is_refused(name):
    with pytest.raises(CortexlensError, match=r"'net': layer 2 returns other values for an image"):
        backbone(around(Function(COMPANIONS[name])))


def test_batch_normalisation_without_running_statistics_is_refused():
    with pytest.raises(CortexlensError, match="batch normalisation without running statistics"):
        backbone(around(nn.BatchNorm2d(4, track_running_stats=False)))


class MonteCarlo(nn.Dropout):
    """Dropout that stays in training mode."""

    def train(self, mode=True):
        return super().train(True)


def test_parts_that_stay_in_training_mode_are_put_into_evaluation(capsys):
    dropout = MonteCarlo(0.5).eval()
    assert dropout.training
    found = backbone(around(dropout)).tokens(PICTURES)[1].local_map
    network = around(nn.Identity())
    torch.testing.assert_close(found, network(PICTURES).detach(), rtol=1e-4, atol=1e-5)
    told = capsys.readouterr().err
    assert "backbone 'net': 1 stayed in training mode after eval(); put in evaluation" in told


def sign_of_data(_self, x):
    x.data = x.data.sign()
    return x * 1.0


def clip_by_numpy(_self, x):
    values = x.detach().numpy()
    np.clip(values, 0, None, out=values)
    return x * 1.0


OVERWRITES = {
    "in place": lambda _self, x: x.relu_(),
    "added to": lambda _self, x: x.add_(1),
    "through a view": lambda _self, x: (x.flatten(1).relu_(), x)[1],
    "output argument": lambda _self, x: torch.clamp(x, min=0, out=x),
    "other data": sign_of_data,
    "in place of the data": lambda _self, x: x.data.sign_() * 1.0,
    "by numpy": clip_by_numpy,
    "in large batches alone": lambda _self, x: x.relu_() if len(x) > 3 else x.relu(),
    "in inference mode alone": lambda _self, x: (
        x.relu_() if torch.is_inference_mode_enabled() else x.relu()
    ),
}


@pytest.mark.parametrize("name", OVERWRITES)
def test_layers_are_as_their_modules_gave_them(name):
    network = around(Function(OVERWRITES[name]))
    expected = functional.conv2d(PICTURES, network[0].weight, network[0].bias, padding=1)
    found = backbone(network).tokens(PICTURES)[0].local_map
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_pictures_that_a_network_works_on_in_place_stay_as_they_are():
    shift = Function(lambda _self, x: x.sub_(2))
    pictures = PICTURES.clone(memory_format=torch.channels_last)
    read = backbone(nn.Sequential(shift, *around(nn.ReLU())), "1")
    one, again = (read.tokens(pictures)[0].local_map for _ in range(2))
    assert torch.equal(pictures, PICTURES)
    assert torch.equal(one, again)


class SameMemory(nn.Module):
    """Gives the same tensor at every call, with other values."""

    def forward(self, x):
        if getattr(self, "memory", None) is None or self.memory.shape != x.shape:
            self.memory = torch.empty_like(x)
        return self.memory.copy_(x)


def test_tokens_stay_when_the_next_batch_is_computed():
    read = backbone(around(SameMemory()), "1")
    first = read.tokens(PICTURES)[0].local_map
    before = first.clone()
    read.tokens(PICTURES.flip(0))
    assert torch.equal(first, before)
