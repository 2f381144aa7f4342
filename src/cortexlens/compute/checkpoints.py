"""Where a training stands, kept until it is done: a job that was killed goes on from there."""

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
    """Write a state, whole or not at all.

    Parameters
    ----------
    path
        The file.
    key
        Stands for all that shapes the training.
    parts
        Tensors, numbers and text, in lists and dictionaries.
    """
    with replacing(path) as partial:
        torch.save({"key": key, **parts}, partial)


def read_state(path: Path, key: str) -> dict[str, Any] | None:
    """Read a state, if there is one of this very training; say why one is left out.

    Parameters
    ----------
    path, key
        As for :func:`write_state`.

    Returns
    -------
    dict or None
        The parts, on the processor.
    """
    if not path.is_file():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file can raise anything
        say(f"{path}: no readable state ({type(error).__name__}); starting anew.")
        return None
    if state.pop("key", None) != key:
        say(f"{path}: the state is of other settings, data or code; starting anew.")
        return None
    return state


class Checkpoints:
    """States of all trainings of a job, in the folder ``.NAME.state`` beside its result.

    A state stays when its training is done, for the job may have others to do before it can write
    its result.

    Parameters
    ----------
    path
        What the job makes.
    shaping
        All that shapes the trainings, as JSON values: states of others are left out.

    Attributes
    ----------
    folder : Path
        Where the states lie.
    key : str
        Stands for all that shapes the trainings.
    """

    def __init__(self, path: Path, shaping: Any) -> None:
        self.folder = path.with_name(f".{path.name}.state")
        self.key = hashlib.sha256(json.dumps(shaping, sort_keys=True).encode()).hexdigest()
        self._started = time.monotonic()
        # shared with the parts
        self._before = [0.0]

    @property
    def seconds(self) -> float:
        """Time spent so far, by the jobs whose states were taken up as well."""
        return max(self._before) + time.monotonic() - self._started

    def read(self, name: str) -> dict[str, Any] | None:
        """Read a training's state, if there is one."""
        state = read_state(self.folder / f"{name}.pt", self.key)
        if state is not None:
            self._before.append(state.pop("seconds"))
        return state

    def write(self, name: str, parts: dict[str, Any]) -> None:
        """Write a training's state, whole or not at all."""
        write_state(self.folder / f"{name}.pt", self.key, {"seconds": self.seconds, **parts})

    def within(self, name: str) -> "Checkpoints":
        """The same with a folder of its own for a part of the trainings."""
        part = copy.copy(self)
        part.folder = self.folder / name
        return part

    def remove(self) -> None:
        """Remove all states: the result is written."""
        shutil.rmtree(self.folder, ignore_errors=True)
