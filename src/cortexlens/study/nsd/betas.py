"""Responses (betas) of one session of the Natural Scenes Dataset in its released form.

A location is identified by its flat index: the vertex on fsaverage, or x + X · (y + Y · z) in a
volume of shape X, Y, Z. In all three file formats, the values of a trial are in that order.
"""

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int64, Shaped

from cortexlens.errors import CortexlensError
from cortexlens.study.claims import check_claim, load_image, own_array

PARTS_OF_A_PERCENT = 300  # volumes hold integers: percent signal change × 300
BLOCK_TRIALS = 50  # trials of all locations that are in memory at a time
COPY_AGAIN = "Copy the file again."


@dataclass(frozen=True)
class Betas:
    """An open file of one session's responses.

    Attributes
    ----------
    path
        The file.
    shape
        Shape of the space: (163842, 1, 1) on fsaverage, (X, Y, Z) in a volume.
    n_trials
        Number of trials in the file.
    scale
        Factor from values in the file to percent signal change.
    read
        Function from the first and the end of a range of trials to their values, (trial, place).
    """

    path: Path
    shape: tuple[int, ...]
    n_trials: int
    scale: float
    read: Callable[[int, int], Shaped[np.ndarray, "trial place"]]

    def trials(self, first: int, end: int) -> Shaped[np.ndarray, "trial place"]:
        """Read the values of some trials as stored, without scaling.

        Parameters
        ----------
        first, end
            Range of trials from 0; ``end`` is excluded.

        Raises
        ------
        CortexlensError
            If the file is truncated or damaged.
        """
        try:
            return self.read(first, end)
        except Exception as error:  # damaged files fail in many ways
            raise CortexlensError(
                f"{self.path}: trials {first} to {end - 1} (from 0) cannot be read "
                f"({type(error).__name__}: {error}). {COPY_AGAIN}"
            ) from error


def open_betas(path: Path) -> Betas:
    """Open a session's file of responses: ``.mgh``, ``.nii.gz`` or ``.hdf5``.

    Raises
    ------
    CortexlensError
        If the file is missing or damaged, or its numeric type is not that of the release.
    """
    betas, dtype = (_open_hdf5 if path.suffix == ".hdf5" else _open_image)(path)
    wanted = "floating point" if path.suffix == ".mgh" else "int16"
    if not (dtype.kind == "f" if path.suffix == ".mgh" else dtype == np.int16):
        raise CortexlensError(
            f"{path}: found {dtype}; in the release, responses are {wanted}. {COPY_AGAIN}"
        )
    return betas


def open_image(path: Path, what: str) -> Any:
    """Open a NIfTI or MGH file with nibabel, without reading its values.

    Parameters
    ----------
    path
        The file.
    what
        What it should hold, for error messages.

    Raises
    ------
    CortexlensError
        If the file is missing or not of that format.
    """
    try:
        if path.suffix in (".mgh", ".mgz"):
            return _open_mgh(path)
        # if reopened for every part, a compressed file would be unpacked from its start each time
        return load_image(path, keep_file_open=path.suffix == ".gz")
    except CortexlensError:
        raise
    except Exception as error:  # damaged files fail in many ways
        raise CortexlensError(
            f"{path}: cannot be read as {what} of the NSD ({type(error).__name__}: {error}). "
            + COPY_AGAIN
        ) from error


def _open_mgh(path: Path) -> Any:
    """Open an MGH file like nibabel, which however would leave the file handle open."""
    from nibabel.arrayproxy import ArrayProxy
    from nibabel.freesurfer.mghformat import MGHHeader, MGHImage
    from nibabel.openers import ImageOpener

    with ImageOpener(str(path)) as file:
        header: Any = MGHHeader.from_fileobj(file)  # type: ignore[no-untyped-call]
    data = ArrayProxy(path, header)  # type: ignore[no-untyped-call]
    check_claim(path, tuple(map(int, header.get_data_shape())), header.get_data_dtype())
    return MGHImage(data, header.get_affine(), header)  # type: ignore[no-untyped-call]


def _open_image(path: Path) -> tuple[Betas, np.dtype[Any]]:
    image = open_image(path, "responses")
    data = image.dataobj
    if len(image.shape) != 4:
        raise CortexlensError(
            f"{path}: found the shape {image.shape}; needed are four axes, the last for trials. "
            + COPY_AGAIN
        )
    if (float(data.slope), float(data.inter)) != (1.0, 0.0):
        raise CortexlensError(
            f"{path}: its header scales the values by {data.slope:g} and adds {data.inter:g}, "
            f"which released files do not. {COPY_AGAIN}"
        )

    def read(first: int, end: int) -> Shaped[np.ndarray, "trial place"]:
        return np.asarray(data[..., first:end]).T.reshape(end - first, -1)

    scale = 1.0 if path.suffix == ".mgh" else 1 / PARTS_OF_A_PERCENT
    *shape, n_trials = map(int, image.shape)
    return Betas(path, tuple(shape), n_trials, scale, read), image.get_data_dtype()


