"""Film strips: unit activity of each layer for single images, on the vertices that match units."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from PIL import Image

from cortexlens.figures.drawing.colours import CHANGES
from cortexlens.figures.drawing.keys import draw_bar, shortened
from cortexlens.figures.drawing.panels import mapped_rgb, opaque
from cortexlens.figures.drawing.small_maps import draw_small, sheet_height, small_sheet
from cortexlens.figures.drawing.style import (
    FAINT,
    SMALL_SIZE,
    axes_at,
    house_style,
    new_figure,
    write_at,
)
from cortexlens.figures.drawing.titles import HEAD, write_head
from cortexlens.figures.maps.fits import DrawnFit
from cortexlens.figures.maps.flatmaps import FlatSheet
from cortexlens.figures.maps.slices import SliceSheet

TITLE: Final = "What the cortex would see"
# Largest number of layers in a strip; evenly spaced if a network has more.
MOST_LAYERS: Final = 12
_PICTURE: Final = 1.1
_CELL: Final = (2.3, 1.7)
_GAP: Final = 0.16
_EDGE: Final = 0.25
_NAME: Final = 0.24
_FOOT: Final = 0.3
_KEY: Final = 1.5
_LABEL_SIZE: Final = 3.8
_POINT: Final = 3.0


class Strip(NamedTuple):
    """One image of a film.

    Attributes
    ----------
    picture
        The image.
    name, note
        Text below it: its id, and whether it is a test image.
    projected
        For each layer that is drawn, z-scored values at the vertices.
    measured
        Response, also z-scored.
    correlation
        Correlation of each layer with the response.
    """

    picture: Image.Image
    name: str
    note: str
    projected: Float[np.ndarray, "layer vertex"]
    measured: Float[np.ndarray, "vertex"]
    correlation: Float[np.ndarray, "layer"]


def shown_layers(n_layers: int) -> list[int]:
    """Layers of a strip: all, or :data:`MOST_LAYERS` from the first to the last."""
    spread = np.linspace(0, n_layers - 1, min(n_layers, MOST_LAYERS))
    return [int(layer) for layer in spread.round()]


def film_figure(drawn: DrawnFit, names: Sequence[str], strips: Sequence[Strip]) -> Figure:
    """Draw images as rows and layers as columns, with the measured response last, on one scale.

    Parameters
    ----------
    drawn
        Dictionary, from :func:`cortexlens.sae.levels.as_fit`, for its layout and title.
    names
        Names of the layers of each strip.
    strips
        The images.

    Returns
    -------
    Figure
        On the cortex or on two slices of a volume; if there is neither, activation against
        response.
    """
    sheet = small_sheet(drawn, _CELL, _LABEL_SIZE)
    cell = _CELL[0], _height(sheet)
    down = max(cell[1], _PICTURE) + _FOOT
    key_left = _EDGE + _PICTURE + _GAP + (len(names) + 1) * (cell[0] + _GAP)
    highest = scale_end(strips)
    with house_style():
        figure = new_figure(key_left + _KEY, HEAD + _NAME + max(len(strips) * down, 2.6))
        write_head(figure, TITLE, drawn)
        for column, name in enumerate([*map(shortened, names), "measured"]):
            left = _EDGE + _PICTURE + _GAP + column * (cell[0] + _GAP)
            write_at(figure, left, HEAD, name, fontweight="bold")
        for row, strip in enumerate(strips):
            _draw_strip(figure, HEAD + _NAME + row * down, strip, sheet, highest)
        note = "relative to training images;\nr: with the measured\nresponse, across vertices"
        draw_bar(
            figure, key_left, HEAD, "standard deviations", CHANGES, highest, note, 1.5, -highest
        )
        return figure


def scale_end(strips: Sequence[Strip]) -> float:
    """End of the scale: nearly the largest absolute value of any cell, a multiple of a half."""
    values = np.concatenate(
        [np.abs(np.append(strip.projected.ravel(), strip.measured)) for strip in strips]
    )
    known = values[~np.isnan(values)]
    highest = float(np.percentile(known, 98)) if known.size else 1.0
    return max(0.5, float(np.ceil(2 * highest - 1e-6)) / 2)


def _height(sheet: FlatSheet | SliceSheet | None) -> float:
    return _CELL[1] if sheet is None else sheet_height(sheet)


def _draw_strip(
    figure: Figure,
    top: float,
    strip: Strip,
    sheet: FlatSheet | SliceSheet | None,
    highest: float,
) -> None:
    """Draw one image: the image itself, layers, response, and the text below each."""
    picture = axes_at(figure, _EDGE, top, _PICTURE, _PICTURE, bare=True)
    picture.imshow(np.asarray(strip.picture.convert("RGB")), aspect="auto")
    caption = f"{shortened(strip.name)}\n{strip.note}"
    write_at(figure, _EDGE, top + _PICTURE + 0.03, caption, SMALL_SIZE, color=FAINT)
    below = top + _height(sheet) + 0.03
    columns = [*strip.projected, strip.measured]
    for column, values in enumerate(columns):
        left = _EDGE + _PICTURE + _GAP + column * (_CELL[0] + _GAP)
        _cell(figure, left, top, values, strip.measured, sheet, highest)
        if column < len(strip.correlation):
            found = strip.correlation[column]
            text = "r unknown" if np.isnan(found) else f"r = {found:.2f}".replace("-", "−")
            write_at(figure, left, below, text, SMALL_SIZE, color=FAINT)


def _cell(
    figure: Figure,
    left: float,
    top: float,
    values: Float[np.ndarray, "vertex"],
    measured: Float[np.ndarray, "vertex"],
    sheet: FlatSheet | SliceSheet | None,
    highest: float,
) -> None:
    """Draw one layer, or the response, with the upper left corner at a position in inches."""
    rgba = opaque(mapped_rgb(values + highest, CHANGES, 2 * highest))
    if sheet is not None:
        draw_small(figure, left, top, sheet, rgba)
    else:
        axes = axes_at(figure, left + 0.25, top, _CELL[0] - 0.3, _CELL[1] - 0.35)
        # Outline the dots, because colours of small values are nearly white.
        axes.scatter(values, measured, s=_POINT, c=rgba, edgecolors=FAINT, linewidths=0.2)
        axes.set_xlim(-highest, highest)
        axes.set_ylim(-highest, highest)
