"""Figure of the quality of sparse autoencoders by layer, compared with principal components."""

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cortexlens.figures.drawing.colours import SCALES
from cortexlens.figures.drawing.style import (
    FAINT,
    TITLE_SIZE,
    axes_at,
    house_style,
    new_figure,
    write_at,
)

_LEFT: Final = 0.9
_STEP: Final = 3.4
_HEAD: Final = 0.75
_ROW: Final = 1.9
_FOOT: Final = 0.95
# Rows of the figure: label of the axis, and columns of the table with their labels.
ROWS: Final = (
    (
        "variance explained",
        {"explained": "autoencoder", "components_explained": "PCA, as many components"},
    ),
    (
        "recovery of last layer",
        {"recovered": "autoencoder", "components_recovered": "PCA, as many components"},
    ),
    ("active units per token", {"l0": "measured", "target_l0": "target"}),
    ("units", {"dead": "dead in training", "inactive_on_test": "inactive on test images"}),
)


def quality_figure(table: pd.DataFrame) -> Figure:
    """Draw the table of autoencoders: one column per network, one point per seed.

    Parameters
    ----------
    table
        Table of :func:`cortexlens.analysis.dictionaries.quality.quality_table` with at least one
        row.
    """
    networks = list(dict.fromkeys(table["backbone"]))
    with house_style():
        height = _HEAD + len(ROWS) * _ROW + _FOOT
        figure = new_figure(_LEFT + _STEP * len(networks), height)
        title = "Quality of sparse autoencoders"
        write_at(figure, 0.2, 0.14, title, TITLE_SIZE, fontweight="bold")
        for column, network in enumerate(networks):
            left = _LEFT + column * _STEP
            write_at(figure, left, 0.45, network, fontweight="bold")
            own = table[table["backbone"] == network]
            for line, (label, drawn) in enumerate(ROWS):
                axes = axes_at(figure, left, _HEAD + line * _ROW, _STEP - 0.5, _ROW - 0.35)
                _draw(axes, own, drawn, last=line == len(ROWS) - 1)
                if column == 0:
                    axes.set_ylabel(label)
        return figure


def _draw(axes: Axes, own: pd.DataFrame, drawn: dict[str, str], *, last: bool) -> None:
    """Points of each seed, and a line through their means."""
    layers = list(dict.fromkeys(own["layer"]))
    places = own["layer"].map({name: place for place, name in enumerate(layers)})
    colours = (SCALES(0.2), FAINT)
    for (name, label), colour in zip(drawn.items(), colours, strict=True):
        means = own[name].groupby(places).mean()
        axes.plot(means.index, means, "-", color=colour, label=label, linewidth=1)
        axes.plot(places, own[name], "o", color=colour, markersize=3)
    lowest = np.nanmin([0.0, *own[list(drawn)].to_numpy(float).ravel()])
    top = max(axes.get_ylim()[1], 0.02)
    # Shares near 1 must be distinguishable, so their axis does not begin at 0.
    if "components_explained" not in drawn and "components_recovered" not in drawn:
        axes.set_ylim(lowest, 1.05 * top)
    axes.set_xlim(-0.4, len(layers) - 0.6)
    axes.set_xticks(range(len(layers)), layers if last else [], rotation=60, ha="right")
    axes.legend(loc="best")
