"""Means, deviations and covariances of a layer's channels, in one pass over its images."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.encoding.layers import Layer, StreamedLayer, gather
from cortexlens.encoding.prefetch import prefetch
from cortexlens.errors import CortexlensError

# Enough for every entry of a covariance to be known to a hundredth.
COVARIANCE_TOKENS = 20_000
# Numbers that are looked at together, twice 270 MB as float32.
BLOCK_VALUES = 2**26

# Layers differ in their number of channels.
Moments = tuple[Float[Tensor, " _"], Float[Tensor, " _"]]


class _RunningVariance:
    """Running mean of each channel and sum of squared distances from it."""

    def __init__(self) -> None:
        self.count, self.mean, self.squares = 0, torch.zeros(()), torch.zeros(())

    def add(self, tokens: Float[Tensor, "token channel"]) -> None:
        """Take in tokens (Chan, Golub & LeVeque 1979): stable, since squares are of distances."""
        # Twice over the data, yet four times as fast as torch.std_mean along the first axis.
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
        """Mean and standard deviation; a dead channel has deviation 1."""
        deviation = (self.squares / max(self.count - 1, 1)).sqrt().float()
        return self.mean.float(), torch.where(deviation > 1e-6, deviation, 1.0)


def not_finite(layer: int) -> CortexlensError:
    """What to say of features that no extraction of ours writes."""
    return CortexlensError(
        f"layer {layer} (from 0) of the features holds values that are not finite. Extract the "
        "features again."
    )


def _blocks(layer: Layer, images: Int[np.ndarray, " image"]) -> Iterator[Tensor]:
    """Tokens of some images, as many at a time as is fit to be widened to float32."""
    size = max(1, BLOCK_VALUES // (layer.shape[1] * layer.shape[2]))
    blocks = (gather(layer, images[start : start + size]) for start in range(0, len(images), size))
    return prefetch(blocks, 1 if isinstance(layer, StreamedLayer) else 0)


def feature_moments(layer: Layer, images: Int[np.ndarray, " train"]) -> tuple[Moments, Moments]:
    """Mean and standard deviation of each channel over images: local tokens, global token.

    Parameters
    ----------
    layer
        (image, token, channel).
    images
        Training images alone, so that nothing of the test set is seen.

    Returns
    -------
    local, pooled
        Pairs of mean and standard deviation, each (channel,); a dead channel has deviation 1.
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
    """Second moments of a layer's standardised channels: local tokens, global token.

    Parameters
    ----------
    layer
        (image, token, channel).
    images
        Training images; of very many, evenly spaced ones are looked at.
    moments
        Pairs of mean and standard deviation as of :func:`feature_moments`.
    """
    covariances = []
    parts = (slice(None, -1), slice(-1, None))
    for part, (mean, deviation) in zip(parts, moments, strict=True):
        n_tokens = len(range(layer.shape[1])[part])
        step = math.ceil(len(images) * n_tokens / COVARIANCE_TOKENS)
        looked = [tokens[:, part].flatten(0, 1) for tokens in _blocks(layer, images[::step])]
        tokens = torch.cat(looked).float()
        tokens = (tokens - mean) / deviation
        covariances.append(tokens.T @ tokens / len(tokens))
    return covariances[0], covariances[1]


def checked(moments: list[tuple[Moments, Moments]]) -> list[tuple[Moments, Moments]]:
    """Give moments of layers; refuse layers with values that are not finite, by their means.

    Raises
    ------
    CortexlensError
        If there is one.
    """
    for layer, pair in enumerate(moments):
        if not all(bool(mean.isfinite().all()) for mean, _ in pair):
            raise not_finite(layer)
    return moments
