"""How alike two vertices' channel selectors are: by what they read, not by how it is written down.

The shared channels of a fit are one of many descriptions of the same model: with B_l → A·B_l and
w → A⁻ᵀ·w for any invertible A every prediction stays, and angles between the w change. Channels
that carry little are hardly moved by the fit either, so that their weights stay the random numbers
that they began as. Both are settled by the covariance Σ of the aligned tokens: Σ^½·w has the same
angles under every A, and cos(Σ^½·w_i, Σ^½·w_j) is the correlation of what i and j read from the
same tokens.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from jaxtyping import Float, Int

from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.encoding.layers import coarsen
from cortexlens.errors import CortexlensError
from cortexlens.features.store import Features
from cortexlens.progress import track

# Images whose tokens the covariance is taken over: with 65 tokens each, a hundred times as many
# tokens as there are shared channels.
MOST_IMAGES: Final = 200
_AT_ONCE: Final = 25


def token_images(n_images: int, without: Int[np.ndarray, " image"]) -> Int[np.ndarray, " chosen"]:
    """At most :data:`MOST_IMAGES` images, evenly spread; those of the test set stay unseen."""
    there = np.setdiff1d(np.arange(n_images), without)
    step = max(1, -(-len(there) // MOST_IMAGES))
    return np.asarray(there[::step], np.int64)


def aligned_covariance(
    models: Sequence[FactorTopy],
    features: Features,
    grid: int,
    layer_weight: Float[np.ndarray, " layer"],
    scale: float,
    images: Int[np.ndarray, " image"],
) -> Float[np.ndarray, "channel channel"]:
    """Covariance Σ of aligned tokens, over images and places within each layer.

    Parameters
    ----------
    models
        Members of one fit; their channels stand one after the other, as in ``channel_selector``.
    features
        Of the network that was fitted.
    grid
        Side of the grid that the fit read, tokens.
    layer_weight
        Part of each layer in Σ, e.g. the mean layer selector; sums to 1.
    scale
        Part of the global tokens, 0 to 1; the local ones have the rest.
    images
        Whose tokens are taken.

    Raises
    ------
    CortexlensError
        If the features are of another network.
    """
    if features.channels != models[0].channels:
        raise CortexlensError(
            f"{features.path}: found layers of {features.channels} channels; the model was fitted "
            f"to {models[0].channels}. Give the features that it was fitted to."
        )
    dimensions = sum(model.weight.shape[1] for model in models)
    total = torch.zeros(dimensions, dimensions, dtype=torch.float64)
    blocks = np.array_split(images, -(-len(images) // _AT_ONCE))
    with torch.inference_mode():
        for layer in track(range(len(features.channels)), "layers read"):
            local, pooled = _Moments(dimensions), _Moments(dimensions)
            for block in blocks:
                tokens = torch.from_numpy(features.read(layer, block)).float()
                tokens = coarsen(tokens, grid)
                pairs = [model.alignments()[layer] for model in models]
                local.add(torch.cat([b(tokens[:, :-1]) for b, _ in pairs], dim=2))
                pooled.add(torch.cat([b(tokens[:, -1:]) for _, b in pairs], dim=2))
            within = (1 - scale) * local.covariance() + scale * pooled.covariance()
            total += float(layer_weight[layer]) * within
    return np.asarray(total.numpy())


class _Moments:
    """Sums that a covariance is made of, so that tokens need not all be in memory."""

    def __init__(self, dimensions: int) -> None:
        self._n = 0
        self._sum = torch.zeros(dimensions, dtype=torch.float64)
        self._square = torch.zeros(dimensions, dimensions, dtype=torch.float64)

    def add(self, tokens: Float[torch.Tensor, "image token channel"]) -> None:
        flat = tokens.flatten(0, 1).double()
        self._n += len(flat)
        self._sum += flat.sum(dim=0)
        self._square += flat.T @ flat

    def covariance(self) -> Float[torch.Tensor, "channel channel"]:
        mean = self._sum / self._n
        return self._square / self._n - mean[:, None] * mean[None]


def square_root(
    covariance: Float[np.ndarray, "channel channel"],
) -> Float[np.ndarray, "channel channel"]:
    """Σ^½, symmetric; values below 0 that rounding left count as 0."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T)
