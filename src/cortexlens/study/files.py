"""Files that the cells of a table name, in the order that people expect."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

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
            files.append(root / pattern)
            continue
        found = sorted(root.glob(pattern), key=lambda path: natural_key(path.as_posix()))
        if not found:
            raise CortexlensError(f"{root}: no file fits {pattern!r}. Mend it in subjects.tsv.")
        files += found
    return files


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
