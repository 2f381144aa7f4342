"""One workflow at a time on the results of a study.

The process that runs a workflow holds a lock of the system on a file of the study, which ends with
the process, however that ends. Jobs of that workflow ask for nothing, and neither does what only
reads: dry runs, reports, lists.
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
# Another call may be looking at the lock just now.
_TRIES: Final = 3
_SECONDS_BETWEEN_TRIES: Final = 0.2
# Files that hold the lock as long as this process lives.
_held: dict[Path, IO[str]] = {}


def acquire(results: Path) -> None:
    """Take a study's results for this process, until it ends.

    Parameters
    ----------
    results
        Folder of the study's results; made where it is not there.

    Raises
    ------
    CortexlensError
        If another process has them.
    """
    path = (results / NAME).absolute()
    if path in _held:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError:  # a folder that only can be read: jobs that write there say so
        return
    try:
        taken = _take(file)
    except OSError:  # a file system that knows no locks
        taken = True
    if not taken:
        who = _told(file)
        file.close()
        raise CortexlensError(
            f"{results}: another workflow is running on these results: {who}. Wait until it ends, "
            "or stop it, then run this again; other studies may run beside it."
        )
    with suppress(OSError):  # a full disk; the lock holds without the words
        file.truncate(0)
        file.write(json.dumps(_own_words()))
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


def _own_words() -> dict[str, Any]:
    since = datetime.now().isoformat(" ", "seconds")
    return {"pid": os.getpid(), "host": platform.node(), "since": since}


def _told(file: IO[str]) -> str:
    """Say who holds a lock, as its file tells it."""
    file.seek(0)
    try:
        words = json.loads(file.read())
        return f"process {words['pid']} on {words['host']}, since {words['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "a process that did not write down its name"


def release_run(results: Path) -> None:
    """Let go of a study's results before the process ends."""
    file = _held.pop((results / NAME).absolute(), None)
    if file is not None:
        file.close()


def owner(results: Path) -> str | None:
    """Say which process holds a study's results; None where nobody does, or nobody ever did."""
    try:
        file = (results / NAME).open(encoding="utf-8")
    except OSError:
        return None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _told(file)
        except OSError:
            return None
    return None


def is_free(results: Path) -> bool:
    """Whether a study was run, and the process that ran it holds its results no more."""
    try:
        with (results / NAME).open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:  # held, never run, or a file system that knows no locks
        return False
    return True


def guard(
    workflow: Any,
    results: Path,
    after: Callable[[Path], None],
    memory: Path = Path(".snakemake"),
    before: Callable[[Path], None] = lambda _: None,
) -> None:
    """Let a workflow run only while no other one runs on the same results.

    Parameters
    ----------
    workflow
        Snakemake's; what it does when it runs jobs is wrapped.
    results
        Folder of the study's results.
    after
        Called with it at the end of a workflow that has noted all of its jobs.
    memory
        Snakemake's own folder. Locks there that name this study's results were left by a workflow
        that was killed, since none is running; they are removed.
    before
        Called with the folder as soon as this process holds it.
    """
    run: Callable[..., Any] = workflow.execute

    @wraps(run)
    def alone(*arguments: Any, **settings: Any) -> Any:
        # jobs of a workflow are snakemakes too; the one that started them holds the lock
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
    """Tell whether snakemake takes some result for unfinished."""
    return any(path.is_file() for path in (memory / "incomplete").rglob("*"))


def free_locks(memory: Path, results: Path) -> None:
    """Remove snakemake's locks on a study whose results this process holds."""
    if (results / NAME).absolute() not in _held:
        return
    for path in (memory / "locks").glob("*.lock"):
        with suppress(OSError):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            if any(line.startswith(f"{results}/") for line in lines):
                path.unlink()
