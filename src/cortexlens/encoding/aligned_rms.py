"""Normalise the aligned features of all layers to the same root mean square during a fit.

In equation (1) a layer may contribute strongly either by its weight ω̂ or by a large map B_l; which
of the two happens depends on how fast each learns. With the size of B_l(V_l) fixed, ω̂ alone
determines how much of a layer is read.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import parametrize

from cortexlens.encoding.data import FitData
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.encoding.moments import Moments, feature_covariances
from cortexlens.shapes import TRAIN

Covariances = tuple[Float[Tensor, "_ _"], Float[Tensor, "_ _"]]


class _FixedSize(nn.Module):
    """Parametrisation that scales a map to a fixed root mean square of its outputs.

    Parameters
    ----------
    covariance
        Covariance of the map's standardised inputs over the training images.
    size
        Root mean square of the outputs over tokens and shared channels.
    """

    covariance: Tensor

    def __init__(self, covariance: Float[Tensor, "channel channel"], size: float) -> None:
        super().__init__()
        self.register_buffer("covariance", covariance)
        self.size = size

    def forward(self, weight: Float[Tensor, "shared channel"]) -> Float[Tensor, "shared channel"]:
        """Return the scaled map; gradients change its direction but not its size."""
        power = ((weight @ self.covariance) * weight).sum() / len(weight)
        # The bound avoids a division by 0 for layers that are constant over the training images.
        return weight * (self.size * power.clamp_min(1e-12).rsqrt())


def layer_covariances(
    data: FitData, moments: Sequence[tuple[Moments, Moments]]
) -> list[Covariances]:
    """Compute the covariances of each layer's standardised tokens over the training images.

    Parameters
    ----------
    data
        Features and split.
    moments
        Moments of each layer, from :func:`cortexlens.encoding.moments.feature_moments`.

    Returns
    -------
    list of tuple
        Covariances of local tokens and of global tokens, for each layer.
    """
    images = np.flatnonzero(data.split == TRAIN)
    return [
        feature_covariances(layer, images, pair)
        for layer, pair in zip(data.layers, moments, strict=True)
    ]


def hold_layer_sizes(model: FactorTopy, covariances: Sequence[Covariances], size: float) -> None:
    """Fix the size of the maps B_l of every layer, local and global, while a model is fitted.

    Parameters
    ----------
    model
        Model whose maps already standardise their inputs.
    covariances
        Covariances from :func:`layer_covariances`.
    size
        Root mean square of the aligned features over training tokens and shared channels.
    """
    for pair, maps in zip(covariances, model.alignments(), strict=True):
        for each, covariance in zip(maps, pair, strict=True):
            fixed = _FixedSize(covariance.to(each.weight.device), size)
            parametrize.register_parametrization(each, "weight", fixed)


def release_layer_sizes(model: FactorTopy) -> None:
    """Turn the scaled maps back into plain parameters; the model's predictions are unchanged."""
    for maps in model.alignments():
        for each in maps:
            if parametrize.is_parametrized(each, "weight"):
                parametrize.remove_parametrizations(each, "weight", leave_parametrized=True)
