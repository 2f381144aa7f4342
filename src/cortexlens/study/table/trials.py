"""Which image was shown when: tables of trials, one's own or the events files of BIDS."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

from cortexlens.errors import CortexlensError
from cortexlens.study.files import as_written, path_ends
from cortexlens.study.tsv import hint, read_tsv

ID_COLUMN, FILE_COLUMN = "image_id", "stim_file"
# BIDS writes this where a cell has nothing to say.
NOTHING = ("", "n/a")
SESSION_ENTITY = re.compile(r"(?:^|[_/])ses-(?P<label>[a-zA-Z0-9]+)")


class Trials(NamedTuple):
    """Presentations in the order of the responses.

    Attributes
    ----------
    image
        Index of the image that was shown.
    session
        Session, counted from 0.
    counts
        Number of trials of each table.
    """

    image: Int64[np.ndarray, "trial"]
    session: Int64[np.ndarray, "trial"]
    counts: tuple[int, ...] = ()


class PictureNames:
    """Names under which a trial may call an image: its id, its path or the path's end.

    Parameters
    ----------
    ids, sources
        Ids of the images and where they lie.
    """

    def __init__(self, ids: Sequence[str], sources: Sequence[str]) -> None:
        self.ids, self.sources = ids, sources
        self._by_id: dict[str, list[int]] = {}
        for index, image_id in enumerate(ids):
            self._by_id.setdefault(as_written(image_id), []).append(index)
        self._by_end: dict[str, list[int]] = {}
        for index, source in enumerate(sources):
            for end in path_ends(source.replace("::", "/")):
                self._by_end.setdefault(end, []).append(index)

    def find(self, name: str, *, file: bool = False) -> tuple[int, ...]:
        """Find the images that have a name.

        Parameters
        ----------
        name
            As a table has it; see :func:`cortexlens.study.files.as_written`.
        file
            Whether it is said to be a file's name; else an id counts before the names of files.

        Returns
        -------
        tuple of int
            Their indices: none, one, or several that the name does not tell apart.
        """
        wanted = as_written(name)
        by_id = self._by_id.get(wanted, [])
        if len(by_id) > 1:  # ids that only the composition of their letters tells apart
            by_id = [index for index in by_id if self.ids[index] == name] or by_id
        if by_id and not file:
            return tuple(by_id)
        return tuple(dict.fromkeys((*by_id, *self._by_end.get(wanted, ()))))


def shown_in(paths: Sequence[Path], names: PictureNames) -> list[int]:
    """Images that trials of several tables show, in the order of the images.

    Parameters
    ----------
    paths
        Tables of trials.
    names
        Names of the images; what a trial shows that has none of them is left out.

    Raises
    ------
    CortexlensError
        If a table is missing or has neither column.
    """
    found = {
        index
        for path in paths
        for row in _rows(path)
        for index in names.find(row.name, file=row.is_file)
    }
    return sorted(found)


def read_trials(paths: Sequence[Path], ids: Sequence[str], sources: Sequence[str]) -> Trials:
    """Read tables of trials, one after the other.

    Parameters
    ----------
    paths
        Tab-separated, one row a trial, with a column ``image_id`` or, as in the events files of
        BIDS, ``stim_file``; rows where it is empty or ``n/a`` are no trials. ``session`` may name
        the session; else ``ses-…`` in the file's path does, else there is one.
    ids, sources
        Ids of the images and where they lie.

    Returns
    -------
    Trials

    Raises
    ------
    CortexlensError
        If a table is missing, or a row shows an image that is not there or may be several.
    """
    names = PictureNames(ids, sources)
    image: list[int] = []
    sessions: list[str] = []
    counts: list[int] = []
    for path in paths:
        before = len(image)
        for row in _rows(path):
            found = names.find(row.name, file=row.is_file)
            if not found:
                raise CortexlensError(
                    f"{path}: trial {row.number} shows {row.name!r}, which is none of the "
                    f"{len(ids)} images (the first is {ids[0]!r}). Add it to the images, or "
                    "correct the row."
                )
            if len(found) > 1:
                one, other = (f"{ids[i]!r} ({sources[i]})" for i in found[:2])
                raise CortexlensError(
                    f"{path}: trial {row.number} shows {row.name!r}, which may be image {one} or "
                    f"{other}. Write more of its path, or its id in a column {ID_COLUMN}."
                )
            image.append(found[0])
            sessions.append(row.session)
        counts.append(len(image) - before)
    order = {name: index for index, name in enumerate(dict.fromkeys(sessions))}
    session_of = np.array([order[name] for name in sessions], np.int64)
    return Trials(np.array(image, np.int64), session_of, tuple(counts))


class _Row(NamedTuple):
    """A trial: its number in the table from 1, and what its cells say."""

    number: int
    name: str
    session: str
    is_file: bool


def _rows(path: Path) -> list[_Row]:
    """Trials of a table."""
    table = read_tsv(path, needed=())
    column = next((name for name in (ID_COLUMN, FILE_COLUMN) if name in table), None)
    if column is None:
        raise CortexlensError(
            f"{path}: found the columns {', '.join(table)}; {ID_COLUMN} or {FILE_COLUMN} has to "
            f"say what a trial shows. {hint(list(table))}"
        )
    entity = SESSION_ENTITY.search(path.as_posix())
    usual = entity["label"] if entity else ""
    cells = [cell.strip() for cell in table[column]]
    sessions = table.get("session", [usual] * len(cells))
    shown = [each for each in zip(cells, sessions, strict=True) if each[0] not in NOTHING]
    return [
        _Row(number, name, session.strip(), column == FILE_COLUMN)
        for number, (name, session) in enumerate(shown, 1)
    ]
