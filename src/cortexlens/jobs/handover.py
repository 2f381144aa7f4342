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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from cortexlens.progress import say
from cortexlens.storage.atomic import acquire, release, replacing, telling_if_full
from cortexlens.storage.code_hash import fingerprint
from cortexlens.storage.manifest import (
    NAME,
    Entry,
    entry_of,
    files_of,
    inputs_read,
    is_as_written,
    mark_complete,
    note_input,
    on_complete,
    reset,
)
from cortexlens.storage.records import (
    inputs_of,
    keep_records,
    outputs_of,
    record_path,
    study_of_job,
)

FOLDER: Final = ".ended"
_INDEX: Final = "index.json"


def run_or_restore(
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
    ended = HandOver(study[0], name, call)
    running = ended.place.with_name(f"{ended.place.name}.running")
    # A job of a workflow that was killed may live on: its successor waits, and takes its results.
    with telling_if_full(ended.place):
        held = acquire(running)
    try:
        if not ended.restore_outputs(options):
            on_complete(ended.stash_outputs)
            stage(**options)
            mark_complete()
        keep_records(name, list(call), options)
    finally:
        reset()
        release(running, held)


class HandOver:
    """What is held of a job.

    Parameters
    ----------
    results
        Folder of the study's results.
    stage
        Of the job.
    call
        Words of its command.

    Attributes
    ----------
    place : Path
        Where it is held; the folder stands for call and code.
    """

    def __init__(self, results: Path, stage: str, call: Sequence[str]) -> None:
        self.results = results.absolute()
        words = json.dumps([stage, *call, fingerprint(stage)])
        self.place = results / FOLDER / hashlib.sha256(words.encode()).hexdigest()[:32]

    def stash_outputs(self, unnamed: Mapping[Path, Path]) -> None:
        """Hold what this process has made, for its job has ended.

        Where the disk knows no hard links, or has no room for names, nothing is held: a kill
        before snakemake's note then costs the job.

        Parameters
        ----------
        unnamed
            As for :func:`cortexlens.storage.manifest.mark_complete`.
        """
        lying = {path.absolute(): place for path, place in unnamed.items()}
        lying = {path: place for path, place in lying.items() if self.results in path.parents}
        made = sorted({*outputs_of(self.results), *lying})
        if not made:
            return
        new = self.place.with_name(f"{self.place.name}-{os.getpid()}")
        try:
            new.mkdir(parents=True)
            held = {
                str(path.relative_to(self.results)): _hold(lying.get(path, path), new / str(number))
                for number, path in enumerate(made)
            }
            # relative, for the study may be moved
            read = {os.path.relpath(path): digest for path, digest in inputs_read().items()}
            (new / _INDEX).write_text(json.dumps({"held": held, "read": read}), encoding="utf-8")
            shutil.rmtree(self.place, ignore_errors=True)
            new.rename(self.place)
        except OSError:
            shutil.rmtree(new, ignore_errors=True)

    def restore_outputs(self, options: Mapping[str, Any]) -> bool:
        """Give results their names again that an earlier job of the same call was through with.

        Parameters
        ----------
        options
            Of the stage; paths among them that were not made are inputs.

        Returns
        -------
        bool
            Whether they were there, whole, and newer than all inputs; else the job is to be done.
        """
        try:
            index = json.loads((self.place / _INDEX).read_text(encoding="utf-8"))
            held = {
                Path(os.path.normpath(self.results / name)): (self.place / str(number), entry)
                for number, (name, entry) in enumerate(index["held"].items())
            }
            for path, digest in index["read"].items():
                note_input(Path(path), digest)
            usable = self._is_usable(held, options)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            usable = False  # none, or one that was cut short
        if not usable:
            reset()
            return False
        for path, (source, _) in held.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as new:
                _link(source, new)
        say("this job was through when its workflow was killed; its results are taken as they are.")
        return True

    def _is_usable(
        self, held: Mapping[Path, tuple[Path, Sequence[Any]]], options: Mapping[str, Any]
    ) -> bool:
        ended = (self.place / _INDEX).stat().st_mtime_ns
        return (
            all(self.results in path.parents for path in held)
            and all(self._changed(path) < ended for path in inputs_of(options, held))
            and all(is_as_written(source, Entry(*entry)) for source, entry in held.values())
        )

    def _changed(self, path: Path) -> int:
        """When an input got what it holds, nanoseconds; a result when its record was made."""
        places = [path, path / NAME]
        if self.results in path.parents:
            places.append(record_path(self.results, path.relative_to(self.results)))
        return max(map(_time, places))


def remove_stashed(results: Path) -> None:
    """Remove what is held: snakemake has noted the end of every job."""
    shutil.rmtree(results / FOLDER, ignore_errors=True)


def _time(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _hold(lies: Path, place: Path) -> Entry:
    _link(lies, place)
    return entry_of(lies / NAME if lies.is_dir() else lies)


def _link(source: Path, place: Path) -> None:
    """Give a file, or all files of a folder, a second name; its manifest is copied."""
    if not source.is_dir():
        os.link(source, place)
        return
    place.mkdir()
    for name, entry in files_of(source):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        os.link(entry.path, place / name)
    shutil.copyfile(source / NAME, place / NAME)
