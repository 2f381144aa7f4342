"""Read single images from a layer's chunk files without reading whole chunks.

The chunks of a feature store are uncompressed files of little-endian float16 in C order, each with
several images, so that an image is a contiguous range of bytes. Files are opened, read and closed
for every access: the operating system's page cache holds what was read, and the number of open
files or memory maps does not grow with the store.
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
        Folder of the layer's array.
    shape
        Shape of the array, (image, token, channel).
    images_per_chunk
        Number of images in one file; the last file is padded.
    fill_value
        Value of all numbers in a chunk without a file.
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
        """Read images into the rows of an existing array.

        Parameters
        ----------
        images
            Indices of images from 0, in any order, repetitions allowed.
        out
            C-contiguous array to write to; rows not listed in ``rows`` are unchanged.
        rows
            Row of ``out`` for each image.

        Raises
        ------
        CortexlensError
            If a file ends before an image that it should contain.
        """
        out_bytes = out.view(np.uint8).reshape(len(out), self.image_bytes)
        for image, row, count in _runs(images.tolist(), rows.tolist(), self.images_per_chunk):
            chunk, index = divmod(image, self.images_per_chunk)
            name = f"{self.folder}/c/{chunk}/0/0"
            try:
                file = os.open(name, os.O_RDONLY)
            except FileNotFoundError:
                # Zarr does not write a chunk that holds only the fill value.
                out[row : row + count] = self.fill_value
                continue
            try:
                self._fill(file, name, out_bytes[row : row + count].reshape(-1).data, index)
            finally:
                os.close(file)

    def _fill(self, file: int, name: str, target: memoryview, index: int) -> None:
        """Read into ``target`` until it is full, from image ``index`` of a file onwards."""
        done = 0
        while done < len(target):
            n_read = os.preadv(file, [target[done:]], index * self.image_bytes + done)
            if not n_read:
                raise CortexlensError(
                    f"{name}: the file ends within or before its image {index} (from 0). "
                    "Extract the features again."
                )
            done += n_read


def _runs(
    images: list[int], rows: list[int], images_per_chunk: int
) -> Iterator[tuple[int, int, int]]:
    """Yield first image, first row and length of each run that is contiguous in file and rows."""
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
    """Open the chunk files of a zarr v3 array for direct reading, if their layout allows it.

    Parameters
    ----------
    folder
        Folder of the array (image, token, channel).

    Returns
    -------
    ChunkFiles or None
        None if chunks are compressed, sharded, contain parts of images or have another number
        format, so that zarr has to read them, or if the system lacks ``preadv``.
    """
    metadata_file = folder / "zarr.json"
    if not hasattr(os, "preadv") or not metadata_file.is_file():
        return None
    metadata = json.loads(metadata_file.read_text(encoding="utf-8"))
    shape, grid = metadata["shape"], metadata["chunk_grid"]
    chunk = grid["configuration"]["chunk_shape"] if grid["name"] == "regular" else []
    plain = (
        metadata["data_type"] == "float16"
        and metadata["codecs"] == PLAIN_CODECS
        and metadata["chunk_key_encoding"] == PLAIN_NAMES
        and not metadata.get("storage_transformers")
        and len(shape) == len(chunk) == 3
        and chunk[1:] == shape[1:]
    )
    if not plain:
        return None
    fill_value = float(metadata["fill_value"])
    return ChunkFiles(folder, (shape[0], shape[1], shape[2]), chunk[0], fill_value)
