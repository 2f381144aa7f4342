"""Overview sheets: networks as rows, subjects and their mean as columns, with scores."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cortexlens.errors import CortexlensError
from cortexlens.figures.drawing.sheets import SHEETS, SheetMap
from cortexlens.figures.drawing.style import (
    FAINT,
    INK,
    SMALL_SIZE,
    TITLE_SIZE,
    WARNING,
    axes_at,
    house_style,
    new_figure,
    write_at,
)
from cortexlens.figures.maps.average import average_fit
from cortexlens.figures.maps.cortex import PAIR_GAP, draw_pair
from cortexlens.figures.maps.fits import DrawnFit
from cortexlens.figures.maps.flatmaps import FlatSheet, flat_sheet, shown_window
from cortexlens.figures.maps.slices import SliceSheet, slice_sheet
from cortexlens.figures.maps.volume import SLICE_GAP, draw_slices
from cortexlens.shapes import LAYER

_EDGE: Final = 0.25
_HEAD: Final = 0.8
_ROW_HEAD: Final = 0.24
_ROW_GAP: Final = 0.14
_COLUMN_GAP: Final = 0.45
_SCORE_GAP: Final = 0.2
_SCORE_WIDTH: Final = 1.6
_SCORE_HEIGHT: Final = 0.36
_MIN_WIDTH: Final = 5.0
# Left margin if the cells have tick labels.
_TICKED_EDGE: Final = 0.5
# Width for all subjects side by side, and limits of the width of one.
_ALL_SUBJECTS: Final = 8.0
_CELL_WIDTH: Final = (1.5, 3.2)
_CELL_HEIGHT: Final = 1.7
_PROFILE_HEIGHT: Final = 1.0
# Number of slices that represent a volume.
_SLICES: Final = 2
_LABEL_SIZE: Final = 4.5
# Key of the column of means over subjects.
_MEAN: Final = ""


class Score(NamedTuple):
    """Mean test R² of a fit, and its confidence interval."""

    mean: float
    low: float
    high: float


def overview_figure(
    fits: Sequence[DrawnFit],
    what: str = "layer",
    scores: Mapping[tuple[str, str], Score] | None = None,
) -> Figure:
    """Draw one kind of map of all networks and subjects on one sheet.

    Volumes are drawn as two slices each, fits without coordinates as distributions. If all subjects
    of a network share vertices of a mesh, a last column shows their mean.

    Parameters
    ----------
    fits
        At least one; networks and subjects appear in the order of first occurrence.
    what
        One of :data:`cortexlens.figures.drawing.sheets.SHEETS`.
    scores
        Scores by network and subject, with intervals; None: means without intervals.

    Returns
    -------
    Figure

    Raises
    ------
    CortexlensError
        If there are two fits of the same network and subject.
    """
    table = {(fit.backbone, fit.subject): fit for fit in fits}
    if len(table) < len(fits):
        raise CortexlensError(
            f"found {len(fits)} fits of only {len(table)} pairs of network and subject; "
            "give each fit once."
        )
    backbones = list(dict.fromkeys(fit.backbone for fit in fits))
    subjects = list(dict.fromkeys(fit.subject for fit in fits))
    with house_style():
        return _Sheet(table, backbones, subjects, SHEETS[what], scores or {}).figure


class _Sheet:
    """The overview being drawn; lengths in inches from the upper left corner."""

    def __init__(
        self,
        table: dict[tuple[str, str], DrawnFit],
        backbones: list[str],
        subjects: list[str],
        shown: SheetMap,
        scores: Mapping[tuple[str, str], Score],
    ) -> None:
        self.backbones, self.subjects, self.shown = backbones, subjects, shown
        self.scores = {
            place: score
            for place, fit in table.items()
            if np.isfinite((score := scores.get(place, _own_score(fit))).mean)
        }
        self.table = table | self._means(table)
        axes = dict.fromkeys(fit.layer_axis for fit in table.values())
        self.axes = [*axes] if shown.by_axis else [LAYER]
        self.meaning = next(iter(table.values())).meaning
        averaged = len(self.table) > len(table)
        self.columns = [*subjects, _MEAN] if averaged else subjects
        room = float(np.clip(_ALL_SUBJECTS / len(self.columns), *_CELL_WIDTH))
        self.sheets = self._flat_sheets((room - PAIR_GAP) / 2)
        self.volumes = self._slice_sheets(room)
        # All flat sheets show the same window and thus have the same size.
        widths = {2 * sheet.width + PAIR_GAP for sheet in self.sheets.values()}
        self.cell_width = room if self.volumes or not widths else widths.pop()
        heights = [sheet.height for sheet in self.sheets.values()]
        heights += [
            sheet.rows * (sheet.height + SLICE_GAP) - SLICE_GAP for sheet in self.volumes.values()
        ]
        self.cell_height = max(heights, default=_PROFILE_HEIGHT)
        # Profiles have tick labels on their left.
        bare = all(fit.cortex or fit.volume for fit in table.values())
        self.edge = _EDGE if bare else _TICKED_EDGE
        self.row_height = _ROW_HEAD + self.cell_height + _ROW_GAP
        self.score_left = self._left(len(self.columns)) + _SCORE_GAP
        self.figure = new_figure(
            max(self.score_left + _SCORE_WIDTH + _EDGE, _MIN_WIDTH),
            _HEAD + len(backbones) * self.row_height + len(self.axes) * shown.foot,
        )
        self._draw()

    def _means(self, table: dict[tuple[str, str], DrawnFit]) -> dict[tuple[str, str], DrawnFit]:
        """Mean over the subjects of each network who share a cortex."""
        means = {
            backbone: average_fit([fit for place, fit in table.items() if place[0] == backbone])
            for backbone in self.backbones
        }
        return {(backbone, _MEAN): mean for backbone, mean in means.items() if mean is not None}

    def _flat_sheets(self, width: float) -> dict[str, FlatSheet]:
        """Lay out each subject's cortex once, because its networks share the vertices."""
        drawn = {fit.subject: fit for fit in self.table.values() if fit.cortex is not None}
        cortices = [fit.cortex for fit in drawn.values() if fit.cortex is not None]
        if not cortices:
            return {}
        window = shown_window(cortices)
        return {
            subject: flat_sheet(fit, window, width, _CELL_HEIGHT, label_size=_LABEL_SIZE)
            for subject, fit in drawn.items()
        }

    def _slice_sheets(self, width: float) -> dict[str, SliceSheet]:
        """Lay out a few slices of each subject's volume."""
        drawn = {fit.subject: fit for fit in self.table.values() if fit.volume is not None}
        return {
            subject: slice_sheet(
                fit,
                *(width, _CELL_HEIGHT),
                gap=SLICE_GAP,
                foot=0,
                most=_SLICES,
                label_size=_LABEL_SIZE,
            )
            for subject, fit in drawn.items()
        }

    def _draw(self) -> None:
        mapped = bool(self.sheets or self.volumes)
        title = self.shown.title if mapped else self.shown.plain_title
        write_at(self.figure, _EDGE, 0.14, title, TITLE_SIZE, fontweight="bold")
        for column, subject in enumerate(self.columns):
            middle = self._left(column) + self.cell_width / 2
            name = "mean over subjects" if subject == _MEAN else f"subject {subject}"
            write_at(self.figure, middle, 0.5, name, ha="center", color=FAINT)
        write_at(self.figure, self.score_left, 0.5, "mean test R²", color=FAINT)
        for row, backbone in enumerate(self.backbones):
            top = _HEAD + row * self.row_height
            write_at(self.figure, _EDGE, top, backbone, fontweight="bold")
            for column, subject in enumerate(self.columns):
                self._cell(column, top + _ROW_HEAD, self.table.get((backbone, subject)))
            self._scores(row, top + _ROW_HEAD)
        foot = _HEAD + len(self.backbones) * self.row_height + 0.2
        for number, axis in enumerate(self.axes):
            top = foot + number * self.shown.foot
            self.shown.key(self.figure, self._left(0), top, mapped, axis, self.meaning)

    def _left(self, column: int) -> float:
        return self.edge + column * (self.cell_width + _COLUMN_GAP)

    def _cell(self, column: int, top: float, fit: DrawnFit | None) -> None:
        left = left_edge = self._left(column)
        if fit is None:
            middle = left + self.cell_width / 2
            text = "no shared cortex" if self.columns[column] == _MEAN else "not fitted"
            write_at(self.figure, middle, top, text, SMALL_SIZE, ha="center", color=FAINT)
        elif fit.cortex is not None:
            flat = self.sheets[fit.subject]
            left += (self.cell_width - 2 * flat.width - PAIR_GAP) / 2
            draw_pair(self.figure, left, top, flat, self.shown.colours(fit), small=True)
        elif fit.volume is not None:
            sheet = self.volumes[fit.subject]
            width = sheet.columns * (sheet.width + SLICE_GAP) - SLICE_GAP
            left += (self.cell_width - width) / 2
            draw_slices(self.figure, left, top, sheet, self.shown.colours(fit), small=True)
        else:
            axes = axes_at(self.figure, left, top, self.cell_width, self.cell_height)
            self.shown.plain(axes, fit)
        if fit is not None and not fit.above_chance:
            write_at(
                self.figure,
                *(left_edge + self.cell_width, top - _ROW_HEAD),
                "not above chance",
                SMALL_SIZE,
                ha="right",
                color=WARNING,
            )

    def _scores(self, row: int, top: float) -> None:
        """Draw a network's mean test R² in each subject, with intervals, on a common scale."""
        height = min(self.cell_height, _SCORE_HEIGHT * len(self.subjects))
        axes = axes_at(self.figure, self.score_left, top, _SCORE_WIDTH, height)
        for line, subject in enumerate(self.subjects):
            score = self.scores.get((self.backbones[row], subject))
            if score is not None:
                _draw_score(axes, line, score)
        lows = [score.low for score in self.scores.values()]
        highs = [score.high for score in self.scores.values()]
        axes.set_xlim(min([0.0, *lows]), 1.25 * max([0.01, *highs]))
        axes.set_ylim(len(self.subjects) - 0.4, -0.6)
        axes.set_yticks(range(len(self.subjects)), self.subjects)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_position(("data", 0))
        if row < len(self.backbones) - 1:
            axes.set_xticklabels([])


def _own_score(fit: DrawnFit) -> Score:
    """Mean test R² from the fit itself, without an interval."""
    known = fit.recorded_r2[np.isfinite(fit.recorded_r2)]
    mean = float(known.mean()) if known.size else float("nan")
    return Score(mean, mean, mean)


def _draw_score(axes: Axes, line: int, score: Score) -> None:
    mean = score.mean
    axes.plot([0, mean], [line, line], color="#d9d9d9", linewidth=5, solid_capstyle="butt")
    axes.plot([score.low, score.high], [line, line], color=INK, linewidth=1)
    axes.plot([mean], [line], "o", color=INK, markersize=3.5)
    text = f"{mean:.3f}"
    axes.annotate(
        text,
        (score.high, line),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALL_SIZE - 0.5,
    )
