"""Networks of any making are read, or refused in one line; none ends in a traceback."""

import threading

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from cortexlens.backbones.network import Backbone
from cortexlens.backbones.prepared import copied
from cortexlens.backbones.row import BackboneRow
from cortexlens.backbones.sources import Built
from cortexlens.errors import CortexlensError

SIDE = 16


def plain():
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())


def run_once(network):
    """As in use before it is given: what it computed is kept in its attributes."""
    network(torch.zeros(1, 3, SIDE, SIDE))
    return network


class Video(nn.Module):
    """A video network that takes a picture as a film of one frame."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Conv3d(3, 6, (1, 4, 4), (1, 4, 4))
        self.after = nn.Conv2d(6, 5, 3, padding=1)

    def forward(self, x):
        return self.after(self.embed(x[:, :, None]).squeeze(2))


class Keeps(nn.Module):
    """Keeps its last activation."""

    def __init__(self):
        super().__init__()
        self.conv, self.last = nn.Conv2d(3, 4, 3), None

    def forward(self, x):
        self.last = self.conv(x)
        return self.last


class Locked(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.lock = nn.Conv2d(3, 4, 3), threading.Lock()

    def forward(self, x):
        return self.conv(x)


def backbone_of(network, layers="0"):
    statistics = {"mean": (0.5,) * 3, "std": (0.5,) * 3}
    row = BackboneRow("mine", "python", "a:b", layers=layers, input_size=SIDE, **statistics)
    return Backbone(row, Built(copied(network, "mine"), None, "code"), "cpu")


@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
@pytest.mark.parametrize(
    ("make", "layer"),
    [
        (lambda: plain()[:1], "0"),
        (lambda: run_once(nn.Sequential(nn.utils.weight_norm(nn.Conv2d(3, 4, 3)))), "0"),
        (lambda: run_once(nn.Sequential(nn.utils.spectral_norm(nn.Conv2d(3, 4, 3)))).eval(), "0"),
        (lambda: nn.Sequential(parametrizations.weight_norm(nn.Conv2d(3, 4, 3))), "0"),
        (lambda: run_once(Keeps()), "conv"),
        (Video, "after"),
        (lambda: run_once(nn.Sequential(nn.LazyConv2d(4, 3))), "0"),
        (lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)).train(), "1"),
    ],
    ids=[
        *("plain", "weight_norm", "spectral_norm", "weight_norm, parametrised", "kept activation"),
        *("Conv3d", "lazy, run once", "training mode"),
    ],
)
def test_layers_are_read_as_the_network_computes_them(make, layer):
    network = make()
    mode, before = network.training, {k: v.clone() for k, v in network.state_dict().items()}
    backbone = backbone_of(network, layer)
    batch = torch.rand(2, 3, SIDE, SIDE)
    (found,) = backbone.tokens(batch)
    with torch.no_grad():
        expected = copied(network, "mine")(batch)
    torch.testing.assert_close(found.local_map, expected, rtol=1e-5, atol=1e-6)
    # the network that was given is as it was
    assert network.training is mode
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_number_formats_are_computed_in_float32(dtype, capsys):
    network = plain().to(dtype)
    batch = torch.rand(2, 3, SIDE, SIDE)
    (found,) = backbone_of(network).tokens(batch)
    assert found.local_map.dtype == torch.float32
    with torch.no_grad():
        expected = network[0].double()(batch.double())
    torch.testing.assert_close(found.local_map.double(), expected, rtol=1e-4, atol=1e-5)
    assert "it is computed in float32" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore:.*torch.jit.*")
@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: torch.jit.script(plain()), "a TorchScript network .* torch.nn.Module that it was"),
        (lambda: torch.jit.trace(plain(), torch.zeros(1, 3, SIDE, SIDE)), "a TorchScript network"),
        (lambda: nn.Sequential(nn.LazyConv2d(4, 3)), "'0.weight' is not known yet.* Run the net"),
        (Locked, "cannot be copied .*lock.* Remove what cannot be copied"),
        (lambda: plain().to("meta"), "cannot be moved to cpu .* tensors must be in memory"),
    ],
    ids=["scripted", "traced", "lazy", "lock", "meta"],
)
def test_what_cannot_be_read_is_refused_in_one_line(make, told):
    with pytest.raises(CortexlensError, match=f"^backbone 'mine': .*{told}") as refused:
        backbone_of(make())
    assert "\n" not in str(refused.value)
