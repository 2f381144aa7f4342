import pytest
import torch
from torch import nn

from cortexlens.backbones.hooks import HookReader, matching_modules
from cortexlens.errors import CortexlensError

PROBE = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))


class Small(nn.Module):
    """A map, an in-place change of it, channels last, tokens, and a head for 32 px alone."""

    def __init__(self, n_prefix=1):
        super().__init__()
        self.late = nn.Linear(8, 6)  # declared first, run last
        self.conv = nn.Conv2d(3, 8, 4, stride=4)
        self.act = nn.ReLU(inplace=True)
        self.last = Permute()
        self.blocks = nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 8))
        self.twice = nn.Identity()
        self.never = nn.Identity()
        self.vector = nn.Identity()
        self.pair = Pair()
        self.named = Named()
        self.head = nn.Linear(6 * (64 + n_prefix), 10)
        self.n_prefix = n_prefix

    def forward(self, x):
        x = self.last(self.act(self.conv(x)))
        x = self.twice(self.twice(x)).flatten(1, 2)
        x = torch.cat([x.mean(1, keepdim=True) + 1] * self.n_prefix + [x], dim=1)
        x = self.late(self.pair(self.blocks(x))[0])
        self.vector(x.mean(1))
        self.named(x)
        return self.head(x.flatten(1))


class Permute(nn.Module):
    def forward(self, x):
        return x.permute(0, 2, 3, 1)


class Pair(nn.Module):
    def forward(self, x):
        return x, None


class Named(nn.Module):
    def forward(self, x):
        return {"tokens": x}


@pytest.fixture
def net():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return Small().eval().requires_grad_(False)


def test_layers_are_read_in_the_order_of_execution_with_their_layouts(net):
    reader = HookReader(net, ["late", "pair", "blocks.1", "last", "conv"], PROBE, "net")
    assert reader.layer_names == ["conv", "last", "blocks.1", "pair", "late"]
    assert reader.layouts == ["nchw", "nhwc", "tokens+1", "tokens+1", "tokens+1"]
    layers = reader(PROBE[:1])
    assert [tuple(layer.local.shape) for layer in layers] == [(1, 8, 4, 4)] * 4 + [(1, 6, 4, 4)]


def test_values_are_those_of_the_modules_even_where_overwritten(net):
    conv, last, late = HookReader(net, ["conv", "last", "late"], PROBE, "net")(PROBE)
    raw = nn.functional.conv2d(PROBE, net.conv.weight, net.conv.bias, stride=4)
    torch.testing.assert_close(conv.local, raw)
    assert (conv.local < 0).any()
    torch.testing.assert_close(last.local, raw.relu())
    tokens = raw.relu().flatten(2).transpose(1, 2)
    tokens = torch.cat([tokens.mean(1, keepdim=True) + 1, tokens], 1)
    expected = net.late(net.blocks(tokens))
    torch.testing.assert_close(late.class_token, expected[:, 0])
    # Token 1 + 4 r + c is the map's row r, column c.
    torch.testing.assert_close(late.local[:, :, 1, 2], expected[:, 1 + 6])


def test_a_head_for_another_size_does_not_matter(net):
    with pytest.raises(RuntimeError):
        net(PROBE)
    assert HookReader(net, ["late"], PROBE, "net")(PROBE)[0].local.shape == (2, 6, 4, 4)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("twice", "'twice' runs 2 times"),
        ("vector", r"'vector' returns shape \(2, 6\)"),
        ("named", "'named' returns a dict"),
    ],
)
def test_what_is_no_map_is_refused(net, name, message):
    with pytest.raises(CortexlensError, match=message):
        HookReader(net, [name], PROBE, "net")


def test_a_module_that_does_not_run_is_refused(net):
    net.head = nn.Identity()
    with pytest.raises(CortexlensError, match="'never' runs 0 times"):
        HookReader(net, ["never", "conv"], PROBE, "net")


def test_three_prefix_tokens_of_unknown_meaning_are_refused():
    with pytest.raises(CortexlensError, match=r"'blocks.0' returns shape \(2, 19, 8\)"):
        HookReader(Small(n_prefix=3).eval(), ["blocks.0"], PROBE, "net")


def test_as_many_channels_as_rows_are_read_channels_first():
    net = nn.Sequential(nn.Conv2d(3, 16, 1), nn.AvgPool2d(2)).eval()
    reader = HookReader(net, ["0", "1"], PROBE, "net")
    assert reader.layouts == ["nchw", "nchw"]


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        ("blocks.*", ["blocks.0", "blocks.1"]),
        ("b*", ["blocks"]),
        ("*", ["late", "conv", "act", "last", "blocks", "twice", "never", "vector", "pair"]),
        ("blocks.[1-9], conv,conv", ["conv", "blocks.1"]),
    ],
)
def test_patterns_stop_at_dots(net, patterns, names):
    assert matching_modules(net, patterns, "net")[: len(names)] == names


def test_a_pattern_that_matches_nothing_is_named_with_the_modules(net):
    with pytest.raises(CortexlensError, match=r"'layer1' is no module|'layer1', which is not a"):
        matching_modules(net, "conv,layer1", "net")
