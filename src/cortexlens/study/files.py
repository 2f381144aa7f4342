"""Files that the cells of a table name, in the order that people expect."""

import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from cortexlens.errors import CortexlensError

# Columns of subjects.tsv, kind table, that name files, besides the images.
TABLE_FILES = (
    "responses",
    "responses_right",
    "trials",
    "mask",
    "coordinates",
    "mesh",
    "rois",
    "surface",
)


def named(found: Mapping[str, Sequence[Path]]) -> dict[str, Path]:
    """Give every file a name: its column's, and its number where a column names several."""
    return {
        column if len(paths) == 1 else f"{column} {number}": path
        for column, paths in found.items()
        for number, path in enumerate(paths, 1)
    }


def find_files(root: Path, cell: str) -> list[Path]:
    """Files that a cell of subjects.tsv names.

    Parameters
    ----------
    root
        Folder that the paths start from.
    cell
        Paths separated by commas; ``*``, ``?``, ``[…]`` and ``**`` stand for parts of names, and
        what they find is put into natural order (2 before 10).

    Returns
    -------
    list of Path
        At least one for each path; one without wildcards need not exist.

    Raises
    ------
    CortexlensError
        If nothing fits a pattern.
    """
    files: list[Path] = []
    for pattern in (part.strip() for part in cell.split(",")):
        if not re.search(r"[*?\[]", pattern):
            files.append(existing(root / pattern))
            continue
        # some systems store letters with accents decomposed
        forms = {pattern, *(unicodedata.normalize(form, pattern) for form in ("NFC", "NFD"))}
        every = {path for form in forms for path in root.glob(form)}
        found = sorted(every, key=lambda path: (natural_key(path.as_posix()), path.as_posix()))
        if not found:
            raise CortexlensError(f"{root}: no file fits {pattern!r}. Correct it in subjects.tsv.")
        files += found
    return files


def as_written(name: str) -> str:
    """Give a name the one form that names are compared in.

    Letters with accents are composed (NFC), for some systems store them decomposed; separators of
    folders are ``/``; spaces around the name are dropped.
    """
    return unicodedata.normalize("NFC", name).strip().replace("\\", "/")


def path_ends(path: str) -> list[str]:
    """Ends of a path, the longest first: ``a/b.png``, ``b.png``; compared as of as_written."""
    parts = PurePosixPath(as_written(path)).parts
    return ["/".join(parts[start:]) for start in range(len(parts))]


def existing(path: Path) -> Path:
    """Find a path whose letters with accents are composed otherwise on the disk.

    Parameters
    ----------
    path
        As written in a table.

    Returns
    -------
    Path
        The one on the disk; the path itself where it exists, or where nothing fits.
    """
    if path.exists() or path.as_posix().isascii():
        return path
    parent = existing(path.parent)
    try:
        names = os.listdir(parent)
    except OSError:
        return path
    wanted = unicodedata.normalize("NFC", path.name)
    fitting = [name for name in names if unicodedata.normalize("NFC", name) == wanted]
    return parent / fitting[0] if len(fitting) == 1 else parent / path.name


def natural_key(name: str) -> list[list[tuple[int, int, str]]]:
    """Sort key under which ``image2`` comes before ``image10``, folder by folder."""
    return [
        [
            # a run of digits sorts as a number, without limit of length; before letters
            (0, len(digits := part.lstrip("0")), digits) if part.isdecimal() else (1, 0, part)
            for part in re.split("([0-9]+)", folder)
            if part
        ]
        for folder in name.split("/")
    ]
