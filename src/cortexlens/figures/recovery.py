"""Two sheets of a recovery study: what is recovered, and which layers are confused."""

from itertools import cycle
from typing import Final, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cortexlens.figures.drawing.colours import WEIGHTS
from cortexlens.figures.drawing.keys import layer_ticks
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

BASE: Final = "base"
TRUTH: Final = "truth"
DRAWN_MEASURES: Final = {
    "layer_exact": "correct layer\n(fraction of vertices)",
    "layer_within_one": "within one layer\n(fraction of vertices)",
    "level_r": "expected level\n(r with ground truth)",
    "space_error": "receptive-field error\n(median, image widths)",
    "r2": "R²",
}
VARIED_NAMES: Final = {
    "ceiling": "noise ceiling",
    "training_images": "training images",
    "vertices": "vertices",
    "layer_mixing": "variance shared by layers",
    TRUTH: "ground truth",
}
TOPOLOGY_COLOURS: Final = {"smooth": "#1f6f8b", "free": "#c8643c"}
_FURTHER_COLOURS: Final = ("#6b8e23", "#7b4f9d", "#b8860b", "#3b3b3b", "#c04a7a", "#4aa3a3")
_LINES: Final = ("-", "--", ":", "-.")
_EDGE, _LEFT, _HEAD, _WIDTH, _HEIGHT = 0.25, 0.95, 1.25, 2.1, 1.3
_GAP, _ROW_GAP, _FOOT = 0.45, 0.3, 0.3
_CELL, _CELL_GAP, _TITLE = 1.7, 0.95, 0.8
# Width of a letter, and distance between lines of the key, inches.
_LETTER, _LINE = 0.058, 0.14
# Space below a column whose tick labels are words.
_WORDS: Final = 0.95
# Fraction of the distance between two truths over which readouts are spread.
_SIDEWAYS: Final = 0.6

# Key of a curve: readout and topology.
Curve = tuple[str, str]


class Column(NamedTuple):
    """A column of panels: what its axis shows, and which truth was planted."""

    varied: str
    truth: str


def recovery_figure(table: pd.DataFrame) -> Figure:
    """Draw measures (rows) against what was varied (columns), with intervals over seeds.

    Parameters
    ----------
    table
        ``recovery_study.tsv``. The base condition is part of every curve, as a hollow marker.

    Returns
    -------
    Figure
        Line styles distinguish networks and subjects, colours distinguish readouts and their
        topology. If truths were also planted under other conditions, each has its own columns.
    """
    columns = _columns(table)
    words = _WORDS * any(column.varied == TRUTH for column in columns)
    width = max(_LEFT + len(columns) * (_WIDTH + _GAP) + _EDGE, 4.2)
    key, key_height = _lines_key(table, width)
    head = _HEAD + key_height
    height = head + len(DRAWN_MEASURES) * (_HEIGHT + _ROW_GAP) + _FOOT + words
    with house_style():
        figure = new_figure(width, height)
        write_at(
            figure,
            _EDGE,
            0.15,
            "Recovery of what was planted",
            TITLE_SIZE,
            fontweight="bold",
        )
        _draw_key(figure, table, key, key_height)
        for row, (measure, label) in enumerate(DRAWN_MEASURES.items()):
            for place, column in enumerate(columns):
                left, top = _LEFT + place * (_WIDTH + _GAP), head + row * (_HEIGHT + _ROW_GAP)
                axes = axes_at(figure, left, top, _WIDTH, _HEIGHT)
                _draw_curves(axes, table, measure, column)
                if not place:
                    axes.set_ylabel(label)
                if not row and len({each.truth for each in columns}) > 1:
                    axes.set_title(column.truth or "all ground truths")
                last = row == len(DRAWN_MEASURES) - 1
                if column.varied == TRUTH:
                    axes.tick_params(axis="x", labelbottom=last, rotation=90)
                if last:
                    axes.set_xlabel(VARIED_NAMES[column.varied])
    return figure


def _columns(table: pd.DataFrame) -> list[Column]:
    """Columns: everything that was varied, under each truth under which it was varied."""
    base = table[table["varied"] == BASE]["truth"]
    first = str(base.iloc[0]) if len(base) else ""
    there = set(zip(table["varied"], table["truth"], strict=True))
    truths = [first, *(each for each in dict.fromkeys(table["truth"]) if each != first)]
    columns = [
        Column(name, truth)
        for name in VARIED_NAMES
        for truth in truths
        if name != TRUTH and (name, truth) in there
    ]
    if any(varied == TRUTH for varied, _ in there):
        columns.append(Column(TRUTH, ""))
    return columns or [Column("ceiling", first)]


def _draw_curves(axes: Axes, table: pd.DataFrame, measure: str, column: Column) -> None:
    of_truth = column.varied == TRUTH
    truths = list(dict.fromkeys(table["truth"]))
    shown = table[table["varied"].isin([column.varied, BASE, TRUTH])]
    if not of_truth:
        shown = shown[shown["truth"] == column.truth]
    lines = _lines(table)
    for number, ((pair, style), (curve, colour)) in enumerate(lines):
        own = shown[_of_pair(shown, pair) & _of_curve(shown, curve)]
        beside = _SIDEWAYS * (number - (len(lines) - 1) / 2) / len(lines)
        place = own["truth"].map(truths.index) + beside if of_truth else own[column.varied]
        own = own.assign(x=place)
        points = own[own["measure"] == measure].sort_values("x")
        if points.empty:
            continue
        if not of_truth:
            axes.plot(points["x"], points["mean"], style, color=colour, linewidth=1.2)
        axes.vlines(points["x"], points["low"], points["high"], color=colour, linewidth=0.8)
        base = points["varied"] != column.varied
        for part, face in ((points[~base], colour), (points[base], "white")):
            axes.plot(part["x"], part["mean"], "o", color=colour, mfc=face, markersize=3.5)
        if measure == "layer_exact":
            chance = own[own["measure"] == "layer_chance"].sort_values("x")
            mark = "_" if of_truth else ":"
            axes.plot(chance["x"], chance["mean"], mark, color=FAINT, linewidth=0.8)
    if measure != "r2":
        axes.set_ylim(0, None if measure == "space_error" else 1)
    if of_truth:
        axes.set_xticks(range(len(truths)), truths)
        axes.set_xlim(-0.6, len(truths) - 0.4)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_locator(MaxNLocator(4))


