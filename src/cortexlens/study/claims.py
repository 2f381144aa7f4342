"""Protection against files that claim more data than they hold, or that lead to other files."""

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cortexlens.errors import CortexlensError

if TYPE_CHECKING:
    import h5py

# Largest compression ratio of the deflate format.
DEFLATE: Final = 1032
_PACKED: Final = (".gz", ".mgz", ".npz", ".mat")


def check_claim(path: Path, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Refuse an array larger than its file or this machine can hold, before allocating memory.

    Parameters
    ----------
    path
        The file. For a folder, only the machine's memory is the limit.
    shape, dtype
        Shape and type of the array, as stated in the header.

    Raises
    ------
    CortexlensError
        If the size is negative or too large.
    """
    size = math.prod(shape) * dtype.itemsize
    claim = f"{path}: cannot be read whole: it claims an array of shape {shape}, {size:,} bytes"
    if min(shape, default=0) < 0:
        raise CortexlensError(f"{path}: claims an array of shape {shape}. Copy the file again.")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if size > memory:
        raise CortexlensError(
            f"{claim}; this machine has {memory:,} bytes of memory. Split the file, or copy it "
            "again."
        )
    if path.is_file():
        packed = path.name.lower().endswith(_PACKED)
        limit = path.stat().st_size * (DEFLATE if packed else 1)
        if size > limit:
            raise CortexlensError(f"{claim}; the file can hold {limit:,}. Copy the file again.")


def load_image(path: Path, **options: Any) -> Any:
    """Open an image with nibabel, unless its header claims more than the file can hold.

    Parameters
    ----------
    path
        NIfTI, MGH, GIFTI or CIFTI file.
    options
        Options of ``nibabel.load``.

    Raises
    ------
    CortexlensError
        If the claimed size is impossible, or a GIFTI file refers to another file for its values.
        Exceptions of nibabel are passed on.
    """
    import nibabel

    image: Any = nibabel.load(path, **options)
    if hasattr(image, "darrays"):
        if any(array.ext_fname for array in image.darrays):
            raise leads_elsewhere(path)
    elif hasattr(image, "shape"):
        check_claim(path, tuple(map(int, image.shape)), image.get_data_dtype())
    return image


def own_array(file: "h5py.File", name: str, path: Path) -> Any:
    """Return an object of an HDF5 file, provided that it is stored in the file itself.

    Parameters
    ----------
    file
        The open file.
    name
        Name of the object, which must exist.
    path
        Path of the file, for error messages.

    Raises
    ------
    CortexlensError
        If the object is a link, a virtual dataset, or stored in another file.
    """
    import h5py

    parts = name.strip("/").split("/")
    for end in range(1, len(parts) + 1):
        if not isinstance(file.get("/".join(parts[:end]), getlink=True), h5py.HardLink):
            raise leads_elsewhere(path)
    found = file[name]
    if isinstance(found, h5py.Dataset) and (found.is_virtual or found.external):
        raise leads_elsewhere(path)
    return found


def leads_elsewhere(path: Path) -> CortexlensError:
    """Make the error for a file whose values are stored in another file."""
    return CortexlensError(
        f"{path}: refers to another file, which is not followed. Give a file that holds its values "
        "itself."
    )
