"""Stores: xarray datasets in zarr v3, written completely or not at all.

A store is written by one job to a temporary path next to it and then renamed, so a path either does
not exist or holds a finished store. Attributes contain its kind, format and provenance.
"""

import hashlib
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from cortexlens.errors import CortexlensError
from cortexlens.storage.atomic import replacing as replacing
from cortexlens.storage.manifest import NAME as MANIFEST
from cortexlens.storage.manifest import check_files

FORMAT = 1


def row_blocks(variable: xr.DataArray) -> Iterator[np.ndarray[Any, np.dtype[Any]]]:
    """Iterate over an array along its first dimension with one chunk in memory at a time.

    Parameters
    ----------
    variable
        Array, in memory or on disk. An array in memory is yielded whole, without a copy.

    Yields
    ------
    ndarray
        Consecutive rows; concatenated in order, they are the array.
    """
    if variable.chunks is None:
        yield variable.values
        return
    start = 0
    for length in variable.chunks[0]:
        rows = variable[start : start + length]
        block: xr.DataArray = rows.compute(scheduler="synchronous")
        yield block.values
        start += length


def content_hash(dataset: xr.Dataset) -> str:
    """Hash of the names, shapes and values of a dataset's variables (not of its attributes).

    Arrays that are not in memory are read chunk by chunk; the hash does not depend on the chunks.
    """
    digest = hashlib.sha256()
    for name in sorted(map(str, dataset.variables)):
        variable = dataset[name]
        digest.update(f"{name}{variable.dims}{variable.shape}".encode())
        if variable.dtype.kind in "OUT":
            digest.update(json.dumps(variable.values.tolist()).encode())
        else:
            for values in row_blocks(variable):
                digest.update(np.ascontiguousarray(values).data.cast("B") if values.size else b"")
    return digest.hexdigest()


def write_dataset(
    dataset: xr.Dataset, path: Path, *, kind: str, provenance: Mapping[str, Any]
) -> None:
    """Write a dataset as a finished zarr v3 store.

    Parameters
    ----------
    dataset
        Variables with named dimensions, each with a ``units`` or ``description`` attribute.
        Variables that are not in memory are written chunk by chunk.
    path
        Folder of the store, replaced if it exists.
    kind
        Kind of store (``responses``, ``fit``, …), which :func:`open_dataset` checks.
    provenance
        From :func:`cortexlens.storage.provenance.record`.
    """
    strings = {
        name: variable.astype(np.dtypes.StringDType())
        for name, variable in dataset.variables.items()
        if variable.dtype.kind in "OU"
    }
    dataset = dataset.assign({str(name): variable for name, variable in strings.items()})
    dataset = dataset.assign_attrs(
        cortexlens_kind=kind,
        cortexlens_format=FORMAT,
        content_hash=content_hash(dataset),
        provenance=dict(provenance),
    )
    with replacing(path) as partial:
        if not dataset.chunks:
            dataset.to_zarr(partial, mode="w", zarr_format=3, consolidated=False)
            return
        writing: Any = dataset.to_zarr(
            partial, mode="w", zarr_format=3, consolidated=False, compute=False
        )
        # one chunk at a time, because several might not fit into memory
        writing.compute(scheduler="synchronous")


def open_dataset(path: str | Path, *, kind: str) -> xr.Dataset:
    """Open a finished store; arrays are read when they are used.

    Parameters
    ----------
    path
        Folder of the store.
    kind
        Kind that the store must have.

    Returns
    -------
    xr.Dataset

    Raises
    ------
    CortexlensError
        If there is no store, its kind or format differs, or one of its files is missing or
        truncated.
    """
    path = Path(path)
    attributes = store_attributes(path)
    found = attributes.get("cortexlens_kind"), attributes.get("cortexlens_format")
    if found != (kind, FORMAT):
        raise CortexlensError(
            f"{path}: found a store of kind {found[0]!r}, format {found[1]!r}; "
            f"needed kind {kind!r}, format {FORMAT}. Run the workflow again to make it."
        )
    check_files(path)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*consolidated.*")
        # Hidden files: the manifest, and snakemake's timestamp of the folder.
        for name in (MANIFEST, ".snakemake_timestamp"):
            warnings.filterwarnings("ignore", message=f"Object at {re.escape(name)}")
        # xarray's own lazy reading, because importing dask takes half a second
        with naming_damage(path):
            dataset: xr.Dataset = xr.open_dataset(
                path, engine="zarr", consolidated=False, chunks=None, cache=False
            )
    return dataset


@contextmanager
def naming_damage(path: Path) -> Iterator[None]:
    """Turn any exception caused by a damaged header of a store into a one-line error."""
    try:
        yield
    except CortexlensError:
        raise
    except Exception as error:  # damaged headers fail in many ways
        raise CortexlensError(
            f"{path}: damaged ({type(error).__name__}: {error}). Remove it and run the workflow "
            "again."
        ) from error


def store_attributes(path: Path) -> dict[str, Any]:
    """Attributes at the root of a zarr store, read without opening its arrays.

    Raises
    ------
    CortexlensError
        If ``path`` is not a zarr store.
    """
    try:
        meta = json.loads((path / "zarr.json").read_text(encoding="utf-8"))
        attributes = meta["attributes"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CortexlensError(
            f"{path}: no finished zarr store here ({type(error).__name__}). "
            "Run the workflow again to make it."
        ) from error
    if not isinstance(attributes, dict):
        raise CortexlensError(
            f"{path}: the attributes of the zarr store are not a JSON object. Remove it and run "
            "the workflow again."
        )
    return attributes
