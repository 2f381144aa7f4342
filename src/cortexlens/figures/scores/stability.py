"""Figure of the stability of a fit's maps, on cortex, slices or as histograms."""

from collections.abc import Mapping
from functools import partial
from typing import Final

import numpy as np
from jaxtyping import Float
from matplotlib.colors import Colormap
from matplotlib.figure import Figure

from cortexlens.figures.drawing.colours import CEILINGS, SCORES
from cortexlens.figures.drawing.keys import draw_bar, score_top
from cortexlens.figures.drawing.panels import Panel
from cortexlens.figures.drawing.style import axes_at, house_style, new_figure
from cortexlens.figures.drawing.titles import HEAD, write_head
from cortexlens.figures.maps.cortex import panel_map
from cortexlens.figures.maps.fits import DrawnFit
from cortexlens.figures.maps.volume import panel_slices

TITLE: Final = "Stability"
# Measure → name in the figure, and colours.
MEASURES: Final[dict[str, tuple[str, Colormap]]] = {
    "total_variation": ("layer difference", CEILINGS),
    "field_shift": ("centre difference", SCORES),
}
# Kind of comparison → name in the figure.
COMPARED: Final = {"seeds": "between seeds", "halves": "between halves"}
_STEP: Final = 2.6
_HEIGHT: Final = 1.9
_LEFT: Final = 0.6

Measured = Mapping[str, Float[np.ndarray, " vertex"]]


def stability_figure(fit: DrawnFit, found: Mapping[str, Measured]) -> Figure:
    """Draw how much layers and locations differ between fits that should agree.

    Parameters
    ----------
    fit
        Fit, for the layout of its vertices and its title.
    found
        ``seeds`` or ``halves`` → measure → its value at each vertex that is drawn.

    Returns
    -------
    Figure
        Maps on the cortex or on slices; histograms if there is neither.
    """
    if fit.cortex is None and fit.volume is None:
        return _histograms(fit, found)
    panels = [
        _panel(values[name], name, what) for what, values in found.items() for name in MEASURES
    ]
    draw = panel_slices if fit.cortex is None else panel_map
    return draw(fit, TITLE, panels)


def _panel(values: Float[np.ndarray, " vertex"], name: str, what: str) -> Panel:
    title, colours = MEASURES[name]
    top = 1.0 if name == "total_variation" else score_top(values)
    rgba = colours(np.clip(values / top, 0, 1))
    note = f"{COMPARED[what]}\n" + ("0 equal, 1 different" if top == 1 else "image widths")
    return Panel(rgba, partial(draw_bar, title=title, colours=colours, highest=top, note=note))


def _histograms(fit: DrawnFit, found: Mapping[str, Measured]) -> Figure:
    """One histogram per measure: measures as columns, comparisons as rows."""
    with house_style():
        figure = new_figure(_LEFT + len(MEASURES) * _STEP, HEAD + len(found) * (_HEIGHT + 0.2))
        write_head(figure, TITLE, fit)
        for row, (what, values) in enumerate(found.items()):
            for column, (name, (title, colours)) in enumerate(MEASURES.items()):
                place = (_LEFT + column * _STEP, HEAD + row * (_HEIGHT + 0.2))
                axes = axes_at(figure, *place, _STEP - 0.7, _HEIGHT - 0.55)
                axes.hist(values[name], bins=25, color=colours(0.45))
                axes.set_xlabel(f"{title} {COMPARED[what]}")
                axes.set_ylabel("recording sites")
        return figure
