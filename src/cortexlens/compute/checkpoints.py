"""Checkpoints of training, kept until a job is done, so that a killed job continues from them."""

import copy
import hashlib
import json
import shutil
import time
from pathlib import Path
from typing import Any

import torch

from cortexlens.progress import say
from cortexlens.storage.atomic import replacing


def write_state(path: Path, key: str, parts: dict[str, Any]) -> None:
    """Write a checkpoint atomically.

    Parameters
    ----------
    path
        Path of the file.
    key
        Hash of everything that affects the training.
    parts
        Tensors, numbers and text, in lists and dictionaries.
    """
    with replacing(path) as partial:
        torch.save({"key": key, **parts}, partial)


def read_state(path: Path, key: str) -> dict[str, Any] | None:
    """Read a checkpoint if there is one of exactly this training; log why it is ignored otherwise.

    Parameters
    ----------
    path, key
        As for :func:`write_state`.

    Returns
    -------
    dict or None
        The parts, on the CPU.
    """
    if not path.is_file():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file can raise any exception
        say(
            f"{path}: the checkpoint cannot be read ({type(error).__name__}); starting "
            "from the beginning."
        )
        return None
    if state.pop("key", None) != key:
        say(
            f"{path}: the checkpoint is of other settings, data or code; starting from "
            "the beginning."
        )
        return None
    return state


class Checkpoints:
    """Checkpoints of all training runs of a job, in the folder ``.NAME.state`` next to its result.

    A checkpoint is kept when its training is done, because the job may have to train further models
    before it can write its result.

    Parameters
    ----------
    path
        Path of the result of the job.
    shaping
        Everything that affects the training runs, as JSON values; checkpoints of others are
        ignored.

    Attributes
    ----------
    folder : Path
        Folder of the checkpoints.
    key : str
        Hash of everything that affects the training runs.
    """

    def __init__(self, path: Path, shaping: Any) -> None:
        self.folder = path.with_name(f".{path.name}.state")
        self.key = hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()
        self._started = time.monotonic()
        # a list, so that checkpoints of parts share it
        self._before = [0.0]

    @property
    def seconds(self) -> float:
        """Training time so far in seconds, including that of killed jobs that were continued."""
        return max(self._before) + time.monotonic() - self._started

    def read(self, name: str) -> dict[str, Any] | None:
        """Read the checkpoint of a training run; None if there is none."""
        state = read_state(self.folder / f"{name}.pt", self.key)
        if state is not None:
            self._before.append(state.pop("seconds"))
        return state

    def write(self, name: str, parts: dict[str, Any]) -> None:
        """Write the checkpoint of a training run atomically."""
        write_state(self.folder / f"{name}.pt", self.key, {"seconds": self.seconds, **parts})

    def within(self, name: str) -> "Checkpoints":
        """The same with a folder of its own for a part of the trainings."""
        part = copy.copy(self)
        part.folder = self.folder / name
        return part

    def remove(self) -> None:
        """Delete all checkpoints, because the result is written."""
        shutil.rmtree(self.folder, ignore_errors=True)
