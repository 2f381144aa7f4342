"""Locations of vertices from files of their own: coordinates, or vertices of a known mesh."""

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32, Int8, Int64

from cortexlens.cortex.meshes import N_VERTICES, check_space
from cortexlens.errors import CortexlensError
from cortexlens.study.arrays import map_npy
from cortexlens.study.claims import check_claim
from cortexlens.study.table.label_files import numbers


def read_coordinates(path: Path, n_vertices: int) -> Float32[np.ndarray, "vertex axis"]:
    """Read the coordinates of vertices.

    Parameters
    ----------
    path
        ``.npy`` of shape (vertex, 3), or ``.tsv`` with the columns x, y, z and one row per vertex;
        in mm.
    n_vertices
        Number of vertices that the file must have.

    Raises
    ------
    CortexlensError
        If the file is missing, damaged or of another format, its number of vertices differs, or a
        coordinate is not finite.
    """
    if path.suffix == ".npy":
        values = map_npy(path, kinds="fiu", n_axes=2)
        if values.shape != (n_vertices, 3):
            raise CortexlensError(
                f"{path}: found coordinates of shape {values.shape}; needed are "
                f"({n_vertices}, 3): x, y and z of {n_vertices} vertices."
            )
    elif path.suffix == ".tsv":
        columns = numbers(path, ("x", "y", "z"), n_vertices)
        values = np.stack([columns[name] for name in "xyz"], axis=1)
    else:
        raise CortexlensError(f"{path}: coordinates are read from .npy and .tsv files.")
    with np.errstate(over="ignore"):
        places: Float32[np.ndarray, "vertex axis"] = values.astype(np.float32)
    wrong = np.flatnonzero(~np.isfinite(places).all(axis=1))
    if wrong.size:
        raise CortexlensError(
            f"{path}: the coordinates of vertex {wrong[0]} (from 0) are {values[wrong[0]]}; "
            "finite numbers of mm are needed."
        )
    return places


def read_mesh_vertices(
    path: Path, space: str, n_vertices: int
) -> tuple[Int8[np.ndarray, "vertex"], Int64[np.ndarray, "vertex"]]:
    """Read which vertices of a known mesh the vertices of a model correspond to.

    Parameters
    ----------
    path
        ``.tsv`` with the columns ``hemisphere`` (0 left, 1 right) and ``vertex_index`` (from 0), or
        ``.npz`` with arrays of these names.
    space
        ``fsaverage5`` or ``fsaverage``.
    n_vertices
        Number of vertices that the file must have.

    Returns
    -------
    hemisphere, vertex_index

    Raises
    ------
    CortexlensError
        If the space is unknown, the file is missing, damaged or of another format, its number of
        vertices differs, or a vertex is not on the mesh.
    """
    check_space(space)
    sizes = {"hemisphere": 2, "vertex_index": N_VERTICES[space]}
    if path.suffix == ".tsv":
        columns: dict[str, Any] = dict(numbers(path, tuple(sizes), n_vertices))
    elif path.suffix == ".npz":
        columns = _archived(path, tuple(sizes), n_vertices)
    else:
        raise CortexlensError(f"{path}: vertices are read from .tsv and .npz files.")
    for name, size in sizes.items():
        values = columns[name]
        wrong = np.flatnonzero(~np.isin(values, np.arange(size)))
        if wrong.size:
            raise CortexlensError(
                f"{path}: {name} of vertex {wrong[0]} (from 0) is {values[wrong[0]]:g}; allowed "
                f"in {space} are whole numbers from 0 to {size - 1}."
            )
    return columns["hemisphere"].astype(np.int8), columns["vertex_index"].astype(np.int64)


def _archived(path: Path, names: tuple[str, ...], n_vertices: int) -> dict[str, np.ndarray]:
    """Read arrays of numbers, one number per vertex, from an ``.npz`` file."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: _member(path, archive, name) for name in names}
    except Exception as error:  # damaged files fail in many ways
        raise CortexlensError(
            f"{path}: cannot be read as a .npz file with the arrays {' and '.join(names)}: {error}."
        ) from error
    for name, values in arrays.items():
        if values.shape != (n_vertices,) or values.dtype.kind not in "iuf":
            raise CortexlensError(
                f"{path}: {name} is {values.dtype} of shape {values.shape}; one number for each "
                f"of {n_vertices} vertices is needed."
            )
    return arrays


def _member(path: Path, archive: Any, name: str) -> np.ndarray:
    """Unpack one array, unless its stated size exceeds what the archive can hold."""
    size = archive.zip.getinfo(f"{name}.npy").file_size
    check_claim(path, (size,), np.dtype(np.uint8))
    return np.asarray(archive[name])
