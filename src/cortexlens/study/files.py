"""Files that the cells of a table name, listed in natural order."""

import os
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePath, PurePosixPath

from cortexlens.errors import CortexlensError
from cortexlens.progress import say

# Columns of subjects.tsv (kind table) that name files, apart from the images.
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
# First bytes of the placeholder of a file that Git LFS or git-annex has not fetched.
_POINTERS = (b"version https://git-lfs.github.com/spec/", b"/annex/objects/")
_LARGEST_POINTER = 1024  # bytes
_FETCH = "fetch the data with git lfs pull, git annex get or datalad get"
POINTER = f"is a pointer to a file that was not fetched, not the file itself; {_FETCH}"


def is_pointer(data: bytes) -> bool:
    """Tell from a file's first bytes whether it is the placeholder of a file not fetched."""
    return data.startswith(_POINTERS)


def absence(path: Path) -> str | None:
    """Say why a file that a table names cannot be read.

    Parameters
    ----------
    path
        The file; its content is not examined.

    Returns
    -------
    str or None
        A phrase that continues the path: the file does not exist, is a broken link, or is the
        placeholder of a file that was not fetched. None if the file is there.
    """
    if path.is_symlink() and not path.exists():
        return f"is a link to {os.readlink(path)}, which is not there; {_FETCH}, or fix the link"
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
    """Name files after their column, with a number if the column names several.

    Parameters
    ----------
    found
        Column → the files that it names.
    """
    return {
        column if len(paths) == 1 else f"{column} {number}": path
        for column, paths in found.items()
        for number, path in enumerate(paths, 1)
    }


def find_files(root: Path, cell: str, *, aloud: bool = False) -> list[Path]:
    """Find the files that a cell of subjects.tsv names.

    Parameters
    ----------
    root
        Folder that relative paths start from.
    cell
        Paths separated by commas. ``*``, ``?``, ``[…]`` and ``**`` are wildcards, whose matches are
        listed in natural order (2 before 10). Hidden files, such as the ``._`` files of macOS,
        match only if a part of the path itself begins with a dot.
    aloud
        Report on standard error which hidden files are left out.

    Returns
    -------
    list of Path
        At least one file for each path; a path without wildcards need not exist.

    Raises
    ------
    CortexlensError
        If a pattern matches nothing, or a folder that may contain matches cannot be read.
    """
    files: list[Path] = []
    # os.path.exists returns False for a name that is too long, where Path.exists would raise
    if "," in cell and os.path.exists(whole := root / cell.strip()):
        raise CortexlensError(
            f"{whole}: commas separate the files of a cell, so a name cannot contain one. "
            "Rename the file, or write ? in place of the comma."
        )
    for pattern in (part.strip() for part in cell.split(",")):
        if not re.search(r"[*?\[]", pattern):
            files.append(existing(root / pattern))
            continue
        found, hidden = _fitting(root, pattern)
        if not found:
            raise CortexlensError(
                f"{root}: no file matches {pattern!r}. Correct it in subjects.tsv."
            )
        if aloud:
            say_hidden(root, sorted(map(str, hidden)))
        files += sorted(found, key=lambda path: (natural_key(path.as_posix()), path.as_posix()))
    return files


def _fitting(root: Path, pattern: str) -> tuple[set[Path], set[Path]]:
    """Files that match a pattern: the intended ones, and hidden ones that are left out."""
    if PurePosixPath(pattern).is_absolute():
        root, pattern = Path(root.anchor or "/"), pattern.lstrip("/")
    # some systems store accented letters in decomposed form
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
    """A path without its ``..`` parts, whose dots do not make it hidden."""
    return "/".join(part for part in path.parts if part != "..")


def is_hidden(name: str) -> bool:
    """Tell whether a path is hidden, that is, a part of it begins with a dot.

    ``__MACOSX`` counts as hidden too: macOS adds it to archives, and ``._NAME`` files to foreign
    disks.
    """
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


def say_hidden(where: Path, names: Sequence[str]) -> None:
    """Report on standard error how many hidden files are left out, and the first of them.

    Parameters
    ----------
    where
        Folder or archive that holds the files.
    names
        The hidden files.
    """
    if names:
        say(f"{where}: {len(names)} hidden files are left out, the first is {names[0]}")


def walk(folder: Path) -> Iterator[str]:
    """Yield the files of a folder and its subfolders, as paths relative to the folder.

    Links to folders are not followed, which is reported on standard error.

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
                say(f"{Path(root) / name}: is a link to a folder; its files are left out")
        yield from ((below / name).as_posix() for name in files)


def unreadable(folder: Path, error: OSError) -> CortexlensError:
    """Make the error for an unreadable folder, whose files would otherwise be missed.

    Parameters
    ----------
    folder
        The folder.
    error
        Error that reading it raised.
    """
    return CortexlensError(
        f"{folder}: this folder cannot be read ({error.strerror or error}), and its files would "
        "be missing. Correct its permissions, or move it elsewhere."
    )


def _refuse_unreadable(folder: Path, parts: Sequence[str]) -> None:
    """Refuse unreadable folders that a pattern leads into, which glob would silently skip."""
    if not parts:
        _folders(folder)
        return
    here, *rest = parts
    if not re.search(r"[*?\[]", here):
        try:
            is_folder = (folder / here).is_dir()
        except OSError as error:
            raise unreadable(folder, error) from error
        if is_folder:
            _refuse_unreadable(folder / here, rest)
        return
    if here == "**":
        _refuse_unreadable(folder, rest)
    for below in _folders(folder):
        if not below.name.startswith(".") and (here == "**" or fnmatchcase(below.name, here)):
            _refuse_unreadable(below, parts if here == "**" else rest)


def _folders(folder: Path) -> list[Path]:
    """Subfolders of a folder, without links, which patterns do not follow."""
    try:
        with os.scandir(folder) as entries:
            return [Path(e.path) for e in entries if e.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise unreadable(folder, error) from error


def as_written(name: str) -> str:
    """Normalise a name for comparison: NFC, ``/`` between folders, no surrounding spaces."""
    return unicodedata.normalize("NFC", name).strip().replace("\\", "/")


def path_ends(path: str) -> list[str]:
    """All ends of a path as in :func:`as_written`, longest first: ``a/b.png``, ``b.png``."""
    parts = PurePosixPath(as_written(path)).parts
    return ["/".join(parts[start:]) for start in range(len(parts))]


def existing(path: Path) -> Path:
    """Find a path on disk whose accented letters may be stored in another Unicode form.

    Parameters
    ----------
    path
        Path as written in a table.

    Returns
    -------
    Path
        The path on disk; ``path`` itself if it exists or if nothing matches.

    Raises
    ------
    CortexlensError
        If its folder cannot be read.
    """
    try:
        exists = path.exists()
    except OSError as error:
        raise unreadable(path.parent, error) from error
    if exists or path.as_posix().isascii():
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
    """Sort key that puts ``image2`` before ``image10``, folder by folder."""
    return [
        [
            # digits sort by value, whatever their number, and before letters
            (0, len(digits := part.lstrip("0")), digits) if part.isdecimal() else (1, 0, part)
            for part in re.split("([0-9]+)", folder)
            if part
        ]
        for folder in name.split("/")
    ]
