"""Meshes of the template cortex, and the vertex coordinates that FactorTopy encodes.

Two spaces are known. *fsaverage5* (10,242 vertices per hemisphere) comes with nilearn; the sphere
of *fsaverage* (163,842) is shipped in ``data/``. The first 10,242 vertices of fsaverage are those
of fsaverage5 (to within 0.007 mm). Coordinates are in mm along FreeSurfer's axes: x to the right,
y to the front, z upward.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final, Literal, get_args

import numpy as np
from jaxtyping import Float, Float32, Int, Int8, Int64
from nibabel.gifti.gifti import GiftiImage

from cortexlens.errors import CortexlensError

Space = Literal["fsaverage5", "fsaverage"]
Surface = Literal["sphere", "flat", "infl", "pial", "white"]

N_VERTICES: Final[dict[str, int]] = {"fsaverage5": 10_242, "fsaverage": 163_842}
HEMISPHERE_NAMES: Final = ("left", "right")
LEFT, RIGHT = range(2)

# Offset between the starts of the left and the right sphere along x, in sphere widths, as in the
# published FactorTopy. It keeps the coordinates of the two hemispheres apart.
RIGHT_START_IN_WIDTHS: Final = 1.5


def check_space(space: str) -> None:
    """Refuse an unknown space.

    Raises
    ------
    CortexlensError
        If ``space`` is not in :data:`Space`; the message lists the choices.
    """
    if space not in get_args(Space):
        raise CortexlensError(
            f"space {space!r} is unknown; allowed are {', '.join(get_args(Space))}."
        )


def fsaverage5_surface(
    surface: Surface, hemisphere: int
) -> tuple[Float[np.ndarray, "vertex axis"], Int[np.ndarray, "face corner"]]:
    """Vertices and triangles of a surface of fsaverage5.

    Parameters
    ----------
    surface
        Kind of surface; ``"flat"`` lacks the triangles along its cuts.
    hemisphere
        0 left, 1 right.

    Returns
    -------
    coordinates
        Coordinates in mm, float32.
    faces
        Indices of each triangle's three vertices.
    """
    coordinates, faces = _read_fsaverage5(f"{surface}_{HEMISPHERE_NAMES[hemisphere]}")
    return coordinates, faces


def sulcal_depth(hemisphere: int) -> Float[np.ndarray, "vertex"]:
    """Sulcal depth of fsaverage5 in FreeSurfer's units: positive in sulci, negative on gyri.

    Parameters
    ----------
    hemisphere
        0 left, 1 right.
    """
    return _read_fsaverage5(f"sulc_{HEMISPHERE_NAMES[hemisphere]}")[0]


def sphere_coordinates(space: str, hemisphere: int) -> Float[np.ndarray, "vertex axis"]:
    """Coordinates of the vertices on the spherical surface.

    Parameters
    ----------
    space
        ``"fsaverage5"`` or ``"fsaverage"``.
    hemisphere
        0 left, 1 right. Both hemispheres have the same sphere, centred on the origin.

    Returns
    -------
    Float[np.ndarray, "vertex axis"]
        float32, mm, radius 100; a copy that may be modified.

    Raises
    ------
    CortexlensError
        If the space or the hemisphere is unknown.
    """
    check_space(space)
    _check_hemispheres(np.array([hemisphere]))
    if space == "fsaverage5":
        return fsaverage5_surface("sphere", hemisphere)[0].copy()
    return _fsaverage_sphere().copy()


def encoder_coordinates(
    space: str, hemisphere: Int8[np.ndarray, "vertex"], vertex_index: Int64[np.ndarray, "vertex"]
) -> Float[np.ndarray, "vertex axis"]:
    """Coordinates of each vertex as used by FactorTopy's sinusoidal position code.

    These are coordinates on the sphere, with the right hemisphere shifted along x so that it starts
    at the left one's minimum plus 1.5 times its width. Minimum and width are those of the whole
    sphere, so that a vertex has the same coordinates in every selection.

    Parameters
    ----------
    space
        ``"fsaverage5"`` or ``"fsaverage"``.
    hemisphere
        0 left, 1 right.
    vertex_index
        Index on the mesh of its hemisphere, from 0.

    Returns
    -------
    Float[np.ndarray, "vertex axis"]
        float32, mm; x in [-100, 100] on the left and [200, 400] on the right.

    Raises
    ------
    CortexlensError
        If the space or a hemisphere is unknown, or an index lies outside the mesh.
    """
    check_vertices(space, hemisphere, vertex_index)
    spheres = side_by_side([sphere_coordinates(space, side) for side in (LEFT, RIGHT)])
    places: Float[np.ndarray, "vertex axis"] = np.stack(spheres)[hemisphere, vertex_index]
    return places


def side_by_side(
    surfaces: Sequence[Float32[np.ndarray, "_ axis"]],
) -> list[Float32[np.ndarray, "_ axis"]]:
    """Shift the right hemisphere along x so that it does not overlap with the left one.

    Parameters
    ----------
    surfaces
        Vertices of the left and the right surface, in mm; a single surface is returned unchanged.

    Returns
    -------
    list of ndarray
        The right surface starts at the left one's minimum plus 1.5 times its width.
    """
    if len(surfaces) < 2:
        return list(surfaces)
    left, right = surfaces
    start, end = float(left[:, 0].min()), float(left[:, 0].max())
    shift = start + RIGHT_START_IN_WIDTHS * (end - start) - float(right[:, 0].min())
    return [left, right + np.array([shift, 0, 0], np.float32)]


def check_vertices(
    space: str, hemisphere: Int8[np.ndarray, "vertex"], vertex_index: Int64[np.ndarray, "vertex"]
) -> None:
    """Refuse vertices that are not on the meshes of a space.

    Parameters
    ----------
    space, hemisphere, vertex_index
        As for :func:`encoder_coordinates`.

    Raises
    ------
    CortexlensError
        If the space or a hemisphere is unknown, or an index lies outside the mesh.
    """
    check_space(space)
    _check_hemispheres(hemisphere)
    outside = (vertex_index < 0) | (vertex_index >= N_VERTICES[space])
    if outside.any():
        row = int(np.flatnonzero(outside)[0])
        raise CortexlensError(
            f"vertex_index {vertex_index[row]} at row {row} lies outside {space}, whose "
            f"hemispheres have the vertices 0 to {N_VERTICES[space] - 1}."
        )


def _check_hemispheres(hemisphere: Int[np.ndarray, "vertex"]) -> None:
    unknown = ~np.isin(hemisphere, (LEFT, RIGHT))
    if unknown.any():
        row = int(np.flatnonzero(unknown)[0])
        raise CortexlensError(
            f"hemisphere {hemisphere[row]} at row {row} is unknown; "
            "allowed are 0 (left) and 1 (right)."
        )


@cache
def _read_fsaverage5(name: str) -> tuple[np.ndarray, ...]:
    """Read-only arrays of one of nilearn's own files.

    The files are read directly: importing nilearn.datasets, whose loader reads all surfaces, would
    cost every job that draws a map several seconds.
    """
    path = files("nilearn") / "datasets" / "data" / "fsaverage5" / f"{name}.gii.gz"
    image = GiftiImage.from_filename(str(path))  # type: ignore[no-untyped-call]
    arrays = tuple(np.asarray(array.data) for array in image.darrays)
    for array in arrays:
        array.setflags(write=False)
    return arrays


@cache
def _fsaverage_sphere() -> Float[np.ndarray, "vertex axis"]:
    path = files("cortexlens.cortex") / "data" / "fsaverage_sphere.npz"
    with path.open("rb") as file, np.load(file) as arrays:
        sphere: Float[np.ndarray, "vertex axis"] = arrays["sphere"]
    sphere.setflags(write=False)
    return sphere
