"""Small maps of one fit: vertices are laid out once and coloured many times."""

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from cortexlens.cortex.flat import whole_window
from cortexlens.figures.maps.cortex import PAIR_GAP, draw_pair
from cortexlens.figures.maps.fits import DrawnFit
from cortexlens.figures.maps.flatmaps import FlatSheet, flat_sheet, shown_window
from cortexlens.figures.maps.slices import SliceSheet, slice_sheet
from cortexlens.figures.maps.volume import SLICE_GAP, draw_slices


def small_sheet(
    fit: DrawnFit, room: tuple[float, float], label_size: float, *, whole: bool = False
) -> FlatSheet | SliceSheet | None:
    """Lay out a fit's vertices on both flat hemispheres, or on two slices of its volume.

    Parameters
    ----------
    fit
        Fit whose vertices are laid out.
    room
        Available width and height, inches.
    label_size
        Font size of the regions' names, points.
    whole
        Whether to show the hemispheres whole.

    Returns
    -------
    FlatSheet, SliceSheet or None
        None if coordinates are unknown.
    """
    width, height = room
    if fit.cortex is not None:
        window = whole_window() if whole else shown_window([fit.cortex])
        return flat_sheet(fit, window, (width - PAIR_GAP) / 2, height, label_size=label_size)
    if fit.volume is not None:
        return slice_sheet(fit, width, height, gap=SLICE_GAP, foot=0, most=2, label_size=label_size)
    return None


def sheet_height(sheet: FlatSheet | SliceSheet) -> float:
    """Height of a small map, inches."""
    if isinstance(sheet, FlatSheet):
        return sheet.height
    return sheet.rows * (sheet.height + SLICE_GAP) - SLICE_GAP


def draw_small(
    figure: Figure,
    left: float,
    top: float,
    sheet: FlatSheet | SliceSheet,
    colours: Float[np.ndarray, "vertex rgba"],
) -> None:
    """Draw a small map with its upper left corner at a position in inches."""
    if isinstance(sheet, FlatSheet):
        draw_pair(figure, left, top, sheet, colours, small=True)
    else:
        draw_slices(figure, left, top, sheet, colours, small=True)
