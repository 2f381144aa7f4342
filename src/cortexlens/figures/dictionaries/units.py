"""Sheet of units, one row per region: top images, where the unit is active, and cortex."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.figure import Figure
from PIL import Image

from cortexlens.figures.drawing.colours import SCORES
from cortexlens.figures.drawing.keys import draw_bar, score_top, shortened
from cortexlens.figures.drawing.panels import mapped_rgb, opaque
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
from cortexlens.figures.maps.cortex import PAIR_GAP, draw_pair
from cortexlens.figures.maps.fits import DrawnFit
from cortexlens.figures.maps.flatmaps import flat_sheet, shown_window

_CELL: Final = 0.95
_GAP: Final = 0.05
_ROW: Final = 1.2
_NAMES: Final = 1.6
_EDGE: Final = 0.25
_SIDE: Final = (0.62, 1.05)
_MAP_GAP: Final = 0.25
_KEY: Final = 1.35
_FOOT: Final = 0.45
_LABEL: Final = 5.0
# Brightness of an image where the unit is not active, and its size in pixels.
_DARK: Final = 0.25
_PIXELS: Final = 160


class DrawnUnit(NamedTuple):
    """A row of the sheet.

    Attributes
    ----------
    roi
        Region whose vertices choose the unit.
    notes
        Lines of small print below its name.
    names, pictures
        Ids of the top images, and the images.
    active
        Activation of the unit at each location of each image, at least 0.
    of_vertex
        Similarity of each vertex of the drawn fit to the unit.
    """

    roi: str
    notes: Sequence[str]
    names: Sequence[str]
    pictures: Sequence[Image.Image]
    active: Float[np.ndarray, "picture row column"]
    of_vertex: Float[np.ndarray, " vertex"]


def lit(
    picture: Image.Image, active: Float[np.ndarray, "row column"], highest: float
) -> UInt8[np.ndarray, "pixel pixel rgb"]:
    """Image that is dark where a unit is not active, and unchanged where it is most active.

    Parameters
    ----------
    picture
        Image, shown as a square as networks see it.
    active
        Activation, at least 0, on a grid over the image.
    highest
        Activation that is shown in full brightness.
    """
    size = (_PIXELS, _PIXELS)
    pixels = np.asarray(picture.convert("RGB").resize(size, Image.Resampling.BILINEAR), np.float32)
    share = np.clip(active / max(highest, 1e-12), 0, 1).astype(np.float32)
    smooth = np.asarray(Image.fromarray(share).resize(size, Image.Resampling.BILINEAR))
    return np.rint(pixels * (_DARK + (1 - _DARK) * smooth[:, :, None])).astype(np.uint8)


def unit_sheet(fit: DrawnFit, units: Sequence[DrawnUnit], likeness: str, foot: str) -> Figure:
    """Draw units of regions, one per row.

    Parameters
    ----------
    fit
        Dictionary; without a cortex there are no maps.
    units
        At least one.
    likeness
        Name of the similarity in the maps, for their key.
    foot
        Text that explains the brightness of the images.
    """
    columns = max(len(unit.pictures) for unit in units)
    maps = _EDGE + _NAMES + columns * (_CELL + _GAP) + _MAP_GAP
    width = maps + (2 * _SIDE[0] + PAIR_GAP + _KEY if fit.cortex is not None else 0)
    top_score = score_top(np.concatenate([unit.of_vertex for unit in units]))
    with house_style():
        figure = new_figure(width, HEAD + len(units) * _ROW + _FOOT)
        write_at(figure, _EDGE, 0.14, "Units of regions", TITLE_SIZE, fontweight="bold")
        whose = f"{fit.backbone}  ·  subject {fit.subject}"
        write_at(figure, _EDGE, 0.38, whose, TEXT_SIZE, color=FAINT)
        for number, unit in enumerate(units):
            top = HEAD + number * _ROW
            _draw_words(figure, top, unit)
            _draw_pictures(figure, top, unit)
            if fit.cortex is not None:
                _draw_map(
                    figure, maps, top, replace(fit, regions=_own(fit, unit.roi)), unit, top_score
                )
        if fit.cortex is not None:
            key = maps + 2 * _SIDE[0] + PAIR_GAP + 0.3
            draw_bar(figure, key, HEAD, likeness, SCORES, top_score, "test images", height=1.2)
        write_at(figure, _EDGE, HEAD + len(units) * _ROW + 0.1, foot, SMALL_SIZE)
        return figure


def _own(fit: DrawnFit, roi: str) -> dict[str, np.ndarray]:
    """The region of a row only, so that its outline is visible in a small map."""
    return {name: mask for name, mask in fit.regions.items() if name == roi}


def _draw_words(figure: Figure, top: float, unit: DrawnUnit) -> None:
    write_at(figure, _EDGE, top + 0.08, shortened(unit.roi, 18), fontweight="bold")
    for line, note in enumerate(unit.notes):
        write_at(figure, _EDGE, top + 0.28 + 0.14 * line, note, SMALL_SIZE, color=FAINT)


def _draw_pictures(figure: Figure, top: float, unit: DrawnUnit) -> None:
    highest = float(unit.active.max(initial=0))
    shown = zip(unit.names, unit.pictures, unit.active, strict=True)
    for column, (name, picture, active) in enumerate(shown):
        left = _EDGE + _NAMES + column * (_CELL + _GAP)
        axes = axes_at(figure, left, top, _CELL, _CELL, bare=True)
        axes.imshow(lit(picture, active, highest), interpolation="nearest", aspect="auto")
        below = top + _CELL + 0.02
        write_at(figure, left, below, shortened(name, 14), SMALL_SIZE - 1, color=FAINT)


def _draw_map(
    figure: Figure, left: float, top: float, fit: DrawnFit, unit: DrawnUnit, top_score: float
) -> None:
    assert fit.cortex is not None
    sheet = flat_sheet(fit, shown_window([fit.cortex]), *_SIDE, label_size=_LABEL)
    colours = opaque(mapped_rgb(unit.of_vertex, SCORES, top_score))
    draw_pair(figure, left, top, sheet, colours, small=True)
