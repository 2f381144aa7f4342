"""Latent diffusion networks: the UNet's blocks at one time step.

What the UNet is shown, for every picture alike:

1. the picture, pixels from −1 to 1, through the VAE's encoder: the mode of its distribution,
   times the VAE's scaling factor (nothing is drawn at random);
2. noise of the time step by the forward process, √ā z + √(1 − ā) ε, where ε is one picture of
   Gaussian noise, drawn from the row's seed and the same for all pictures;
3. the embedding of the empty prompt: the text encoder's states of the start token and end tokens
   up to its full length.

:meth:`LatentDiffusion.latent` is the one place that makes the UNet's input.
"""

import json
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import nn

from cortexlens.backbones.row import BackboneRow, refuse
from cortexlens.backbones.torchvision_shim import prepare

LAYERS = "unet.down_blocks.*,unet.mid_block,unet.up_blocks.*"
DEFAULT_TIMESTEP = 50
INPUT_SIZE = 512
START_TOKEN, END_TOKEN = 49406, 49407

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
    },
}
# Networks that can be built without their repository, untrained.
ARCHITECTURES = {"stable-diffusion-v1-5/stable-diffusion-v1-5": _STABLE_DIFFUSION_1}


class LatentDiffusion(nn.Module):
    """A UNet that is shown pictures at one time step.

    Parameters
    ----------
    unet, vae
        diffusers' networks.
    prompt
        Embedding of the empty prompt, (1, token, channel).
    signal
        ā of the time step: share of the signal's variance, 0 to 1.
    timestep
        The time step, from 0.
    seed
        Of the noise.
    """

    def __init__(
        self,
        unet: nn.Module,
        vae: nn.Module,
        prompt: Float[torch.Tensor, "1 token channel"],
        signal: float,
        timestep: int,
        seed: int,
    ) -> None:
        super().__init__()
        self.unet, self.vae = unet, vae
        self.register_buffer("prompt", prompt)
        # Among the weights, since they shape the features as weights do.
        self.register_buffer("step_and_seed", torch.tensor([timestep, seed]))
        self.signal, self.timestep, self.seed = signal, timestep, seed

    def latent(
        self, pictures: Float[torch.Tensor, "batch 3 height width"]
    ) -> Float[torch.Tensor, "batch latent high wide"]:
        """Give the UNet's input: encoded pictures with the time step's noise."""
        clean = self.vae.encode(pictures).latent_dist.mode()  # type: ignore[operator]
        clean = clean * self.vae.config.scaling_factor  # type: ignore[union-attr]
        generator = torch.Generator().manual_seed(self.seed)
        noise = torch.randn(clean.shape[1:], generator=generator).to(clean.device)
        noisy: torch.Tensor = self.signal**0.5 * clean + (1 - self.signal) ** 0.5 * noise
        return noisy

    def forward(
        self, pictures: Float[torch.Tensor, "batch 3 height width"]
    ) -> Float[torch.Tensor, "batch latent high wide"]:
        """Give the noise that the UNet finds."""
        prompt = self.prompt.expand(len(pictures), -1, -1)  # type: ignore[operator]
        found: torch.Tensor = self.unet(
            self.latent(pictures), self.timestep, encoder_hidden_states=prompt, return_dict=False
        )[0]
        return found


def signal_share(scheduler: dict[str, Any], timestep: int) -> float:
    """Share of the signal's variance that is left at a time step, ā.

    Parameters
    ----------
    scheduler
        ``beta_start``, ``beta_end``, ``beta_schedule`` (``linear`` or ``scaled_linear``) and
        ``num_train_timesteps`` of a repository's ``scheduler_config.json``.
    timestep
        From 0.
    """
    start, end = float(scheduler["beta_start"]), float(scheduler["beta_end"])
    n_steps = int(scheduler["num_train_timesteps"])
    # On the processor, also where a network is built without memory of its own to be measured.
    kind: dict[str, Any] = {"dtype": torch.float64, "device": "cpu"}
    if scheduler["beta_schedule"] == "scaled_linear":
        betas = torch.linspace(start**0.5, end**0.5, n_steps, **kind) ** 2
    else:
        betas = torch.linspace(start, end, n_steps, **kind)
    return float((1 - betas).cumprod(0)[timestep])


def build_diffusion(row: BackboneRow, folder: Path | None) -> nn.Module:
    """Build the network of a row.

    Parameters
    ----------
    row
        Its name is a repository; untrained ones have to be in :data:`ARCHITECTURES`.
    folder
        The repository in the cache; None: untrained.

    Raises
    ------
    CortexlensError
        If the architecture is not known or the time step is not the scheduler's.
    """
    prepare()
    if folder is None and row.name not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        refuse(row.backbone, "name", row.name, f"{known} untrained, any with weights pretrained")
    if folder is None:
        scheduler, (unet, vae, text) = _untrained(ARCHITECTURES[row.name])
    else:
        scheduler, (unet, vae, text) = _from_folder(folder)
    timestep = DEFAULT_TIMESTEP if row.timestep is None else row.timestep
    n_steps = int(scheduler["num_train_timesteps"])
    if timestep >= n_steps:
        refuse(row.backbone, "timestep", timestep, f"0 to {n_steps - 1}")
    length = text.config.max_position_embeddings
    tokens = torch.tensor([[START_TOKEN] + [END_TOKEN] * (length - 1)])
    with torch.no_grad():
        prompt = text.eval()(tokens).last_hidden_state
    signal = signal_share(scheduler, timestep)
    return LatentDiffusion(unet, vae, prompt, signal, timestep, row.seed)


def _untrained(parts: dict[str, dict[str, Any]]) -> tuple[dict[str, Any], tuple[Any, Any, Any]]:
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    unet = UNet2DConditionModel(**parts["unet"])  # type: ignore[no-untyped-call]
    vae = AutoencoderKL(**parts["vae"])  # type: ignore[no-untyped-call]
    text = CLIPTextModel(CLIPTextConfig(**parts["text_encoder"]))
    return parts["scheduler"], (unet, vae, text)


def _from_folder(folder: Path) -> tuple[dict[str, Any], tuple[Any, Any, Any]]:
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextModel

    def part(kind: Any, name: str) -> Any:
        return kind.from_pretrained(
            folder, subfolder=name, local_files_only=True, use_safetensors=True
        )

    scheduler = json.loads((folder / "scheduler" / "scheduler_config.json").read_text())
    kinds = (UNet2DConditionModel, "unet"), (AutoencoderKL, "vae"), (CLIPTextModel, "text_encoder")
    unet, vae, text = (part(kind, name) for kind, name in kinds)
    return scheduler, (unet, vae, text)
