"""Images in an HDF5 file: one array of pixels, such as the ``imgBrick`` of the NSD.

The source of an image is ``FILE.hdf5::DATASET::INDEX``, with the index from 0. h5py serialises its
calls, so threads may share a file; a forked process opens its own.
"""

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import UInt8

from cortexlens.errors import CortexlensError
from cortexlens.study.claims import own_array

if TYPE_CHECKING:
    import h5py

SOURCE = re.compile(r"(?i)(?P<file>.+?\.(?:hdf5|h5))::(?P<name>[^:]+)::(?P<index>[0-9]{1,9})")
LARGEST_SIDE = 16_384  # pixels


def brick_source(file: Path, name: str, index: int) -> str:
    """Make the source of an image in an HDF5 file.

    Parameters
    ----------
    file
        The HDF5 file.
    name
        Name of the array in it.
    index
        Index of the image, from 0.
    """
    return f"{file}::{name}::{index}"


def open_brick(file: Path, name: str) -> "h5py.Dataset":
    """Open an array of images, or return the handle that this process opened before if unchanged.

    Parameters
    ----------
    file
        HDF5 file.
    name
        Name of the array in it: (picture, height, width, 3), uint8.

    Raises
    ------
    CortexlensError
        If the file cannot be read, lacks the array, or the array has another shape or type.
    """
    try:
        state = os.stat(file)
    except OSError as error:
        raise CortexlensError(f"{file}: cannot be read as an HDF5 file: {error}.") from error
    return _open_brick_at(file, name, state.st_mtime_ns, state.st_size, os.getpid())


@lru_cache(maxsize=8)
def _open_brick_at(file: Path, name: str, mtime: int, size: int, pid: int) -> "h5py.Dataset":
    import h5py

    try:
        opened = h5py.File(file, "r", locking=False)
    except OSError as error:
        raise CortexlensError(
            f"{file}: cannot be read as an HDF5 file: {error}. Copy the file again."
        ) from error
    if name not in opened:
        raise CortexlensError(
            f"{file}: holds {', '.join(sorted(opened)) or 'nothing'}, but no array {name}. "
            "Copy the file again."
        )
    brick = own_array(opened, name, file)
    shape: tuple[int, ...] = getattr(brick, "shape", ())
    right = len(shape) == 4 and shape[3] == 3 and max(shape[1:3]) <= LARGEST_SIDE
    if not right or brick.dtype != np.uint8:
        raise CortexlensError(
            f"{file}: {name} is {getattr(brick, 'dtype', 'a group')} of shape {shape}; needed are "
            "images, uint8 of shape (images, height, width, 3). Copy the file again."
        )
    return brick


def read_pixels(source: str) -> UInt8[np.ndarray, "height width 3"]:
    """Read one 8-bit RGB image.

    Parameters
    ----------
    source
        ``FILE.hdf5::DATASET::INDEX``.

    Raises
    ------
    CortexlensError
        If there is no such image or it cannot be read.
    """
    brick, index = _find(source)
    try:
        pixels: Any = brick[index]
    except Exception as error:  # damaged files fail in many ways
        raise CortexlensError(
            f"{source}: the image cannot be read ({type(error).__name__}: {error}). "
            "Copy the file again."
        ) from error
    return np.ascontiguousarray(pixels)


def picture_size(source: str) -> tuple[int, int]:
    """Width and height of an image in pixels, without reading it."""
    brick, _ = _find(source)
    return int(brick.shape[2]), int(brick.shape[1])


def _find(source: str) -> tuple["h5py.Dataset", int]:
    match = SOURCE.fullmatch(source)
    if match is None:
        raise ValueError(f"{source} is not an image in an HDF5 file")
    brick, index = open_brick(Path(match["file"]), match["name"]), int(match["index"])
    if index >= len(brick):
        raise CortexlensError(
            f"{source}: there is no such image; {match['name']} holds the images 0 to "
            f"{len(brick) - 1}."
        )
    return brick, index
