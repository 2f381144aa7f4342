"""Images of the flattened cortex: the vertex that each pixel shows.

One method works for every space. The flat patch of fsaverage5 consists of triangles. A pixel has a
position within its triangle; the same triangle exists on the sphere, and the pixel shows the
vertex of the requested space that is nearest to the corresponding point there.

The patch is a hemisphere cut along the calcarine fissure and four more lines, without the medial
wall; some 700 vertices of fsaverage5 per hemisphere are on none of its triangles and are not shown.
The patch has its customary orientation: dorsal is up, and the occipital pole points towards the
middle of a page that has the left hemisphere on the left. V1 lies along that edge, with its dorsal
bank above the cut and its ventral bank below it.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float, Float32, Int, Int32
from matplotlib.tri import Triangulation, TriFinder
from scipy.spatial import cKDTree

from cortexlens.cortex.meshes import (
    LEFT,
    RIGHT,
    check_space,
    fsaverage5_surface,
    sphere_coordinates,
    sulcal_depth,
)

OUTSIDE: Final = -1
# Height of the coarse raster in which vertices are located: 1.4 mm per pixel.
_LOCATING_HEIGHT: Final = 200


class Window(NamedTuple):
    """A part of the flat patch, by its edges in mm; y points to dorsal."""

    left: float
    right: float
    bottom: float
    top: float

    def mirrored(self) -> "Window":
        """Return the same part of the other hemisphere's patch."""
        return Window(-self.right, -self.left, self.bottom, self.top)

    def joined(self, other: "Window") -> "Window":
        """Return the smallest window that contains both."""
        return Window(
            min(self.left, other.left),
            max(self.right, other.right),
            min(self.bottom, other.bottom),
            max(self.top, other.top),
        )


@dataclass(frozen=True)
class FlatRaster:
    """The vertex and sulcal depth at each pixel of an image of one flat hemisphere.

    Attributes
    ----------
    vertex
        Index on the mesh of the space; :data:`OUTSIDE` (-1) outside the patch. Row 0 is the top.
    depth
        Sulcal depth, positive in sulci, about -1.5 to 1.8; NaN outside the patch.
    window
        Edges of the image on the flat patch, in mm.
    """

    vertex: Int32[np.ndarray, "height width"]
    depth: Float32[np.ndarray, "height width"]
    window: Window


def whole_window() -> Window:
    """Window that contains the whole left patch and the mirrored right one, with a margin."""
    left, right = (_edges(*fsaverage5_surface("flat", side)) for side in (LEFT, RIGHT))
    return _widened(left.joined(right.mirrored()), 2.0)


def data_window(
    space: str,
    vertices: tuple[Int[np.ndarray, "left"], Int[np.ndarray, "right"]],
    margin: float,
) -> Window:
    """Smallest window that contains the given vertices of both hemispheres, plus a margin.

    Parameters
    ----------
    space
        ``"fsaverage5"`` or ``"fsaverage"``.
    vertices
        Indices of the vertices on the left and the right mesh; either may be empty.
    margin
        Margin around the vertices, in mm of the flat patch.

    Returns
    -------
    Window
        Window on the left patch; mirrored, it contains the right hemisphere's vertices, so that
        both hemispheres are shown alike. The whole patch if no vertex is on it.
    """
    found: Window | None = None
    for side in (LEFT, RIGHT):
        raster = flat_raster(space, side, _LOCATING_HEIGHT)
        rows, columns = np.nonzero(np.isin(raster.vertex, vertices[side]))
        if rows.size:
            pixel = (raster.window.top - raster.window.bottom) / _LOCATING_HEIGHT
            held = Window(
                raster.window.left + pixel * int(columns.min()),
                raster.window.left + pixel * int(columns.max() + 1),
                raster.window.top - pixel * int(rows.max() + 1),
                raster.window.top - pixel * int(rows.min()),
            )
            held = held.mirrored() if side == RIGHT else held
            found = held if found is None else found.joined(held)
    return whole_window() if found is None else _widened(found, margin)


