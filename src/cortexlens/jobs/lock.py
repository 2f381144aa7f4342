"""Lock that allows one workflow at a time on the results of a study.

The process that runs a workflow holds a system lock on a file of the study, which is released when
the process ends, however it ends. Jobs of that workflow do not take the lock, and neither do calls
that only read: dry runs, reports, lists.
"""

import fcntl
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import IO, Any, Final

from cortexlens.errors import CortexlensError, closed

NAME: Final = ".run.lock"
# Retry, because another call may be testing the lock at this moment.
_TRIES: Final = 3
_SECONDS_BETWEEN_TRIES: Final = 0.2
# Open lock files; each holds its lock as long as this process lives.
_held: dict[Path, IO[str]] = {}


def acquire(results: Path) -> None:
    """Lock a study's results for this process until it ends.

    Parameters
    ----------
    results
        Folder of the study's results; made if it does not exist.

    Raises
    ------
    CortexlensError
        If another process holds the lock.
    """
    path = (results / NAME).absolute()
    if path in _held:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError:  # read-only folder: the jobs that write there report it
        return
    try:
        taken = _take(file)
    except OSError:  # the file system has no locks
        taken = True
    if not taken:
        who = _describe_owner(file)
        file.close()
        raise CortexlensError(
            f"{results}: another workflow is running on these results: {who}. Wait until it ends, "
            "or stop it, then run this again; other studies may run at the same time."
        )
    with suppress(OSError):  # full disk: the lock holds without the description
        file.truncate(0)
        file.write(json.dumps(_description()))
        file.flush()
    _held[path] = file


def _take(file: IO[str]) -> bool:
    for number in range(_TRIES):
        if number:
            time.sleep(_SECONDS_BETWEEN_TRIES)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return True
    return False


def _description() -> dict[str, Any]:
    since = datetime.now().isoformat(" ", "seconds")
    return {"pid": os.getpid(), "host": platform.node(), "since": since}


def _describe_owner(file: IO[str]) -> str:
    """Describe the process that holds a lock, from what it wrote to the lock file."""
    file.seek(0)
    try:
        words = json.loads(file.read())
        return f"process {words['pid']} on {words['host']}, since {words['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "a process that did not write down its name"


def release_run(results: Path) -> None:
    """Release the lock on a study's results before the process ends."""
    file = _held.pop((results / NAME).absolute(), None)
    if file is not None:
        file.close()


def owner(results: Path) -> str | None:
    """Describe the process that holds the lock on a study's results; None if nobody holds it."""
    try:
        file = (results / NAME).open(encoding="utf-8")
    except OSError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _describe_owner(file)
        except OSError:
            return None
    return None


def is_free(results: Path) -> bool:
    """Whether the study was run before and the process that ran it no longer holds the lock."""
    try:
        with (results / NAME).open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:  # held, never run, or a file system without locks
        return False
    return True


def guard(
    workflow: Any,
    results: Path,
    after: Callable[[Path], None],
    memory: Path = Path(".snakemake"),
    before: Callable[[Path], None] = lambda _: None,
) -> None:
    """Make a workflow run only while no other one runs on the same results.

    Parameters
    ----------
    workflow
        Snakemake's workflow object; its method that runs jobs is wrapped.
    results
        Folder of the study's results.
    after
        Called with that folder at the end of a workflow that has recorded all of its jobs.
    memory
        Snakemake's own folder, ``.snakemake``. Snakemake locks in it that name files of this study
        were left by a workflow that was killed, since none is running; they are removed.
    before
        Called with the folder of results as soon as this process holds the lock.
    """
    run: Callable[..., Any] = workflow.execute

    @wraps(run)
    def alone(*arguments: Any, **settings: Any) -> Any:
        # jobs of a workflow run snakemake too; the process that started them holds the lock
        only_shows = settings["executor_plugin"].common_settings.dryrun_exec
        if only_shows or not workflow.is_main_process:
            return run(*arguments, **settings)
        try:
            acquire(results)
        except CortexlensError as error:
            print(f"cortexlens: {error}", file=sys.stderr)
            sys.exit(2)
        before(results)
        free_locks(memory, results)
        through = False
        try:
            found = run(*arguments, **settings)
            through = True
            return found
        except Exception as error:
            if (line := closed(error)) is None:
                raise
            print(f"cortexlens: {line}", file=sys.stderr)
            sys.exit(2)
        finally:
            if through or not _has_unnoted(memory):
                after(results)

    workflow.execute = alone


def _has_unnoted(memory: Path) -> bool:
    """Whether snakemake takes some result for incomplete."""
    return any(path.is_file() for path in (memory / "incomplete").rglob("*"))


def free_locks(memory: Path, results: Path) -> None:
    """Remove snakemake's locks on a study whose results this process has locked."""
    if (results / NAME).absolute() not in _held:
        return
    for path in (memory / "locks").glob("*.lock"):
        with suppress(OSError):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            if any(line.startswith(f"{results}/") for line in lines):
                path.unlink()
