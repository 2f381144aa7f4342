"""Responses as plain arrays in ``.npy`` files and zarr stores, brought to one order of axes."""

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Shaped

from cortexlens.errors import CortexlensError
from cortexlens.study.arrays import map_npy
from cortexlens.study.claims import check_claim

USUAL_AXES = "vertex,image"
VERTEX, IMAGE, REPEAT = AXES = ("vertex", "image", "repeat")
Values: TypeAlias = Shaped[np.ndarray, "image *repeat vertex"]


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever a library raises at a missing or damaged file into a one-line error."""
    try:
        yield
    except CortexlensError:
        raise
    except Exception as error:  # damaged files fail in many ways
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise CortexlensError(f"{path}: cannot be read ({reason}). Copy the file again.") from error


def read_npy(path: Path, axes: str | None) -> Values:
    """Map responses in a ``.npy`` file into memory; ``axes`` as for :func:`read_zarr`."""
    order = _axes(path, axes)
    return _oriented(map_npy(path, kinds="fiu", n_axes=len(order)), order)


def read_zarr(path: Path, axes: str | None) -> Values:
    """Read responses in a zarr array.

    Parameters
    ----------
    path
        The array, or its path within a group.
    axes
        Order of its axes, e.g. ``vertex,image,repeat``. None: the order that the array itself
        states, else :data:`USUAL_AXES`.

    Returns
    -------
    ndarray
        Responses of shape (image, vertex) or (image, repeat, vertex).

    Raises
    ------
    CortexlensError
        If the array cannot be read, lacks chunks, is a group, stores scaled numbers, or has other
        axes than ``axes``.
    """
    import zarr

    with reading(path):
        array = zarr.open(path, mode="r")
    if isinstance(array, zarr.Group):
        with reading(path), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # other files in the folder do not matter
            names = ", ".join(sorted(array.array_keys()))
        if not names:  # an empty group, or an array without its metadata
            raise CortexlensError(f"{path}: cannot be read: holds no array. Copy it again.")
        raise CortexlensError(
            f"{path}: is a group with the arrays {names}; responses must be one array. Write the "
            f"array's own path in the column responses, such as {path.name}/NAME."
        )
    named = _named_axes(array)
    order = _axes(path, axes or named)
    if named is not None and _axes(path, named) != order:
        raise CortexlensError(
            f"{path}: names its axes {named}, but the column axes of subjects.tsv is {axes!r}. "
            "Correct the column, or leave it empty."
        )
    _check_packing(path, array)
    with reading(path):
        check_claim(path, array.shape, np.dtype(array.dtype))
        _check_chunks(path, array)
        values = np.asarray(array[...])
    if values.ndim != len(order) or values.dtype.kind not in "fiu":
        raise CortexlensError(
            f"{path}: found {values.dtype} of shape {values.shape}; needed are numbers with the "
            f"axes {', '.join(order)}."
        )
    return _oriented(values, order)


def _named_axes(array: Any) -> str | None:
    """Axes that an array names, as xarray writes them; None if it has none or unknown names."""
    own = getattr(array.metadata, "dimension_names", None) or array.attrs.get("_ARRAY_DIMENSIONS")
    names = [str(name) for name in own or ()]
    if not set(names) <= set(AXES) or not names:
        return None
    return ",".join(names)


def _check_packing(path: Path, array: Any) -> None:
    """Refuse arrays whose numbers need a scale factor or offset, as xarray may write them."""
    packed = [name for name in ("scale_factor", "add_offset") if name in array.attrs]
    if packed:
        raise CortexlensError(
            f"{path}: its numbers are packed ({packed[0]} is {array.attrs[packed[0]]}). Write it "
            "again as plain numbers."
        )


def _check_chunks(path: Path, array: Any) -> None:
    """Refuse an array with missing chunks, which zarr would read as its fill value."""
    block = array.shards or array.chunks
    kind = "shards" if array.shards else "chunks"
    wanted = math.prod(math.ceil(n / size) for n, size in zip(array.shape, block, strict=True))
    # zarr counts all chunks of a shard, including those beyond the end of the array
    lost = wanted - array.nchunks_initialized * math.prod(array.chunks) // math.prod(block)
    if lost > 0:
        raise CortexlensError(
            f"{path}: {lost} of {wanted} {kind} are missing and would be read as "
            f"{array.fill_value}. Copy the array again; if they hold that value, write them too "
            "(config={'write_empty_chunks': True} in zarr)."
        )


def _axes(path: Path, axes: str | None) -> list[str]:
    """Validate the order of axes and split it into names."""
    order = [name.strip() for name in (axes or USUAL_AXES).split(",")]
    if sorted(order) not in (sorted(AXES), sorted(AXES[:2])):
        raise CortexlensError(
            f"{path}: axes {axes!r} are unknown; allowed are vertex,image and image,vertex, "
            "with repeat in any position if presentations have an axis of their own. Correct the "
            "column axes of subjects.tsv."
        )
    return order


def _oriented(values: np.ndarray, order: list[str]) -> Values:
    wanted = [name for name in (IMAGE, REPEAT, VERTEX) if name in order]
    return values.transpose([order.index(name) for name in wanted])
