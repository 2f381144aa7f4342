"""Which files belong together: by the BIDS entities in their names, otherwise by their order."""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from cortexlens.errors import CortexlensError

# BIDS entities that distinguish recordings; _ENTITY also matches common short forms.
ENTITIES = ("sub", "ses", "task", "acq", "ce", "rec", "dir", "run")
_ENTITY = re.compile(
    rf"(?:^|[_. ])(?:(?P<key>{'|'.join(ENTITIES)})-(?P<label>[a-zA-Z0-9+]+)"
    r"|(?P<short>session|ses|sess|run)[_-]?(?P<number>[0-9]+))(?=[_. ]|$)"
)
_SHORT = {"session": "ses", "sess": "ses"}

Entities = Mapping[str, str]


class Match(NamedTuple):
    """Files of responses and the files that belong to them.

    Attributes
    ----------
    responses, others
        The files, in order of recording.
    by_order
        Whether some of them are matched by order alone, because their names do not differ in
        any entity.
    """

    responses: tuple[Path, ...]
    others: tuple[Path, ...]
    by_order: bool


class Pairing(NamedTuple):
    """Pairs of files of responses with other files of the same recordings.

    Attributes
    ----------
    matches
        The pairs, in the order of the responses.
    keys
        Entities that the files are paired by; empty if they are paired by order.
    """

    matches: tuple[Match, ...]
    keys: tuple[str, ...]

    @property
    def responses(self) -> tuple[Path, ...]:
        """All files of responses, match by match."""
        return tuple(path for match in self.matches for path in match.responses)

    @property
    def others(self) -> tuple[Path, ...]:
        """All other files, match by match."""
        return tuple(path for match in self.matches for path in match.others)


def entities(path: Path) -> dict[str, str]:
    """BIDS entities in a path; those of the file name take precedence over those of folders.

    Parameters
    ----------
    path
        For example, ``ses-02/sub-01_task-look_run-1_events.tsv``.

    Returns
    -------
    dict
        Entity → label, as written. ``run1`` and ``session_03`` count as ``run`` and ``ses``.
    """
    found: dict[str, str] = {}
    for part in path.parts:
        for match in _ENTITY.finditer(part):
            key = match["key"] or _SHORT.get(match["short"], match["short"])
            found[key] = match["label"] or match["number"]
    return found


def pair_files(responses: Sequence[Path], others: Sequence[Path], what: str) -> Pairing:
    """Pair files of responses with other files of the same recordings, e.g. events.

    Files are paired by the entities that both kinds of names have, whatever their order. A file may
    belong to several of the other side, e.g. the events of a session to all of its runs. Numbers
    are compared by value: run-1 matches run-01. Files that no entity distinguishes are paired in
    the given order.

    Parameters
    ----------
    responses, others
        At least one file each.
    what
        What the other files hold, for error messages.

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
        # one side may write run-1 where the other writes run-01
        here = _grouped(responses, map(_as_numbers, left), keys)
        there = _grouped(others, map(_as_numbers, right), keys)
    _refuse_unmatched(here, there, keys, what)
    matches = [match for label, own in here.items() for match in _ordered(own, there[label])]
    distinguishing = [key for i, key in enumerate(keys) if len({label[i] for label in here}) > 1]
    return Pairing(tuple(matches), tuple(distinguishing))


def check_once(paths: Sequence[Path]) -> None:
    """Refuse a file of responses that is named twice.

    Raises
    ------
    CortexlensError
        Naming the file.
    """
    duplicate = next((path for path in paths if paths.count(path) > 1), None)
    if duplicate is not None:
        raise CortexlensError(
            f"{duplicate}: is named twice as a file of responses. Correct the column of "
            "subjects.tsv: each file may be named once."
        )


def _labels(
    responses: Sequence[Path], others: Sequence[Path]
) -> tuple[list[Entities], list[Entities]]:
    """Entities of files, without those of folders that contain all of the files."""
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


def _refuse_unmatched(responses: _Groups, others: _Groups, keys: Sequence[str], what: str) -> None:
    """Refuse a file whose entities match no file of the other side."""
    for here, there, whose in ((responses, others, what), (others, responses, "responses")):
        unmatched = next((label for label in here if label not in there), None)
        if unmatched is not None:
            path, known = here[unmatched][0], next(iter(there.values()))[0]
            own = entities(path)
            labels = ", ".join(f"{key} {own.get(key, '(none)')}" for key in keys)
            raise CortexlensError(
                f"{path}: has {labels} in its name, but no file of {whose} has (the first of "
                f"{sum(map(len, there.values()))} is {known}). Files are paired by these parts of "
                "their names: correct a name or the wildcards in subjects.tsv, or give one table "
                "of trials in the order of the responses, without them in its name."
            )


def _ordered(responses: Sequence[Path], others: Sequence[Path]) -> list[Match]:
    """Pair files that no entity distinguishes: one to one if there are equally many."""
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
    """Refuse paired files that hold different numbers of responses.

    Parameters
    ----------
    pairing
        Which files belong together.
    n_responses, n_others
        Number of responses, or of trials, in each file.
    what
        What the other files hold, for error messages.

    Raises
    ------
    CortexlensError
        Naming the first two such files and both numbers.
    """
    for match in pairing.matches:
        here = sum(n_responses[path] for path in match.responses)
        there = sum(n_others[path] for path in match.others)
        if here != there:
            why = f"by {', '.join(pairing.keys)}" if pairing.keys else "in the order of the files"
            raise CortexlensError(
                f"{_and_more(match.others)}: found {there} {what} for the {here} responses of "
                f"{_and_more(match.responses)}, paired with it {why}. Paired files must have one "
                "response per trial: correct the table, or the names in subjects.tsv."
            )


def _and_more(paths: Sequence[Path]) -> str:
    return str(paths[0]) + (f" and {len(paths) - 1} more" if paths[1:] else "")


def described(pairing: Pairing, what: str) -> Iterator[str]:
    """Describe which files are paired with which.

    Parameters
    ----------
    pairing
        Which files belong together.
    what
        What the other files hold, e.g. ``trials``.

    Yields
    ------
    str
        A single line if names pair the files; if some are paired by order alone, also one line per
        pair; nothing if there is only one pair of files.
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
        f"files of responses and of {what} are paired {named}by order alone; check that these "
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
    """Warn if the order of names differs from alphabetical order.

    Parameters
    ----------
    names
        Names of files, in the order in which they are used.

    Yields
    ------
    str
        At most one line.
    """
    used = [str(name) for name in names]
    alphabetical = sorted(used, key=lambda name: name.split("/"))
    for name, other in zip(used, alphabetical, strict=True):
        if name != other:
            yield (
                f"{name} comes before {other} here, but not in alphabetical order, in which many "
                "programs list files: check that this order is the intended one"
            )
            return
