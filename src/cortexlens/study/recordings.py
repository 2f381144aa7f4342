"""Responses as laboratories keep them: npy, zarr, NIfTI, GIFTI, CIFTI and FreeSurfer files."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Int64, Shaped

from cortexlens.cortex.meshes import LEFT, RIGHT
from cortexlens.errors import CortexlensError
from cortexlens.progress import say
from cortexlens.study.arrays import map_npy
from cortexlens.study.claims import check_claim, load_image

CIFTI_SUFFIXES = (".dscalar.nii", ".dtseries.nii")
CIFTI_CORTEX = {"CIFTI_STRUCTURE_CORTEX_LEFT": LEFT, "CIFTI_STRUCTURE_CORTEX_RIGHT": RIGHT}
USUAL_AXES = "vertex,image"
VERTEX, IMAGE, REPEAT = AXES = ("vertex", "image", "repeat")


class Recording(NamedTuple):
    """Responses of one or several files.

    Attributes
    ----------
    values
        (image, vertex) or (image, repeat, vertex), as given; an image may be one of several
        presentations of it, where the study names them.
    places
        What the file says of its vertices: ``hemisphere``, ``vertex_index`` (vertex),
        ``voxel`` (vertex, axis).
    space
        What it says of them all: ``affine`` and ``shape`` of a volume, ``n_vertices`` of the left
        and the right mesh.
    counts
        Images of each file, where there may be several.
    """

    values: Shaped[np.ndarray, "image *repeat vertex"]
    places: dict[str, np.ndarray]
    space: dict[str, Any]
    counts: tuple[int, ...] = ()


def read_recording(
    paths: Sequence[Path], axes: str | None, mask: Path | None = None, hemisphere: int = LEFT
) -> Recording:
    """Read files of one subject that follow one another along the image axis.

    Parameters
    ----------
    paths
        ``.npy``, ``.zarr``, ``.nii``, ``.nii.gz``, ``.dscalar.nii``, ``.dtseries.nii``, ``.gii``,
        ``.mgh`` or ``.mgz``, all of one kind.
    axes
        Order of the axes of ``.npy`` and ``.zarr`` arrays, e.g. ``vertex,image,repeat``; left out:
        ``vertex,image``. The other formats know theirs.
    mask
        NIfTI volume, above 0 in the voxels to keep; without one, those that are finite and vary
        in the first file are.
    hemisphere
        That GIFTI and FreeSurfer files are of: 0 left, 1 right.

    Returns
    -------
    Recording

    Raises
    ------
    CortexlensError
        If a file is missing, damaged or of no known format, or the files are not of the same
        vertices.
    """
    reader = _reader(paths[0])
    chosen = None if mask is None else volume_mask(mask)
    parts: list[Recording] = []
    for path in paths:
        if _reader(path) is not reader:
            raise CortexlensError(f"{path}: is of another format than {paths[0]}; give one kind.")
        part = reader(path, axes, chosen, hemisphere)
        if chosen is None and "shape" in part.space:
            chosen = _volume_of(part)
        parts.append(part)
        _check_same(part, parts[0], path, paths[0])
    values = parts[0].values if len(parts) == 1 else np.concatenate([p.values for p in parts])
    counts = tuple(len(part.values) for part in parts)
    return Recording(values, parts[0].places, parts[0].space, counts)


def _volume_of(part: Recording) -> Bool[np.ndarray, "i j k"]:
    volume = np.zeros(part.space["shape"], bool)
    volume[tuple(part.places["voxel"].T)] = True
    return volume


def _check_same(part: Recording, first: Recording, path: Path, first_path: Path) -> None:
    found, wanted = part.values.shape[1:], first.values.shape[1:]
    same_space = all(np.array_equal(part.space[key], first.space[key]) for key in first.space)
    same_places = all(np.array_equal(part.places[key], first.places[key]) for key in first.places)
    if found != wanted or not same_space or not same_places:
        raise CortexlensError(
            f"{path}: holds {found[-1]} vertices, which are not the {wanted[-1]} of {first_path}. "
            "All files of a subject need the same vertices in the same order."
        )


_Reader = Callable[[Path, str | None, "np.ndarray | None", int], Recording]


def _reader(path: Path) -> _Reader:
    """Choose how a file is read, by its name."""
    name = path.name.lower()
    readers: list[tuple[tuple[str, ...], _Reader]] = [
        ((".npy",), _npy),
        ((".zarr",), _zarr),
        (CIFTI_SUFFIXES, _cifti),
        ((".nii", ".nii.gz"), _nifti),
        ((".gii", ".gii.gz"), _gifti),
        ((".mgh", ".mgz"), _freesurfer),
    ]
    for suffixes, reader in readers:
        if name.endswith(suffixes):
            return reader
    allowed = ", ".join(suffix for suffixes, _ in readers for suffix in suffixes)
    raise CortexlensError(
        f"{path}: no known format of responses; allowed are files ending in {allowed}."
    )


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever a library raises at a missing or damaged file into one line."""
    try:
        yield
    except CortexlensError:
        raise
    except Exception as error:  # damaged files fail in many ways
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise CortexlensError(f"{path}: cannot be read ({reason}). Copy the file anew.") from error


