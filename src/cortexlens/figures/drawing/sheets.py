"""Cells and keys of sheets of many fits, on a cortex or as distributions."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cortexlens.figures.drawing.colours import SCALES, place_colours
from cortexlens.figures.drawing.keys import draw_crosshair, draw_depth_key, draw_place_key
from cortexlens.figures.drawing.panels import layer_rgba, place_rgba, scale_rgba
from cortexlens.figures.drawing.style import FAINT, SMALL_SIZE, axes_at, write_at
from cortexlens.figures.maps.distributions import draw_profile
from cortexlens.figures.maps.fits import DrawnFit

_POINT: Final = 4.0
_PALE: Final = "pale: test R² ≤ 0"


class SheetMap(NamedTuple):
    """One kind of sheet.

    Attributes
    ----------
    title, plain_title
        Titles of a sheet with a cortex or slices, and of one without.
    colours
        Function of a fit that returns the colours of its vertices.
    plain
        Function that draws a fit whose vertices have no coordinates.
    key
        Function that draws the key at a position in inches; its last arguments are whether any fit
        is drawn as a map, the kind of the layers, and the meaning of the brightness.
    foot
        Height for the key, inches.
    by_axis
        Whether layers and time steps have separate keys.
    """

    title: str
    plain_title: str
    colours: Callable[[DrawnFit], Float[np.ndarray, "vertex rgba"]]
    plain: Callable[[Axes, DrawnFit], None]
    key: Callable[[Figure, float, float, bool, str, str], None]
    foot: float
    by_axis: bool = False


def _profile(axes: Axes, fit: DrawnFit) -> None:
    draw_profile(axes, fit)
    axes.set_xticks([])
    axes.yaxis.set_major_locator(MaxNLocator(3))


def _places(axes: Axes, fit: DrawnFit) -> None:
    draw_crosshair(axes, colour=FAINT)
    shown = fit.predicted & ~np.isnan(fit.place).any(axis=1)
    x, y = fit.place[shown].T
    axes.scatter(x, y, s=_POINT, c=place_colours(fit.place[shown]), rasterized=True)
    axes.set_box_aspect(1)


def _scales(axes: Axes, fit: DrawnFit) -> None:
    bins = np.linspace(0, 1, 26)
    shown = fit.predicted & ~np.isnan(fit.scale)
    middle = (bins[:-1] + bins[1:]) / 2
    axes.bar(middle, np.histogram(fit.scale[shown], bins)[0], width=0.036, color=SCALES(middle))
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))


def _depth_key(
    figure: Figure, left: float, top: float, mapped: bool, axis: str, meaning: str
) -> None:
    draw_depth_key(figure, left, top, 2.4, confident=mapped, axis=axis, meaning=meaning)


def _place_key(
    figure: Figure, left: float, top: float, mapped: bool, _axis: str, _meaning: str
) -> None:
    draw_place_key(figure, left, top - 0.1, _PALE if mapped else "test R² > 0")


def _scale_key(
    figure: Figure, left: float, top: float, mapped: bool, _axis: str, _meaning: str
) -> None:
    axes = axes_at(figure, left, top, 2.4, 0.16)
    bar = figure.colorbar(
        ScalarMappable(Normalize(0, 1), SCALES), cax=axes, orientation="horizontal"
    )
    bar.outline.set_visible(False)
    bar.set_ticks([0, 0.5, 1], labels=["0 local", "scale α", "1 global"])
    note = _PALE if mapped else "test R² > 0"
    write_at(figure, left + 2.55, top + 0.02, note, SMALL_SIZE, color=FAINT)


# Suffix of the figure's name → kind of sheet.
SHEETS: Final = {
    "layer": SheetMap("Layer maps", "Layer profiles", layer_rgba, _profile, _depth_key, 0.95, True),
    "space": SheetMap(
        "Receptive-field centres",
        "Receptive-field centres",
        place_rgba,
        _places,
        _place_key,
        foot=2.0,
    ),
    "scale": SheetMap("Scale", "Scale", scale_rgba, _scales, _scale_key, 0.75),
}
