"""The expected level of vertices against the ideal level of their region, fit by fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cortexlens.figures.drawing.colours import depth_colours
from cortexlens.figures.drawing.keys import shortened
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
from cortexlens.shapes import LAYER

_CELL: Final = (2.1, 1.75)
_GAP: Final = (0.35, 0.75)
_EDGE: Final = 0.65
_HEAD: Final = 1.0
_SPREAD: Final = 0.045
_LETTERS: Final = 24
# The line's own colour, apart from all colours of layers in lightness.
_BAND_ALPHA: Final = 0.18
# At the right, inches: what stands above the last column is wider than it.
_ROOM = 0.35


@dataclass(frozen=True)
class HierarchyPanel:
    """What is drawn of one network and subject.

    Attributes
    ----------
    backbone, subject
        Whose.
    ideal, expected
        Level of each vertex: of its region, and under its layer selector; 0 to 1.
    region
        Names of the regions at each ideal level.
    low, high
        Ends of the line's interval at levels 0, 0.01, …, 1.
    start, slope
        Of the line.
    note
        Written into the panel.
    axis
        What the layers are: ``layer``, or ``time step`` of a diffusion network.
    """

    backbone: str
    subject: str
    ideal: Float[np.ndarray, " vertex"]
    expected: Float[np.ndarray, " vertex"]
    region: dict[float, str]
    low: Float[np.ndarray, " step"]
    high: Float[np.ndarray, " step"]
    start: float
    slope: float
    note: str
    axis: str = LAYER


def hierarchy_figure(panels: Sequence[HierarchyPanel], interval: float) -> Figure:
    """Draw networks down and subjects across, in the order in which they first appear.

    Parameters
    ----------
    panels
        One a fit; may be none, which is told.
    interval
        Share that the bands hold.
    """
    backbones = list(dict.fromkeys(panel.backbone for panel in panels))
    subjects = list(dict.fromkeys(panel.subject for panel in panels))
    width, height = _CELL[0] + _GAP[0], _CELL[1] + _GAP[1]
    with house_style():
        figure = new_figure(
            max(_EDGE + width * len(subjects) + _ROOM, 5.2), _HEAD + height * len(backbones)
        )
        write_at(figure, 0.25, 0.14, "Layers against the hierarchy", TITLE_SIZE, fontweight="bold")
        text = f"least-squares line with its {interval:.0%} interval; ρ: rank correlation"
        if not panels:
            text = "the study's regions span fewer than two levels of the hierarchy"
        write_at(figure, 0.25, 0.38, text, color=FAINT)
        for panel in panels:
            row, column = backbones.index(panel.backbone), subjects.index(panel.subject)
            left, top = _EDGE + column * width, _HEAD + row * height
            axes = axes_at(figure, left, top, *_CELL)
            _draw_panel(axes, panel)
            name = f"{shortened(panel.backbone, _LETTERS)}, {panel.subject}"
            name += "" if panel.axis == LAYER else f" ({panel.axis}s)"
            write_at(figure, left, top - 0.25, name, fontweight="bold")
            if column == 0:
                axes.set_ylabel("expected level")
            else:
                axes.set_yticklabels([])
        return figure


def _draw_panel(axes: Axes, panel: HierarchyPanel) -> None:
    """Vertices as dots beside their level, the middle half as a bar, and the line."""
    rng = np.random.default_rng(0)
    across = panel.ideal + rng.uniform(-_SPREAD, _SPREAD, len(panel.ideal))
    colours = depth_colours(panel.expected, np.ones(len(panel.ideal)), panel.axis)
    size = float(np.clip(2500 / max(1, len(across)), 0.4, 6))
    axes.scatter(
        across, panel.expected, s=size, c=colours, alpha=0.5, linewidths=0, rasterized=True
    )
    for level in panel.region:
        low, middle, high = np.percentile(panel.expected[panel.ideal == level], [25, 50, 75])
        axes.plot([level, level], [low, high], color=INK, linewidth=2.2, solid_capstyle="butt")
        axes.plot([level], [middle], "o", color="white", markeredgecolor=INK, markersize=3.5)
    steps = np.linspace(0, 1, len(panel.low))
    axes.fill_between(steps, panel.low, panel.high, color=INK, alpha=_BAND_ALPHA, linewidth=0)
    axes.plot(steps, panel.start + panel.slope * steps, color=INK, linewidth=1.1)
    axes.set_xlim(-0.09, 1.09)
    axes.set_ylim(-0.03, 1.03)
    axes.set_yticks([0, 0.5, 1], ["0 first", "0.5", "1 last"])
    axes.set_xticks(list(panel.region), [f"{level:g}\n{n}" for level, n in panel.region.items()])
    axes.set_title(panel.note, fontsize=SMALL_SIZE, loc="left", pad=1, color=FAINT)
