"""GPUs of this machine and which process has claimed them; does not import PyTorch.

Jobs that run at the same time on a machine with several GPUs should use different ones. Each job
claims one by locking a file named after it. The kernel releases the lock when the process ends,
killed or not, so nothing has to be cleaned up and no job has to know of the others.
"""

import fcntl
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

# Name of a GPU → descriptor of its lock file, held by this process until it ends.
_HELD: dict[str, int] = {}


def visible_gpus() -> int:
    """Number of GPUs that a job may use, determined without PyTorch.

    Returns
    -------
    int
        Number of GPUs of the machine, or of those in ``CUDA_VISIBLE_DEVICES`` if that is fewer.
    """
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    there = _gpus_of_machine()
    if named is None:
        return there
    names = [name.strip() for name in named.split(",")]
    # CUDA reads the list up to the first invalid name.
    valid = next((i for i, name in enumerate(names) if name in ("", "-1")), len(names))
    return min(valid, there) if all(name.isdecimal() for name in names[:valid]) else valid


def _gpus_of_machine() -> int:
    """Number of GPUs that the driver lists."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return 0
    try:
        done = subprocess.run(
            [program, "--list-gpus"],
            capture_output=True,
            encoding="utf-8",
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return len(re.findall(r"(?m)^GPU \d+:", done.stdout))


def claim_gpu(names: Sequence[str]) -> int | None:
    """Claim the first GPU that no other process of this user has claimed, until this process ends.

    Parameters
    ----------
    names
        Names of the GPUs that are the same for all processes (UUIDs), in order of preference.

    Returns
    -------
    int or None
        Index into ``names``: the GPU that this process already has, else the first free one; None
        if all are claimed or files cannot be locked here.
    """
    for index, name in enumerate(names):
        if name in _HELD:
            return index
    folder = _lock_folder()
    if folder is None:
        return None
    for index, name in enumerate(names):
        held = _lock(folder / re.sub(r"[^\w-]", "-", name))
        if held is not None:
            _HELD[name] = held
            return index
    return None


def _lock_folder() -> Path | None:
    """Folder of this user's locks in the temporary folder; None if it is not safe to use."""
    folder = Path(tempfile.gettempdir()) / f"cortexlens-gpus-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return folder if own and not found.st_mode & 0o077 else None


def _lock(path: Path) -> int | None:
    """Open and lock a file; return its descriptor, or None if another process has locked it."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
