"""Small map of the whole flat hemispheres that marks the part shown."""

from typing import Final

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cortexlens.cortex.flat import OUTSIDE, flat_raster, whole_window
from cortexlens.cortex.meshes import LEFT, RIGHT
from cortexlens.figures.drawing.style import (
    DOTS_PER_INCH,
    FAINT,
    INK,
    SMALL_SIZE,
    axes_at,
    write_at,
)
from cortexlens.figures.maps.flatmaps import FlatSheet, cortex_shade

_WIDTH: Final = 0.72
_GAP: Final = 0.04
_FITTED_GREY: Final = 0.45
# A sheet that shows more than this fraction of the width needs no locator.
_ENOUGH: Final = 0.8


def draw_locator(figure: Figure, left: float, bottom: float, sheet: FlatSheet) -> None:
    """Draw both whole hemispheres with a frame around the part that a sheet shows.

    Parameters
    ----------
    figure
        Figure to draw into.
    left, bottom
        Lower left corner, inches from the upper left corner of the figure.
    sheet
        Sheet of flat maps.
    """
    whole, shown = whole_window(), sheet.sides[LEFT].raster.window
    if shown.right - shown.left > _ENOUGH * (whole.right - whole.left):
        return
    height = _WIDTH * (whole.top - whole.bottom) / (whole.right - whole.left)
    write_at(figure, left, bottom - height - 0.2, "area shown", SMALL_SIZE, color=FAINT)
    for side in (LEFT, RIGHT):
        start = left + side * (_WIDTH + _GAP)
        axes = axes_at(figure, start, bottom - height, _WIDTH, height, bare=True)
        raster = flat_raster(sheet.cortex.space, side, round(height * DOTS_PER_INCH))
        here = sheet.cortex.vertex_index[sheet.cortex.hemisphere == side]
        fitted = np.isin(raster.vertex, here) & (raster.vertex != OUTSIDE)
        window = raster.window
        axes.imshow(
            np.where(fitted, _FITTED_GREY, cortex_shade(raster.depth)),
            extent=(window.left, window.right, window.bottom, window.top),
            aspect="auto",
            interpolation="nearest",
            cmap="gray",
            vmin=0,
            vmax=1,
        )
        frame = sheet.sides[side].raster.window
        axes.add_patch(
            Rectangle(
                (frame.left, frame.bottom),
                frame.right - frame.left,
                frame.top - frame.bottom,
                fill=False,
                edgecolor=INK,
                linewidth=0.5,
                clip_on=False,
            )
        )
