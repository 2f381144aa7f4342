"""Checkpoints of fits: written at the end of an epoch and resumed from, to the last bit."""

from collections.abc import Sequence
from typing import Any, Final, Protocol, runtime_checkable

import torch

from cortexlens.compute.checkpoints import Checkpoints
from cortexlens.compute.divergence import LossMonitor
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.encoding.randomness import OwnRandom
from cortexlens.progress import say

# What has a state of its own.
_PARTS: Final = ("model", "optimizer", "schedule", "random", "watch")
# What is a number, or a list of them, as it stands at the end of an epoch.
_NUMBERS: Final = ("losses", "scores", "best_r2", "n_images")


@runtime_checkable
class Member(Protocol):
    """A model on its way, as a fit has it."""

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
    """Save where models stand after some epochs.

    Parameters
    ----------
    members
        Models that are fitted side by side.
    checkpoints
        Where; None: nowhere.
    name
        Of their fit among the fits of the job.
    epochs
        That are done.
    """
    if checkpoints is not None:
        checkpoints.write(
            name, {"epochs": epochs, "members": [_state(member) for member in members]}
        )


def resume(members: Sequence[Member], checkpoints: Checkpoints | None, name: str) -> int:
    """Resume models from their checkpoint; gives the number of epochs that are done."""
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
