"""Atomic writing: files and folders appear under their final name complete or not at all.

While ``NAME`` is being written it is in the folder ``.NAME.partial`` next to it. The name of that
folder is fixed so that the next job finds what a killed job left. A lock in it keeps two jobs from
writing at once: one that outlived its killed workflow, and the one that the next workflow starts.
"""

import errno
import fcntl
import os
import platform
import shutil
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from cortexlens.errors import CortexlensError
from cortexlens.progress import say
from cortexlens.storage.manifest import Entry, finish, mark_complete

LOCK = "lock"
SECONDS_BETWEEN_TRIES = 0.5
# Attempts to delete a folder to which files are still being added, a tenth of a second apart.
REMOVALS = 20
_FULL = (errno.ENOSPC, errno.EDQUOT)
# Messages of libraries that do not pass on the error of the system: safetensors, Rust codecs.
_FULL_IN_WORDS = ("no space left on device", "os error 28", "disk quota exceeded", "os error 122")
# PyTorch's archives and HDF5 do not say why they failed, so a disk with fewer free bytes than this
# counts as full.
_LEAST_FREE = 1 << 20
_MB = 1e6


def partial_folder(path: Path) -> Path:
    """Path of the folder that contains ``path`` while it is being written."""
    return path.with_name(f".{path.name}.partial")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Provide a temporary path to write to; rename it to ``path`` on success.

    Waits while another process writes the same path. What a killed process left is deleted.

    Parameters
    ----------
    path
        Final path of the file or folder.

    Yields
    ------
    Path
        Path of the same name within :func:`partial_folder`; nothing exists there yet.

    Raises
    ------
    CortexlensError
        If the disk is full.
    """
    partial = partial_folder(path)
    with telling_if_full(path):
        held = acquire(partial)
    try:
        with telling_if_full(path):
            empty(partial)
            yield partial / path.name
            put(partial / path.name, path)
    finally:
        release(partial, held)


def put(
    written: Path,
    path: Path,
    known: Mapping[str, Entry] | None = None,
    *,
    last: bool = False,
) -> None:
    """Move a finished file or folder to its final path, replacing what is there.

    Parameters
    ----------
    written
        Current path; a folder gets its manifest here.
    path
        Final path.
    known
        As for :func:`cortexlens.storage.manifest.seal`.
    last
        Whether this is the last result of the job. If so, the job is marked as complete before the
        result gets its name, so that its checkpoints are not lost if it is killed in between.
    """
    finish(written, path, known)
    if last:
        mark_complete({path: written})
    if path.is_dir():
        # Rename twice instead of deleting, to keep the time without either as short as possible.
        path.rename(written.with_name(f"{written.name}.old"))
    written.replace(path)


@contextmanager
def scratch_folder(path: Path) -> Iterator[Path]:
    """Provide an empty folder for temporary files while ``path`` is made; it is deleted at the end.

    Yields
    ------
    Path
        A folder next to ``path``; anything that a killed job left in it has been deleted.
    """
    folder = path.with_name(f".{path.name}.scratch")
    with telling_if_full(path):
        held = acquire(folder)
    try:
        with telling_if_full(path):
            empty(folder)
            yield folder
    finally:
        release(folder, held)


@contextmanager
def telling_if_full(path: Path) -> Iterator[None]:
    """Turn the many errors that a full disk causes into a one-line error.

    Parameters
    ----------
    path
        Path that is being written.

    Raises
    ------
    CortexlensError
        If the code within fails because the disk of ``path`` is full.
    """
    try:
        yield
    except CortexlensError:
        raise
    except Exception as error:
        there = next(folder for folder in path.absolute().parents if folder.is_dir())
        free = shutil.disk_usage(there).free
        if not (is_full(error) or (isinstance(error, (OSError, RuntimeError)) and no_room(free))):
            raise
        raise CortexlensError(full(path, free)) from error


def full(path: Path, free: int) -> str:
    """Message for a full disk.

    Parameters
    ----------
    path
        Path that could not be written.
    free
        Bytes that were free on its disk.
    """
    return (
        f"{path}: could not be written, its disk is full or a quota is used up "
        f"({free / _MB:.1f} MB free). Free some space and run the same command again; what was "
        "finished is kept."
    )


def is_full(error: BaseException | None) -> bool:
    """Whether an error, or one that caused it, means that a disk is full."""
    while error is not None:
        text = str(error).lower()
        if getattr(error, "errno", None) in _FULL or any(part in text for part in _FULL_IN_WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False


def no_room(free: int) -> bool:
    """Whether so few bytes are free that any error while writing must come from it."""
    return free < _LEAST_FREE


class FolderLock:
    """Lock of this process on a folder of unfinished work.

    Parameters
    ----------
    descriptor
        Descriptor of the locked open file; closed when the object is garbage-collected.
    """

    def __init__(self, descriptor: int) -> None:
        self.let_go = weakref.finalize(self, os.close, descriptor)


def acquire(folder: Path) -> FolderLock:
    """Lock a folder of unfinished work for this process; the folder is made if it does not exist.

    Waits while another process holds the lock.

    Notes
    -----
    These are POSIX locks: they end with their process, however it ends, and work on network file
    systems. A process may lock the same folder again. On a file system without locks nothing is
    locked.
    """
    announced = False
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / LOCK
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:  # its owner has just deleted the folder
            continue
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            if not announced:
                owner = os.read(descriptor, 200).decode(errors="replace") or "another process"
                say(f"{folder}: {owner} is writing here; waiting until it has finished.")
                announced = True
            os.close(descriptor)
            time.sleep(SECONDS_BETWEEN_TRIES)
            continue
        except OSError:
            return FolderLock(descriptor)
        if _is_current(descriptor, path):
            with suppress(OSError):  # the disk is full
                os.ftruncate(descriptor, 0)
                os.write(descriptor, f"process {os.getpid()} on {platform.node()}".encode())
            return FolderLock(descriptor)
        os.close(descriptor)


def _is_current(descriptor: int, path: Path) -> bool:
    """Whether a locked file is still the file at that path."""
    try:
        return os.fstat(descriptor).st_ino == path.stat().st_ino
    except FileNotFoundError:
        return False


def empty(folder: Path) -> None:
    """Delete everything in a folder except its lock."""
    for path in folder.iterdir():
        if path.name != LOCK:
            _remove(path)


def release(folder: Path, held: FolderLock) -> None:
    """Delete a folder of unfinished work with its content, and release its lock."""
    empty(folder)
    (folder / LOCK).unlink(missing_ok=True)
    with suppress(OSError):  # another process has already put its lock there
        folder.rmdir()
    held.let_go()


def _remove(path: Path) -> None:
    if not path.is_dir() or path.is_symlink():
        path.unlink(missing_ok=True)
        return
    for left in reversed(range(REMOVALS)):
        try:
            shutil.rmtree(path)
            return
        except OSError as error:
            # after a failed write, threads of the store may still be adding files
            if error.errno != errno.ENOTEMPTY or not left:
                raise
            time.sleep(0.1)
