"""Names, sizes and times of the user's input files, from which changes are detected.

The time of a folder does not change when a file in it is overwritten, and a file that was copied
with its old time is not newer than results made from another. Therefore size and time of every file
are compared.
"""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from cortexlens.storage.manifest import files_of, note_files

REPLACED, ADDED, REMOVED = "was replaced", "was added", "was removed"
# State of a file: its size in bytes and the time of its last change in ns. If it does not exist:
_ABSENT: Final = ""
# Separates the path of an archive from the name of an image in it.
_WITHIN: Final = "::"


class Index(NamedTuple):
    """Index of the files that a result is made from.

    Attributes
    ----------
    folders
        Folders that were searched, including their subfolders.
    files
        Path → size and time; empty text for a file that does not exist.
    """

    folders: list[str]
    files: dict[str, str]

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> "Index":
        """Index stored in a record; empty if the record has none."""
        return cls(list(found.get("folders", [])), dict(found.get("files", {})))

    def paths(self) -> list[Path]:
        """Files and folders to check again."""
        inside = tuple(f"{folder}{os.sep}" for folder in self.folders)
        alone = [path for path in self.files if not path.startswith(inside or ("\0",))]
        return [Path(path) for path in (*self.folders, *alone)]


class Look:
    """Reads the state of files, of each folder only once: subjects may share 73,000 images."""

    def __init__(self) -> None:
        self._folders: dict[str, dict[str, str]] = {}

    def index(self, paths: Iterable[Path]) -> Index:
        """List files, and all files below folders, with size and time.

        Parameters
        ----------
        paths
            Files, folders, or images within files (``archive.zip::member``); they need not exist.
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
        """Hash of names, sizes and times: 16 hexadecimal digits, empty text without files."""
        index = self.index(paths)
        if not index.files and not index.folders:
            return ""
        digest = hashlib.sha256()
        for name in sorted(index.files):
            digest.update(f"{name}\0{index.files[name]}\n".encode(errors="surrogateescape"))
        return digest.hexdigest()[:16]


def _below(folder: str) -> Iterator[tuple[str, str]]:
    """Yield the files below a folder with their states; links are followed."""
    for name, entry in files_of(Path(folder)):
        try:
            yield os.path.join(folder, name), _state(entry.stat())
        except OSError:  # a broken link, or a file that is being deleted
            yield os.path.join(folder, name), _ABSENT


def _state(about: os.stat_result) -> str:
    return f"{about.st_size} {about.st_mtime_ns}"


def note(paths: Iterable[Path]) -> None:
    """Record the state of files that this job is about to read, for the records of its results."""
    note_files(Look().index(paths)._asdict())


def changes(before: Index, look: Look | None = None) -> dict[str, str]:
    """Compare files with an earlier index.

    Parameters
    ----------
    before
        Index from the time when the result was made.
    look
        Reader that may already know the state of some files; None: a new one.

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
