"""Diffusion networks from diffusers, read at one or several time steps.

A row with ``time_steps`` inverts every image: :mod:`cortexlens.backbones.inversion`. A row
without them runs a UNet once per image, with

1. the image, pixels from −1 to 1, encoded by the VAE: the mode of the latent distribution, times
   the VAE's scaling factor (no sampling);
2. noise of the time step by the forward process, √ā z + √(1 − ā) ε, where ε is one sample of
   Gaussian noise, determined by the row's seed and the same for all images;
3. the embedding of the empty prompt: the text encoder's states for the start token followed by end
   tokens up to the full length.

:meth:`LatentDiffusion.latent` computes the UNet's input.
"""

from pathlib import Path
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import nn

from cortexlens.backbones.cache import DENOISERS, FETCH_AGAIN
from cortexlens.backbones.denoisers import TRANSFORMERS, Denoiser, VaeEncoder, empty_prompt
from cortexlens.backbones.inversion import FlowAscent, Inversion, NoiseAscent
from cortexlens.backbones.row import BackboneRow, refuse
from cortexlens.backbones.torchvision_shim import prepare
from cortexlens.storage.json_files import read_json

LAYERS = "unet.down_blocks.*,unet.mid_block,unet.up_blocks.*"
TRANSFORMER_LAYERS = "transformer.transformer_blocks.*"
DEFAULT_TIMESTEP, DEFAULT_STEPS = 50, 50
TEXT_ENCODERS = ("text_encoder", "text_encoder_2", "text_encoder_3")

_STABLE_DIFFUSION_1: dict[str, dict[str, Any]] = {
    "unet": {"sample_size": 64, "cross_attention_dim": 768},
    "vae": {
        "block_out_channels": [128, 256, 512, 512],
        "down_block_types": ["DownEncoderBlock2D"] * 4,
        "up_block_types": ["UpDecoderBlock2D"] * 4,
        "layers_per_block": 2,
        "sample_size": 512,
        "scaling_factor": 0.18215,
    },
    "text_encoder": {
        "vocab_size": 49408,
        "hidden_size": 768,
        "intermediate_size": 3072,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
    },
    "scheduler": {
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "num_train_timesteps": 1000,
        "set_alpha_to_one": False,
        "steps_offset": 1,
    },
}
_DIT: dict[str, dict[str, Any]] = {
    "transformer": {
        "_class_name": "DiTTransformer2DModel",
        "in_channels": 4,
        "out_channels": 8,
        "sample_size": 32,
    },
    "vae": _STABLE_DIFFUSION_1["vae"] | {"sample_size": 256},
    "scheduler": {
        "beta_start": 0.0001,
        "beta_end": 0.02,
        "beta_schedule": "linear",
        "num_train_timesteps": 1000,
    },
}
# Networks that can be built untrained, without their repository.
ARCHITECTURES = {
    "stable-diffusion-v1-5/stable-diffusion-v1-5": _STABLE_DIFFUSION_1,
    "facebook/DiT-XL-2-256": _DIT,
}


class Parts(NamedTuple):
    """The parts of a diffusers repository.

    Attributes
    ----------
    scheduler
        Content of ``scheduler_config.json``.
    denoiser, vae
        Networks of diffusers.
    texts
        Text encoders, in order.
    """

    scheduler: dict[str, Any]
    denoiser: nn.Module
    vae: nn.Module
    texts: tuple[nn.Module, ...]

    @property
    def pixels(self) -> int:
        """Side of a latent position in pixels, i.e. the VAE's downsampling factor."""
        n_stages = len(self.vae.config.block_out_channels)  # type: ignore[union-attr, arg-type]
        return int(2 ** (n_stages - 1))

    @property
    def native_size(self) -> int:
        """Side in pixels of the images that the network was designed for."""
        return int(self.denoiser.config.sample_size) * self.pixels  # type: ignore[union-attr, arg-type]


class LatentDiffusion(nn.Module):
    """A UNet that is applied to noisy latents of images at one time step.

    Parameters
    ----------
    unet, vae
        Networks of diffusers.
    prompt
        Embedding of the empty prompt, (1, token, channel).
    signal
        ā of the time step: remaining fraction of the signal's variance, 0 to 1.
    timestep
        The time step, from 0.
    seed
        Seed of the noise.
    native_size
        Side in pixels of the images that the network was designed for.
    """

    def __init__(
        self,
        unet: nn.Module,
        vae: nn.Module,
        prompt: Float[torch.Tensor, "1 token channel"],
        signal: float,
        timestep: int,
        seed: int,
        native_size: int,
    ) -> None:
        super().__init__()
        self.unet, self.vae, self.native_size = unet, vae, native_size
        self.register_buffer("prompt", prompt)
        # stored in the state dict, since they determine the features just as weights do
        self.register_buffer("step_and_seed", torch.tensor([timestep, seed]))
        self.signal, self.timestep, self.seed = signal, timestep, seed

    def latent(
        self, pictures: Float[torch.Tensor, "batch 3 height width"]
    ) -> Float[torch.Tensor, "batch latent high wide"]:
        """Compute the UNet's input: encoded images with the noise of the time step."""
        clean = self.vae.encode(pictures).latent_dist.mode()  # type: ignore[operator]
        clean = clean * self.vae.config.scaling_factor  # type: ignore[union-attr]
        generator = torch.Generator().manual_seed(self.seed)
        noise = torch.randn(clean.shape[1:], generator=generator).to(clean.device)
        noisy: torch.Tensor = self.signal**0.5 * clean + (1 - self.signal) ** 0.5 * noise
        return noisy

    def forward(
        self, pictures: Float[torch.Tensor, "batch 3 height width"]
    ) -> Float[torch.Tensor, "batch latent high wide"]:
        """Return the noise that the UNet predicts."""
        prompt = self.prompt.expand(len(pictures), -1, -1)  # type: ignore[operator]
        found: torch.Tensor = self.unet(
            self.latent(pictures), self.timestep, encoder_hidden_states=prompt, return_dict=False
        )[0]
        return found


