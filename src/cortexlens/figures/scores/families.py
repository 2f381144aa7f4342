"""Figure of hierarchy slope and score against network size, one line per family."""

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from cortexlens.figures.drawing.colours import SCALES
from cortexlens.figures.drawing.style import (
    FAINT,
    TITLE_SIZE,
    axes_at,
    house_style,
    new_figure,
    write_at,
)

_LEFT: Final = 0.75
_STEP: Final = 2.7
_HEAD: Final = 0.85
_ROW: Final = 2.1
_FOOT: Final = 0.55
# Rows of the figure: column of the table, label of the axis.
ROWS: Final = (("slope", "slope of the hierarchy"), ("r2", "mean test R²"))
_MARKERS: Final = "osD^vPX"
_NONE: Final = "no family of this study has networks of several sizes"


def size_figure(table: pd.DataFrame) -> Figure:
    """Draw one column per subject, and their mean last; subjects without networks are left out.

    Parameters
    ----------
    table
        Table of :func:`~.families.size_table`; if it has no rows, the figure says so.
    """
    rows = [row for row in ROWS if table[row[0]].notna().any()]
    subjects = list(dict.fromkeys(table["subject"]))
    subjects.sort(key=lambda subject: subject == "mean")
    families = sorted(set(table["family"]))
    with house_style():
        width = max(5.2, _LEFT + _STEP * len(subjects))
        figure = new_figure(width, _HEAD + _ROW * len(rows) + _FOOT)
        write_at(figure, 0.25, 0.14, "Size within a family", TITLE_SIZE, fontweight="bold")
        if not rows:
            write_at(figure, 0.25, 0.45, _NONE, color=FAINT)
        for column, subject in enumerate(subjects if rows else []):
            left, own = _LEFT + column * _STEP, table[table["subject"] == subject]
            write_at(figure, left, 0.52, subject, fontweight="bold")
            for line, (name, label) in enumerate(rows):
                axes = axes_at(figure, left, _HEAD + line * _ROW, _STEP - 0.6, _ROW - 0.4)
                _draw(axes, own, name, families)
                _label_sizes(axes, table["size"].to_numpy(float))
                if column == 0:
                    axes.set_ylabel(label)
                if column == line == 0:
                    axes.legend(loc="best")
            axes.set_xlabel("million parameters")
        return figure


def _draw(axes: Axes, own: pd.DataFrame, name: str, families: list[str]) -> None:
    """Networks of one subject as dots with intervals, and a line through each family."""
    for number, family in enumerate(families):
        colour = SCALES(0.05 + 0.8 * number / max(1, len(families) - 1))
        known = own[(own["family"] == family) & own[name].notna()]
        marker = _MARKERS[number % len(_MARKERS)]
        # if several networks have the same size, the line passes through their mean
        line = known.groupby("size")[name].mean()
        axes.plot(line.index, line, color=colour, linewidth=0.9)
        axes.plot(known["size"], known[name], marker, color=colour, markersize=4, label=family)
        axes.vlines(
            known["size"], known[f"{name}_low"], known[f"{name}_high"], color=colour, linewidth=0.9
        )


def _label_sizes(axes: Axes, size: np.ndarray) -> None:
    """Give all panels a common logarithmic axis with a few labels."""
    axes.set_xscale("log", base=2)
    low, high = np.log2(size.min()), np.log2(size.max())
    room = 0.08 * (high - low)
    axes.set_xlim(2 ** (low - room), 2 ** (high + room))
    ticks = 2 ** np.linspace(low, high, 4)
    axes.set_xticks(ticks, [f"{tick:.3g}" for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
