"""What a network is and what a forward pass of it takes, found without weights or memory.

It is built on PyTorch's *meta* device, where tensors have shapes and no numbers: the largest
network of the zoo takes a second and no memory to speak of.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from cortexlens.backbones.network import reader_of
from cortexlens.backbones.preprocessing import resolve
from cortexlens.backbones.row import BackboneRow
from cortexlens.backbones.size import NetworkSize
from cortexlens.backbones.sources import Built, build
from cortexlens.errors import CortexlensError

META = torch.device("meta")


class _Largest(TorchDispatchMode):
    """Notes the bytes of the largest tensor that any operation gives."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.n_bytes = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        found = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(found):
            if isinstance(tensor, torch.Tensor):
                self.n_bytes = max(self.n_bytes, tensor.numel() * tensor.element_size())
        return found


def measure_network(row: BackboneRow) -> NetworkSize:
    """Count a network's parameters, layers and products for one picture.

    Parameters
    ----------
    row
        The network; its weights are not looked at.

    Returns
    -------
    NetworkSize

    Raises
    ------
    CortexlensError
        If it cannot be built, has no such layers or does not run.
    """
    row = replace(row, weights=None, weights_prefix=None, weights_without=None, tuned=None)
    built = _build(row)
    network = built.network.to(META).eval()
    side = resolve(row, built.library).input_size
    try:
        with torch.no_grad():
            reader = reader_of(row, network, torch.rand(2, 3, side, side, device=META))
            picture = torch.rand(1, 3, side, side, device=META)
            with FlopCounterMode(display=False) as counter, _Largest() as largest:
                layers = reader(picture)
    except CortexlensError:
        raise
    except Exception as error:  # whatever the network raises where there are no numbers
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise CortexlensError(
            f"backbone {row.backbone!r}: {row.name} cannot be measured on pictures of "
            f"{side} × {side} px ({reason}). Change input_size or name."
        ) from error
    return NetworkSize(
        sum(parameter.numel() for parameter in network.parameters()),
        tuple(layer.local.shape[1] for layer in layers),
        side,
        float(counter.get_total_flops()),
        float(sum(math.prod(layer.local.shape) for layer in layers)),
        float(largest.n_bytes),
    )


def _build(row: BackboneRow) -> Built:
    """Build a network without memory; with it, where its code asks for numbers."""
    try:
        with META:
            return build(row)
    except CortexlensError:
        return build(row)
