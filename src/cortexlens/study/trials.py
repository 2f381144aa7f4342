"""Which image was shown when: tables of trials, one's own or the events files of BIDS."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64

from cortexlens.errors import CortexlensError
from cortexlens.study.tsv import read_tsv

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


def shown_in(paths: Sequence[Path]) -> list[str]:
    """What each trial of several tables shows: an image id or the name of a stimulus file.

    Raises
    ------
    CortexlensError
        If a table is missing or has neither column.
    """
    return [name for path in paths for name, _ in _rows(path)]


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
        If a table is missing, or a row shows an image that is not there.
    """
    places = matching(ids, sources)
    image: list[int] = []
    sessions: list[str] = []
    counts: list[int] = []
    for path in paths:
        before = len(image)
        for row, (name, session) in enumerate(_rows(path), 1):
            if name not in places:
                raise CortexlensError(
                    f"{path}: trial {row} shows {name!r}, which is none of the {len(ids)} images "
                    f"(the first is {ids[0]!r}). Add it to the images, or mend the row."
                )
            image.append(places[name])
            sessions.append(session)
        counts.append(len(image) - before)
    order = {name: index for index, name in enumerate(dict.fromkeys(sessions))}
    session_of = np.array([order[name] for name in sessions], np.int64)
    return Trials(np.array(image, np.int64), session_of, tuple(counts))


def matching(ids: Sequence[str], sources: Sequence[str]) -> dict[str, int]:
    """Names under which a trial may call an image: its id, its path's end, its file's name.

    A name that fits several images is none of any.
    """
    names: list[tuple[str, int]] = []
    for index, (image_id, source) in enumerate(zip(ids, sources, strict=True)):
        parts = PurePosixPath(source.replace("::", "/")).parts
        ends = {"/".join(parts[start:]) for start in range(len(parts))}
        names += [(name, index) for name in {image_id, *ends}]
    times = Counter(name for name, _ in names)
    found = {name: index for name, index in names if times[name] == 1}
    return {**found, **{image_id: index for index, image_id in enumerate(ids)}}


def _rows(path: Path) -> list[tuple[str, str]]:
    """Image and session of each trial of a table."""
    table = read_tsv(path, needed=())
    column = next((name for name in (ID_COLUMN, FILE_COLUMN) if name in table), None)
    if column is None:
        raise CortexlensError(
            f"{path}: found the columns {', '.join(table)}; {ID_COLUMN} or {FILE_COLUMN} has to "
            "say what a trial shows."
        )
    entity = SESSION_ENTITY.search(path.as_posix())
    usual = entity["label"] if entity else ""
    sessions = table.get("session", [usual] * len(table[column]))
    return [
        (name, session)
        for name, session in zip(table[column], sessions, strict=True)
        if name not in NOTHING
    ]
