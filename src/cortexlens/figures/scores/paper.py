"""Figure of the study's numbers against the published ones, one panel per quantity."""

from typing import Final

import pandas as pd
from matplotlib.figure import Figure

from cortexlens.figures.drawing.style import (
    FAINT,
    INK,
    SMALL_SIZE,
    TITLE_SIZE,
    axes_at,
    house_style,
    new_figure,
    write_at,
)

_PANELS: Final = {
    "r2": "mean test R²",
    "slope": "slope",
    "b0": "b0",
    "b1": "b1",
    "r2_mean": "best network: R² by region",
    "rms_difference": "difference from best by region",
}
_SIDE: Final = 1.9
_STEP: Final = 2.6
_NONE: Final = (
    "No network of this study is among those of the paper.\n"
    "Rows of backbones.tsv are matched by source and name, with pretrained weights;\n"
    "config/paper/backbones.tsv lists all networks of the paper."
)


def comparison_figure(table: pd.DataFrame) -> Figure:
    """Draw the study's numbers against the published ones, with the line of equality.

    Parameters
    ----------
    table
        Table of :func:`~.paper.comparison_table`; if it has no rows, the figure says so.
    """
    shown = [name for name in _PANELS if (table["quantity"] == name).any()]
    with house_style():
        figure = new_figure(0.6 + _STEP * max(2, min(3, len(shown))), 0.9 + 2.7 * _rows(shown))
        title = "Comparison with published numbers"
        write_at(figure, 0.25, 0.14, title, TITLE_SIZE, fontweight="bold")
        if not shown:
            write_at(figure, 0.25, 0.6, _NONE)
        for number, name in enumerate(shown):
            row, column = divmod(number, 3)
            _panel(figure, 0.75 + _STEP * column, 0.75 + 2.7 * row, name, table)
        return figure


def _rows(shown: list[str]) -> float:
    return (len(shown) + 2) // 3 if shown else 0.3


def _panel(figure: Figure, left: float, top: float, name: str, table: pd.DataFrame) -> None:
    part = table[table["quantity"] == name]
    axes = axes_at(figure, left, top, _SIDE, _SIDE)
    values = part[["own", "published"]].to_numpy(float)
    low, high = min(0.0, values.min()), values.max()
    room = 0.08 * (high - low) or 0.1
    axes.plot([low - room, high + room], [low - room, high + room], color=FAINT, linewidth=0.6)
    by_region = part["roi"].nunique() > 1
    texts = map(str, part["roi" if by_region else "backbone"])
    axes.plot(values[:, 1], values[:, 0], "o", color=INK, markersize=3)
    for text, (own, published) in zip(texts, values.tolist(), strict=True):
        axes.annotate(
            text,
            (published, own),
            xytext=(3, 2),
            textcoords="offset points",
            fontsize=SMALL_SIZE - 1.5,
        )
    known = part.dropna(subset=["own_low"])
    axes.vlines(known["published"], known["own_low"], known["own_high"], color=INK, linewidth=0.6)
    axes.set_title(_PANELS[name])
    axes.set_xlabel("published")
    axes.set_ylabel("this study")
