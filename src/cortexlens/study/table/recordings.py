"""Responses in common formats: npy, zarr, NIfTI, GIFTI, CIFTI and FreeSurfer files."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Int64, Shaped

from cortexlens.cortex.meshes import HEMISPHERE_NAMES, LEFT, RIGHT
from cortexlens.errors import CortexlensError
from cortexlens.progress import say
from cortexlens.study.claims import load_image
from cortexlens.study.table.array_files import read_npy, read_zarr, reading
from cortexlens.study.table.grids import Grid, on_grid, volume_axes
from cortexlens.study.table.hemispheres import stated_hemisphere, wrong_hemisphere

NPY, ZARR, CIFTI, NIFTI, GIFTI, FREESURFER = "npy", "zarr", "cifti", "nifti", "gifti", "freesurfer"
SUFFIXES = {
    NPY: (".npy",),
    ZARR: (".zarr",),
    CIFTI: (".dscalar.nii", ".dtseries.nii"),
    NIFTI: (".nii", ".nii.gz"),
    GIFTI: (".gii", ".gii.gz"),
    FREESURFER: (".mgh", ".mgz"),
}
# CIFTI files of parcels, labels or connectivity, which are not read.
OTHER_CIFTI = (".pscalar.nii", ".ptseries.nii", ".dlabel.nii", ".plabel.nii", ".dconn.nii")
CIFTI_CORTEX = {"CIFTI_STRUCTURE_CORTEX_LEFT": LEFT, "CIFTI_STRUCTURE_CORTEX_RIGHT": RIGHT}
# Fewer responses than this may be equal by chance, especially if they are whole numbers.
LEAST_RUN = 3


class Recording(NamedTuple):
    """Responses of one or several files.

    Attributes
    ----------
    values
        Responses in their original units, (image, vertex) or (image, repeat, vertex). If the study
        has tables of trials, the first axis counts trials, and images may repeat along it.
    places
        What the files say about each vertex: ``hemisphere`` and ``vertex_index`` (vertex),
        ``voxel`` (vertex, axis).
    space
        What the files say about the whole space: ``grid`` of a volume; ``n_vertices`` of the
        meshes, by hemisphere.
    counts
        Number of images in each file, in their order; empty for a single file.
    """

    values: Shaped[np.ndarray, "image *repeat vertex"]
    places: dict[str, np.ndarray]
    space: dict[str, Any]
    counts: tuple[int, ...] = ()


def read_recording(
    paths: Sequence[Path],
    axes: str | None,
    mask: Path | None = None,
    hemisphere: int | None = None,
    resample: str | None = None,
) -> Recording:
    """Read a subject's files of responses and join them along the image axis.

    Parameters
    ----------
    paths
        ``.npy``, ``.zarr``, ``.nii``, ``.nii.gz``, ``.dscalar.nii``, ``.dtseries.nii``, ``.gii``,
        ``.mgh`` or ``.mgz``, all of one format. Volumes of three axes hold one image each.
    axes
        Order of the axes of ``.npy`` and ``.zarr`` arrays, e.g. ``vertex,image,repeat``; None:
        ``vertex,image``. In the other formats the order is fixed.
    mask
        NIfTI volume, above 0 in the voxels to use; it is brought onto the grid of the responses.
        None: all voxels that are finite and vary in every file.
    hemisphere
        Hemisphere that surface files must be of: 0 left, 1 right. None: the hemisphere that the
        first file states, or the left one if it states none.
    resample
        Resampling of the mask, as for :func:`cortexlens.study.table.grids.on_grid`.

    Returns
    -------
    Recording
        A volume has the grid of the first file; the others are brought onto it.

    Raises
    ------
    CortexlensError
        If a file is missing, damaged or of an unknown format, or the files do not share their
        vertices, grid and hemisphere.
    """
    form = _form(paths[0])
    for path in paths:
        if _form(path) != form:
            raise CortexlensError(f"{path}: is of another format than {paths[0]}; use one format.")
    if mask is not None and form != NIFTI:
        raise CortexlensError(
            f"{mask}: is a volume mask, but the responses in {paths[0]} are not a volume. Give "
            "GIFTI masks for a surface, or leave the column mask empty."
        )
    if form == NIFTI:
        grid = Grid.of(_load_volumes(paths[0])[0], paths[0])
        chosen = _varying(paths, grid) if mask is None else volume_mask(mask, grid, resample)
    parts: list[Recording] = []
    for path in paths:
        if form == NIFTI:
            part = _nifti(path, grid, chosen)
        else:
            part = _READERS[form](path, axes, hemisphere)
        parts.append(part)
        _check_same(part, parts[0], path, paths[0])
    values = parts[0].values if len(parts) == 1 else np.concatenate([p.values for p in parts])
    counts = tuple(len(part.values) for part in parts)
    return Recording(values, parts[0].places, parts[0].space, counts)


def _check_same(part: Recording, first: Recording, path: Path, first_path: Path) -> None:
    found, wanted = part.values.shape[1:], first.values.shape[1:]
    meshes, first_meshes = (one.space.get("n_vertices", {}) for one in (part, first))
    if meshes.keys() != first_meshes.keys():
        raise CortexlensError(
            f"{path}: is of the {_sides(meshes)} hemisphere, but {first_path} is of the "
            f"{_sides(first_meshes)}. Name the right hemisphere's files in the column "
            "responses_right."
        )
    same_places = all(np.array_equal(part.places[key], first.places[key]) for key in first.places)
    if found != wanted or meshes != first_meshes or not same_places:
        raise CortexlensError(
            f"{path}: holds {found[-1]} vertices, which are not the {wanted[-1]} of {first_path}. "
            "All files of a subject must have the same vertices in the same order."
        )


def _sides(meshes: dict[int, int]) -> str:
    return " and ".join(HEMISPHERE_NAMES[side] for side in sorted(meshes))


def _form(path: Path) -> str:
    """Recognise the format of a file by its name."""
    name = path.name.lower()
    for form, suffixes in SUFFIXES.items():
        if name.endswith(suffixes):
            if form == NIFTI and (other := next(filter(name.endswith, OTHER_CIFTI), None)):
                raise CortexlensError(
                    f"{path}: is a CIFTI file of another kind ({other}); allowed are .dscalar.nii "
                    "and .dtseries.nii, with a value for each vertex. Convert it with wb_command."
                )
            return form
    if any(part.lower().endswith(SUFFIXES[ZARR]) for part in path.parts[:-1]):
        return ZARR  # an array within a group
    allowed = ", ".join(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)
    raise CortexlensError(
        f"{path}: unknown format of responses; allowed are files ending in {allowed}."
    )


def _npy(path: Path, axes: str | None, _hemisphere: object) -> Recording:
    return Recording(read_npy(path, axes), {}, {})


def _zarr(path: Path, axes: str | None, _hemisphere: object) -> Recording:
    return Recording(read_zarr(path, axes), {}, {})


def _nifti(path: Path, grid: Grid, chosen: Bool[np.ndarray, "i j k"]) -> Recording:
    raw, slope, offset = _unscaled(path, grid)
    values = raw[chosen].T.astype(np.float32) * np.float32(slope) + np.float32(offset)
    voxel = np.argwhere(chosen).astype(np.int64)
    places = {"voxel": voxel, "hemisphere": _side_of(voxel, grid.affine)}
    return Recording(values, places, {"grid": grid})


def _unscaled(path: Path, grid: Grid) -> tuple[Shaped[np.ndarray, "i j k image"], float, float]:
    """Stored volumes on the grid of the first file, with the slope and intercept of values."""
    image, shape = _load_volumes(path)
    with reading(path):
        # Unscaled: a session of betas converted to float64 in one go would exhaust the memory.
        raw = np.asarray(image.dataobj.get_unscaled()).reshape(shape)
    hint = (
        " Files of responses must share a grid: realign or resample the runs together, or list "
        "each grid in a row of its own."
    )
    raw = on_grid(raw, Grid.of(image, path), grid, hint=hint)
    return raw, float(image.dataobj.slope), float(image.dataobj.inter)


def _load_volumes(path: Path) -> tuple[Any, tuple[int, ...]]:
    """Open a file of volumes without reading its values; also return its shape (i, j, k, image)."""
    image, stored = _load(path)
    shape = volume_axes(stored, 4)
    if shape is None:
        raise CortexlensError(
            f"{path}: found a volume of shape {stored}; needed are three spatial axes and one of "
            "images, or three spatial axes for one image per file."
        )
    return image, shape


def _load(path: Path) -> tuple[Any, tuple[int, ...]]:
    with reading(path):
        image = load_image(path)
        return image, tuple(map(int, image.shape))


def _varying(paths: Sequence[Path], grid: Grid) -> Bool[np.ndarray, "i j k"]:
    """Voxels with valid responses: finite, and constant neither overall nor within a file."""
    chosen = np.ones(grid.shape, bool)
    lowest = np.full(grid.shape, np.inf)
    highest = np.full(grid.shape, -np.inf)
    for path in paths:
        raw, slope, offset = _unscaled(path, grid)
        low, high = raw.min(axis=3) * slope + offset, raw.max(axis=3) * slope + offset
        with np.errstate(invalid="ignore"):
            here = np.isfinite(raw).all(axis=3)
            if raw.shape[3] >= LEAST_RUN:
                here &= low != high
        chosen &= here
        np.fmin(lowest, np.fmin(low, high), out=lowest)
        np.fmax(highest, np.fmax(low, high), out=highest)
    chosen &= highest > lowest
    say(
        f"{paths[0]}: {int(chosen.sum())} of {chosen.size} voxels are finite and vary"
        f"{' in every file' if len(paths) > 1 else ''}; no mask"
    )
    return chosen


def _side_of(
    voxel: Int64[np.ndarray, "vertex axis"], affine: Shaped[np.ndarray, "4 4"]
) -> np.ndarray:
    """Hemisphere of each voxel; the boundary is x = 0 in the volume's own millimetres."""
    return np.where(millimetres(voxel, affine)[:, 0] < 0, LEFT, RIGHT).astype(np.int8)


