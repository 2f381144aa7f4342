"""Similarity of two vertices' channel selectors, measured by what they read.

The shared channels of a fit are one of many parametrisations of the same model: B_l → A·B_l with
w → A⁻ᵀ·w leaves every prediction unchanged for any invertible A, but changes angles between
channel selectors w. Moreover, channels with little variance are hardly changed by training, so that
their weights stay close to their random initial values. The covariance Σ of the aligned tokens
solves both problems: angles between Σ^½·w do not depend on A, and cos(Σ^½·w_i, Σ^½·w_j) is the
correlation between what vertices i and j read from the same tokens.

Stacked fits have no shared channels; each vertex has a map β_l of each layer's own channels. What
vertices read from the local tokens of all layers is compared in the same way, by the concatenated
maps Σ_l^½·β_l, where Σ_l is the covariance of the layer's tokens.
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

# Largest number of images over whose tokens the covariance is computed: with 65 tokens each, a
# hundred times as many tokens as there are shared channels.
MOST_IMAGES: Final = 200
_AT_ONCE: Final = 25  # images per batch
# Largest number of axes that the maps of a stacked fit are reduced to.
MOST_AXES: Final = 256
# Largest side of the matrix of maps for a full decomposition; larger ones get a randomised one.
_WHOLE: Final = 2048


def token_images(n_images: int, without: Int[np.ndarray, " image"]) -> Int[np.ndarray, " chosen"]:
    """Choose at most :data:`MOST_IMAGES` images, evenly spread, for covariances of tokens.

    Parameters
    ----------
    n_images
        Number of images.
    without
        Indices of images to leave out, e.g. the test images.

    Returns
    -------
    ndarray
        Indices of the chosen images, ascending.
    """
    candidates = np.setdiff1d(np.arange(n_images), without)
    step = max(1, -(-len(candidates) // MOST_IMAGES))
    return np.asarray(candidates[::step], np.int64)


def aligned_covariance(
    models: Sequence[FactorTopy],
    features: Features,
    grid: int,
    layer_weight: Float[np.ndarray, " layer"],
    scale: float,
    images: Int[np.ndarray, " image"],
) -> Float[np.ndarray, "channel channel"]:
    """Compute the covariance Σ of aligned tokens, over images and token positions within layers.

    Parameters
    ----------
    models
        Members of one fit; their channels are concatenated, as in ``channel_selector``.
    features
        Features of the network that was fitted.
    grid
        Side of the grid of tokens that the fit read.
    layer_weight
        Weight of each layer in Σ, e.g. the mean layer selector; sums to 1.
    scale
        Weight of the global tokens, 0 to 1; local tokens have the rest.
    images
        Indices of the images over whose tokens the covariance is computed.

    Raises
    ------
    CortexlensError
        If the features have other numbers of channels than the model was fitted to.
    """
    if features.channels != models[0].channels:
        raise CortexlensError(
            f"{features.path}: found layers with {features.channels} channels; the model was "
            f"fitted to {models[0].channels}. Give the features that it was fitted to."
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
    """A model in which every vertex has a linear map of each layer's channels: a stacked fit."""

    def weights(self, layer: int) -> Float[np.ndarray, "vertex channel"]:
        """Return the maps of a layer, for channels in units of their SD over local tokens."""


class ReadMaps(NamedTuple):
    """Maps of a stacked fit in a common space of few axes.

    Attributes
    ----------
    read
        What each vertex reads from the local tokens of all layers, along common axes. The cosine
        between two vertices is the correlation between what they read.
    weight
        Weights of each axis on the channels of all layers, concatenated over layers, for features
        as stored.
    lost
        Fraction of the sum of squares of the maps that these axes leave out.
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
    """Express the maps of a stacked fit in a common space, in which angles are correlations.

    Parameters
    ----------
    model
        Model of the fit.
    features
        Features of the network that was fitted.
    grid
        Side of the grid of tokens that the fit read.
    images
        Indices of the images over whose tokens covariances are computed.
    raw
        Whether to compare the maps themselves, as if channels were uncorrelated.
    most
        Largest number of axes; those along which the maps are largest are used.

    Raises
    ------
    CortexlensError
        If the features have other numbers of channels than the model was fitted to.
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
        # A channel that never varies carries no information and gets weight 0.
        inverse = np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > 0)
        correlation = covariance * inverse[:, None] * inverse[None]
        root = np.eye(len(inverse)) if raw else square_root(correlation)
        parts.append(own @ root)
        # Converts axes of what is read back to weights of the channels, as in region_components.
        backs.append(np.linalg.pinv(root, hermitian=True, rcond=1e-6) * inverse[None])
    maps = np.concatenate(parts, axis=1)
    axes = _largest_axes(maps, most)
    read = maps @ axes.T
    starts = np.cumsum([part.shape[1] for part in parts])[:-1]
    pieces = zip(np.split(axes, starts, axis=1), backs, strict=True)
    square = float(np.square(maps).sum())
    lost = 1 - float(np.square(read).sum()) / square if square > 0 else 0.0
    weight = np.concatenate([piece @ back for piece, back in pieces], axis=1)
    return ReadMaps(read, weight, max(0.0, lost))


def _local_covariance(
    features: Features, layer: int, grid: int, images: Int[np.ndarray, " image"]
) -> Float[np.ndarray, "channel channel"]:
    """Compute the covariance of a layer's local tokens, over images and token positions."""
    moments = _Moments(features.channels[layer])
    for block in np.array_split(images, -(-len(images) // _AT_ONCE)):
        tokens = coarsen(torch.from_numpy(features.read(layer, block)).float(), grid)
        moments.add(tokens[:, :-1])
    return np.asarray(moments.covariance().numpy())


def _largest_axes(
    maps: Float[np.ndarray, "vertex channel"], most: int
) -> Float[np.ndarray, "axis channel"]:
    """Compute the principal axes of the maps without centring, since 0 means not read."""
    if min(maps.shape) <= _WHOLE:
        return np.asarray(np.linalg.svd(maps, full_matrices=False)[2][:most])
    from sklearn.utils.extmath import randomized_svd

    return np.asarray(randomized_svd(maps, most, random_state=0)[2])


class _Moments:
    """Running sums for a covariance, so that tokens need not all be in memory at once."""

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
    """Compute the symmetric square root Σ^½ of a covariance matrix.

    Negative eigenvalues, which result from rounding, are set to 0.
    """
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T)
