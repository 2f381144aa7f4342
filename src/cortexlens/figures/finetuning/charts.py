"""Figures of the tables of fine-tuning: changes by region, drift by layer, training curves."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cortexlens.figures.drawing.colours import SCALES
from cortexlens.figures.drawing.keys import layer_ticks, shortened
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

_LEFT: Final = 1.05
PANEL_STEP: Final = 2.6
_TITLE: Final = 0.45
_NAME: Final = 0.45
_FOOT: Final = 0.62
_ROW: Final = 0.24
_LETTERS: Final = 22
# Largest number of panels in a row.
MOST: Final = 4
_PANEL: Final = 1.75

Who = tuple[str, str]


class Change(NamedTuple):
    """Values that changed, with one line per value, for one network and fine-tuning.

    Attributes
    ----------
    table
        Table with ``base``, ``finetune``, ``subject``, the column named by ``lines``, and the
        column named by ``value`` with ``_low`` and ``_high``.
    value, lines
        Names of columns; ``lines`` None: a single line with the label.
    label
        Label of the axis.
    """

    table: pd.DataFrame
    value: str
    lines: str | None
    label: str


def networks_of(table: pd.DataFrame) -> list[Who]:
    """Base and fine-tuning of each row, without duplicates."""
    pairs = zip(table["base"], table["finetune"], strict=True)
    return list(dict.fromkeys((str(base), str(finetune)) for base, finetune in pairs))


def of_network(table: pd.DataFrame, who: Who) -> pd.DataFrame:
    """Rows of one base and fine-tuning."""
    return table[(table["base"] == who[0]) & (table["finetune"] == who[1])]


def at_the_end(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the final fine-tuned networks, without intermediate checkpoints."""
    return table[table["step"].isna()]


def rows_of_readout(table: pd.DataFrame, readout: str) -> pd.DataFrame:
    """Rows of a readout; of the first readout in the table if it has none of that."""
    names = list(dict.fromkeys(table["readout"]))
    chosen = readout if readout in names or not names else names[0]
    return table[table["readout"] == chosen]


def change_sheet(
    changes: pd.DataFrame,
    hierarchy: pd.DataFrame,
    forgetting: pd.DataFrame,
    readout: str = "factortopy",
) -> Figure:
    """Draw the effects of fine-tuning on scores, layers, slope and labels, one column per network.

    Parameters
    ----------
    changes, hierarchy
        Tables of :mod:`cortexlens.analysis.finetuning.changes`; ``changes`` has at least one row.
    forgetting
        Table of :func:`cortexlens.analysis.finetuning.forgetting.forgetting_table`.
    readout
        Readout whose changes are drawn.

    Returns
    -------
    Figure
        One dot per subject, with its interval; the line at 0 is no change.
    """
    regions = rows_of_readout(at_the_end(changes), readout)
    regions = regions[regions["hemisphere"] == "both"]
    slopes = rows_of_readout(at_the_end(hierarchy), readout)
    parts = [
        Change(regions, "r2_change", "roi", "change in mean test R²"),
        Change(regions, "level_change", "roi", "change in layer (1: first to last)"),
        Change(slopes, "slope_change", None, "change in slope"),
        Change(at_the_end(forgetting), "accuracy_change", None, "change in label accuracy"),
    ]
    shown = [part for part in parts if len(part.table)]
    heights = [_ROW * (len(_lines(part)) + 0.6) for part in shown]

    def draw(figure: Figure, left: float, top: float, who: Who, first: bool) -> None:
        for part, height in zip(shown, heights, strict=True):
            axes = axes_at(figure, left, top, PANEL_STEP - 0.35, height)
            _draw_change(axes, part, who, first)
            top += height + _FOOT

    return _network_sheet(
        "What fine-tuning changed", networks_of(regions), sum(heights) + _FOOT * len(shown), draw
    )