def millimetres(
    voxel: Int64[np.ndarray, "vertex axis"], affine: Shaped[np.ndarray, "4 4"]
) -> np.ndarray:
    """Coordinates of the centre of each voxel, in mm (float32).

    Parameters
    ----------
    voxel
        Indices of the voxels in their volume, from 0.
    affine
        Transformation from these indices to mm.
    """
    places: np.ndarray = (voxel @ affine[:3, :3].T + affine[:3, 3]).astype(np.float32)
    return places


def volume_mask(path: Path, grid: Grid, resample: str | None = None) -> Bool[np.ndarray, "i j k"]:
    """Read a mask: the voxels of a grid in which a volume is above 0.

    Parameters
    ----------
    path
        NIfTI file with three axes.
    grid
        Grid of the responses; a mask whose axes are stored otherwise is brought onto it.
    resample
        As for :func:`cortexlens.study.table.grids.on_grid`.

    Raises
    ------
    CortexlensError
        If the file cannot be read, is not a volume, has another grid, or has no voxel above 0.
    """
    values = label_volume(path, grid, resample)
    with np.errstate(invalid="ignore"):
        mask = np.asarray(values > 0)
    if not mask.any():
        raise CortexlensError(
            f"{path}: found 0 voxels above 0; a mask needs at least one in the space of "
            f"{grid.path}."
        )
    return mask


