import json
import socket
import sys

import pytest
import torch
from PIL import Image
from sklearn.datasets import load_sample_image

from cortexlens.backbones.network import load_backbone
from cortexlens.backbones.row import BackboneRow
from cortexlens.backbones.torchvision_shim import prepare
from cortexlens.errors import CortexlensError

prepare()
import timm  # noqa: E402
from torchvision import models  # noqa: E402

STATISTICS = {"mean": "0.5,0.5,0.5", "std": "0.25,0.25,0.25"}


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Nothing here may reach the network; what tries gets what an unplugged machine gives."""

    def refuse(*_args, **_keywords):
        raise OSError("Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def load(**columns):
    return load_backbone(BackboneRow.from_columns({"backbone": "net"} | columns))


def twin(name, seed=0):
    """The same untrained network, built without cortexlens."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return timm.create_model(name).eval().requires_grad_(False)


def batch(side, n=2):
    return torch.rand(n, 3, side, side, generator=torch.Generator().manual_seed(5))


def vit_blocks(network, x):
    """Outputs of a vision transformer's blocks, step by step."""
    x = network.norm_pre(network._pos_embed(network.patch_embed(x)))
    outputs = []
    for block in network.blocks:
        x = block(x)
        outputs.append(x)
    return outputs


def test_a_class_token_is_global_and_patches_are_local():
    backbone = load(source="timm", name="test_vit")
    x = batch(160)
    blocks = vit_blocks(twin("test_vit"), x)
    found = backbone.tokens(x)
    assert backbone.layer_names == [f"blocks.{i}" for i in range(len(blocks))]
    for layer, expected in zip(found, blocks, strict=True):
        torch.testing.assert_close(layer.global_token, expected[:, 0])
        torch.testing.assert_close(layer.local_map[:, :, 3, 7], expected[:, 1 + 10 * 3 + 7])
    assert backbone.description["global_token"] == "class"
    mean = load(source="timm", name="test_vit", global_token="mean", layers="-1").tokens(x)[0]
    torch.testing.assert_close(mean.global_token, blocks[-1][:, 1:].mean(1))


def test_registers_are_neither_local_nor_global():
    name = "vit_small_patch14_reg4_dinov2"
    backbone = load(source="timm", name=name, layers="0,1", input_size=56)
    network, x = twin(name), batch(56)
    network.set_input_size(img_size=(56, 56))
    blocks = vit_blocks(network, x)
    assert blocks[1].shape[1] == 5 + 16
    for layer, expected in zip(backbone.tokens(x), blocks[:2], strict=True):
        torch.testing.assert_close(layer.global_token, expected[:, 0])
        torch.testing.assert_close(layer.local_map.flatten(2).transpose(1, 2), expected[:, 5:])


@pytest.mark.parametrize("layers", ["1", "blocks.1"])
def test_registers_without_a_class_token_leave_the_mean(layers):
    backbone = load(source="timm", name="test_vit2", layers=layers)
    expected = vit_blocks(twin("test_vit2"), batch(160))[1]
    layer = backbone.tokens(batch(160))[0]
    torch.testing.assert_close(layer.global_token, expected[:, 1:].mean(1))
    torch.testing.assert_close(layer.local_map.flatten(2).transpose(1, 2), expected[:, 1:])
    with pytest.raises(CortexlensError, match="column global_token holds 'class'"):
        load(source="timm", name="test_vit2", layers=layers, global_token="class")


def test_hooks_and_intermediates_agree():
    by_number = load(source="timm", name="test_vit", layers="1,0")
    by_name = load(source="timm", name="test_vit", layers="blocks.[01]")
    assert by_number.layer_names == by_name.layer_names
    for one, other in zip(by_number.tokens(batch(160)), by_name.tokens(batch(160)), strict=True):
        torch.testing.assert_close(one.local_map, other.local_map)
        torch.testing.assert_close(one.global_token, other.global_token)