def _lines(table: pd.DataFrame) -> list[tuple[tuple[tuple[str, str], str], tuple[Curve, str]]]:
    """Pairs of network and subject with line styles, and readouts with colours."""
    pairs = list(dict.fromkeys(zip(table["backbone"], table["subject"], strict=True)))
    styled = [(pair, _LINES[number % len(_LINES)]) for number, pair in enumerate(pairs)]
    return [(pair, colour) for pair in styled for colour in _colours(table).items()]


def _colours(table: pd.DataFrame) -> dict[Curve, str]:
    """Colours of readouts and their topology, except differences of two topologies."""
    curves = dict.fromkeys(zip(table["readout"], table["topology"], strict=True))
    further = cycle(_FURTHER_COLOURS)
    return {
        curve: TOPOLOGY_COLOURS[curve[1]]
        if curve[0] == "factortopy" and curve[1] in TOPOLOGY_COLOURS
        else next(further)
        for curve in sorted(curves)
        if curve[1] in (*TOPOLOGY_COLOURS, "own")
    }


def curve_name(curve: Curve) -> str:
    """Name of a readout, with the kind of selectors for FactorTopy."""
    readout, topology = curve
    return readout if topology == "own" else f"{readout}, {topology} selectors"


def _of_pair(table: pd.DataFrame, pair: tuple[str, str]) -> "pd.Series[bool]":
    return (table["backbone"] == pair[0]) & (table["subject"] == pair[1])


def _of_curve(table: pd.DataFrame, curve: Curve) -> "pd.Series[bool]":
    return (table["readout"] == curve[0]) & (table["topology"] == curve[1])


def _lines_key(
    table: pd.DataFrame, width: float
) -> tuple[list[tuple[float, float, str, str]], float]:
    """Positions of the names of readouts, in as many lines as needed, and the height of these."""
    placed, left, down = [], _EDGE, 0.0
    for curve, colour in _colours(table).items():
        name = curve_name(curve)
        reach = _LETTER * len(name) + 0.2
        if left > _EDGE and left + reach > width:
            left, down = _EDGE, down + _LINE
        placed.append((left, down, name, colour))
        left += reach
    return placed, down


def _draw_key(
    figure: Figure,
    table: pd.DataFrame,
    key: list[tuple[float, float, str, str]],
    key_height: float,
) -> None:
    for left, down, name, colour in key:
        write_at(figure, left, 0.42 + down, name, SMALL_SIZE, color=colour)
    pairs = {pair: style for (pair, style), _ in _lines(table)}
    names = {"-": "solid", "--": "dashed", ":": "dotted", "-.": "dash-dotted"}
    text = ", ".join(f"{names[style]}: {' '.join(pair)}" for pair, style in pairs.items())
    notes = f"hollow: base condition; dotted grey: chance level\n{text}"
    write_at(figure, _EDGE, 0.56 + key_height, notes, SMALL_SIZE, color=FAINT, linespacing=1.5)


def confusion_figure(table: pd.DataFrame) -> Figure:
    """Draw fitted against planted layers in the base condition, and the similarity of layers.

    Parameters
    ----------
    table
        ``recovery_confusion.tsv``.

    Returns
    -------
    Figure
        One row per network and subject; each row of a matrix sums to 1 if the layer was planted.
    """
    base = table[table["varied"] == BASE]
    pairs = list(dict.fromkeys(zip(base["backbone"], base["subject"], strict=True)))
    curves = list(_colours(base))
    columns = len(curves) + 1
    with house_style():
        figure = new_figure(
            _LEFT + columns * (_CELL + _CELL_GAP) - _CELL_GAP + _EDGE,
            _TITLE + len(pairs) * (_CELL + _CELL_GAP) - 0.2,
        )
        write_at(
            figure,
            _EDGE,
            0.15,
            "Recovered layers (columns) by planted layers (rows)",
            TITLE_SIZE,
            fontweight="bold",
        )
        for row, pair in enumerate(pairs):
            own, top = base[_of_pair(base, pair)], _TITLE + row * (_CELL + _CELL_GAP)
            for column in range(columns):
                axes = axes_at(figure, _LEFT + column * (_CELL + _CELL_GAP), top, _CELL, _CELL)
                if column < len(curves):
                    _draw_matrix(axes, own[_of_curve(own, curves[column])], "share")
                    axes.set_title(curve_name(curves[column]))
                else:
                    _draw_matrix(axes, own[_of_curve(own, curves[0])], "similarity")
                    axes.set_title("similarity (CKA)")
                if not column:
                    axes.set_ylabel(" ".join(pair), color=INK)
    return figure


def _draw_matrix(axes: Axes, part: pd.DataFrame, what: str) -> None:
    names = tuple(dict.fromkeys(part["planted_layer"]))
    axes.imshow(part[what].to_numpy().reshape(len(names), -1), cmap=WEIGHTS, vmin=0, vmax=1)
    ticks, labels = layer_ticks(names)
    axes.set_xticks(ticks, labels, rotation=90)
    axes.set_yticks(ticks, labels)
