"""Sheet of the best R² of all networks, the best network, and every network's deficit."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from matplotlib import color_sequences
from matplotlib.colors import Colormap, to_hex, to_rgb, to_rgba_array
from matplotlib.figure import Figure

from cortexlens.errors import CortexlensError
from cortexlens.figures.drawing.colours import LOSSES, SCORES, depth_colours
from cortexlens.figures.drawing.keys import draw_bar, score_top
from cortexlens.figures.drawing.panels import UNPREDICTED, mapped_rgb, opaque
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
from cortexlens.figures.maps.cortex import PAIR_GAP, draw_pair
from cortexlens.figures.maps.fits import DrawnFit
from cortexlens.figures.maps.flatmaps import FlatSheet, flat_sheet, shown_window
from cortexlens.figures.maps.slices import SliceSheet, slice_sheet
from cortexlens.figures.maps.volume import SLICE_GAP, draw_slices

_EDGE: Final = 0.25
_HEAD: Final = 0.8
_ROW_HEAD: Final = 0.24
_ROW_GAP: Final = 0.14
_COLUMN_GAP: Final = 0.45
_KEY_WIDTH: Final = 1.7
_KEY_HEIGHT: Final = 0.9
_NAME_STEP: Final = 0.17
_CELL: Final = (3.0, 1.7)
_CURVE_HEIGHT: Final = 1.0
_SLICES: Final = 2
_LABEL_SIZE: Final = 4.5


class Compared(NamedTuple):
    """The networks of one subject.

    Attributes
    ----------
    fit
        Any of their fits, for the layout of vertices.
    names
        All networks of the sheet.
    r2
        R² of each network; NaN for networks that were not fitted.
    """

    fit: DrawnFit
    names: Sequence[str]
    r2: Float[np.ndarray, "network vertex"]

    @property
    def best(self) -> Float[np.ndarray, "vertex"]:
        """R² of the best network; NaN if no network has any."""
        found = np.where(np.isnan(self.r2), -np.inf, self.r2).max(axis=0)
        return np.where(np.isfinite(found), found, np.nan)

    @property
    def winner(self) -> Int[np.ndarray, "vertex"]:
        """Index of the best network."""
        return np.asarray(np.where(np.isnan(self.r2), -np.inf, self.r2).argmax(axis=0))

    def lacking(self, network: int) -> Float[np.ndarray, "vertex"]:
        """Difference between the best R² and that of a network."""
        return np.asarray(self.best - self.r2[network])


def max_model_figure(fits: Sequence[DrawnFit]) -> Figure:
    """Draw the maximum over networks, the network that reaches it, and each network's deficit.

    Parameters
    ----------
    fits
        At least one; networks and subjects appear in the order of first occurrence.

    Returns
    -------
    Figure

    Raises
    ------
    CortexlensError
        If fits to one subject have different vertices.
    """
    names = list(dict.fromkeys(fit.backbone for fit in fits))
    subjects = dict.fromkeys(fit.subject for fit in fits)
    compared = [_compared([f for f in fits if f.subject == each], names) for each in subjects]
    with house_style():
        return _Sheet(compared, names).figure


def _compared(fits: Sequence[DrawnFit], names: Sequence[str]) -> Compared:
    first = fits[0]
    r2 = np.full((len(names), len(first.r2)), np.nan)
    for fit in fits:
        if fit.r2.shape != first.r2.shape:
            raise CortexlensError(
                f"found {len(fit.r2)} vertices in the fit of {fit.backbone} to {fit.subject}, and "
                f"{len(first.r2)} in that of {first.backbone}; fit both to the same responses."
            )
        r2[names.index(fit.backbone)] = fit.r2
    return Compared(first, names, r2)


class _Sheet:
    """The sheet being drawn; lengths in inches from the upper left corner."""

    def __init__(self, compared: Sequence[Compared], names: Sequence[str]) -> None:
        self.compared, self.names = compared, names
        self.layouts = _layouts(compared)
        self.height = max([_height(layout) for layout in self.layouts] + [_KEY_HEIGHT + 0.3])
        self.step = _ROW_HEAD + self.height + _ROW_GAP
        self.key_left = _EDGE + len(compared) * (_CELL[0] + _COLUMN_GAP)
        rows = 2 + len(names)
        below = max(0.0, 0.6 + _NAME_STEP * len(names) - rows * self.step + self.step)
        self.figure = new_figure(
            self.key_left + _KEY_WIDTH, _HEAD + rows * self.step + _EDGE + below
        )
        write_at(self.figure, _EDGE, 0.14, "Max model", TITLE_SIZE, fontweight="bold")
        for column, each in enumerate(compared):
            middle = self._left(column) + _CELL[0] / 2
            subject = f"subject {each.fit.subject}"
            write_at(self.figure, middle, 0.5, subject, ha="center", color=FAINT)
        self._draw()

    def _left(self, column: int) -> float:
        return _EDGE + column * (_CELL[0] + _COLUMN_GAP)

    def _draw(self) -> None:
        best = np.concatenate([each.best for each in self.compared])
        top = score_top(best)
        self._row(0, "best of all networks", [each.best for each in self.compared], SCORES, top)
        self._winners(1, _network_colours(len(self.names)))
        lacking = [
            [each.lacking(network) for each in self.compared] for network in range(len(self.names))
        ]
        most = score_top(np.concatenate([values for row in lacking for values in row]))
        for network, values in enumerate(lacking):
            title = f"{self.names[network]}, below the best by"
            self._row(2 + network, title, values, LOSSES, most, keyed=network == 0)

    def _row(
        self,
        row: int,
        title: str,
        values: Sequence[np.ndarray],
        colours: Colormap,
        top: float,
        *,
        keyed: bool = True,
    ) -> None:
        above = _HEAD + row * self.step
        write_at(self.figure, _EDGE, above, title, fontweight="bold")
        for column, each in enumerate(values):
            self._cell(column, above + _ROW_HEAD, each, opaque(mapped_rgb(each, colours, top)))
        if keyed:
            what = "test R²" if colours is SCORES else "difference"
            draw_bar(self.figure, self.key_left, above, what, colours, top, height=_KEY_HEIGHT)

    def _winners(self, row: int, hues: Float[np.ndarray, "network rgb"]) -> None:
        above = _HEAD + row * self.step
        write_at(self.figure, _EDGE, above, "best network", fontweight="bold")
        for column, each in enumerate(self.compared):
            rgba = opaque(hues[each.winner])
            rgba[~(each.best > 0), 3] = UNPREDICTED
            rgba[np.isnan(each.best)] = np.nan
            self._cell(column, above + _ROW_HEAD, each.winner, rgba)
        for number, name in enumerate(self.names):
            top = above + _ROW_HEAD + _NAME_STEP * number
            write_at(self.figure, self.key_left, top, "■", color=tuple(hues[number]))
            write_at(self.figure, self.key_left + 0.16, top + 0.01, name, SMALL_SIZE)

    def _cell(
        self, column: int, top: float, values: np.ndarray, rgba: Float[np.ndarray, "vertex rgba"]
    ) -> None:
        left, layout = self._left(column), self.layouts[column]
        if isinstance(layout, FlatSheet):
            left += (_CELL[0] - 2 * layout.width - PAIR_GAP) / 2
            draw_pair(self.figure, left, top, layout, rgba, small=True)
        elif isinstance(layout, SliceSheet):
            left += (_CELL[0] - layout.columns * (layout.width + SLICE_GAP) + SLICE_GAP) / 2
            draw_slices(self.figure, left, top, layout, rgba, small=True)
        else:
            axes = axes_at(self.figure, left + 0.3, top, _CELL[0] - 0.3, _CURVE_HEIGHT)
            if values.dtype.kind == "i":
                counts = np.bincount(values, minlength=len(self.names))
                axes.bar(np.arange(len(counts)), counts, color=FAINT)
                axes.set_xticks([])
                axes.set_ylabel("vertices")
                return
            order = np.sort(values[np.isfinite(values)])[::-1]
            axes.plot(np.arange(order.size), order, color=INK, linewidth=1)


def _network_colours(n_networks: int) -> Float[np.ndarray, "network rgb"]:
    """Categorical colours, distinguishable in colour blindness; a ramp if there are many networks.

    Source: Okabe & Ito 2008, "Color universal design", without black, which is used for borders.
    """
    apart = [to_hex(each) for each in color_sequences["okabe_ito"] if max(to_rgb(each)) > 0]
    if n_networks <= len(apart):
        return to_rgba_array(apart[:n_networks])[:, :3]
    return depth_colours(np.linspace(0, 1, n_networks), np.ones(n_networks))


def _layouts(compared: Sequence[Compared]) -> list[FlatSheet | SliceSheet | None]:
    """Lay out each subject's vertices once, because its networks share them."""
    cortices = [each.fit.cortex for each in compared if each.fit.cortex is not None]
    window = shown_window(cortices) if cortices else None
    layouts: list[FlatSheet | SliceSheet | None] = []
    for each in compared:
        if each.fit.cortex is not None and window is not None:
            width = (_CELL[0] - PAIR_GAP) / 2
            layouts.append(flat_sheet(each.fit, window, width, _CELL[1], label_size=_LABEL_SIZE))
        elif each.fit.volume is not None:
            sheet = slice_sheet(
                each.fit, *_CELL, gap=SLICE_GAP, foot=0, most=_SLICES, label_size=_LABEL_SIZE
            )
            layouts.append(sheet)
        else:
            layouts.append(None)
    return layouts


def _height(layout: FlatSheet | SliceSheet | None) -> float:
    if isinstance(layout, FlatSheet):
        return layout.height
    if isinstance(layout, SliceSheet):
        return layout.rows * (layout.height + SLICE_GAP) - SLICE_GAP
    return _CURVE_HEIGHT
