"""Training that diverges: noticed, said, and tried once more at a tenth of the learning rate."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from cortexlens.compute.checkpoints import read_state, write_state
from cortexlens.errors import CortexlensError
from cortexlens.progress import say

# Of the learning rate, for the second and last try.
SLOWER: Final = 0.1
# A loss so many times that of knowing nothing comes from weights that have run away.
EXPLODED: Final = 100.0

Result = TypeVar("Result")


class DivergedError(CortexlensError):
    """A training whose loss is no number any more, or has run away; says where."""


class LossMonitor:
    """A training, watched: its loss is to stay a number of the usual size.

    The usual size is that of the first loss, or of knowing nothing, whichever is more.
    """

    def __init__(self) -> None:
        self.usual = 0.0

    def state_dict(self) -> dict[str, float]:
        """Give what was seen so far, to be kept with the state of the training."""
        return {"usual": self.usual}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Go on from what was seen."""
        self.usual = state["usual"]

    def check(self, loss: float, nothing: Callable[[], float], where: str) -> None:
        """See that a training goes on.

        Parameters
        ----------
        loss
            Of a step, or the mean of several.
        nothing
            Gives the loss of a model that knows nothing on the same examples; asked only where
            ``loss`` is the highest so far.
        where
            What diverges, and when, for the error.

        Raises
        ------
        DivergedError
            If the loss is not finite, or :data:`EXPLODED` times the usual.
        """
        if not math.isfinite(loss):
            raise DivergedError(f"{where}: its loss is {loss}.")
        if loss > self.usual:
            self.usual = max(self.usual or loss, nothing())
        if loss > EXPLODED * self.usual:
            raise DivergedError(f"{where}: its loss is {loss:.3g}; {self.usual:.3g} is usual.")


def retry_at_lower_rate(
    attempt: Callable[[float], Result],
    rate: float,
    option: str,
    note: tuple[Path, str] | None = None,
) -> tuple[Result, str | None]:
    """Train; if that diverges, once more at a tenth of the learning rate.

    Parameters
    ----------
    attempt
        Trains from the beginning, or from where a run of the same rate was killed; given the
        learning rate.
    rate
        The learning rate that is asked for.
    option
        Its name in the config.
    note
        File that says that the first try diverged, so that a run that is killed in the second does
        not begin with the first again, and its key, which stands for all that shapes the training
        (:func:`cortexlens.compute.checkpoints.write_state`). The caller removes it.

    Returns
    -------
    result, diverged
        What the training gave; what the first try said when it diverged, None if it did not.

    Raises
    ------
    DivergedError
        If the second try diverges too.
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
    say(f"{noted['said']} Trying once more, at {option} {slower:g} in place of {rate:g}.")
    try:
        return attempt(slower), noted["said"]
    except DivergedError as error:
        raise DivergedError(
            f"{error} So it was at {rate:g}, and now again at a tenth of that. "
            f"Lower {option} ({rate:g}) in the config, and look at the values of the inputs."
        ) from error
