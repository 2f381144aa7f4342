"""Latent diffusion networks as networks that take pictures: one step of denoising."""

from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import nn

DEFAULT_TIMESTEP = 500
# Noise that every picture gets, so that pictures and not noise make the difference.
NOISE_SEED = 0
SIDE = 512


class DiffusionStep(nn.Module):
    """One forward pass of a latent diffusion network on a noised picture, without a prompt.

    The picture is encoded to the mean of its latent, scaled as the network was trained, and noised
    to ``timestep`` by its scheduler with noise that is the same for all pictures. The text is the
    empty prompt's embedding. Blocks of ``unet`` are the layers.

    Parameters
    ----------
    unet, vae, scheduler
        As diffusers builds them.
    prompt
        Embedding of the empty prompt, (1, word, number).
    timestep
        From 0, nearly without noise, to the scheduler's number of training steps less 1.
    """

    noise: torch.Tensor
    prompt: torch.Tensor

    def __init__(
        self,
        unet: Any,
        vae: Any,
        scheduler: Any,
        prompt: Float[torch.Tensor, "1 word number"],
        timestep: int,
    ) -> None:
        super().__init__()
        self.unet, self.vae, self.scheduler, self.timestep = unet, vae, scheduler, timestep
        self.register_buffer("prompt", prompt)

    def forward(
        self, pictures: Float[torch.Tensor, "batch 3 height width"]
    ) -> Float[torch.Tensor, "batch channel row column"]:
        """Predict the noise of pictures, from −1 to 1; of interest are the blocks on the way."""
        latent = self.vae.encode(pictures).latent_dist.mean * self.vae.config.scaling_factor
        generator = torch.Generator().manual_seed(NOISE_SEED)
        noise = torch.randn(latent.shape[1:], generator=generator).to(latent).expand_as(latent)
        step = torch.full((len(latent),), self.timestep, device=latent.device)
        noised = self.scheduler.add_noise(latent, noise, step)
        prompt = self.prompt.expand(len(latent), -1, -1)
        predicted: torch.Tensor = self.unet(
            noised, step, encoder_hidden_states=prompt, return_dict=False
        )[0]
        return predicted


def load_diffusion(folder: Path, timestep: int) -> DiffusionStep:
    """Load a diffusion network from a folder in diffusers' layout.

    Parameters
    ----------
    folder
        With ``unet``, ``vae``, ``text_encoder``, ``tokenizer`` and ``scheduler``.
    timestep
        As for :class:`DiffusionStep`.
    """
    from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
    from transformers import CLIPTextModel, CLIPTokenizer

    known: dict[str, Any] = {"local_files_only": True, "use_safetensors": True}
    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)
    encoder = CLIPTextModel.from_pretrained(folder / "text_encoder", **known).eval()
    words = tokenizer("", padding="max_length", return_tensors="pt").input_ids
    with torch.no_grad():
        prompt = encoder(words).last_hidden_state
    return DiffusionStep(
        UNet2DConditionModel.from_pretrained(folder / "unet", **known),
        AutoencoderKL.from_pretrained(folder / "vae", **known),
        DDIMScheduler.from_pretrained(folder / "scheduler", local_files_only=True),
        prompt,
        timestep,
    )


def untrained_diffusion(timestep: int) -> DiffusionStep:
    """Build Stable Diffusion 1's architecture with random weights and a random prompt."""
    from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel

    unet = UNet2DConditionModel(cross_attention_dim=768, sample_size=SIDE // 8)
    vae = AutoencoderKL(
        block_out_channels=(128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        sample_size=SIDE,
    )
    scheduler = DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False
    )
    return DiffusionStep(unet, vae, scheduler, torch.randn(1, 77, 768), timestep)
