"""Temporary arrays that may exceed memory: large ones are mapped from files."""

import math
import os
import tempfile
from pathlib import Path

import torch
from torch import Tensor

from cortexlens.errors import CortexlensError

# Largest total size, in bytes, of arrays that stay in memory.
HELD_BYTES = 1_000_000_000


class Scratch:
    """Allocates arrays of zeros, in memory or in temporary files.

    A file is unlinked once it is open, so that its space is freed with the array, or when the
    process ends, even if it is killed.

    Parameters
    ----------
    n_bytes
        Total size of all arrays that will be allocated; above :data:`HELD_BYTES` they lie in files.
    folder
        Folder of the files; None takes the system's temporary folder.
    device
        Device of arrays in memory; arrays in files are on the CPU.
    """

    def __init__(self, n_bytes: float, folder: Path | None, device: torch.device) -> None:
        self.in_files = n_bytes > HELD_BYTES
        self.folder, self.device = folder, device

    def zeros(self, *shape: int) -> Tensor:
        """Allocate a float32 array of zeros.

        Parameters
        ----------
        shape
            Shape of the array.

        Raises
        ------
        CortexlensError
            If there is no disk space for its file.
        """
        count = math.prod(shape)
        if not self.in_files or not count:
            return torch.zeros(shape, device=self.device)
        n_bytes = 4 * count
        try:
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".cortexlens-") as file:
                _reserve(file.fileno(), n_bytes)
                mapped = torch.from_file(file.name, shared=True, size=count, dtype=torch.float32)
        except OSError as error:
            where = self.folder or tempfile.gettempdir()
            raise CortexlensError(
                f"{where}: found no room for {n_bytes / 1e9:.1f} GB of temporary files that a fit "
                f"writes: {error}. Free space, or lower stacked.components."
            ) from error
        return mapped.view(shape)

    def moved(self, values: Tensor) -> Tensor:
        """Move a float32 array on the CPU into a file, if arrays lie in files.

        Parameters
        ----------
        values
            Array to move; returned unchanged if arrays lie in memory.

        Raises
        ------
        CortexlensError
            If there is no disk space for its file.
        """
        if not self.in_files or values.dtype != torch.float32 or values.device.type != "cpu":
            return values
        return self.zeros(*values.shape).copy_(values)


def _reserve(file: int, n_bytes: int) -> None:
    """Extend a file with zeros; reserve its disk space if the system can."""
    if hasattr(os, "posix_fallocate"):  # not on macOS
        # Without reserved space, writing to a mapped file on a full disk would kill the process.
        os.posix_fallocate(file, 0, n_bytes)
    else:
        os.ftruncate(file, n_bytes)
