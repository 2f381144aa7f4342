"""Records of jobs: the hash of every result of a study, the call that made it, and its inputs.

The workflow passes the study to its jobs in an environment variable. A job that succeeded then
writes ``results/{study}/manifests/{PATH}.json`` for every file and folder that it made.
``cortexlens verify`` compares results with these records, ``cortexlens provenance`` prints them.
"""

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from cortexlens.errors import CortexlensError
from cortexlens.storage.atomic import replacing
from cortexlens.storage.code_hash import ROOT, fingerprint
from cortexlens.storage.manifest import NAME, Entry, entry_of, files_noted, inputs_read, made

VARIABLE: Final = "CORTEXLENS_STUDY"
FOLDER: Final = "manifests"
FORMAT: Final = 1
# For files of the user above this size, only the size is recorded, to save time.
MOST_HASHED: Final = 1 << 30
PACKAGES: Final = ("cortexlens", "snakemake", "numpy", "scipy", "torch", "timm", "xarray", "zarr")


@dataclass(frozen=True)
class Record:
    """Record of a result.

    Attributes
    ----------
    path
        Path of the result as the workflow names it, relative to the folder that it runs in.
    size, hash
        Size in bytes and hash of the file, or of the folder's manifest.
    folder
        Whether the result is a folder.
    stage
        Name of the stage that made it.
    call
        Words of its command line: ``cortexlens``, subcommand, options.
    inputs
        Path → size and hash; None if not hashed.
    study
        ``config``, the config file of the study, and ``overrides`` of it.
    code, versions, commit, machine
        Fingerprint of the stage's code, versions of packages, commit of the repository (if the code
        is in one), and the type of processor.
    files
        Names, sizes and times of the user's files that it was made from, as a
        :class:`cortexlens.storage.input_files.Index`; empty if it was made from none, or by a
        version that did not record them.
    """

    path: str
    size: int
    hash: str
    folder: bool
    stage: str
    call: list[str]
    inputs: dict[str, list[Any] | None]
    study: dict[str, Any]
    code: str
    versions: dict[str, str]
    commit: str | None
    machine: str
    files: dict[str, Any] = field(default_factory=dict)


def job_environment(results: str, config: Path, overrides: Mapping[str, Any]) -> str:
    """Value of the environment variable :data:`VARIABLE` for the jobs of a study.

    Parameters
    ----------
    results
        Folder of the study's results.
    config
        Config file of the study.
    overrides
        Keys that were given on the command line.
    """
    return json.dumps(
        {"results": results, "config": str(config), "overrides": dict(overrides)},
        default=str,
    )


def record_path(results: Path, path: Path) -> Path:
    """Path of the record of a result, whose path is relative to the folder of results."""
    return results / FOLDER / path.with_name(f"{path.name}.json")


def keep_records(stage: str, call: list[str], options: Mapping[str, Any]) -> None:
    """Write records of everything this process made, if it is a job of a study's workflow.

    Parameters
    ----------
    stage
        Name of the stage that ran.
    call
        Words of its command line.
    options
        Options of the stage; paths among them are inputs, unless they were made.
    """
    found = study_of_job()
    if found is None:
        return
    results, study = found
    ours = outputs_of(results)
    if not ours:
        return
    shared: dict[str, Any] = {
        "stage": stage,
        "call": call,
        "inputs": dict(_inputs(options, ours, results)),
        "study": study,
        "code": fingerprint(stage),
        "versions": _versions(),
        "commit": commit(),
        "machine": platform.machine(),
        "files": files_noted(),
    }
    for path in ours:
        inside = path.relative_to(results.absolute())
        size, digest = _known(path)
        about = Record(str(results / inside), size, digest, path.is_dir(), **shared)
        with replacing(record_path(results, inside)) as partial:
            text = json.dumps({"format": FORMAT, **asdict(about)}, indent=1, ensure_ascii=False)
            partial.write_text(f"{text}\n", encoding="utf-8")


def study_of_job() -> tuple[Path, dict[str, Any]] | None:
    """Folder of results, and ``config`` and ``overrides``, of the study of this job."""
    study = json.loads(os.environ.get(VARIABLE, "null"))
    return (Path(study.pop("results")), study) if study else None


