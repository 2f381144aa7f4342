"""The four maps of a fit on the flat cortex: layer, space, scale, R²."""

from typing import Final

import numpy as np
from jaxtyping import Float
from matplotlib.colors import Colormap
from matplotlib.figure import Figure

from cortexlens.cortex.meshes import LEFT, RIGHT
from cortexlens.figures.colours import SCALES, SCORES, depth_colours, place_colours
from cortexlens.figures.fits import DrawnFit
from cortexlens.figures.flatmaps import FlatSheet, draw_side, flat_sheet, name_side
from cortexlens.figures.keys import draw_bar, draw_layer_key, draw_place_key
from cortexlens.figures.locator import draw_locator
from cortexlens.figures.style import axes_at, house_style, new_figure, write_at
from cortexlens.figures.titles import HEAD, write_head

# Opacity of vertices that the fit does not predict, whose selectors mean little.
UNPREDICTED: Final = 0.2
_MAX_SIDE: Final = (3.1, 4.0)
_EDGE: Final = 0.25
_GAP: Final = 0.12
_FOOT: Final = 0.3
_PAIR_GAP: Final = 0.3
_KEY_WIDTH: Final = 1.75
_KEY_HEIGHT: Final = 3.0
_PALE_NOTE: Final = "pale: test R² ≤ 0"


def map_figures(fit: DrawnFit) -> dict[str, Figure]:
    """Draw the four maps of a fit.

    Parameters
    ----------
    fit
        With a cortex.

    Returns
    -------
    dict
        ``layer``, ``space``, ``scale`` and ``r2``.
    """
    sheet = flat_sheet(fit, *_MAX_SIDE)
    with house_style():
        layer, left = _map(fit, sheet, "Layer map", {"": layer_rgba(fit)})
        draw_layer_key(layer, left, HEAD, fit.layer_names)
        place, left = _map(fit, sheet, "Receptive-field centres", {"": _place_rgba(fit)})
        draw_place_key(place, left, HEAD, _PALE_NOTE)
        scale, left = _map(fit, sheet, "Scale", {"": _scale_rgba(fit)})
        draw_bar(scale, left, HEAD, "scale α", SCALES, 1.0, "0 local, 1 global\n" + _PALE_NOTE)
        return {"layer": layer, "space": place, "scale": scale, "r2": _score_map(fit, sheet)}


def _map(
    fit: DrawnFit, sheet: FlatSheet, title: str, panels: dict[str, Float[np.ndarray, "vertex rgba"]]
) -> tuple[Figure, float]:
    """Draw a pair of hemispheres a panel, and tell where, in inches, the key column starts."""
    pair = 2 * sheet.width + _GAP
    key_left = _EDGE + len(panels) * (pair + _PAIR_GAP)
    height = max(HEAD + sheet.height + _FOOT, HEAD + _KEY_HEIGHT)
    figure = new_figure(key_left + _KEY_WIDTH, height)
    write_head(figure, title, fit)
    for number, (name, colours) in enumerate(panels.items()):
        left = _EDGE + number * (pair + _PAIR_GAP)
        draw_pair(figure, left, HEAD, sheet, colours)
        write_at(figure, left + pair / 2, HEAD, name, ha="center", fontweight="bold")
    draw_locator(figure, key_left, HEAD + sheet.height, sheet)
    return figure, key_left


def draw_pair(
    figure: Figure,
    left: float,
    top: float,
    sheet: FlatSheet,
    colours: Float[np.ndarray, "vertex rgba"],
    *,
    named: bool = True,
) -> None:
    """Draw both hemispheres side by side, their upper left corner at a place in inches."""
    for side in (LEFT, RIGHT):
        start = left + side * (sheet.width + _GAP)
        axes = axes_at(figure, start, top, sheet.width, sheet.height, bare=True)
        draw_side(axes, sheet.sides[side], colours)
        if named:
            name_side(axes, side)


def _score_map(fit: DrawnFit, sheet: FlatSheet) -> Figure:
    scores = {"test R²": fit.r2, "noise ceiling": fit.ceiling} if fit.has_ceiling else {"": fit.r2}
    top = score_top(np.concatenate(list(scores.values())))
    panels = {name: _opaque(_mapped(values, SCORES, top)) for name, values in scores.items()}
    title = "Test R² and noise ceiling" if fit.has_ceiling else "Test R²"
    figure, left = _map(fit, sheet, title, panels)
    draw_bar(figure, left, HEAD, "R²", SCORES, top)
    return figure


def score_top(values: Float[np.ndarray, "score"]) -> float:
    """Upper end of a scale of R²: the 99th percentile, rounded up to a multiple of 0.05."""
    known = values[~np.isnan(values)]
    highest = float(np.percentile(known, 99)) if known.size else 0.0
    return max(0.05, float(np.ceil(highest / 0.05 - 1e-9)) * 0.05)


def layer_rgba(fit: DrawnFit) -> Float[np.ndarray, "vertex rgba"]:
    """Colour of each vertex in a layer map: hue for the strongest layer, brightness confidence."""
    return _opaque(depth_colours(fit.best_depth, fit.confidence))


def _place_rgba(fit: DrawnFit) -> Float[np.ndarray, "vertex rgba"]:
    return _paled(fit, place_colours(fit.place))


def _scale_rgba(fit: DrawnFit) -> Float[np.ndarray, "vertex rgba"]:
    return _paled(fit, _mapped(fit.scale, SCALES, 1.0))


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
