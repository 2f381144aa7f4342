"""Whether the user's files are still those that a study's results were made from.

They are compared by name, size and time, without reading them, or by content, reading all of them.
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

from cortexlens.errors import CortexlensError
from cortexlens.progress import track
from cortexlens.storage.input_files import Index, Look, changes
from cortexlens.storage.manifest import entry_of
from cortexlens.storage.provenance import file_hash, folder_hash, input_hash
from cortexlens.storage.records import FOLDER, Record, read_record
from cortexlens.storage.verify import Finding
from cortexlens.study.pictures.files import read_bytes
from cortexlens.study.pictures.image_set import ImageSet

# Folders of a study's results whose contents are made from the user's files.
_FOLDERS: Final = ("subjects", "finetunes")
_SHOWN: Final = 3
_THREADS: Final = 4
_OTHER: Final = "does not hold what was read from it"
# Prefix of hashes that stages wrote into records.
_SHA: Final = "sha256 "


class _Known(NamedTuple):
    """A file or folder of the user's, with the hash of what a stage read from it."""

    result: Path
    stage: str
    source: str
    digest: str
    picture: bool


def changed_lines(results: Path) -> list[str]:
    """Report results whose input files have changed, so that the next run remakes them.

    Parameters
    ----------
    results
        Folder of a study's results; it need not exist. Paths in records are relative to the working
        directory.

    Returns
    -------
    list of str
        One line per result: which files were replaced, added or removed, and how many.
    """
    look, lines = Look(), []
    for result, record in _records(results):
        found = changes(Index.read(record.files), look)
        if found:
            named = [f"{path} {what}" for path, what in list(found.items())[:_SHOWN]]
            more = f" (and {len(found) - _SHOWN:,} more)" if len(found) > _SHOWN else ""
            lines.append(
                f"{result}: files that it was made from have changed: {', '.join(named)}{more}. "
                "The next run makes it again, and everything that depends on it."
            )
    return lines


def _records(results: Path) -> Iterator[tuple[Path, Record]]:
    """Yield results that were made from the user's files, with their records."""
    for folder in _FOLDERS:
        for file in sorted((results / FOLDER / folder).rglob("*.json")):
            path = results / file.relative_to(results / FOLDER).with_suffix("")
            try:
                record = read_record(file)
            except CortexlensError:  # the integrity check reports it
                continue
            if record.files and path.exists():
                yield path, record


class Contents(NamedTuple):
    """Result of comparing the contents of the user's files.

    Attributes
    ----------
    n_files, n_bytes
        Number of files read, and their total size; an image in an archive counts as a file.
    findings
        Results that were made from other contents, with the files concerned.
    """

    n_files: int
    n_bytes: int
    findings: list[Finding]


def read_contents(results: Path) -> Contents:
    """Read the user's files and compare them with those that results were made from.

    Images are compared with the hashes in ``images.tsv``, responses with those in records. There
    are no hashes of labelled images, which are compared by size and time only.

    Parameters
    ----------
    results
        As for :func:`changed_lines`.
    """
    faults: dict[Path, dict[str, str]] = {}
    stages: dict[Path, str] = {}
    known = [each for path, record in _records(results) for each in _known(results, path, record)]
    total = 0
    with ThreadPoolExecutor(_THREADS) as threads:
        read = zip(known, threads.map(_read, known), strict=True)
        for each, (size, fault) in track(read, "files of the data read", len(known)):
            total += size
            if fault:
                faults.setdefault(each.result, {})[each.source] = fault
                stages[each.result] = each.stage
    findings = [Finding(path, stages[path], own) for path, own in sorted(faults.items())]
    return Contents(len(known), total, findings)


def _known(results: Path, path: Path, record: Record) -> Iterator[_Known]:
    """Yield the files behind a result whose contents are known by hash."""
    if path.suffix == ".tsv" and path.name == "images.tsv":
        try:
            images = ImageSet.read(path)
        except CortexlensError:  # the integrity check reports it
            return
        for source, digest in zip(images.sources, images.sha256, strict=True):
            yield _Known(path, record.stage, source, digest, True)
    index = Index.read(record.files)
    ours = {Path(name).absolute() for name in (*index.folders, *index.files)}
    for name, known in record.inputs.items():
        if known is not None and known[1] is not None and Path(name).absolute() in ours:
            yield _Known(path, record.stage, name, str(known[1]), False)


def _read(known: _Known) -> tuple[int, str]:
    """Read a file; return its size and what is wrong with it (empty if nothing)."""
    path = Path(known.source)
    try:
        if known.picture:
            data = read_bytes(known.source)
            return len(data), _compared(hashlib.sha256(data).hexdigest(), known.digest)
        size = path.stat().st_size
        if known.digest.startswith(_SHA):
            return size, _compared(f"{_SHA}{_hash(path)}", known.digest)
        return size, _compared(entry_of(path).hash, known.digest)
    except FileNotFoundError:
        return 0, "no longer exists"
    except (OSError, CortexlensError):
        exists = Path(known.source.partition("::")[0]).exists()
        return 0, "cannot be read" if exists else "no longer exists"


def _hash(path: Path) -> str:
    try:
        return input_hash(path)
    except CortexlensError:  # a store without its metadata
        return folder_hash(path) if path.is_dir() else file_hash(path)


def _compared(found: str, wanted: str) -> str:
    return "" if found == wanted else _OTHER
