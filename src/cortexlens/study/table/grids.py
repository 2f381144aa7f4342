"""Voxel grids: volumes are aligned by the coordinates of their voxels, not by their indices.

Two volumes of equal shape may be stored with other axes or in other directions, as their affines
tell. If only the order or direction of axes differs, values are reordered exactly. Any other
difference would need resampling, which is refused unless it is asked for.
"""

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from jaxtyping import Float, Int64, Shaped

from cortexlens.errors import CortexlensError

# Files store affines as 32-bit numbers or quaternions, and programs round them differently.
ROUNDING: Final = 1e-3  # voxels
LARGEST: Final = 1e6  # mm; a larger value means that the header is damaged
Resample = Literal["nearest"]


@dataclass(frozen=True)
class Grid:
    """The voxel grid of a volume.

    Attributes
    ----------
    shape
        Number of voxels along each axis.
    affine
        Transformation from voxel indices to mm.
    path
        File that the grid was read from, for error messages.
    placed
        Whether the header states the affine; if not (codes of sform and qform 0), it is a guess.
    """

    shape: tuple[int, int, int]
    affine: Float[np.ndarray, "4 4"]
    path: Path
    placed: bool = True

    @classmethod
    def of(cls, image: Any, path: Path) -> "Grid":
        """Take the grid of an image that nibabel opened.

        Parameters
        ----------
        image
            The image.
        path
            Its file, for error messages.

        Raises
        ------
        CortexlensError
            If the header does not say where the voxels lie.
        """
        affine = np.asarray(image.affine, np.float64)
        x, y, z = map(int, image.shape[:3])
        sizes = np.abs(affine[np.isfinite(affine)])
        if sizes.size < affine.size or sizes.max() > LARGEST or not _spans_space(affine):
            raise CortexlensError(
                f"{path}: its affine {affine[:3].tolist()} does not put voxels side by side in "
                "space; correct the header (sform or qform), or write the file again."
            )
        codes = [image.header.get(name) for name in ("sform_code", "qform_code")]
        placed = None in codes or any(int(code) != 0 for code in codes)
        return cls((x, y, z), affine, path, placed)


def _spans_space(affine: Float[np.ndarray, "4 4"]) -> bool:
    """Tell whether the three axes point in three distinct directions; voxels may be anisotropic."""
    sizes = np.linalg.norm(affine[:3, :3], axis=0)
    if not sizes.all():
        return False
    return bool(np.linalg.cond(affine[:3, :3] / sizes) < 1e4 and sizes.max() < 1e6 * sizes.min())


def volume_axes(shape: tuple[int, ...], n_axes: int) -> tuple[int, ...] | None:
    """Shape of a volume without the singleton axes that a file format adds.

    AFNI and others store values along the fifth axis of NIfTI, with a fourth (time) of length 1,
    and a single volume may have a last axis of length 1.



    Parameters
    ----------
    shape
        Shape as in the header.
    n_axes
        3 for a single volume, 4 for several.

    Returns
    -------
    tuple of int or None
        None if the axes do not fit ``n_axes``.
    """
    if len(shape) < 3:
        return None
    further = [size for size in shape[3:] if size != 1]
    if n_axes == 3:
        return None if further else shape[:3]
    return None if len(further) > 1 else (*shape[:3], *(further or [1]))


def on_grid(
    values: Shaped[np.ndarray, "i j k ..."],
    grid: Grid,
    target: Grid,
    *,
    resample: str | None = None,
    hint: str = "",
) -> Shaped[np.ndarray, "x y z ..."]:
    """Bring a volume onto the grid of another volume.

    Parameters
    ----------
    values
        The volume, of the shape of ``grid``; further axes are kept.
    grid, target
        The grid of the volume, and the grid that is needed.
    resample
        None: axes may be flipped and permuted, which changes no value, and any other difference is
        refused. ``nearest``: if flipping and permuting do not suffice, each target voxel takes the
        value of the voxel that its centre lies in, or 0 outside.
    hint
        Advice to add to the error message.

    Raises
    ------
    CortexlensError
        If the grids differ in more than the order and direction of axes, and resampling was not
        asked for.
    """
    from nibabel.orientations import apply_orientation, inv_ornt_aff, io_orientation

    if grid.placed != target.placed:
        silent, other = (target, grid) if grid.placed else (grid, target)
        raise CortexlensError(
            f"{silent.path}: its header does not say where its voxels lie (sform_code and "
            f"qform_code are 0), so it cannot be aligned with {other.path}. Write it again with "
            "its affine."
        )
    across = np.linalg.solve(target.affine, grid.affine)
    orientation = io_orientation(across)  # type: ignore[no-untyped-call]
    if not np.isnan(orientation).any():
        back = inv_ornt_aff(orientation, grid.shape)  # type: ignore[no-untyped-call]
        reoriented = grid.affine @ back
        shape = tuple(grid.shape[int(axis)] for axis in np.argsort(orientation[:, 0]))
        if shape == target.shape and _voxels_apart(reoriented, target) <= ROUNDING:
            found = apply_orientation(values, orientation)  # type: ignore[no-untyped-call]
            return np.asarray(found)
    if resample == "nearest":
        return _nearest(values, grid, target)
    raise CortexlensError(
        f"{grid.path}: its voxels are not those of {target.path}: {_difference(grid, target)}."
        f"{hint}"
    )


