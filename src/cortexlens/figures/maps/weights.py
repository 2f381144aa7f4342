"""Small maps of a fit, one per layer: weight of the layer at each vertex."""

from typing import Final

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cortexlens.figures.drawing.colours import WEIGHTS
from cortexlens.figures.drawing.keys import draw_bar, shortened
from cortexlens.figures.drawing.panels import weight_rgba
from cortexlens.figures.drawing.small_maps import draw_small, sheet_height, small_sheet
from cortexlens.figures.drawing.style import SMALL_SIZE, axes_at, house_style, new_figure, write_at
from cortexlens.figures.drawing.titles import HEAD, write_head
from cortexlens.figures.maps.fits import DrawnFit
from cortexlens.figures.maps.flatmaps import FlatSheet
from cortexlens.figures.maps.slices import SliceSheet

TITLE: Final = "Layer weights"
_COLUMNS: Final = 4
_EDGE: Final = 0.25
_CELL: Final = (2.1, 1.7)
_PLAIN_HEIGHT: Final = 0.9
_GAP: Final = 0.3
_NAME: Final = 0.22
_ROW_GAP: Final = 0.12
_KEY: Final = (1.3, 2.4)
_LABEL_SIZE: Final = 4.5
_LETTERS: Final = 24


def weights_figure(fit: DrawnFit, *, whole: bool = False) -> Figure:
    """Draw the weight of each layer at each vertex, as one small map per layer on a common scale.

    Parameters
    ----------
    fit
        Fit on a cortex, in a volume (two slices per layer) or without coordinates (histograms).
    whole
        Whether to show the hemispheres whole.

    Returns
    -------
    Figure
    """
    with house_style():
        return _draw(fit, small_sheet(fit, _CELL, _LABEL_SIZE, whole=whole))


def _draw(fit: DrawnFit, sheet: FlatSheet | SliceSheet | None) -> Figure:
    n_layers = len(fit.layer_names)
    columns = min(_COLUMNS, n_layers)
    rows = -(-n_layers // columns)
    height = _PLAIN_HEIGHT if sheet is None else sheet_height(sheet)
    step = _NAME + height + _ROW_GAP
    across = columns * (_CELL[0] + _GAP)
    figure = new_figure(max(_EDGE + across + _KEY[0], 5.6), HEAD + max(rows * step, _KEY[1]) + 0.15)
    write_head(figure, TITLE.replace("Layer", fit.layer_axis.capitalize()), fit)
    top = _highest(fit)
    for layer, name in enumerate(fit.layer_names):
        row, column = divmod(layer, columns)
        left, above = _EDGE + column * (_CELL[0] + _GAP), HEAD + row * step
        write_at(figure, left, above, shortened(name, _LETTERS), SMALL_SIZE)
        _cell(figure, left, above + _NAME, fit, layer, top, sheet)
    draw_bar(figure, _EDGE + across, HEAD, f"{fit.layer_axis} weight", WEIGHTS, top, height=1.5)
    return figure


def _highest(fit: DrawnFit) -> float:
    """Upper end of the scale: nearly the largest weight, rounded up to a tenth."""
    known = fit.layer[~np.isnan(fit.layer)]
    highest = float(np.percentile(known, 99.5)) if known.size else 1.0
    return min(1.0, max(0.1, float(np.ceil(highest * 10 - 1e-6)) / 10))


def _cell(
    figure: Figure,
    left: float,
    top: float,
    fit: DrawnFit,
    layer: int,
    highest: float,
    sheet: FlatSheet | SliceSheet | None,
) -> None:
    """Draw one layer, with the upper left corner at a position in inches."""
    if sheet is not None:
        draw_small(figure, left, top, sheet, weight_rgba(fit, layer, highest))
    else:
        axes = axes_at(figure, left + 0.3, top, _CELL[0] - 0.3, _PLAIN_HEIGHT - 0.2)
        weights = fit.layer[:, layer]
        bins = np.linspace(0, highest, 21)
        counts, _ = np.histogram(np.clip(weights[~np.isnan(weights)], 0, highest), bins)
        middle = (bins[:-1] + bins[1:]) / 2
        axes.bar(middle, counts, width=0.9 * bins[1], color=WEIGHTS(0.3 + 0.7 * middle / highest))
        axes.set_xlim(0, highest)
        axes.yaxis.set_major_locator(MaxNLocator(2, integer=True))
