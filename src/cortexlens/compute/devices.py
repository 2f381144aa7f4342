"""Device and number format of the large matrix products, and free memory."""

import os
from pathlib import Path

import torch

from cortexlens.compute.gpus import claim_gpu
from cortexlens.errors import CortexlensError
from cortexlens.progress import say

DEVICES = ("auto", "cpu", "cuda")


def choose_device(wanted: str) -> torch.device:
    """Device that a job computes on.

    Parameters
    ----------
    wanted
        ``cpu``, ``cuda``, or ``auto``: a GPU if there is one.

    Returns
    -------
    torch.device
        If there are several GPUs, the first that no other job of this user has claimed; it is
        reserved for this process until it ends. If all are claimed, the GPU with the most free
        memory, with a line in the log.

    Raises
    ------
    CortexlensError
        If the name is unknown, or a GPU is requested and there is none.
    """
    if not check_device(wanted) or wanted == "cpu":
        return torch.device("cpu")
    count = torch.cuda.device_count()
    return torch.device("cuda") if count < 2 else _own_gpu(count)


def check_device(wanted: str) -> bool:
    """Check that a device is available, without claiming it; return whether there is a GPU.

    Parameters
    ----------
    wanted
        As for :func:`choose_device`.

    Raises
    ------
    CortexlensError
        As for :func:`choose_device`.
    """
    if wanted not in DEVICES:
        raise CortexlensError(
            f"device is {wanted!r}; allowed: {', '.join(DEVICES)}. Change it in the config."
        )
    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise CortexlensError(
            "device is 'cuda', but PyTorch finds no GPU on this machine. Set device to auto or cpu "
            "in the config, or install a PyTorch build that supports the GPU's driver."
        )
    return there


def _own_gpu(count: int) -> torch.device:
    """Claim one of several GPUs and make it current; indices are those of CUDA_VISIBLE_DEVICES."""
    names = [str(torch.cuda.get_device_properties(index).uuid) for index in range(count)]
    index = claim_gpu(names)
    if index is None:
        index = max(range(count), key=_free_memory)
        say(
            f"All {count} GPUs are in use: this job shares GPU {index}, which has the most free "
            "memory. Run fewer jobs at once (snakemake --resources gpu=N), or set device to cpu."
        )
    torch.cuda.set_device(index)
    return torch.device("cuda", index)


def _free_memory(index: int) -> int:
    """Free memory of a GPU in bytes."""
    return int(torch.cuda.mem_get_info(index)[0])


def compute_dtype(precision: str, device: torch.device) -> torch.dtype:
    """Number format of the large matrix products.

    Parameters
    ----------
    precision
        ``float32``, ``bfloat16``, or ``auto``: bfloat16 if the device multiplies it faster.
    device
        Device that the products run on.

    Raises
    ------
    CortexlensError
        If the precision is unknown.
    """
    known = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    if precision in known:
        return known[precision]
    if precision != "auto":
        raise CortexlensError(
            f"precision is {precision!r}; allowed: auto, float32, bfloat16. "
            "Change it in the config."
        )
    if device.type == "cuda":
        fast = torch.cuda.get_device_capability(device) >= (8, 0)
    else:
        # On CPUs without matrix units for it, bfloat16 is several times slower than float32.
        fast = torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if fast else torch.float32


def forward_dtype(precision: str, device: torch.device) -> torch.dtype:
    """Number format of a network's forward pass.

    As :func:`compute_dtype`, except that vector instructions for bfloat16 (AVX512_BF16) suffice:
    they make forward passes up to twice as fast as in float32, but do not speed up other work.

    Parameters
    ----------
    precision, device
        As for :func:`compute_dtype`.

    Raises
    ------
    CortexlensError
        If the precision is unknown.
    """
    if precision == "auto" and device.type == "cpu" and torch.cpu._is_avx512_bf16_supported():
        return torch.bfloat16
    return compute_dtype(precision, device)


def use_one_thread() -> None:
    """Limit what the calling thread computes with PyTorch to that thread.

    For threads that work alongside a computation. OpenMP gives each calling thread a team of its
    own, as large as the machine, and a team waits for its next task by spinning: a thread that
    prepares a batch would take processor time from the step that it prepares for.
    """
    from threadpoolctl import threadpool_limits

    # PyTorch sets the limit of a new thread on first use, which would override ours.
    torch.get_num_threads()
    threadpool_limits(1, user_api="openmp")


def free_memory(device: torch.device) -> int:
    """Free memory in bytes on a GPU, or available to this process on the machine.

    If the job runs under a memory limit (Slurm, a container), what is left of that limit counts.
    """
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return min(_free_on_machine(), _free_in_group(Path("/sys/fs/cgroup")))


def _free_on_machine() -> int:
    """Memory available without swapping, by Linux's own estimate; on other systems, all memory."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("MemAvailable:"):
                return 1024 * int(line.split()[1])
    except OSError:
        pass
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _free_in_group(mounted: Path) -> int:
    """Bytes left to this process's control groups (version 2); very large if there is no limit."""
    free, folder = 2**62, mounted / _own_group().lstrip("/")
    for group in (folder, *folder.parents):
        try:
            limit, used = (
                (group / "memory.max").read_text(encoding="utf-8"),
                (group / "memory.current").read_text(encoding="utf-8"),
            )
            counts = (group / "memory.stat").read_text(encoding="utf-8").splitlines()
            cached = dict(line.split() for line in counts)["inactive_file"]
            # Cached files count as used, but are dropped when memory is needed.
            free = min(free, int(limit) - int(used) + int(cached))
        except (OSError, ValueError, KeyError):
            continue  # no group, or one without a limit
    return max(free, 0)


def _own_group() -> str:
    """Name of this process's control group; empty if there is none."""
    try:
        return (
            Path("/proc/self/cgroup")
            .read_text(encoding="utf-8")
            .strip()
            .splitlines()[-1]
            .partition("::")[2]
        )
    except (OSError, IndexError):
        return ""
