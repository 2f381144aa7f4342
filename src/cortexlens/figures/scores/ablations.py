"""Figure of the table of ablations: effect of each variant of the model."""

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cortexlens.figures.drawing.colours import SCALES
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

_NAMES: Final = 1.6
_STEP: Final = 2.6
_ROW: Final = 0.32
_HEAD: Final = 0.95
_FOOT: Final = 0.75
# A variant that loses a larger fraction of the score, such as shuffled images, is given as text at
# the edge: as a dot it would compress the scale for all others.
_LOST: Final = 0.5


def ablation_figure(table: pd.DataFrame, base: str = "factortopy") -> Figure:
    """Draw each readout's difference in test R² from ``base``, one panel per network.

    Parameters
    ----------
    table
        Table of :func:`~.ablations.ablation_table` with at least one row; rows of all vertices are
        drawn.
    base
        Readout that the table compares all others with.

    Returns
    -------
    Figure
        One dot per subject with the interval of its mean over vertices; the score of ``base``
        itself is written above. Variants that lose more than half of that score are written at the
        edge.
    """
    shown = table[table["roi"] == "all"]
    networks = list(dict.fromkeys(shown["backbone"]))
    readouts = [name for name in dict.fromkeys(shown["readout"]) if name != base]
    subjects = list(dict.fromkeys(shown["subject"]))
    with house_style():
        height = _ROW * max(1, len(readouts))
        figure = new_figure(_NAMES + _STEP * len(networks), _HEAD + height + _FOOT)
        write_at(figure, 0.2, 0.14, "Contribution of each component", TITLE_SIZE, fontweight="bold")
        for column, network in enumerate(networks):
            left = _NAMES + column * _STEP
            axes = axes_at(figure, left, _HEAD, _STEP - 0.3, height)
            own = shown[shown["backbone"] == network]
            write_at(figure, left, 0.42, network, fontweight="bold")
            write_at(figure, left, 0.62, _base_text(own, base), SMALL_SIZE, color=FAINT)
            _draw(axes, own, base, readouts, subjects)
            axes.set_yticks(range(len(readouts)), readouts if column == 0 else [])
        ends = np.array([axes.get_xlim() for axes in figure.axes])
        for axes in figure.axes:
            axes.set_xlim(ends[:, 0].min(), ends[:, 1].max())
        return figure


def _base_text(own: pd.DataFrame, base: str) -> str:
    """Scores of the readout that others are compared with."""
    rows = own[own["readout"] == base]
    scores = [
        f"{subject} {r2:.3f}" for subject, r2 in zip(rows["subject"], rows["r2_mean"], strict=True)
    ]
    return f"{base}: " + (", ".join(scores) or "not fitted")


def _draw(
    axes: Axes, own: pd.DataFrame, base: str, readouts: list[str], subjects: list[str]
) -> None:
    """Dots and intervals of one network."""
    offsets = np.linspace(-0.2, 0.2, len(subjects)) if len(subjects) > 1 else np.zeros(1)
    colours = SCALES(np.linspace(0.1, 0.75, len(subjects)))
    axes.axvline(0, color=INK, linewidth=0.6)
    whole = own[own["readout"] == base].set_index("subject")["r2_mean"]
    scored = own["subject"].map(whole)
    # A fraction lost is undefined if the score is not positive.
    lost = own["readout"].isin(readouts) & (scored > 0) & (own["difference"] < -_LOST * scored)
    for subject, offset, colour in zip(subjects, offsets, colours, strict=True):
        rows = own[(own["subject"] == subject) & own["readout"].isin(readouts) & ~lost]
        lines = [readouts.index(name) + offset for name in rows["readout"]]
        axes.hlines(lines, rows["difference_low"], rows["difference_high"], color=colour)
        axes.plot(rows["difference"], lines, "o", color=colour, markersize=4, label=subject)
    for name, rows in own[lost].groupby("readout"):
        _write_lost(axes, readouts.index(str(name)), rows["difference"])
    axes.set_ylim(max(1, len(readouts)) - 0.5, -0.5)
    axes.set_xlabel("difference in mean test R²")
    axes.legend(loc="best", handletextpad=0.1)


def _write_lost(axes: Axes, line: int, differences: "pd.Series[float]") -> None:
    """Write values far to the left of the axis at its edge."""
    values = ", ".join(f"{each:.3f}" for each in differences)
    axes.text(
        0.02,
        line,
        f"\N{BLACK LEFT-POINTING SMALL TRIANGLE} {values}",
        transform=axes.get_yaxis_transform(),
        va="center",
        fontsize=SMALL_SIZE,
        color=FAINT,
    )