def test_a_convolutional_network_of_timm_has_stages_with_their_own_channels():
    backbone = load(source="timm", name="test_resnet", input_size=64)
    network, x = twin("test_resnet"), batch(64)
    expected = network.forward_features(x)
    last = backbone.tokens(x)[-1]
    torch.testing.assert_close(last.local_map, expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(last.global_token, expected.mean((2, 3)), rtol=1e-4, atol=1e-5)
    assert len(set(backbone.channels)) > 2
    assert backbone.preprocess.interpolation == "bilinear"
    assert backbone.preprocess.input_size == 64


def test_torchvisions_networks_are_read_by_hooks():
    columns = {"source": "torchvision", "name": "resnet18", "input_size": 64, "seed": 4}
    backbone = load(layers="layer?,maxpool", **columns)
    assert backbone.layer_names == ["maxpool", "layer1", "layer2", "layer3", "layer4"]
    assert backbone.channels == [64, 64, 128, 256, 512]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        network = models.resnet18().eval()
    x, tokens = batch(64), backbone.tokens(batch(64))
    with torch.inference_mode():
        stem = network.maxpool(network.relu(network.bn1(network.conv1(x))))
        logits = network.fc(tokens[-1].global_token)
        torch.testing.assert_close(logits, network(x), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(tokens[0].local_map, stem, rtol=1e-4, atol=1e-5)


def test_channels_last_and_tokens_of_torchvision():
    swin = load(source="torchvision", name="swin_t", layers="features.1,features.3", input_size=64)
    assert swin.description["layouts"] == ["nhwc", "nhwc"]
    assert swin.channels == [96, 192]
    assert swin.description["map_sizes"] == [[16, 16], [8, 8]]


def test_the_zoo_runs_and_its_untrained_network_depends_on_the_seed_alone():
    hashes = [
        load(source="zoo", name="vit-demo", seed=seed).description["weights_sha256"]
        for seed in (0, 0, 1)
    ]
    assert hashes[0] == hashes[1] != hashes[2]
    backbone = load(source="zoo", name="vit-demo")
    assert backbone.channels == [128] * 8
    assert backbone.tokens(batch(96))[0].local_map.shape == (2, 128, 12, 12)


def test_the_global_random_state_is_left_alone():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    load(source="timm", name="test_vit")
    torch.testing.assert_close(torch.rand(3), expected)


FACTORIES = """
import torch
def net():
    return torch.nn.Sequential(torch.nn.Conv2d(3, 5, 3), torch.nn.BatchNorm2d(5), torch.nn.ReLU())
def number():
    return 7
def broken():
    raise RuntimeError("no such cup")
def forty():
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 40 * 40, 2))
"""


@pytest.fixture
def factories(tmp_path, monkeypatch):
    """A user's own module in the current folder."""
    (tmp_path / "own_networks.py").write_text(FACTORIES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield tmp_path
    sys.modules.pop("own_networks", None)


TRUSTED = {"source": "python", "trust": "python"}


def test_a_function_of_the_users_in_the_current_folder(factories):
    columns = {**TRUSTED, "name": "own_networks:net", "layers": "2", **STATISTICS}
    backbone = load(input_size=10, **columns)
    assert backbone.layer_names == ["2"]
    assert backbone.description["map_sizes"] == [[8, 8]]
    assert float(backbone.tokens(batch(10))[0].local_map.min()) == 0
    assert not backbone._network.training
    json.dumps(backbone.description)


def test_changed_code_of_the_users_changes_the_description(factories):
    columns = {**TRUSTED, "name": "own_networks:net", "layers": "2", **STATISTICS}
    before = load(input_size=10, **columns).description["code"]
    (factories / "own_networks.py").write_text(FACTORIES.replace("ReLU", "GELU"))
    sys.modules.pop("own_networks")
    assert load(input_size=10, **columns).description["code"] != before


def test_code_of_others_runs_only_where_somebody_says_so(factories):
    (factories / "own_networks.py").write_text("open('trace', 'w').close()\n" + FACTORIES)
    columns = {"source": "python", "name": "own_networks:net", "layers": "2", **STATISTICS}
    with pytest.raises(CortexlensError, match="trust is empty, and own_networks:net would run"):
        load(input_size=10, **columns)
    assert not (factories / "trace").exists()
    assert "own_networks" not in sys.modules
    load(input_size=10, **columns | TRUSTED)
    assert (factories / "trace").exists()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"name": "own_networks:cup"}, "own_networks:cup could not be called"),
        ({"name": "no_such_module:net"}, "ModuleNotFoundError"),
        ({"name": "own_networks:broken"}, "no such cup"),
        ({"name": "own_networks:number"}, "torch.nn.Module"),
        (
            {"name": "own_networks:net", "layers": "all"},
            "not known which of them are its layers: 0, 1, 2. Correct this row",
        ),
        (
            {"name": "own_networks:net", "layers": "conv9"},
            "'conv9', which is not a module of the network; its modules are 0, 1, 2. Correct",
        ),
        ({"name": "own_networks:net", "layers": "3"}, "not a module of the network"),
        ({"name": "own_networks:net", "input_size": 2}, "2 × 2 px"),
        ({"name": "own_networks:forty", "layers": "0"}, "returns shape"),
        ({"name": "own_networks:net", "global_token": "class"}, "class token"),
        ({"name": "own_networks:net", "weights": "packaged:resnet20_cifar10"}, "missing"),
        ({"source": "timm", "name": "resnet81"}, "resnet18"),
        ({"source": "timm", "name": "test_vit"}, "column input_size holds '12'"),
        ({"source": "torchvision", "name": "squeezenet"}, "squeezenet1_0"),
        ({"source": "torchvision", "name": "raft_large"}, "a model of torchvision"),
        ({"source": "zoo", "name": "vit-demi"}, "vit-demo"),
        (
            {"source": "timm", "name": "test_vit", "input_size": 160, "layers": "99"},
            "column layers holds '99'",
        ),
        (
            {"source": "timm", "name": "test_vit", "input_size": "160", "layers": "block.1"},
            "not a module of the network",
        ),
    ],
)
def test_a_network_that_does_not_load_is_one_line(factories, columns, message):
    row = {"source": "python", "layers": "0", "input_size": 12, **STATISTICS} | columns
    row |= TRUSTED if row["source"] == "python" else {}
    with pytest.raises(CortexlensError) as error:
        load(**row)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("timm", "test_vit.r160_in1k"),
        ("torchvision", "resnet18"),
        ("open_clip", "ViT-B-32/datacomp_s_s13m_b4k"),
        ("diffusers", "stable-diffusion-v1-5/stable-diffusion-v1-5"),
    ],
)
def test_weights_that_are_not_in_the_cache_are_one_line(source, name, tmp_path):
    row = BackboneRow("net", source, name, "pretrained")
    with pytest.raises(CortexlensError, match="not in the cache") as error:
        load_backbone(row, cache=str(tmp_path))
    assert str(tmp_path / source) in str(error.value)


def test_squeezenet_is_shown_blue_green_red_and_knows_a_temple():
    columns = {
        "source": "torchvision",
        "name": "squeezenet1_0",
        "weights": "packaged:squeezenet1_0_imagenet",
        "layers": "features.12",
        "input_size": 224,
        "mean": "104,117,123",
        "std": "1,1,1",
        "channel_order": "BGR",
        "pixel_range": 255,
        # The temple does not lie in the middle of its picture.
        "fit": "squash",
    }
    backbone = load(**columns)
    red = backbone.preprocess(Image.new("RGB", (9, 9), (255, 0, 0)))
    assert red[:, 0, 0].tolist() == [-104, -117, 132]
    assert backbone.description["n_parameters"] == 1_248_424
    tokens = backbone.tokens(
        backbone.preprocess(Image.fromarray(load_sample_image("china.jpg")))[None]
    )
    with torch.inference_mode():
        logits = backbone._network.classifier(tokens[0].local_map)[0].flatten()
    names = models.SqueezeNet1_0_Weights.DEFAULT.meta["categories"]
    assert {"bell cote", "stupa", "monastery"} < {names[i] for i in logits.topk(5).indices}
