"""Lineage of a result: all jobs from the data to the result, from their records."""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cortexlens.errors import CortexlensError
from cortexlens.storage.records import FOLDER, Record, find_record


@dataclass(frozen=True)
class History:
    """Jobs and data that a result was made from.

    Attributes
    ----------
    results
        Current folder of the study's results.
    steps
        Records, each after those of its inputs; the last is that of the result.
    data
        Inputs that no job made, i.e. the user's files → size and hash, None if not hashed.
    """

    results: Path
    steps: list[Record]
    data: dict[str, list[Any] | None]

    @property
    def result(self) -> Record:
        """Record of the result itself."""
        return self.steps[-1]


def history_of(path: Path) -> History:
    """Find out how a result was made.

    Parameters
    ----------
    path
        A result of a study's workflow, or a file within one.

    Raises
    ------
    CortexlensError
        If there is no record of it.
    """
    if not path.exists():
        raise CortexlensError(f"{path}: no such file. Give a result of a study.")
    for results, record in _candidates(path.absolute()):
        data: dict[str, list[Any] | None] = {}
        steps: dict[str, Record] = {}
        _collect(results, record, steps, data)
        return History(results, list(steps.values()), data)
    raise CortexlensError(
        f"{path}: found no record of how it was made. Records are kept of what a workflow makes "
        f"below results/, in the folder {FOLDER} of the study; logs and benchmarks have none."
    )


def _candidates(path: Path) -> Iterator[tuple[Path, Record]]:
    """Yield records of a path or of a folder around it, with the study's folder of results."""
    for results in path.parents:
        if (results / FOLDER).is_dir():
            for each in (path, *path.parents):
                if results in each.parents:
                    record = find_record(results, each.relative_to(results))
                    if record is not None:
                        yield results, record


def _collect(
    results: Path, record: Record, steps: dict[str, Record], data: dict[str, list[Any] | None]
) -> None:
    """Append the records of the jobs that made a record's inputs, and then the record itself."""
    ours = Path(record.path).parts[: -len(_inside(results, record).parts)]
    for name, known in record.inputs.items():
        made = Path(name).parts[: len(ours)] == ours
        inside = Path(*Path(name).parts[len(ours) :])
        behind = find_record(results, inside) if made and inside.name else None
        if behind is None:
            data.setdefault(name, known)
        elif behind.path not in steps:
            _collect(results, behind, steps, data)
    steps[record.path] = record


def _inside(results: Path, record: Record) -> Path:
    """Path of a record's result relative to the folder of results, which may have been moved."""
    parts = Path(record.path).parts
    for start in range(len(parts)):
        inside = Path(*parts[start:])
        if find_record(results, inside) is not None:
            return inside
    return Path(parts[-1])


def workflow_call(record: Record) -> str:
    """Snakemake command that makes a result again."""
    study = record.study
    overrides = [f"{key}={_value(value)}" for key, value in study["overrides"].items()]
    words = ["snakemake", "--profile", "workflow/profiles/default", "--configfile", study["config"]]
    words += ["--config", *overrides] if overrides else []
    return shlex.join([*words, "--force", "--", record.path])


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def seeds(call: Sequence[str]) -> dict[str, str]:
    """Options of a command that are seeds → their values."""
    pairs = (word[2:].split("=", 1) for word in call if word.startswith("--") and "=" in word)
    return {name: value for name, value in pairs if "seed" in name}


def changed(results: Path, record: Record) -> Mapping[str, list[Any] | None]:
    """Inputs of a record that have been made again since and differ from those used."""
    found = {}
    for name, known in record.inputs.items():
        parts = Path(name).parts
        for start in range(len(parts)):
            now = find_record(results, Path(*parts[start:]))
            if now is not None and known is not None and [now.size, now.hash] != known:
                found[name] = known
    return found
