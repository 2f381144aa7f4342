"""Provenance of a result: versions, seeds, settings, hashes of inputs and code."""

import hashlib
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cortexlens.storage.code_hash import fingerprint
from cortexlens.storage.datasets import store_attributes
from cortexlens.storage.manifest import files_of, note_input

# Files that mark a zarr array or group of format 2, whose attributes are in a separate file.
ZARR_2 = (".zarray", ".zgroup")
RECORDED_PACKAGES = ("cortexlens", "numpy", "scipy", "torch", "timm", "xarray", "zarr")


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def input_hash(path: Path) -> str:
    """Hash of an input: a store's ``content_hash``, or SHA-256 of a file or of a user's zarr array.

    Raises
    ------
    CortexlensError
        If a folder is neither a finished store nor a zarr array or group.
    """
    if not path.is_dir():
        return file_hash(path)
    if any((path / name).is_file() for name in ZARR_2):
        return folder_hash(path)
    attributes = store_attributes(path)
    # a store of cortexlens names its kind; any other is the user's own
    return str(attributes["content_hash"]) if "cortexlens_kind" in attributes else folder_hash(path)


def folder_hash(path: Path) -> str:
    """SHA-256 of the names and contents of all files below a folder, in hexadecimal."""
    digest = hashlib.sha256()
    for name, entry in sorted(files_of(path)):
        digest.update(f"{name}\0{file_hash(Path(entry.path))}\n".encode())
    return digest.hexdigest()


def record(
    stage: str, *, inputs: Mapping[str, Path], settings: Mapping[str, Any], seed: int | None = None
) -> dict[str, Any]:
    """Collect what is needed to make a result again.

    Parameters
    ----------
    stage
        Name of the stage that makes it.
    inputs
        Files and stores that the stage reads.
    settings
        Options of the stage, as JSON values.
    seed
        Seed of its random numbers, if it draws any.

    Returns
    -------
    dict
        JSON values; without clock times, so that equal runs give equal records.
    """
    hashes = {name: input_hash(path) for name, path in inputs.items()}
    for name, path in inputs.items():
        note_input(path, hashes[name])
    return {
        "stage": stage,
        "code": fingerprint(stage),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in RECORDED_PACKAGES},
        },
        "machine": platform.machine(),
        "inputs": hashes,
        "settings": dict(settings),
        "seed": seed,
    }
