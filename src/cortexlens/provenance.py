"""What a result was made from: versions, seeds, settings, hashes of inputs and code."""

import hashlib
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cortexlens.fingerprint import fingerprint
from cortexlens.manifests import note_input
from cortexlens.stores import store_attributes

RECORDED_PACKAGES = ("cortexlens", "numpy", "scipy", "torch", "timm", "xarray", "zarr")


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def input_hash(path: Path) -> str:
    """Hash of an input: a store's ``content_hash``, or a file's SHA-256."""
    if path.is_dir():
        return str(store_attributes(path)["content_hash"])
    return file_hash(path)


def record(
    stage: str, *, inputs: Mapping[str, Path], settings: Mapping[str, Any], seed: int | None = None
) -> dict[str, Any]:
    """Collect what is needed to make a result again.

    Parameters
    ----------
    stage
        Name of the stage that makes it.
    inputs
        Files and stores that it reads.
    settings
        Its options, as JSON values.
    seed
        Seed of its random numbers, if it draws any.

    Returns
    -------
    dict
        JSON values only; no clock time, so equal runs give equal records.
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
