"""Products with codes of which few are not zero, on a processor.

Of a token's codes a few tens are not zero, of thousands. A matrix of codes in compressed rows makes
decoding, and the gradients of all weights, as cheap as that; only the product that says which units
are active stays dense. On a GPU the dense products are the faster ones.
"""

import warnings
from functools import cache
from typing import Any, NamedTuple, cast

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.autograd.function import once_differentiable


class Pattern(NamedTuple):
    """Where codes are not zero, by token and by unit.

    Attributes
    ----------
    starts, units
        Compressed rows: first place of each token, and one more; the unit at each place.
    unit_starts, tokens, order
        The same by unit: first place of each unit; token, and place in ``units``, of each.
    """

    starts: Int[Tensor, " token_end"]
    units: Int[Tensor, " place"]
    unit_starts: Int[Tensor, " unit_end"]
    tokens: Int[Tensor, " place"]
    order: Int[Tensor, " place"]


def pattern_of(
    chosen: Bool[Tensor, "token kept"], units: Int[Tensor, "token kept"], n_units: int
) -> Pattern:
    """Lay out which units are active on which token.

    Parameters
    ----------
    chosen
        Whether each candidate is active.
    units
        The candidates of each token.
    n_units
        Units of the dictionary.
    """
    from scipy.sparse import csr_array

    _settle_warnings()
    starts = torch.zeros(len(chosen) + 1, dtype=torch.int32)
    starts[1:] = chosen.sum(dim=1).cumsum(0)
    active = units[chosen].int()
    # Counting units is several times as fast as sorting them.
    places = torch.arange(len(active), dtype=torch.int32)
    shape = (len(chosen), n_units)
    turned = csr_array((places.numpy(), active.numpy(), starts.numpy()), shape=shape).tocsc()
    by_unit = (turned.indptr, turned.indices, turned.data)
    return Pattern(starts, active, *(torch.from_numpy(each).int() for each in by_unit))


@cache
def _settle_warnings() -> None:
    """Say once that compressed rows are wanted as they are: PyTorch warns that they may change."""
    torch.sparse.check_sparse_tensor_invariants.disable()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = torch.zeros(2, dtype=torch.int32)
        torch.sparse_csr_tensor(start, start[:0], torch.zeros(0), (1, 1))


def _rows(starts: Tensor, columns: Tensor, values: Tensor, n_columns: int) -> Tensor:
    return torch.sparse_csr_tensor(starts, columns, values, (len(starts) - 1, n_columns))


def _turned(pattern: Pattern, values: Tensor, tokens: Tensor) -> Tensor:
    """Sum tokens over those on which each unit is active, weighted: (unit, channel)."""
    own = values[pattern.order]
    by_unit = _rows(pattern.unit_starts, pattern.tokens, own, len(tokens))
    return cast(Tensor, by_unit @ tokens)


def products(
    tokens: Float[Tensor, "token channel"], weight: Float[Tensor, "unit channel"], pattern: Pattern
) -> Float[Tensor, " place"]:
    """Products of tokens and units' weights, at the pattern's places alone."""
    rows = _rows(pattern.starts, pattern.units, torch.zeros(len(pattern.units)), len(weight))
    sampled = torch.sparse.sampled_addmm(rows, tokens, weight.T, beta=0.0)
    return cast(Tensor, sampled.values())


class _Encode(torch.autograd.Function):
    """Values of active units, which are known already, with their gradient."""

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, values: Tensor, weight: Tensor, bias: Tensor, tokens: Tensor, pattern: Pattern
    ) -> Tensor:
        ctx.save_for_backward(tokens)
        ctx.pattern, ctx.n_units = pattern, len(bias)
        return values.clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        (tokens,) = ctx.saved_tensors
        of_bias = torch.zeros(ctx.n_units).index_add_(0, ctx.pattern.units, gradient)
        return None, _turned(ctx.pattern, gradient, tokens), of_bias, None, None


class _Decode(torch.autograd.Function):
    """Sum of the directions of active units."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, weight: Tensor, pattern: Pattern) -> Tensor:  # type: ignore[override]
        ctx.save_for_backward(values, weight)
        ctx.pattern = pattern
        return cast(Tensor, _rows(pattern.starts, pattern.units, values, len(weight)) @ weight)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:  # type: ignore[override]
        values, weight = ctx.saved_tensors
        pattern = ctx.pattern
        return products(gradient, weight, pattern), _turned(pattern, values, gradient), None


def encoded(
    values: Float[Tensor, " place"],
    weight: Float[Tensor, "unit channel"],
    bias: Float[Tensor, " unit"],
    tokens: Float[Tensor, "token channel"],
    pattern: Pattern,
) -> Float[Tensor, " place"]:
    """Give values of active units the gradient of ``weight · token + bias``.

    Parameters
    ----------
    values
        What the units are, at the pattern's places.
    weight, bias
        Of the encoder.
    tokens
        What was encoded.
    pattern
        Where.
    """
    return cast(Tensor, _Encode.apply(values, weight, bias, tokens, pattern))


def decoded(
    values: Float[Tensor, " place"], weight: Float[Tensor, "unit channel"], pattern: Pattern
) -> Float[Tensor, "token channel"]:
    """Sum of units' directions, weighted by codes at the pattern's places."""
    return cast(Tensor, _Decode.apply(values, weight, pattern))
