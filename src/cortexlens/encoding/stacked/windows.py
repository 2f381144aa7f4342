"""Receptive-field windows: Gaussian weightings of a layer's local tokens, on a lattice."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

# Standard deviation, in tokens, of bilinear interpolation between tokens: a triangle of half width
# 1 (variance 1/6) over tokens that are one token wide (variance 1/12).
POINT_SIZE = 0.5
TOKEN_VARIANCE = 1 / 12


@dataclass(frozen=True)
class Windows:
    """Receptive-field windows of several sizes, each size on its own square lattice.

    Attributes
    ----------
    grid
        Number of tokens along a side of the image.
    place
        Centre of each window, x to the right and y downward, in [−1, 1].
    size
        Standard deviation of each window in image widths, including the extent of the tokens.
    level
        Index of each window's size, from the smallest.
    row, column
        Position of each window on the lattice of its size.
    sides
        Number of points along a side of each size's lattice.
    weight
        Weights of the local tokens, row by row; the weights of each window sum to 1.
    """

    grid: int
    place: Float[np.ndarray, "window 2"]
    size: Float[np.ndarray, " window"]
    level: Int[np.ndarray, " window"]
    row: Int[np.ndarray, " window"]
    column: Int[np.ndarray, " window"]
    sides: tuple[int, ...]
    weight: Float[Tensor, "window token"]

    def __len__(self) -> int:
        return len(self.size)

    def size_edges(self) -> Float[np.ndarray, " edge"]:
        """Return the bounds between sizes, in image widths: geometric means of adjacent sizes.

        The first bound is the extent of a token, the smallest that can be read. The last bound is
        as far, by ratio, above the largest size as the previous bound is below it.
        """
        tried = np.array([self.size[self.level == each][0] for each in range(len(self.sides))])
        inner = np.sqrt(tried[1:] * tried[:-1])
        least = TOKEN_VARIANCE**0.5 / self.grid
        before = inner[-1] if len(inner) else least
        return np.concatenate([[least], inner, [tried[-1] ** 2 / before]])


def make_windows(grid: int, sizes: Sequence[float], lattice: int) -> Windows:
    """Make windows of several sizes over a grid of tokens.

    Size 0 interpolates bilinearly between tokens; a size s > 0 weights tokens by a Gaussian of
    standard deviation s. Centres lie between the centres of the outermost tokens, since
    interpolation beyond them is proportional to that on the edge.

    Parameters
    ----------
    grid
        Number of tokens along a side.
    sizes
        Sizes of windows in tokens. A size too large for two distinct positions has one window.
    lattice
        Number of centres per token for windows of size 0; a larger size s has one every s tokens.

    Returns
    -------
    Windows
    """
    centre = torch.arange(grid, dtype=torch.float64)
    place, size, level, row, column, weights, sides = [], [], [], [], [], [], []
    for index, width in enumerate(sorted(sizes)):
        if width == 0:
            side = (grid - 1) * lattice + 1
        else:
            side = max(1, math.floor((grid - 1) / max(width, 1 / lattice) + 1e-9) + 1)
        if side == 1:
            at = torch.tensor([(grid - 1) / 2], dtype=torch.float64)
        else:
            at = torch.linspace(0, grid - 1, side, dtype=torch.float64)
        offset = centre[None, :] - at[:, None]
        line = (
            (1 - offset.abs()).clamp_min(0)
            if width == 0
            else torch.exp(-0.5 * (offset / width) ** 2)
        )
        line = line / line.sum(dim=1, keepdim=True)
        own = POINT_SIZE if width == 0 else math.sqrt(width**2 + TOKEN_VARIANCE)
        x = (2 * at + 1) / grid - 1
        for r in range(side):
            for c in range(side):
                place.append((float(x[c]), float(x[r])))
                row.append(r)
                column.append(c)
        size += [own / grid] * side**2
        level += [index] * side**2
        sides.append(side)
        weights.append(torch.einsum("rt,cs->rcts", line, line).reshape(side**2, grid**2))
    return Windows(
        grid,
        np.array(place),
        np.array(size),
        np.array(level),
        np.array(row),
        np.array(column),
        tuple(sides),
        torch.cat(weights).float(),
    )
