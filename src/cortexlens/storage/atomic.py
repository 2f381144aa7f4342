"""Files and folders that appear under their name whole or not at all.

What is being written to ``NAME`` lies in the folder ``.NAME.partial`` beside it. The name of that
folder is fixed, so that the next job finds what a killed one left, and a lock in it keeps two jobs
apart: one that lives on after its workflow was killed, and the one that the next workflow starts.
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
# Times that a folder is removed, a tenth of a second apart, while something is still put into it.
REMOVALS = 20
_FULL = (errno.ENOSPC, errno.EDQUOT)
# What libraries say that do not hand the system's error on: safetensors and the Rust codecs.
_FULL_IN_WORDS = ("no space left on device", "os error 28", "disk quota exceeded", "os error 122")
# PyTorch's archives and HDF5 say nothing at all of why they failed; a disk with less than this is
# full.
_LEAST_FREE = 1 << 20
_MB = 1e6


def partial_folder(path: Path) -> Path:
    """Name the folder in which ``path`` lies while it is not finished."""
    return path.with_name(f".{path.name}.partial")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary place to write ``path`` to; rename it on success.

    Waits while another process writes the same. What a killed one left is removed.

    Parameters
    ----------
    path
        File or folder that is to appear, whole, under this name.

    Yields
    ------
    Path
        The same name in the folder :func:`partial_folder`, where nothing lies yet.

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
    """Give something that is finished its name, in place of what is there.

    Parameters
    ----------
    written
        Where it lies now; a folder gets its manifest here.
    path
        The name.
    known
        As for :func:`cortexlens.storage.manifest.seal`.
    last
        The job makes nothing else: it is through, and is known to be so before the result has its
        name, so that no kill in between costs what it kept.
    """
    finish(written, path, known)
    if last:
        mark_complete({path: written})
    if path.is_dir():
        # Renamed twice rather than removed: as short a time as possible without either.
        path.rename(written.with_name(f"{written.name}.old"))
    written.replace(path)


@contextmanager
def scratch_folder(path: Path) -> Iterator[Path]:
    """Give an empty folder for what is needed while ``path`` is made; it is removed at the end.

    Yields
    ------
    Path
        A folder beside ``path``; what a killed job left in it is gone.
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
    """Turn the many errors of a full disk into one line.

    Parameters
    ----------
    path
        What is being written.

    Raises
    ------
    CortexlensError
        If what is done within fails because the disk of ``path`` is full.
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
    """Say that a disk is full, while this was written to it and so many bytes were free."""
    return (
        f"{path}: could not be written, its disk is full or a quota is used up "
        f"({free / _MB:.1f} MB free). Free some space and run the same command again; what was "
        "finished is kept."
    )


def is_full(error: BaseException | None) -> bool:
    """Tell whether an error, or what led to it, says that a disk is full."""
    while error is not None:
        text = str(error).lower()
        if getattr(error, "errno", None) in _FULL or any(part in text for part in _FULL_IN_WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False


def no_room(free: int) -> bool:
    """Tell whether so few bytes are free that any error while writing comes from it."""
    return free < _LEAST_FREE


class FolderLock:
    """A folder of unfinished work that this process has taken.

    Parameters
    ----------
    descriptor
        Of the open file that is locked; closed when nobody has this object any more.
    """

    def __init__(self, descriptor: int) -> None:
        self.let_go = weakref.finalize(self, os.close, descriptor)


def acquire(folder: Path) -> FolderLock:
    """Take a folder of unfinished work for this process, made if it is not there.

    Waits while another process has it.

    Notes
    -----
    Locks of POSIX: they end with their process, however it ends, and hold on network disks. The
    same process may take a folder again. On a disk that knows no locks nobody is kept apart.
    """
    told = False
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / LOCK
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:  # its owner has just removed the folder
            continue
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            if not told:
                owner = os.read(descriptor, 200).decode(errors="replace") or "another process"
                say(f"{folder}: {owner} is writing here; waiting until it ends.")
                told = True
            os.close(descriptor)
            time.sleep(SECONDS_BETWEEN_TRIES)
            continue
        except OSError:
            return FolderLock(descriptor)
        if _is_current(descriptor, path):
            with suppress(OSError):  # a full disk
                os.ftruncate(descriptor, 0)
                os.write(descriptor, f"process {os.getpid()} on {platform.node()}".encode())
            return FolderLock(descriptor)
        os.close(descriptor)


def _is_current(descriptor: int, path: Path) -> bool:
    """Tell whether a locked file is still the one of that name."""
    try:
        return os.fstat(descriptor).st_ino == path.stat().st_ino
    except FileNotFoundError:
        return False


def empty(folder: Path) -> None:
    """Remove everything in a folder but its lock."""
    for path in folder.iterdir():
        if path.name != LOCK:
            _remove(path)


def release(folder: Path, held: FolderLock) -> None:
    """Remove a folder of unfinished work and all in it, and let others have its name."""
    empty(folder)
    (folder / LOCK).unlink(missing_ok=True)
    with suppress(OSError):  # another process has put its lock there already
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
            # threads of a store whose writing failed may still put files into it
            if error.errno != errno.ENOTEMPTY or not left:
                raise
            time.sleep(0.1)