@lru_cache(maxsize=16)
def flat_raster(
    space: str, hemisphere: int, height: int, window: Window | None = None
) -> FlatRaster:
    """Find the vertex at each pixel of an image of a flat hemisphere.

    Parameters
    ----------
    space
        ``"fsaverage5"`` or ``"fsaverage"``.
    hemisphere
        0 left, 1 right.
    height
        Number of rows of the image. Pixels are square, so the number of columns follows from the
        window.
    window
        Part of this hemisphere's patch to show; None: the whole patch.

    Returns
    -------
    FlatRaster
        Read-only arrays, since recent results are cached.

    Raises
    ------
    CortexlensError
        If the space is unknown.
    """
    check_space(space)
    if window is None:
        window = whole_window() if hemisphere == LEFT else whole_window().mirrored()
    patch, finder = _patch(hemisphere)
    pixel = (window.top - window.bottom) / height
    width = max(1, round((window.right - window.left) / pixel))
    x, y = np.meshgrid(
        window.left + pixel * (np.arange(width) + 0.5),
        window.top - pixel * (np.arange(height) + 0.5),
    )
    triangle = np.asarray(finder(x.ravel(), y.ravel()), np.int64)
    inside = np.flatnonzero(triangle >= 0)
    corners = patch.triangles[triangle[inside]]
    weights = _barycentric(patch, corners, x.ravel()[inside], y.ravel()[inside])

    on_sphere = np.einsum(
        "pc,pca->pa", weights, sphere_coordinates("fsaverage5", hemisphere)[corners]
    )
    on_sphere *= 100 / np.linalg.norm(on_sphere, axis=1, keepdims=True)
    vertex = np.full(triangle.shape, OUTSIDE, np.int32)
    vertex[inside] = _tree(space, hemisphere).query(on_sphere)[1]
    depth = np.full(triangle.shape, np.nan, np.float32)
    depth[inside] = np.einsum("pc,pc->p", weights, sulcal_depth(hemisphere)[corners])
    vertex, depth = vertex.reshape(x.shape), depth.reshape(x.shape)
    for array in (vertex, depth):
        array.setflags(write=False)
    return FlatRaster(vertex, depth, window)


def _barycentric(
    patch: Triangulation,
    corners: Int[np.ndarray, "pixel corner"],
    x: Float[np.ndarray, "pixel"],
    y: Float[np.ndarray, "pixel"],
) -> Float[np.ndarray, "pixel corner"]:
    """Barycentric weights of the corners of each pixel's triangle; they sum to 1."""
    ax, bx, cx = patch.x[corners].T
    ay, by, cy = patch.y[corners].T
    area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    b = ((x - ax) * (cy - ay) - (cx - ax) * (y - ay)) / area
    c = ((bx - ax) * (y - ay) - (x - ax) * (by - ay)) / area
    return np.stack([1 - b - c, b, c], axis=1)


def _edges(
    coordinates: Float[np.ndarray, "vertex axis"], faces: Int[np.ndarray, "face corner"]
) -> Window:
    x, y = coordinates[np.unique(faces), :2].T
    return Window(float(x.min()), float(x.max()), float(y.min()), float(y.max()))


def _widened(window: Window, margin: float) -> Window:
    left, right, bottom, top = window
    return Window(left - margin, right + margin, bottom - margin, top + margin)


@cache
def _patch(hemisphere: int) -> tuple[Triangulation, TriFinder]:
    coordinates, faces = fsaverage5_surface("flat", hemisphere)
    patch = Triangulation(coordinates[:, 0], coordinates[:, 1], faces)
    return patch, patch.get_trifinder()


@cache
def _tree(space: str, hemisphere: int) -> cKDTree:
    return cKDTree(sphere_coordinates(space, hemisphere))
