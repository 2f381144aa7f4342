"""Weights of networks: finding, reading, loading and hashing them."""

import hashlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cortexlens.backbones.cache import PRETRAINED, WITHIN, is_url, split_weights
from cortexlens.errors import CortexlensError
from cortexlens.progress import say

if TYPE_CHECKING:
    from torch import Tensor, nn

PACKAGED = Path(__file__).parent / "weights"
PACKAGED_PREFIX = "packaged:"
TORCH_SUFFIXES = (".th", ".pt", ".pth", ".pth.tar", ".bin")
# Usual names of the weights within a checkpoint that holds other things too.
NESTED_NAMES = ("state_dict", "model")
# Depth to which nested tables are searched for state dicts; optimiser states lie deeper.
DEEPEST = 2
# First bytes of zip files and of pickles.
_BEGINNINGS = (b"PK", b"\x80")
SHOWN = 5  # number of names shown in a message
# Prefix of all names if the network was wrapped in DataParallel.
WRAPPER_PREFIX = "module."
# Counter of training steps, which is not used in evaluation and is absent from old files.
UNUSED_SUFFIX = "num_batches_tracked"


def weights_path(weights: str | None) -> Path | None:
    """Find the file that the column ``weights`` of a row refers to.

    Parameters
    ----------
    weights
        A file name or URL, either optionally followed by ``::`` and the name of a state dict in the
        file; ``packaged:NAME``; ``pretrained``; or None.

    Returns
    -------
    Path or None
        None if no file of the user's is read: the network is untrained, or its weights are in the
        cache.

    Raises
    ------
    CortexlensError
        If there is no such file; for packaged weights, the message lists those that exist.
    """
    if weights is None or weights == PRETRAINED or is_url(weights):
        return None
    if weights.startswith(PACKAGED_PREFIX):
        path = PACKAGED / f"{weights.removeprefix(PACKAGED_PREFIX)}.safetensors"
        choices = ", ".join(sorted(file.stem for file in PACKAGED.glob("*.safetensors")))
        if path.parent != PACKAGED or not path.is_file():
            raise CortexlensError(
                f"weights {weights!r} do not come with cortexlens; available are {choices}."
            )
        return path
    path = Path(split_weights(weights)[0])
    if not path.name.endswith((".safetensors", *TORCH_SUFFIXES)):
        raise CortexlensError(
            f"weights {weights!r}: expected a file ending in .safetensors, "
            f"{', '.join(TORCH_SUFFIXES)}, an address (https://…), packaged:NAME, pretrained or "
            "an empty cell; FILE::NAME is the state dict NAME of a file."
        )
    if not path.is_file():
        raise CortexlensError(f"weights {weights!r}: there is no such file. Correct the path.")
    return path


def read_state_dict(
    path: Path, prefix: str | None = None, chosen: str | None = None
) -> dict[str, "Tensor"]:
    """Read named tensors from a file, without executing code that it may contain.

    Parameters
    ----------
    path
        ``.safetensors`` file, or PyTorch file with a state dict, possibly nested in a table. If all
        names begin with ``module.``, this prefix is removed.
    prefix
        Only tensors whose names in the file begin with this prefix are returned, without the
        prefix.
    chosen
        Name of the state dict within the file, such as ``model_ema``; names in nested tables are
        joined by ``::``. None: the only state dict, or the one named ``state_dict`` or ``model`` if
        the others hold different tensors; those left out are reported on standard error.

    Returns
    -------
    dict
        Name → tensor.

    Raises
    ------
    CortexlensError
        If the file cannot be read, or has no state dict, or several of which none was chosen.
    """
    found = state_dicts(path)
    content = found[_chosen(found, chosen, path)]
    if not _is_state_dict(content):
        raise _no_tensor(path, content)
    if prefix:
        return _below(content, prefix, path)
    return _unwrapped(content)


def state_dicts(path: Path) -> dict[str, Mapping[Any, Any]]:
    """Find the state dicts in a file of weights.

    Parameters
    ----------
    path
        As for :func:`read_state_dict`.

    Returns
    -------
    dict
        Name within the file → tensors; the name is ``""`` if the whole file is a state dict.
        Entries with the usual name of a state dict but other content are included.

    Raises
    ------
    CortexlensError
        If the file cannot be read or has no state dict.
    """
    content = _read_safetensors(path) if path.suffix == ".safetensors" else _read_torch(path)
    if not isinstance(content, Mapping) or not content:
        raise CortexlensError(f"{path}: holds no state dict (a table of named tensors).")
    found = dict(_tables(content, DEEPEST))
    if not any(map(_is_state_dict, found.values())):
        raise _no_tensor(path, next(iter(found.values()), content))
    return found


def _tables(content: Mapping[Any, Any], depth: int) -> Iterator[tuple[str, Mapping[Any, Any]]]:
    """Yield the state dicts within a table, with their names."""
    if _is_state_dict(content):
        yield "", content
        return
    for name, value in content.items():
        if depth == 0 or not isinstance(name, str) or not isinstance(value, Mapping):
            continue
        below = dict(_tables(value, depth - 1))
        if not below and value and name in NESTED_NAMES:
            below = {"": value}
        for last, table in below.items():
            yield (f"{name}{WITHIN}{last}" if last else name), table


def _is_state_dict(content: Mapping[Any, Any]) -> bool:
    return bool(content) and next(_non_tensors(content), None) is None


