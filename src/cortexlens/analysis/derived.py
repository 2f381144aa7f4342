"""Which network was made from which by fine-tuning, as stages are told, and pairs of both."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

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
    results: Sequence[tuple[tuple[str, ...], Result]], derived: dict[str, Origin]
) -> Iterator[tuple[str, Origin, Result, Result]]:
    """Give what belongs to each fine-tuned network together with the same of its base.

    Parameters
    ----------
    results
        Each with whose it is: the network first, then what both have to share, as the subject.
    derived
        From :func:`parse_derived`.

    Yields
    ------
    tuple
        Fine-tuned network, its origin, the result before and after, in the order of ``results``.

    Raises
    ------
    CortexlensError
        If the base has no such result, or nothing is of a fine-tuned network.
    """
    known = dict(results)
    told = False
    for (name, *rest), after in results:
        if name not in derived:
            continue
        origin, told = derived[name], True
        before = known.get((origin.base, *rest))
        if before is None:
            raise CortexlensError(
                f"found {name} ({', '.join(rest)}), but not {origin.base}, which it was made "
                "from; a change needs both. Give the results of both networks."
            )
        yield name, origin, before, after
    if not told:
        raise CortexlensError(
            f"found {', '.join(dict.fromkeys(whose[0] for whose, _ in results))}; --derived names "
            f"{', '.join(derived)}. Give the results of at least one of these."
        )


def whose(name: str, origin: Origin, subject: str) -> dict[str, object]:
    """First columns of every table of changes; the step is ``nan`` for the network itself."""
    step = float("nan") if origin.step is None else origin.step
    return dict(zip(WHOSE, (subject, name, origin.base, origin.finetune, step), strict=True))
