"""Content of the maps of a fit, independent of the layout of vertices: colours and keys."""

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.colors import Colormap
from matplotlib.figure import Figure

from cortexlens.figures.drawing.colours import (
    CEILINGS,
    SCALES,
    SCORES,
    SIZES,
    WEIGHTS,
    depth_colours,
    place_colours,
)
from cortexlens.figures.drawing.keys import draw_bar, draw_layer_key, draw_place_key, score_top
from cortexlens.figures.maps.fits import DrawnFit

# Name of a map → its title.
MAPS: Final = {
    "layer": "Layer map",
    "space": "Receptive-field centres",
    "scale": "Scale",
    "r2": "Test R²",
    "size": "Receptive-field size",
}
# Opacity of vertices that the fit does not predict, whose selectors are not meaningful.
UNPREDICTED: Final = 0.2


def maps_of(fit: DrawnFit) -> tuple[str, ...]:
    """Which of :data:`MAPS` a fit has; not every readout estimates receptive-field sizes."""
    return tuple(name for name in MAPS if name != "size" or fit.size is not None)


def map_title(fit: DrawnFit, name: str) -> str:
    """Title of one of :data:`MAPS`, with the kind of the layers."""
    return MAPS[name].replace("Layer", fit.layer_axis.capitalize())


class Panel(NamedTuple):
    """One brain of a map: colours of its vertices, and a function that draws its key."""

    colours: Float[np.ndarray, "vertex rgba"]
    key: Callable[[Figure, float, float], None]


def map_panels(fit: DrawnFit, name: str) -> list[Panel]:
    """Panels of a map, from left to right.

    Parameters
    ----------
    fit
        Fit to draw.
    name
        One of :func:`maps_of`.
    """
    panels: dict[str, list[Callable[[DrawnFit], Panel]]] = {
        "layer": [_layer_panel],
        "space": [_place_panel],
        "scale": [_scale_panel],
        "r2": [_score_panel, _ceiling_panel] if fit.has_ceiling else [_score_panel],
        "size": [_size_panel],
    }
    return [panel(fit) for panel in panels[name]]


def _bar(title: str, colours: Colormap, highest: float, note: str = "") -> Callable[..., None]:
    return partial(draw_bar, title=title, colours=colours, highest=highest, note=note)


def _pale_note(fit: DrawnFit) -> str:
    return "pale: test R² ≤ 0" if fit.scored else ""


def _layer_panel(fit: DrawnFit) -> Panel:
    return Panel(
        layer_rgba(fit),
        partial(
            draw_layer_key,
            names=fit.layer_names,
            axis=fit.layer_axis,
            brightness=("0", fit.meaning, "1"),
        ),
    )


def _place_panel(fit: DrawnFit) -> Panel:
    return Panel(place_rgba(fit), partial(draw_place_key, note=_pale_note(fit)))


def _scale_panel(fit: DrawnFit) -> Panel:
    note = f"0 local, 1 global\n{_pale_note(fit)}"
    return Panel(scale_rgba(fit), _bar("scale α", SCALES, 1.0, note))


def _size_panel(fit: DrawnFit) -> Panel:
    assert fit.size is not None
    top = size_top(fit.size)
    note = f"standard deviation of\nthe window, image widths\n{_pale_note(fit)}"
    return Panel(_paled(fit, mapped_rgb(fit.size, SIZES, top)), _bar("size", SIZES, top, note))


def size_top(size: Float[np.ndarray, "vertex"]) -> float:
    """Upper end of a scale of sizes: the 99th percentile, rounded up to a multiple of 0.05."""
    return score_top(size)


def _score_panel(fit: DrawnFit) -> Panel:
    top = score_top(fit.r2)
    return Panel(opaque(mapped_rgb(fit.r2, SCORES, top)), _bar("test R²", SCORES, top))


def _ceiling_panel(fit: DrawnFit) -> Panel:
    # Different colours from R², because the scale differs.
    top = score_top(fit.ceiling)
    colours = opaque(mapped_rgb(fit.ceiling, CEILINGS, top))
    return Panel(colours, _bar("noise ceiling", CEILINGS, top))


def layer_rgba(fit: DrawnFit) -> Float[np.ndarray, "vertex rgba"]:
    """Colour of each vertex in a layer map: hue for the strongest layer, brightness for confidence.

    Brightness shows the confidence or the probability of that layer, see :attr:`DrawnFit.meaning`.
    """
    return opaque(depth_colours(fit.best_depth, fit.confidence, fit.layer_axis))


def place_rgba(fit: DrawnFit) -> Float[np.ndarray, "vertex rgba"]:
    """Colour of each vertex in a map of receptive-field centres; pale if it is not predicted."""
    return _paled(fit, place_colours(fit.place))


def scale_rgba(fit: DrawnFit) -> Float[np.ndarray, "vertex rgba"]:
    """Colour of each vertex in a map of scales; pale if it is not predicted."""
    return _paled(fit, mapped_rgb(fit.scale, SCALES, 1.0))


def weight_rgba(fit: DrawnFit, layer: int, top: float) -> Float[np.ndarray, "vertex rgba"]:
    """Colour of each vertex by its weight of one layer, on a scale up to ``top``."""
    return opaque(mapped_rgb(fit.layer[:, layer], WEIGHTS, top))


def mapped_rgb(
    values: Float[np.ndarray, "vertex"], colours: Colormap, top: float
) -> Float[np.ndarray, "vertex rgb"]:
    """Colours of values from 0 to ``top``; NaN where the value is."""
    rgb = colours(np.clip(np.nan_to_num(values) / top, 0, 1))[:, :3]
    return np.asarray(np.where(np.isnan(values)[:, None], np.nan, rgb))


def opaque(rgb: Float[np.ndarray, "vertex rgb"]) -> Float[np.ndarray, "vertex rgba"]:
    """The same colours with an opacity of 1."""
    return np.concatenate([rgb, np.ones((len(rgb), 1))], axis=1)


def _paled(fit: DrawnFit, rgb: Float[np.ndarray, "vertex rgb"]) -> Float[np.ndarray, "vertex rgba"]:
    opacity = np.where(fit.predicted, 1.0, UNPREDICTED)
    return np.concatenate([rgb, opacity[:, None]], axis=1)
