"""Results of finished jobs, stashed until the workflow that runs the jobs has recorded them.

A job ends a moment before snakemake records that it did. If the workflow is killed within that
moment, the next workflow takes the results for incomplete, deletes them and runs the job again.
Therefore a job that ends puts hard links to its results into ``results/{study}/.ended``, which
takes no disk space. A job that finds its results there restores them instead of computing them
again; a workflow that ends normally deletes the folder.
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
    """Run a stage; in a study's workflow, restore stashed results if there are any, and record all.

    Parameters
    ----------
    name, stage
        Name and function of the stage.
    call
        Words of the command line.
    options
        Options of the stage.
    """
    study = study_of_job()
    if study is None:
        stage(**options)
        return
    handover = HandOver(study[0], name, call)
    running = handover.place.with_name(f"{handover.place.name}.running")
    # A job may outlive a workflow that was killed: its successor waits and restores its results.
    with telling_if_full(handover.place):
        lock = acquire(running)
    try:
        if not handover.restore_outputs(options):
            on_complete(handover.stash_outputs)
            stage(**options)
            mark_complete()
        keep_records(name, list(call), options)
    finally:
        reset()
        release(running, lock)


class HandOver:
    """Stash of the results of one job.

    Parameters
    ----------
    results
        Folder of the study's results.
    stage
        Name of the stage that the job runs.
    call
        Words of its command line.

    Attributes
    ----------
    place : Path
        Folder of the stash; its name is a hash of the command line and the code of the stage.
    """

    def __init__(self, results: Path, stage: str, call: Sequence[str]) -> None:
        self.results = results.absolute()
        words = json.dumps([stage, *call, fingerprint(stage)])
        self.place = results / FOLDER / hashlib.sha256(words.encode()).hexdigest()[:32]

    def stash_outputs(self, unnamed: Mapping[Path, Path]) -> None:
        """Stash the results that this process has made, now that its job has ended.

        Nothing is stashed if the file system has no hard links or no room for them; the job is then
        lost if the workflow is killed before snakemake has recorded it.

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
            # relative paths, because the study may be moved
            read = {os.path.relpath(path): digest for path, digest in inputs_read().items()}
            (new / _INDEX).write_text(json.dumps({"held": held, "read": read}), encoding="utf-8")
            shutil.rmtree(self.place, ignore_errors=True)
            new.rename(self.place)
        except OSError:
            shutil.rmtree(new, ignore_errors=True)

    def restore_outputs(self, options: Mapping[str, Any]) -> bool:
        """Restore the results that an earlier job with the same command line stashed when it ended.

        Parameters
        ----------
        options
            Options of the stage; paths among them that the job did not make are its inputs.

        Returns
        -------
        bool
            Whether results were restored. False if there are none, or if they are damaged or not
            newer than all inputs; the job then has to run.
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
            usable = False  # no index, or a truncated one
        if not usable:
            reset()
            return False
        for path, (source, _) in held.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as new:
                _link(source, new)
        say("this job had finished when its workflow was killed; its results are restored.")
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
        """Time in ns when an input last changed; for a result, when its record was made."""
        places = [path, path / NAME]
        if self.results in path.parents:
            places.append(record_path(self.results, path.relative_to(self.results)))
        return max(map(_time, places))


def remove_stashed(results: Path) -> None:
    """Delete all stashed results, once snakemake has recorded the end of every job."""
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
    """Make hard links to a file, or to all files of a folder; the manifest is copied."""
    if not source.is_dir():
        os.link(source, place)
        return
    place.mkdir()
    for name, entry in files_of(source):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        os.link(entry.path, place / name)
    shutil.copyfile(source / NAME, place / NAME)
