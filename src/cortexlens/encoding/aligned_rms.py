"""Equal footing of layers: every layer's aligned features held at one size during a fit.

In equation (1) a layer may count for much either by its weight ω̂ or by a large map B_l; which of
the two a fit chooses depends on how fast each learns. Holding the size of B_l(V_l) leaves ω̂ alone
to say how much of a layer is read.
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
    """Scales a map so that what it makes of the training images has one root mean square.

    Parameters
    ----------
    covariance
        Of the map's standardised inputs.
    size
        Root mean square over tokens and shared channels.
    """

    covariance: Tensor

    def __init__(self, covariance: Float[Tensor, "channel channel"], size: float) -> None:
        super().__init__()
        self.register_buffer("covariance", covariance)
        self.size = size

    def forward(self, weight: Float[Tensor, "shared channel"]) -> Float[Tensor, "shared channel"]:
        """The map in its fixed size; its gradient turns the map and does not lengthen it."""
        power = ((weight @ self.covariance) * weight).sum() / len(weight)
        # A layer that is constant over the training images says nothing, at any size.
        return weight * (self.size * power.clamp_min(1e-12).rsqrt())


def layer_covariances(
    data: FitData, moments: Sequence[tuple[Moments, Moments]]
) -> list[Covariances]:
    """Covariances of every layer's standardised training tokens, local and global.

    Parameters
    ----------
    data
        Features, of which the training images are looked at.
    moments
        Of every layer, as of :func:`cortexlens.encoding.moments.feature_moments`.
    """
    images = np.flatnonzero(data.split == TRAIN)
    return [
        feature_covariances(layer, images, pair)
        for layer, pair in zip(data.layers, moments, strict=True)
    ]


def hold_layer_sizes(model: FactorTopy, covariances: Sequence[Covariances], size: float) -> None:
    """Hold the maps B_l of every layer, local and global, at one size while a model is fitted.

    Parameters
    ----------
    model
        Whose maps know the moments of their inputs.
    covariances
        As of :func:`layer_covariances`.
    size
        Root mean square of the aligned features over training tokens and shared channels.
    """
    for pair, maps in zip(covariances, model.alignments(), strict=True):
        for each, covariance in zip(maps, pair, strict=True):
            fixed = _FixedSize(covariance.to(each.weight.device), size)
            parametrize.register_parametrization(each, "weight", fixed)


def release_layer_sizes(model: FactorTopy) -> None:
    """Leave the maps as they are, plain parameters again; the function stays the same."""
    for maps in model.alignments():
        for each in maps:
            if parametrize.is_parametrized(each, "weight"):
                parametrize.remove_parametrizations(each, "weight", leave_parametrized=True)
