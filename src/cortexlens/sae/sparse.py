"""Products with sparse codes on a CPU.

Of the thousands of codes of a token only a few tens are non-zero. With a matrix of codes in
compressed sparse rows, the cost of decoding and of the gradients of all weights is proportional to
that number; only the product that determines the active units is dense. On a GPU, dense products
are faster.
"""

import warnings
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, cast

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.autograd.function import once_differentiable


class Pattern(NamedTuple):
    """Positions of non-zero codes, in compressed format by token and by unit.

    Attributes
    ----------
    starts, units
        By token (rows): start of each token's entries, with a final end, and the unit of each
        entry.
    unit_starts, tokens, order
        By unit (columns): start of each unit's entries, the token of each entry, and its position
        in ``units``.
    """

    starts: Int[Tensor, " token_end"]
    units: Int[Tensor, " place"]
    unit_starts: Int[Tensor, " unit_end"]
    tokens: Int[Tensor, " place"]
    order: Int[Tensor, " place"]


def pattern_of(
    chosen: Bool[Tensor, "token kept"], units: Int[Tensor, "token kept"], n_units: int
) -> Pattern:
    """Make the pattern of active units of a batch of tokens.

    Parameters
    ----------
    chosen
        Whether each candidate unit is active.
    units
        Indices of the candidate units of each token.
    n_units
        Number of units in the dictionary.
    """
    from scipy.sparse import csr_array

    _settle_warnings()
    starts = torch.zeros(len(chosen) + 1, dtype=torch.int32)
    starts[1:] = chosen.sum(dim=1).cumsum(0)
    active = units[chosen].int()
    # SciPy's conversion counts units, which is several times as fast as sorting them.
    entries = torch.arange(len(active), dtype=torch.int32)
    shape = (len(chosen), n_units)
    columns = csr_array((entries.numpy(), active.numpy(), starts.numpy()), shape=shape).tocsc()
    by_unit = (columns.indptr, columns.indices, columns.data)
    return Pattern(starts, active, *(torch.from_numpy(each).int() for each in by_unit))


@cache
def _settle_warnings() -> None:
    """Disable invariant checks and silence PyTorch's one-time warning that CSR is in beta."""
    torch.sparse.check_sparse_tensor_invariants.disable()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = torch.zeros(2, dtype=torch.int32)
        torch.sparse_csr_tensor(start, start[:0], torch.zeros(0), (1, 1))


def _rows(starts: Tensor, columns: Tensor, values: Tensor, n_columns: int) -> Tensor:
    return torch.sparse_csr_tensor(starts, columns, values, (len(starts) - 1, n_columns))


def _turned(pattern: Pattern, values: Tensor, tokens: Tensor) -> Tensor:
    """Compute the weighted sum, for each unit, of the tokens on which it is active."""
    own = values[pattern.order]
    by_unit = _rows(pattern.unit_starts, pattern.tokens, own, len(tokens))
    return by_unit @ tokens


def products(
    tokens: Float[Tensor, "token channel"], weight: Float[Tensor, "unit channel"], pattern: Pattern
) -> Float[Tensor, " place"]:
    """Compute products of tokens and units' weights for the entries of a pattern alone.

    Parameters
    ----------
    tokens
        Normalised tokens.
    weight
        Weights of the units.
    pattern
        Pattern of active units.
    """
    rows = _rows(pattern.starts, pattern.units, torch.zeros(len(pattern.units)), len(weight))
    sampled = torch.sparse.sampled_addmm(rows, tokens, weight.T, beta=0.0)
    return cast(Tensor, sampled.values())


class _Encode(torch.autograd.Function):
    """Attach the encoder's gradient to the known values of active units."""

    @staticmethod
    def forward(
        ctx: Any, values: Tensor, weight: Tensor, bias: Tensor, tokens: Tensor, pattern: Pattern
    ) -> Tensor:
        ctx.save_for_backward(tokens)
        ctx.pattern, ctx.n_units = pattern, len(bias)
        return values.clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        (tokens,) = ctx.saved_tensors
        of_bias = torch.zeros(ctx.n_units).index_add_(0, ctx.pattern.units, gradient)
        return None, _turned(ctx.pattern, gradient, tokens), of_bias, None, None


class _Decode(torch.autograd.Function):
    """Sum of the active units' directions, weighted by codes, with its gradient."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, weight: Tensor, pattern: Pattern) -> Tensor:
        ctx.save_for_backward(values, weight)
        ctx.pattern = pattern
        return _rows(pattern.starts, pattern.units, values, len(weight)) @ weight

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
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
    """Attach the gradient of ``weight · token + bias`` to the values of active units.

    Parameters
    ----------
    values
        Codes of the active units, in the order of the pattern's entries.
    weight, bias
        Weights and bias of the encoder.
    tokens
        Normalised tokens that were encoded.
    pattern
        Pattern of active units.
    """
    encode = cast(Callable[..., Tensor], _Encode.apply)
    return encode(values, weight, bias, tokens, pattern)


def decoded(
    values: Float[Tensor, " place"], weight: Float[Tensor, "unit channel"], pattern: Pattern
) -> Float[Tensor, "token channel"]:
    """Decode sparse codes: sum the directions of active units, weighted by codes.

    Parameters
    ----------
    values
        Codes of the active units, in the order of the pattern's entries.
    weight
        Direction of each unit.
    pattern
        Pattern of active units.
    """
    decode = cast(Callable[..., Tensor], _Decode.apply)
    return decode(values, weight, pattern)
