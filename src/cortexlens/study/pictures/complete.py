"""Check that images can be decoded completely, and remember those that can.

A truncated image is only noticed when it is decoded, because its first bytes are intact. Images
that were found complete are remembered by the hash of their file, so that each is decoded only
once, wherever it is stored.
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

# Threads that decode images; more would only wait for the disk.
MOST_WORKERS: Final = 8
# Hexadecimal digits of a hash that are remembered: 128 bits.
_DIGITS: Final = 32


def damaged_pictures(images: ImageSet, memory: Path) -> list[str]:
    """Decode images and list those that cannot be decoded completely.

    Parameters
    ----------
    images
        The images. Those in arrays of pixels have nothing to decode and are skipped.
    memory
        Folder that remembers complete images; created if it does not exist. If it cannot be
        written, images are decoded again next time.

    Returns
    -------
    list of str
        One line per damaged image.
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
    complete = (sha[:_DIGITS] for sha, found in zip(new, faults, strict=True) if found is None)
    _remember(memory, complete)
    return [found for found in faults if found is not None]


def _file(memory: Path) -> Path:
    """File of remembered hashes; another version of the decoder may find other faults."""
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
        # a single write, because several checks may run at the same time
        with _file(memory).open("a", encoding="ascii") as file:
            file.write(text)
    except OSError:
        return
