"""Maps of a fit on the flat cortex: layer, space, scale, R², and size if known."""

from collections.abc import Collection
from typing import Final

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from cortexlens.cortex.flat import whole_window
from cortexlens.cortex.meshes import LEFT, RIGHT
from cortexlens.figures.drawing.locator import draw_locator
from cortexlens.figures.drawing.panels import Panel, map_panels, map_title, maps_of
from cortexlens.figures.drawing.style import axes_at, house_style, new_figure
from cortexlens.figures.drawing.titles import HEAD, write_head
from cortexlens.figures.maps.fits import DrawnFit
from cortexlens.figures.maps.flatmaps import (
    FlatSheet,
    draw_side,
    flat_sheet,
    name_side,
    shown_window,
)

_MAX_SIDE: Final = (3.1, 4.0)
_EDGE: Final = 0.25
PAIR_GAP: Final = 0.12
_FOOT: Final = 0.3
_KEY_GAP: Final = 0.3
_KEY_WIDTH: Final = 1.75
_INNER_KEY_WIDTH: Final = 1.25
_KEY_HEIGHT: Final = 3.0


def map_figures(
    fit: DrawnFit, *, whole: bool = False, only: Collection[str] | None = None
) -> dict[str, Figure]:
    """Draw the maps of a fit.

    Parameters
    ----------
    fit
        Fit with a cortex.
    whole
        Whether to show whole hemispheres rather than the part that contains the vertices.
    only
        Which of :func:`~cortexlens.figures.drawing.panels.maps_of`; None: all that the fit has.

    Returns
    -------
    dict
        Name → figure.
    """
    assert fit.cortex is not None
    window = whole_window() if whole else shown_window([fit.cortex])
    sheet = flat_sheet(fit, window, *_MAX_SIDE)
    with house_style():
        return {
            name: _map(fit, sheet, map_title(fit, name), map_panels(fit, name))
            for name in (maps_of(fit) if only is None else only)
        }


def panel_map(fit: DrawnFit, title: str, panels: list[Panel], columns: int | None = None) -> Figure:
    """Draw panels with given colours; other arguments as for :func:`map_figures`.

    Parameters
    ----------
    columns
        Number of panels in a row; None: all.
    """
    assert fit.cortex is not None
    sheet = flat_sheet(fit, shown_window([fit.cortex]), *_MAX_SIDE)
    with house_style():
        return _map(fit, sheet, title, panels, columns)


def _map(
    fit: DrawnFit, sheet: FlatSheet, title: str, panels: list[Panel], columns: int | None = None
) -> Figure:
    """Draw panels in rows, each with its key to the right, and the locator below the last."""
    columns = columns or len(panels)
    step = 2 * sheet.width + PAIR_GAP + _KEY_GAP + _INNER_KEY_WIDTH
    width = _EDGE + columns * step + _KEY_WIDTH - _INNER_KEY_WIDTH
    down = max(sheet.height + _FOOT, _KEY_HEIGHT)
    figure = new_figure(width, HEAD + -(-len(panels) // columns) * down)
    write_head(figure, title, fit)
    for number, panel in enumerate(panels):
        row, column = divmod(number, columns)
        left, top = _EDGE + column * step, HEAD + row * down
        key_left = left + 2 * sheet.width + PAIR_GAP + _KEY_GAP
        draw_pair(figure, left, top, sheet, panel.colours)
        panel.key(figure, key_left, top)
    draw_locator(figure, key_left, top + sheet.height, sheet)
    return figure


def draw_pair(
    figure: Figure,
    left: float,
    top: float,
    sheet: FlatSheet,
    colours: Float[np.ndarray, "vertex rgba"],
    *,
    small: bool = False,
) -> None:
    """Draw both hemispheres side by side, with the upper left corner at a position in inches.

    Parameters
    ----------
    figure, left, top
        Figure and position.
    sheet
        Layout of the hemispheres.
    colours
        Red, green, blue and opacity of each vertex; NaN shows bare cortex.
    small
        Whether to use finer lines and omit the hemispheres' names.
    """
    for side in (LEFT, RIGHT):
        start = left + side * (sheet.width + PAIR_GAP)
        axes = axes_at(figure, start, top, sheet.width, sheet.height, bare=True)
        draw_side(axes, sheet.sides[side], colours, weight=0.6 if small else 1.0)
        if not small:
            name_side(axes, side)
