"""What a file claims to hold, held against what it can hold; and files that lead to others."""

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cortexlens.errors import CortexlensError

if TYPE_CHECKING:
    import h5py

# Bytes that one byte of a deflated stream stands for, at most.
DEFLATE: Final = 1032
_PACKED: Final = (".gz", ".mgz", ".npz", ".mat")


def check_claim(path: Path, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Refuse an array that the file cannot hold, or the machine, before memory is taken.

    Parameters
    ----------
    path
        The file; a folder is held against the machine alone.
    shape, dtype
        As its header has them.

    Raises
    ------
    CortexlensError
        If the size is no size, or too large.
    """
    size = math.prod(shape) * dtype.itemsize
    claim = f"{path}: cannot be read whole: it claims an array of shape {shape}, {size:,} bytes"
    if min(shape, default=0) < 0:
        raise CortexlensError(f"{path}: claims an array of shape {shape}. Copy the file anew.")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if size > memory:
        raise CortexlensError(
            f"{claim}; this machine has {memory:,} bytes of memory. Cut it into parts, or copy it "
            "anew."
        )
    if path.is_file():
        packed = path.name.lower().endswith(_PACKED)
        limit = path.stat().st_size * (DEFLATE if packed else 1)
        if size > limit:
            raise CortexlensError(f"{claim}; the file can hold {limit:,}. Copy the file anew.")


def load_image(path: Path, **options: Any) -> Any:
    """Open an image as nibabel does, if it can hold what its header claims.

    Parameters
    ----------
    path
        NIfTI, MGH, GIFTI or CIFTI.
    options
        Of ``nibabel.load``.

    Raises
    ------
    CortexlensError
        If it cannot, or if it is GIFTI and its values lie in another file. Whatever nibabel
        raises is passed on.
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
    """Give an object of an HDF5 file, if it lies in that file.

    Parameters
    ----------
    file
        Open.
    name
        Of a dataset; it has to be there.
    path
        Of the file, for the error.

    Raises
    ------
    CortexlensError
        If it is a link, a virtual dataset, or kept in another file.
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
    """Make the error of a file whose values lie in another."""
    return CortexlensError(
        f"{path}: leads to another file, which is not followed. Give a file that holds its values "
        "itself."
    )
