"""Figure of the effect of fine-tuning at each vertex: before, after, and the difference."""

from functools import partial
from typing import Final

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cortexlens.figures.drawing.colours import CHANGES, SCORES
from cortexlens.figures.drawing.keys import (
    draw_bar,
    draw_layer_key,
    layer_ticks,
    score_top,
    shortened,
)
from cortexlens.figures.drawing.panels import UNPREDICTED, Panel, layer_rgba, mapped_rgb, opaque
from cortexlens.figures.drawing.style import (
    FAINT,
    INK,
    SMALL_SIZE,
    axes_at,
    house_style,
    new_figure,
    write_at,
)
from cortexlens.figures.drawing.titles import HEAD, score_text, write_head
from cortexlens.figures.maps.cortex import panel_map
from cortexlens.figures.maps.distributions import draw_profile
from cortexlens.figures.maps.fits import DrawnFit
from cortexlens.figures.maps.volume import panel_slices

TITLE: Final = "Before and after fine-tuning"
_COLUMNS: Final = 3
# Height of the text above a key, inches.
_WORDS: Final = 0.72
_LETTERS: Final = 20
_CELL: Final = (2.5, 1.7)
_GAP: Final = (0.75, 0.9)
_LEFT: Final = 0.7
_BINS: Final = 25
# Single colour of scores, for histograms in which the colour does not encode the score.
_SCORE: Final = ListedColormap([SCORES(0.45)])


def change_figure(before: DrawnFit, after: DrawnFit) -> Figure:
    """Draw layer maps and scores before, after, and their difference, on common scales.

    Parameters
    ----------
    before, after
        Fits of two networks to the same vertices of one subject.

    Returns
    -------
    Figure
        Two rows of maps, on the cortex or on slices; distributions if there is neither.
    """
    if after.cortex is None and after.volume is None:
        return _distributions(before, after)
    draw = panel_slices if after.cortex is None else panel_map
    return draw(after, TITLE, [*_layers(before, after), *_scores(before, after)], _COLUMNS)


def _layers(before: DrawnFit, after: DrawnFit) -> list[Panel]:
    moved = after.expected_depth - before.expected_depth
    top = _scale(moved)
    note = "1: from first to\nlast layer\npale: test R² ≤ 0"
    shown = before.predicted & after.predicted
    return [
        Panel(layer_rgba(before), partial(_words, when="before", fit=before)),
        Panel(layer_rgba(after), partial(_after_layers, fit=after)),
        Panel(change_rgba(moved, top, shown), _change_key("change in layer", top, note)),
    ]


def _scores(before: DrawnFit, after: DrawnFit) -> list[Panel]:
    top = score_top(np.concatenate([before.r2, after.r2]))
    change = after.r2 - before.r2
    reach = _scale(change)
    everywhere = np.ones(len(change), bool)
    first, second = (opaque(mapped_rgb(fit.r2, SCORES, top)) for fit in (before, after))
    return [
        Panel(first, partial(_words, when="before", fit=before)),
        Panel(second, partial(_after_scores, fit=after, top_score=top)),
        Panel(change_rgba(change, reach, everywhere), _change_key("change in test R²", reach, "")),
    ]


def _words(figure: Figure, left: float, top: float, when: str, fit: DrawnFit) -> None:
    """Write which network a map is of, in the place of its key."""
    write_at(figure, left, top, when, fontweight="bold")
    text = f"{shortened(fit.backbone, _LETTERS)}\n{score_text(fit).replace(', ', chr(10))}"
    write_at(figure, left, top + 0.18, text, SMALL_SIZE, color=FAINT)


def _after_layers(figure: Figure, left: float, top: float, fit: DrawnFit) -> None:
    _words(figure, left, top, "after", fit)
    brightness = "0", fit.meaning, "1"
    draw_layer_key(figure, left, top + _WORDS, fit.layer_names, brightness=brightness)


def _after_scores(figure: Figure, left: float, top: float, fit: DrawnFit, top_score: float) -> None:
    _words(figure, left, top, "after", fit)
    draw_bar(figure, left, top + _WORDS, "test R²", SCORES, top_score, height=1.6)


def _change_key(title: str, top: float, note: str) -> partial[None]:
    return partial(
        draw_bar, title=title, colours=CHANGES, highest=top, note=note, height=1.6, lowest=-top
    )


def _scale(change: Float[np.ndarray, "vertex"]) -> float:
    """End of a symmetric scale around no change."""
    return score_top(np.abs(change))


def change_rgba(
    change: Float[np.ndarray, "vertex"], top: float, shown: Bool[np.ndarray, "vertex"]
) -> Float[np.ndarray, "vertex rgba"]:
    """Colours of a change between ``-top`` and ``top``, pale where it is not meaningful."""
    rgba = opaque(mapped_rgb(change + top, CHANGES, 2 * top))
    rgba[:, 3] = np.where(shown, 1.0, UNPREDICTED)
    return rgba


def _distributions(before: DrawnFit, after: DrawnFit) -> Figure:
    """Profiles of layers and histograms of scores, for vertices without coordinates."""
    step, down = _CELL[0] + _GAP[0], _CELL[1] + _GAP[1]
    moved, change = after.expected_depth - before.expected_depth, after.r2 - before.r2
    with house_style():
        figure = new_figure(_LEFT + _COLUMNS * step - 0.3, HEAD + 2 * down + 0.3)
        write_head(figure, TITLE, after)
        axes = [
            axes_at(figure, _LEFT + column * step, HEAD + 0.2 + row * down, *_CELL)
            for row in range(2)
            for column in range(_COLUMNS)
        ]
        _profiles(axes[:2], before, after)
        both = np.concatenate([before.r2, after.r2])
        ends = min(0.0, float(np.nanmin(both, initial=0.0))), score_top(both)
        for place, when, fit in ((3, "before", before), (4, "after", after)):
            _histogram(axes[place], fit.r2, ends, _SCORE)
            axes[place].set_xlabel(f"test R² {when}")
        highest = max(axes[place].get_ylim()[1] for place in (3, 4))
        for place in (3, 4):
            axes[place].set_ylim(0, highest)
        for place, values, name in (
            (2, moved, "change in layer"),
            (5, change, "change in test R²"),
        ):
            end = _scale(values)
            _histogram(axes[place], values, (-end, end), CHANGES)
            axes[place].axvline(0, color=INK, linewidth=0.6)
            axes[place].set_xlabel(name)
        return figure


def _profiles(axes: list[Axes], before: DrawnFit, after: DrawnFit) -> None:
    for each, when, fit in ((axes[0], "before", before), (axes[1], "after", after)):
        draw_profile(each, fit)
        ticks, names = layer_ticks(fit.layer_names)
        each.set_xticks(ticks, names, rotation=40, ha="right", rotation_mode="anchor")
        each.set_title(when, loc="left", fontweight="bold")
        each.set_ylabel("mean weight")
    highest = max(each.get_ylim()[1] for each in axes)
    for each in axes:
        each.set_ylim(0, highest)


def _histogram(
    axes: Axes, values: Float[np.ndarray, "vertex"], ends: tuple[float, float], colours: Colormap
) -> None:
    """Histogram of the finite values; values beyond the ends are counted in the end bins."""
    known = np.clip(values[~np.isnan(values)], *ends)
    counts, edges = np.histogram(known, _BINS, ends)
    shades = colours(np.linspace(0, 1, _BINS))
    axes.bar(edges[:-1], counts, np.diff(edges), align="edge", color=shades)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_ylabel("recording sites")