def label_volume(
    path: Path, grid: Grid, resample: str | None = None
) -> Shaped[np.ndarray, "i j k"]:
    """Read one volume, of a mask or of labels, on the grid of the responses.

    Parameters
    ----------
    path
        NIfTI file with three axes.
    grid, resample
        As for :func:`volume_mask`.

    Raises
    ------
    CortexlensError
        If the file cannot be read, is not a volume, or has another grid.
    """
    image, stored = _load(path)
    shape = volume_axes(stored, 3)
    if shape is None:
        raise CortexlensError(
            f"{path}: found shape {stored}; needed is a single volume of three axes. Extract one."
        )
    with reading(path):
        values = np.asarray(image.dataobj).reshape(shape)
    return on_grid(
        values,
        Grid.of(image, path),
        grid,
        resample=resample,
        hint=" Resample it by nearest neighbour, which keeps labels intact, or set the column "
        "resample of subjects.tsv to nearest.",
    )


def _surface(values: np.ndarray, side: int) -> Recording:
    n_vertices = values.shape[1]
    return Recording(
        values,
        {
            "hemisphere": np.full(n_vertices, side, np.int8),
            "vertex_index": np.arange(n_vertices, dtype=np.int64),
        },
        {"n_vertices": {side: n_vertices}},
    )


