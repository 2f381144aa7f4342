"""Checkpoints of fits, written after every epoch; a resumed fit gives bitwise the same result."""

from collections.abc import Sequence
from typing import Any, Final, Protocol, runtime_checkable

import torch

from cortexlens.compute.checkpoints import Checkpoints
from cortexlens.compute.divergence import LossMonitor
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.encoding.randomness import OwnRandom
from cortexlens.progress import say

# Attributes of a member that have a state dict.
_PARTS: Final = ("model", "optimizer", "schedule", "random", "watch")
# Attributes that are numbers or lists of numbers.
_NUMBERS: Final = ("losses", "scores", "best_r2", "n_images")


@runtime_checkable
class Member(Protocol):
    """A model in training, with the attributes that a checkpoint saves."""

    model: FactorTopy
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LambdaLR
    random: OwnRandom
    watch: LossMonitor
    best_state: dict[str, Any]
    best_r2: float
    losses: list[float]
    scores: list[float]
    n_images: int


def save(
    members: Sequence[Member], checkpoints: Checkpoints | None, name: str, epochs: int
) -> None:
    """Save the state of models after an epoch.

    Parameters
    ----------
    members
        Models that are fitted at once.
    checkpoints
        Where checkpoints are written; None writes nothing.
    name
        Name of this fit among the fits of the job.
    epochs
        Number of finished epochs.
    """
    if checkpoints is not None:
        checkpoints.write(
            name, {"epochs": epochs, "members": [_state(member) for member in members]}
        )


def resume(members: Sequence[Member], checkpoints: Checkpoints | None, name: str) -> int:
    """Restore the state of models from their checkpoint, if there is one.

    Parameters
    ----------
    members, checkpoints, name
        As for :func:`save`.

    Returns
    -------
    int
        Number of finished epochs; 0 without a checkpoint.
    """
    state = None if checkpoints is None else checkpoints.read(name)
    if state is None:
        return 0
    for member, own in zip(members, state["members"], strict=True):
        for part in _PARTS:
            getattr(member, part).load_state_dict(own[part])
        for number in _NUMBERS:
            setattr(member, number, own[number])
        device = next(member.model.parameters()).device
        member.best_state = {key: value.to(device) for key, value in own["best_state"].items()}
    say(f"resuming after epoch {state['epochs']}.")
    return int(state["epochs"])


def _state(member: Member) -> dict[str, Any]:
    return {
        **{part: getattr(member, part).state_dict() for part in _PARTS},
        **{number: getattr(member, number) for number in _NUMBERS},
        "best_state": member.best_state,
    }
