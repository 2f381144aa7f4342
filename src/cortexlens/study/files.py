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
# How a file begins that stands for one which Git LFS, or git-annex, has not fetched.
_POINTERS = (b"version https://git-lfs.github.com/spec/", b"/annex/objects/")
_LARGEST_POINTER = 1024  # bytes
_FETCH = "fetch the data with git lfs pull, git annex get or datalad get"
POINTER = f"is a pointer to a file that was not fetched, not the file itself; {_FETCH}"


def is_pointer(data: bytes) -> bool:
    """Tell whether a file, by its first bytes, stands for one that was not fetched."""
    return data.startswith(_POINTERS)


def absence(path: Path) -> str | None:
    """Say why a file that a table names cannot be read.

    Returns
    -------
    str or None
        That it does not exist, is a link to a file that does not, or stands for one that was not
        fetched; None where it is there. What it holds is not looked at.
    """
    if path.is_symlink() and not path.exists():
        return f"is a link to {os.readlink(path)}, which is not there; {_FETCH}, or mend the link"
    if not path.exists():
        return "does not exist"
    if path.is_file() and path.stat().st_size <= _LARGEST_POINTER:
        try:
            with path.open("rb") as file:
                return POINTER if is_pointer(file.read(64)) else None
        except OSError as error:
            return f"cannot be read ({error.strerror})"
    return None


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
        what they find is put into natural order (2 before 10); hidden files are left out.

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
    # os.path, to which a name too long is none that exists
    if "," in cell and os.path.exists(whole := root / cell.strip()):
        raise CortexlensError(
            f"{whole}: a comma separates the files of a cell, so that a name cannot hold one. "
            "Rename the file, or name it with ? in place of the comma."
        )
    for pattern in (part.strip() for part in cell.split(",")):
        if not re.search(r"[*?\[]", pattern):
            files.append(existing(root / pattern))
            continue
        # some systems store letters with accents decomposed
        forms = {pattern, *(unicodedata.normalize(form, pattern) for form in ("NFC", "NFD"))}
        every = {path for form in forms for path in root.glob(form)}
        # as a shell does: systems leave hidden files beside others, such as ._ files of macOS
        every = {path for path in every if not _is_hidden(path.relative_to(root), pattern)}
        found = sorted(every, key=lambda path: (natural_key(path.as_posix()), path.as_posix()))
        if not found:
            raise CortexlensError(f"{root}: no file fits {pattern!r}. Correct it in subjects.tsv.")
        files += found
    return files


def _is_hidden(path: Path, pattern: str) -> bool:
    """Tell whether a part of a path begins with a dot that the pattern does not ask for."""
    asked = any(part.startswith(".") for part in PurePosixPath(pattern).parts)
    return not asked and any(part.startswith(".") for part in path.parts)


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
