"""Room for arrays that may be larger than memory: beyond a bound they lie in a file."""

import math
import os
import tempfile
from pathlib import Path

import torch
from torch import Tensor

from cortexlens.errors import CortexlensError

# Bytes up to which arrays stay in memory.
HELD_BYTES = 1_000_000_000


class Scratch:
    """Arrays of zeros, in memory or in files that are gone when nothing refers to them.

    A file has no name once it is open, so that it takes no room after a job that was killed either.

    Parameters
    ----------
    n_bytes
        Of all arrays that are going to be asked for; more than :data:`HELD_BYTES`: files.
    folder
        Where files are; None: the system's folder for temporary files.
    device
        Of arrays in memory; those in files are on the processor.
    """

    def __init__(self, n_bytes: float, folder: Path | None, device: torch.device) -> None:
        self.in_files = n_bytes > HELD_BYTES
        self.folder, self.device = folder, device

    def zeros(self, *shape: int) -> Tensor:
        """Give an array, float32.

        Raises
        ------
        CortexlensError
            If there is no room for its file.
        """
        count = math.prod(shape)
        if not self.in_files or not count:
            return torch.zeros(shape, device=self.device)
        n_bytes = 4 * count
        try:
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".cortexlens-") as file:
                _reserve(file.fileno(), n_bytes)
                found = torch.from_file(file.name, shared=True, size=count, dtype=torch.float32)
        except OSError as error:
            where = self.folder or tempfile.gettempdir()
            raise CortexlensError(
                f"{where}: found no room for {n_bytes / 1e9:.1f} GB that a fit writes while it "
                f"runs: {error}. Free space, or lower stacked.components."
            ) from error
        return found.view(shape)

    def moved(self, values: Tensor) -> Tensor:
        """Move float32 numbers into a file, where arrays lie in files; else give them as they are.

        Raises
        ------
        CortexlensError
            If there is no room for its file.
        """
        if not self.in_files or values.dtype != torch.float32 or values.device.type != "cpu":
            return values
        return self.zeros(*values.shape).copy_(values)


def _reserve(file: int, n_bytes: int) -> None:
    """Make a file of zeros; where that is possible, of room that is there."""
    if hasattr(os, "posix_fallocate"):  # not on macOS
        # a map of a file that the disk cannot hold would end the process when it is written to
        os.posix_fallocate(file, 0, n_bytes)
    else:
        os.ftruncate(file, n_bytes)
