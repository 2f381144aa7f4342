"""Decoded pictures that several jobs share: whoever opens one first keeps its pixels.

A folder with one uncompressed array a picture, named by the hash of the picture's file. Each is
written whole or not at all, so that jobs may share the folder without knowing of each other.
"""

import os
import shutil
import threading
from pathlib import Path

import numpy as np
from PIL import Image

from cortexlens.study.pictures.hdf5 import SOURCE
from cortexlens.study.pictures.image_set import ImageSet


class DecodedPictures:
    """A folder of decoded pictures, of bounded size.

    Parameters
    ----------
    folder
        Made if it is not there.
    limit
        Bytes that the folder may hold; what does not fit is decoded by every job. At most half of
        the disk's free space is taken. Jobs that run at the same time do not see what the others
        add, so it is a bound for each of them.
    """

    def __init__(self, folder: Path, limit: float) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        held = sum(file.stat().st_size for file in folder.glob("*/*.npy"))
        self._left = min(limit - held, shutil.disk_usage(folder).free / 2)
        self._lock = threading.Lock()

    def open(self, images: ImageSet, i: int) -> Image.Image:
        """Read picture ``i``, as :meth:`~cortexlens.study.pictures.image_set.ImageSet.open` does.

        Safe to call from several threads.

        Raises
        ------
        CortexlensError
            If the picture is not kept and cannot be decoded.
        """
        if SOURCE.fullmatch(images.sources[i]):
            return images.open(i)  # pixels already
        sha256 = images.sha256[i]
        path = self.folder / sha256[:2] / f"{sha256}.npy"
        try:
            return _picture(np.load(path, allow_pickle=False))
        except (OSError, ValueError, EOFError):  # not there, or no picture: it is made anew
            picture = images.open(i)
        self._keep(picture, path)
        return picture

    def _keep(self, picture: Image.Image, path: Path) -> None:
        pixels = np.asarray(picture)
        with self._lock:
            if self._left < pixels.nbytes:
                return
            self._left -= pixels.nbytes
        partial = path.with_name(f".{os.getpid()}-{threading.get_ident()}")
        try:
            path.parent.mkdir(exist_ok=True)
            with partial.open("wb") as file:
                np.save(file, pixels)
            partial.rename(path)
        except OSError:  # no space, no permission: decoding again is slower, and no fault
            self._left = 0
            partial.unlink(missing_ok=True)


def _picture(pixels: np.ndarray) -> Image.Image:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ValueError("no decoded picture")
    return Image.fromarray(pixels)
