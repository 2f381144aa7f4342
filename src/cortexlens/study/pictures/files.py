"""Bytes and pixels of an image: a file, a member of a zip file, or part of an HDF5 array."""

import io
import os
import re
import threading
import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from cortexlens.errors import CortexlensError
from cortexlens.study.files import POINTER, absence, is_pointer
from cortexlens.study.pictures import hdf5

MEMBER = re.compile(r"(?i)(?P<archive>.*?\.zip)::(?P<member>.+)")
LARGEST_FILE = 2**29  # bytes; a zip member that claims more is not an image
BACKDROP = (128, 128, 128)  # shown behind transparent pixels, like an experiment's grey screen


def open_archive(path: str) -> zipfile.ZipFile:
    """Open a zip file, or return the handle that this thread opened before if it is unchanged."""
    try:
        state = os.stat(path)
        # a forked process would share the handle's file position, so the process id is in the key
        return _open_archive_at(
            path, state.st_mtime_ns, state.st_size, os.getpid(), threading.get_ident()
        )
    except (OSError, zipfile.BadZipFile) as error:
        raise CortexlensError(f"{path}: cannot be read as a zip file: {error}.") from error


@lru_cache(maxsize=32)
def _open_archive_at(path: str, mtime: int, size: int, pid: int, thread: int) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)


def read_bytes(source: str) -> bytes:
    """Read the bytes of a file or zip member; of an image in an HDF5 array, those of its pixels.

    Parameters
    ----------
    source
        Location of the image, see :class:`cortexlens.study.pictures.image_set.ImageSet`.
    """
    if hdf5.SOURCE.fullmatch(source):
        return hdf5.read_pixels(source).tobytes()
    match = MEMBER.fullmatch(source)
    try:
        if match is None:
            return Path(source).read_bytes()
        archive = open_archive(match["archive"])
        if archive.getinfo(match["member"]).file_size > LARGEST_FILE:
            raise CortexlensError(f"{source}: larger than {LARGEST_FILE >> 20} MiB; not an image.")
        return archive.read(match["member"])
    except CortexlensError:
        raise
    except Exception as error:  # a damaged or encrypted archive fails in many ways
        absent = absence(Path(source)) if match is None and Path(source).is_symlink() else None
        if absent is not None:
            raise CortexlensError(f"{source}: {absent}.") from error
        raise CortexlensError(
            f"{source}: the image cannot be read ({type(error).__name__}: {error}). "
            "Restore the file, or list the images again."
        ) from error


def identify(data: bytes, source: str) -> Image.Image:
    """Open an image without decoding its pixels.

    Parameters
    ----------
    data
        Bytes of the image file, or pixels of an image in an HDF5 array.
    source
        Location of the image, for error messages.
    """
    if hdf5.SOURCE.fullmatch(source):
        return Image.frombytes("RGB", hdf5.picture_size(source), data)
    try:
        image = Image.open(io.BytesIO(data))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(source) from error
    except Exception as error:  # decoders of damaged files fail in many ways
        if is_pointer(data):
            raise CortexlensError(f"{source}: {POINTER}.") from error
        raise CortexlensError(
            f"{source}: not a readable image ({type(error).__name__}). Replace the file."
        ) from error
    limit = Image.MAX_IMAGE_PIXELS
    if limit is not None and image.width * image.height > limit:
        raise _too_large(source)
    return image


def _too_large(source: str) -> CortexlensError:
    return CortexlensError(
        f"{source}: has more than {Image.MAX_IMAGE_PIXELS} pixels, too large to be a stimulus. "
        "Save it smaller."
    )


def decode(data: bytes, source: str) -> Image.Image:
    """Decode an image to upright 8-bit RGB.

    Parameters
    ----------
    data
        Bytes of the image file, or pixels of an image in an HDF5 array.
    source
        Location of the image, for error messages.
    """
    image = identify(data, source)
    if image.mode in ("I", "F"):
        raise CortexlensError(
            f"{source}: holds 32-bit values without a known range; save it with 8 or 16 bits."
        )
    try:
        image = ImageOps.exif_transpose(image)
        if image.mode.startswith("I;16"):
            grey = np.asarray(image).astype(np.float64) / 257
            return Image.fromarray(np.rint(grey).astype(np.uint8)).convert("RGB")
        if image.has_transparency_data:
            layer = image.convert("RGBA")
            backdrop = Image.new("RGBA", layer.size, (*BACKDROP, 255))
            return Image.alpha_composite(backdrop, layer).convert("RGB")
        return image.convert("RGB")
    except Exception as error:  # decoders of damaged files fail in many ways
        raise CortexlensError(
            f"{source}: not a readable image ({type(error).__name__}: {error}). Replace the file."
        ) from error
