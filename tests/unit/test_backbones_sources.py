"""Networks of each family, small, against their library's forward pass written out."""

import sys

import pytest
import torch

from cortexlens.backbones import diffusers_source
from cortexlens.backbones.network import load_backbone
from cortexlens.backbones.row import BackboneRow
from studies import REPOSITORY

sys.path.append(str(REPOSITORY / "benchmarks"))
from forward_passes import forward_pass

TINY_DIFFUSION = {
    "unet": {
        "sample_size": 8,
        "block_out_channels": [32, 64],
        "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
        "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
        "cross_attention_dim": 16,
        "attention_head_dim": 4,
    },
    "vae": {
        "block_out_channels": [32, 32],
        "down_block_types": ["DownEncoderBlock2D"] * 2,
        "up_block_types": ["UpDecoderBlock2D"] * 2,
        "scaling_factor": 0.18215,
    },
    "text_encoder": {
        "vocab_size": 49408,
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
    },
    "scheduler": diffusers_source._STABLE_DIFFUSION_1["scheduler"],
}
ROWS = [
    {"source": "open_clip", "name": "ViT-B-32/datacomp_s_s13m_b4k", "input_size": 160},
    {"source": "torchvision", "name": "vit_b_16.IMAGENET1K_V1", "input_size": 96},
    {"source": "timm", "name": "vit_base_patch16_224.mae", "input_size": 96},
    {"source": "timm", "name": "vit_small_patch14_dinov2.lvd142m", "input_size": 98},
    {
        "source": "timm",
        "name": "vit_small_patch16_224",
        "arguments": "num_heads=12,num_classes=0",
        "input_size": 96,
    },
    {
        "source": "timm",
        "name": "samvit_base_patch16",
        "arguments": "img_size=96",
        "input_size": 96,
    },
    {"source": "diffusers", "name": "tiny", "input_size": 32, "timestep": 300},
]


def load(**columns):
    return load_backbone(BackboneRow.from_columns({"backbone": "net"} | columns))


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setitem(diffusers_source.ARCHITECTURES, "tiny", TINY_DIFFUSION)


@pytest.mark.parametrize("columns", ROWS, ids=lambda row: row["name"])
def test_every_token_is_the_librarys(columns):
    backbone = load(**columns)
    side = columns["input_size"]
    x = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        forward = forward_pass(columns["source"], columns["name"])
        expected, last, whole = forward(backbone._network, x)
    torch.testing.assert_close(last, whole, rtol=1e-4, atol=1e-5)
    for layer, (local, token) in zip(backbone.tokens(x), expected, strict=True):
        torch.testing.assert_close(layer.local_map, local, rtol=1e-4, atol=1e-4)
        wanted = local.mean((2, 3)) if token is None else token
        torch.testing.assert_close(layer.global_token, wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("source", ["open_clip", "torchvision"])
def test_position_codes_keep_their_places_at_another_size(source):
    """Codes that rise along x alone still do so, and those of the class token are untouched."""
    columns = next(row for row in ROWS if row["source"] == source)
    native, resized = load(**columns | {"input_size": 224}), load(**columns)

    def codes(backbone):
        network = backbone._network
        if source == "open_clip":
            return network.positional_embedding
        return network.encoder.pos_embedding[0]

    old, new = codes(native), codes(resized)
    torch.testing.assert_close(old[0], new[0])
    side, other = (int((len(c) - 1) ** 0.5) for c in (old, new))
    grids = [c[1:].reshape(n, n, -1) for c, n in ((old, side), (new, other))]
    centres = [(torch.arange(n) + 0.5) / n for n in (side, other)]

    def along(grid, where, axis):
        weights = where - 0.5
        weights = weights[None, :, None] if axis else weights[:, None, None]
        return (grid * weights).sum((0, 1)) / len(where) ** 2

    for axis in (0, 1):
        found = [along(*pair, axis) for pair in zip(grids, centres, strict=True)]
        assert torch.corrcoef(torch.stack(found))[0, 1] > 0.5


def test_diffusion_is_the_same_for_a_picture_alone_and_among_others():
    backbone = load(**ROWS[-1])
    assert backbone.layer_names == [
        "unet.down_blocks.0",
        "unet.down_blocks.1",
        "unet.mid_block",
        "unet.up_blocks.0",
        "unet.up_blocks.1",
    ]
    x = torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(2))
    for alone, among in zip(backbone.tokens(x[1:2]), backbone.tokens(x), strict=True):
        torch.testing.assert_close(alone.local_map, among.local_map[1:2], rtol=1e-3, atol=1e-4)


