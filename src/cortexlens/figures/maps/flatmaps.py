"""Coloured vertices on the two flat hemispheres, with outlines and names of regions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np
from contourpy import contour_generator
from jaxtyping import Bool, Float, Int, UInt8
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patheffects import withStroke
from scipy.ndimage import gaussian_filter

from cortexlens.cortex.flat import OUTSIDE, FlatRaster, Window, data_window, flat_raster
from cortexlens.cortex.meshes import HEMISPHERE_NAMES, LEFT, N_VERTICES, RIGHT
from cortexlens.figures.drawing.labels import Label, place_labels
from cortexlens.figures.drawing.style import DOTS_PER_INCH, FAINT, SMALL_SIZE
from cortexlens.figures.maps.fits import Cortex, DrawnFit

NO_DATA: Final = -1
MARGIN_MM: Final = 9.0
# Radius with which corners of single vertices are rounded off in outlines.
_ROUNDING_MM: Final = 1.3
LABEL_SIZE: Final = 6.5
# A region covered by earlier ones by more than this fraction is not outlined, to avoid clutter.
_COVERED: Final = 0.5
_SIDES: Final = (LEFT, RIGHT)

# Lines differ in their number of points.
Polyline = Float[np.ndarray, "_ axis"]


@dataclass(frozen=True)
class Side:
    """One flat hemisphere of a sheet.

    Attributes
    ----------
    raster
        Vertex and sulcal depth of each pixel.
    row
        Row of the fit that each pixel shows; :data:`NO_DATA` (-1) for cortex without data.
    outlines
        Borders of the regions, mm on the flat patch.
    border
        Border of everything that was fitted.
    labels, label_size
        Positions of the regions' names, and their font size in points.
    """

    raster: FlatRaster
    row: Int[np.ndarray, "height width"]
    outlines: list[Polyline]
    border: list[Polyline]
    labels: list[Label]
    label_size: float


@dataclass(frozen=True)
class FlatSheet:
    """Both flat hemispheres at one size, ready to be coloured any number of times.

    Attributes
    ----------
    sides
        Left and right hemisphere.
    width, height
        Size of each hemisphere, inches.
    cortex
        Vertices that are laid out.
    """

    sides: tuple[Side, Side]
    width: float
    height: float
    cortex: Cortex


def shown_window(cortices: Sequence[Cortex]) -> Window:
    """Part of the left flat hemisphere (mirrored for the right one) that contains all vertices.

    Parameters
    ----------
    cortices
        Vertices of everything that is drawn with the same window.
    """
    windows = [
        data_window(
            cortex.space,
            (
                cortex.vertex_index[cortex.hemisphere == LEFT],
                cortex.vertex_index[cortex.hemisphere == RIGHT],
            ),
            MARGIN_MM,
        )
        for cortex in cortices
    ]
    return reduce(Window.joined, windows)


def flat_sheet(
    fit: DrawnFit,
    window: Window,
    max_width: float,
    max_height: float,
    *,
    label_size: float = LABEL_SIZE,
) -> FlatSheet:
    """Lay out a fit's vertices on the flat hemispheres.

    Parameters
    ----------
    fit
        Fit with a cortex.
    window
        Part of the left hemisphere to show, mirrored for the right one.
    max_width, max_height
        Available size of each hemisphere, inches; used as far as the shape allows.
    label_size
        Font size of the regions' names, points.
    """
    assert fit.cortex is not None
    cortex = fit.cortex
    width, height = window.right - window.left, window.top - window.bottom
    inches = min(max_width / width, max_height / height)
    regions = uncluttered(fit.regions)
    windows = (window, window.mirrored())
    left, right = (
        _side(cortex, side, windows[side], inches, regions, label_size) for side in _SIDES
    )
    return FlatSheet((left, right), inches * width, inches * height, cortex)


def _side(
    cortex: Cortex,
    side: int,
    window: Window,
    inches_per_mm: float,
    regions: dict[str, Bool[np.ndarray, "vertex"]],
    label_size: float,
) -> Side:
    height = round((window.top - window.bottom) * inches_per_mm * DOTS_PER_INCH)
    raster = flat_raster(cortex.space, side, height, window)
    row_of_vertex = np.full(N_VERTICES[cortex.space], NO_DATA)
    here = np.flatnonzero(cortex.hemisphere == side)
    row_of_vertex[cortex.vertex_index[here]] = here
    row = np.where(raster.vertex == OUTSIDE, NO_DATA, row_of_vertex[raster.vertex])
    fitted = row != NO_DATA
    masks = {name: fitted & mask[row] for name, mask in regions.items()}
    outlines = [line for mask in masks.values() for line in traced(mask, window)]
    labels = place_labels(masks, window, label_size / 72 / inches_per_mm)
    return Side(raster, row, outlines, traced(fitted, window, 0.4), labels, label_size)


def uncluttered(
    regions: dict[str, Bool[np.ndarray, "vertex"]],
) -> dict[str, Bool[np.ndarray, "vertex"]]:
    """Regions in their order, except those mostly covered by earlier ones."""
    names: list[str] = []
    covered = np.zeros_like(next(iter(regions.values()), np.zeros(0, bool)))
    for name, mask in regions.items():
        if (covered & mask).sum() <= _COVERED * mask.sum():
            names.append(name)
            covered |= mask
    return {name: regions[name] for name in names}


def traced(
    mask: Bool[np.ndarray, "height width"], window: Window, rounding: float = _ROUNDING_MM
) -> list[Polyline]:
    """Trace the border of a mask in mm, with rounded corners.

    Parameters
    ----------
    mask
        Square pixels, row 0 at the top.
    window
        Area shown by the mask.
    rounding
        Radius of the corners, mm.
    """
    if not mask.any():
        return []
    step = 2
    small = mask[::step, ::step].astype(np.float32)
    pixel = (window.top - window.bottom) / mask.shape[0] * step
    soft = np.pad(gaussian_filter(small, rounding / pixel), 1)
    lines = contour_generator(z=soft, quad_as_tri=True).lines(0.5)
    return [
        np.stack(
            [
                window.left + (line[:, 0] - 0.5) * pixel,
                window.top - (line[:, 1] - 0.5) * pixel,
            ],
            axis=1,
        )
        for line in map(np.asarray, lines)
    ]


def cortex_shade(depth: Float[np.ndarray, "height width"]) -> Float[np.ndarray, "height width"]:
    """Grey of bare cortex: gyri light, sulci darker; white (1) outside the patch."""
    return np.asarray(np.nan_to_num(0.87 - 0.09 * np.tanh(depth / 0.6), nan=1.0))


def picture(
    side: Side, colours: Float[np.ndarray, "vertex rgba"]
) -> UInt8[np.ndarray, "height width rgb"]:
    """Image of one hemisphere.

    Parameters
    ----------
    side
        The hemisphere.
    colours
        Red, green, blue and opacity of each vertex; NaN shows bare cortex.
    """
    return painted(side.row, cortex_shade(side.raster.depth), colours)


def painted(
    row: Int[np.ndarray, "height width"],
    shade: Float[np.ndarray, "height width"],
    colours: Float[np.ndarray, "vertex rgba"],
) -> UInt8[np.ndarray, "height width rgb"]:
    """Colour pixels by the vertices that they show.

    Parameters
    ----------
    row
        Row of ``colours`` that each pixel shows, or :data:`NO_DATA` (-1).
    shade
        Grey background, 0 black to 1 white.
    colours
        Red, green, blue and opacity of each vertex; NaN leaves the background.
    """
    bare = np.isnan(colours).any(axis=1)
    # An additional last row, which NO_DATA (-1) refers to.
    table = np.zeros((len(colours) + 1, 4), np.float32)
    table[:-1][~bare] = colours[~bare]
    of_pixel = table[row]
    opacity = of_pixel[..., 3:]
    mixed = of_pixel[..., :3] * opacity + shade[..., None] * (1 - opacity)
    return np.asarray(np.rint(255 * mixed), np.uint8)


def draw_side(
    axes: Axes, side: Side, colours: Float[np.ndarray, "vertex rgba"], weight: float = 1.0
) -> None:
    """Draw one hemisphere, filling the axes.

    Parameters
    ----------
    axes
        Bare axes of the sheet's width and height.
    side
        The hemisphere.
    colours
        Red, green, blue and opacity of each vertex; NaN shows bare cortex.
    weight
        Relative width of the lines; 1 in a large map.
    """
    window = side.raster.window
    axes.imshow(
        picture(side, colours),
        extent=(window.left, window.right, window.bottom, window.top),
        interpolation="nearest",
        aspect="auto",
    )
    axes.add_collection(LineCollection(side.border, colors="#555555", linewidths=0.5 * weight))
    draw_regions(axes, side.outlines, side.labels, side.label_size, weight)
    axes.set_xlim(window.left, window.right)
    axes.set_ylim(window.bottom, window.top)
    axes.set_axis_off()


def draw_regions(
    axes: Axes, outlines: list[Polyline], labels: list[Label], label_size: float, weight: float
) -> None:
    """Draw outlines of regions, white on black, and their names.

    Parameters
    ----------
    axes
        Axes with data in millimetres.
    outlines, labels, label_size
        Outlines and names to draw, and the font size of the names in points.
    weight
        Relative width of the lines; 1 in a large map.
    """
    axes.add_collection(LineCollection(outlines, colors="black", linewidths=1.7 * weight))
    axes.add_collection(LineCollection(outlines, colors="white", linewidths=0.8 * weight))
    for label in labels:
        axes.text(
            label.x,
            label.y,
            label.text,
            ha="center",
            va="center",
            fontsize=label_size,
            fontweight="bold",
            color="white",
            path_effects=[withStroke(linewidth=1.8 * weight, foreground="black")],
        )


def name_side(axes: Axes, side: int) -> None:
    """Write below a hemisphere which one it is and where anterior is."""
    name = f"{HEMISPHERE_NAMES[side]} hemisphere"
    front = f"◂ anterior      {name}" if side == LEFT else f"{name}      anterior ▸"
    axes.text(
        0.5,
        -0.02,
        front,
        transform=axes.transAxes,
        ha="center",
        va="top",
        fontsize=SMALL_SIZE,
        color=FAINT,
    )
