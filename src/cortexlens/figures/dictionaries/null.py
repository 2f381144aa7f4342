"""Figure of why dictionaries are evaluated on test images: the best of many units fits noise."""

from typing import Final

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cortexlens.figures.drawing.keys import shortened
from cortexlens.figures.drawing.style import (
    FAINT,
    INK,
    SMALL_SIZE,
    TEXT_SIZE,
    TITLE_SIZE,
    axes_at,
    house_style,
    new_figure,
    write_at,
)

# Blue for the images that chose the unit, orange for the others: distinguishable in colour
# blindness and in greyscale.
_TRAINING: Final = "#013fb3"
_HELD_OUT: Final = "#d9730d"
_LEFT: Final = 0.62
_TOP: Final = 1.0
_WIDTH, _HEIGHT, _GAP = 2.75, 1.3, 0.62
_BINS: Final = 60
_LONGEST_NAME: Final = 34
_TOLD: Final = {"cosine": "cosine", "pearson": "Pearson correlation"}
_ROWS: Final = {"original responses": ("similarity", "held_out")} | {
    "images permuted": ("null_maximum", "null_held_out")
}


def null_figure(dictionary: xr.Dataset) -> Figure:
    """Draw distributions over vertices, one column per metric: real above permuted responses.

    Parameters
    ----------
    dictionary
        Store of kind ``dictionary``.
    """
    with house_style():
        metrics = dictionary["metric"].values.tolist()
        width = _LEFT + len(metrics) * (_WIDTH + _GAP)
        figure = new_figure(width, _TOP + 2 * (_HEIGHT + 0.35) + 0.45)
        name = shortened(str(dictionary.attrs["backbone"]), _LONGEST_NAME)
        title = f"Similarity to the best unit: {name}"
        write_at(figure, 0.25, 0.14, title, TITLE_SIZE, fontweight="bold")
        write_at(figure, 0.25, 0.38, _subtitle(dictionary), TEXT_SIZE, color=FAINT)
        write_at(figure, _LEFT, 0.66, "training images (selection)", color=_TRAINING)
        write_at(figure, _LEFT + 2.1, 0.66, "held-out images", color=_HELD_OUT)
        for column, metric in enumerate(metrics):
            one = dictionary.sel(metric=metric)
            bins = _bins(one)
            for row, (label, names) in enumerate(_ROWS.items()):
                left, top = _LEFT + column * (_WIDTH + _GAP), _TOP + row * (_HEIGHT + 0.35)
                axes = axes_at(figure, left, top, _WIDTH, _HEIGHT)
                training, held_out = (one[each].values.ravel() for each in names)
                _panel(axes, training, held_out, bins)
                axes.set_title(label, loc="left", color=INK)
                if column == 0:
                    axes.set_ylabel("fraction of vertices")
                if row == 0:
                    axes.set_xticklabels([])
            axes.set_xlabel(_TOLD[metric])
        return figure


def _subtitle(dictionary: xr.Dataset) -> str:
    subject, n = dictionary.attrs["subject"], dictionary.sizes["vertex"]
    shuffles = dictionary.sizes["shuffle"]
    return f"subject {subject}  ·  n = {n:,} vertices  ·  {shuffles} permutations of images"


def _bins(one: xr.Dataset) -> Float[np.ndarray, " edge"]:
    """Bin edges from the lowest to the highest value of all panels of a metric."""
    values = np.concatenate([one[name].values.ravel() for pair in _ROWS.values() for name in pair])
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if known.size else (0.0, 1.0)
    return np.linspace(min(low, 0.0), max(high, low + 1e-3), _BINS + 1)


def _panel(
    axes: Axes,
    training: Float[np.ndarray, " value"],
    held_out: Float[np.ndarray, " value"],
    bins: Float[np.ndarray, " edge"],
) -> None:
    """Two histograms with their means."""
    # The label of the mean that is usually lower is on its left.
    histograms = ((training, _TRAINING, "left", 2), (held_out, _HELD_OUT, "right", -2))
    for values, colour, side, away in histograms:
        known = values[np.isfinite(values)]
        share = np.histogram(known, bins)[0] / max(known.size, 1)
        axes.stairs(share, bins, fill=True, color=colour, alpha=0.55)
        if known.size:
            axes.axvline(known.mean(), color=colour, linewidth=1.2)
            axes.annotate(
                f"{known.mean():.3f}",
                (known.mean(), 1.0),
                xycoords=axes.get_xaxis_transform(),
                xytext=(away, -1),
                textcoords="offset points",
                ha=side,
                va="top",
                fontsize=SMALL_SIZE,
                color=INK,
            )
    axes.axvline(0, color=FAINT, linewidth=0.6, linestyle=(0, (3, 2)))
    axes.set_xlim(bins[0], bins[-1])
    axes.set_ylim(0, 1.15 * axes.get_ylim()[1])