def _open_hdf5(path: Path) -> tuple[Betas, np.dtype[Any]]:
    import h5py

    try:
        opened = h5py.File(path, "r", locking=False)
    except OSError as error:
        raise CortexlensError(
            f"{path}: cannot be read as responses of the NSD (OSError: {error}). {COPY_AGAIN}"
        ) from error
    data = own_array(opened, "betas", path) if "betas" in opened else None
    if data is None or len(getattr(data, "shape", ())) != 4:
        raise CortexlensError(
            f"{path}: holds {', '.join(sorted(opened)) or 'nothing'}; needed is an array betas "
            f"(trials, Z, Y, X). {COPY_AGAIN}"
        )

    def read(first: int, end: int) -> Shaped[np.ndarray, "trial place"]:
        return np.asarray(data[first:end]).reshape(end - first, -1)

    shape = tuple(map(int, data.shape[:0:-1]))
    return Betas(path, shape, int(data.shape[0]), 1 / PARTS_OF_A_PERCENT, read), data.dtype


def read_session(
    files: Sequence[Path],
    places: Sequence[Int64[np.ndarray, "_"]],
    shape: tuple[int, ...],
    n_trials: int,
) -> Float32[np.ndarray, "trial vertex"]:
    """Read the responses of selected locations in one session.

    Parameters
    ----------
    files
        Files of the left and the right hemisphere, or one volume.
    places
        Flat indices of the selected locations in each file.
    shape
        Shape of the space that the indices refer to.
    n_trials
        Number of trials in a session.

    Returns
    -------
    ndarray
        Percent signal change; the locations of the first file, then those of the second.

    Raises
    ------
    CortexlensError
        If a file is missing or damaged, its space or number of trials differs, or a response is not
        finite.
    """
    response = np.empty((n_trials, sum(map(len, places))), np.float32)
    start = 0
    for path, wanted in zip(files, places, strict=True):
        betas = _checked(path, shape, n_trials)
        part = response[:, start : start + len(wanted)]
        for first in range(0, n_trials, BLOCK_TRIALS):
            end = min(first + BLOCK_TRIALS, n_trials)
            part[first:end] = betas.trials(first, end)[:, wanted]
        if betas.scale != 1:
            part *= np.float32(betas.scale)
        _check_finite(part, path)
        start += len(wanted)
    return response


def recorded(
    path: Path, wanted: Int64[np.ndarray, "vertex"], shape: tuple[int, ...], n_trials: int
) -> Bool[np.ndarray, "vertex"]:
    """Tell which locations hold a number in the first trial of a session.

    Locations without data are NaN throughout a session, so one trial is enough. Volumes hold
    integers, which are never NaN, so they need not be unpacked, which would take minutes.

    Parameters
    ----------
    path
        File of one session's responses.
    wanted
        Flat indices of the locations.
    shape
        Shape of the space that the indices refer to.
    n_trials
        Number of trials in a session.

    Raises
    ------
    CortexlensError
        If the file is missing or truncated, or its space or number of trials differs.
    """
    betas = _checked(path, shape, n_trials)
    if path.suffix != ".mgh":
        return np.ones(len(wanted), bool)
    betas.trials(n_trials - 1, n_trials)  # fails early if the file is truncated
    return np.asarray(np.isfinite(betas.trials(0, 1)[0, wanted]))


def check_length(path: Path, shape: tuple[int, ...], n_trials: int) -> None:
    """Refuse a truncated compressed volume without unpacking it.

    gzip stores the length of the content modulo 2³² at the end of the file, where a truncated file
    has other bytes.

    Parameters
    ----------
    path
        File of one session's responses; anything but ``.nii.gz`` is accepted unchecked.
    shape
        Shape of the volume.
    n_trials
        Number of trials in a session.

    Raises
    ------
    CortexlensError
        If the stored length is not that of the responses.
    """
    if not path.name.endswith(".nii.gz"):
        return
    start = int(open_image(path, "responses").dataobj.offset)
    expected = (start + math.prod(shape) * n_trials * np.dtype(np.int16).itemsize) % 2**32
    with path.open("rb") as file:
        file.seek(-4, os.SEEK_END)
        noted = int.from_bytes(file.read(), "little")
    if noted != expected:
        raise CortexlensError(
            f"{path}: ends early, or is packed in several parts: {n_trials} trials take "
            f"{expected:,} bytes (modulo 2^32), but its end states {noted:,}. {COPY_AGAIN}"
        )


def _checked(path: Path, shape: tuple[int, ...], n_trials: int) -> Betas:
    """Open a file of responses and check its shape and number of trials."""
    betas = open_betas(path)
    if betas.shape != shape:
        raise CortexlensError(
            f"{path}: found responses in a space of {_times(betas.shape)}, but the regions of this "
            f"subject are in one of {_times(shape)}. {COPY_AGAIN}"
        )
    if betas.n_trials != n_trials:
        raise CortexlensError(
            f"{path}: found {betas.n_trials} trials; a session has {n_trials}. {COPY_AGAIN}"
        )
    return betas


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(str(size) for size in shape)


def _check_finite(response: Float32[np.ndarray, "trial vertex"], path: Path) -> None:
    finite = np.isfinite(response).all(axis=0)
    if not finite.all():
        raise CortexlensError(
            f"{path}: {int((~finite).sum())} of {finite.size} vertices hold a number in the first "
            "trial but not in all, though a vertex is either recorded in a whole session or not. "
            + COPY_AGAIN
        )
