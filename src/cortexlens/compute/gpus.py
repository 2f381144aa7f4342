"""GPUs of this machine, and who has which; PyTorch is not imported here.

Jobs that run beside each other on a machine with several GPUs shall not meet on one. Each claims
one by a lock on a file of its name, which the kernel gives back when the process ends, killed or
not: there is nothing to tidy up, and no job has to know of the others.
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

# Open lock files of this process by name of the GPU: held until it ends.
_HELD: dict[str, int] = {}


def visible_gpus() -> int:
    """Count the GPUs that a job may use, without asking PyTorch.

    Returns
    -------
    int
        Those of the machine, or of ``CUDA_VISIBLE_DEVICES`` where it names fewer.
    """
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    there = _gpus_of_machine()
    if named is None:
        return there
    names = [name.strip() for name in named.split(",")]
    # CUDA reads the list up to the first name that is none.
    valid = next((i for i, name in enumerate(names) if name in ("", "-1")), len(names))
    return min(valid, there) if all(name.isdecimal() for name in names[:valid]) else valid


def _gpus_of_machine() -> int:
    """Count the GPUs that the driver lists."""
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
    """Take the first GPU that no other process of this user has, until this process ends.

    Parameters
    ----------
    names
        Of the GPUs, the same for all processes (UUIDs), in the order in which they are wanted.

    Returns
    -------
    int or None
        Index into ``names``: the one that this process has already, else the first that is free;
        None if all are taken or nothing can be locked here.
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
    """Give this user's own folder in the temporary one; None if it is not safe to use."""
    folder = Path(tempfile.gettempdir()) / f"cortexlens-gpus-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return folder if own and not found.st_mode & 0o077 else None


def _lock(path: Path) -> int | None:
    """Open and lock a file; its descriptor, or None if another process has it."""
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
