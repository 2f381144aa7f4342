"""Which files belong together: by the entities of BIDS in their names, else by their order."""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from cortexlens.errors import CortexlensError

# Entities of BIDS that tell one recording from another, and shorter forms that are in use.
ENTITIES = ("sub", "ses", "task", "acq", "ce", "rec", "dir", "run")
_ENTITY = re.compile(
    rf"(?:^|[_. ])(?:(?P<key>{'|'.join(ENTITIES)})-(?P<label>[a-zA-Z0-9+]+)"
    r"|(?P<short>session|ses|sess|run)[_-]?(?P<number>[0-9]+))(?=[_. ]|$)"
)
_SHORT = {"session": "ses", "sess": "ses"}

Entities = Mapping[str, str]


class Match(NamedTuple):
    """Files of responses, and the files that belong to them.

    Attributes
    ----------
    responses, others
        Each in the order in which they follow one another.
    by_order
        Whether nothing in the names tells some of them apart.
    """

    responses: tuple[Path, ...]
    others: tuple[Path, ...]
    by_order: bool


class Pairing(NamedTuple):
    """How files of responses and others are paired.

    Attributes
    ----------
    matches
        In the order of the responses.
    keys
        Entities that pair them; empty where only their order does.
    """

    matches: tuple[Match, ...]
    keys: tuple[str, ...]

    @property
    def responses(self) -> tuple[Path, ...]:
        """All files of responses, those of one match after those of another."""
        return tuple(path for match in self.matches for path in match.responses)

    @property
    def others(self) -> tuple[Path, ...]:
        """All other files, likewise."""
        return tuple(path for match in self.matches for path in match.others)


def entities(path: Path) -> dict[str, str]:
    """Entities of BIDS in a path: of its name, and of the folders where the name has none.

    Parameters
    ----------
    path
        E.g. ``ses-02/sub-01_task-look_run-1_events.tsv``.

    Returns
    -------
    dict
        Entity → label, as written; ``run1`` and ``session_03`` count as run and ses.
    """
    found: dict[str, str] = {}
    for part in path.parts:
        for match in _ENTITY.finditer(part):
            key = match["key"] or _SHORT.get(match["short"], match["short"])
            found[key] = match["label"] or match["number"]
    return found


def pair_files(responses: Sequence[Path], others: Sequence[Path], what: str) -> Pairing:
    """Pair files of responses with others of the same recordings, e.g. events.

    Files whose names share entities are paired by these, whatever their order; a file may belong
    to several of the other side, e.g. events of a session to its runs. Numbers are compared as
    such: run-1 is run-01. Where no entity tells the files apart, they are paired in the order
    given.

    Parameters
    ----------
    responses, others
        At least one each.
    what
        What the others are, for errors.

    Raises
    ------
    CortexlensError
        If a file of either side has no partner.
    """
    left, right = _labels(responses, others)
    keys = tuple(
        key for key in ENTITIES if any(key in e for e in left) and any(key in e for e in right)
    )
    here, there = _grouped(responses, left, keys), _grouped(others, right, keys)
    if set(here) != set(there):
        # run-1 in one tree may be run-01 in the other
        here = _grouped(responses, map(_as_numbers, left), keys)
        there = _grouped(others, map(_as_numbers, right), keys)
    _refuse_alone(here, there, keys, what)
    matches = [match for label, own in here.items() for match in _ordered(own, there[label])]
    telling = [key for i, key in enumerate(keys) if len({label[i] for label in here}) > 1]
    return Pairing(tuple(matches), tuple(telling))


def check_once(paths: Sequence[Path]) -> None:
    """Refuse a file of responses that is named twice.

    Raises
    ------
    CortexlensError
        Naming it.
    """
    twice = next((path for path in paths if paths.count(path) > 1), None)
    if twice is not None:
        raise CortexlensError(
            f"{twice}: is named twice as a file of responses. Correct the column of subjects.tsv: "
            "each file may be there once."
        )


def _labels(
    responses: Sequence[Path], others: Sequence[Path]
) -> tuple[list[Entities], list[Entities]]:
    """Entities of files, but for those of folders that all of them are in."""
    everything = [str(path.parent.absolute()) for path in (*responses, *others)]
    top = os.path.commonpath(everything)
    left, right = (
        [entities(Path(os.path.relpath(path.absolute(), top))) for path in paths]
        for paths in (responses, others)
    )
    return list(left), list(right)


def _as_numbers(found: Entities) -> Entities:
    return {k: str(int(label)) if label.isdecimal() else label for k, label in found.items()}