def test_another_time_step_is_another_key():
    hashes = {
        load(**ROWS[-1] | {"timestep": step}).description["weights_sha256"] for step in (0, 300)
    }
    assert len(hashes) == 2


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"source": "open_clip", "name": "ViT-B-33"}, "ViT-B-32"),
        ({"source": "open_clip", "name": "ViT-B-32/datacomp_s"}, "datacomp_s_s13m_b4k"),
        ({"source": "open_clip", "name": "ViT-B-32", "input_size": 100}, "multiple of the patch"),
        ({"source": "torchvision", "name": "vit_b_16", "input_size": 100}, "multiple of the"),
        ({"source": "torchvision", "name": "vit_b_16.V9"}, "IMAGENET1K_V1"),
        ({"source": "timm", "name": "vit_small_patch16_224.mea"}, "vit_small_patch16_224."),
        ({"source": "timm", "name": "test_vit", "arguments": "num_hats=3"}, "num_hats"),
        (
            {"source": "timm", "name": "hf_hub:timm/vit_tiny_patch16_224.augreg_in21k"},
            r"allowed: vit_tiny_patch16_224\.augreg_in21k, or another model of timm",
        ),
        ({"source": "timm", "name": "timm/test_vit"}, "allowed: test_vit, or another"),
        ({"source": "timm", "name": "ViT_Tiny_Patch16_224"}, "allowed: vit_tiny_patch16_224, or"),
        (
            {"source": "torchvision", "name": "ResNet18_Weights.IMAGENET1K_V1"},
            r"allowed: resnet18\.IMAGENET1K_V1, or another",
        ),
        ({"source": "torchvision", "name": "resnet81"}, "allowed: a model of torchvision, such as"),
        ({"source": "open_clip", "name": "ViT-B-32/open"}, "ViT-B-32/tag, tags such as openai"),
        ({"source": "diffusers", "name": "some/one"}, "stable-diffusion-v1-5"),
        ({"source": "diffusers", "name": "tiny", "timestep": 1000}, "0 to 999"),
    ],
)
def test_what_a_library_does_not_know_is_one_line(columns, message):
    from cortexlens.errors import CortexlensError

    with pytest.raises(CortexlensError, match=message) as error:
        load(**columns)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("hiera_tiny_224", 224),
        ("convnext_atto", 96),
        ("swin_tiny_patch4_window7_224", 224),
        ("test_resnet", 96),
        ("resnet18", 96),
    ],
)
def test_stages_keep_rows_and_columns(name, size):
    """What changes in one corner of the picture changes there in every layer that still has one."""
    source = "torchvision" if name == "resnet18" else "timm"
    network = load_backbone(BackboneRow("net", source, name, input_size=size))
    assert len(network.layer_names) >= 4
    pictures = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(1))
    pictures = pictures.repeat(2, 1, 1, 1)
    pictures[1, :, -size // 4 :, : size // 4] += 2  # the lower left
    for layer in network.tokens(pictures)[:2]:
        change = (layer.local_map[1] - layer.local_map[0]).abs().sum(0)
        side = change.shape[0]
        row, column = divmod(int(change.argmax()), side)
        assert row >= side * 0.6, name
        assert column < side * 0.4, name
        torch.testing.assert_close(layer.global_token, layer.local_map.mean((2, 3)))
