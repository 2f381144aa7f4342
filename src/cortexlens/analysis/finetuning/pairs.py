"""Which network was made from which by fine-tuning, as stages are told, and pairs of both."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from cortexlens.errors import CortexlensError

# How a network is named in the option --derived.
FORM = "NETWORK=BASE/FINETUNE or NETWORK=BASE/FINETUNE/STEP"
_ENTRY = re.compile(r"([a-z0-9-]+)=([a-z0-9-]+)/([a-z0-9-]+)(?:/([0-9]+))?")
WHOSE = ("subject", "backbone", "base", "finetune", "step")


class Origin(NamedTuple):
    """What a fine-tuned network was made from.

    Attributes
    ----------
    base
        Identifier of the network before.
    finetune
        Identifier of the fine-tuning.
    step
        Step of a checkpoint along the way; None: the fine-tuned network itself.
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
        Identifier of the fine-tuned network.
    origin
        What it was made from.
    shared
        What both results belong to, the subject first.
    before, after
        The results.
    """

    name: str
    origin: Origin
    shared: tuple[str, ...]
    before: Result
    after: Result

    def columns(self) -> dict[str, object]:
        """First columns of a table of changes; the step is NaN for the network itself."""
        step = float("nan") if self.origin.step is None else self.origin.step
        values = (self.shared[0], self.name, self.origin.base, self.origin.finetune, step)
        return dict(zip(WHOSE, values, strict=True))


def parse_derived(text: str) -> dict[str, Origin]:
    """Read the option ``--derived``: fine-tuned network → what it was made from.

    Parameters
    ----------
    text
        Entries of the form :data:`FORM`, with commas between them.

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
    """Give what belongs to each fine-tuned network together with the same of its base.

    Parameters
    ----------
    results
        By whose they are: the network first, the subject second, then what both have to share.
    derived
        From :func:`parse_derived`.

    Yields
    ------
    Pair
        By subject, then as fine-tunings and their steps go on, the network itself last.

    Raises
    ------
    CortexlensError
        If the base has no such result, or nothing is of a fine-tuned network.
    """
    there = [key for key in results if key[0] in derived]
    if not there:
        raise CortexlensError(
            f"found {', '.join(dict.fromkeys(key[0] for key in results))}; --derived names "
            f"{', '.join(derived)}. Give the results of at least one of these."
        )
    for name, *rest in sorted(there, key=lambda key: _order(key, derived)):
        origin, shared = derived[name], tuple(rest)
        if (origin.base, *shared) not in results:
            raise CortexlensError(
                f"found {name} ({', '.join(shared)}), but not {origin.base}, which it was made "
                "from; a change needs both. Give the results of both networks."
            )
        before, after = results[(origin.base, *shared)], results[(name, *shared)]
        yield Pair(name, origin, shared, before, after)


def _order(key: tuple[str, ...], derived: dict[str, Origin]) -> tuple[object, ...]:
    base, finetune, step = derived[key[0]]
    return key[1], base, finetune, float("inf") if step is None else step, key[2:]
