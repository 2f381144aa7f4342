"""Published weights are read from the cache as the library itself would read them."""

import json

import pytest
import torch
from safetensors.torch import save_file
from test_backbones_sources import TINY_DIFFUSION
from torch import nn

from cortexlens.backbones import diffusers_source
from cortexlens.backbones.cache import fetched
from cortexlens.backbones.network import load_backbone
from cortexlens.backbones.row import BackboneRow
from cortexlens.errors import CortexlensError


def seeded(make):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(11)
        return make()


def folder(row, cache):
    place = fetched(row.__dict__, str(cache)).folder
    place.mkdir(parents=True)
    return place


def loaded(row, cache):
    return load_backbone(row, cache=str(cache))._network.state_dict()


def test_timm(tmp_path):
    from cortexlens.backbones.torchvision_shim import prepare

    prepare()
    import timm

    row = BackboneRow("net", "timm", "test_vit.r160_in1k", "pretrained")
    state = seeded(lambda: timm.create_model("test_vit")).state_dict()
    save_file(state, folder(row, tmp_path) / "model.safetensors")
    for name, value in loaded(row, tmp_path).items():
        torch.testing.assert_close(value, state[name])


def test_torchvision(tmp_path):
    from torchvision.models import resnet18

    row = BackboneRow("net", "torchvision", "resnet18.IMAGENET1K_V1", "pretrained")
    state = seeded(resnet18).state_dict()
    torch.save(state, folder(row, tmp_path) / "resnet18-f37072fd.pth")
    torch.testing.assert_close(loaded(row, tmp_path)["fc.weight"], state["fc.weight"])


def test_open_clip_takes_the_visual_tower_and_leaves_the_text(tmp_path):
    row = BackboneRow("net", "open_clip", "ViT-B-32/datacomp_s_s13m_b4k", "pretrained")
    visual = load_backbone(BackboneRow("net", "open_clip", "ViT-B-32", seed=3))._network
    state = visual.state_dict()
    state = {f"visual.{name}": value.half().contiguous() for name, value in state.items()}
    state |= {"logit_scale": torch.ones(1), "transformer.a": torch.ones(1)}
    place = folder(row, tmp_path)
    save_file(state, place / "open_clip_model.safetensors")
    found = loaded(row, tmp_path)["conv1.weight"]
    torch.testing.assert_close(found.half(), state["visual.conv1.weight"])
    del state["visual.proj"]
    save_file(state, place / "open_clip_model.safetensors")
    with pytest.raises(CortexlensError, match="'proj' missing"):
        loaded(row, tmp_path)


def test_diffusers(tmp_path):
    row = BackboneRow("net", "diffusers", "some/repository", "pretrained", input_size=32)
    parts = seeded(lambda: diffusers_source._untrained(TINY_DIFFUSION))
    place = folder(row, tmp_path)
    parts.denoiser.save_pretrained(place / "unet")
    parts.vae.save_pretrained(place / "vae")
    parts.texts[0].save_pretrained(place / "text_encoder")
    (place / "scheduler").mkdir()
    (place / "scheduler" / "scheduler_config.json").write_text(json.dumps(parts.scheduler))
    found = loaded(row, tmp_path)
    torch.testing.assert_close(
        found["unet.conv_in.weight"], parts.denoiser.state_dict()["conv_in.weight"]
    )
    assert found["prompt"].shape == (1, 77, 16)


def test_moco_v3_keeps_its_own_position_codes_and_heads(tmp_path):
    import timm

    arguments = {"num_heads": 12, "num_classes": 0}
    network = seeded(lambda: timm.create_model("vit_small_patch16_224", **arguments))
    nn.init.normal_(network.pos_embed)
    state = {f"module.base_encoder.{k}": v for k, v in network.state_dict().items()}
    state["module.base_encoder.head.0.weight"] = torch.ones(2, 2)
    state["module.momentum_encoder.pos_embed"] = torch.zeros(1)
    torch.save({"epoch": 300, "state_dict": state}, tmp_path / "moco.pth.tar")
    row = BackboneRow(
        "net",
        "timm",
        "vit_small_patch16_224",
        str(tmp_path / "moco.pth.tar"),
        weights_prefix="module.base_encoder.",
        weights_without="head.*",
        arguments="num_heads=12,num_classes=0",
    )
    backbone = load_backbone(row)
    torch.testing.assert_close(backbone._network.pos_embed, network.pos_embed.detach())
    x = torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(
            network.eval().norm(backbone.tokens(x)[-1].global_token),
            network.forward_features(x)[:, 0],
            rtol=1e-4,
            atol=1e-5,
        )
