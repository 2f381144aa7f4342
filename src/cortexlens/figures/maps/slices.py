"""Coloured voxels on slices of their volume, with outlines and names of regions.

Slices follow neurological convention: the subject's left is on the left, seen from above with
anterior up, or from behind with superior up; sagittal slices face right. Whatever the order and
direction of a volume's axes, they are first reoriented to right, anterior, superior.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from nibabel.orientations import inv_ornt_aff, io_orientation

from cortexlens.cortex.flat import Window
from cortexlens.figures.drawing.labels import Label, place_labels
from cortexlens.figures.maps.fits import DrawnFit, Volume
from cortexlens.figures.maps.flatmaps import (
    LABEL_SIZE,
    NO_DATA,
    Polyline,
    draw_regions,
    painted,
    traced,
    uncluttered,
)

MAX_SLICES: Final = 12
SAGITTAL, CORONAL, AXIAL = range(3)
# Axes that run rightward and upward in a slice perpendicular to each axis.
IN_PLANE: Final = ((CORONAL, AXIAL), (SAGITTAL, AXIAL), (SAGITTAL, CORONAL))
SLICE_NAMES: Final = ("sagittal", "coronal", "axial")
# Labels of the left and the right edge of a slice.
EDGE_LETTERS: Final = (("P", "A"), ("L", "R"), ("L", "R"))
# Axial slices are the default, unless they are this many times as many as in another direction.
_CUSTOM: Final = 1.5
# Fraction of the voxels in the end slices that are not shown.
_ENDS: Final = 0.01
# Margin around the voxels, as a fraction of their larger extent.
_MARGIN: Final = 0.04
# Pixels along the shorter side of a voxel; outlines are rounded within one.
_PIXELS: Final = 4
_ROUNDING: Final = 0.25
# Largest size of a voxel, inches.
_LARGEST_VOXEL: Final = 0.2
_BESIDE: Final = 0.96
_RECORDED: Final = 0.78
# Width of lines relative to voxels, so that thin ribbons of cortex remain visible below them.
_WEIGHT: Final = 0.25


class Upright(NamedTuple):
    """A volume reoriented to axes right, anterior, superior.

    Attributes
    ----------
    voxel
        Indices along these axes.
    affine
        Matrix from these indices to mm.
    size
        Size of a voxel along each axis, mm.
    """

    voxel: Int[np.ndarray, "vertex axis"]
    affine: Float[np.ndarray, "4 4"]
    size: Float[np.ndarray, "axis"]


@dataclass(frozen=True)
class Slice:
    """One slice.

    Attributes
    ----------
    row
        Row of the fit that each pixel shows; :data:`NO_DATA` (-1) outside the voxels.
    cut
        Index of the slice along its axis.
    place
        Its position in mm, at the centre of what is shown.
    outlines
        Borders of the regions, mm.
    labels
        Positions of regions' names, each on the slice that shows most of the region.
    """

    row: Int[np.ndarray, "height width"]
    cut: int
    place: float
    outlines: list[Polyline]
    labels: list[Label]


@dataclass(frozen=True)
class SliceSheet:
    """Slices of one size in rows, ready to be coloured any number of times.

    Attributes
    ----------
    slices
        Slices along the axis, in reading order from the upper left.
    axis
        0 sagittal, 1 coronal, 2 axial.
    window
        Area shown by each slice, mm.
    columns
        Number of slices in a row.
    width, height
        Size of each slice, inches.
    cell
        Width of the cell in which each slice is centred, inches.
    weight
        Relative width of lines.
    volume
        The whole reoriented volume.
    label_size
        Font size of the regions' names, points.
    """

    slices: list[Slice]
    axis: int
    window: Window
    columns: int
    width: float
    height: float
    cell: float
    weight: float
    volume: Upright
    label_size: float

    @property
    def rows(self) -> int:
        """Number of rows."""
        return -(-len(self.slices) // self.columns)


def upright(volume: Volume) -> Upright:
    """Reorient a volume so that its axes run to the right, to anterior and to superior.

    Parameters
    ----------
    volume
        Volume with any order and direction of axes; oblique axes are assigned to the nearest
        direction.
    """
    orientation = np.asarray(io_orientation(volume.affine))  # type: ignore[no-untyped-call]
    turned = np.empty_like(volume.voxel)
    for axis, (target, direction) in enumerate(orientation.astype(int)):
        along = volume.voxel[:, axis]
        turned[:, target] = along if direction > 0 else volume.shape[axis] - 1 - along
    back = inv_ornt_aff(orientation, volume.shape)  # type: ignore[no-untyped-call]
    affine = np.asarray(volume.affine @ back, np.float64)
    return Upright(turned, affine, np.linalg.norm(affine[:3, :3], axis=0))


def chosen_slices(along: Int[np.ndarray, "vertex"], most: int) -> list[int]:
    """Choose evenly spaced slices among those that contain voxels, except nearly empty ends.

    Parameters
    ----------
    along
        Slice of each voxel.
    most
        Largest number of slices.
    """
    first, last = np.quantile(along, [_ENDS, 1 - _ENDS], method="nearest")
    held = np.unique(along[(along >= first) & (along <= last)])
    step = -(-len(held) // most)
    shown: list[int] = held[(len(held) - 1) % step // 2 :: step].tolist()
    return shown


def best_axis(voxel: Int[np.ndarray, "vertex axis"]) -> int:
    """Choose the slice direction: axial, unless far fewer slices of another contain all voxels.

    Depends only on the extent of the voxels, so that subjects of a study are usually cut alike.
    """
    held = [max(MAX_SLICES, len(np.unique(along))) for along in voxel.T]
    return AXIAL if held[AXIAL] <= _CUSTOM * min(held) else int(np.argmin(held))


def slice_sheet(
    fit: DrawnFit,
    max_width: float,
    max_height: float,
    *,
    gap: float,
    foot: float,
    least: float = 0.0,
    most: int = MAX_SLICES,
    label_size: float = LABEL_SIZE,
) -> SliceSheet:
    """Lay out a fit's voxels on slices.

    Parameters
    ----------
    fit
        Fit with a volume.
    max_width, max_height
        Available size for all slices, inches; used as far as their shape allows.
    gap, foot
        Space between slices, and below each, inches.
    least
        Smallest width of a cell, inches.
    most
        Largest number of slices.
    label_size
        Font size of the regions' names, points.
    """
    assert fit.volume is not None
    volume = upright(fit.volume)
    axis = best_axis(volume.voxel)
    cuts = chosen_slices(volume.voxel[:, axis], most)
    low, high = _box(volume, axis)
    window = _window(volume, axis, low, high)
    shape = window.right - window.left, window.top - window.bottom
    columns, inches = _arranged(len(cuts), shape, (max_width, max_height), gap, foot, least)
    in_plane = volume.size[list(IN_PLANE[axis])]
    inches = min(inches, _LARGEST_VOXEL / float(in_plane.max()))
    rows = [_raster(volume, axis, cut, low, high) for cut in cuts]
    regions = uncluttered(fit.regions)
    masks = [{name: (row != NO_DATA) & mask[row] for name, mask in regions.items()} for row in rows]
    named = _named_on(masks)
    rounding = _ROUNDING * float(in_plane.min())
    slices = [
        Slice(
            row,
            cut,
            _place(volume, axis, cut, low, high),
            [line for mask in here.values() for line in traced(mask, window, rounding)],
            place_labels({name: here[name] for name in names}, window, label_size / 72 / inches),
        )
        for cut, row, here, names in zip(cuts, rows, masks, named, strict=True)
    ]
    weight = float(np.clip(_WEIGHT * 72 * inches * in_plane.min(), 0.3, 1))
    width, height = (inches * length for length in shape)
    cell = max(width, least)
    return SliceSheet(
        slices, axis, window, columns, width, height, cell, weight, volume, label_size
    )


def _box(volume: Upright, axis: int) -> tuple[Int[np.ndarray, "axis"], Int[np.ndarray, "axis"]]:
    """First and one past the last voxel of the box that is shown: all voxels and a margin."""
    low, high = volume.voxel.min(axis=0), volume.voxel.max(axis=0) + 1
    extent = max(((high - low) * volume.size)[list(IN_PLANE[axis])])
    rim = np.ceil(_MARGIN * extent / volume.size).astype(int)
    rim[axis] = 0
    return low - rim, high + rim


def _window(
    volume: Upright, axis: int, low: Int[np.ndarray, "axis"], high: Int[np.ndarray, "axis"]
) -> Window:
    """Edges of a box in the plane of its slices, mm; exact if the axes are not oblique."""
    start = volume.affine[:3, 3] + volume.size * (low - 0.5)
    end = start + volume.size * (high - low)
    across, upward = IN_PLANE[axis]
    return Window(
        float(start[across]), float(end[across]), float(start[upward]), float(end[upward])
    )


def _place(
    volume: Upright,
    axis: int,
    cut: int,
    low: Int[np.ndarray, "axis"],
    high: Int[np.ndarray, "axis"],
) -> float:
    """Position at which a slice cuts its axis, mm."""
    middle = (low + high - 1) / 2
    middle[axis] = cut
    return float((volume.affine[:3, :3] @ middle + volume.affine[:3, 3])[axis])


def _raster(
    volume: Upright,
    axis: int,
    cut: int,
    low: Int[np.ndarray, "axis"],
    high: Int[np.ndarray, "axis"],
) -> Int[np.ndarray, "height width"]:
    """Row of the voxel shown by each (square) pixel of a slice."""
    across, upward = IN_PLANE[axis]
    here = np.flatnonzero(volume.voxel[:, axis] == cut)
    n_across, n_up = (high - low)[[across, upward]].tolist()
    grid = np.full((n_up, n_across), NO_DATA)
    inside = volume.voxel[here] - low
    grid[inside[:, upward], inside[:, across]] = here
    pixel = min(volume.size[across], volume.size[upward]) / _PIXELS
    lines = _spread(n_up, float(volume.size[upward] / pixel))[::-1]
    columns = _spread(n_across, float(volume.size[across] / pixel))
    return np.asarray(grid[np.ix_(lines, columns)])


def _spread(n_voxels: int, pixels: float) -> Int[np.ndarray, "pixel"]:
    """Voxel shown by each pixel of a line."""
    n_pixels = round(n_voxels * pixels)
    return np.asarray(np.arange(n_pixels) * n_voxels // n_pixels, np.int64)


def _arranged(
    n_slices: int,
    shape: tuple[float, float],
    room: tuple[float, float],
    gap: float,
    foot: float,
    least: float,
) -> tuple[int, float]:
    """Number of columns for the largest possible slices, and inches per millimetre."""
    options = []
    most = max(1, int((room[0] + gap) / (least + gap))) if least else n_slices
    for columns in range(1, min(n_slices, most) + 1):
        rows = -(-n_slices // columns)
        across = (room[0] - (columns - 1) * gap) / columns / shape[0]
        down = (room[1] - (rows - 1) * gap - rows * foot) / rows / shape[1]
        options.append((min(across, down), columns))
    inches, columns = max(options)
    return columns, inches


def _named_on(masks: list[dict[str, Bool[np.ndarray, "height width"]]]) -> list[set[str]]:
    """Regions to be named on each slice: those of which no other slice shows more."""
    named: list[set[str]] = [set() for _ in masks]
    for name in masks[0]:
        sizes = [int(mask[name].sum()) for mask in masks]
        if max(sizes) > 0:
            named[int(np.argmax(sizes))].add(name)
    return named


def draw_slice(
    axes: Axes,
    sheet: SliceSheet,
    number: int,
    colours: Float[np.ndarray, "vertex rgba"],
    weight: float = 1.0,
) -> None:
    """Draw one slice, filling the axes.

    Parameters
    ----------
    axes
        Bare axes of the width and height of the sheet's slices.
    sheet, number
        Sheet, and index of the slice.
    colours
        Red, green, blue and opacity of each voxel; NaN shows it grey.
    weight
        Width of the lines, relative to that of the sheet.
    """
    part, window = sheet.slices[number], sheet.window
    shade = np.where(part.row == NO_DATA, _BESIDE, _RECORDED)
    axes.imshow(
        painted(part.row, shade, colours),
        extent=(window.left, window.right, window.bottom, window.top),
        interpolation="nearest",
        aspect="auto",
    )
    draw_regions(axes, part.outlines, part.labels, sheet.label_size, weight * sheet.weight)
    axes.set_xlim(window.left, window.right)
    axes.set_ylim(window.bottom, window.top)
    axes.set_axis_off()
