"""Inversion of tiny diffusion networks, against hooks and equations written without cortexlens."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from test_backbones_sources import TINY_DIFFUSION

from cortexlens.backbones import diffusers_source
from cortexlens.backbones.network import load_backbone, reader_of
from cortexlens.backbones.row import BackboneRow, parse_steps
from cortexlens.errors import CortexlensError

BETAS = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
KEPT = (1 - BETAS).cumprod(0)
CLIP = {
    "vocab_size": 49408,
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "projection_dim": 16,
    "architectures": ["CLIPTextModelWithProjection"],
}
T5 = {
    "vocab_size": 16,
    "d_model": 40,
    "d_kv": 4,
    "d_ff": 16,
    "num_layers": 1,
    "num_heads": 2,
    "architectures": ["T5EncoderModel"],
}
SIZES = {"sample_size": 8, "num_attention_heads": 2, "attention_head_dim": 8, "num_layers": 3}
VAE = TINY_DIFFUSION["vae"]
LINEAR = diffusers_source._DIT["scheduler"]
TINY = {
    "unet": TINY_DIFFUSION,
    "dit": {
        "transformer": {
            "_class_name": "DiTTransformer2DModel",
            "in_channels": 4,
            "out_channels": 8,
            "norm_num_groups": 2,
            **SIZES,
        },
        "vae": VAE,
        "scheduler": LINEAR,
    },
    "pixart": {
        "transformer": {
            "_class_name": "PixArtTransformer2DModel",
            "cross_attention_dim": 16,
            "caption_channels": 40,
            "use_additional_conditions": False,
            "norm_num_groups": 2,
            **SIZES,
        },
        "vae": VAE,
        "text_encoder": T5,
        "scheduler": LINEAR,
    },
    "sd3": {
        "transformer": {
            "_class_name": "SD3Transformer2DModel",
            "in_channels": 4,
            "out_channels": 4,
            "caption_projection_dim": 16,
            "joint_attention_dim": 40,
            "pooled_projection_dim": 32,
            "pos_embed_max_size": 16,
            **SIZES,
        },
        "vae": VAE | {"shift_factor": 0.06, "scaling_factor": 1.5},
        "text_encoder": CLIP,
        "text_encoder_2": CLIP,
        "text_encoder_3": T5,
        "scheduler": {
            "_class_name": "FlowMatchEulerDiscreteScheduler",
            "shift": 3.0,
            "num_train_timesteps": 1000,
        },
    },
}
UP = "unet.up_blocks.1"
PICTURES = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(1)) * 2 - 1


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    for name, spec in TINY.items():
        monkeypatch.setitem(diffusers_source.ARCHITECTURES, f"tiny-{name}", spec)


def load(name, **columns):
    row = {"backbone": "net", "source": "diffusers", "name": f"tiny-{name}", "inversion_steps": 10}
    backbone = load_backbone(BackboneRow.from_columns(row | columns))
    _stir(backbone._network)
    return backbone


def _stir(network):
    """Untrained transformers begin and end with zeros, so that time would leave no trace."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for value in network.parameters():
            value += 0.05 * torch.randn(value.shape, generator=generator)


def seen_by_hooks(backbone, modules, pictures, carry, place=0):
    """Outputs of modules in each pass, by hooks, and the latents, by equations, as time goes up."""
    network = backbone._network
    inner = getattr(network.denoiser, network.denoiser.part)
    found = [{} for _ in range(10)]
    vae = network.encoder.vae
    shift = vae.config.get("shift_factor") or 0
    with torch.inference_mode():
        latent = (vae.encode(pictures).latent_dist.mean - shift) * vae.config.scaling_factor
        for number in range(1, 11):
            handles = [
                dict(network.denoiser.named_modules())[name].register_forward_hook(
                    lambda _m, _i, out, name=name, at=found[number - 1]: at.update(
                        {name: out[place] if isinstance(out, tuple) else out}
                    )
                )
                for name in modules
            ]
            latent = carry(network.denoiser, inner, latent, number)
            for handle in handles:
                handle.remove()
    return found, latent


def ddim(kept, offset):
    """z' = √ā' (z − √(1 − ā) ε)/√ā + √(1 − ā') ε with τ = 100 (k − 1) + offset, ā 100 before."""

    def carry(told, inner, latent, number):
        time = 100 * (number - 1) + offset
        conditions = {
            name: getattr(told, name).expand(2, *getattr(told, name).shape[1:])
            for name in told.conditions
        }
        if type(inner).__name__ == "PixArtTransformer2DModel":
            conditions["added_cond_kwargs"] = {"resolution": None, "aspect_ratio": None}
        noise = inner(latent, timestep=torch.tensor([time, time]), **conditions).sample[:, :4]
        before = kept(time - 100)
        after = kept(time)
        clean = (latent - (1 - before) ** 0.5 * noise) / before**0.5
        return after**0.5 * clean + (1 - after) ** 0.5 * noise

    return carry


