"""Diverging training: detected, reported, and retried once at a tenth of the learning rate."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from cortexlens.compute.checkpoints import read_state, write_state
from cortexlens.errors import CortexlensError
from cortexlens.progress import say

# Factor of the learning rate for the second and last attempt.
SLOWER: Final = 0.1
# A loss this many times its usual size means that the weights have diverged.
EXPLODED: Final = 100.0

Result = TypeVar("Result")


class DivergedError(CortexlensError):
    """Training diverged: the loss is not finite or has exploded."""


class LossMonitor:
    """Monitor of a training loss, which must stay finite and near its usual size.

    The usual size is the first loss or that of a constant prediction, whichever is larger.
    """

    def __init__(self) -> None:
        self.usual = 0.0

    def state_dict(self) -> dict[str, float]:
        """State of the monitor, to be saved in checkpoints."""
        return {"usual": self.usual}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Restore a saved state."""
        self.usual = state["usual"]

    def check(self, loss: float, nothing: Callable[[], float], where: str) -> None:
        """Check that training has not diverged.

        Parameters
        ----------
        loss
            Loss of a step, or mean over several steps.
        nothing
            Function that returns the loss of a constant prediction on the same examples; called
            only if ``loss`` is the highest so far.
        where
            Model and step, for the error message.

        Raises
        ------
        DivergedError
            If the loss is not finite, or :data:`EXPLODED` times the usual size.
        """
        if not math.isfinite(loss):
            raise DivergedError(f"{where}: its loss is {loss}.")
        if loss > self.usual:
            self.usual = max(self.usual or loss, nothing())
        if loss > EXPLODED * self.usual:
            raise DivergedError(
                f"{where}: its loss is {loss:.3g}; it is usually about {self.usual:.3g}."
            )


def retry_at_lower_rate(
    attempt: Callable[[float], Result],
    rate: float,
    option: str,
    note: tuple[Path, str] | None = None,
) -> tuple[Result, str | None]:
    """Train a model; if training diverges, retry once at a tenth of the learning rate.

    Parameters
    ----------
    attempt
        Function of the learning rate that trains from the beginning, or from a checkpoint of a
        killed run with the same rate.
    rate
        Learning rate to try first.
    option
        Name of the learning rate in the config.
    note
        Path and key of a file that records that the first attempt diverged, so that a run killed in
        the second attempt does not repeat the first
        (:func:`cortexlens.compute.checkpoints.write_state`). The caller deletes it.

    Returns
    -------
    result, diverged
        Result of the training; error message of the first attempt if it diverged, else None.

    Raises
    ------
    DivergedError
        If the second attempt diverges too.
    """
    noted = None if note is None else read_state(*note)
    if noted is None:
        try:
            return attempt(rate), None
        except DivergedError as error:
            noted = {"said": str(error)}
        if note is not None:
            write_state(*note, noted)
    slower = SLOWER * rate
    say(f"{noted['said']} Retrying once with {option} {slower:g} instead of {rate:g}.")
    try:
        return attempt(slower), noted["said"]
    except DivergedError as error:
        raise DivergedError(
            f"{error} It diverged at {rate:g} and again at a tenth of that. "
            f"Lower {option} ({rate:g}) in the config, and check the values of the inputs."
        ) from error
