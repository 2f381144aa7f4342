"""Pool the feature map of a layer to the common grid of tokens."""

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
    """Resize the feature map of a layer to grid × grid tokens.

    Parameters
    ----------
    local_map
        Feature map of a layer, of any size.
    grid
        Side of the grid.
    resize
        Method for maps larger than the grid. ``area``: each token is the mean of the part of the
        map that its cell covers. ``reference``: bilinear interpolation without antialiasing, as in
        published implementations. Smaller maps are interpolated bilinearly with either method.

    Returns
    -------
    Tensor
        Map of tokens. The token in row r and column c has image coordinates
        ((c + ½) · 2/grid − 1, (r + ½) · 2/grid − 1): the pixel-area convention,
        ``align_corners=False``.

    Notes
    -----
    ``area`` uses ``adaptive_avg_pool2d`` rather than antialiased bilinear interpolation. It is the
    exact mean over the cell if the grid divides the map, and otherwise reaches at most one pixel of
    the map beyond the cell. The triangular kernel of the interpolation is two cells wide and would
    blur locations that a space selector can tell apart.
    """
    shape = local_map.shape[2:]
    if tuple(shape) == (grid, grid):
        return local_map
    if resize == "area" and min(shape) >= grid:
        if shape.numel() <= SMALL_MAP:
            # channels_last is up to four times as fast here, including the copy.
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
    """Pool a layer to tokens: grid · grid local ones row by row, then the global one.

    Parameters
    ----------
    layer
        Feature map and global token of a batch of images.
    grid
        Side of the grid.
    resize
        ``area`` or ``reference``, see :func:`pool_map`.

    Returns
    -------
    Tensor
        Tokens (image, grid · grid + 1, channel).
    """
    local = pool_map(layer.local_map, grid, resize).flatten(2).transpose(1, 2)
    return torch.cat([local, layer.global_token[:, None]], dim=1)


def to_halves(
    values: Float[torch.Tensor, "*shape"],
) -> tuple[Float16[torch.Tensor, "*shape"], int]:
    """Convert values to float16, clipping those outside its range.

    Parameters
    ----------
    values
        Values in float32.

    Returns
    -------
    Tensor
        Values in float16; NaN stays NaN.
    int
        Number of values that were clipped.
    """
    n_clipped = int((values.abs() > LARGEST_HALF).sum())
    return values.clamp(-LARGEST_HALF, LARGEST_HALF).half(), n_clipped
