"""Means, standard deviations and covariances of a layer's channels, in one pass over images."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.encoding.layers import Layer, StreamedLayer, gather
from cortexlens.encoding.prefetch import prefetch
from cortexlens.errors import CortexlensError

# Number of tokens for covariances, enough for a precision of about 0.01 in every entry.
COVARIANCE_TOKENS = 20_000
# Size of a block of tokens in numbers: 270 MB as float32, of which two are in memory.
BLOCK_VALUES = 2**26

# Mean and standard deviation of each channel; the number of channels differs between layers.
Moments = tuple[Float[Tensor, " _"], Float[Tensor, " _"]]


class _RunningVariance:
    """Running mean of each channel and sum of squared deviations from it."""

    def __init__(self) -> None:
        self.count, self.mean, self.squares = 0, torch.zeros(()), torch.zeros(())

    def add(self, tokens: Float[Tensor, "token channel"]) -> None:
        """Add tokens by the numerically stable update of Chan, Golub & LeVeque (1979)."""
        # Two passes over the data are four times as fast as torch.std_mean along the first axis.
        mean = tokens.mean(dim=0)
        squares = (tokens - mean).square_().sum(dim=0)
        if not self.count:
            self.count, self.mean, self.squares = len(tokens), mean, squares
            return
        both = self.count + len(tokens)
        step = mean.double() - self.mean
        self.mean = self.mean + step * (len(tokens) / both)
        between = step.square() * (self.count * len(tokens) / both)
        self.squares = self.squares.double() + squares + between
        self.count = both

    def moments(self) -> Moments:
        """Return mean and standard deviation; a constant channel gets standard deviation 1."""
        deviation = (self.squares / max(self.count - 1, 1)).sqrt().float()
        return self.mean.float(), torch.where(deviation > 1e-6, deviation, 1.0)


def not_finite(layer: int) -> CortexlensError:
    """Return the error for features that are not finite.

    Parameters
    ----------
    layer
        Index of the layer, from 0.
    """
    return CortexlensError(
        f"layer {layer} (from 0) of the features holds values that are not finite. Extract the "
        "features again."
    )


def _blocks(layer: Layer, images: Int[np.ndarray, " image"]) -> Iterator[Tensor]:
    """Yield the tokens of some images in blocks small enough to be converted to float32."""
    size = max(1, BLOCK_VALUES // (layer.shape[1] * layer.shape[2]))
    blocks = (gather(layer, images[start : start + size]) for start in range(0, len(images), size))
    return prefetch(blocks, 1 if isinstance(layer, StreamedLayer) else 0)


def feature_moments(layer: Layer, images: Int[np.ndarray, " train"]) -> tuple[Moments, Moments]:
    """Compute mean and standard deviation of each channel, for local tokens and global token.

    Parameters
    ----------
    layer
        Layer (image, token, channel).
    images
        Indices of the training images; test images must not be used.

    Returns
    -------
    local, pooled
        Mean and standard deviation, each (channel,), of local tokens and of the global token. A
        constant channel has standard deviation 1.
    """
    local, pooled = _RunningVariance(), _RunningVariance()
    for tokens in _blocks(layer, images):
        local.add(tokens[:, :-1].flatten(0, 1).float())
        pooled.add(tokens[:, -1:].flatten(0, 1).float())
    return local.moments(), pooled.moments()


def feature_covariances(
    layer: Layer,
    images: Int[np.ndarray, " train"],
    moments: Sequence[Moments],
) -> tuple[Float[Tensor, "channel channel"], Float[Tensor, "channel channel"]]:
    """Compute second moments of a layer's standardised channels.

    Parameters
    ----------
    layer
        Layer (image, token, channel).
    images
        Indices of the training images; a subset, evenly spread, is used if there are very many.
    moments
        Mean and standard deviation for local tokens and global token, from
        :func:`feature_moments`.

    Returns
    -------
    local, pooled
        Covariance matrices of local tokens and of the global token.
    """
    covariances = []
    parts = (slice(None, -1), slice(-1, None))
    for part, (mean, deviation) in zip(parts, moments, strict=True):
        n_tokens = len(range(layer.shape[1])[part])
        step = math.ceil(len(images) * n_tokens / COVARIANCE_TOKENS)
        blocks = [tokens[:, part].flatten(0, 1) for tokens in _blocks(layer, images[::step])]
        tokens = torch.cat(blocks).float()
        tokens = (tokens - mean) / deviation
        covariances.append(tokens.T @ tokens / len(tokens))
    return covariances[0], covariances[1]


def checked(moments: list[tuple[Moments, Moments]]) -> list[tuple[Moments, Moments]]:
    """Check by their means that the features of all layers are finite, and return the moments.

    Parameters
    ----------
    moments
        Moments of each layer, from :func:`feature_moments`.

    Raises
    ------
    CortexlensError
        If a layer holds values that are not finite.
    """
    for layer, pair in enumerate(moments):
        if not all(bool(mean.isfinite().all()) for mean, _ in pair):
            raise not_finite(layer)
    return moments
