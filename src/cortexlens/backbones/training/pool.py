"""The pool of drawn scenes that the zoo is trained on, in memory, and cheap augmentation."""

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
        One row per scene, as from :func:`cortexlens.study.simulation.scenes.read_scenes`.
    """

    pixels: UInt8[Tensor, "image 3 height width"]
    table: pd.DataFrame

    def __len__(self) -> int:
        return len(self.pixels)

    def part(self, start: int, stop: int) -> "Pool":
        """Scenes ``start`` to ``stop`` (excluded)."""
        return Pool(self.pixels[start:stop], self.table.iloc[start:stop].reset_index(drop=True))


def read_pool(folder: Path) -> Pool:
    """Read a folder of drawn scenes into memory.

    Parameters
    ----------
    folder
        Folder written by the stage ``draw_scenes``, with scenes of 96 px.

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
    """Convert pixels to a network's input, like the zoo's preprocessing."""
    settings = zoo_defaults()
    mean, std = (
        torch.tensor(values).view(3, 1, 1) * 255 for values in (settings.mean, settings.std)
    )
    return (pixels.float() - mean) / std


def jitter(
    inputs: Float[Tensor, "batch 3 height width"], generator: torch.Generator, strength: float = 0.1
) -> Float[Tensor, "batch 3 height width"]:
    """Slightly change the contrast, brightness and tint of each image at random.

    Parameters
    ----------
    inputs
        Standardised pixels.
    generator
        Generator of the random changes.
    strength
        Standard deviation of the common gain, of the gain of each channel, and of the offset.
    """
    B = len(inputs)
    gain = 1 + strength * torch.randn(B, 1, 1, 1, generator=generator)
    tint = 1 + strength * torch.randn(B, 3, 1, 1, generator=generator)
    offset = strength * torch.randn(B, 1, 1, 1, generator=generator)
    return inputs * (gain * tint) + offset


def recolour(
    inputs: Float[Tensor, "batch 3 height width"], generator: torch.Generator
) -> Float[Tensor, "batch 3 height width"]:
    """Change the tint, contrast and brightness of each image at random, and mix its colours.

    Without it, the mean colour of an image is enough to recognise its other view, and little else
    is learnt; with much stronger changes, a short training learns nothing.

    Parameters
    ----------
    inputs
        Standardised pixels.
    generator
        Generator of the random changes.
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
    """Crop a random window of each image, mirror half of them, and resize to the full size.

    Parameters
    ----------
    inputs
        Standardised pixels.
    generator
        Generator of the windows.
    area
        Smallest and largest fraction of the image's area in the window, 0 to 1.
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
