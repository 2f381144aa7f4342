"""Names that become folders, and folders of results that lead elsewhere."""

import codecs
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from cortexlens.errors import CortexlensError

NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", re.ASCII)
# Folders below the results of a study, at most; within a store no names are of users.
DEEPEST: Final = 6
_INNER: Final = re.compile(r"\..*|.*\.zarr|decoded").fullmatch


def other_encoding() -> str | None:
    """Encoding of the names of files where it is not UTF-8, such as in the locale C of old."""
    encoding = sys.getfilesystemencoding()
    return None if codecs.lookup(encoding).name == "utf-8" else encoding


def check_encoding() -> None:
    """Refuse to read names of files in another encoding than UTF-8.

    Raises
    ------
    CortexlensError
        If the locale has another one.
    """
    if (found := other_encoding()) is not None:
        raise CortexlensError(
            f"the locale (LC_ALL, LANG) has the encoding {found}, in which names of files are "
            "misread; allowed is UTF-8. Set PYTHONUTF8=1 (export PYTHONUTF8=1) and run the same "
            "command again."
        )


def check_braces(path: Path) -> None:
    """Refuse a path of the user's that snakemake would take for a pattern.

    Raises
    ------
    CortexlensError
        If it holds braces.
    """
    if found := {"{", "}"} & set(str(path)):
        raise CortexlensError(
            f"{path}: holds {' and '.join(sorted(found))}, between which snakemake looks for "
            "wildcards. Rename that folder or file, or work in the folder and name it by a path "
            "from there."
        )


def check_names(names: Iterable[str], whose: str) -> list[str]:
    """Refuse names that are none of a folder, or that some disks take for one another.

    Parameters
    ----------
    names
        Of layers.
    whose
        What has these names, for the error.

    Raises
    ------
    CortexlensError
        If a name is empty, too long or holds other characters than ASCII letters, digits, ``_``,
        ``.`` and ``-``, or begins with ``.`` or ``-``; or if two differ by case alone.
    """
    known: dict[str, str] = {}
    checked = list(names)
    for name in checked:
        told = name if len(name) < 60 else f"{name[:60]}…"
        if not NAME.fullmatch(name):
            raise CortexlensError(
                f"{whose}: found the name {told!a}, which is to be a folder; allowed are up to 128 "
                "ASCII letters, digits and _ . -, not . or - at the start. Name other layers."
            )
        if known.setdefault(name.casefold(), name) != name:
            raise CortexlensError(
                f"{whose}: found the names {known[name.casefold()]!r} and {name!r}, which are one "
                "folder on some disks. Name one of the layers."
            )
    return checked


def check_links(results: Path) -> None:
    """Refuse a study's results where a folder in them is a link that leads out of them.

    Parameters
    ----------
    results
        Folder of the study. It may be a link itself; it need not exist.

    Raises
    ------
    CortexlensError
        Naming the first such link.
    """
    root = results.resolve()
    for link in _links(results, DEEPEST):
        target = Path(os.path.realpath(link))
        if not target.is_relative_to(root):
            raise CortexlensError(
                f"{link}: is a link to {target}, outside of the results, where nothing is to be "
                f"written. Put what it leads to in its place; {results} as a whole may be a link."
            )


def _links(folder: Path, deepest: int) -> Iterator[Path]:
    """Links in a folder and the folders in it, but for the insides of stores."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:  # not there yet, or not ours to read
        return
    for entry in entries:
        if entry.is_symlink():
            yield Path(entry.path)
        elif deepest > 1 and entry.is_dir(follow_symlinks=False) and not _INNER(entry.name):
            yield from _links(Path(entry.path), deepest - 1)
