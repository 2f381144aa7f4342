"""Locations of the vertices of a study of kind ``table``."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr
from jaxtyping import Float32

from cortexlens.cortex.meshes import (
    HEMISPHERE_NAMES,
    N_VERTICES,
    encoder_coordinates,
    side_by_side,
)
from cortexlens.errors import CortexlensError
from cortexlens.study.table.hemispheres import by_hemisphere
from cortexlens.study.table.place_files import read_coordinates, read_mesh_vertices
from cortexlens.study.table.recordings import Recording, millimetres
from cortexlens.study.table.surfaces import read_surface, surface_hemisphere, surface_voxels
from cortexlens.study.tsv import read_tsv


def place_vertices(
    recording: Recording,
    n_vertices: int,
    *,
    coordinates: Path | None = None,
    mesh: Sequence[Path] = (),
    space: str | None = None,
    surface: Sequence[Path] = (),
) -> dict[str, xr.Variable]:
    """Locate vertices from the response files, a mesh or surface, and a table of coordinates.

    Parameters
    ----------
    recording
        Responses, with the locations that their files state.
    n_vertices
        Number of vertices.
    coordinates
        Table with x, y, z in mm or with hemisphere and vertex_index on the mesh ``space``; or
        ``.npy`` of shape (vertex, 3), in mm.
    mesh
        Surface files of the left and the right hemisphere, whose vertices give the coordinates.
    space
        ``fsaverage5`` or ``fsaverage``, if the vertices or the surfaces belong to that mesh.
    surface
        Surface files of the left and the right hemisphere in the volume of the responses, with the
        vertices of ``space``; the voxels are displayed on them.

    Returns
    -------
    dict
        Variables of ``responses.zarr``: ``coordinates`` and, where known, ``hemisphere``,
        ``vertex_index``, ``voxel`` and those of a surface; empty if nothing is known.

    Raises
    ------
    CortexlensError
        If a file is missing or malformed, or does not match the vertices of the responses.
    """
    places = dict(recording.places)
    if coordinates is not None:
        places.update(_from_file(coordinates, n_vertices, space))
    if "coordinates" not in places:
        if mesh:
            places["coordinates"] = _on_mesh(mesh, places)
        elif space is not None and not surface:
            places["coordinates"] = _on_template(space, places, recording)
        elif "voxel" in places:
            places["coordinates"] = millimetres(places["voxel"], recording.space["grid"].affine)
    known = {
        name: xr.Variable(("vertex", "axis") if values.ndim == 2 else "vertex", values)
        for name, values in places.items()
    }
    if surface:
        drawn = _through_volume(surface, space, places, recording)
        known.update({name: xr.Variable("surface", values) for name, values in drawn.items()})
    if "coordinates" in known:
        known["coordinates"].attrs["units"] = "mm"
    if space is None:
        # an index identifies a location only on a mesh that is known by name
        known.pop("vertex_index", None)
    return known


def space_attributes(recording: Recording, space: str | None) -> dict[str, object]:
    """Attributes of ``responses.zarr`` that figures need in order to place the vertices.

    Parameters
    ----------
    recording
        Responses, with the space that their files state.
    space
        ``fsaverage5`` or ``fsaverage``, if the vertices or the surfaces belong to that mesh.
    """
    if "grid" not in recording.space:
        return {} if space is None else {"space": space}
    grid = recording.space["grid"]
    return {
        "space": "volume",
        "volume_affine": grid.affine.tolist(),
        "volume_shape": list(grid.shape),
        **({} if space is None else {"surface_space": space}),
    }


def _through_volume(
    surface: Sequence[Path],
    space: str | None,
    places: dict[str, np.ndarray],
    recording: Recording,
) -> dict[str, np.ndarray]:
    """Vertices of surfaces, and the voxel that each of them lies in."""
    if "voxel" not in places:
        raise CortexlensError(
            f"{surface[0]}: column surface is for volumes, but the responses are not a volume; for "
            "responses of a surface, use the columns mesh and space."
        )
    if space is None:
        raise CortexlensError(
            f"{surface[0]}: name the mesh of the surfaces in the column space; allowed are "
            f"{', '.join(N_VERTICES)}."
        )
    return dict(surface_voxels(surface, space, places["voxel"], recording.space["grid"].affine))


def _from_file(path: Path, n_vertices: int, space: str | None) -> dict[str, np.ndarray]:
    """Read a file of locations: vertices of a known mesh, or coordinates."""
    on_mesh = {"hemisphere", "vertex_index"}
    if space and path.suffix == ".tsv" and on_mesh <= set(read_tsv(path, needed=())):
        hemisphere, vertex_index = read_mesh_vertices(path, space, n_vertices)
        return {"hemisphere": hemisphere, "vertex_index": vertex_index}
    return {"coordinates": read_coordinates(path, n_vertices)}


def _on_template(
    space: str, places: dict[str, np.ndarray], recording: Recording
) -> Float32[np.ndarray, "vertex axis"]:
    if "vertex_index" not in places and "voxel" in places:
        raise CortexlensError(
            f"space is {space!r}, but the responses are a volume; name surfaces with that mesh in "
            "the column surface, or leave the column space empty."
        )
    if "vertex_index" not in places:
        raise CortexlensError(
            f"space is {space!r}, but nothing says which of its vertices the responses belong to; "
            "give surface files, or coordinates with the columns hemisphere and vertex_index."
        )
    for side, count in recording.space.get("n_vertices", {}).items():
        if count != N_VERTICES.get(space, count):
            raise CortexlensError(
                f"space is {space!r} with {N_VERTICES[space]} vertices per hemisphere, but "
                f"hemisphere {side} of the responses has {count}. Correct the column space, or "
                "give a mesh."
            )
    placed: Float32[np.ndarray, "vertex axis"] = encoder_coordinates(
        space, places["hemisphere"], places["vertex_index"]
    )
    return placed


def _on_mesh(
    paths: Sequence[Path], places: dict[str, np.ndarray]
) -> Float32[np.ndarray, "vertex axis"]:
    """Vertices of the user's own surfaces; the right one is shifted to lie beside the left one."""
    surfaces = [read_surface(path) for path in paths]
    sides = by_hemisphere(paths, [surface_hemisphere(path) for path in paths], "mesh")
    if "vertex_index" not in places:
        raise CortexlensError(
            f"{paths[0]}: is a surface, but the responses are not surface data; give coordinates."
        )
    placed = np.empty((len(places["vertex_index"]), 3), np.float32)
    for side, points in zip(sides, side_by_side(surfaces), strict=True):
        here = places["hemisphere"] == side
        index = places["vertex_index"][here]
        if index.size and index.max() >= len(points):
            raise CortexlensError(
                f"{paths[sides[side]]}: has {len(points)} vertices, but the responses reach vertex "
                f"{int(index.max())} of that hemisphere. Give the mesh that they belong to."
            )
        placed[here] = points[index]
    for side in np.setdiff1d(places["hemisphere"], list(sides)).tolist():
        raise CortexlensError(
            f"{paths[0]}: also give the surface of the {HEMISPHERE_NAMES[side]} hemisphere."
        )
    return placed
