"""Where a training stands, kept until it is done: a job that was killed goes on from there."""

from pathlib import Path
from typing import Any

import torch

from cortexlens.progress import say
from cortexlens.stores import replacing


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