def _non_tensors(content: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """Yield entries of a table that are not named tensors."""
    import torch

    for name, value in content.items():
        if not isinstance(name, str) or not isinstance(value, torch.Tensor):
            yield name, value


def _no_tensor(path: Path, content: Mapping[Any, Any]) -> CortexlensError:
    name, value = next(_non_tensors(content))
    return CortexlensError(
        f"{path}: entry {name!r} is a {type(value).__name__}, not a tensor; save the network's "
        "state_dict()."
    )


def _chosen(found: Mapping[str, Mapping[Any, Any]], chosen: str | None, path: Path) -> str:
    """Name of the state dict to use; an error if several versions of the same weights exist."""
    names = ", ".join(filter(None, found))
    if chosen is not None:
        if chosen in found and chosen:
            return chosen
        raise CortexlensError(
            f"{path}: holds no state dict {chosen!r}; found {names or 'one without a name'}. "
            f"Correct what follows {WITHIN} after the file's name (column weights)."
        )
    if len(found) == 1:
        return next(iter(found))
    usual = next((name for name in NESTED_NAMES if name in found), None)
    others = [name for name in found if name != usual]
    own = set() if usual is None else set(_unwrapped(found[usual]))
    rivals = [name for name in others if own & set(_unwrapped(found[name]))]
    if usual is None or rivals:
        raise CortexlensError(
            f"{path}: holds several state dicts, {names}, such as weights and their moving "
            f"average. Name one of them after the file (column weights): "
            f"{path.name}{WITHIN}{(rivals or others)[0]}, or another."
        )
    say(f"{path}: the state dict {usual} is used; left out: {_listed(others)}")
    return usual


def _unwrapped(content: Mapping[Any, "Tensor"]) -> dict[str, "Tensor"]:
    """Remove the prefix that wrappers such as DataParallel put before every name."""
    if all(str(name).startswith(WRAPPER_PREFIX) for name in content):
        return {name.removeprefix(WRAPPER_PREFIX): value for name, value in content.items()}
    return dict(content)


def _below(content: Mapping[str, "Tensor"], prefix: str, path: Path) -> dict[str, "Tensor"]:
    found = {k.removeprefix(prefix): v for k, v in content.items() if k.startswith(prefix)}
    if not found:
        raise CortexlensError(
            f"{path}: no tensor has a name that begins with weights_prefix {prefix!r}; names are "
            f"{', '.join(list(content)[:3])} and so on."
        )
    others = [name for name in content if not name.startswith(prefix)]
    if others:
        heads = dict.fromkeys(name.partition(".")[0] for name in others)
        say(
            f"{path}: {len(others)} of {len(content)} tensors do not begin with {prefix} and are "
            f"left out: those of {_listed(list(heads))}"
        )
    return found


def _listed(names: Sequence[str]) -> str:
    """List the first few names and the number of further ones."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _without(given: dict[str, "Tensor"], patterns: str, path: Path) -> dict[str, "Tensor"]:
    """Remove tensors that match comma-separated patterns; each pattern must match at least one."""
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
        raise CortexlensError(f"{path}: not a readable safetensors file ({error}).") from error


def _read_torch(path: Path) -> Any:
    import pickle

    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # TorchScript files raise an error below
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        with path.open("rb") as file:
            begin = file.read(20)
        if not begin.startswith(_BEGINNINGS):  # for example, a web page saved in place of the file
            raise CortexlensError(
                f"{path}: not a readable PyTorch file (it begins with {begin!r}). Fetch it again."
            ) from error
        raise CortexlensError(
            f"{path}: holds Python objects besides tensors, which are not executed; save the "
            "network's state_dict() alone."
        ) from error
    except Exception as error:  # a damaged file can raise anything
        reason = str(error).partition("\n")[0] or type(error).__name__
        if "TorchScript" in reason:  # PyTorch's own message advises to execute the file
            reason = "it is a TorchScript archive, a program; save the network's state_dict()"
        raise CortexlensError(f"{path}: not a readable PyTorch file ({reason}).") from error


def load_weights(
    network: "nn.Module",
    path: Path,
    prefix: str | None = None,
    without: str | None = None,
    chosen: str | None = None,
) -> None:
    """Load all weights of a file into a network.

    Parameters
    ----------
    network
        The network, changed in place.
    path
        The file.
    prefix
        Prefix of the network's tensors, see :func:`read_state_dict`.
    without
        Comma-separated patterns of tensors of the file (names without the prefix) to leave out.
    chosen
        Name of the state dict, see :func:`read_state_dict`.

    Raises
    ------
    CortexlensError
        If a tensor is missing, does not belong to the network, or has another shape.
    """
    own, given = network.state_dict(), read_state_dict(path, prefix, chosen)
    if without:
        given = _without(given, without, path)
    missing = [name for name in own if name not in given and not name.endswith(UNUSED_SUFFIX)]
    unexpected = [name for name in given if name not in own]
    for names, what in ((missing, "missing"), (unexpected, "not the network's")):
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise CortexlensError(
                f"{path}: tensor {names[0]!r}{more} {what} ({len(own)} in the network, "
                f"{len(given)} in the file). Check that name and weights belong together."
            )
    for name, tensor in given.items():
        if tensor.shape != own[name].shape:
            raise CortexlensError(
                f"{path}: tensor {name!r} has shape {tuple(tensor.shape)}, but the network needs "
                f"{tuple(own[name].shape)}. Check that name and weights belong together."
            )
    network.load_state_dict(given, strict=False)


def state_hash(network: "nn.Module") -> str:
    """SHA-256 of the names, types, shapes and values of a network's state dict.

    Equal weights have the same hash whatever file they came from, and so do untrained networks
    with the same seed.
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