def _npy(path: Path, axes: str | None, _mask: object, _side: int) -> Recording:
    order = _axes(path, axes)
    return _oriented(map_npy(path, kinds="fiu", n_axes=len(order)), order)


def _zarr(path: Path, axes: str | None, _mask: object, _side: int) -> Recording:
    import zarr

    order = _axes(path, axes)
    with reading(path):
        array = zarr.open_array(path, mode="r")
        check_claim(path, array.shape, np.dtype(array.dtype))
        values = np.asarray(array[...])
    if values.ndim != len(order) or values.dtype.kind not in "fiu":
        raise CortexlensError(
            f"{path}: found {values.dtype} of shape {values.shape}; needed are numbers with the "
            f"axes {', '.join(order)}."
        )
    return _oriented(values, order)


def _axes(path: Path, axes: str | None) -> list[str]:
    """Names of an array's axes, checked."""
    order = [name.strip() for name in (axes or USUAL_AXES).split(",")]
    if sorted(order) not in (sorted(AXES), sorted(AXES[:2])):
        raise CortexlensError(
            f"{path}: axes {axes!r} are unknown; allowed are vertex,image and image,vertex, "
            "with repeat at any place where presentations have an axis of their own. Fill the "
            "column axes of subjects.tsv."
        )
    return order


def _oriented(values: np.ndarray, order: list[str]) -> Recording:
    wanted = [name for name in (IMAGE, REPEAT, VERTEX) if name in order]
    return Recording(values.transpose([order.index(name) for name in wanted]), {}, {})


def _nifti(path: Path, _axes: object, mask: "np.ndarray | None", _side: int) -> Recording:
    image, shape = _load(path)
    if len(shape) != 4:
        raise CortexlensError(
            f"{path}: found a volume of shape {shape}; needed are four axes, the last one images."
        )
    if mask is not None and mask.shape != shape[:3]:
        raise CortexlensError(
            f"{path}: is of shape {shape[:3]}, the mask of {mask.shape}. Give a mask in the same "
            "space."
        )
    with reading(path):
        # As stored: scaled to float64 at once, a session of betas would fill the memory.
        raw = np.asarray(image.dataobj.get_unscaled())
    slope, offset = _scaling(image)
    chosen = _varying(raw) if mask is None else mask
    if mask is None:
        say(f"{path}: {int(chosen.sum())} of {chosen.size} voxels are finite and vary; no mask")
    values = raw[chosen].T.astype(np.float32) * np.float32(slope) + np.float32(offset)
    voxel = np.argwhere(chosen).astype(np.int64)
    return Recording(
        values,
        {"voxel": voxel, "hemisphere": _side_of(voxel, image.affine)},
        {"affine": np.asarray(image.affine, np.float64), "shape": tuple(map(int, shape[:3]))},
    )


