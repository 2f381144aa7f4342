"""Denoisers: UNets and transformers of diffusers behind a common interface."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import nn

START_TOKEN, END_TOKEN = 49406, 49407  # of CLIP's vocabulary
T5_END, T5_PAD = 1, 0
# Length to which Stable Diffusion 3 pads prompts for T5, without a mask.
SD3_LENGTH = 256
UNETS = ("UNet2DConditionModel", "UNet2DModel")
TRANSFORMERS = ("DiTTransformer2DModel", "PixArtTransformer2DModel", "SD3Transformer2DModel")


class Denoiser(nn.Module):
    """A denoising network, called with a latent and a time, conditioned on the empty prompt.

    Parameters
    ----------
    network
        One of :data:`UNETS` or :data:`TRANSFORMERS`; registered as ``unet`` or ``transformer``.
    conditions
        Further arguments of its forward pass, by name, for one image.
    pixels
        Side of a latent position in pixels.
    """

    def __init__(
        self, network: nn.Module, conditions: dict[str, torch.Tensor], pixels: int
    ) -> None:
        super().__init__()
        self.part = "unet" if type(network).__name__ in UNETS else "transformer"
        self.add_module(self.part, network)
        self.conditions, self.pixels = tuple(conditions), pixels
        for name, value in conditions.items():
            self.register_buffer(name, value)
        if self.part == "transformer":
            self.num_prefix_tokens = 0
        # blocks of Stable Diffusion 3 return the prompt's tokens first, then the image's
        self.picture_output = int(type(network).__name__ == "SD3Transformer2DModel")

    def forward(
        self, latent: Float[torch.Tensor, "batch latent high wide"], time: float | torch.Tensor
    ) -> Float[torch.Tensor, "batch latent high wide"]:
        """Return the noise, or the velocity, that the network predicts.

        Parameters
        ----------
        latent
            Latents of images.
        time
            Time in the network's units; a tensor holds one value per image.
        """
        n_images = len(latent)
        conditions = {
            name: (value := getattr(self, name)).expand(n_images, *value.shape[1:])
            for name in self.conditions
        }
        network: Any = getattr(self, self.part)
        if type(network).__name__ == "PixArtTransformer2DModel":
            conditions["added_cond_kwargs"] = self._size(latent)
        times = torch.as_tensor(time, device=latent.device).expand(n_images)
        found: torch.Tensor = network(latent, timestep=times, **conditions, return_dict=False)[0]
        # some networks also predict a variance, in further channels
        return found[:, : latent.shape[1]]

    def _size(self, latent: torch.Tensor) -> dict[str, torch.Tensor | None]:
        """Height, width and aspect ratio, which PixArt networks for 1024 px take as input."""
        if not getattr(self, self.part).config.use_additional_conditions:
            return {"resolution": None, "aspect_ratio": None}
        side = float(latent.shape[-1] * self.pixels)
        resolution = latent.new_full((len(latent), 2), side)
        return {"resolution": resolution, "aspect_ratio": latent.new_ones(len(latent), 1)}


class VaeEncoder(nn.Module):
    """The mean of a VAE's latent distribution, in the denoiser's units.

    Parameters
    ----------
    vae
        ``AutoencoderKL`` of diffusers.
    """

    def __init__(self, vae: nn.Module) -> None:
        super().__init__()
        self.vae = vae

    def forward(
        self, pictures: Float[torch.Tensor, "batch 3 height width"]
    ) -> Float[torch.Tensor, "batch latent high wide"]:
        """Encode images with pixels from −1 to 1, without sampling."""
        vae: Any = self.vae
        shift = getattr(vae.config, "shift_factor", None) or 0.0
        latent: torch.Tensor = vae.encode(pictures).latent_dist.mean
        scaled: torch.Tensor = (latent - shift) * vae.config.scaling_factor
        return scaled


@torch.no_grad()
def empty_prompt(network: nn.Module, texts: Sequence[nn.Module]) -> dict[str, torch.Tensor]:
    """Compute the conditions of a network for the empty prompt; runs text encoders once.

    Parameters
    ----------
    network
        As for :class:`Denoiser`.
    texts
        Its text encoders in order; none for class-conditional and unconditional networks.

    Returns
    -------
    dict
        Name of the argument → value for one image.
    """
    kind = type(network).__name__
    if kind == "UNet2DModel":
        return {}
    if kind == "DiTTransformer2DModel":
        # the index after the last class means no class
        return {"class_labels": torch.tensor([network.config.num_embeds_ada_norm])}  # type: ignore[union-attr]
    for text in texts:
        text.eval()
    if kind == "SD3Transformer2DModel":
        return _sd3_prompt(network, texts)
    if kind == "PixArtTransformer2DModel":
        # padding is masked everywhere, so the end token alone gives the same result
        tokens = torch.tensor([[T5_END]])
    else:
        tokens = _clip_tokens(texts[0], END_TOKEN)
    return {"encoder_hidden_states": texts[0](tokens).last_hidden_state}


def _clip_tokens(text: nn.Module, filled_with: int) -> torch.Tensor:
    length = text.config.max_position_embeddings  # type: ignore[union-attr]
    return torch.tensor([[START_TOKEN, END_TOKEN] + [filled_with] * (length - 2)])  # type: ignore[operator]


def _sd3_prompt(network: nn.Module, texts: Sequence[nn.Module]) -> dict[str, torch.Tensor]:
    """Embeddings of two CLIP encoders side by side, then those of T5 (zeros without T5)."""
    hidden, pooled = [], []
    for text, filled_with in zip(texts[:2], (END_TOKEN, 0), strict=True):
        given = text(_clip_tokens(text, filled_with), output_hidden_states=True)
        hidden.append(given.hidden_states[-2])
        pooled.append(given.text_embeds)
    width: int = network.config.joint_attention_dim  # type: ignore[union-attr, assignment]
    side = torch.cat(hidden, -1)
    side = nn.functional.pad(side, (0, width - side.shape[-1]))
    if len(texts) > 2:
        tokens = torch.tensor([[T5_END] + [T5_PAD] * (SD3_LENGTH - 1)])
        after = texts[2](tokens).last_hidden_state
    else:
        after = side.new_zeros(1, SD3_LENGTH, width)
    return {
        "encoder_hidden_states": torch.cat([side, after], 1),
        "pooled_projections": torch.cat(pooled, -1),
    }
