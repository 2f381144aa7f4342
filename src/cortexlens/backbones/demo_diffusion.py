"""The demo zoo's diffusion network: a small UNet on linear codes of image patches.

In place of a VAE, its encoder computes the first principal components of patches of 8 × 8 px,
divided by a common factor so that their mean variance is 1.
"""

from typing import Any, Final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cortexlens.backbones.denoisers import Denoiser
from cortexlens.backbones.inversion import Inversion, NoiseAscent

PATCH: Final = 8
CODES: Final = 16
SIZE: Final = 96
UNET: Final[dict[str, Any]] = {
    "sample_size": SIZE // PATCH,
    "in_channels": CODES,
    "out_channels": CODES,
    "block_out_channels": (32, 64, 64),
    "down_block_types": ("DownBlock2D",) * 3,
    "up_block_types": ("UpBlock2D",) * 3,
    "layers_per_block": 1,
    "norm_num_groups": 8,
}
SCHEDULER: Final[dict[str, Any]] = {
    "beta_start": 0.0001,
    "beta_end": 0.02,
    "beta_schedule": "linear",
    "num_train_timesteps": 1000,
}
DEFAULT_STEPS: Final = 10


class PatchEncoder(nn.Module):
    """Linear code of every patch; its weights are random until :meth:`learn` is called."""

    def __init__(self) -> None:
        super().__init__()
        self.project = nn.Conv2d(3, CODES, PATCH, stride=PATCH)

    def forward(
        self, pictures: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch code high wide"]:
        """Encode standardised images."""
        codes: Tensor = self.project(pictures)
        return codes

    @torch.no_grad()
    def learn(self, pictures: Float[Tensor, "batch 3 height width"]) -> None:
        """Set the weights to the principal components of the patches of standardised images."""
        patches = nn.functional.unfold(pictures, PATCH, stride=PATCH).transpose(1, 2).flatten(0, 1)
        mean = patches.mean(0)
        values, vectors = torch.linalg.eigh(torch.cov(patches.T))
        chosen = vectors[:, -CODES:].T.flip(0)
        # the sign of a component is arbitrary; fix it
        chosen = chosen * chosen.sum(1, keepdim=True).sign()
        chosen = chosen / values[-CODES:].mean().sqrt()
        self.project.weight.copy_(chosen.view_as(self.project.weight))
        self.project.bias.copy_(-chosen @ mean)  # type: ignore[union-attr]


def build(n_steps: int = DEFAULT_STEPS) -> Inversion:
    """Build the untrained network.

    Parameters
    ----------
    n_steps
        Number of steps of its inversion.
    """
    from diffusers import UNet2DModel

    unet: Any = UNet2DModel(**UNET)  # type: ignore[no-untyped-call]
    ascent = NoiseAscent(SCHEDULER, n_steps)
    return Inversion(Denoiser(unet, {}, PATCH), PatchEncoder(), ascent, SIZE)
