"""The four maps of a fit on the flat cortex: layer, space, scale, R²."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.colors import Colormap
from matplotlib.figure import Figure

from cortexlens.cortex.flat import whole_window
from cortexlens.cortex.meshes import LEFT, RIGHT
from cortexlens.figures.colours import CEILINGS, SCALES, SCORES, depth_colours, place_colours
from cortexlens.figures.fits import DrawnFit
from cortexlens.figures.flatmaps import FlatSheet, draw_side, flat_sheet, name_side, shown_window
from cortexlens.figures.keys import draw_bar, draw_layer_key, draw_place_key, score_top
from cortexlens.figures.locator import draw_locator
from cortexlens.figures.style import axes_at, house_style, new_figure
from cortexlens.figures.titles import HEAD, write_head

# The maps and their titles.
MAPS: Final = {
    "layer": "Layer map",
    "space": "Receptive-field centres",
    "scale": "Scale",
    "r2": "Test R²",
}
# Opacity of vertices that the fit does not predict, whose selectors mean little.
UNPREDICTED: Final = 0.2
_MAX_SIDE: Final = (3.1, 4.0)
_EDGE: Final = 0.25
PAIR_GAP: Final = 0.12
_FOOT: Final = 0.3
_KEY_GAP: Final = 0.3
_KEY_WIDTH: Final = 1.75
_INNER_KEY_WIDTH: Final = 1.25
_KEY_HEIGHT: Final = 3.0


def map_figures(
    fit: DrawnFit, *, whole: bool = False, only: Collection[str] = MAPS
) -> dict[str, Figure]:
    """Draw the maps of a fit.

    Parameters
    ----------
    fit
        With a cortex.
    whole
        Show the hemispheres whole rather than the part that holds the vertices.
    only
        Which of :data:`MAPS`.

    Returns
    -------
    dict
        A figure a name.
    """
    assert fit.cortex is not None
    window = whole_window() if whole else shown_window([fit.cortex])
    sheet = flat_sheet(fit, window, *_MAX_SIDE)
    panels = {
        "layer": [_layer_panel],
        "space": [_place_panel],
        "scale": [_scale_panel],
        "r2": [_score_panel, _ceiling_panel] if fit.has_ceiling else [_score_panel],
    }
    with house_style():
        return {
            name: _map(fit, sheet, MAPS[name], [panel(fit) for panel in panels[name]])
            for name in only
        }


class _Panel(NamedTuple):
    """A pair of hemispheres: its colours, and what draws its key at a place in inches."""

    colours: Float[np.ndarray, "vertex rgba"]
    key: Callable[[Figure, float, float], None]


def _bar(title: str, colours: Colormap, highest: float, note: str = "") -> Callable[..., None]:
    return partial(draw_bar, title=title, colours=colours, highest=highest, note=note)


def _pale_note(fit: DrawnFit) -> str:
    return "pale: test R² ≤ 0" if fit.scored else ""


def _layer_panel(fit: DrawnFit) -> _Panel:
    return _Panel(layer_rgba(fit), partial(draw_layer_key, names=fit.layer_names))


def _place_panel(fit: DrawnFit) -> _Panel:
    return _Panel(
        _paled(fit, place_colours(fit.place)), partial(draw_place_key, note=_pale_note(fit))
    )


def _scale_panel(fit: DrawnFit) -> _Panel:
    note = f"0 local, 1 global\n{_pale_note(fit)}"
    colours = _paled(fit, _mapped(fit.scale, SCALES, 1.0))
    return _Panel(colours, _bar("scale α", SCALES, 1.0, note))


def _score_panel(fit: DrawnFit) -> _Panel:
    top = score_top(fit.r2)
    return _Panel(_opaque(_mapped(fit.r2, SCORES, top)), _bar("test R²", SCORES, top))


def _ceiling_panel(fit: DrawnFit) -> _Panel:
    # In colours of its own, since its scale is another one.
    top = score_top(fit.ceiling)
    colours = _opaque(_mapped(fit.ceiling, CEILINGS, top))
    return _Panel(colours, _bar("noise ceiling", CEILINGS, top))


def _map(fit: DrawnFit, sheet: FlatSheet, title: str, panels: list[_Panel]) -> Figure:
    """Draw panels in a row, each with its key to the right, and the locator under the last."""
    step = 2 * sheet.width + PAIR_GAP + _KEY_GAP + _INNER_KEY_WIDTH
    width = _EDGE + len(panels) * step + _KEY_WIDTH - _INNER_KEY_WIDTH
    figure = new_figure(width, HEAD + max(sheet.height + _FOOT, _KEY_HEIGHT))
    write_head(figure, title, fit)
    for number, panel in enumerate(panels):
        left = _EDGE + number * step
        key_left = left + 2 * sheet.width + PAIR_GAP + _KEY_GAP
        draw_pair(figure, left, HEAD, sheet, panel.colours)
        panel.key(figure, key_left, HEAD)
    draw_locator(figure, key_left, HEAD + sheet.height, sheet)
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
    """Draw both hemispheres side by side, their upper left corner at a place in inches.

    Parameters
    ----------
    figure, left, top
        Where to.
    sheet
        The hemispheres.
    colours
        Red, green, blue and opacity of each vertex; NaN shows bare cortex.
    small
        With finer lines and without the hemispheres' names.
    """
    for side in (LEFT, RIGHT):
        start = left + side * (sheet.width + PAIR_GAP)
        axes = axes_at(figure, start, top, sheet.width, sheet.height, bare=True)
        draw_side(axes, sheet.sides[side], colours, weight=0.6 if small else 1.0)
        if not small:
            name_side(axes, side)


def layer_rgba(fit: DrawnFit) -> Float[np.ndarray, "vertex rgba"]:
    """Colour of each vertex in a layer map: hue for the strongest layer, brightness confidence."""
    return _opaque(depth_colours(fit.best_depth, fit.confidence))


def _mapped(
    values: Float[np.ndarray, "vertex"], colours: Colormap, top: float
) -> Float[np.ndarray, "vertex rgb"]:
    rgb = colours(np.clip(np.nan_to_num(values) / top, 0, 1))[:, :3]
    return np.asarray(np.where(np.isnan(values)[:, None], np.nan, rgb))


def _opaque(rgb: Float[np.ndarray, "vertex rgb"]) -> Float[np.ndarray, "vertex rgba"]:
    return np.concatenate([rgb, np.ones((len(rgb), 1))], axis=1)


def _paled(fit: DrawnFit, rgb: Float[np.ndarray, "vertex rgb"]) -> Float[np.ndarray, "vertex rgba"]:
    opacity = np.where(fit.predicted, 1.0, UNPREDICTED)
    return np.concatenate([rgb, opacity[:, None]], axis=1)
