"""Weights: where they lie, how they are read, and their hash."""

import hashlib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cortexlens.backbones.cache import PRETRAINED, is_url
from cortexlens.errors import CortexlensError

if TYPE_CHECKING:
    from torch import Tensor, nn

PACKAGED = Path(__file__).parent / "weights"
PACKAGED_PREFIX = "packaged:"
TORCH_SUFFIXES = (".th", ".pt", ".pth", ".pth.tar", ".bin")
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
        A file name, an address, ``packaged:NAME``, ``pretrained`` or None.

    Returns
    -------
    Path or None
        None where no file of the user's is read: untrained, or fetched into the cache.

    Raises
    ------
    CortexlensError
        If there is no such file; names the packaged ones where one of those was asked for.
    """
    if weights is None or weights == PRETRAINED or is_url(weights):
        return None
    if weights.startswith(PACKAGED_PREFIX):
        path = PACKAGED / f"{weights.removeprefix(PACKAGED_PREFIX)}.safetensors"
        choices = ", ".join(sorted(file.stem for file in PACKAGED.glob("*.safetensors")))
        if path.parent != PACKAGED or not path.is_file():
            raise CortexlensError(f"weights {weights!r} do not come with cortexlens: {choices} do.")
        return path
    path = Path(weights)
    if not path.name.endswith((".safetensors", *TORCH_SUFFIXES)):
        raise CortexlensError(
            f"weights {weights!r}: a file ending in .safetensors, {', '.join(TORCH_SUFFIXES)}, "
            "an address (https://…), packaged:NAME, pretrained or an empty cell was expected."
        )
    if not path.is_file():
        raise CortexlensError(f"weights {weights!r}: there is no such file. Correct the path.")
    return path


def read_state_dict(path: Path, prefix: str | None = None) -> dict[str, "Tensor"]:
    """Read named tensors, executing nothing that the file may carry.

    Parameters
    ----------
    path
        ``.safetensors``, or a PyTorch file with a state dict, bare or under ``state_dict`` or
        ``model``; a ``module.`` before every name is taken off.
    prefix
        Only tensors whose names in the file begin so are given, without it.

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
    if prefix:
        return _below(content, prefix, path)
    if all(name.startswith(WRAPPER_PREFIX) for name in content):
        return {name.removeprefix(WRAPPER_PREFIX): value for name, value in content.items()}
    return dict(content)


def _below(content: Mapping[str, "Tensor"], prefix: str, path: Path) -> dict[str, "Tensor"]:
    found = {k.removeprefix(prefix): v for k, v in content.items() if k.startswith(prefix)}
    if not found:
        raise CortexlensError(
            f"{path}: weights_prefix {prefix!r} begins the name of no tensor; names are "
            f"{', '.join(list(content)[:3])} and so on."
        )
    return found


def _left_out(given: dict[str, "Tensor"], patterns: str, path: Path) -> dict[str, "Tensor"]:
    """Leave out the tensors that a comma list of patterns names, every pattern at least one."""
    for pattern in (part.strip() for part in patterns.split(",")):
        kept = {name: value for name, value in given.items() if not fnmatchcase(name, pattern)}
        if len(kept) == len(given):
            raise CortexlensError(
                f"{path}: weights_without {pattern!r} matches no tensor; names are "
                f"{', '.join(list(given)[:3])} and so on."
            )
        given = kept
    return given


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


def load_weights(
    network: "nn.Module", path: Path, prefix: str | None = None, without: str | None = None
) -> None:
    """Put the weights of a file into a network, all of them.

    Parameters
    ----------
    network
        The network.
    path
        The file.
    prefix
        See :func:`read_state_dict`.
    without
        Comma list of patterns of tensors of the file, after the prefix, that are left out.

    Raises
    ------
    CortexlensError
        If a tensor is missing, is not the network's, or has another shape.
    """
    own, given = network.state_dict(), read_state_dict(path, prefix)
    if without:
        given = _left_out(given, without, path)
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
