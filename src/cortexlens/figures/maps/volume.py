"""Maps of a fit on slices of its volume: layer, space, scale, R², and size if known."""

from collections.abc import Collection
from typing import Final

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from cortexlens.figures.drawing.panels import Panel, map_panels, map_title, maps_of
from cortexlens.figures.drawing.style import (
    DOTS_PER_INCH,
    FAINT,
    INK,
    SMALL_SIZE,
    axes_at,
    house_style,
    new_figure,
    write_at,
)
from cortexlens.figures.drawing.titles import HEAD, write_head
from cortexlens.figures.maps.fits import DrawnFit
from cortexlens.figures.maps.slices import (
    CORONAL,
    EDGE_LETTERS,
    IN_PLANE,
    SAGITTAL,
    SLICE_NAMES,
    Slice,
    SliceSheet,
    draw_slice,
    slice_sheet,
)

_ROOM: Final = (6.4, 5.6)
_EDGE: Final = 0.25
SLICE_GAP: Final = 0.08
_SLICE_FOOT: Final = 0.17
# Space for the text below a slice.
_LEAST: Final = 1.15
_FOOT: Final = 0.42
_KEY_GAP: Final = 0.3
_KEY_WIDTH: Final = 1.75
_INNER_KEY_WIDTH: Final = 1.1
_KEY_HEIGHT: Final = 3.1
_MIN_WIDTH: Final = 5.6
# Size of the locator, which shows the positions of the slices.
_LOCATOR: Final = (1.1, 0.8)
_LOCATOR_GREY: Final = 0.72
_LOCATOR_VOXEL: Final = 0.06
_BAR_INCHES: Final = 0.6
_BAR_STEPS: Final = (1, 2, 5, 10, 20, 50, 100)
_UPWARD: Final = ("top up", "seen from behind, top up", "seen from above, front up")


def slice_figures(fit: DrawnFit, *, only: Collection[str] | None = None) -> dict[str, Figure]:
    """Draw the maps of a fit to the voxels of a volume.

    Parameters
    ----------
    fit
        Fit with a volume.
    only
        Which of :func:`~cortexlens.figures.drawing.panels.maps_of`; None: all that the fit has.

    Returns
    -------
    dict
        Name → figure.
    """
    sheet = slice_sheet(fit, *_ROOM, gap=SLICE_GAP, foot=_SLICE_FOOT, least=_LEAST)
    with house_style():
        return {
            name: _map(fit, sheet, map_title(fit, name), map_panels(fit, name))
            for name in (maps_of(fit) if only is None else only)
        }


def panel_slices(
    fit: DrawnFit, title: str, panels: list[Panel], columns: int | None = None
) -> Figure:
    """Draw panels with given colours; other arguments as for :func:`slice_figures`.

    Parameters
    ----------
    columns
        Number of panels in a row; None: all.
    """
    sheet = slice_sheet(fit, *_ROOM, gap=SLICE_GAP, foot=_SLICE_FOOT, least=_LEAST)
    with house_style():
        return _map(fit, sheet, title, panels, columns)


