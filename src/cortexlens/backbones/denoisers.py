"""What finds the noise in a latent: diffusers' UNets and transformers behind one call."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import nn

START_TOKEN, END_TOKEN = 49406, 49407  # of CLIP's vocabulary
T5_END, T5_PAD = 1, 0
# The prompt's length that Stable Diffusion 3 fills up for T5, without a mask.
SD3_LENGTH = 256
UNETS = ("UNet2DConditionModel", "UNet2DModel")
TRANSFORMERS = ("DiTTransformer2DModel", "PixArtTransformer2DModel", "SD3Transformer2DModel")


class Denoiser(nn.Module):
    """A network that is shown a latent, a time and the empty prompt.

    Parameters
    ----------
    network
        One of :data:`UNETS` or :data:`TRANSFORMERS`; it lies under the name ``unet`` or
        ``transformer``.
    conditions
        What else it is told, by the names of its arguments, for one picture.
    pixels
        Side of a place of the latent, pixels.
    """

    def __init__(
        self, network: nn.Module, conditions: dict[str, torch.Tensor], pixels: int
    ) -> None:
        super().__init__()
        self.part = "unet" if type(network).__name__ in UNETS else "transformer"
        self.add_module(self.part, network)
        self.told, self.pixels = tuple(conditions), pixels
        for name, value in conditions.items():
            self.register_buffer(name, value)
        if self.part == "transformer":
            self.num_prefix_tokens = 0
        # Its blocks give the prompt's tokens first.
        self.picture_output = int(type(network).__name__ == "SD3Transformer2DModel")

    def forward(
        self, latent: Float[torch.Tensor, "batch latent high wide"], time: float | torch.Tensor
    ) -> Float[torch.Tensor, "batch latent high wide"]:
        """Give the noise, or the velocity, that the network finds.

        Parameters
        ----------
        latent
            Of pictures.
        time
            As the network counts it; a tensor has one for each picture.
        """
        n_images = len(latent)
        told = {
            name: (value := getattr(self, name)).expand(n_images, *value.shape[1:])
            for name in self.told
        }
        network: Any = getattr(self, self.part)
        if type(network).__name__ == "PixArtTransformer2DModel":
            told["added_cond_kwargs"] = self._size(latent)
        times = torch.as_tensor(time, device=latent.device).expand(n_images)
        found: torch.Tensor = network(latent, timestep=times, **told, return_dict=False)[0]
        # Some find a variance besides, in as many channels again.
        return found[:, : latent.shape[1]]

    def _size(self, latent: torch.Tensor) -> dict[str, torch.Tensor | None]:
        """Height, width and their ratio, which the first PixArt of 1024 px is told."""
        if not getattr(self, self.part).config.use_additional_conditions:
            return {"resolution": None, "aspect_ratio": None}
        side = float(latent.shape[-1] * self.pixels)
        resolution = latent.new_full((len(latent), 2), side)
        return {"resolution": resolution, "aspect_ratio": latent.new_ones(len(latent), 1)}


class VaeEncoder(nn.Module):
    """The mean of a VAE's latent, in the units of the denoiser.

    Parameters
    ----------
    vae
        diffusers' ``AutoencoderKL``.
    """

    def __init__(self, vae: nn.Module) -> None:
        super().__init__()
        self.vae = vae

    def forward(
        self, pictures: Float[torch.Tensor, "batch 3 height width"]
    ) -> Float[torch.Tensor, "batch latent high wide"]:
        """Encode pictures from −1 to 1; nothing is drawn at random."""
        vae: Any = self.vae
        shift = getattr(vae.config, "shift_factor", None) or 0.0
        latent: torch.Tensor = vae.encode(pictures).latent_dist.mean
        scaled: torch.Tensor = (latent - shift) * vae.config.scaling_factor
        return scaled


@torch.no_grad()
def empty_prompt(network: nn.Module, texts: Sequence[nn.Module]) -> dict[str, torch.Tensor]:
    """What a network is told where there is no prompt; text encoders are run this once.

    Parameters
    ----------
    network
        As for :class:`Denoiser`.
    texts
        Its text encoders in their order: none for class-conditional and unconditional ones.

    Returns
    -------
    dict
        Argument → value for one picture.
    """
    kind = type(network).__name__
    if kind == "UNet2DModel":
        return {}
    if kind == "DiTTransformer2DModel":
        # The class after the last stands for none.
        return {"class_labels": torch.tensor([network.config.num_embeds_ada_norm])}  # type: ignore[union-attr]
    for text in texts:
        text.eval()
    if kind == "SD3Transformer2DModel":
        return _sd3_prompt(network, texts)
    if kind == "PixArtTransformer2DModel":
        # What fills the prompt up is masked everywhere, so that the end token alone is the same.
        tokens = torch.tensor([[T5_END]])
    else:
        tokens = _clip_tokens(texts[0], END_TOKEN)
    return {"encoder_hidden_states": texts[0](tokens).last_hidden_state}


def _clip_tokens(text: nn.Module, filled_with: int) -> torch.Tensor:
    length = text.config.max_position_embeddings  # type: ignore[union-attr]
    return torch.tensor([[START_TOKEN, END_TOKEN] + [filled_with] * (length - 2)])  # type: ignore[operator]


def _sd3_prompt(network: nn.Module, texts: Sequence[nn.Module]) -> dict[str, torch.Tensor]:
    """Two of CLIP's encoders side by side, T5 after them; without T5 zeros, as its pipeline."""
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
