"""Checks of names that become folders, and of links in the folder of results."""

import codecs
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from cortexlens.errors import CortexlensError

NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", re.ASCII)
# Largest depth of folders below a study's results; stores contain no names given by users.
DEEPEST: Final = 6
_INNER: Final = re.compile(r"\..*|.*\.zarr|decoded").fullmatch


def other_encoding() -> str | None:
    """Encoding of file names if it is not UTF-8, as in the locale C on old systems; else None."""
    encoding = sys.getfilesystemencoding()
    return None if codecs.lookup(encoding).name == "utf-8" else encoding


def check_encoding() -> None:
    """Refuse to run if file names are not encoded in UTF-8.

    Raises
    ------
    CortexlensError
        If the locale has another encoding.
    """
    if (found := other_encoding()) is not None:
        raise CortexlensError(
            f"the locale (LC_ALL, LANG) has the encoding {found}, in which names of files are "
            "misread; allowed is UTF-8. Set PYTHONUTF8=1 (export PYTHONUTF8=1) and run the same "
            "command again."
        )


def check_braces(path: Path) -> None:
    """Refuse a user's path that snakemake would take for a pattern.

    Raises
    ------
    CortexlensError
        If the path contains braces.
    """
    if found := {"{", "}"} & set(str(path)):
        raise CortexlensError(
            f"{path}: contains {' and '.join(sorted(found))}, between which snakemake looks "
            "for wildcards. Rename that folder or file, or run in that folder and give a path "
            "relative to it."
        )


def check_names(names: Iterable[str], whose: str) -> list[str]:
    """Refuse names that cannot be folder names on every file system.

    Parameters
    ----------
    names
        Names of layers.
    whose
        What the names belong to, for the error message.

    Returns
    -------
    list of str
        The names.

    Raises
    ------
    CortexlensError
        If a name is empty, too long, has other characters than ASCII letters, digits, ``_``, ``.``
        and ``-``, or begins with ``.`` or ``-``; or if two names differ only in case.
    """
    known: dict[str, str] = {}
    checked = list(names)
    for name in checked:
        shown = name if len(name) < 60 else f"{name[:60]}…"
        if not NAME.fullmatch(name):
            raise CortexlensError(
                f"{whose}: found the name {shown!a}, which would become a folder; allowed are up "
                "to 128 ASCII letters, digits and _ . -, not . or - at the start. Choose other "
                "layers."
            )
        if known.setdefault(name.casefold(), name) != name:
            raise CortexlensError(
                f"{whose}: found the names {known[name.casefold()]!r} and {name!r}, which are "
                "one folder on some disks. Choose one of the layers."
            )
    return checked


def check_links(results: Path) -> None:
    """Refuse a folder of results that contains a link to a folder outside of it.

    Parameters
    ----------
    results
        Folder of the study's results. It may itself be a link and need not exist.

    Raises
    ------
    CortexlensError
        For the first such link.
    """
    root = results.resolve()
    for link in _links(results, DEEPEST):
        target = Path(os.path.realpath(link))
        if not target.is_relative_to(root):
            raise CortexlensError(
                f"{link}: is a link to {target}, outside of the results, where nothing may be "
                f"written. Replace the link by the folder itself; only {results} "
                "itself may be a link."
            )


def _links(folder: Path, deepest: int) -> Iterator[Path]:
    """Yield links in a folder and its subfolders, without entering stores."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:  # does not exist yet, or cannot be read
        return
    for entry in entries:
        if entry.is_symlink():
            yield Path(entry.path)
        elif deepest > 1 and entry.is_dir(follow_symlinks=False) and not _INNER(entry.name):
            yield from _links(Path(entry.path), deepest - 1)
