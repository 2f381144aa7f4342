"""Equal footing of layers: every layer's aligned features held at one size during a fit.

In equation (1) a layer may count for much either by its weight ω̂ or by a large map B_l; which of
the two a fit chooses depends on how fast each learns. Holding the size of B_l(V_l) leaves ω̂ alone
to say how much of a layer is read.
"""

import numpy as np
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import parametrize

from cortexlens.encoding.data import FitData, feature_covariances
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.shapes import TRAIN


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


def hold_layer_sizes(model: FactorTopy, data: FitData, size: float) -> None:
    """Hold the maps B_l of every layer, local and global, at one size while a model is fitted.

    Parameters
    ----------
    model
        Whose maps know the moments of their inputs.
    data
        Features, of which the training images are looked at.
    size
        Root mean square of the aligned features over training tokens and shared channels.
    """
    images = np.flatnonzero(data.split == TRAIN)
    for layer, maps in zip(data.layers, model.alignments(), strict=True):
        moments = [(each.mean, each.scale) for each in maps]
        covariances = feature_covariances(layer, images, moments)
        for each, covariance in zip(maps, covariances, strict=True):
            parametrize.register_parametrization(each, "weight", _FixedSize(covariance, size))


def release_layer_sizes(model: FactorTopy) -> None:
    """Leave the maps as they are, plain parameters again; the function stays the same."""
    for maps in model.alignments():
        for each in maps:
            if parametrize.is_parametrized(each, "weight"):
                parametrize.remove_parametrizations(each, "weight", leave_parametrized=True)
