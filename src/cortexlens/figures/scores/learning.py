"""Figure of learning curves: scores and maps by the number of training images."""

from typing import Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cortexlens.figures.drawing.colours import SCALES
from cortexlens.figures.drawing.style import TITLE_SIZE, axes_at, house_style, new_figure, write_at

_LEFT: Final = 0.75
_STEP: Final = 3.0
_HEAD: Final = 0.75
_ROW: Final = 2.0
_FOOT: Final = 0.55
# Rows of the figure: column of the table, what is compared, label of the axis.
ROWS: Final = (
    ("r2_mean", "full", "mean test R²"),
    ("argmax_agreement", "full", "same strongest layer\nas with all images"),
    ("argmax_agreement", "halves", "same strongest layer\nin two halves"),
)


def learning_figure(table: pd.DataFrame) -> Figure:
    """Draw learning curves, one column per network and one line per subject.

    Parameters
    ----------
    table
        Table of :func:`~.learning.learning_table` with at least one row; rows of all vertices are
        drawn.
    """
    shown = table[table["roi"] == "all"]
    networks = list(dict.fromkeys(shown["backbone"]))
    rows = [row for row in ROWS if (shown["compared"] == row[1]).any()]
    with house_style():
        height = _HEAD + len(rows) * _ROW + _FOOT
        figure = new_figure(_LEFT + _STEP * len(networks), height)
        write_at(figure, 0.2, 0.14, "Learning curves", TITLE_SIZE, fontweight="bold")
        for column, network in enumerate(networks):
            left = _LEFT + column * _STEP
            write_at(figure, left, 0.45, network, fontweight="bold")
            own = shown[shown["backbone"] == network]
            for line, (name, compared, label) in enumerate(rows):
                axes = axes_at(figure, left, _HEAD + line * _ROW, _STEP - 0.6, _ROW - 0.35)
                _draw(axes, own[own["compared"] == compared], name)
                axes.set_xlim(0, 1.05 * shown["training_images"].max())
                axes.set_ylim(min(0.0, axes.get_ylim()[0]), 1 if name != "r2_mean" else None)
                if column == 0:
                    axes.set_ylabel(label)
            axes.set_xlabel("training images")
        return figure


def _draw(axes: Axes, own: pd.DataFrame, name: str) -> None:
    """Lines of one network, with intervals over vertices."""
    subjects = list(dict.fromkeys(own["subject"]))
    for number, subject in enumerate(subjects):
        colour = SCALES(0.1 + 0.65 * number / max(1, len(subjects) - 1))
        rows = own[(own["subject"] == subject) & own[name].notna()]
        rows = rows.sort_values("training_images")
        images = rows["training_images"]
        axes.plot(images, rows[name], "o-", color=colour, markersize=3.5, label=subject)
        axes.fill_between(
            images, rows[f"{name}_low"], rows[f"{name}_high"], color=colour, alpha=0.2, linewidth=0
        )
    if subjects:
        axes.legend(loc="best")