def same_directions(grid: Grid, target: Grid) -> bool:
    """Tell whether the axes of two grids have equal directions and voxel sizes.

    Parameters
    ----------
    grid, target
        The two grids.
    """
    step = np.linalg.solve(target.affine[:3, :3], grid.affine[:3, :3])
    return bool(np.abs(step - np.eye(3)).max() * max(target.shape) <= ROUNDING)


def corners(grid: Grid) -> Float[np.ndarray, "corner axis"]:
    """Centres of the eight corner voxels, in mm."""
    ends = np.array(list(product(*((0, size - 1) for size in grid.shape))), np.float64)
    return _moved(grid.affine, ends)


def _moved(
    affine: Float[np.ndarray, "4 4"], places: Float[np.ndarray, "place axis"]
) -> Float[np.ndarray, "place axis"]:
    from nibabel.affines import apply_affine

    return np.asarray(apply_affine(affine, places))  # type: ignore[no-untyped-call]


def _voxels_apart(affine: Float[np.ndarray, "4 4"], target: Grid) -> float:
    """Largest distance between voxels of equal index, in voxels of the target."""
    here = corners(Grid(target.shape, affine, target.path))
    apart = _moved(np.linalg.inv(target.affine), here) - _moved(
        np.linalg.inv(target.affine), corners(target)
    )
    return float(np.abs(apart).max())


def _difference(grid: Grid, target: Grid) -> str:
    """Describe how far two grids are apart, and how each is oriented."""
    apart = float(np.linalg.norm(np.abs(_box(grid) - _box(target)).max(axis=0)))
    return f"up to {apart:.3g} mm apart; found {_described(grid)}, needed {_described(target)}"


def _described(grid: Grid) -> str:
    from nibabel.orientations import aff2axcodes

    sizes = np.linalg.norm(grid.affine[:3, :3], axis=0)
    axes = aff2axcodes(grid.affine)  # type: ignore[no-untyped-call]
    return (
        f"shape {' × '.join(map(str, grid.shape))}, voxels of "
        f"{' × '.join(f'{size:.5g}' for size in sizes)} mm, axes "
        f"{''.join(code or '?' for code in axes)}"
    )


def _box(grid: Grid) -> Float[np.ndarray, "2 axis"]:
    """Lowest and highest x, y and z of the outermost voxels, in mm, however they are stored."""
    places = corners(grid)
    return np.stack([places.min(axis=0), places.max(axis=0)])


def _nearest(
    values: Shaped[np.ndarray, "i j k ..."], grid: Grid, target: Grid
) -> Shaped[np.ndarray, "x y z ..."]:
    """Value of the voxel that each voxel's centre lies in; by slices, to save memory."""
    found = np.zeros((*target.shape, *values.shape[3:]), values.dtype)
    back = np.linalg.solve(grid.affine, target.affine)
    plane = np.argwhere(np.ones(target.shape[1:], bool))
    size = np.array(grid.shape)
    for x in range(target.shape[0]):
        # a centre on the border of two voxels is assigned to the later one, despite rounding
        places = _moved(back, np.insert(plane, 0, x, axis=1).astype(np.float64))
        index: Int64[np.ndarray, "place 3"] = np.floor(places + 0.5 + 1e-6).astype(np.int64)
        inside = ((index >= 0) & (index < size)).all(axis=1)
        found[(x, *plane[inside].T)] = values[tuple(index[inside].T)]
    return found