def _map(
    fit: DrawnFit, sheet: SliceSheet, title: str, panels: list[Panel], columns: int | None = None
) -> Figure:
    """Draw panels in rows, each with its key to the right, and the locator below the last."""
    columns = columns or len(panels)
    across = sheet.columns * (sheet.cell + SLICE_GAP) - SLICE_GAP
    down = sheet.rows * (sheet.height + _SLICE_FOOT + SLICE_GAP) - SLICE_GAP
    step = across + _KEY_GAP + _INNER_KEY_WIDTH
    height = max(down, _KEY_HEIGHT + _LOCATOR[1] + 0.25) + _FOOT
    width = _EDGE + columns * step + _KEY_WIDTH - _INNER_KEY_WIDTH
    bottom = HEAD + -(-len(panels) // columns) * height
    figure = new_figure(max(width, _MIN_WIDTH), bottom)
    write_head(figure, title, fit)
    for number, panel in enumerate(panels):
        row, column = divmod(number, columns)
        left, top = _EDGE + column * step, HEAD + row * height
        draw_slices(figure, left, top, sheet, panel.colours)
        panel.key(figure, left + across + _KEY_GAP, top)
    _draw_foot(figure, bottom - 0.28, sheet)
    _draw_locator(figure, left + across + _KEY_GAP, bottom - _FOOT, sheet)
    return figure


def draw_slices(
    figure: Figure,
    left: float,
    top: float,
    sheet: SliceSheet,
    colours: Float[np.ndarray, "vertex rgba"],
    *,
    small: bool = False,
) -> None:
    """Draw slices in rows, with the upper left corner at a position in inches.

    Parameters
    ----------
    figure, left, top
        Figure and position.
    sheet
        Layout of the slices.
    colours
        Red, green, blue and opacity of each voxel; NaN shows it grey.
    small
        Whether to omit positions and sides below the slices.
    """
    foot = 0.0 if small else _SLICE_FOOT
    for number, part in enumerate(sheet.slices):
        row, column = divmod(number, sheet.columns)
        start = left + column * (sheet.cell + SLICE_GAP)
        inner = start + (sheet.cell - sheet.width) / 2
        above = top + row * (sheet.height + foot + SLICE_GAP)
        axes = axes_at(figure, inner, above, sheet.width, sheet.height, bare=True)
        draw_slice(axes, sheet, number, colours, weight=0.6 if small else 1.0)
        if small:
            continue
        below = above + sheet.height + 0.03
        middle = start + sheet.cell / 2
        write_at(
            figure, middle, below, _position_text(part, sheet), SMALL_SIZE, ha="center", color=FAINT
        )
        first, last = EDGE_LETTERS[sheet.axis]
        write_at(figure, start, below, first, SMALL_SIZE, color=FAINT)
        write_at(figure, start + sheet.cell, below, last, SMALL_SIZE, ha="right", color=FAINT)


def _position_text(part: Slice, sheet: SliceSheet) -> str:
    """Position of a slice along its axis in mm; with a decimal if voxels are small."""
    digits = 0 if sheet.volume.size[sheet.axis] >= 1 else 1
    # Adding 0 turns −0 into 0.
    place = round(part.place, digits) + 0.0
    return f"{'xyz'[sheet.axis]} = {place:.{digits}f} mm".replace("-", "−")


def _draw_foot(figure: Figure, top: float, sheet: SliceSheet) -> None:
    """Draw a scale bar, and write from where the slices are seen."""
    inches = sheet.width / (sheet.window.right - sheet.window.left)
    length = max([step for step in _BAR_STEPS if step * inches <= _BAR_INCHES], default=1)
    bar = axes_at(figure, _EDGE, top, length * inches, 0.12, bare=True)
    bar.plot([0, 1], [0.5, 0.5], color=INK, linewidth=1.5, solid_capstyle="butt")
    bar.set_xlim(0, 1)
    bar.set_ylim(0, 1)
    size = " × ".join(f"{length:.3g}" for length in sheet.volume.size)
    text = (
        f"{length} mm      {SLICE_NAMES[sheet.axis]} slices, {_UPWARD[sheet.axis]}"
        f"      voxels of {size} mm"
    )
    left = _EDGE + length * inches + 0.08
    write_at(figure, left, top, text, SMALL_SIZE, color=FAINT)


def _draw_locator(figure: Figure, left: float, bottom: float, sheet: SliceSheet) -> None:
    """Draw the outline of the voxels, seen along the slices, with a line for each slice."""
    seen = CORONAL if sheet.axis == SAGITTAL else SAGITTAL
    across, upward = IN_PLANE[seen]
    voxel, size = sheet.volume.voxel, sheet.volume.size
    low = voxel.min(axis=0)
    n_across, n_up = (voxel.max(axis=0) + 1 - low)[[across, upward]]
    silhouette = np.ones((n_up, n_across))
    silhouette[voxel[:, upward] - low[upward], voxel[:, across] - low[across]] = _LOCATOR_GREY
    extent = n_across * size[across], n_up * size[upward]
    inches = min(_LOCATOR[0] / extent[0], _LOCATOR[1] / extent[1], _LOCATOR_VOXEL / size.min())
    width, height = (max(inches * length, 4 / DOTS_PER_INCH) for length in extent)
    write_at(figure, left, bottom - height - 0.2, "slices shown", SMALL_SIZE, color=FAINT)
    axes = axes_at(figure, left, bottom - height, width, height, bare=True)
    axes.imshow(
        silhouette,
        extent=(0, n_across, 0, n_up),
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        cmap="gray",
        vmin=0,
        vmax=1,
    )
    draw = axes.axvline if across == sheet.axis else axes.axhline
    for part in sheet.slices:
        draw(part.cut - low[sheet.axis] + 0.5, color=INK, linewidth=0.6, clip_on=False)
