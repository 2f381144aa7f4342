"""Which network was fine-tuned from which, parsed from an option, and pairs of their results."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from cortexlens.errors import CortexlensError

# Format of an entry of the option --derived.
FORM = "NETWORK=BASE/FINETUNE or NETWORK=BASE/FINETUNE/STEP"
_ENTRY = re.compile(r"([a-z0-9-]+)=([a-z0-9-]+)/([a-z0-9-]+)(?:/([0-9]+))?")
WHOSE = ("subject", "backbone", "base", "finetune", "step")


class Origin(NamedTuple):
    """Origin of a fine-tuned network.

    Attributes
    ----------
    base
        Id of the network before fine-tuning.
    finetune
        Id of the fine-tuning data set.
    step
        Step of an intermediate checkpoint; None: the final network.
    """

    base: str
    finetune: str
    step: int | None


Result = TypeVar("Result")


@dataclass(frozen=True)
class Pair(Generic[Result]):
    """A result of a fine-tuned network, and the same of its base.

    Attributes
    ----------
    name
        Id of the fine-tuned network.
    origin
        Origin of the fine-tuned network.
    shared
        Keys that both results share, the subject first.
    before, after
        Results of the base and of the fine-tuned network.
    """

    name: str
    origin: Origin
    shared: tuple[str, ...]
    before: Result
    after: Result

    def columns(self) -> dict[str, object]:
        """First columns of a table of changes; the step is NaN for the final network."""
        step = float("nan") if self.origin.step is None else self.origin.step
        values = (self.shared[0], self.name, self.origin.base, self.origin.finetune, step)
        return dict(zip(WHOSE, values, strict=True))


def parse_derived(text: str) -> dict[str, Origin]:
    """Parse the option ``--derived``: fine-tuned network → its origin.

    Parameters
    ----------
    text
        Entries of the form :data:`FORM`, separated by commas.

    Raises
    ------
    CortexlensError
        If an entry has another form.
    """
    found = {}
    for entry in text.split(","):
        match = _ENTRY.fullmatch(entry)
        if match is None:
            raise CortexlensError(
                f"--derived: found {entry!r}; allowed is {FORM}, with commas between several."
            )
        name, base, finetune, step = match.groups()
        found[name] = Origin(base, finetune, None if step is None else int(step))
    return found


def pairs(
    results: Mapping[tuple[str, ...], Result], derived: dict[str, Origin]
) -> Iterator[Pair[Result]]:
    """Pair each result of a fine-tuned network with the same result of its base.

    Parameters
    ----------
    results
        Results by network, subject, and further keys that both have to share.
    derived
        From :func:`parse_derived`.

    Yields
    ------
    Pair
        Sorted by subject, fine-tuning and step, the final network last.

    Raises
    ------
    CortexlensError
        If a result of the base is missing, or there are no results of fine-tuned networks.
    """
    there = [key for key in results if key[0] in derived]
    if not there:
        raise CortexlensError(
            f"found results of {', '.join(dict.fromkeys(key[0] for key in results))}, but "
            f"--derived names {', '.join(derived)}. Give the results of at least one of these."
        )
    for name, *rest in sorted(there, key=lambda key: _order(key, derived)):
        origin, shared = derived[name], tuple(rest)
        if (origin.base, *shared) not in results:
            raise CortexlensError(
                f"found {name} ({', '.join(shared)}), but not {origin.base}, its base "
                "network; both are needed. Give the results of both networks."
            )
        before, after = results[(origin.base, *shared)], results[(name, *shared)]
        yield Pair(name, origin, shared, before, after)


def _order(key: tuple[str, ...], derived: dict[str, Origin]) -> tuple[object, ...]:
    base, finetune, step = derived[key[0]]
    return key[1], base, finetune, float("inf") if step is None else step, key[2:]
