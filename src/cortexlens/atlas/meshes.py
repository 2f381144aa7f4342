"""Template cortex of the page, fine where a study has vertices and coarse elsewhere.

fsaverage divides each triangle of fsaverage5 into sixteen. Its folded shapes are not part of this
package, so its vertices are placed in the plane of the triangle that they divide: the shape is that
of fsaverage5, but every vertex of fsaverage has a position of its own.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy.spatial import cKDTree

from cortexlens.atlas.packing import LONG, Coded, Coding, lengths
from cortexlens.cortex.meshes import (
    HEMISPHERE_NAMES,
    N_VERTICES,
    Surface,
    fsaverage5_surface,
    sphere_coordinates,
    sulcal_depth,
)

# Name of a shape on the page → name of the surface.
SHAPES: Final[dict[str, Surface]] = {
    "pial": "pial",
    "inflated": "infl",
    "sphere": "sphere",
    "flat": "flat",
}
# Sulcal depth lies within ±2.
_DEPTH: Final = Coding("int8", 2 / 127)
# Largest distance, mm, of a vertex of fsaverage from the middle of the edge that it divides.
_NEAR: Final = 0.2
# Number of divisions, each of which turns one triangle into four.
_DIVISIONS: Final = 2
_CORNERS: Final = ((0, 1), (1, 2), (2, 0))


class _Division(NamedTuple):
    """Edges of a mesh as pairs of a smaller and a larger vertex, sorted, and their midpoints.

    Attributes
    ----------
    number
        Number of each edge, computed from its ends.
    ends
        Both ends of each edge.
    middle
        Vertex at the middle of each edge.
    """

    number: Int[np.ndarray, " edge"]
    ends: Int[np.ndarray, "edge end"]
    middle: Int[np.ndarray, " edge"]

    def divide(
        self, faces: Int[np.ndarray, "*face corner"]
    ) -> Int[np.ndarray, "*face four corner"]:
        """The four triangles of each triangle."""
        a, b, c = np.moveaxis(faces, -1, 0)
        ab, bc, ca = (self._middle(faces[..., list(pair)]) for pair in _CORNERS)
        four = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
        return np.stack([np.stack(each, axis=-1) for each in four], axis=-2)

    def _middle(self, ends: Int[np.ndarray, "*edge end"]) -> Int[np.ndarray, "*edge"]:
        return np.asarray(self.middle[np.searchsorted(self.number, _number(ends))])


def mesh_arrays(space: str, used: Sequence[Int[np.ndarray, "_"]]) -> dict[str, Coded]:
    """Vertices, triangles and sulcal depth of both hemispheres of a space.

    Parameters
    ----------
    space
        ``fsaverage5`` or ``fsaverage``.
    used
        Vertices of the left and of the right mesh that a study has. For fsaverage, only triangles
        of fsaverage5 that touch one of them are divided.

    Returns
    -------
    dict
        ``{side}_{shape}`` (mm), ``{side}_faces``, ``{side}_flat_faces`` and ``{side}_sulc``, for
        ``left`` and ``right``. Vertices are numbered as in the space; those in no triangle are 0.
    """
    arrays: dict[str, Coded] = {}
    for side, name in enumerate(HEMISPHERE_NAMES):
        faces = _faces(space, side, "pial", used[side])
        flat = _faces(space, side, "flat", used[side])
        for shape, surface in SHAPES.items():
            points = fsaverage5_surface(surface, side)[0]
            placed = _placed(space, side, points, flat if shape == "flat" else faces)
            arrays[f"{name}_{shape}"] = (placed, lengths(placed))
        arrays[f"{name}_faces"] = (faces, LONG)
        arrays[f"{name}_flat_faces"] = (flat, LONG)
        depth = _placed(space, side, sulcal_depth(side)[:, None], faces)
        arrays[f"{name}_sulc"] = (depth[:, 0], _DEPTH)
    return arrays


def _faces(
    space: str, side: int, surface: Surface, used: Int[np.ndarray, " own"]
) -> Int[np.ndarray, "face corner"]:
    """Triangles of a surface, divided where a study has vertices."""
    faces = np.asarray(fsaverage5_surface(surface, side)[1], np.int64)
    if space == "fsaverage5":
        return faces
    own = np.zeros(N_VERTICES[space], bool)
    own[used] = True
    parts = faces
    for division in _divisions(side):
        parts = division.divide(parts)
    parts = parts.reshape(len(faces), -1, 3)
    busy = own[parts].any(axis=(1, 2))
    return np.concatenate([faces[~busy], parts[busy].reshape(-1, 3)])


def _placed(
    space: str,
    side: int,
    values: Float[np.ndarray, "coarse axis"],
    faces: Int[np.ndarray, "face corner"],
) -> Float[np.ndarray, "vertex axis"]:
    """Values of fsaverage5 at the vertices of a space that are in some triangle; else 0."""
    if space == "fsaverage5":
        return values
    placed = np.zeros((N_VERTICES[space], values.shape[1]), np.float64)
    placed[: len(values)] = values
    for division in _divisions(side):
        placed[division.middle] = placed[division.ends].mean(axis=1)
    hidden = np.ones(len(placed), bool)
    hidden[faces] = False
    placed[hidden] = 0
    return placed


@cache
def _divisions(side: int) -> tuple[_Division, ...]:
    """The steps by which fsaverage divides fsaverage5."""
    sphere = sphere_coordinates("fsaverage", side).astype(np.float64)
    tree = cKDTree(sphere)
    faces = np.asarray(fsaverage5_surface("sphere", side)[1], np.int64)
    found = []
    for _ in range(_DIVISIONS):
        number, first = np.unique(_number(faces[:, np.array(_CORNERS)]).ravel(), return_index=True)
        ends = faces[:, np.array(_CORNERS)].reshape(-1, 2)[first]
        middle = sphere[ends].mean(axis=1)
        middle *= 100 / np.linalg.norm(middle, axis=1, keepdims=True)
        distance, vertex = map(np.asarray, tree.query(middle))
        if distance.max() > _NEAR:
            raise ValueError(f"a vertex of fsaverage lies {distance.max():.2f} mm from its edge")
        found.append(_Division(number, ends, np.asarray(vertex, np.int64)))
        faces = found[-1].divide(faces).reshape(-1, 3)
    return tuple(found)


def _number(ends: Int[np.ndarray, "*edge end"]) -> Int[np.ndarray, "*edge"]:
    return np.asarray(ends.min(axis=-1) * N_VERTICES["fsaverage"] + ends.max(axis=-1))
