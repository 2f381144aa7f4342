"""The pool of drawn scenes that the zoo is trained on, decoded once, and cheap augmentation."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor
from torch.nn import functional

from cortexlens.backbones.preprocessing import ZOO_SIZE, zoo_defaults
from cortexlens.errors import CortexlensError
from cortexlens.study.simulation.scenes import read_scenes


@dataclass(frozen=True)
class Pool:
    """Scenes in memory.

    Attributes
    ----------
    pixels
        Red, green, blue, 0 to 255.
    table
        A row a scene, as :func:`cortexlens.study.simulation.scenes.read_scenes` gives it.
    """

    pixels: UInt8[Tensor, "image 3 height width"]
    table: pd.DataFrame

    def __len__(self) -> int:
        return len(self.pixels)

    def part(self, start: int, stop: int) -> "Pool":
        """Scenes ``start`` to ``stop`` (exclusive)."""
        return Pool(self.pixels[start:stop], self.table.iloc[start:stop].reset_index(drop=True))


def read_pool(folder: Path) -> Pool:
    """Decode a folder of drawn scenes.

    Parameters
    ----------
    folder
        Written by the stage ``draw_scenes``, 96 px.

    Returns
    -------
    Pool

    Raises
    ------
    CortexlensError
        If a scene has another size.
    """
    table = read_scenes(folder)
    pixels = np.empty((len(table), ZOO_SIZE, ZOO_SIZE, 3), np.uint8)
    for row, name in enumerate(table["file"]):
        with Image.open(folder / name) as picture:
            if picture.size != (ZOO_SIZE, ZOO_SIZE):
                raise CortexlensError(
                    f"{folder / name}: found {picture.size[0]}×{picture.size[1]} px; the zoo is "
                    f"trained on {ZOO_SIZE}×{ZOO_SIZE}. Draw scenes with --size {ZOO_SIZE}."
                )
            pixels[row] = np.asarray(picture.convert("RGB"))
    return Pool(torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(), table)


def standardise(
    pixels: UInt8[Tensor, "batch 3 height width"],
) -> Float[Tensor, "batch 3 height width"]:
    """Turn pixels into a network's input, as the zoo's preprocessing does."""
    settings = zoo_defaults()
    mean, std = (
        torch.tensor(values).view(3, 1, 1) * 255 for values in (settings.mean, settings.std)
    )
    return (pixels.float() - mean) / std


def jitter(
    inputs: Float[Tensor, "batch 3 height width"], generator: torch.Generator, strength: float = 0.1
) -> Float[Tensor, "batch 3 height width"]:
    """Change every picture's contrast, brightness and tint by a little.

    Parameters
    ----------
    inputs
        Standardised pixels.
    generator
        Source of the random numbers.
    strength
        Standard deviation of the gain of all and of each channel, and of the offset.
    """
    B = len(inputs)
    gain = 1 + strength * torch.randn(B, 1, 1, 1, generator=generator)
    tint = 1 + strength * torch.randn(B, 3, 1, 1, generator=generator)
    offset = strength * torch.randn(B, 1, 1, 1, generator=generator)
    return inputs * (gain * tint) + offset


def recolour(
    inputs: Float[Tensor, "batch 3 height width"], generator: torch.Generator
) -> Float[Tensor, "batch 3 height width"]:
    """Change every picture's tint, contrast and light, mixing its colours a little.

    Without it a picture's mean colour alone tells its views apart from all others, and little else
    need be learnt; with far stronger changes a short training learns nothing at all.

    Parameters
    ----------
    inputs
        Standardised pixels.
    generator
        Source of the random numbers.
    """
    B = len(inputs)
    mix = torch.eye(3) + 0.15 * torch.randn(B, 3, 3, generator=generator)
    contrast = torch.exp(0.2 * torch.randn(B, 1, 1, generator=generator))
    offset = 0.2 * torch.randn(B, 3, 1, 1, generator=generator)
    return torch.einsum("bdc,bchw->bdhw", mix * contrast, inputs) + offset


def random_crop(
    inputs: Float[Tensor, "batch 3 height width"],
    generator: torch.Generator,
    area: tuple[float, float],
) -> Float[Tensor, "batch 3 height width"]:
    """Cut a random window out of every picture, mirror half of them, resize to the full size.

    Parameters
    ----------
    inputs
        Standardised pixels.
    generator
        Source of the random numbers.
    area
        Least and greatest part of the picture's area in the window, 0 to 1.
    """
    B = len(inputs)
    least, greatest = area
    side = (least + (greatest - least) * torch.rand(B, generator=generator)).sqrt()
    stretch = torch.exp(0.15 * torch.randn(B, 2, generator=generator))
    extent = (side[:, None] * stretch).clamp(max=1)
    centre = (1 - extent) * (2 * torch.rand(B, 2, generator=generator) - 1)
    mirror = 1 - 2 * torch.randint(0, 2, (B,), generator=generator)
    theta = torch.zeros(B, 2, 3)
    theta[:, 0, 0] = extent[:, 0] * mirror
    theta[:, 1, 1] = extent[:, 1]
    theta[:, :, 2] = centre
    grid = functional.affine_grid(theta, list(inputs.shape), align_corners=False)
    return functional.grid_sample(
        inputs, grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )
