"""Where the vertices of a study of kind ``table`` are."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr
from jaxtyping import Float32

from cortexlens.cortex.meshes import LEFT, N_VERTICES, RIGHT, encoder_coordinates, side_by_side
from cortexlens.errors import CortexlensError
from cortexlens.study.label_files import numbers
from cortexlens.study.recordings import Recording, millimetres, reading
from cortexlens.study.tsv import read_tsv


def place_vertices(
    recording: Recording,
    n_vertices: int,
    *,
    coordinates: Path | None = None,
    mesh: Sequence[Path] = (),
    space: str | None = None,
) -> dict[str, xr.Variable]:
    """Say where vertices are, by what the responses' files, a mesh and a table say.

    Parameters
    ----------
    recording
        Responses, with what their files say of their vertices.
    n_vertices
        How many there are.
    coordinates
        Table with x, y, z in mm, or with hemisphere and vertex_index on a known mesh.
    mesh
        Surfaces of the left and the right hemisphere, whose vertices are the coordinates.
    space
        ``fsaverage5`` or ``fsaverage``, where the vertices are of such a mesh.

    Returns
    -------
    dict
        Variables of ``responses.zarr``: ``coordinates`` and, where they are known, ``hemisphere``,
        ``vertex_index`` and ``voxel``; empty where nothing is known.

    Raises
    ------
    CortexlensError
        If a file is missing or malformed, or of other vertices than the responses.
    """
    places = dict(recording.places)
    if coordinates is not None:
        places.update(_told(coordinates, n_vertices))
    if "coordinates" not in places:
        if mesh:
            places["coordinates"] = _on_mesh(mesh, places)
        elif space is not None:
            places["coordinates"] = _on_template(space, places, recording)
        elif "voxel" in places:
            places["coordinates"] = millimetres(places["voxel"], recording.space["affine"])
    known = {
        name: xr.Variable(("vertex", "axis") if values.ndim == 2 else "vertex", values)
        for name, values in places.items()
    }
    if "coordinates" in known:
        known["coordinates"].attrs["units"] = "mm"
    if space is None:
        # An index means something on a mesh that is known by name.
        known.pop("vertex_index", None)
    return known


def space_attributes(recording: Recording, space: str | None) -> dict[str, object]:
    """Attributes of ``responses.zarr`` that put vertices in their places in a picture."""
    if "affine" not in recording.space:
        return {} if space is None else {"space": space}
    affine = recording.space["affine"]
    shape = list(recording.space["shape"])
    return {"space": "volume", "volume_affine": affine.tolist(), "volume_shape": shape}


def _told(path: Path, n_vertices: int) -> dict[str, np.ndarray]:
    """Columns of the table of coordinates."""
    table = read_tsv(path, needed=())
    if {"hemisphere", "vertex_index"} <= set(table):
        columns = numbers(path, ("hemisphere", "vertex_index"), n_vertices)
        return {
            "hemisphere": columns["hemisphere"].astype(np.int8),
            "vertex_index": columns["vertex_index"].astype(np.int64),
        }
    columns = numbers(path, ("x", "y", "z"), n_vertices)
    return {"coordinates": np.stack([columns[name] for name in "xyz"], axis=1).astype(np.float32)}


def _on_template(
    space: str, places: dict[str, np.ndarray], recording: Recording
) -> Float32[np.ndarray, "vertex axis"]:
    if "vertex_index" not in places:
        raise CortexlensError(
            f"space is {space!r}, but nothing says which of its vertices the responses are of; "
            "give surface files, or coordinates with the columns hemisphere and vertex_index."
        )
    for side, count in recording.space.get("n_vertices", {}).items():
        if count != N_VERTICES.get(space, count):
            raise CortexlensError(
                f"space is {space!r} with {N_VERTICES[space]} vertices a hemisphere, but "
                f"hemisphere {side} of the responses has {count}. Mend the column space, or give "
                "a mesh."
            )
    placed: Float32[np.ndarray, "vertex axis"] = encoder_coordinates(
        space, places["hemisphere"], places["vertex_index"]
    )
    return placed


def _on_mesh(
    paths: Sequence[Path], places: dict[str, np.ndarray]
) -> Float32[np.ndarray, "vertex axis"]:
    """Vertices of the user's own surfaces; the right one is moved beside the left."""
    import nibabel
    from nibabel.freesurfer.io import read_geometry

    surfaces = []
    for path in paths:
        with reading(path):
            if path.name.lower().endswith((".gii", ".gii.gz")):
                image = nibabel.load(path)
                points = np.asarray(image.darrays[0].data)  # type: ignore[attr-defined]
            else:
                points = read_geometry(path)[0]  # type: ignore[no-untyped-call]
        surfaces.append(points.astype(np.float32))
    if "vertex_index" not in places:
        raise CortexlensError(
            f"{paths[0]}: is a surface, but the responses are not of one; give coordinates instead."
        )
    placed = np.empty((len(places["vertex_index"]), 3), np.float32)
    for side, points in zip((LEFT, RIGHT), side_by_side(surfaces), strict=False):
        here = places["hemisphere"] == side
        index = places["vertex_index"][here]
        if index.size and index.max() >= len(points):
            raise CortexlensError(
                f"{paths[side]}: has {len(points)} vertices, but the responses reach vertex "
                f"{int(index.max())} of that hemisphere. Give the mesh that they are of."
            )
        placed[here] = points[index]
    if len(paths) == 1 and (places["hemisphere"] == RIGHT).any():
        raise CortexlensError(f"{paths[0]}: give the right hemisphere's surface too.")
    return placed
