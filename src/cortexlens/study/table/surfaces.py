"""Cortical surfaces: their files, and the voxels of a volume that their vertices lie in."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Float32, Int64, Shaped

from cortexlens.cortex.meshes import HEMISPHERE_NAMES, LEFT, N_VERTICES, RIGHT, check_space
from cortexlens.errors import CortexlensError
from cortexlens.progress import say
from cortexlens.study.claims import load_image
from cortexlens.study.table.array_files import reading
from cortexlens.study.table.hemispheres import by_hemisphere, stated_hemisphere

NIFTI_XFORM_SCANNER: Final = 1


def read_surface(path: Path) -> Float32[np.ndarray, "mesh axis"]:
    """Read the vertices of a surface, in mm as stored in the file.

    Parameters
    ----------
    path
        ``.gii`` or ``.gii.gz``; any other name is read as FreeSurfer geometry.

    Raises
    ------
    CortexlensError
        If the file is missing or damaged, or does not hold coordinates.
    """
    from nibabel.freesurfer.io import read_geometry

    with reading(path):
        if _is_gifti(path):
            points = np.asarray(_gifti(path).darrays[0].data)
        else:
            points = read_geometry(path)[0]  # type: ignore[no-untyped-call]
    if points.ndim != 2 or points.shape[1] != 3 or not np.isfinite(points).all():
        raise CortexlensError(
            f"{path}: found an array of shape {points.shape}; a surface holds x, y and z of each "
            "vertex, all of them finite numbers."
        )
    placed: Float32[np.ndarray, "mesh axis"] = points.astype(np.float32)
    return placed


def surface_hemisphere(path: Path) -> int | None:
    """Hemisphere that a surface file states: 0 left, 1 right; None if it states none.

    Raises
    ------
    CortexlensError
        If the file cannot be read, or is not of the cortex of one hemisphere.
    """
    if not _is_gifti(path):
        return stated_hemisphere(path)
    with reading(path):
        image = _gifti(path)
    return stated_hemisphere(path, image)


def surface_voxels(
    paths: Sequence[Path],
    space: str,
    voxel: Int64[np.ndarray, "vertex axis"],
    affine: Float[np.ndarray, "4 4"],
) -> dict[str, Int64[np.ndarray, "surface"] | Shaped[np.ndarray, "surface"]]:
    """Find the voxel that each vertex of two surfaces lies in.

    This is the voxel with the nearest centre, if that is within the length of a voxel's diagonal.
    Vertices without such a voxel are left out.

    Parameters
    ----------
    paths
        Surfaces of the left and the right hemisphere in the volume's millimetres, with the vertices
        of the mesh ``space``.
    space
        ``fsaverage5`` or ``fsaverage``.
    voxel
        Indices of the voxels in their volume.
    affine
        Transformation from these indices to mm.

    Returns
    -------
    dict
        ``surface_hemisphere`` (int8), ``surface_vertex`` and ``surface_voxel`` (a row of
        ``voxel``), with one entry per vertex that lies in a voxel.

    Raises
    ------
    CortexlensError
        If there are not two surfaces of that mesh, left before right, or if no vertex lies in a
        voxel.
    """
    from scipy.spatial import cKDTree

    check_space(space)
    surfaces = _both_hemispheres(paths, space)
    centres = voxel @ affine[:3, :3].T + affine[:3, 3]
    diagonal = float(np.linalg.norm(np.linalg.norm(affine[:3, :3], axis=0)))
    tree = cKDTree(centres)
    found: dict[str, list[np.ndarray]] = {"hemisphere": [], "vertex": [], "voxel": []}
    for side, points in zip((LEFT, RIGHT), surfaces, strict=True):
        # for vertices beyond the distance, the query returns the index after the last row
        row = np.asarray(tree.query(points, distance_upper_bound=diagonal)[1])
        vertex = np.flatnonzero(row < len(centres))
        found["hemisphere"].append(np.full(len(vertex), side, np.int8))
        found["vertex"].append(vertex.astype(np.int64))
        found["voxel"].append(row[vertex].astype(np.int64))
    places = {f"surface_{name}": np.concatenate(parts) for name, parts in found.items()}
    n_found, n_all = len(places["surface_voxel"]), 2 * N_VERTICES[space]
    if n_found == 0:
        raise CortexlensError(
            f"{paths[0]}: no vertex of the surfaces lies in a voxel: the surfaces span "
            f"{_span(np.concatenate(surfaces))}, the voxels {_span(centres)}. Give surfaces in the "
            "space of the volume."
        )
    say(f"{paths[0]}: {n_found} of the {n_all} vertices of both surfaces lie in a voxel")
    return places


def _both_hemispheres(paths: Sequence[Path], space: str) -> list[Float32[np.ndarray, "_ axis"]]:
    """Read two surfaces and check that they are of the mesh, in scanner space, left first."""
    if len(paths) != 2:
        raise CortexlensError(
            f"{paths[0]}: column surface names {len(paths)} file(s); needed are two, left and "
            "right, separated by a comma."
        )
    surfaces = [read_surface(path) for path in paths]
    by_hemisphere(paths, [surface_hemisphere(path) for path in paths], "surface")
    for path, points in zip(paths, surfaces, strict=True):
        if len(points) != N_VERTICES[space]:
            raise CortexlensError(
                f"{path}: has {len(points)} vertices, but a hemisphere of {space} has "
                f"{N_VERTICES[space]}. Correct the column space, or give the subject's surfaces "
                "with that mesh."
            )
        _check_scanner(path)
    middle = [float(points[:, 0].mean()) for points in surfaces]
    if middle[LEFT] > middle[RIGHT]:
        raise CortexlensError(
            f"{paths[0]}: lies to the right (x {middle[LEFT]:.0f} mm) of {paths[1].name} "
            f"(x {middle[RIGHT]:.0f} mm); name the {HEMISPHERE_NAMES[LEFT]} hemisphere first."
        )
    return surfaces


def _check_scanner(path: Path) -> None:
    """Refuse surfaces whose header shifts them against the volume, which would go unnoticed."""
    with reading(path):
        centre = _gifti_centre(path) if _is_gifti(path) else _freesurfer_centre(path)
    if any(abs(shift) > 1e-3 for shift in centre):
        shift = ", ".join(f"{part:.1f}" for part in centre)
        raise CortexlensError(
            f"{path}: is in FreeSurfer's surface coordinates, which are shifted by {shift} mm "
            "(c_ras) against the volume's. Convert it with mris_convert --to-scanner."
        )


def _freesurfer_centre(path: Path) -> tuple[float, ...]:
    """c_ras of a file in surface coordinates; zeros if it is unknown or does not apply."""
    import warnings

    from nibabel.freesurfer.io import read_geometry

    with warnings.catch_warnings():
        # nibabel warns about missing headers and scanner coordinates, which are both fine here
        warnings.simplefilter("ignore")
        header = read_geometry(path, read_metadata=True)[2]  # type: ignore[no-untyped-call]
    return tuple(map(float, header.get("cras", (0, 0, 0))))


def _gifti_centre(path: Path) -> tuple[float, ...]:
    array = _gifti(path).darrays[0]
    if array.coordsys is not None and array.coordsys.dataspace == NIFTI_XFORM_SCANNER:
        return (0.0, 0.0, 0.0)
    return tuple(float(array.meta.get(f"VolGeomC_{axis}", 0)) for axis in "RAS")


def _is_gifti(path: Path) -> bool:
    return path.name.lower().endswith((".gii", ".gii.gz"))


def _gifti(path: Path) -> Any:
    return load_image(path)


def _span(points: Float[np.ndarray, "point axis"]) -> str:
    """Describe the extent of points, for error messages."""
    ends = zip("xyz", points.min(axis=0), points.max(axis=0), strict=True)
    return ", ".join(f"{axis} {low:.0f} to {high:.0f}" for axis, low, high in ends) + " mm"
