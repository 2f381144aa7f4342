"""Equation (1) in two fast orders: cell by cell for many vertices, folded for few; and by masks.

The sums over layers, corners and channels commute. Which order is the faster one, and with which
the results agree, says docs/performance.md.
"""

from collections.abc import Callable, Iterable
from typing import cast

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from cortexlens.encoding.cells import TiledReadout, TileSize, tile_size_for, tokens_read
from cortexlens.encoding.selectors import Selectors

# Numbers of a block of vertices that are read by masks at once, 134 MB as float32.
MASKED_NUMBERS = 2**25


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
        Index of the upper left corner in the grid with a ring around it, whose side is
        ``height + 2``.
    weight
        Weights of the corners: upper left, upper right, lower left, lower right. They sum to 1,
        but for corners on the ring, where nothing is read: their weight is zero.
    """
    place = (space + 1) * height / 2 - 0.5
    # tanh reaches ±1 in floating point; the last cell then still has a right neighbour.
    # NaN, in a fit that diverged, is no cell, but shall come out as NaN.
    floor = place.detach().floor().nan_to_num().clamp(-1, height - 1)
    right, down = (place - floor).unbind(dim=1)
    left, up = 1 - right, 1 - down
    column, row = (floor.long() + 1).unbind(dim=1)
    left, right = left * (column > 0), right * (column < height)
    up, down = up * (row > 0), down * (row < height)
    return row * (height + 2) + column, torch.stack(
        [up * left, up * right, down * left, down * right], dim=1
    )


def token_weights(
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
    portion: TileSize | None = None,
) -> Float[Tensor, "batch vertex"]:
    """Responses by equation (1), as :func:`cortexlens.encoding.literal.reference_readout`.

    For many vertices: 5·L·D products a vertex and image.

    Parameters
    ----------
    aligned
        Channel-aligned tokens; the last token is the global one.
    selectors
        û, ω̂, α̂ of every vertex.
    weight, bias
        w and b.
    portion
        How much is worked on at once; None: what suits the device.

    Returns
    -------
    Tensor
        ŷ of every image and vertex.
    """
    height = round((aligned.shape[2] - 1) ** 0.5)
    cell, corner = corners_of(selectors.space, height)
    # ``Function.apply`` has no types of its own.
    read = cast(Callable[[Tensor, Tensor, Tensor, Tensor, TileSize], Tensor], TiledReadout.apply)
    portion = portion or tile_size_for(aligned.device)
    summed = read(aligned, token_weights(selectors, corner), weight, cell, portion)
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
    read = tokens_read(height, cell.device)[cell, :4]
    mask = corner.new_zeros(len(cell), height * height).scatter_add(1, read, corner).T
    total = torch.zeros((), device=bias.device)
    for index, (local, pooled) in enumerate(layers):
        placed = (local * mask).sum(dim=1)
        mixed = (1 - selectors.scale) * placed + selectors.scale * pooled
        total = total + selectors.layer[:, index] * mixed
    return total / n_channels + bias


def read_masked(
    aligned: Float[Tensor, "batch layer token channel"],
    selectors: Selectors,
    weight: Float[Tensor, "vertex channel"],
    bias: Float[Tensor, " vertex"],
) -> Float[Tensor, "batch vertex"]:
    """Responses by equation (1) with a mask in place of Interp: the model without factorisation.

    L·(P+1)·D products a vertex and image, as a dense product a block of vertices. What a block
    reads is made anew in the backward pass, so that memory is bounded by the size of a block.

    Parameters
    ----------
    aligned
        Channel-aligned tokens; the last token is the global one.
    selectors
        With masks over the local tokens.
    weight, bias
        w and b.

    Returns
    -------
    Tensor
        ŷ of every image and vertex.
    """
    assert selectors.mask is not None
    local = (1 - selectors.scale)[:, None, None] * selectors.mask
    pooled = selectors.scale[:, None, None].expand(-1, local.shape[1], 1)
    taken = (selectors.layer[:, :, None] * torch.cat([local, pooled], dim=2)).flatten(1)
    n_images, n_channels = len(aligned), aligned.shape[3]
    tokens = aligned.flatten(1, 2).transpose(0, 1).flatten(1)
    size = max(1, MASKED_NUMBERS // (n_images * n_channels))
    blocks = [
        checkpoint(_read_block, part, own, tokens, use_reentrant=False, preserve_rng_state=False)
        for part, own in zip(taken.split(size), weight.split(size), strict=True)
    ]
    return torch.cat(cast(list[Tensor], blocks)).T / n_channels + bias


def _read_block(
    taken: Float[Tensor, "vertex read"],
    weight: Float[Tensor, "vertex channel"],
    tokens: Float[Tensor, "read image_channel"],
) -> Float[Tensor, "vertex image"]:
    """Sum over tokens, then over channels, for some vertices."""
    read = (taken.to(tokens.dtype) @ tokens).unflatten(1, (-1, weight.shape[1]))
    summed: Tensor = (read * weight[:, None]).sum(dim=2)
    return summed
