"""Preparation of the user's networks: checks, copying, device and precision."""

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
    """Turn any exception that PyTorch raises for a user's network into a one-line error.

    Parameters
    ----------
    backbone
        Identifier of the network, for the message.
    action
        Participle of what is being done, e.g. ``copied``.
    advice
        A sentence that says what to do.

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
        The network; it is not changed.
    backbone
        Identifier of the network, for error messages.

    Raises
    ------
    CortexlensError
        If its layers cannot be read, see :func:`prepared`, or it holds something that cannot be
        copied, such as a lock or an open file.
    """
    check_readable(network, backbone)
    # Computed tensors, such as the weights of weight_norm before the next forward pass, or an
    # activation that a module keeps, can only be copied without their gradient history.
    computed: dict[int, Any] = {
        id(value): value.detach().clone()
        for module in network.modules()
        for value in vars(module).values()
        if isinstance(value, torch.Tensor) and value.grad_fn is not None
    }
    advice = (
        "Remove what cannot be copied (locks, open files, generators) from its attributes, or "
        "name its function in a row of backbones.tsv with source python."
    )
    with guarded(backbone, "copied", advice):
        return deepcopy(network, computed).eval().requires_grad_(False)


def prepared(network: nn.Module, device: torch.device, backbone: str) -> nn.Module:
    """Move a network to a device, in float32 and, where possible, channels-last memory format.

    Parameters
    ----------
    network
        The network, changed in place.
    device
        Device that it will run on.
    backbone
        Identifier of the network, for error messages.

    Raises
    ------
    CortexlensError
        If its layers cannot be read (TorchScript), it has uninitialised parameters (lazy modules),
        or it cannot be moved.
    """
    check_readable(network, backbone)
    tensors = list(chain(network.parameters(), network.buffers()))
    formats = {tensor.dtype for tensor in tensors if tensor.is_floating_point()}
    with guarded(backbone, f"moved to {device}", "All of its tensors must be in memory."):
        network = network.to(device)
        if formats - {torch.float32}:
            names = ", ".join(sorted(str(each).removeprefix("torch.") for each in formats))
            say(f"backbone {backbone!r}: its tensors are {names}; it is computed in float32")
            network = network.float()
        _channels_last(network)
    return network


def check_readable(network: nn.Module, backbone: str) -> None:
    """Refuse a network whose layers cannot be read, or that has uninitialised parameters.

    Parameters
    ----------
    network
        The network.
    backbone
        Identifier of the network, for error messages.

    Raises
    ------
    CortexlensError
        If it is a TorchScript network, or a parameter belongs to a lazy module.
    """
    if isinstance(network, torch.jit.ScriptModule):
        raise CortexlensError(
            f"backbone {backbone!r}: found a TorchScript network ({type(network).__name__}), whose "
            "inner modules cannot be read. Use the torch.nn.Module that it was scripted or traced "
            "from."
        )
    tensors = chain(network.named_parameters(), network.named_buffers())
    lazy = [name for name, tensor in tensors if is_lazy(tensor)]
    if lazy:
        raise CortexlensError(
            f"backbone {backbone!r}: the size of parameter {lazy[0]!r} is not known yet: it is in "
            "a lazy module, which is initialised in its first forward pass. Run the network once "
            "on an image, and load its weights, before passing it on."
        )


def _channels_last(network: nn.Module) -> None:
    """Use channels-last memory format, with which convolutions on a CPU are up to twice as fast.

    Tensors are converted one by one, because PyTorch cannot convert networks that also have
    three-dimensional convolutions as a whole.
    """
    for tensor in chain(network.parameters(), network.buffers()):
        if tensor.dim() == 4:
            tensor.data = tensor.data.contiguous(memory_format=torch.channels_last)
