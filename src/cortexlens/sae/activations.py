"""What makes units sparse while an autoencoder learns: four activations."""

from typing import Any, Final, cast

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.autograd.function import once_differentiable

# With batchtopk a token has this many times `active` units at most: few have more, and what is
# looked through stays short.
MOST_TIMES: Final = 4
# Width around a threshold within which units say where it should be, in the units of
# normalised tokens, in which a random direction varies by about 1.
BANDWIDTH: Final = 0.2
FIRST_THRESHOLD: Final = 0.5


def n_candidates(activation: str, active: int, n_units: int) -> int:
    """Units of a token that are looked at, with topk and batchtopk."""
    return min(n_units, active if activation == "topk" else MOST_TIMES * active)


def chosen(
    values: Float[Tensor, "token kept"], activation: str, active: int
) -> Bool[Tensor, "token kept"]:
    """Tell which candidates of a batch are active: all above 0, or its strongest.

    Parameters
    ----------
    values
        Of each token the strongest units, see :func:`n_candidates`.
    activation, active
        ``topk``; ``batchtopk``: as many of the whole batch as ``active`` a token.
    """
    if activation == "topk":
        return values > 0
    return values > batch_threshold(values, active).clamp(min=0)


def batch_threshold(values: Float[Tensor, "token kept"], active: int) -> Float[Tensor, ""]:
    """Value that ``active`` units a token are above, in the mean; 0 if fewer are candidates."""
    n_below = values.numel() - active * len(values)
    if n_below <= 0:
        return torch.zeros((), device=values.device)
    return values.detach().flatten().float().kthvalue(n_below).values


class _Jump(torch.autograd.Function):
    """Values above their threshold, and whether they are; the threshold's gradient is estimated.

    Rajamanoharan et al. 2024 (arXiv 2407.14435), equations 11 and 12: of a rectangle of width
    :data:`BANDWIDTH`.
    """

    @staticmethod
    def forward(ctx: Any, before: Tensor, threshold: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        ctx.save_for_backward(before, threshold)
        above = (before > threshold).to(before.dtype)
        return before * above, above

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_value: Tensor, of_count: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        before, threshold = ctx.saved_tensors
        near = ((before - threshold).abs() < BANDWIDTH / 2) / BANDWIDTH
        of_threshold = -(near * (threshold * of_value + of_count)).sum(0)
        return of_value * (before > threshold), of_threshold


def jump(
    before: Float[Tensor, "token unit"], threshold: Float[Tensor, " unit"]
) -> tuple[Float[Tensor, "token unit"], Float[Tensor, "token unit"]]:
    """Codes with jumprelu, and 1 where a unit is active, both with gradients of the threshold."""
    return cast(tuple[Tensor, Tensor], _Jump.apply(before, threshold))
