"""How a network's maps move while it is fine-tuned: layers and scores by region, step by step."""

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cortexlens.figures.colours import SCALES
from cortexlens.figures.finetuning import Who, main_readout, networks_of, of_network
from cortexlens.figures.keys import shortened
from cortexlens.figures.style import (
    FAINT,
    SMALL_SIZE,
    TITLE_SIZE,
    axes_at,
    house_style,
    new_figure,
    write_at,
)

_LEFT: Final = 0.8
_STEP: Final = 3.3
_HEAD: Final = 0.95
_ROW: Final = 2.0
_FOOT: Final = 0.5
_KEY: Final = 1.1
# What is drawn, downward: begin of the columns' names, and the name of the axis.
ROWS: Final = (("r2", "mean test R²"), ("level", "expected layer\n(0 first, 1 last)"))


def trajectory_figure(changes: pd.DataFrame, steps: dict[Who, int]) -> Figure:
    """Draw expected layer and score of each region before, along and after fine-tuning.

    Parameters
    ----------
    changes
        As of :func:`cortexlens.analysis.changes.change_table`, with checkpoints.
    steps
        Base and fine-tuning → step that the fine-tuned network itself is of.

    Returns
    -------
    Figure
        A column a network, fine-tuning and subject, a line a region with the interval of its
        mean; step 0 is the network before.
    """
    table = main_readout(changes[changes["hemisphere"] == "both"])
    along = [who for who in networks_of(table) if of_network(table, who)["step"].notna().any()]
    columns = [
        (who, subject)
        for who in along
        for subject in dict.fromkeys(of_network(table, who)["subject"])
    ]
    rois = list(dict.fromkeys(table["roi"]))
    with house_style():
        width = _LEFT + _STEP * len(columns) + _KEY
        figure = new_figure(width, _HEAD + len(ROWS) * _ROW + _FOOT)
        write_at(figure, 0.2, 0.14, "Along fine-tuning", TITLE_SIZE, fontweight="bold")
        for column, (who, subject) in enumerate(columns):
            left = _LEFT + column * _STEP
            write_at(figure, left, 0.45, shortened(who[0], 30), fontweight="bold")
            text = f"fine-tuned on {who[1]}, subject {subject}"
            write_at(figure, left, 0.62, text, SMALL_SIZE, color=FAINT)
            own = of_network(table, who)
            points = _points(own[own["subject"] == subject], steps[who])
            for row, (name, label) in enumerate(ROWS):
                axes = axes_at(figure, left, _HEAD + row * _ROW, _STEP - 0.6, _ROW - 0.3)
                _draw(axes, points, name, rois)
                axes.set_ylabel(label if column == 0 else "")
            axes.set_xlabel("step of fine-tuning")
        handles, names = axes.get_legend_handles_labels()
        figure.legend(handles, names, loc="upper right", bbox_to_anchor=(1, 1 - 0.6 / _HEAD / 6))
        return figure


def _points(rows: pd.DataFrame, last: int) -> pd.DataFrame:
    """Every measurement as a row: step 0 from the columns ``before``, others from ``after``."""
    parts = []
    for when in ("before", "after"):
        names = {
            f"{name}_{when}{end}": f"{name}{end}"
            for name, _ in ROWS
            for end in ("", "_low", "_high")
        }
        part = rows[["roi", "step", *names]].rename(columns=names)
        steps = 0 if when == "before" else part["step"].fillna(last)
        parts.append(part.assign(step=steps))
    joined = pd.concat(parts).drop_duplicates(["roi", "step"], keep="last")
    return joined.sort_values("step", kind="stable")


def _draw(axes: Axes, points: pd.DataFrame, name: str, rois: list[str]) -> None:
    colours = SCALES(np.linspace(0, 0.92, len(rois)))
    for roi, colour in zip(rois, colours, strict=True):
        own = points[points["roi"] == roi]
        axes.plot(own["step"], own[name], "o-", color=colour, markersize=3, label=roi)
        ends = own[f"{name}_low"], own[f"{name}_high"]
        axes.fill_between(own["step"], *ends, color=colour, alpha=0.12, linewidth=0)
