"""Files that the cells of a table name, in the order that people expect."""

import os
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePath, PurePosixPath

from cortexlens.errors import CortexlensError
from cortexlens.progress import say

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


def find_files(root: Path, cell: str, *, aloud: bool = False) -> list[Path]:
    """Files that a cell of subjects.tsv names.

    Parameters
    ----------
    root
        Folder that the paths start from.
    cell
        Paths separated by commas; ``*``, ``?``, ``[…]`` and ``**`` stand for parts of names, and
        what they find is put into natural order (2 before 10). Hidden files, such as the ``._``
        files of macOS, are found where the path itself has a part that begins with a dot.
    aloud
        Say on standard error which hidden files are left out.

    Returns
    -------
    list of Path
        At least one for each path; one without wildcards need not exist.

    Raises
    ------
    CortexlensError
        If nothing fits a pattern, or a folder that may hold such files cannot be read.
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
        found, hidden = _fitting(root, pattern)
        if not found:
            raise CortexlensError(f"{root}: no file fits {pattern!r}. Correct it in subjects.tsv.")
        if aloud:
            say_hidden(root, sorted(map(str, hidden)))
        files += sorted(found, key=lambda path: (natural_key(path.as_posix()), path.as_posix()))
    return files


def _fitting(root: Path, pattern: str) -> tuple[set[Path], set[Path]]:
    """Files that a pattern fits: those that it means, and hidden ones that it does not."""
    if PurePosixPath(pattern).is_absolute():
        root, pattern = Path(root.anchor or "/"), pattern.lstrip("/")
    # some systems store letters with accents decomposed
    forms = {pattern, *(unicodedata.normalize(form, pattern) for form in ("NFC", "NFD"))}
    try:
        every = {path for form in forms for path in root.glob(form)}
    except ValueError as error:
        raise CortexlensError(f"{pattern!r}: {error}. Correct it in subjects.tsv.") from error
    for form in forms:
        _refuse_unreadable(root, PurePosixPath(form).parts[:-1])
    if is_hidden(_below(PurePosixPath(pattern))):
        return every, set()
    hidden = {path for path in every if is_hidden(_below(path.relative_to(root)))}
    return every - hidden, hidden


def _below(path: PurePath) -> str:
    """A path without its steps up, whose dots hide nothing."""
    return "/".join(part for part in path.parts if part != "..")


def is_hidden(name: str) -> bool:
    """Tell whether a path is hidden: a file or folder of it begins with a dot.

    macOS puts a file ``._NAME`` beside others on disks that are not its own, and ``__MACOSX``
    into archives.
    """
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


def say_hidden(where: Path, names: Sequence[str]) -> None:
    """Say on standard error that hidden files, the first of them by name, are left out."""
    if names:
        say(f"{where}: {len(names)} hidden files are left out, the first is {names[0]}")


def walk(folder: Path) -> Iterator[str]:
    """List the files of a folder and its subfolders, as paths within it.

    Links to folders are not followed, which is said on standard error.

    Raises
    ------
    CortexlensError
        If a subfolder cannot be read, unless it is hidden.
    """

    def refuse(error: OSError) -> None:
        place = Path(error.filename or folder)
        if place == folder or not is_hidden(place.relative_to(folder).as_posix()):
            raise unreadable(place, error)

    for root, folders, files in os.walk(folder, onerror=refuse):
        below = Path(root).relative_to(folder)
        for name in sorted(folders):
            if (Path(root) / name).is_symlink():
                say(f"{Path(root) / name}: is a link to a folder, whose files are left out")
        yield from ((below / name).as_posix() for name in files)


def unreadable(folder: Path, error: OSError) -> CortexlensError:
    """Make the error of a folder whose files would be left out for want of permission."""
    return CortexlensError(
        f"{folder}: this folder cannot be read ({error.strerror or error}), and its files would "
        "be missing. Correct its permissions, or move it elsewhere."
    )


def _refuse_unreadable(folder: Path, parts: Sequence[str]) -> None:
    """Refuse folders that a pattern leads into and that cannot be read; glob leaves them out."""
    if not parts:
        _folders(folder)
        return
    here, *rest = parts
    if not re.search(r"[*?\[]", here):
        try:
            there = (folder / here).is_dir()
        except OSError as error:
            raise unreadable(folder, error) from error
        if there:
            _refuse_unreadable(folder / here, rest)
        return
    if here == "**":
        _refuse_unreadable(folder, rest)
    for below in _folders(folder):
        if not below.name.startswith(".") and (here == "**" or fnmatchcase(below.name, here)):
            _refuse_unreadable(below, parts if here == "**" else rest)


def _folders(folder: Path) -> list[Path]:
    """Folders in a folder, without links, which patterns do not follow."""
    try:
        with os.scandir(folder) as entries:
            return [Path(e.path) for e in entries if e.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise unreadable(folder, error) from error


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

    Raises
    ------
    CortexlensError
        If its folder cannot be read.
    """
    try:
        there = path.exists()
    except OSError as error:
        raise unreadable(path.parent, error) from error
    if there or path.as_posix().isascii():
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