def outputs_of(results: Path) -> list[Path]:
    """What this process made of a study, without files in a folder that it made."""
    root = results.absolute()
    found = {path for path in made() if path.is_relative_to(root)}
    # checkpoints of training, which the job has yet to delete
    hidden = {
        path for path in found if any(part.startswith(".") for part in path.relative_to(root).parts)
    }
    within = {path for path in found if not found.isdisjoint(path.parents)}
    return sorted(found - hidden - within)


def inputs_of(options: Mapping[str, Any], outputs: Iterable[Path]) -> list[Path]:
    """Absolute paths that were read, as given by the options or noted by the stage.

    Paths that were made, lie within a made folder or contain a made path are left out.
    """
    own = set(outputs)
    above = {folder for path in own for folder in path.parents}
    named = [*_paths_of(options), *inputs_read()]
    return [
        path
        for path in dict.fromkeys(named)
        if path not in above and own.isdisjoint({path, *path.parents})
    ]


def _paths_of(options: Mapping[str, Any]) -> Iterator[Path]:
    for value in options.values():
        for each in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(each, Path):
                yield each.absolute()


def _inputs(
    options: Mapping[str, Any], outputs: Iterable[Path], results: Path
) -> Iterator[tuple[str, list[Any] | None]]:
    """Yield what was read and still exists, with size and hash."""
    here, noted = Path.cwd(), inputs_read()
    for path in inputs_of(options, outputs):
        if path.exists():
            name = path.relative_to(here) if path.is_relative_to(here) else path
            yield str(name), _input(path, results, noted.get(path))


def _input(path: Path, results: Path, noted: str | None) -> list[Any] | None:
    """Size and hash of an input: from its manifest, its record or the stage, else computed."""
    if (path / NAME).is_file():
        return list(entry_of(path / NAME))
    if path.is_relative_to(results.absolute()):
        record = find_record(results, path.relative_to(results.absolute()))
        if record is not None:
            return [record.size, record.hash]
    size = None if path.is_dir() else path.stat().st_size
    if noted is not None:
        return [size, f"sha256 {noted}"]
    if size is None:
        return None
    return list(entry_of(path)) if size <= MOST_HASHED else [size, None]


def _known(path: Path) -> Entry:
    """Size and hash of a file, or of the manifest of a folder."""
    return entry_of(path / NAME if path.is_dir() else path)


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str | None:
    """Commit of the repository that contains the code; ``-dirty`` if the code differs from it."""
    git = ["git", "-C", str(ROOT)]
    try:
        subprocess.run(
            [*git, "ls-files", "--error-unmatch", "__init__.py"],
            capture_output=True,
            check=True,
            timeout=20,
        )
        done = subprocess.run(
            [*git, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            capture_output=True,
            check=True,
            timeout=20,
            encoding="utf-8",
        )
    except (OSError, subprocess.SubprocessError):  # no git, or the code is not in a repository
        return None
    return done.stdout.strip()


def find_record(results: Path, path: Path) -> Record | None:
    """Find the record of a result, whose path is relative to the folder of results.

    Raises
    ------
    CortexlensError
        If the record cannot be read.
    """
    file = record_path(results, path)
    return read_record(file) if file.is_file() else None


def read_record(file: Path) -> Record:
    """Read a record.

    Raises
    ------
    CortexlensError
        If it cannot be read, or its format differs.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        if found.pop("format") == FORMAT:
            return Record(**found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CortexlensError(
            f"{file}: cannot be read as a record of a result ({type(error).__name__}). Delete it; "
            "the result can then not be verified until it is made again."
        ) from error
    raise CortexlensError(
        f"{file}: found a record of another format than {FORMAT}, which this cortexlens reads. "
        "Run the whole workflow again with one version of cortexlens."
    )


def all_records(results: Path) -> list[Path]:
    """Paths of all records of a study, sorted."""
    return sorted(
        path
        for path in (results / FOLDER).rglob("*.json")
        if not any(part.startswith(".") for part in path.relative_to(results / FOLDER).parts)
    )
