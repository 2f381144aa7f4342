"""Fast implementations of equation (1): by grid cell for many vertices, folded for few, by masks.

The sums over layers, corners and channels commute, so that they can be taken in the order that is
fastest; see docs/performance.md for timings and for their agreement with the reference.
"""

from collections.abc import Callable, Iterable
from typing import cast

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from cortexlens.encoding.cells import TiledReadout, TileSize, tile_size_for, tokens_read
from cortexlens.encoding.selectors import Selectors

# Size of the arrays for a block of vertices with masks, in numbers: 134 MB as float32.
MASKED_NUMBERS = 2**25


def corners_of(
    space: Float[Tensor, "vertex 2"], height: int
) -> tuple[Int[Tensor, " vertex"], Float[Tensor, "vertex 4"]]:
    """Find the grid cell of each receptive-field centre and the bilinear weights of its corners.

    Parameters
    ----------
    space
        Receptive-field centres in [−1, 1]² (pixel-area convention, i.e. ``align_corners=False``).
    height
        Number of tokens along each side of the grid.

    Returns
    -------
    cell
        Index of the cell's upper left corner in a grid extended by a ring of tokens, whose side is
        ``height + 2``.
    weight
        Weights of the corners: upper left, upper right, lower left, lower right. They sum to 1,
        except that corners on the ring, which do not exist, have weight zero.
    """
    position = (space + 1) * height / 2 - 0.5
    # tanh reaches ±1 in floating point; the clamp then keeps the right neighbour within the ring.
    # NaN, in a fit that has diverged, gets some cell, but weights that are NaN.
    floor = position.detach().floor().nan_to_num().clamp(-1, height - 1)
    right, down = (position - floor).unbind(dim=1)
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
    """Compute each vertex's weights of the tokens it reads: four corners, then the global token.

    Parameters
    ----------
    selectors
        Selectors of every vertex.
    corner
        Bilinear weights of the corners, from :func:`corners_of`.
    """
    local = (1 - selectors.scale)[:, None] * corner
    within_layer = torch.cat([local, selectors.scale[:, None]], dim=1)
    return selectors.layer[:, :, None] * within_layer[:, None, :]


def read_by_cell(
    aligned: Float[Tensor, "batch layer token channel"],
    selectors: Selectors,
    weight: Float[Tensor, "vertex channel"],
    bias: Float[Tensor, " vertex"],
    portion: TileSize | None = None,
) -> Float[Tensor, "batch vertex"]:
    """Predict responses by equation (1), grid cell by grid cell; fastest for many vertices.

    Equals :func:`cortexlens.encoding.literal.reference_readout` and takes 5·L·D multiplications per
    vertex and image.

    Parameters
    ----------
    aligned
        Aligned tokens; the last token is the global one.
    selectors
        Selectors û, ω̂, α̂ of every vertex.
    weight, bias
        Channel selector w and bias b of every vertex.
    portion
        Amount of work per matrix product; None takes what suits the device.

    Returns
    -------
    Tensor
        Predicted responses ŷ of every image and vertex.
    """
    height = round((aligned.shape[2] - 1) ** 0.5)
    cell, corner = corners_of(selectors.space, height)
    # ``Function.apply`` is untyped.
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
    """Predict responses by equation (1) with w_i folded into the maps; fastest for few vertices.

    w_i·B_l is a single map from the channels of a layer to the vertex, so that tokens are never
    mapped to shared channels. This is faster if there are fewer vertices than shared channels.

    Parameters
    ----------
    layers
        For each layer, w_i · B_l(V_l) of every local token, and w_i · B_l(global_l).
    selectors
        Selectors û, ω̂, α̂ of every vertex.
    height
        Number of tokens along each side of the grid.
    n_channels
        Number D of shared channels, over which equation (1) takes the mean.
    bias
        Bias b of every vertex.

    Returns
    -------
    Tensor
        Predicted responses ŷ of every image and vertex.
    """
    cell, corner = corners_of(selectors.space, height)
    read = tokens_read(height, cell.device)[cell, :4]
    mask = corner.new_zeros(len(cell), height * height).scatter_add(1, read, corner).T
    total = torch.zeros((), device=bias.device)
    for index, (local, pooled) in enumerate(layers):
        at_field = (local * mask).sum(dim=1)
        mixed = (1 - selectors.scale) * at_field + selectors.scale * pooled
        total = total + selectors.layer[:, index] * mixed
    return total / n_channels + bias


def read_masked(
    aligned: Float[Tensor, "batch layer token channel"],
    selectors: Selectors,
    weight: Float[Tensor, "vertex channel"],
    bias: Float[Tensor, " vertex"],
) -> Float[Tensor, "batch vertex"]:
    """Predict responses by equation (1) with masks instead of Interp: the unfactorised model.

    Takes L·(P+1)·D multiplications per vertex and image, as a dense product per block of vertices.
    The backward pass recomputes what a block reads, so that memory is bounded by the block size.

    Parameters
    ----------
    aligned
        Aligned tokens; the last token is the global one.
    selectors
        Selectors with masks over the local tokens.
    weight, bias
        Channel selector w and bias b of every vertex.

    Returns
    -------
    Tensor
        Predicted responses ŷ of every image and vertex.
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
    """Sum over tokens, then over channels, for a block of vertices."""
    read = (taken.to(tokens.dtype) @ tokens).unflatten(1, (-1, weight.shape[1]))
    summed: Tensor = (read * weight[:, None]).sum(dim=2)
    return summed
