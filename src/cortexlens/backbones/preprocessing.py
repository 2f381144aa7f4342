"""Preprocessing of images for a network: size, colours and statistics."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image

from cortexlens.backbones.row import BackboneRow, refuse
from cortexlens.study.pictures.files import BACKDROP
from cortexlens.study.pictures.frames import SQUASH, window_scale

RESAMPLING = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}
ZOO_SIZE = 96


@dataclass(frozen=True)
class Preprocessing:
    """Converts an image to a network's input.

    Parameters
    ----------
    input_size
        Side of the square in pixels. A square image is shown completely, so that positions in the
        image and in the tokens correspond; the centre zoom of some libraries (``crop_pct``) is not
        applied.
    mean, std
        Statistics per channel, in units of ``pixel_range`` and in the order of ``channel_order``.
    channel_order
        ``RGB`` or ``BGR``.
    pixel_range
        Largest pixel value before ``mean`` is subtracted: 1 or 255.
    interpolation
        ``bicubic`` or ``bilinear``; antialiased if the image is reduced.
    fit
        For non-square images: ``squash`` resizes the whole image to the square, ``crop`` takes the
        largest centred square, ``pad`` keeps the aspect ratio and fills with the grey of an
        experiment's screen.
    """

    input_size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    channel_order: str = "RGB"
    pixel_range: int = 1
    interpolation: str = "bicubic"
    fit: str = SQUASH

    def square(self, picture: Image.Image) -> Image.Image:
        """Bring an image to the network's input size as an RGB image, according to ``fit``."""
        picture, side = picture.convert("RGB"), self.input_size
        x, y = window_scale(self.fit, *picture.size)
        resampling = RESAMPLING[self.interpolation]
        if max(x, y) <= 1:
            # fractional edges: an odd number of pixels is cropped equally on both sides
            left, top = picture.width * (1 - x) / 2, picture.height * (1 - y) / 2
            box = (left, top, picture.width - left, picture.height - top)
            return picture.resize((side, side), resampling, box=box)
        # equal numbers of whole pixels on both sides keep the image centred
        edges = [min(round(side * (1 - 1 / factor) / 2), (side - 1) // 2) for factor in (x, y)]
        inner = picture.resize((side - 2 * edges[0], side - 2 * edges[1]), resampling)
        padded = Image.new("RGB", (side, side), BACKDROP)
        padded.paste(inner, (edges[0], edges[1]))
        return padded

    def __call__(self, picture: Image.Image) -> Float[torch.Tensor, "3 height width"]:
        """Resize, reorder and standardise an image."""
        picture = self.square(picture)
        pixels = np.asarray(picture, dtype=np.float32) / (255 / self.pixel_range)
        if self.channel_order == "BGR":
            pixels = pixels[..., ::-1]
        scaled = (pixels - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        return torch.from_numpy(np.ascontiguousarray(scaled.transpose(2, 0, 1)))

    def description(self) -> dict[str, Any]:
        """All settings as JSON values."""
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in asdict(self).items()
        }


def resolve(row: BackboneRow, library: Preprocessing | None) -> Preprocessing:
    """Fill the empty cells of a row with the library's preprocessing of the network.

    Parameters
    ----------
    row
        The row; its filled cells take precedence.
    library
        The library's own preprocessing (0 to 1, RGB). None for source ``python``, where nothing is
        known, so the cells must be filled, except for ``fit``, which defaults to ``squash``.

    Returns
    -------
    Preprocessing

    Raises
    ------
    CortexlensError
        If an empty cell has no default.
    """
    if library is None:
        if row.input_size is None or row.mean is None or row.std is None:
            missing = next(c for c in ("input_size", "mean", "std") if getattr(row, c) is None)
            refuse(row.backbone, missing, "", f"a value: source {row.source} has no default")
        library = Preprocessing(row.input_size, row.mean, row.std)
    if row.mean is None and (row.channel_order, row.pixel_range) != ("RGB", 1):
        refuse(
            row.backbone, "mean", "", f"a value for {row.channel_order} from 0 to {row.pixel_range}"
        )
    return replace(
        library,
        input_size=row.input_size or library.input_size,
        mean=row.mean or library.mean,
        std=row.std or library.std,
        interpolation=row.interpolation or library.interpolation,
        fit=row.fit or library.fit,
        channel_order=row.channel_order,
        pixel_range=row.pixel_range,
    )


def zoo_defaults() -> Preprocessing:
    """Preprocessing of the demo networks: 96 px, pixels from −1 to 1."""
    return Preprocessing(ZOO_SIZE, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