def _load(path: Path) -> tuple[Any, tuple[int, ...]]:
    with reading(path):
        image = load_image(path)
        return image, tuple(map(int, image.shape))


def _scaling(image: Any) -> tuple[float, float]:
    return float(image.dataobj.slope), float(image.dataobj.inter)


def _varying(raw: Shaped[np.ndarray, "i j k image"]) -> Bool[np.ndarray, "i j k"]:
    """Voxels that hold responses: finite, and not the same throughout."""
    with np.errstate(invalid="ignore"):
        varies = raw.max(axis=3) > raw.min(axis=3)
    return np.asarray(varies & np.isfinite(raw).all(axis=3))


def _side_of(
    voxel: Int64[np.ndarray, "vertex axis"], affine: Shaped[np.ndarray, "4 4"]
) -> np.ndarray:
    """Hemisphere of each voxel: x is 0 between them, in the volume's own millimetres."""
    return np.where(millimetres(voxel, affine)[:, 0] < 0, LEFT, RIGHT).astype(np.int8)


def millimetres(
    voxel: Int64[np.ndarray, "vertex axis"], affine: Shaped[np.ndarray, "4 4"]
) -> np.ndarray:
    """Place of the centre of each voxel, float32, mm."""
    places: np.ndarray = (voxel @ affine[:3, :3].T + affine[:3, 3]).astype(np.float32)
    return places


def volume_mask(path: Path) -> Bool[np.ndarray, "i j k"]:
    """Voxels in which a volume is above 0.

    Raises
    ------
    CortexlensError
        If the file cannot be read, is no volume, or holds no such voxel.
    """
    image, shape = _load(path)
    with reading(path):
        mask = np.asarray(np.asarray(image.dataobj) > 0)
    if len(shape) != 3 or not mask.any():
        raise CortexlensError(
            f"{path}: found shape {shape} with {int(mask.sum())} voxels above 0; needed is a "
            "volume of three axes with at least one."
        )
    return mask


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


def _gifti(path: Path, _axes: object, _mask: object, side: int) -> Recording:
    image, _ = _load_gifti(path)
    with reading(path):
        arrays = [np.asarray(array.data) for array in image.darrays]
        values = arrays[0].T if len(arrays) == 1 and arrays[0].ndim == 2 else np.stack(arrays)
    return _surface(values, side)


def _load_gifti(path: Path) -> tuple[Any, int]:
    with reading(path):
        image = load_image(path)
        n_arrays = len(image.darrays)
    if n_arrays == 0:
        raise CortexlensError(f"{path}: holds no data array; one an image is needed.")
    return image, n_arrays


def _freesurfer(path: Path, _axes: object, _mask: object, side: int) -> Recording:
    image, shape = _load(path)
    if len(shape) != 4 or shape[1:3] != (1, 1):
        raise CortexlensError(
            f"{path}: found shape {shape}; a surface has (vertices, 1, 1, images)."
        )
    with reading(path):
        values = np.asarray(image.dataobj, np.float32)[:, 0, 0].T
    return _surface(values, side)


def _cifti(path: Path, _axes: object, _mask: object, _side: int) -> Recording:
    image, _ = _load(path)
    with reading(path):
        model = image.header.get_axis(1)
        values = np.asarray(image.dataobj, np.float32)
    cortex = np.isin(model.name, list(CIFTI_CORTEX))
    if not cortex.any():
        raise CortexlensError(f"{path}: holds no cortical surface; give a NIfTI volume instead.")
    if not cortex.all():
        say(f"{path}: {int((~cortex).sum())} places off the cortical surface are left out")
    side = np.array([CIFTI_CORTEX[name] for name in model.name[cortex]], np.int8)
    counts = {CIFTI_CORTEX[name]: int(n) for name, n in model.nvertices.items()}
    return Recording(
        values[:, cortex],
        {"hemisphere": side, "vertex_index": model.vertex[cortex].astype(np.int64)},
        {"n_vertices": counts},
    )
