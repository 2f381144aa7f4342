"""Tokens of timm networks, read through their ``forward_intermediates``."""

import inspect

import torch
from jaxtyping import Float
from torch import nn

from cortexlens.backbones.hooks import RawLayer
from cortexlens.backbones.row import refuse
from cortexlens.backbones.tokens import has_class_token


def wanted_indices(layers: str, n_layers: int, backbone: str) -> list[int] | None:
    """Blocks that the column ``layers`` selects by number.

    Parameters
    ----------
    layers
        ``all`` or a comma-separated list of whole numbers; negative ones count from the end.
    n_layers
        Number of blocks of the network.
    backbone
        Identifier of the row, for error messages.

    Returns
    -------
    list of int or None
        Ascending, without duplicates; None if ``layers`` names modules instead.

    Raises
    ------
    CortexlensError
        If there is no block of such a number.
    """
    if layers == "all":
        return list(range(n_layers))
    try:
        indices = [int(part) for part in layers.split(",")]
    except ValueError:
        return None
    for index in indices:
        if not -n_layers <= index < n_layers:
            refuse(backbone, "layers", index, f"{-n_layers} to {n_layers - 1}")
    return sorted({index % n_layers for index in indices})


class IntermediatesReader:
    """Reads blocks through timm, before the network's final normalisation.

    Parameters
    ----------
    network
        A timm network with ``forward_intermediates``.
    indices
        Blocks to read, ascending.
    """

    def __init__(self, network: nn.Module, indices: list[int]) -> None:
        self.network, self.indices = network, indices
        info = list(network.feature_info)  # type: ignore[arg-type]
        self.layer_names = [str(info[index]["module"]) for index in indices]
        self.layouts = ["nchw"] * len(indices)
        known = inspect.signature(network.forward_intermediates).parameters  # type: ignore[arg-type]
        # networks without prefix tokens, such as SAM's, do not have this argument
        self.arguments = {"return_prefix_tokens": True} if "return_prefix_tokens" in known else {}
        self.with_class = has_class_token(network)

    def __call__(self, batch: Float[torch.Tensor, "batch 3 height width"]) -> list[RawLayer]:
        """Run the network up to its last requested block.

        Returns
        -------
        list of RawLayer
            In the order of ``layer_names``.
        """
        outputs = self.network.forward_intermediates(  # type: ignore[operator]
            batch,
            indices=self.indices,
            norm=False,
            stop_early=True,
            output_fmt="NCHW",
            intermediates_only=True,
            **self.arguments,
        )
        # strict, because a missing output would assign all later layers to wrong names
        return [self._layer(output) for _, output in zip(self.layer_names, outputs, strict=True)]

    def _layer(self, output: torch.Tensor | tuple[torch.Tensor, torch.Tensor]) -> RawLayer:
        if isinstance(output, torch.Tensor):
            return RawLayer(output, None)
        local, prefix = output
        return RawLayer(local, prefix[:, 0] if self.with_class else None)