def panel_sheet(
    title: str,
    panels: Sequence[tuple[str, str]],
    height: float,
    draw: Callable[[Figure, float, float, int], None],
    margin: float = 0.0,
) -> Figure:
    """Draw panels in rows, each with a name and a line of small text above.

    Parameters
    ----------
    title
        Title of the sheet.
    panels
        Name and small text of each panel.
    height
        Height of a panel, including what is below it, inches.
    draw
        Function of the figure, the panel's position (left and top, inches) and its number.
    margin
        Space at the right, inches.
    """
    rows = -(-len(panels) // MOST)
    with house_style():
        width = _LEFT + PANEL_STEP * max(1, min(len(panels), MOST)) + margin
        figure = new_figure(width, _TITLE + rows * (_NAME + height))
        write_at(figure, 0.2, 0.14, title, TITLE_SIZE, fontweight="bold")
        for number, (name, text) in enumerate(panels):
            row, column = divmod(number, MOST)
            left, top = _LEFT + column * PANEL_STEP, _TITLE + row * (_NAME + height)
            write_at(figure, left, top, shortened(name, _LETTERS), fontweight="bold")
            write_at(figure, left, top + 0.17, text, SMALL_SIZE, color=FAINT)
            draw(figure, left, top + _NAME, number)
        return figure


def _network_sheet(
    title: str,
    networks: Sequence[Who],
    height: float,
    draw: Callable[[Figure, float, float, Who, bool], None],
) -> Figure:
    """Draw one panel per network and fine-tuning; ``draw`` gets whether its row begins with it."""

    def numbered(figure: Figure, left: float, top: float, number: int) -> None:
        draw(figure, left, top, networks[number], number % MOST == 0)

    panels = [(who[0], f"fine-tuned on {shortened(who[1], _LETTERS)}") for who in networks]
    return panel_sheet(title, panels, height, numbered)


def subject_colours(table: pd.DataFrame) -> dict[str, Any]:
    """Colour of each subject, the same in all panels of a table."""
    subjects = list(dict.fromkeys(table["subject"]))
    return dict(zip(subjects, SCALES(np.linspace(0.1, 0.75, len(subjects))), strict=True))


def _lines(part: Change) -> list[str]:
    return [""] if part.lines is None else list(dict.fromkeys(part.table[part.lines]))


def _draw_change(axes: Axes, part: Change, who: Who, first: bool) -> None:
    """Dots and intervals of one network, one line per region."""
    names, colours = _lines(part), subject_colours(part.table)
    offsets = np.linspace(-0.2, 0.2, len(colours)) if len(colours) > 1 else np.zeros(1)
    own = of_network(part.table, who)
    axes.axvline(0, color=INK, linewidth=0.6)
    for (subject, colour), offset in zip(colours.items(), offsets, strict=True):
        rows = own[own["subject"] == subject]
        places = [0] * len(rows) if part.lines is None else map(names.index, rows[part.lines])
        lines = [place + offset for place in places]
        ends = rows[f"{part.value}_low"], rows[f"{part.value}_high"]
        axes.hlines(lines, *ends, color=colour, linewidth=1.2)
        axes.plot(rows[part.value], lines, "o", color=colour, markersize=3.2, label=subject)
    low, high = part.table[f"{part.value}_low"].min(), part.table[f"{part.value}_high"].max()
    room = 0.06 * max(high - low, 1e-3)
    axes.set_xlim(min(0, low) - room, max(0, high) + room)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), names if first else [""] * len(names))
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(part.label)
    # a tick's label is wide: no more of them than stand side by side
    axes.locator_params(axis="x", nbins=5)
    if first and part.value == "r2_change":
        # With two or three lines there is no space for a legend between them.
        place: dict[str, Any] = {"loc": "best"}
        if len(names) < 4:
            place = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "ncols": 2}
        axes.legend(**place, handletextpad=0.1, borderaxespad=0.1)


def drift_sheet(drift: pd.DataFrame) -> Figure:
    """Draw the similarity of each layer's features before and after, one line per subject.

    Parameters
    ----------
    drift
        Table of :func:`cortexlens.analysis.finetuning.drift.drift_table` with at least one row.
    """
    shown = at_the_end(drift)
    colours = subject_colours(shown)

    def draw(figure: Figure, left: float, top: float, who: Who, first: bool) -> None:
        axes = axes_at(figure, left, top, PANEL_STEP - 0.35, _PANEL)
        own = of_network(shown, who)
        for subject, tokens in product(colours, TOKENS):
            rows = own[(own["subject"] == subject) & (own["tokens"] == tokens)]
            style = TOKENS[tokens]
            name = f"{subject}, {tokens}"
            line = rows["layer"], rows["cka"]
            axes.plot(*line, style, color=colours[subject], linewidth=1.2, label=name)
            ends = rows["cka_low"], rows["cka_high"]
            axes.fill_between(rows["layer"], *ends, color=colours[subject], alpha=0.2, linewidth=0)
        names = tuple(own.drop_duplicates("layer").sort_values("layer")["layer_name"])
        ticks, texts = layer_ticks(names)
        axes.set_xticks(ticks, texts, rotation=40, ha="right", rotation_mode="anchor")
        axes.set_ylim(min(0.0, own["cka_low"].min()), 1.02)
        if first:
            axes.set_ylabel("similarity of features\n(linear CKA)")
            axes.legend(loc="lower left", borderaxespad=0.1)

    return _network_sheet("Drift of features", networks_of(shown), _PANEL + 0.75, draw)


def training_sheet(histories: Mapping[Who, pd.DataFrame], baselines: Mapping[Who, float]) -> Figure:
    """Draw loss and accuracy along each fine-tuning.

    Parameters
    ----------
    histories
        Base and fine-tuning → ``history.tsv``; at least one.
    baselines
        Base and fine-tuning → accuracy of always predicting the most frequent class.
    """

    def draw(figure: Figure, left: float, top: float, who: Who, first: bool) -> None:
        history = histories[who]
        loss = axes_at(figure, left, top, PANEL_STEP - 0.35, _PANEL * 0.7)
        loss.plot(history["step"], history["training_loss"], color=INK, linewidth=1.2)
        loss.set_ylim(0, None)
        loss.set_xticklabels([])
        accuracy = axes_at(figure, left, top + _PANEL * 0.7 + 0.3, PANEL_STEP - 0.35, _PANEL)
        for number, (column, name) in enumerate(ACCURACIES.items()):
            colour = SCALES(0.1 + 0.35 * number)
            accuracy.plot(history["step"], history[column], color=colour, label=name)
        level = accuracy.axhline(baselines[who], label="most frequent class")
        level.set(color=FAINT, linewidth=0.7, linestyle="--")
        loss.set_xlim(accuracy.get_xlim())
        accuracy.set_ylim(0, 1.02)
        accuracy.set_xlabel("step")
        if first:
            loss.set_ylabel("training loss")
            accuracy.set_ylabel("accuracy")
            accuracy.legend(loc="best")

    return _network_sheet("Fine-tuning", list(histories), 1.7 * _PANEL + 0.3 + _FOOT, draw)


# Tokens → line style.
TOKENS: Final = {"global": "-", "local": "--"}
# Column of history.tsv → label.
ACCURACIES: Final = {
    "training_accuracy": "training",
    "validation_accuracy": "validation",
    "balanced_accuracy": "validation, balanced",
}
