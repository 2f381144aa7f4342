"""The kinds of dataset that a study can have, and checks of options that some kinds need."""

from typing import Literal, TypeVar, get_args

from cortexlens.errors import CortexlensError

Kind = Literal["simulated", "planted", "table", "algonauts2023", "nsd"]
Value = TypeVar("Value")


def check_kind(kind: str) -> None:
    """Refuse an unknown kind of dataset.

    Raises
    ------
    CortexlensError
        If the kind is unknown; the message lists the allowed ones.
    """
    if kind not in get_args(Kind):
        raise CortexlensError(f"--kind {kind} is unknown; allowed are {', '.join(get_args(Kind))}.")


def needed(option: str, value: Value | None, kind: str) -> Value:
    """Return the value of an option that a kind of dataset requires.

    Parameters
    ----------
    option
        Name of the option, without leading dashes.
    value
        The value given, or None.
    kind
        Kind of dataset, for the error message.

    Raises
    ------
    CortexlensError
        If no value was given.
    """
    if value is None or value == "":
        raise CortexlensError(f"--kind {kind} needs the option --{option}.")
    return value
