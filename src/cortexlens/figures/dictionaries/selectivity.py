"""Figure of the selectivity of units and regions: one panel per region, one line per category."""

from collections.abc import Iterator
from typing import Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cortexlens.figures.drawing.colours import SCALES
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

_TITLE: Final = "Category selectivity of units and regions"
_EMPTY: Final = "no image labels: images.tsv has no column label, or the column is empty"
_LEFT: Final = 1.0
_PANEL: Final = 1.3
_STEP: Final = 1.5
_ROW: Final = 0.19
_HEAD: Final = 0.95
_NAME: Final = 0.5
_FOOT: Final = 0.55
# Largest number of regions in a row of panels.
_MOST: Final = 8
_MIN_WIDTH: Final = 6.2
_OFFSET: Final = 0.17
_SURE: Final = 0.05
# Column of the table → name and colour.
_SHOWN: Final = {
    "units": ("units of the region", to_hex(SCALES(0.3))),
    "region": ("vertices of the region", INK),
}


def selectivity_sheet(table: pd.DataFrame) -> Figure:
    """Draw ROC areas of units and regions with confidence intervals, one panel per region.

    Parameters
    ----------
    table
        Table of :func:`~.selectivity.selectivity_table`, of which the level ``single`` and the
        similarity chosen by the study are drawn.

    Returns
    -------
    Figure
        If there are no rows, the figure says so.
    """
    shown = table[(table["measure"] == "auc") & (table["level"] == "single")]
    shown = shown[shown["chosen"] == 1]
    lines = list(_lines(shown))
    n_categories = shown["category"].nunique()
    height = _NAME + _ROW * n_categories + _FOOT
    columns = max((len(rois) for _, rois in lines), default=0)
    with house_style():
        width = max(_MIN_WIDTH, _LEFT + _STEP * columns)
        figure = new_figure(width, _HEAD + height * len(lines) if lines else 1.2)
        write_at(figure, 0.2, 0.14, _TITLE, TITLE_SIZE, fontweight="bold")
        if not lines:
            write_at(figure, 0.2, 0.45, _EMPTY, TEXT_SIZE, color=FAINT)
            return figure
        _draw_key(figure)
        for number, (whose, rois) in enumerate(lines):
            top = _HEAD + number * height
            name = f"{shortened(whose[0], 40)}, subject {whose[1]}"
            write_at(figure, 0.2, top, name, fontweight="bold")
            own = shown[(shown["backbone"] == whose[0]) & (shown["subject"] == whose[1])]
            for column, roi in enumerate(rois):
                place = (_LEFT + column * _STEP, top + _NAME, _PANEL, _ROW * n_categories)
                axes = axes_at(figure, *place)
                _draw_region(axes, own[own["roi"] == roi], first=column == 0)
                axes.set_title(shortened(roi, 18), loc="left")
        return figure


def _lines(shown: pd.DataFrame) -> Iterator[tuple[tuple[str, str], list[str]]]:
    """Rows of panels: network and subject, and regions."""
    for whose in dict.fromkeys(zip(shown["backbone"], shown["subject"], strict=True)):
        own = shown[(shown["backbone"] == whose[0]) & (shown["subject"] == whose[1])]
        rois = list(dict.fromkeys(own["roi"]))
        for start in range(0, len(rois), _MOST):
            yield whose, rois[start : start + _MOST]


def _draw_region(axes: Axes, rows: pd.DataFrame, *, first: bool) -> None:
    """Dots and intervals of one region, one line per category."""
    axes.axvline(0.5, color=FAINT, linewidth=0.6)
    for offset, (name, (_, colour)) in zip((-_OFFSET, _OFFSET), _SHOWN.items(), strict=True):
        lines = [line + offset for line in range(len(rows))]
        axes.hlines(lines, rows[f"{name}_low"], rows[f"{name}_high"], color=colour, linewidth=1.1)
        sure = (rows[f"q_{name}"] < _SURE).tolist()
        axes.scatter(
            rows[name],
            lines,
            s=11,
            color=[colour if each else "white" for each in sure],
            edgecolors=[colour] * len(rows),
            linewidths=0.8,
            zorder=3,
        )
    names = [f"{row.category} ({row.n_category})" for row in rows.itertuples()]
    axes.set_yticks(range(len(rows)), names if first else [""] * len(rows))
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    axes.set_xlim(-0.02, 1.02)
    if first:
        axes.set_xlabel("area under the ROC curve")


def _draw_key(figure: Figure) -> None:
    """Key of the dots."""
    text = (
        "category versus all other test images, mean over vertices; "
        "in brackets: number of images; filled: q < 0.05"
    )
    write_at(figure, 0.2, 0.38, text, SMALL_SIZE, color=FAINT)
    handles = [
        Line2D([], [], marker="o", markersize=3.5, linewidth=1.1, color=colour, label=name)
        for name, colour in _SHOWN.values()
    ]
    across, down = figure.get_size_inches()
    place = (0.17 / across, 1 - 0.52 / down)
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=place, ncols=2, borderpad=0)