def stable_diffusion(time):
    return KEPT[max(time, 0)].item()


def linear_schedule(time):
    betas = torch.linspace(0.0001, 0.02, 1000, dtype=torch.float64)
    return (1 - betas).cumprod(0)[time].item() if time >= 0 else 1.0


def flow(told, inner, latent, number):
    """z' = z + (σ' − σ) v, with the time shifted by 3 as Stable Diffusion 3 has it."""
    least = _shifted(0.001)  # the schedule is shifted twice, its ends once more
    levels = [0.0] + [_shifted(1 - i * (1 - least) / 9) for i in reversed(range(10))]
    time = 1000 * levels[number]
    velocity = inner(
        latent,
        timestep=torch.tensor([time, time]),
        encoder_hidden_states=told.encoder_hidden_states.expand(2, -1, -1),
        pooled_projections=told.pooled_projections.expand(2, -1),
    ).sample
    return latent + (levels[number] - levels[number - 1]) * velocity


def _shifted(level):
    return 3 * level / (1 + 2 * level)


CARRIES = {
    "unet": ddim(stable_diffusion, 1),
    "dit": ddim(linear_schedule, 0),
    "pixart": ddim(linear_schedule, 0),
}


@pytest.mark.parametrize("step", [1, 4, 10])
def test_layers_at_a_time_step_of_a_unet(step):
    backbone = load("unet", time_steps=str(step))
    names = ["down_blocks.0", "down_blocks.1", "mid_block", "up_blocks.0", "up_blocks.1"]
    assert backbone.layer_names == [f"unet.{name}" for name in names]
    assert backbone.description["layer_axis"] == "layer"
    found, _ = seen_by_hooks(backbone, backbone.layer_names, PICTURES, CARRIES["unet"])
    for layer, name in zip(backbone.tokens(PICTURES), backbone.layer_names, strict=True):
        torch.testing.assert_close(layer.local_map, found[step - 1][name], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", ["dit", "pixart"])
def test_blocks_of_a_transformer(name):
    backbone = load(name, time_steps="7")
    assert backbone.layer_names == [f"transformer.transformer_blocks.{i}" for i in range(3)]
    found, _ = seen_by_hooks(backbone, backbone.layer_names, PICTURES, CARRIES[name])
    _compare_tokens(backbone, found[6])


def test_blocks_of_a_flow_matching_transformer():
    backbone = load("sd3", time_steps="7")
    found, latent = seen_by_hooks(backbone, backbone.layer_names, PICTURES, flow, place=1)
    _compare_tokens(backbone, found[6])
    with torch.inference_mode():
        torch.testing.assert_close(backbone._network(PICTURES), latent, rtol=1e-3, atol=1e-3)


def _compare_tokens(backbone, wanted):
    for layer, name in zip(backbone.tokens(PICTURES), backbone.layer_names, strict=True):
        rows = wanted[name].reshape(2, 4, 4, 16).permute(0, 3, 1, 2)
        torch.testing.assert_close(layer.local_map, rows, rtol=1e-3, atol=1e-3)


def test_time_steps_at_a_layer_come_out_of_one_inversion():
    backbone = load("unet", time_steps="2-10:4", layers=UP)
    assert backbone.layer_names == ["t02", "t06", "t10"]
    assert backbone.description["layer_axis"] == "time step"
    passes = []
    handle = backbone._network.denoiser.register_forward_hook(lambda *_: passes.append(1))
    tokens = backbone.tokens(PICTURES)
    handle.remove()
    # The last pass ends where its layer is seen, so that the hook after it is not reached.
    assert len(passes) == 9
    found, _ = seen_by_hooks(backbone, [UP], PICTURES, CARRIES["unet"])
    for layer, step in zip(tokens, (2, 6, 10), strict=True):
        torch.testing.assert_close(layer.local_map, found[step - 1][UP], rtol=1e-3, atol=1e-3)
    assert not torch.allclose(tokens[0].local_map, tokens[2].local_map, atol=0.01)


def test_both_ways_of_reading_meet():
    at_step, over_time = load("unet", time_steps="6"), load("unet", time_steps="2,6", layers=UP)
    torch.testing.assert_close(
        at_step.tokens(PICTURES)[-1].local_map, over_time.tokens(PICTURES)[1].local_map
    )


def test_the_inversion_is_the_same_each_time_and_for_a_picture_alone():
    backbone = load("unet", time_steps="10")
    first, again = backbone.tokens(PICTURES), backbone.tokens(PICTURES)
    alone = backbone.tokens(PICTURES[1:])
    for one, two, three in zip(first, again, alone, strict=True):
        assert torch.equal(one.local_map, two.local_map)
        torch.testing.assert_close(one.local_map[1:], three.local_map, rtol=1e-3, atol=1e-3)


def test_text_encoders_are_not_kept():
    for name in ("unet", "pixart", "sd3"):
        kinds = {type(part).__name__ for part in load(name, time_steps="1")._network.modules()}
        assert "AutoencoderKL" in kinds
        assert not any(kind.startswith(("CLIP", "T5")) for kind in kinds)


def test_what_is_read_is_part_of_the_description():
    described = [
        load("unet", **columns).description["inversion"]
        for columns in (
            {"time_steps": "2,6", "layers": UP},
            {"time_steps": "2,6", "layers": "unet.mid_block"},
            {"time_steps": "2,7", "layers": UP},
            {"time_steps": "2,6", "layers": UP, "inversion_steps": 20},
        )
    ]
    assert all(one != other for i, one in enumerate(described) for other in described[:i])
    assert described[0]["times"] == [101, 501]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"time_steps": "1,2"}, "a single module with several time_steps"),
        ({"time_steps": "11"}, "at least 11"),
        ({"time_steps": "60", "inversion_steps": None}, "1 to 50"),
        ({"time_steps": "0"}, "steps from 1"),
        ({"time_steps": "9-2"}, "steps from 1"),
        ({"time_steps": "1", "timestep": 50}, "an empty cell"),
        ({"time_steps": "1", "inversion_steps": 1001}, "1 to 1000"),
        ({}, "an empty cell if time_steps"),
    ],
)
def test_steps_that_cannot_be_are_refused(columns, message):
    with pytest.raises(CortexlensError, match=message):
        load("unet", **columns)


