"""Weights: where they lie, how they are read, and their hash."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cortexlens.errors import CortexlensError

if TYPE_CHECKING:
    from torch import Tensor, nn

PACKAGED = Path(__file__).parent / "weights"
PACKAGED_PREFIX = "packaged:"
PRETRAINED = "pretrained"
TORCH_SUFFIXES = (".th", ".pt", ".pth")
# A training script's checkpoint keeps the weights among other things, under one of these names.
NESTED_NAMES = ("state_dict", "model")
# Written by DataParallel around the network.
WRAPPER_PREFIX = "module."
# Count of training steps: read by no forward pass in evaluation, absent from old files.
UNUSED_SUFFIX = "num_batches_tracked"


def weights_path(weights: str | None) -> Path | None:
    """File behind the column ``weights`` of a row.

    Parameters
    ----------
    weights
        A file name, ``packaged:NAME``, ``pretrained`` or None.

    Returns
    -------
    Path or None
        None where no file of ours is read (untrained, or pretrained by the library).

    Raises
    ------
    CortexlensError
        If there is no such file; names the packaged ones where one of those was asked for.
    """
    if weights is None or weights == PRETRAINED:
        return None
    if weights.startswith(PACKAGED_PREFIX):
        path = PACKAGED / f"{weights.removeprefix(PACKAGED_PREFIX)}.safetensors"
        choices = ", ".join(sorted(file.stem for file in PACKAGED.glob("*.safetensors")))
        if path.parent != PACKAGED or not path.is_file():
            raise CortexlensError(f"weights {weights!r} do not come with cortexlens: {choices} do.")
        return path
    path = Path(weights)
    if path.suffix not in (".safetensors", *TORCH_SUFFIXES):
        raise CortexlensError(
            f"weights {weights!r}: a file ending in .safetensors, {', '.join(TORCH_SUFFIXES)}, "
            "packaged:NAME, pretrained or an empty cell was expected."
        )
    if not path.is_file():
        raise CortexlensError(f"weights {weights!r}: there is no such file. Mend the path.")
    return path


def read_state_dict(path: Path) -> dict[str, "Tensor"]:
    """Read named tensors, executing nothing that the file may carry.

    Parameters
    ----------
    path
        ``.safetensors``, or a PyTorch file with a state dict, bare or under ``state_dict`` or
        ``model``; a ``module.`` before every name is taken off.

    Returns
    -------
    dict
        Name to tensor.

    Raises
    ------
    CortexlensError
        If the file cannot be read or holds anything else.
    """
    content = _read_safetensors(path) if path.suffix == ".safetensors" else _read_torch(path)
    for name in NESTED_NAMES:
        if isinstance(content, Mapping) and isinstance(content.get(name), Mapping):
            content = content[name]
    import torch

    if not isinstance(content, Mapping) or not content:
        raise CortexlensError(f"{path}: holds no state dict (a table of named tensors).")
    for name, value in content.items():
        if not isinstance(name, str) or not isinstance(value, torch.Tensor):
            raise CortexlensError(
                f"{path}: entry {name!r} is a {type(value).__name__}, not a tensor; save the "
                "network's state_dict()."
            )
    if all(name.startswith(WRAPPER_PREFIX) for name in content):
        return {name.removeprefix(WRAPPER_PREFIX): value for name, value in content.items()}
    return dict(content)


def _read_safetensors(path: Path) -> Any:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise CortexlensError(f"{path}: no readable safetensors file ({error}).") from error


def _read_torch(path: Path) -> Any:
    import pickle

    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CortexlensError(
            f"{path}: holds Python objects besides tensors, which are not executed; save the "
            "network's state_dict() alone."
        ) from error
    except Exception as error:  # a damaged file can raise anything
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise CortexlensError(f"{path}: no readable PyTorch file ({reason}).") from error


def load_weights(network: "nn.Module", path: Path) -> None:
    """Put the weights of a file into a network, all of them.

    Raises
    ------
    CortexlensError
        If a tensor is missing, is not the network's, or has another shape.
    """
    own, given = network.state_dict(), read_state_dict(path)
    missing = [name for name in own if name not in given and not name.endswith(UNUSED_SUFFIX)]
    unexpected = [name for name in given if name not in own]
    for names, what in ((missing, "missing"), (unexpected, "not the network's")):
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise CortexlensError(
                f"{path}: tensor {names[0]!r}{more} {what}, of {len(own)} in the network and "
                f"{len(given)} in the file. Check that name and weights belong together."
            )
    for name, tensor in given.items():
        if tensor.shape != own[name].shape:
            raise CortexlensError(
                f"{path}: tensor {name!r} has shape {tuple(tensor.shape)}, the network needs "
                f"{tuple(own[name].shape)}. Check that name and weights belong together."
            )
    network.load_state_dict(given, strict=False)


def state_hash(network: "nn.Module") -> str:
    """SHA-256 of the names, types, shapes and values of all that a network would save.

    The same for equal weights in files of different kinds, and for untrained networks of equal
    seed.
    """
    import torch

    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        if name.endswith(UNUSED_SUFFIX):
            continue
        digest.update(f"{name}{tensor.dtype}{tuple(tensor.shape)}".encode())
        values = tensor.detach().cpu().contiguous().reshape(-1)
        digest.update(values.view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
