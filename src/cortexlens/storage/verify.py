"""Whether results are as they were written: a study's files against manifests and records.

Files are read, never touched: their times stay, so that looking runs nothing again.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cortexlens.errors import CortexlensError
from cortexlens.progress import track
from cortexlens.storage.datasets import FORMAT
from cortexlens.storage.manifest import ADDED, NAME, Entry, differences, entry_of, read_manifest
from cortexlens.storage.records import FOLDER, Record, all_records, read_record, record_path

# Folders of a study that hold no results.
_BESIDE: Final = (FOLDER, "logs", "benchmarks", "decoded")
_CHANGED: Final = "does not hold the bytes that were written"
_THREADS: Final = 4


@dataclass
class Finding:
    """A result that is damaged.

    Attributes
    ----------
    path
        Of the result.
    stage
        The rule that makes it; empty where it is not known.
    faults
        File in it, empty for itself → what is wrong.
    """

    path: Path
    stage: str
    faults: dict[str, str]

    @property
    def only_added(self) -> bool:
        """Whether all it suffers from is files that do not belong to it."""
        return set(self.faults.values()) == {ADDED}


@dataclass
class Survey:
    """What was found in a study's results.

    Attributes
    ----------
    n_files, n_bytes
        Whose contents were read.
    findings
        Results that are damaged.
    unrecorded
        Results that nothing is known of: of an older version, or of somebody else.
    """

    n_files: int = 0
    n_bytes: int = 0
    findings: list[Finding] = field(default_factory=list)
    unrecorded: list[Path] = field(default_factory=list)


def survey(results: Path) -> Survey:
    """Read all results of a study and compare them with what was written.

    Parameters
    ----------
    results
        Folder of the study's results.
    """
    records, broken = _records(results)
    folders = {path: _Folder(path) for path in _manifests(results)}
    folders |= {path: _Folder(path) for path, record in records.items() if record.folder}
    faults: dict[Path, dict[str, str]] = {path: {"": text} for path, text in broken.items()}
    for path, record in records.items():
        faults.setdefault(path, {}).update(_of_record(path, record))
    for path, folder in folders.items():
        own = faults.setdefault(path, {})
        if "" not in own:
            own.update(folder.faults)
    reading = [
        (path, name, path / name, entry)
        for path, folder in folders.items()
        for name, entry in folder.to_read.items()
    ]
    reading += [
        (path, "", path, Entry(record.size, record.hash))
        for path, record in records.items()
        if not record.folder and not faults[path]
    ]
    found = Survey(len(reading), sum(entry.size for *_, entry in reading))
    with ThreadPoolExecutor(_THREADS) as threads:
        results_of = threads.map(lambda one: _contents(one[2], one[3]), reading)
        for (path, name, _, _), fault in track(
            zip(reading, results_of, strict=True), "files read", len(reading)
        ):
            if fault:
                faults[path][name] = fault
    stages = {path: record.stage for path, record in records.items()}
    found.findings = [
        Finding(path, stages.get(path, ""), own) for path, own in sorted(faults.items()) if own
    ]
    known = {*records, *folders, *broken}
    found.unrecorded = [path for path in _others(results, known) if path not in known]
    return found


def _records(results: Path) -> tuple[dict[Path, Record], dict[Path, str]]:
    """Result → its record, and those whose record cannot be read → why."""
    records, broken = {}, {}
    for file in all_records(results):
        path = results / file.relative_to(results / FOLDER).with_suffix("")
        try:
            records[path] = read_record(file)
        except CortexlensError as error:
            broken[path] = f"has no readable record: {error}"
    return records, broken


class _Folder:
    """A folder against its manifest: faults that are seen without reading, and what to read."""

    def __init__(self, path: Path) -> None:
        self.faults: dict[str, str] = {}
        self.to_read: Mapping[str, Entry] = {}
        try:
            manifest = read_manifest(path) if path.is_dir() else None
        except CortexlensError:
            self.faults = {NAME: "cannot be read as a manifest of this format"}
            return
        if manifest is None:  # a record that names one tells what is wrong
            return
        self.faults = differences(path, manifest)
        self.faults |= _of_format(path)
        self.to_read = {name: each for name, each in manifest.items() if name not in self.faults}


def _of_record(path: Path, record: Record) -> dict[str, str]:
    """Compare a result with its record, but for the contents of files."""
    if not path.exists():
        return {"": "is missing"}
    if path.is_dir() != record.folder:
        return {"": f"is a {'file' if record.folder else 'folder'}, which it should not be"}
    if not record.folder:
        size = path.stat().st_size
        return {"": f"has {size} bytes of {record.size}"} if size != record.size else {}
    if not (path / NAME).is_file():
        return {NAME: "is missing"}
    if entry_of(path / NAME) != (record.size, record.hash):
        return {NAME: f"{_CHANGED}: it is of another store, or damaged"}
    return {}


def _of_format(path: Path) -> dict[str, str]:
    """Tell a store of an older format, which no reader takes."""
    try:
        attributes = json.loads((path / "zarr.json").read_text(encoding="utf-8"))["attributes"]
        found = attributes.get("cortexlens_format", FORMAT)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # no store; one that is damaged differs from its manifest
    if found == FORMAT:
        return {}
    return {"zarr.json": f"is of a store of format {found!r}; this cortexlens reads {FORMAT}"}


def _contents(path: Path, entry: Entry) -> str:
    """Read a file; say what is wrong with it, nothing if it holds what was written."""
    try:
        return "" if entry_of(path) == entry else _CHANGED
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def _manifests(results: Path) -> Iterator[Path]:
    """Give folders with a manifest, without such that are not finished."""
    for path in results.rglob(NAME):
        inside = path.parent.relative_to(results).parts
        if not any(part.startswith(".") for part in inside):
            yield path.parent


def _others(results: Path, known: set[Path]) -> Iterator[Path]:
    """Give results that are not within what is known: zarr stores as one, else files."""
    waiting = [path for path in sorted(results.glob("*")) if path.name not in _BESIDE]
    while waiting:
        path = waiting.pop()
        if path.name.startswith(".") or path in known:
            continue
        if path.is_dir() and path.suffix != ".zarr":
            waiting += sorted(path.iterdir())
        else:
            yield path


def repair(results: Path, findings: Sequence[Finding]) -> list[Path]:
    """Remove what is damaged, with its record, so that the workflow makes it again.

    Files that were added to a folder that is whole are all that is removed of it.

    Returns
    -------
    list of Path
        What is to be made again.
    """
    again = []
    for finding in findings:
        if finding.only_added:
            for name in finding.faults:
                (finding.path / name).unlink(missing_ok=True)
            continue
        if finding.path.is_dir():
            shutil.rmtree(finding.path)
        else:
            finding.path.unlink(missing_ok=True)
        record_path(results, finding.path.relative_to(results)).unlink(missing_ok=True)
        again.append(finding.path)
    return again
