"""Where the large products run, and in which number format."""

import torch

from cortexlens.errors import CortexlensError
from cortexlens.gpus import claim_gpu
from cortexlens.progress import say

DEVICES = ("auto", "cpu", "cuda")


def choose_device(wanted: str) -> torch.device:
    """Processor or GPU that a job computes on.

    Parameters
    ----------
    wanted
        ``cpu``; ``cuda``; ``auto``: the GPU where there is one.

    Returns
    -------
    torch.device
        Of several GPUs the first that no other job of this user has; it is this process's until
        it ends. If all are taken, the one with most free memory, and a line says so.

    Raises
    ------
    CortexlensError
        If the name is unknown, or a GPU is wanted where there is none.
    """
    if wanted not in DEVICES:
        raise CortexlensError(
            f"device is {wanted!r}; allowed: {', '.join(DEVICES)}. Change it in the config."
        )
    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise CortexlensError(
            "device is 'cuda', but PyTorch finds no GPU on this machine. Set device to auto or cpu "
            "in the config, or install a PyTorch that fits the GPU's driver."
        )
    if not there or wanted == "cpu":
        return torch.device("cpu")
    count = torch.cuda.device_count()
    return torch.device("cuda") if count < 2 else _own_gpu(count)


def _own_gpu(count: int) -> torch.device:
    """One of several GPUs, as the current one; indices are those of CUDA_VISIBLE_DEVICES."""
    names = [str(torch.cuda.get_device_properties(index).uuid) for index in range(count)]
    index = claim_gpu(names)
    if index is None:
        index = max(range(count), key=_free_memory)
        say(
            f"All {count} GPUs are taken: this job shares GPU {index}, which has most memory free. "
            "Run fewer jobs at once (snakemake --resources gpu=N), or set device to cpu."
        )
    torch.cuda.set_device(index)
    return torch.device("cuda", index)


def _free_memory(index: int) -> int:
    """Bytes that are free on a GPU."""
    return int(torch.cuda.mem_get_info(index)[0])


def compute_dtype(precision: str, device: torch.device) -> torch.dtype:
    """Number format of the large products.

    Parameters
    ----------
    precision
        ``float32``; ``bfloat16``; ``auto``: bfloat16 where the device multiplies it faster.
    device
        That the products run on.

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
        # Without matrix units for it, bfloat16 is several times slower than float32.
        fast = torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if fast else torch.float32
