"""Results of jobs that have ended, held until the workflow that runs them has noted it.

A job ends a moment before snakemake notes it. A workflow that is killed within that moment takes
the job for a broken one: the next workflow removes its results and starts it again. So a job that
ends puts hard links of its results into ``results/{study}/.ended``, which takes no room on the
disk. A job that finds its own there takes them back instead of computing them again; a workflow
that ends well removes the folder.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from cortexlens.fingerprint import fingerprint
from cortexlens.manifests import (
    NAME,
    Entry,
    entry_of,
    files_of,
    forget,
    inputs_read,
    note_input,
    read_manifest,
    seal,
    through,
    when_through,
)
from cortexlens.progress import say
from cortexlens.records import keep_records, outputs_of, paths_of, record_path, study_of_job
from cortexlens.writing import hold, release, replacing, telling_if_full

FOLDER: Final = ".ended"
_INDEX: Final = "index.json"


def run_job(
    name: str, stage: Callable[..., None], call: Sequence[str], options: Mapping[str, Any]
) -> None:
    """Run a stage; as a job of a study's workflow, once, and with records of what it made.

    Parameters
    ----------
    name, stage
        Its name and function.
    call
        Words of the command.
    options
        Of the stage.
    """
    study = study_of_job()
    if study is None:
        stage(**options)
        return
    place = _place(study[0], name, call)
    running = place.with_name(f"{place.name}.running")
    # A job of a workflow that was killed may live on: its successor waits, and takes its results.
    with telling_if_full(place):
        held = hold(running)
    try:
        if not take_back(study[0], name, call, options):
            when_through(partial(keep_ended, study[0], name, call))
            stage(**options)
            through()
        keep_records(name, list(call), options)
    finally:
        forget()
        release(running, held)


def keep_ended(
    results: Path, stage: str, call: Sequence[str], unnamed: Mapping[Path, Path]
) -> None:
    """Hold what this process has made, for its job has ended.

    Where the disk knows no hard links, or has no room for names, nothing is held: a kill before
    snakemake's note then costs the job.

    Parameters
    ----------
    results
        Folder of the study's results.
    stage
        That ran.
    call
        Its words.
    unnamed
        As for :func:`cortexlens.manifests.through`.
    """
    root = results.absolute()
    lying = {path.absolute(): place for path, place in unnamed.items()}
    lying = {path: place for path, place in lying.items() if path.is_relative_to(root)}
    ours = [(path, lying.get(path, path)) for path in sorted({*outputs_of(results), *lying})]
    if not ours:
        return
    place = _place(results, stage, call)
    new = place.with_name(f"{place.name}-{os.getpid()}")
    try:
        new.mkdir(parents=True)
        held = [
            {"path": str(path.relative_to(root)), "entry": _hold(lies, new / str(i))}
            for i, (path, lies) in enumerate(ours)
        ]
        read = {os.path.relpath(path): digest for path, digest in inputs_read().items()}
        (new / _INDEX).write_text(json.dumps({"held": held, "read": read}), encoding="utf-8")
        shutil.rmtree(place, ignore_errors=True)
        new.rename(place)
    except OSError:
        shutil.rmtree(new, ignore_errors=True)


def take_back(results: Path, stage: str, call: Sequence[str], options: Mapping[str, Any]) -> bool:
    """Give results their names again that an earlier job of the same call was through with.

    Parameters
    ----------
    results, stage, call
        As for :func:`keep_ended`.
    options
        Of the stage; paths among them that were not made are inputs.

    Returns
    -------
    bool
        Whether they were there, whole, of the same code, and newer than all inputs; else the job
        is to be done.
    """
    place = _place(results, stage, call)
    try:
        index = json.loads((place / _INDEX).read_text(encoding="utf-8"))
        # from here, for the study may have been moved
        root = results.absolute()
        paths = [Path(os.path.normpath(root / each["path"])) for each in index["held"]]
        if not all(root in path.parents for path in paths):
            return False
        read = {Path(path).absolute(): digest for path, digest in index["read"].items()}
        ended = (place / _INDEX).stat().st_mtime_ns
        inputs = [path for path in paths_of(options) if not _is_among(path, paths)]
        if any(_changed(path, results) >= ended for path in (*inputs, *read)):
            return False
        entries = [Entry(*each["entry"]) for each in index["held"]]
        held = [place / str(number) for number in range(len(paths))]
        if not all(_is_whole(*each) for each in zip(held, entries, strict=True)):
            return False
    except (OSError, ValueError, KeyError, TypeError):  # none, or one that was cut short
        return False
    for path, source in zip(paths, held, strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as new:
            _link(source, new)
    for path, digest in read.items():
        note_input(path, digest)
    say("this job was through when its workflow was killed; its results are taken as they are.")
    return True


def remove_ended(results: Path) -> None:
    """Remove what is held: snakemake has noted the end of every job."""
    shutil.rmtree(results / FOLDER, ignore_errors=True)


def _place(results: Path, stage: str, call: Sequence[str]) -> Path:
    words = json.dumps([stage, *call, fingerprint(stage)])
    return results / FOLDER / hashlib.sha256(words.encode()).hexdigest()[:32]


def _hold(lies: Path, place: Path) -> Entry:
    _link(lies, place)
    return entry_of(lies / NAME if lies.is_dir() else lies)


def _link(source: Path, place: Path) -> None:
    """Give a file, or all files of a folder, a second name; its manifest is copied."""
    if not source.is_dir():
        os.link(source, place)
        return
    place.mkdir()
    for folder in sorted({Path(name).parent for name, _ in files_of(source)}):
        (place / folder).mkdir(parents=True, exist_ok=True)
    for name, entry in files_of(source):
        os.link(entry.path, place / name)
    shutil.copyfile(source / NAME, place / NAME)


def _is_whole(held: Path, entry: Entry) -> bool:
    """Whether something is held as it was written, to the byte."""
    if not held.is_dir():
        return entry_of(held) == entry
    if entry_of(held / NAME) != entry:
        return False
    written = read_manifest(held)
    seal(held)
    return read_manifest(held) == written


def _is_among(path: Path, made_paths: Sequence[Path]) -> bool:
    """Whether a path is, holds or lies in something that was made."""
    return any(path == each or path in each.parents or each in path.parents for each in made_paths)


def _changed(path: Path, results: Path) -> int:
    """When a file or folder got what it holds, nanoseconds; a result when its record was made."""
    return max(_times(path, results), default=0)


def _times(path: Path, results: Path) -> Iterator[int]:
    places = [path, path / NAME]
    if path.is_relative_to(results.absolute()):
        places.append(record_path(results, path.relative_to(results.absolute())))
    for place in places:
        with suppress(OSError):
            yield place.stat().st_mtime_ns
