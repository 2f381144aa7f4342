"""Pictures that can be decoded to their ends, remembered by what is in them.

A picture that was cut short is found where it is decoded and nowhere before: its first bytes are
those of any other. What was found whole is remembered by the hash of its file, so that it is
decoded once, wherever it lies and whoever asks.
"""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import PIL

from cortexlens.errors import CortexlensError
from cortexlens.progress import track
from cortexlens.study.pictures.hdf5 import SOURCE
from cortexlens.study.pictures.image_set import ImageSet

# Threads that decode; more wait for the disk.
MOST_WORKERS: Final = 8
# Digits of a hash that are remembered: 128 bits.
_DIGITS: Final = 32


def damaged_pictures(images: ImageSet, memory: Path) -> list[str]:
    """Decode pictures as a network's features do, and list those that cannot be.

    Parameters
    ----------
    images
        The pictures; those in arrays of pixels have nothing to decode and are passed over.
    memory
        Folder in which those found whole are remembered; made where it is not there. One that
        cannot be written to costs the memory alone.

    Returns
    -------
    list of str
        One line a picture.
    """
    known = _remembered(memory)
    new = {
        sha: i
        for i, (sha, source) in enumerate(zip(images.sha256, images.sources, strict=True))
        if sha[:_DIGITS] not in known and not SOURCE.fullmatch(source)
    }
    if not new:
        return []

    def fault(i: int) -> str | None:
        try:
            images.open(i)
        except CortexlensError as error:
            return str(error)
        return None

    with ThreadPoolExecutor(min(MOST_WORKERS, os.cpu_count() or 1)) as pool:
        results = pool.map(fault, new.values())
        faults = list(track(results, "pictures decoded", total=len(new)))
    whole = (sha[:_DIGITS] for sha, found in zip(new, faults, strict=True) if found is None)
    _remember(memory, whole)
    return [found for found in faults if found is not None]


def _file(memory: Path) -> Path:
    """Another version of the decoder may find something else."""
    return memory / f"whole-pictures-{PIL.__version__}.txt"


def _remembered(memory: Path) -> frozenset[str]:
    try:
        return frozenset(_file(memory).read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return frozenset()


def _remember(memory: Path, hashes: Iterable[str]) -> None:
    text = "".join(f"{sha}\n" for sha in hashes)
    try:
        memory.mkdir(parents=True, exist_ok=True)
        # appended in one go, for several checks may run at once
        with _file(memory).open("a", encoding="ascii") as file:
            file.write(text)
    except OSError:
        return
