"""A layer's map on the common grid."""

import torch
from jaxtyping import Float, Float16
from torch.nn import functional

from cortexlens.backbones.network import LayerTokens

RESIZES = ("area", "reference")
SMALL_MAP = 32 * 32
LARGEST_HALF = torch.finfo(torch.float16).max


def pool_map(
    local_map: Float[torch.Tensor, "batch channel height width"], grid: int, resize: str
) -> Float[torch.Tensor, "batch channel row column"]:
    """Resize a map to grid × grid.

    Parameters
    ----------
    local_map
        A layer's map, of any size.
    grid
        Side of the grid.
    resize
        ``area``: where the map is larger, every token is the mean of the part of the map that it
        stands for; ``reference``: bilinear without antialiasing, as published implementations do.
        A map smaller than the grid is interpolated bilinearly in both.

    Returns
    -------
    Tensor
        Token (r, c) lies at ((c + ½) · 2/grid − 1, (r + ½) · 2/grid − 1): the pixel-area
        convention, ``align_corners=False``.

    Notes
    -----
    Area means ``adaptive_avg_pool2d`` rather than antialiased bilinear interpolation: it is the
    exact mean over the cell where the sizes divide, and reaches at most one map pixel beyond the
    cell where they do not, while the interpolation's triangle is two cells wide and would blur the
    places that a space selector can tell apart.
    """
    shape = local_map.shape[2:]
    if tuple(shape) == (grid, grid):
        return local_map
    if resize == "area" and min(shape) >= grid:
        if shape.numel() <= SMALL_MAP:
            # Up to four times as fast with the channels last, the copy included.
            local_map = local_map.contiguous(memory_format=torch.channels_last)
        return functional.adaptive_avg_pool2d(local_map, grid)
    return functional.interpolate(
        local_map,
        size=(grid, grid),
        mode="bilinear",
        align_corners=False,
        antialias=resize == "area",
    )


def pool_tokens(
    layer: LayerTokens, grid: int, resize: str
) -> Float[torch.Tensor, "batch token channel"]:
    """Tokens of a layer: grid · grid local ones row by row, then the global one.

    Parameters
    ----------
    layer
        Map and global token of a batch.
    grid
        Side of the grid.
    resize
        ``area`` or ``reference``, see :func:`pool_map`.

    Returns
    -------
    Tensor
        (image, grid · grid + 1, channel).
    """
    local = pool_map(layer.local_map, grid, resize).flatten(2).transpose(1, 2)
    return torch.cat([local, layer.global_token[:, None]], dim=1)


def to_halves(
    values: Float[torch.Tensor, "*shape"],
) -> tuple[Float16[torch.Tensor, "*shape"], int]:
    """Clip values to float16's range and convert them.

    Returns
    -------
    Tensor
        float16; not-a-number stays what it is.
    int
        How many values were clipped.
    """
    n_clipped = int((values.abs() > LARGEST_HALF).sum())
    return values.clamp(-LARGEST_HALF, LARGEST_HALF).half(), n_clipped
