"""Networks of any making, brought into the one form in which they are read."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from itertools import chain
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from cortexlens.errors import CortexlensError
from cortexlens.progress import say


@contextmanager
def guarded(backbone: str, action: str, advice: str) -> Iterator[None]:
    """Turn whatever PyTorch raises at a user's network into one line.

    Parameters
    ----------
    backbone
        Identifier of the network, for the message.
    action
        What is being done, e.g. ``copied``.
    advice
        What to do, a sentence.

    Raises
    ------
    CortexlensError
        In place of any other exception.
    """
    try:
        yield
    except CortexlensError:
        raise
    except Exception as error:  # objects of others fail in many ways
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise CortexlensError(
            f"backbone {backbone!r}: the network cannot be {action} ({reason}). {advice}"
        ) from error


def copied(network: nn.Module, backbone: str) -> nn.Module:
    """Copy a network in memory, in evaluation mode and without gradients.

    Parameters
    ----------
    network
        Not changed.
    backbone
        Identifier of the network, for messages.

    Raises
    ------
    CortexlensError
        If it cannot be read, see :func:`prepared`, or holds what cannot be copied, such as a lock
        or an open file.
    """
    check_readable(network, backbone)
    # Tensors that were computed, such as the weights of weight_norm before the next forward pass,
    # or an activation that a module keeps: PyTorch copies them only apart from their gradients.
    computed: dict[int, Any] = {
        id(value): value.detach().clone()
        for module in network.modules()
        for value in vars(module).values()
        if isinstance(value, torch.Tensor) and value.grad_fn is not None
    }
    advice = (
        "Take what cannot be copied (locks, open files, generators) out of its attributes, or "
        "give its function as a row of backbones.tsv with source python."
    )
    with guarded(backbone, "copied", advice):
        return deepcopy(network, computed).eval().requires_grad_(False)


def prepared(network: nn.Module, device: torch.device, backbone: str) -> nn.Module:
    """Bring a network to a device, in float32 and with channels last in memory where it can be.

    Parameters
    ----------
    network
        Changed in place.
    device
        Where it is to run.
    backbone
        Identifier of the network, for messages.

    Raises
    ------
    CortexlensError
        If its layers cannot be read (TorchScript), it has parameters without a size yet (lazy
        modules), or it cannot be moved.
    """
    check_readable(network, backbone)
    tensors = list(chain(network.parameters(), network.buffers()))
    formats = {tensor.dtype for tensor in tensors if tensor.is_floating_point()}
    with guarded(backbone, f"brought to {device}", "Give it with all its tensors in memory."):
        network = network.to(device)
        if formats - {torch.float32}:
            names = ", ".join(sorted(str(each).removeprefix("torch.") for each in formats))
            say(f"backbone {backbone!r}: its tensors are {names}; it is computed in float32")
            network = network.float()
        _channels_last(network)
    return network


def check_readable(network: nn.Module, backbone: str) -> None:
    """Refuse a network whose layers cannot be read, or that has parameters without a size.

    Raises
    ------
    CortexlensError
        Naming what it is.
    """
    if isinstance(network, torch.jit.ScriptModule):
        raise CortexlensError(
            f"backbone {backbone!r}: found a TorchScript network ({type(network).__name__}), whose "
            "inner modules cannot be read. Give the torch.nn.Module that it was scripted or traced "
            "from."
        )
    tensors = chain(network.named_parameters(), network.named_buffers())
    lazy = [name for name, tensor in tensors if is_lazy(tensor)]
    if lazy:
        raise CortexlensError(
            f"backbone {backbone!r}: the size of parameter {lazy[0]!r} is not known yet: it is of "
            "a lazy module, which learns it in its first forward pass. Run the network once on a "
            "picture, and load its weights, before it is given."
        )


def _channels_last(network: nn.Module) -> None:
    """Put channels last in memory: convolutions on a CPU are up to twice as fast.

    Each tensor by itself, for a network that also has convolutions in three dimensions, which
    PyTorch refuses to bring into this order as a whole.
    """
    for tensor in chain(network.parameters(), network.buffers()):
        if tensor.dim() == 4:
            tensor.data = tensor.data.contiguous(memory_format=torch.channels_last)
