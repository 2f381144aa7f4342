"""What the user's files look like from outside: names, sizes and times, so that changes are seen.

The time of a folder says nothing of a file in it that was replaced, and a file that was copied with
its old time is not newer than what was made of another. So every file counts, with both.
"""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from cortexlens.storage.manifest import files_of, note_files

REPLACED, ADDED, REMOVED = "was replaced", "was added", "was removed"
# Of a file: its bytes and the time of its last change, in ns; of one that is not there:
_ABSENT: Final = ""
# A picture within a file is named by that file, and what follows.
_WITHIN: Final = "::"


class Index(NamedTuple):
    """Files that something is made from.

    Attributes
    ----------
    folders
        That were looked into, and below.
    files
        Path → size and time; a file that is not there has an empty text.
    """

    folders: list[str]
    files: dict[str, str]

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> "Index":
        """Read what a record holds; empty where it holds nothing."""
        return cls(list(found.get("folders", [])), dict(found.get("files", {})))

    def paths(self) -> list[Path]:
        """Files and folders to look at again."""
        inside = tuple(f"{folder}{os.sep}" for folder in self.folders)
        alone = [path for path in self.files if not path.startswith(inside or ("\0",))]
        return [Path(path) for path in (*self.folders, *alone)]


class Look:
    """Looks at files, at each folder once: subjects may share 73,000 pictures."""

    def __init__(self) -> None:
        self._folders: dict[str, dict[str, str]] = {}

    def index(self, paths: Iterable[Path]) -> Index:
        """List files, and all below folders.

        Parameters
        ----------
        paths
            Files, folders, or pictures within files (``archive.zip::member``); there or not.
        """
        found = Index([], {})
        for name in dict.fromkeys(str(path).partition(_WITHIN)[0] for path in paths):
            try:
                about = os.stat(name)
            except OSError:
                found.files[name] = _ABSENT
                continue
            if stat.S_ISDIR(about.st_mode):
                found.folders.append(name)
                if name not in self._folders:
                    self._folders[name] = dict(_below(name))
                found.files.update(self._folders[name])
            else:
                found.files[name] = _state(about)
        return found

    def state(self, paths: Iterable[Path]) -> str:
        """Hash of names, sizes and times: 16 hexadecimal digits, empty of no files."""
        index = self.index(paths)
        if not index.files and not index.folders:
            return ""
        digest = hashlib.sha256()
        for name in sorted(index.files):
            digest.update(f"{name}\0{index.files[name]}\n".encode(errors="surrogateescape"))
        return digest.hexdigest()[:16]


def _below(folder: str) -> Iterator[tuple[str, str]]:
    """Give the files below a folder with their states, links as what they lead to."""
    for name, entry in files_of(Path(folder)):
        try:
            yield os.path.join(folder, name), _state(entry.stat())
        except OSError:  # a link that leads nowhere, or a file that is being removed
            yield os.path.join(folder, name), _ABSENT


def _state(about: os.stat_result) -> str:
    return f"{about.st_size} {about.st_mtime_ns}"


def note(paths: Iterable[Path]) -> None:
    """Note what files look like that this job is about to read, for the record of its results."""
    note_files(Look().index(paths)._asdict())


def changes(before: Index, look: Look | None = None) -> dict[str, str]:
    """Compare files with what they were.

    Parameters
    ----------
    before
        Of the time when something was made of them.
    look
        That has looked at some of them already; None: anew.

    Returns
    -------
    dict
        Path → :data:`REPLACED`, :data:`ADDED` or :data:`REMOVED`.
    """
    now = (look or Look()).index(before.paths()).files
    found = {}
    for path in sorted(before.files.keys() | now.keys()):
        old, new = before.files.get(path, _ABSENT), now.get(path, _ABSENT)
        if old != new:
            found[path] = ADDED if not old else REMOVED if not new else REPLACED
    return found
