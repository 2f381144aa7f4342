"""Cache of decoded images shared by several jobs; the first job to open an image stores it.

The cache is a folder with one uncompressed array per image, named by the hash of the image file.
Files are written atomically, so that jobs can share the folder without coordination.
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
    """A folder of decoded images, of bounded size.

    Parameters
    ----------
    folder
        Folder of the cache; created if it does not exist.
    limit
        Number of bytes that the folder may hold; images that do not fit are decoded by every job.
        At most half of the free disk space is used. Jobs that run at the same time do not see each
        other's additions, so the limit applies to each of them.
    """

    def __init__(self, folder: Path, limit: float) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        held = sum(file.stat().st_size for file in folder.glob("*/*.npy"))
        self._left = min(limit - held, shutil.disk_usage(folder).free / 2)
        self._lock = threading.Lock()

    def open(self, images: ImageSet, i: int) -> Image.Image:
        """Read image ``i``, like :meth:`~cortexlens.study.pictures.image_set.ImageSet.open`.

        Safe to call from several threads.

        Parameters
        ----------
        images
            The images.
        i
            Index of the image.

        Raises
        ------
        CortexlensError
            If the image is not in the cache and cannot be decoded.
        """
        if SOURCE.fullmatch(images.sources[i]):
            return images.open(i)  # stored as pixels, nothing to decode
        sha256 = images.sha256[i]
        path = self.folder / sha256[:2] / f"{sha256}.npy"
        try:
            return _picture(np.load(path, allow_pickle=False))
        except (OSError, ValueError, EOFError):  # missing or damaged: decode the image again
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
        except OSError:  # no space or permission: jobs decode again, which is only slower
            self._left = 0
            partial.unlink(missing_ok=True)


def _picture(pixels: np.ndarray) -> Image.Image:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ValueError("not a decoded image")
    return Image.fromarray(pixels)
