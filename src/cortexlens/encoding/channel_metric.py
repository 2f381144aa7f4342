"""How alike two vertices' channel selectors are: by what they read, not by how it is written down.

The shared channels of a fit are one of many descriptions of the same model: with B_l → A·B_l and
w → A⁻ᵀ·w for any invertible A every prediction stays, and angles between the w change. Channels
that carry little are hardly moved by the fit either, so that their weights stay the random numbers
that they began as. Both are settled by the covariance Σ of the aligned tokens: Σ^½·w has the same
angles under every A, and cos(Σ^½·w_i, Σ^½·w_j) is the correlation of what i and j read from the
same tokens.

Stacked fits have no shared channels: a vertex has a map β_l of each layer's own channels. What it
reads from the local tokens of all layers is compared likewise, by the maps Σ_l^½·β_l one after the
other, with Σ_l the covariance of the layer's tokens.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol, runtime_checkable

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
# Axes that the maps of a stacked fit are reduced to, at most.
MOST_AXES: Final = 256
# Up to this side of the maps all their axes are computed; else the largest alone.
_WHOLE: Final = 2048


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


@runtime_checkable
class LayerMaps(Protocol):
    """A model with a linear map of each layer's channels for every vertex, as stacked fits have."""

    def weights(self, layer: int) -> Float[np.ndarray, "vertex channel"]:
        """Maps of a layer, of channels over the standard deviation of its local tokens."""


class ReadMaps(NamedTuple):
    """What vertices read from the local tokens of all layers.

    Attributes
    ----------
    read
        Of each vertex, along axes that all share: its angles are correlations of what vertices
        read.
    weight
        Of the channels of all layers, one layer after the other and as the features have them,
        that read along each axis.
    lost
        Part of the sum of squares that lies beyond these axes.
    """

    read: Float[np.ndarray, "vertex axis"]
    weight: Float[np.ndarray, "axis channel"]
    lost: float


def read_maps(
    model: LayerMaps,
    features: Features,
    grid: int,
    images: Int[np.ndarray, " image"],
    *,
    raw: bool = False,
    most: int = MOST_AXES,
) -> ReadMaps:
    """Bring the maps of a stacked fit into one space.

    Parameters
    ----------
    model
        Of the fit.
    features
        Of the network that was fitted.
    grid
        Side of the grid that the fit read, tokens.
    images
        Whose tokens the covariances are taken over.
    raw
        Compare the maps as they are, as if channels were independent.
    most
        Axes that are kept at most: those along which the maps are largest.

    Raises
    ------
    CortexlensError
        If the features are of another network.
    """
    parts, backs = [], []
    for layer in track(range(len(features.channels)), "layers read"):
        own = np.asarray(model.weights(layer), np.float64)
        if own.shape[1] != features.channels[layer]:
            raise CortexlensError(
                f"{features.path}: found {features.channels[layer]} channels in layer {layer + 1}; "
                f"the model was fitted to {own.shape[1]}. Give the features that it was fitted to."
            )
        covariance = _local_covariance(features, layer, grid, images)
        deviation = np.sqrt(np.diag(covariance))
        # A channel that never varies says nothing.
        over = np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > 0)
        alike = covariance * over[:, None] * over[None]
        root = np.eye(len(over)) if raw else square_root(alike)
        parts.append(own @ root)
        # From what is read back to weights of the channels, as in region_components.
        backs.append(np.linalg.pinv(root, hermitian=True, rcond=1e-6) * over[None])
    whole = np.concatenate(parts, axis=1)
    axes = _largest_axes(whole, most)
    read = whole @ axes.T
    starts = np.cumsum([part.shape[1] for part in parts])[:-1]
    pieces = zip(np.split(axes, starts, axis=1), backs, strict=True)
    square = float(np.square(whole).sum())
    lost = 1 - float(np.square(read).sum()) / square if square > 0 else 0.0
    weight = np.concatenate([piece @ back for piece, back in pieces], axis=1)
    return ReadMaps(read, weight, max(0.0, lost))


def _local_covariance(
    features: Features, layer: int, grid: int, images: Int[np.ndarray, " image"]
) -> Float[np.ndarray, "channel channel"]:
    """Covariance of a layer's local tokens, over images and places."""
    moments = _Moments(features.channels[layer])
    for block in np.array_split(images, -(-len(images) // _AT_ONCE)):
        tokens = coarsen(torch.from_numpy(features.read(layer, block)).float(), grid)
        moments.add(tokens[:, :-1])
    return np.asarray(moments.covariance().numpy())


def _largest_axes(
    maps: Float[np.ndarray, "vertex channel"], most: int
) -> Float[np.ndarray, "axis channel"]:
    """Orthonormal axes along which the maps' squares sum to most, about 0: 0 means not read."""
    if min(maps.shape) <= _WHOLE:
        return np.asarray(np.linalg.svd(maps, full_matrices=False)[2][:most])
    from sklearn.utils.extmath import randomized_svd

    return np.asarray(randomized_svd(maps, most, random_state=0)[2])


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
