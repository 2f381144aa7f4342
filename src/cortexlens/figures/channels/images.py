"""Sheet of images as regions represent them: regions as rows, images as columns."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from PIL import Image

from cortexlens.figures.drawing.keys import shortened
from cortexlens.figures.drawing.style import (
    FAINT,
    SMALL_SIZE,
    TEXT_SIZE,
    TITLE_SIZE,
    axes_at,
    house_style,
    new_figure,
    write_at,
)
from cortexlens.figures.drawing.titles import HEAD

_CELL: Final = 0.95
_GAP: Final = 0.05
_NAMES: Final = 1.3
_EDGE: Final = 0.25
_FOOT: Final = 0.5
_MIN_WIDTH: Final = 5.6


def channel_sheet(
    whose: str,
    pictures: Mapping[str, Image.Image],
    painted: Mapping[str, Float[np.ndarray, "image row column component"]],
    notes: Mapping[str, Sequence[str]],
) -> Figure:
    """Draw images and, below them, three components of each region's channels as colours.

    Parameters
    ----------
    whose
        Network and subject, for the title.
    pictures
        Id → image.
    painted
        Region → colours of each image's tokens.
    notes
        Region → lines of small print below its name.

    Returns
    -------
    Figure
    """
    step = _CELL + _GAP
    width = max(_MIN_WIDTH, 2 * _EDGE + _NAMES + len(pictures) * step)
    with house_style():
        figure = new_figure(width, HEAD + (1 + len(painted)) * step + _FOOT)
        write_at(figure, _EDGE, 0.14, "Channel images", TITLE_SIZE, fontweight="bold")
        write_at(figure, _EDGE, 0.38, whose, TEXT_SIZE, color=FAINT)
        for column, (name, picture) in enumerate(pictures.items()):
            left = _EDGE + _NAMES + column * step
            _show(figure, left, HEAD, np.asarray(picture.convert("RGB")))
            below = HEAD + (1 + len(painted)) * step
            write_at(figure, left, below, shortened(name, 12), SMALL_SIZE, color=FAINT)
        for row, (region, colours) in enumerate(painted.items(), 1):
            top = HEAD + row * step
            write_at(figure, _EDGE, top + 0.1, region, fontweight="bold")
            for line, note in enumerate(notes[region]):
                write_at(figure, _EDGE, top + 0.3 + 0.14 * line, note, SMALL_SIZE, color=FAINT)
            for column in range(len(pictures)):
                _show(figure, _EDGE + _NAMES + column * step, top, colours[column])
        foot = "red, green, blue: three components of the region's channel selectors"
        write_at(figure, _EDGE, HEAD + (1 + len(painted)) * step + 0.22, foot, SMALL_SIZE)
        return figure


def _show(figure: Figure, left: float, top: float, pixels: np.ndarray) -> None:
    """Show pixels as a square, because networks see images as squares too."""
    axes = axes_at(figure, left, top, _CELL, _CELL, bare=True)
    axes.imshow(pixels, interpolation="nearest", aspect="auto")
