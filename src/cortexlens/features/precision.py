"""Decide whether a network may run in bfloat16, by its error on the first images."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float

from cortexlens.backbones.network import Backbone
from cortexlens.compute.devices import forward_dtype
from cortexlens.features.passes import pooled_pass
from cortexlens.progress import say

# Relative difference of a layer's tokens from which on ``auto`` does not use bfloat16.
TOLERANCE = 1e-2


class Precision(NamedTuple):
    """Number format of a network's large matrix products, and the error that bfloat16 causes.

    Parameters
    ----------
    name
        ``float32`` or ``bfloat16``.
    difference
        Relative difference ‖bfloat16 − float32‖ / ‖float32‖ of each layer's pooled tokens over the
        first batch; None if it was not measured.
    """

    name: str
    difference: list[float] | None = None

    @property
    def dtype(self) -> torch.dtype:
        """The number format as a PyTorch dtype."""
        return torch.bfloat16 if self.name == "bfloat16" else torch.float32


def choose_precision(
    backbone: Backbone,
    first: Callable[[], Float[torch.Tensor, "batch 3 height width"]],
    grid: int,
    resize: str,
    wanted: str,
) -> Precision:
    """Choose the number format of a network's large matrix products.

    If bfloat16 is a candidate, the network runs on one batch in both formats for comparison.

    Parameters
    ----------
    backbone
        The network.
    first
        Function that returns the first preprocessed images of the set; called only if needed. It
        returns the same images even if some features are already computed, so that a resumed
        extraction makes the same choice.
    grid, resize
        As for :func:`cortexlens.features.pooling.pool_tokens`.
    wanted
        ``float32``; ``bfloat16``, with a warning if a layer's tokens change by :data:`TOLERANCE`
        or more; or ``auto``, which takes bfloat16 if the device is fast at it and no layer changes
        by that much.

    Returns
    -------
    Precision

    Raises
    ------
    CortexlensError
        If ``wanted`` is unknown.
    """
    if forward_dtype(wanted, backbone.device) is not torch.bfloat16:
        return Precision("float32")
    batch = first()
    exact, reduced = (
        pooled_pass(backbone, batch, grid, resize, dtype).layers
        for dtype in (torch.float32, torch.bfloat16)
    )
    difference = [_relative(*pair) for pair in zip(exact, reduced, strict=True)]
    if not all(map(math.isfinite, difference)):
        # Storing the tokens will raise an error that names the layer with non-finite values.
        return Precision("float32")
    worst = max(range(len(difference)), key=difference.__getitem__)
    if difference[worst] < TOLERANCE:
        return Precision("bfloat16", difference)
    finding = (
        f"bfloat16 changes the tokens of layer {backbone.layer_names[worst]} by a relative "
        f"difference of {difference[worst]:.2g}, not less than {TOLERANCE:g}"
    )
    if wanted == "auto":
        say(f"{finding}; using float32.")
        return Precision("float32", difference)
    say(f"Warning: {finding}; using bfloat16 as requested.")
    return Precision("bfloat16", difference)


def _relative(
    exact: Float[torch.Tensor, "image token channel"],
    reduced: Float[torch.Tensor, "image token channel"],
) -> float:
    norm = exact.norm().clamp(min=torch.finfo(exact.dtype).tiny)  # a layer may be all zeros
    return float((reduced - exact).norm() / norm)