_Groups = dict[tuple[str | None, ...], list[Path]]


def _grouped(paths: Sequence[Path], found: Iterable[Entities], keys: Sequence[str]) -> _Groups:
    groups: _Groups = defaultdict(list)
    for path, own in zip(paths, found, strict=True):
        groups[tuple(own.get(key) for key in keys)].append(path)
    return dict(groups)


def _refuse_alone(responses: _Groups, others: _Groups, keys: Sequence[str], what: str) -> None:
    """Refuse a file whose entities no file of the other side has."""
    for here, there, whose in ((responses, others, what), (others, responses, "responses")):
        alone = next((label for label in here if label not in there), None)
        if alone is not None:
            path, known = here[alone][0], next(iter(there.values()))[0]
            own = entities(path)
            labels = ", ".join(f"{key} {own.get(key, '(none)')}" for key in keys)
            raise CortexlensError(
                f"{path}: is of {labels}, and no file of {whose} is (the first of "
                f"{sum(map(len, there.values()))} is {known}). Files are paired by these parts of "
                "their names: correct a name or the wildcards in subjects.tsv, or give one table "
                "of trials in the order of the responses, without them in its name."
            )


def _ordered(responses: Sequence[Path], others: Sequence[Path]) -> list[Match]:
    """Pair files that no entity tells apart: one by one where there are equal numbers."""
    by_order = len(responses) > 1 or len(others) > 1
    if len(responses) == len(others):
        pairs = zip(responses, others, strict=True)
        return [Match((one,), (other,), by_order) for one, other in pairs]
    return [Match(tuple(responses), tuple(others), by_order)]


def check_counts(
    pairing: Pairing,
    n_responses: Mapping[Path, int],
    n_others: Mapping[Path, int],
    what: str,
) -> None:
    """Refuse files that belong together and are not of one length.

    Parameters
    ----------
    pairing
        Which files belong together.
    n_responses, n_others
        How many responses, or trials, each file holds.
    what
        What the others hold, for the error.

    Raises
    ------
    CortexlensError
        Naming the first two such files, with both numbers.
    """
    for match in pairing.matches:
        here = sum(n_responses[path] for path in match.responses)
        there = sum(n_others[path] for path in match.others)
        if here != there:
            why = f"by {', '.join(pairing.keys)}" if pairing.keys else "in the order of the files"
            raise CortexlensError(
                f"{_and_more(match.others)}: found {there} {what} for the {here} responses of "
                f"{_and_more(match.responses)}, which is its partner {why}. Files that belong "
                "together need one response a trial: correct the table, or the names in "
                "subjects.tsv."
            )


def _and_more(paths: Sequence[Path]) -> str:
    return str(paths[0]) + (f" and {len(paths) - 1} more" if paths[1:] else "")


def described(pairing: Pairing, what: str) -> Iterator[str]:
    """Say which files met which.

    Parameters
    ----------
    pairing
        Which files belong together.
    what
        What the others are, e.g. ``trials``.

    Yields
    ------
    str
        One line where names pair the files; where only their order does, one more line for each
        pair; none where there is but one pair of files.
    """
    responses, others = pairing.responses, pairing.others
    if len(responses) == len(others) == 1:
        return
    if not any(match.by_order for match in pairing.matches):
        yield (
            f"{len(responses)} files of responses are paired with {len(others)} files of {what} "
            f"by their names ({', '.join(pairing.keys)})"
        )
        return
    named = f"by {', '.join(pairing.keys)} and, where these are equal, " if pairing.keys else ""
    yield (
        f"files of responses and of {what} are paired {named}by order alone; see that these "
        "belong together"
    )
    yield from order_lines(responses)
    yield from order_lines(others)
    top = os.path.commonpath([path.parent.absolute() for path in (*responses, *others)])
    for match in pairing.matches:
        left, right = (
            ", ".join(os.path.relpath(path.absolute(), top) for path in paths)
            for paths in (match.responses, match.others)
        )
        yield f"  {left} with {right}"


def order_lines(names: Sequence[Path | str]) -> Iterator[str]:
    """Say that names would follow one another otherwise in alphabetical order, where they would.

    Parameters
    ----------
    names
        Of files, in the order that they are taken in.

    Yields
    ------
    str
        One line at most.
    """
    taken = [str(name) for name in names]
    alphabetical = sorted(taken, key=lambda name: name.split("/"))
    for name, other in zip(taken, alphabetical, strict=True):
        if name != other:
            yield (
                f"{name} comes before {other} here; in alphabetical order, as many programs list "
                "files, it would not: see that this is the order that is meant"
            )
            return
