"""Whether a network may run in bfloat16: measured on its first pictures."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Float

from cortexlens.backbones.network import Backbone
from cortexlens.compute.devices import forward_dtype
from cortexlens.features.passes import pooled_pass
from cortexlens.progress import say

# Largest relative difference of a layer's tokens at which bfloat16 is taken without being asked.
TOLERANCE = 1e-2


class Precision(NamedTuple):
    """Number format of the large products, and what it changes.

    Parameters
    ----------
    name
        ``float32`` or ``bfloat16``.
    difference
        For each layer ‖bfloat16 − float32‖ / ‖float32‖ over the pooled tokens of the first batch;
        None where it was not measured.
    """

    name: str
    difference: list[float] | None = None

    @property
    def dtype(self) -> torch.dtype:
        """The same, as PyTorch names it."""
        return torch.bfloat16 if self.name == "bfloat16" else torch.float32


def choose_precision(
    backbone: Backbone,
    first: Callable[[], Float[torch.Tensor, "batch 3 height width"]],
    grid: int,
    resize: str,
    wanted: str,
) -> Precision:
    """Choose a format; where that may be bfloat16, by running a batch in both.

    Parameters
    ----------
    backbone
        The network.
    first
        Gives the first pictures of a set, whatever is already computed: the choice is the same
        when an extraction is taken up again. Called only if they are needed.
    grid, resize
        As for :func:`cortexlens.features.pooling.pool_tokens`.
    wanted
        ``float32``; ``bfloat16``, with a warning where tokens change by :data:`TOLERANCE` or
        more; ``auto``: bfloat16 where the device is fast at it and they do not.

    Returns
    -------
    Precision

    Raises
    ------
    CortexlensError
        If the format is unknown.
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
        # Whoever gives no numbers is refused by name when its tokens are stored.
        return Precision("float32")
    worst = max(range(len(difference)), key=difference.__getitem__)
    if difference[worst] < TOLERANCE:
        return Precision("bfloat16", difference)
    found = (
        f"bfloat16 changes layer {backbone.layer_names[worst]} by {difference[worst]:.2g} "
        f"of its size, not by less than {TOLERANCE:g}"
    )
    if wanted == "auto":
        say(f"{found}: float32 is used.")
        return Precision("float32", difference)
    say(f"Warning: {found}; it is used, as asked for.")
    return Precision("bfloat16", difference)


def _relative(
    exact: Float[torch.Tensor, "image token channel"],
    reduced: Float[torch.Tensor, "image token channel"],
) -> float:
    norm = exact.norm().clamp(min=torch.finfo(exact.dtype).tiny)  # a layer may be all zeros
    return float((reduced - exact).norm() / norm)