def _gifti(path: Path, _axes: object, hemisphere: int | None) -> Recording:
    from nibabel.nifti1 import intent_codes

    image, _ = _load_gifti(path)
    geometry = ("NIFTI_INTENT_POINTSET", "NIFTI_INTENT_TRIANGLE")
    with reading(path):
        intents = {str(intent_codes.niistring[array.intent]) for array in image.darrays}
        arrays = [np.asarray(array.data) for array in image.darrays]
    shapes = {array.shape for array in arrays}
    one = len(arrays) == 1 and arrays[0].ndim == 2
    if intents & set(geometry) or len(shapes) > 1 or not (one or arrays[0].ndim == 1):
        raise CortexlensError(
            f"{path}: holds {len(arrays)} arrays of {', '.join(sorted(intents))}, shape "
            f"{', '.join(map(str, sorted(shapes)))}; responses must be one array per image, or a "
            "single one of shape (vertices, images). Surfaces belong in the column mesh."
        )
    side = _checked_side(hemisphere, stated_hemisphere(path, image), path)
    return _surface(arrays[0].T if one else np.stack(arrays), side)


def _checked_side(wanted: int | None, found: int | None, path: Path) -> int:
    """Hemisphere of a file, after checking that it is the one that its column is for."""
    if wanted is None:
        return LEFT if found is None else found
    if found not in (None, wanted):
        column = "responses_right" if wanted == RIGHT else "responses"
        raise wrong_hemisphere(path, found, wanted, column)
    return wanted


def _load_gifti(path: Path) -> tuple[Any, int]:
    with reading(path):
        image = load_image(path)
        n_arrays = len(image.darrays)
    if n_arrays == 0:
        raise CortexlensError(f"{path}: holds no data array; one per image is needed.")
    return image, n_arrays


def _freesurfer(path: Path, _axes: object, hemisphere: int | None) -> Recording:
    image, stored = _load(path)
    shape = volume_axes(stored, 4)
    if shape is None or shape[1:3] != (1, 1):
        raise CortexlensError(
            f"{path}: found shape {stored}; surface data have shape (vertices, 1, 1, images)."
        )
    with reading(path):
        values = np.asarray(image.dataobj, np.float32).reshape(shape)[:, 0, 0].T
    return _surface(values, _checked_side(hemisphere, stated_hemisphere(path), path))


def _cifti(path: Path, _axes: object, hemisphere: int | None) -> Recording:
    image, _ = _load(path)
    with reading(path):
        model = image.header.get_axis(1)
        values = np.asarray(image.dataobj, np.float32)
    cortex = np.isin(model.name, list(CIFTI_CORTEX))
    others = ", ".join(
        dict.fromkeys(str(name).removeprefix("CIFTI_STRUCTURE_") for name in model.name[~cortex])
    )
    if not cortex.any():
        raise CortexlensError(
            f"{path}: holds {others} and no cortical surface (CORTEX_LEFT or CORTEX_RIGHT). Give "
            "its voxels as a NIfTI volume, or the file of the cortex."
        )
    if not cortex.all():
        say(
            f"{path}: {int((~cortex).sum())} elements off the cortical surface are left out: "
            f"{others}"
        )
    side = np.array([CIFTI_CORTEX[name] for name in model.name[cortex]], np.int8)
    for found in sorted(set(side.tolist())):
        _checked_side(hemisphere, found, path)
    # the cerebellum may have a surface too, which does not count
    counts = {
        CIFTI_CORTEX[name]: int(n) for name, n in model.nvertices.items() if name in CIFTI_CORTEX
    }
    return Recording(
        values[:, cortex],
        {"hemisphere": side, "vertex_index": model.vertex[cortex].astype(np.int64)},
        {"n_vertices": counts},
    )


_READERS: dict[str, Callable[[Path, str | None, int | None], Recording]] = {
    NPY: _npy,
    ZARR: _zarr,
    CIFTI: _cifti,
    GIFTI: _gifti,
    FREESURFER: _freesurfer,
}
