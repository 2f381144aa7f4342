"""Single images out of a layer's chunk files, without reading the chunks whole.

A store's chunks are plain files of little-endian float16 in C order, some images after another, so
one image is one range of bytes. Files are opened, read and closed again: the system keeps what was
read in its page cache, and no count of open files or memory maps grows with the store.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float16, Int

from cortexlens.errors import CortexlensError

PLAIN_CODECS = [{"name": "bytes", "configuration": {"endian": "little"}}]
PLAIN_NAMES = {"name": "default", "configuration": {"separator": "/"}}


class ChunkFiles:
    """Chunk files of one layer; made by :func:`plain_chunks`.

    Parameters
    ----------
    folder
        Of the layer's array.
    shape
        (image, token, channel).
    images_per_chunk
        Images in one file, the last padded.
    fill_value
        Of a chunk that has no file.
    """

    def __init__(
        self, folder: Path, shape: tuple[int, int, int], images_per_chunk: int, fill_value: float
    ) -> None:
        self.folder, self.shape = str(folder), shape
        self.images_per_chunk, self.fill_value = images_per_chunk, fill_value
        self.image_bytes = 2 * shape[1] * shape[2]

    def read_into(
        self,
        images: Int[np.ndarray, " image"],
        out: Float16[np.ndarray, "row token channel"],
        rows: Int[np.ndarray, " image"],
    ) -> None:
        """Read images, each to a row of ``out``.

        Parameters
        ----------
        images
            Indices from 0, in any order, repetitions allowed.
        out
            In C order; rows that are not named stay as they are.
        rows
            Row of each image.

        Raises
        ------
        CortexlensError
            If a file is shorter than its images.
        """
        numbers = out.view(np.uint8).reshape(len(out), self.image_bytes)
        for image, row, count in _runs(images.tolist(), rows.tolist(), self.images_per_chunk):
            chunk, place = divmod(image, self.images_per_chunk)
            name = f"{self.folder}/c/{chunk}/0/0"
            try:
                file = os.open(name, os.O_RDONLY)
            except FileNotFoundError:
                # A chunk that holds nothing but the fill value is not written.
                out[row : row + count] = self.fill_value
                continue
            try:
                self._fill(file, name, numbers[row : row + count].reshape(-1).data, place)
            finally:
                os.close(file)

    def _fill(self, file: int, name: str, numbers: memoryview, place: int) -> None:
        """Read from an image's place in a file until ``numbers`` is full."""
        done = 0
        while done < len(numbers):
            found = os.preadv(file, [numbers[done:]], place * self.image_bytes + done)
            if not found:
                raise CortexlensError(
                    f"{name}: the file ends before its image {place} (from 0) does. "
                    "Extract the features anew."
                )
            done += found


def _runs(
    images: list[int], rows: list[int], images_per_chunk: int
) -> Iterator[tuple[int, int, int]]:
    """First image, first row and length of what lies side by side in a file and in ``rows``."""
    start = 0
    for stop in range(1, len(images) + 1):
        goes_on = (
            stop < len(images)
            and images[stop] == images[stop - 1] + 1
            and images[stop] % images_per_chunk
            and rows[stop] == rows[stop - 1] + 1
        )
        if not goes_on:
            yield images[start], rows[start], stop - start
            start = stop


def plain_chunks(folder: Path) -> ChunkFiles | None:
    """Chunk files of a zarr v3 array, if they are plain numbers of whole images.

    Parameters
    ----------
    folder
        Of the array (image, token, channel).

    Returns
    -------
    ChunkFiles or None
        None where chunks are compressed, sharded, cut through images or of another number format;
        zarr has to read them.
    """
    about = folder / "zarr.json"
    if not hasattr(os, "preadv") or not about.is_file():
        return None
    found = json.loads(about.read_text(encoding="utf-8"))
    shape, grid = found["shape"], found["chunk_grid"]
    chunk = grid["configuration"]["chunk_shape"] if grid["name"] == "regular" else []
    plain = (
        found["data_type"] == "float16"
        and found["codecs"] == PLAIN_CODECS
        and found["chunk_key_encoding"] == PLAIN_NAMES
        and not found.get("storage_transformers")
        and len(shape) == len(chunk) == 3
        and chunk[1:] == shape[1:]
    )
    if not plain:
        return None
    return ChunkFiles(folder, (shape[0], shape[1], shape[2]), chunk[0], float(found["fill_value"]))
