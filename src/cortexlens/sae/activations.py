"""The four sparse activations of an autoencoder, as used in training."""

from collections.abc import Callable
from typing import Any, Final, cast

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.autograd.function import once_differentiable

# With batchtopk, a token has at most this multiple of `active` units. Hardly any token would have
# more, and this keeps the list of candidates short.
MOST_TIMES: Final = 4
# Width of the rectangular kernel around a jumprelu threshold that estimates its gradient, in the
# units of normalised tokens, in which a random direction has a variance of about 1.
BANDWIDTH: Final = 0.2
FIRST_THRESHOLD: Final = 0.5


def n_candidates(activation: str, active: int, n_units: int) -> int:
    """Return the number of candidate units per token, with topk and batchtopk.

    Parameters
    ----------
    activation
        ``topk`` or ``batchtopk``.
    active
        Number of active units per token.
    n_units
        Number of units in the dictionary.
    """
    return min(n_units, active if activation == "topk" else MOST_TIMES * active)


def chosen(
    values: Float[Tensor, "token kept"], activation: str, active: int
) -> Bool[Tensor, "token kept"]:
    """Decide which candidate units are active in a batch of tokens.

    Parameters
    ----------
    values
        Pre-activations of the strongest units of each token, see :func:`n_candidates`.
    activation
        ``topk``: all positive candidates are active. ``batchtopk``: the strongest positive
        candidates of the whole batch.
    active
        Mean number of active units per token, for ``batchtopk``.
    """
    if activation == "topk":
        return values > 0
    return values > batch_threshold(values, active).clamp(min=0)


def batch_threshold(values: Float[Tensor, "token kept"], active: int) -> Float[Tensor, ""]:
    """Return the value that ``active`` units per token exceed on average.

    Parameters
    ----------
    values
        Pre-activations of the candidates of each token.
    active
        Mean number of active units per token.

    Returns
    -------
    Tensor
        Threshold; 0 if there are no more candidates than active units.
    """
    n_below = values.numel() - active * len(values)
    if n_below <= 0:
        return torch.zeros((), device=values.device)
    return values.detach().flatten().float().kthvalue(n_below).values


class _Jump(torch.autograd.Function):
    """Jumprelu and its step function, with an estimated gradient of the threshold.

    The gradient uses a rectangular kernel of width :data:`BANDWIDTH`: Rajamanoharan et al. 2024
    (arXiv 2407.14435), equations 11 and 12.
    """

    @staticmethod
    def forward(ctx: Any, before: Tensor, threshold: Tensor) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(before, threshold)
        above = (before > threshold).to(before.dtype)
        return before * above, above

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_value: Tensor, of_count: Tensor) -> tuple[Tensor, Tensor]:
        before, threshold = ctx.saved_tensors
        near = ((before - threshold).abs() < BANDWIDTH / 2) / BANDWIDTH
        of_threshold = -(near * (threshold * of_value + of_count)).sum(0)
        return of_value * (before > threshold), of_threshold


def jump(
    before: Float[Tensor, "token unit"], threshold: Float[Tensor, " unit"]
) -> tuple[Float[Tensor, "token unit"], Float[Tensor, "token unit"]]:
    """Apply jumprelu, with gradients of the threshold.

    Parameters
    ----------
    before
        Pre-activations.
    threshold
        Threshold of each unit.

    Returns
    -------
    codes, active
        Codes, and 1 where a unit is active, 0 elsewhere.
    """
    apply = cast(Callable[..., tuple[Tensor, Tensor]], _Jump.apply)
    return apply(before, threshold)
