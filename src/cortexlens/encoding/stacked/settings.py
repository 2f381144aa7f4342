"""Parse the options of a stacked fit from a command line or a config."""

import math
from collections.abc import Sequence
from typing import Any

from cortexlens.encoding.stacked.fit import StackedOptions
from cortexlens.errors import CortexlensError

_LISTS = {"sizes": "tokens", "bandwidths": "mm"}


def read_options(**given: Any) -> StackedOptions:
    """Build the options of a stacked fit from the values of a command line or a config.

    Parameters
    ----------
    given
        Fields of :class:`~cortexlens.encoding.stacked.fit.StackedOptions`; ``sizes`` (tokens) and
        ``bandwidths`` (mm) may be lists or comma-separated text.

    Returns
    -------
    StackedOptions

    Raises
    ------
    CortexlensError
        If ``sizes`` or ``bandwidths`` is empty or holds anything but numbers of at least 0.
    """
    lists = {name: _numbers(name, given[name]) for name in _LISTS if name in given}
    return StackedOptions(**{**given, **lists})


def _numbers(name: str, value: str | Sequence[float]) -> tuple[float, ...]:
    items = value.split(",") if isinstance(value, str) else value
    try:
        numbers = tuple(sorted({float(item) for item in items}))
    except ValueError:
        numbers = ()
    if not numbers or not all(math.isfinite(each) and each >= 0 for each in numbers):
        raise CortexlensError(
            f"stacked.{name}: found {value!r}; allowed are numbers of at least 0, in "
            f"{_LISTS[name]}, separated by commas. Change it in the config."
        )
    return numbers
