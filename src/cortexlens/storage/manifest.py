"""Manifests: size and hash of every file of a finished folder, stored within the folder.

A folder gets its manifest before it gets its final name, so a finished store always has one. Later
changes are detected: missing, added or truncated files when a store is opened, by names and sizes
alone; changed bytes by ``cortexlens verify``, which compares hashes.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from cortexlens.errors import CortexlensError

NAME: Final = ".cortexlens-manifest.json"
FORMAT: Final = 1
ADDED: Final = "was added"
# Files that others add to folders: snakemake, file servers, desktops.
_FOREIGN: Final = (".snakemake_timestamp", ".DS_Store")
_OPEN_ON_A_SERVER: Final = ".nfs"
_hash = partial(hashlib.blake2b, digest_size=16)
_made: dict[Path, None] = {}
_read: dict[Path, str] = {}
_seen: dict[str, Any] = {}
# Callbacks for when all results of a job are written, called once.
_then: list[Callable[[Mapping[Path, Path]], None]] = []


class Entry(NamedTuple):
    """Size and hash of a file.

    Attributes
    ----------
    size
        Size in bytes.
    hash
        BLAKE2b hash of 16 bytes, in hexadecimal.
    """

    size: int
    hash: str


def entry_of(path: Path) -> Entry:
    """Compute a file's size and hash."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, _hash)
        return Entry(file.tell(), digest.hexdigest())


def files_of(folder: Path) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    """Yield the files below a folder with their relative names (with slashes), not the manifest."""
    waiting = [("", str(folder))]
    while waiting:
        prefix, place = waiting.pop()
        with os.scandir(place) as entries:
            for entry in entries:
                name = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((f"{name}/", entry.path))
                elif name != NAME and not _is_foreign(entry.name):
                    yield name, entry


def _is_foreign(name: str) -> bool:
    return name in _FOREIGN or name.startswith(_OPEN_ON_A_SERVER)


def seal(folder: Path, known: Mapping[str, Entry] | None = None) -> None:
    """Write the manifest of a finished folder.

    Parameters
    ----------
    folder
        Path of the folder; an existing manifest is replaced.
    known
        Name → entry of files that need not be read again.
    """
    known = known or {}
    found = {
        name: known[name] if name in known else entry_of(Path(entry.path))
        for name, entry in files_of(folder)
    }
    lines = (f"{json.dumps(name)}: {json.dumps(found[name])}" for name in sorted(found))
    text = (
        f'{{"format": {FORMAT}, "hash": "blake2b-16", "files": {{\n' + ",\n".join(lines) + "\n}}\n"
    )
    (folder / NAME).write_text(text, encoding="utf-8")


def finish(written: Path, path: Path, known: Mapping[str, Entry] | None = None) -> None:
    """Seal a file or folder that is about to be renamed, and note that this process made it.

    Parameters
    ----------
    written
        Current path; a folder gets its manifest, see :func:`seal`.
    path
        Final path.
    known
        As for :func:`seal`.
    """
    if written.is_dir():
        seal(written, known)
    _made[path.absolute()] = None


def made() -> list[Path]:
    """Files and folders that this process has finished and that still exist, in order."""
    return [path for path in _made if path.exists()]


def note_input(path: Path, digest: str) -> None:
    """Note that this process read a file or store with the given hash."""
    _read[path.absolute()] = digest


def note_files(seen: Mapping[str, Any]) -> None:
    """Note the state of the user's files when this process began to read them."""
    _seen.update(seen)


def files_noted() -> dict[str, Any]:
    """Noted state of the user's files; empty if none was noted."""
    return dict(_seen)


def reset() -> None:
    """Forget what was made and read, because a new job begins."""
    _made.clear()
    _read.clear()
    _seen.clear()
    _then.clear()


def on_complete(then: Callable[[Mapping[Path, Path]], None]) -> None:
    """Register a callback for when all results of a job are written; see :func:`mark_complete`."""
    _then.append(then)


def mark_complete(unnamed: Mapping[Path, Path] | None = None) -> None:
    """Declare that all results of this job are written, while its checkpoints still exist.

    Checkpoints may be deleted after this call, and not before. Further calls have no effect.

    Parameters
    ----------
    unnamed
        Final path → current path of results that are complete but have not been renamed.
    """
    while _then:
        _then.pop()(unnamed or {})


def inputs_read() -> dict[Path, str]:
    """Files and stores that this process has noted as its inputs → their hashes."""
    return dict(_read)


def read_manifest(folder: Path) -> dict[str, Entry] | None:
    """Read the manifest of a folder; None if it has none.

    Raises
    ------
    CortexlensError
        If the manifest cannot be read or its format differs.
    """
    path = folder / NAME
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise CortexlensError(
                f"{path}: found a manifest of format {manifest['format']!r}; this cortexlens reads "
                f"format {FORMAT}. Run the whole workflow again with one version of cortexlens."
            )
        files = manifest["files"].items()
        return {name: Entry(int(size), str(digest)) for name, (size, digest) in files}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CortexlensError(
            f"{path}: cannot be read as a manifest ({type(error).__name__}). "
            "The folder is damaged; Run `cortexlens verify` to see how to repair it."
        ) from error


def differences(folder: Path, manifest: Mapping[str, Entry]) -> dict[str, str]:
    """Name → fault (missing, added, or another size) of each file; contents are not read."""
    sizes = {name: entry.stat(follow_symlinks=False).st_size for name, entry in files_of(folder)}
    wrong = dict.fromkeys(sorted(manifest.keys() - sizes.keys()), "is missing")
    wrong |= dict.fromkeys(sorted(sizes.keys() - manifest.keys()), ADDED)
    for name in sorted(manifest.keys() & sizes.keys()):
        if sizes[name] != manifest[name].size:
            wrong[name] = f"has {sizes[name]} bytes of {manifest[name].size}"
    return wrong


def is_as_written(path: Path, entry: Entry) -> bool:
    """Read a file, or all files of a folder, and compare them with what was written.

    Parameters
    ----------
    path
        Path of the file or folder.
    entry
        Entry of the file, or of the folder's manifest.

    Raises
    ------
    OSError
        If the file or the manifest does not exist.
    """
    if not path.is_dir():
        return entry_of(path) == entry
    manifest = read_manifest(path) if entry_of(path / NAME) == entry else None
    return (
        manifest is not None
        and not differences(path, manifest)
        and all(entry_of(path / name) == each for name, each in manifest.items())
    )


def check_files(folder: Path) -> None:
    """Check that a folder still has the files of its manifest; contents are not read.

    A folder without a manifest is accepted, because older versions wrote none, and so are
    additional files.

    Raises
    ------
    CortexlensError
        If a file is missing or its size differs.
    """
    manifest = read_manifest(folder)
    found = {} if manifest is None else differences(folder, manifest)
    wrong = {name: what for name, what in found.items() if what != ADDED}
    if wrong:
        name, what = next(iter(wrong.items()))
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise CortexlensError(
            f"{folder}: {name} {what}{more}: the store was damaged after it was written. "
            "`cortexlens verify --repair` removes it, and the workflow makes it again."
        )
