"""Which image was shown in which trial: the user's tables of trials, or BIDS events files."""

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
# Cells without a value; BIDS writes n/a.
NOTHING = ("", "n/a")
SESSION_ENTITY = re.compile(r"(?:^|[_/])ses-(?P<label>[a-zA-Z0-9]+)")


class Trials(NamedTuple):
    """Presentations of images, in the order of the responses.

    Attributes
    ----------
    image
        Index of the image that was shown.
    session
        Session of the trial, from 0.
    counts
        Number of trials in each table.
    """

    image: Int64[np.ndarray, "trial"]
    session: Int64[np.ndarray, "trial"]
    counts: tuple[int, ...] = ()


class PictureNames:
    """Names by which a table of trials may refer to an image: its id, its path or the path's end.

    Parameters
    ----------
    ids, sources
        Identifiers of the images, and the paths that they are read from.
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
        """Find the images that a name may refer to.

        Parameters
        ----------
        name
            Name as in a table; see :func:`cortexlens.study.files.as_written`.
        file
            Whether the name is known to be a file name. Otherwise ids take precedence over file
            names.

        Returns
        -------
        tuple of int
            Indices of the images: none, one, or several if the name is ambiguous.
        """
        wanted = as_written(name)
        by_id = self._by_id.get(wanted, [])
        if len(by_id) > 1:  # ids that differ only in Unicode normalisation
            by_id = [index for index in by_id if self.ids[index] == name] or by_id
        if by_id and not file:
            return tuple(by_id)
        return tuple(dict.fromkeys((*by_id, *self._by_end.get(wanted, ()))))


def shown_in(paths: Sequence[Path], names: PictureNames) -> list[int]:
    """List the images that are shown in tables of trials, in the order of the images.

    Parameters
    ----------
    paths
        Tables of trials.
    names
        Names of the images; trials that show any other image are ignored.

    Raises
    ------
    CortexlensError
        If a table is missing or has no column that names images.
    """
    found = {
        index
        for path in paths
        for row in _rows(path)
        for index in names.find(row.name, file=row.is_file)
    }
    return sorted(found)


def read_trials(paths: Sequence[Path], ids: Sequence[str], sources: Sequence[str]) -> Trials:
    """Read tables of trials and join them.

    Parameters
    ----------
    paths
        Tab-separated tables with one row per trial and a column ``image_id`` or, as in BIDS events
        files, ``stim_file``; rows in which it is empty or ``n/a`` are not trials. The session is
        read from a column ``session``, otherwise from ``ses-…`` in the file's path; without either
        there is one session.
    ids, sources
        Identifiers of the images, and the paths that they are read from.

    Returns
    -------
    Trials

    Raises
    ------
    CortexlensError
        If a table is missing, or a row shows an unknown image or an ambiguous name.
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
    """A trial: its number in the table, from 1, and its cells."""

    number: int
    name: str
    session: str
    is_file: bool


def _rows(path: Path) -> list[_Row]:
    """Read the trials of a table."""
    table = read_tsv(path, needed=())
    column = next((name for name in (ID_COLUMN, FILE_COLUMN) if name in table), None)
    if column is None:
        raise CortexlensError(
            f"{path}: found the columns {', '.join(table)}; a column {ID_COLUMN} or {FILE_COLUMN} "
            f"must say which image a trial shows. {hint(list(table))}"
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