def test_a_transformer_needs_a_time_step():
    with pytest.raises(CortexlensError, match="for a transformer"):
        load("dit", inversion_steps=None)


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 60), st.integers(1, 9)), min_size=1))
def test_steps_are_read_as_they_are_written(ranges):
    text = ", ".join(f"{first}-{first + more}:{stride}" for first, more, stride in ranges)
    wanted = {
        step for first, more, stride in ranges for step in range(first, first + more + 1, stride)
    }
    assert parse_steps(text) == tuple(sorted(wanted))


@pytest.mark.parametrize(
    ("name", "names", "side", "widths", "grids"),
    [
        (
            "stable-diffusion-v1-5/stable-diffusion-v1-5",
            [
                *(f"unet.down_blocks.{i}" for i in range(4)),
                "unet.mid_block",
                *(f"unet.up_blocks.{i}" for i in range(4)),
            ],
            512,
            (320, 640, 1280, 1280, 1280, 1280, 1280, 640, 320),
            {8, 16, 32, 64},
        ),
        (
            "facebook/DiT-XL-2-256",
            [f"transformer.transformer_blocks.{i}" for i in range(28)],
            256,
            (1152,) * 28,
            {16},
        ),
    ],
)
def test_true_sizes_without_memory(name, names, side, widths, grids):
    row = BackboneRow("net", "diffusers", name, inversion_steps=50, time_steps="2")
    with torch.device("meta"), torch.no_grad():
        network = diffusers_source.build_diffusion(row, None).to("meta").eval()
        picture = torch.rand(2, 3, network.native_size, network.native_size)
        reader = reader_of(row, network, picture)
        layers = reader(picture)
    assert network.native_size == side
    assert reader.layer_names == names
    assert tuple(layer.local.shape[1] for layer in layers) == widths
    assert {layer.local.shape[2] for layer in layers} == grids


def test_the_demos_network_is_read_both_ways():
    row = {"backbone": "d", "source": "zoo", "name": "unet-demo", "inversion_steps": 4}
    weights = {"weights": "packaged:demo-diffusion"}
    pictures = torch.rand(2, 3, 96, 96, generator=torch.Generator().manual_seed(2)) * 2 - 1
    trained = load_backbone(BackboneRow.from_columns(row | weights | {"time_steps": "3"}))
    over_time = {"time_steps": "1-4", "layers": "unet.up_blocks.1"}
    times = load_backbone(BackboneRow.from_columns(row | weights | over_time))
    assert len(trained.layer_names) == 7
    assert times.layer_names == ["t1", "t2", "t3", "t4"]
    torch.testing.assert_close(
        trained.tokens(pictures)[5].local_map, times.tokens(pictures)[2].local_map
    )
    for columns in ({}, {"name": "vit-demo", "time_steps": "3"}):
        with pytest.raises(CortexlensError, match=r"unet-demo only|an empty cell if time_steps"):
            load_backbone(BackboneRow.from_columns(row | columns))
