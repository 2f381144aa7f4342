"""Where the large products run, and in which number format."""

import torch

from cortexlens.errors import CortexlensError

DEVICES = ("auto", "cpu", "cuda")


def choose_device(wanted: str) -> torch.device:
    """Processor or GPU that a job computes on.

    Parameters
    ----------
    wanted
        ``cpu``; ``cuda``; ``auto``: the GPU where there is one.

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
    return torch.device("cuda" if there and wanted != "cpu" else "cpu")


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
