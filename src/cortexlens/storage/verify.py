"""Verification of results: a study's files compared with manifests and records.

Files are only read and their times do not change, so verifying does not make snakemake run jobs.
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

# Folders of a study that contain no results.
_BESIDE: Final = (FOLDER, "logs", "benchmarks", "decoded")
_CHANGED: Final = "does not hold the bytes that were written"
_THREADS: Final = 4


@dataclass
class Finding:
    """A result that is damaged.

    Attributes
    ----------
    path
        Path of the result.
    stage
        Rule that makes it; empty if not known.
    faults
        Name of a file in it, or empty for the result itself → description of the fault.
    """

    path: Path
    stage: str
    faults: dict[str, str]

    @property
    def only_added(self) -> bool:
        """Whether the only faults are files that do not belong to the result."""
        return set(self.faults.values()) == {ADDED}


@dataclass
class Survey:
    """Findings on a study's results.

    Attributes
    ----------
    n_files, n_bytes
        Number and total size of the files whose contents were read.
    findings
        Results that are damaged.
    unrecorded
        Results without a record: made by an older version, or by somebody else.
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
    """Path of a result → its record, and path → error of results whose record cannot be read."""
    records, broken = {}, {}
    for file in all_records(results):
        path = results / file.relative_to(results / FOLDER).with_suffix("")
        try:
            records[path] = read_record(file)
        except CortexlensError as error:
            broken[path] = f"has no readable record: {error}"
    return records, broken


class _Folder:
    """Comparison of a folder with its manifest: faults visible without reading, files to read."""

    def __init__(self, path: Path) -> None:
        self.faults: dict[str, str] = {}
        self.to_read: Mapping[str, Entry] = {}
        try:
            manifest = read_manifest(path) if path.is_dir() else None
        except CortexlensError:
            self.faults = {NAME: "cannot be read as a manifest of this format"}
            return
        if manifest is None:  # if its record expects one, the comparison with it reports the fault
            return
        self.faults = differences(path, manifest)
        self.faults |= _of_format(path)
        self.to_read = {name: each for name, each in manifest.items() if name not in self.faults}


def _of_record(path: Path, record: Record) -> dict[str, str]:
    """Compare a result with its record, except for the contents of files."""
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
    """Report a store of an older format, which can no longer be read."""
    try:
        attributes = json.loads((path / "zarr.json").read_text(encoding="utf-8"))["attributes"]
        found = attributes.get("cortexlens_format", FORMAT)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # not a store; a damaged store differs from its manifest
    if found == FORMAT:
        return {}
    return {"zarr.json": f"is of a store of format {found!r}; this cortexlens reads {FORMAT}"}


def _contents(path: Path, entry: Entry) -> str:
    """Read a file; describe what is wrong with it, empty if it is as written."""
    try:
        return "" if entry_of(path) == entry else _CHANGED
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def _manifests(results: Path) -> Iterator[Path]:
    """Yield folders that have a manifest, except unfinished ones."""
    for path in results.rglob(NAME):
        inside = path.parent.relative_to(results).parts
        if not any(part.startswith(".") for part in inside):
            yield path.parent


def _others(results: Path, known: set[Path]) -> Iterator[Path]:
    """Yield results that are not within known ones: zarr stores as a whole, else files."""
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
    """Delete what is damaged, with its record, so that the workflow makes it again.

    If the only fault of a folder is added files, only these files are deleted.

    Returns
    -------
    list of Path
        Results that are to be made again.
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
