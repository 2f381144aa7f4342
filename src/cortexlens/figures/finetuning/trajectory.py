"""Change of a network's maps along fine-tuning: layers and scores by region and step."""

from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from cortexlens.figures.drawing.colours import SCALES
from cortexlens.figures.drawing.style import INK, axes_at
from cortexlens.figures.finetuning.charts import (
    MOST,
    PANEL_STEP,
    Who,
    networks_of,
    of_network,
    panel_sheet,
    rows_of_readout,
)

_ROW: Final = 2.0
_FOOT: Final = 0.4
_KEY: Final = 0.6
# Rows of the figure: prefix of the columns' names, and label of the axis.
ROWS: Final = (("r2", "mean test R²"), ("level", "expected layer\n(0 first, 1 last)"))


def trajectory_figure(
    changes: pd.DataFrame, steps: dict[Who, int], readout: str = "factortopy"
) -> Figure:
    """Draw expected layer and score of each region before, along and after fine-tuning.

    Parameters
    ----------
    changes
        Table of :func:`cortexlens.analysis.finetuning.changes.change_table`, with checkpoints.
    steps
        Base and fine-tuning → step of the final fine-tuned network.
    readout
        Readout whose rows are drawn.

    Returns
    -------
    Figure
        One column per network, fine-tuning and subject, one line per region with the interval of
        its mean; step 0 is the network before fine-tuning.
    """
    table = rows_of_readout(changes[changes["hemisphere"] == "both"], readout)
    along = [who for who in networks_of(table) if of_network(table, who)["step"].notna().any()]
    columns = [
        (who, subject)
        for who in along
        for subject in dict.fromkeys(of_network(table, who)["subject"])
    ]
    rois = list(dict.fromkeys(table["roi"]))

    def draw(figure: Figure, left: float, top: float, number: int) -> None:
        who, subject = columns[number]
        own = of_network(table, who)
        points = points_of(own[own["subject"] == subject], steps[who])
        for row, (name, label) in enumerate(ROWS):
            axes = axes_at(figure, left, top + row * _ROW, PANEL_STEP - 0.45, _ROW - 0.3)
            _draw(axes, points, name, rois)
            axes.set_ylabel(label if number % MOST == 0 else "")
            if row == 0 and number == min(len(columns), MOST) - 1:
                axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1.02))
        axes.set_xlabel("fine-tuning step")

    panels = [(who[0], f"fine-tuned on {who[1]}, {subject}") for who, subject in columns]
    height = len(ROWS) * _ROW + _FOOT
    return panel_sheet("Course of fine-tuning", panels, height, draw, margin=_KEY)


def points_of(rows: pd.DataFrame, last: int) -> pd.DataFrame:
    """Every measurement as a row: step 0 from the columns ``before``, others from ``after``.

    Parameters
    ----------
    rows
        Changes of one base, fine-tuning and subject.
    last
        Step of the final fine-tuned network.
    """
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
    # All vertices in the colour of text, regions from dark to light in their order.
    colours = [to_rgba(INK), *SCALES(np.linspace(0.08, 0.95, len(rois) - 1))]
    for roi, colour in zip(rois, colours, strict=True):
        own = points[points["roi"] == roi]
        axes.plot(own["step"], own[name], "o-", color=colour, markersize=3, label=roi)
        ends = own[f"{name}_low"], own[f"{name}_high"]
        axes.fill_between(own["step"], *ends, color=colour, alpha=0.12, linewidth=0)
