"""Memory-mapped ``.npy`` arrays, with one-line errors for files that cannot be used."""

from pathlib import Path
from typing import Any

import numpy as np

from cortexlens.errors import CortexlensError


def map_npy(path: Path, *, kinds: str, n_axes: int) -> np.ndarray[Any, np.dtype[Any]]:
    """Map a ``.npy`` file into memory; nothing is read until it is used.

    Parameters
    ----------
    path
        The file. Pickled objects in it are refused.
    kinds
        Allowed kinds of dtype, as in ``dtype.kind``: ``"f"`` floating point, ``"iu"`` whole
        numbers, ``"b"`` truth values.
    n_axes
        Number of axes that the array must have.

    Returns
    -------
    ndarray
        A read-only memory map.

    Raises
    ------
    CortexlensError
        If the file is missing or damaged, or its dtype or number of axes is not allowed.
    """
    try:
        array = np.lib.format.open_memmap(path, mode="r")
    except Exception as error:  # damaged files fail in many ways
        raise CortexlensError(f"{path}: cannot be read as a .npy array: {error}.") from error
    if array.dtype.kind not in kinds or array.ndim != n_axes:
        names = {"f": "floating point", "i": "whole numbers", "b": "truth values"}
        allowed = " or ".join(name for kind, name in names.items() if kind in kinds)
        raise CortexlensError(
            f"{path}: found {array.dtype} of shape {array.shape}; needed are {allowed} with "
            f"{n_axes} axes."
        )
    return array
