"""Equation (1) in two fast orders: cell by cell for many vertices, folded for few.

The sums over layers, corners and channels commute. A vertex reads, in each layer, the four
tokens around its place and the global one: K = 5·L of the L·(P+1) aligned tokens. Vertices
whose place lies in the same cell of the grid share these tokens, so each cell is one dense
product of size (vertices of the cell) × (K·D) × images, and nothing of size vertex × image ×
channel is ever written. Products are recomputed in the backward pass instead of stored.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.encoding.selectors import Selectors


def corners_of(
    space: Float[Tensor, "vertex 2"], height: int
) -> tuple[Int[Tensor, " vertex"], Float[Tensor, "vertex 4"]]:
    """Cell of each place, and bilinear weights of the cell's four corners.

    Parameters
    ----------
    space
        Places in [−1, 1]² (pixel-area convention, i.e. ``align_corners=False``).
    height
        Tokens along each side of the grid.

    Returns
    -------
    cell
        Index of the upper left corner in the grid padded by one ring of zeros, whose side is
        ``height + 2``.
    weight
        Weights of the corners: upper left, upper right, lower left, lower right. They sum to 1;
        corners on the padding read zero.
    """
    place = (space + 1) * height / 2 - 0.5
    # tanh reaches ±1 in floating point; the last cell then still has a right neighbour.
    # NaN, in a fit that diverged, is no cell, but shall come out as NaN.
    floor = place.detach().floor().nan_to_num().clamp(-1, height - 1)
    right, down = (place - floor).unbind(dim=1)
    left, up = 1 - right, 1 - down
    column, row = (floor.long() + 1).unbind(dim=1)
    return row * (height + 2) + column, torch.stack(
        [up * left, up * right, down * left, down * right], dim=1
    )


def shares(
    selectors: Selectors, corner: Float[Tensor, "vertex 4"]
) -> Float[Tensor, "vertex layer 5"]:
    """How much each vertex takes of the tokens it reads: four corners, then the global one."""
    local = (1 - selectors.scale)[:, None] * corner
    share = torch.cat([local, selectors.scale[:, None]], dim=1)
    return selectors.layer[:, :, None] * share[:, None, :]


def read_by_cell(
    aligned: Float[Tensor, "batch layer token channel"],
    selectors: Selectors,
    weight: Float[Tensor, "vertex channel"],
    bias: Float[Tensor, " vertex"],
) -> Float[Tensor, "batch vertex"]:
    """Responses by equation (1), as :func:`cortexlens.encoding.literal.read_literally`.

    For many vertices: 5·L·D products a vertex and image.

    Parameters
    ----------
    aligned
        Channel-aligned tokens; the last token is the global one.
    selectors
        û, ω̂, α̂ of every vertex.
    weight, bias
        w and b.

    Returns
    -------
    Tensor
        ŷ of every image and vertex.
    """
    height = round((aligned.shape[2] - 1) ** 0.5)
    cell, corner = corners_of(selectors.space, height)
    padded = _pad_ring(aligned, height)
    taken = shares(selectors, corner)
    # ``Function.apply`` has no types of its own.
    read = cast(Callable[[Tensor, Tensor, Tensor, Tensor, int], Tensor], _ReadByCell.apply)
    summed = read(padded, taken, weight, cell, height + 2)
    return summed.T / weight.shape[1] + bias


def read_folded(
    layers: Iterable[tuple[Float[Tensor, "batch token vertex"], Float[Tensor, "batch vertex"]]],
    selectors: Selectors,
    height: int,
    n_channels: int,
    bias: Float[Tensor, " vertex"],
) -> Float[Tensor, "batch vertex"]:
    """Responses by equation (1) when w_i has been folded into the channel maps.

    For few vertices (N below about D): w_i·B_l is one map from a layer's own channels to the
    vertex, so tokens never enter the shared space.

    Parameters
    ----------
    layers
        For each layer, w_i · B_l(V_l) of every local token, and w_i · B_l(global_l).
    selectors
        û, ω̂, α̂ of every vertex.
    height
        Tokens along each side of the grid.
    n_channels
        D, over which equation (1) takes the mean.
    bias
        b.

    Returns
    -------
    Tensor
        ŷ of every image and vertex.
    """
    cell, corner = corners_of(selectors.space, height)
    side = height + 2
    offsets = torch.tensor(_tokens_read(0, side)[:4], device=cell.device) + cell[:, None]
    grid = corner.new_zeros(len(cell), side * side).scatter(1, offsets, corner)
    mask = grid.unflatten(1, (side, side))[:, 1:-1, 1:-1].flatten(1).T
    total = torch.zeros((), device=bias.device)
    for index, (local, pooled) in enumerate(layers):
        placed = (local * mask).sum(dim=1)
        mixed = (1 - selectors.scale) * placed + selectors.scale * pooled
        total = total + selectors.layer[:, index] * mixed
    return total / n_channels + bias


def _pad_ring(
    aligned: Float[Tensor, "batch layer token channel"], height: int
) -> Float[Tensor, "padded layer channel batch"]:
    """Tokens first, images last, and a ring of zeros around the grid: outside reads zero."""
    tokens = aligned.permute(2, 1, 3, 0)
    grid = tokens[:-1].unflatten(0, (height, height))
    ring = torch.nn.functional.pad(grid, (0, 0, 0, 0, 0, 0, 1, 1, 1, 1)).flatten(0, 1)
    return torch.cat([ring, tokens[-1:]])


def _tokens_read(cell: int, side: int) -> list[int]:
    """Rows of the padded tokens that a cell reads: four corners and the global token."""
    return [cell, cell + 1, cell + side, cell + side + 1, side * side]


class _ReadByCell(torch.autograd.Function):
    """Dense products cell by cell, recomputed in the backward pass."""

    @staticmethod
    def forward(
        ctx: Any, padded: Tensor, taken: Tensor, weight: Tensor, cell: Tensor, side: int
    ) -> Tensor:
        ctx.save_for_backward(padded, taken, weight, cell)
        ctx.side = side
        result = weight.new_empty(weight.shape[0], padded.shape[3])
        for members, rows in _cells(cell, side):
            combined = _combine(taken[members], weight[members]).to(padded.dtype)
            result[members] = (combined @ _gather(padded, rows)).to(result.dtype)
        return result

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        (upstream,) = gradients
        padded, taken, weight, cell = ctx.saved_tensors
        d_padded, d_taken = torch.zeros_like(padded), torch.empty_like(taken)
        d_weight = torch.empty_like(weight)
        n_channels, n_batch = padded.shape[2:]
        for members, rows in _cells(cell, ctx.side):
            take, channel, out = taken[members], weight[members], upstream[members]
            tokens, out = _gather(padded, rows), out.to(padded.dtype)
            d_tokens = _combine(take, channel).to(padded.dtype).T @ out
            d_padded.index_add_(0, rows, d_tokens.view(5, -1, n_channels, n_batch))
            d_both = (out @ tokens.T).to(take.dtype).view(len(members), 5, -1, n_channels)
            d_taken[members] = torch.einsum("vkld,vd->vlk", d_both, channel)
            d_weight[members] = torch.einsum("vkld,vlk->vd", d_both, take)
        return d_padded, d_taken, d_weight, None, None


def _cells(cell: Int[Tensor, " vertex"], side: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Vertices of each occupied cell, with the rows of tokens that the cell reads."""
    order = torch.argsort(cell, stable=True)
    occupied, counts = torch.unique_consecutive(cell[order], return_counts=True)
    groups = order.split(counts.tolist())
    for index, members in zip(occupied.tolist(), groups, strict=True):
        yield members, torch.tensor(_tokens_read(index, side), device=cell.device)


def _combine(
    taken: Float[Tensor, "vertex layer 5"], weight: Float[Tensor, "vertex channel"]
) -> Float[Tensor, "vertex read"]:
    """Weight of every (corner, layer, channel) for each vertex."""
    return torch.einsum("vlk,vd->vkld", taken, weight).flatten(1)


def _gather(
    padded: Float[Tensor, "padded layer channel batch"], rows: Int[Tensor, "5"]
) -> Float[Tensor, "read batch"]:
    return padded[rows].flatten(0, 2)
