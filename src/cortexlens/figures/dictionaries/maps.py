"""Maps of dictionaries: best layer, similarity to the unit, and comparison with a fit."""

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure

from cortexlens.figures.drawing.colours import (
    CEILINGS,
    CHANGES,
    SCALES,
    SCORES,
    WEIGHTS,
    depth_colours,
)
from cortexlens.figures.drawing.keys import (
    draw_bar,
    draw_layer_key,
    layer_key_height,
    layer_ticks,
    score_top,
)
from cortexlens.figures.drawing.panels import UNPREDICTED, Panel, layer_rgba, mapped_rgb, opaque
from cortexlens.figures.drawing.style import (
    FAINT,
    SMALL_SIZE,
    axes_at,
    house_style,
    new_figure,
    write_at,
)
from cortexlens.figures.drawing.titles import HEAD, write_head
from cortexlens.figures.maps.cortex import panel_map
from cortexlens.figures.maps.distributions import distribution_figures, draw_profile
from cortexlens.figures.maps.fits import DrawnFit
from cortexlens.figures.maps.volume import panel_slices

LAYER_TITLE: Final = "Best layers of a dictionary"
LIKENESS_TITLE: Final = "Similarity to units"
# Smallest ceiling on the correlation to divide by, which is 0.05 for R².
_LOWEST_CEILING: Final = 0.05**0.5
# Heights of a layer key's title and of the text below it, inches.
_KEY_HEAD: Final = 0.9
# Levels that differ by less are those of the same layer.
_SAME: Final = 1e-9
# Opacity of vertices whose layers differ.
_APART: Final = 0.15
_CELL: Final = (2.7, 1.7)
_GAP: Final = 0.75
_LEFT: Final = 0.7


def dictionary_figures(
    drawn: DrawnFit, own: Int[np.ndarray, "own"], significant: Bool[np.ndarray, "vertex"]
) -> dict[str, Figure]:
    """Draw the best layer of each vertex in a dictionary, and the similarity to its unit.

    Parameters
    ----------
    drawn
        From :func:`cortexlens.sae.levels.as_fit`.
    own
        Index of each of its layers among those of the network, from 0.
    significant
        Whether a vertex is more similar to its unit than expected by chance; others are pale.

    Returns
    -------
    dict
        ``dictionary_layer`` and ``dictionary_similarity``: on the cortex or on slices;
        distributions if there is neither.
    """
    if drawn.cortex is None and drawn.volume is None:
        plain = distribution_figures(drawn, only=("layer", "r2"))
        return {"dictionary_layer": plain["layer"], "dictionary_similarity": plain["r2"]}
    draw = _drawer(drawn)
    return {
        "dictionary_layer": draw(drawn, LAYER_TITLE, [_best_layers(drawn, own, significant)]),
        "dictionary_similarity": draw(drawn, LIKENESS_TITLE, _likeness(drawn)),
    }


def _drawer(drawn: DrawnFit) -> Callable[..., Figure]:
    return panel_slices if drawn.cortex is None else panel_map


def best_layer_rgba(
    drawn: DrawnFit, significant: Bool[np.ndarray, "vertex"]
) -> Float[np.ndarray, "vertex rgba"]:
    """Colour of each vertex's best layer: brightness for similarity, pale if not significant."""
    bright = np.clip(drawn.r2 / score_top(drawn.r2), 0, 1)
    rgba = opaque(depth_colours(drawn.best_depth, bright, drawn.layer_axis))
    rgba[:, 3] = np.where(significant, 1.0, UNPREDICTED)
    return rgba


def _best_layers(
    drawn: DrawnFit,
    own: Int[np.ndarray, "own"],
    significant: Bool[np.ndarray, "vertex"],
    title: str = "best",
) -> Panel:
    brightness = "0", drawn.score.replace(" ", "\n"), f"{score_top(drawn.r2):.2f}"
    note = "pale: not significant\n(false discovery rate\nabove 5 %)"
    key = partial(_layer_key, drawn=drawn, own=own, brightness=brightness, title=title, note=note)
    return Panel(best_layer_rgba(drawn, significant), key)


def _layer_key(
    figure: Figure,
    left: float,
    top: float,
    drawn: DrawnFit,
    own: Int[np.ndarray, "own"],
    brightness: tuple[str, str, str],
    title: str,
    note: str,
) -> None:
    """Key of the layers that have autoencoders, in the colours of their depth."""
    names = tuple(drawn.layer_names[place] for place in own)
    depth = drawn.layer_depth[own]
    shown = {"depth": depth, "brightness": brightness, "title": title}
    draw_layer_key(figure, left, top, names, drawn.layer_axis, **shown)
    below = top + _KEY_HEAD + layer_key_height(names)
    write_at(figure, left, below, note, SMALL_SIZE, color=FAINT)


def _likeness(drawn: DrawnFit) -> list[Panel]:
    """Similarity on test images and, if the noise ceiling is known, the ceiling and their ratio."""
    top = score_top(drawn.r2)
    which, what = drawn.score.split(" ")
    key = partial(_bar(what, SCORES, top), note=f"on {which} images")
    first = Panel(opaque(mapped_rgb(drawn.r2, SCORES, top)), key)
    if not drawn.has_ceiling:
        return [first]
    highest = score_top(drawn.ceiling)
    ceiling = opaque(mapped_rgb(drawn.ceiling, CEILINGS, highest))
    ratio = over_ceiling(drawn)
    return [
        first,
        Panel(ceiling, _bar("√ noise ceiling", CEILINGS, highest)),
        Panel(opaque(mapped_rgb(ratio, SCALES, 1.0)), _bar("ratio", SCALES, 1.0)),
    ]


