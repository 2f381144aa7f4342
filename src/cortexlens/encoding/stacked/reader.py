"""Read the features of every set of a stacked fit, centred and weighted for regression."""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.encoding.data import FitData
from cortexlens.encoding.layers import gather
from cortexlens.encoding.stacked.samples import (
    BLOCK_VALUES,
    Tokens,
)
from cortexlens.encoding.stacked.windows import Windows


def coarse_weights(grid: int, side: int) -> Float[Tensor, "cell token"]:
    """Compute the weights of tokens in the cells of a coarser grid.

    Parameters
    ----------
    grid
        Tokens along a side of the grid.
    side
        Cells along a side of the coarser grid, limited to ``grid``. If it does not divide ``grid``,
        a token may belong to several cells in part.

    Returns
    -------
    Tensor
        Weights of the tokens, row by row, in each cell; they sum to 1.
    """
    side = min(side, grid)
    edge = torch.arange(side + 1, dtype=torch.float64) * grid / side
    token = torch.arange(grid, dtype=torch.float64)
    upper = torch.minimum(edge[1:, None], token + 1)
    lower = torch.maximum(edge[:-1, None], token)
    share = (upper - lower).clamp_min(0) * side / grid
    return torch.einsum("rt,cs->rcts", share, share).reshape(side**2, grid**2).float()


class Reader:
    """Reads the centred and weighted features of every set of a stacked fit.

    Parameters
    ----------
    data
        Features and responses.
    tokens
        Standardised tokens of the training images.
    windows
        Receptive-field windows, for the sets ``window``.
    coarse
        Weights of tokens in the cells of the coarse grid, for the sets ``image``.
    """

    def __init__(
        self,
        data: FitData,
        tokens: Tokens,
        windows: Windows,
        coarse: Float[Tensor, "cell token"],
    ) -> None:
        self.data, self.tokens, self.samples = data, tokens, tokens.samples
        self.moments, self.bases = tokens.moments, tokens.bases
        self.windows, self.coarse = windows, coarse
        self.device = self.samples.response.device

    def through(
        self, layer: int, wanted: Int[np.ndarray, " wanted"]
    ) -> Iterator[tuple[int, Float[Tensor, "image channel"]]]:
        """Yield the index of each wanted window and a layer's features through it."""
        weight = self.windows.weight[torch.from_numpy(wanted)]
        yield from zip(wanted.tolist(), self.tokens.each_window(layer, weight), strict=True)

    def image(self, layer: int) -> Float[Tensor, "image feature"]:
        """Return a layer's tokens of the coarse grid, concatenated along channels."""
        return self.tokens.through(layer, self.coarse).transpose(0, 1).flatten(1)

    def pooled(self, layer: int) -> Float[Tensor, "image channel"]:
        """Return a layer's global token."""
        return self.tokens.pooled(layer)

    def mean_tokens(self) -> list[Float[Tensor, "1 token channel"]]:
        """Compute the mean over training trials of each layer's tokens, as stored."""
        share = self.samples.leverage_1.cpu()
        means = []
        for layer in self.data.layers:
            size = max(1, BLOCK_VALUES // (layer.shape[1] * layer.shape[2]))
            total = torch.zeros(layer.shape[1:])
            for start in range(0, len(share), size):
                tokens = gather(layer, self.samples.images[start : start + size]).cpu().float()
                total += torch.tensordot(share[start : start + size], tokens, dims=([0], [0]))
            means.append(total[None])
        return means
