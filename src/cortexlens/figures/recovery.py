"""Two sheets of a recovery study: what is found again, and which layers are confused."""

from typing import Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cortexlens.figures.colours import WEIGHTS
from cortexlens.figures.keys import layer_ticks
from cortexlens.figures.style import (
    FAINT,
    INK,
    SMALL_SIZE,
    TITLE_SIZE,
    axes_at,
    house_style,
    new_figure,
    write_at,
)

BASE: Final = "base"
DRAWN_MEASURES: Final = {
    "layer_exact": "right layer\n(share of vertices)",
    "layer_within_one": "within one layer\n(share of vertices)",
    "space_error": "receptive field off by\n(image widths, median)",
    "r2": "R²",
}
VARIED_NAMES: Final = {
    "ceiling": "noise ceiling",
    "training_images": "training images",
    "vertices": "vertices",
    "layer_mixing": "variance that layers share",
}
TOPOLOGY_COLOURS: Final = {"smooth": "#1f6f8b", "free": "#c8643c"}
_LINES: Final = ("-", "--", ":", "-.")
_EDGE, _LEFT, _HEAD, _WIDTH, _HEIGHT = 0.25, 0.95, 1.05, 2.1, 1.3
_GAP, _ROW_GAP, _FOOT = 0.45, 0.3, 0.3
_CELL, _CELL_GAP, _TITLE = 1.7, 0.95, 0.8


def recovery_figure(table: pd.DataFrame) -> Figure:
    """Draw measures (rows) against what was varied (columns), with intervals over seeds.

    Parameters
    ----------
    table
        ``recovery_study.tsv``. The base, hollow, stands on every curve.

    Returns
    -------
    Figure
        Networks and subjects differ by the style of line, topology by the colour.
    """
    varied = [name for name in VARIED_NAMES if name in set(table["varied"])] or ["ceiling"]
    width = _LEFT + len(varied) * (_WIDTH + _GAP) + _EDGE
    height = _HEAD + len(DRAWN_MEASURES) * (_HEIGHT + _ROW_GAP) + _FOOT
    with house_style():
        figure = new_figure(max(width, 4.2), height)
        write_at(
            figure,
            _EDGE,
            0.15,
            "What is found again of what was planted",
            TITLE_SIZE,
            fontweight="bold",
        )
        _draw_lines_key(figure, table)
        for row, (measure, label) in enumerate(DRAWN_MEASURES.items()):
            for column, name in enumerate(varied):
                left, top = _LEFT + column * (_WIDTH + _GAP), _HEAD + row * (_HEIGHT + _ROW_GAP)
                axes = axes_at(figure, left, top, _WIDTH, _HEIGHT)
                _draw_curves(axes, table, measure, name)
                if not column:
                    axes.set_ylabel(label)
                if row == len(DRAWN_MEASURES) - 1:
                    axes.set_xlabel(VARIED_NAMES[name])
    return figure


def _draw_curves(axes: Axes, table: pd.DataFrame, measure: str, varied: str) -> None:
    wanted = table[table["varied"].isin([varied, BASE])]
    for (pair, style), (topology, colour) in _lines(table):
        own = wanted[_of_pair(wanted, pair) & (wanted["topology"] == topology)]
        points = own[own["measure"] == measure].sort_values(varied)
        if points.empty:
            continue
        axes.plot(points[varied], points["mean"], style, color=colour, linewidth=1.2)
        axes.vlines(points[varied], points["low"], points["high"], color=colour, linewidth=0.8)
        base = points["varied"] == BASE
        for part, face in ((points[~base], colour), (points[base], "white")):
            axes.plot(part[varied], part["mean"], "o", color=colour, mfc=face, markersize=3.5)
        if measure == "layer_exact":
            chance = own[own["measure"] == "layer_chance"].sort_values(varied)
            axes.plot(chance[varied], chance["mean"], ":", color=FAINT, linewidth=0.8)
    if measure != "r2":
        axes.set_ylim(0, 1 if measure.startswith("layer") else None)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_locator(MaxNLocator(4))


def _lines(
    table: pd.DataFrame,
) -> list[tuple[tuple[tuple[str, str], str], tuple[str, str]]]:
    """Pairs of network and subject with their style, and topologies with their colour."""
    pairs = list(dict.fromkeys(zip(table["backbone"], table["subject"], strict=True)))
    styled = [(pair, _LINES[number % len(_LINES)]) for number, pair in enumerate(pairs)]
    return [(pair, colour) for pair in styled for colour in TOPOLOGY_COLOURS.items()]


def _of_pair(table: pd.DataFrame, pair: tuple[str, str]) -> "pd.Series[bool]":
    return (table["backbone"] == pair[0]) & (table["subject"] == pair[1])


def _draw_lines_key(figure: Figure, table: pd.DataFrame) -> None:
    left = _EDGE
    for topology, colour in TOPOLOGY_COLOURS.items():
        if topology in set(table["topology"]):
            write_at(figure, left, 0.42, f"{topology} selectors", SMALL_SIZE, color=colour)
            left += 1.0
    pairs = {pair: style for (pair, style), _ in _lines(table)}
    names = {"-": "line", "--": "dashes", ":": "dots", "-.": "dashes and dots"}
    text = ", ".join(f"{names[style]}: {' '.join(pair)}" for pair, style in pairs.items())
    notes = f"hollow: the base; dotted: right by chance\n{text}"
    write_at(figure, _EDGE, 0.56, notes, SMALL_SIZE, color=FAINT, linespacing=1.5)


def confusion_figure(table: pd.DataFrame) -> Figure:
    """Draw the layers found against those planted, in the base, beside the layers' similarity.

    Parameters
    ----------
    table
        ``recovery_confusion.tsv``.

    Returns
    -------
    Figure
        A row a network and subject; each row of a matrix sums to 1, where the layer was planted.
    """
    base = table[table["varied"] == BASE]
    pairs = list(dict.fromkeys(zip(base["backbone"], base["subject"], strict=True)))
    topologies = [name for name in TOPOLOGY_COLOURS if name in set(base["topology"])]
    columns = len(topologies) + 1
    with house_style():
        figure = new_figure(
            _LEFT + columns * (_CELL + _CELL_GAP) - _CELL_GAP + _EDGE,
            _TITLE + len(pairs) * (_CELL + _CELL_GAP) - 0.2,
        )
        write_at(
            figure,
            _EDGE,
            0.15,
            "Layers found (right) of layers planted (down)",
            TITLE_SIZE,
            fontweight="bold",
        )
        for row, pair in enumerate(pairs):
            own, top = base[_of_pair(base, pair)], _TITLE + row * (_CELL + _CELL_GAP)
            for column, topology in enumerate([*topologies, "similarity"]):
                axes = axes_at(figure, _LEFT + column * (_CELL + _CELL_GAP), top, _CELL, _CELL)
                _draw_matrix(axes, own, topology, topologies[0])
                if not column:
                    axes.set_ylabel(" ".join(pair), color=INK)
    return figure


def _draw_matrix(axes: Axes, own: pd.DataFrame, what: str, first: str) -> None:
    similar = what == "similarity"
    part = own[own["topology"] == (first if similar else what)]
    names = tuple(dict.fromkeys(part["planted_layer"]))
    values = part["similarity" if similar else "share"].to_numpy()
    axes.imshow(values.reshape(len(names), -1), cmap=WEIGHTS, vmin=0, vmax=1)
    ticks, labels = layer_ticks(names)
    axes.set_xticks(ticks, labels, rotation=90)
    axes.set_yticks(ticks, labels)
    axes.set_title("similarity (CKA)" if similar else f"{what} selectors")