def signal_shares(scheduler: dict[str, Any]) -> list[float]:
    """Remaining fraction of the signal's variance at each time step, ā.

    Parameters
    ----------
    scheduler
        ``beta_start``, ``beta_end``, ``beta_schedule`` (``linear`` or ``scaled_linear``) and
        ``num_train_timesteps`` of a repository's ``scheduler_config.json``.
    """
    start, end = float(scheduler["beta_start"]), float(scheduler["beta_end"])
    n_steps = int(scheduler["num_train_timesteps"])
    # on the CPU, even if a network is built on the meta device to be measured
    kind: dict[str, Any] = {"dtype": torch.float64, "device": "cpu"}
    if scheduler["beta_schedule"] == "scaled_linear":
        betas = torch.linspace(start**0.5, end**0.5, n_steps, **kind) ** 2
    else:
        betas = torch.linspace(start, end, n_steps, **kind)
    shares: list[float] = (1 - betas).cumprod(0).tolist()
    return shares


def build_diffusion(row: BackboneRow, folder: Path | None) -> LatentDiffusion | Inversion:
    """Build the diffusion network of a row; text encoders run once and are then discarded.

    Parameters
    ----------
    row
        Its name is a repository; untrained networks must be in :data:`ARCHITECTURES`.
    folder
        The repository in the cache; None: untrained.

    Raises
    ------
    CortexlensError
        If the architecture is unknown, or the scheduler does not have the time step.
    """
    prepare()
    if folder is None and row.name not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        refuse(
            row.backbone, "name", row.name, f"{known} if untrained, any if weights is pretrained"
        )
    parts = _untrained(ARCHITECTURES[row.name]) if folder is None else _from_folder(folder)
    conditions = empty_prompt(parts.denoiser, parts.texts)
    n_steps = int(parts.scheduler["num_train_timesteps"])
    if row.steps:
        return _inversion(row, parts, conditions, n_steps)
    if type(parts.denoiser).__name__ in TRANSFORMERS:
        refuse(row.backbone, "time_steps", "", "a time step of the inversion for a transformer")
    timestep = DEFAULT_TIMESTEP if row.timestep is None else row.timestep
    if timestep >= n_steps:
        refuse(row.backbone, "timestep", timestep, f"0 to {n_steps - 1}")
    signal = signal_shares(parts.scheduler)[timestep]
    prompt = conditions["encoder_hidden_states"]
    unet, vae, size = parts.denoiser, parts.vae, parts.native_size
    return LatentDiffusion(unet, vae, prompt, signal, timestep, row.seed, size)


def _inversion(
    row: BackboneRow, parts: Parts, conditions: dict[str, torch.Tensor], most_steps: int
) -> Inversion:
    n_steps = row.inversion_steps or DEFAULT_STEPS
    if n_steps > most_steps:
        refuse(row.backbone, "inversion_steps", n_steps, f"1 to {most_steps}")
    kind = str(parts.scheduler.get("_class_name", ""))
    ascent = (FlowAscent if kind.startswith("FlowMatch") else NoiseAscent)(parts.scheduler, n_steps)
    denoiser = Denoiser(parts.denoiser, conditions, parts.pixels)
    return Inversion(denoiser, VaeEncoder(parts.vae), ascent, parts.native_size)


def _untrained(spec: dict[str, dict[str, Any]]) -> Parts:
    import diffusers
    import transformers

    name = next(part for part in DENOISERS if part in spec)
    kind = spec[name].get("_class_name", "UNet2DConditionModel")
    texts = []
    for part in TEXT_ENCODERS:
        if part in spec:
            model = getattr(transformers, spec[part].get("architectures", ["CLIPTextModel"])[0])
            texts.append(model(model.config_class(**spec[part])))
    return Parts(
        spec["scheduler"],
        getattr(diffusers, kind)(**_arguments(spec[name])),
        diffusers.AutoencoderKL(**spec["vae"]),  # type: ignore[no-untyped-call, arg-type]
        tuple(texts),
    )


def _arguments(config: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in config.items() if not key.startswith("_")}


def _from_folder(folder: Path) -> Parts:
    import diffusers
    import transformers

    def config(name: str) -> dict[str, Any]:
        return read_json(folder / name / "config.json", correct=FETCH_AGAIN)

    def part(kind: Any, name: str) -> Any:
        return kind.from_pretrained(
            folder, subfolder=name, local_files_only=True, use_safetensors=True
        )

    name = next(each for each in DENOISERS if (folder / each / "config.json").is_file())
    there = [each for each in TEXT_ENCODERS if (folder / each / "config.json").is_file()]
    return Parts(
        read_json(folder / "scheduler" / "scheduler_config.json", correct=FETCH_AGAIN),
        # diffusers itself maps class names of old repositories to present ones
        part(getattr(diffusers, config(name)["_class_name"]), name),
        part(diffusers.AutoencoderKL, "vae"),
        tuple(
            part(getattr(transformers, config(each)["architectures"][0]), each) for each in there
        ),
    )
