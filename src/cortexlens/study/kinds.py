"""The kinds of study, and the options that each needs."""

from typing import Literal, TypeVar, get_args

from cortexlens.errors import CortexlensError

Kind = Literal["simulated", "planted", "table", "algonauts2023", "nsd"]
Value = TypeVar("Value")


def check_kind(kind: str) -> None:
    """Refuse a kind of study that is not known.

    Raises
    ------
    CortexlensError
        Naming the known ones.
    """
    if kind not in get_args(Kind):
        raise CortexlensError(f"--kind {kind} is unknown; allowed are {', '.join(get_args(Kind))}.")


def needed(option: str, value: Value | None, kind: str) -> Value:
    """Give the value of an option that a kind of study cannot do without.

    Parameters
    ----------
    option
        Its name, without the dashes before it.
    value
        What was given.
    kind
        The kind of study, for the error.

    Raises
    ------
    CortexlensError
        If nothing was given.
    """
    if value is None or value == "":
        raise CortexlensError(f"--kind {kind} needs the option --{option}.")
    return value