def over_ceiling(drawn: DrawnFit) -> Float[np.ndarray, "vertex"]:
    """Correlation divided by its noise ceiling; NaN if that is nearly zero."""
    reachable = np.where(drawn.ceiling >= _LOWEST_CEILING, drawn.ceiling, np.nan)
    return np.asarray(drawn.r2 / reachable)


def _bar(title: str, colours: Colormap, highest: float) -> partial[None]:
    return partial(draw_bar, title=title, colours=colours, highest=highest)


def agreement_figure(
    dictionary: DrawnFit,
    fit: DrawnFit,
    own: Int[np.ndarray, "own"],
    significant: Bool[np.ndarray, "vertex"],
) -> Figure:
    """Draw best layers of a dictionary, strongest layers of a fit, and where they agree.

    Parameters
    ----------
    dictionary
        From :func:`cortexlens.sae.levels.as_fit`.
    fit
        Fit to the same vertices, restricted to the strongest of the dictionary's layers.
    own
        Index of each of these layers among those of the network, from 0.
    significant
        As for :func:`dictionary_figures`.
    """
    if fit.cortex is None and fit.volume is None:
        return _plain_agreement(dictionary, fit)
    moved = dictionary.best_depth - fit.best_depth
    panels = [
        _best_layers(dictionary, own, significant, "dictionary's"),
        _fit_layers(fit, own),
        _shared_layers(dictionary, moved),
        Panel(opaque(mapped_rgb(moved + 1, CHANGES, 2.0)), _moved_key(fit.readout_name)),
    ]
    return _drawer(fit)(dictionary, _agreement_title(fit), panels, 2)


def _agreement_title(fit: DrawnFit) -> str:
    return f"Layers by dictionary and by {fit.readout_name}"


def _fit_layers(fit: DrawnFit, own: Int[np.ndarray, "own"]) -> Panel:
    brightness = "0", fit.meaning, "1"
    title = f"{fit.readout_name}'s"
    key = partial(_layer_key, drawn=fit, own=own, brightness=brightness, title=title, note="")
    return Panel(layer_rgba(fit), key)


def _shared_layers(dictionary: DrawnFit, moved: Float[np.ndarray, "vertex"]) -> Panel:
    """Vertices with the same layer in both, in its colour; others are pale."""
    known, same = ~np.isnan(moved), np.abs(moved) < _SAME
    everywhere = np.ones(len(moved))
    rgba = opaque(depth_colours(dictionary.best_depth, everywhere, dictionary.layer_axis))
    rgba[:, 3] = np.where(same, 1.0, _APART)
    share = f"{100 * same[known].mean():.0f} % of vertices" if known.any() else "none is known"
    return Panel(
        rgba, partial(_draw_share, share=f"{share},\nin its colour;\npale: different ones")
    )


def _draw_share(figure: Figure, left: float, top: float, share: str) -> None:
    write_at(figure, left, top, "the same layer", fontweight="bold")
    write_at(figure, left, top + 0.2, share, SMALL_SIZE, color=FAINT)


def _moved_key(readout: str) -> partial[None]:
    return partial(
        draw_bar,
        title="difference",
        colours=CHANGES,
        highest=1.0,
        lowest=-1.0,
        note=f"dictionary minus\n{readout}, of the way\nfrom first to last layer",
    )


def _plain_agreement(dictionary: DrawnFit, fit: DrawnFit) -> Figure:
    """Profiles of layers and a table of both, for vertices without coordinates."""
    names = dictionary.layer_names
    with house_style():
        figure = new_figure(_LEFT + 3 * (_CELL[0] + _GAP), HEAD + _CELL[1] + 1.1)
        write_head(figure, _agreement_title(fit), dictionary)
        axes = [
            axes_at(figure, _LEFT + column * (_CELL[0] + _GAP), HEAD + 0.2, *_CELL)
            for column in range(3)
        ]
        for each, drawn, name in zip(
            axes, (dictionary, fit), ("dictionary", fit.readout_name), strict=False
        ):
            draw_profile(each, drawn)
            _name_layers(each, names)
            each.set_title(name, loc="left", fontweight="bold")
            each.set_ylabel("share of recording sites")
        both = np.nan_to_num(dictionary.layer).T @ np.nan_to_num(fit.layer)
        axes[2].imshow(both, origin="lower", aspect="auto", cmap=WEIGHTS)
        _name_layers(axes[2], names)
        axes[2].set_yticks(*layer_ticks(names))
        axes[2].set_title("recording sites by both", loc="left", fontweight="bold")
        axes[2].set_xlabel(fit.readout_name)
        axes[2].set_ylabel("dictionary")
        return figure


def _name_layers(axes: Axes, names: tuple[str, ...]) -> None:
    ticks, shown = layer_ticks(names)
    axes.set_xticks(ticks, shown, rotation=40, ha="right", rotation_mode="anchor")
