"""Sizes of a network and costs of a forward pass, measured without weights or memory.

The network is built on PyTorch's *meta* device, where tensors have shapes but no values: the
largest network of the zoo takes a second and hardly any memory.
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
    """Records the size in bytes of the largest tensor that any operation returns."""

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
    """Count a network's parameters, layers and floating-point operations for one image.

    Parameters
    ----------
    row
        Row of the network; its weights are ignored.

    Returns
    -------
    NetworkSize

    Raises
    ------
    CortexlensError
        If the network cannot be built, lacks the layers, or does not run.
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
    except Exception as error:  # whatever the network raises on tensors without values
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise CortexlensError(
            f"backbone {row.backbone!r}: {row.name} cannot be measured on images of "
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
    """Build a network on the meta device, or in memory if its code needs values."""
    try:
        with META:
            return build(row)
    except CortexlensError:
        return build(row)
