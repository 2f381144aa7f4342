"""What a dictionary's units do on single images, laid on the vertices that resemble them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float, Int

from cortexlens.errors import CortexlensError
from cortexlens.sae.levels import chosen
from cortexlens.shapes import TRAIN

# Below this deviation a unit or a response does not vary at all.
_STILL = 1e-6


class Film(NamedTuple):
    """Images on the cortex, layer by layer, in standard deviations over the training images.

    Attributes
    ----------
    projected
        At each vertex the activation of the unit that it resembles most in a layer.
    measured
        Mean response to the image over its trials.
    correlation
        Of both over vertices, of each image and layer; NaN where either is unknown.
    """

    projected: Float[np.ndarray, "image layer vertex"]
    measured: Float[np.ndarray, "image vertex"]
    correlation: Float[np.ndarray, "image layer"]


def film(
    dictionary: xr.Dataset,
    units: Sequence[xr.Dataset],
    response: Float[np.ndarray, "seen vertex"],
    seen: Int[np.ndarray, " seen"],
    images: Sequence[int],
) -> Film:
    """Project the activations on some images on the vertices.

    Parameters
    ----------
    dictionary
        Of kind ``dictionary``, which says the unit of each vertex in each layer.
    units
        Of kind ``units``, of the layers of the dictionary in any order, of its first autoencoders.
    response, seen
        Mean response to each image that was shown, and its index on the image axis.
    images
        Indices of those to project.

    Raises
    ------
    CortexlensError
        If a layer's units are missing, or of other images than the responses.
    """
    split = units[0]["split"].values
    own = chosen(dictionary)["layer_unit"].values.astype(np.int64)
    layers = _by_layer(dictionary, units)
    projected = np.stack(
        [_projected(each, own[:, place], images) for place, each in enumerate(layers)], axis=1
    )
    measured = np.full((len(images), response.shape[1]), np.nan)
    shown = _standardised(response, split[seen] == TRAIN)
    row = {int(image): number for number, image in enumerate(seen)}
    for number, image in enumerate(images):
        if image in row:
            measured[number] = shown[row[image]]
    correlation = [
        [_correlation(one, found) for one in each]
        for each, found in zip(projected, measured, strict=True)
    ]
    return Film(projected, measured, np.array(correlation))


def _by_layer(dictionary: xr.Dataset, units: Sequence[xr.Dataset]) -> list[xr.Dataset]:
    """Units in the order of the dictionary's layers."""
    found = {str(each.attrs["layer"]): each for each in units}
    names = [str(name) for name in dictionary.attrs["layer_names"]]
    missing = [name for name in names if name not in found]
    if missing:
        raise CortexlensError(
            f"found units of {', '.join(found)}; the dictionary of {dictionary.attrs['backbone']} "
            f"to {dictionary.attrs['subject']} needs those of {', '.join(missing)} as well. Give "
            "the units of all of its layers."
        )
    return [found[name] for name in names]


def _projected(
    units: xr.Dataset, own: Int[np.ndarray, " vertex"], images: Sequence[int]
) -> Float[np.ndarray, "image vertex"]:
    """Activation of each vertex's unit; NaN where it has none, or one that never varies."""
    used, place = np.unique(own[own >= 0], return_inverse=True)
    activation = units["activation"].values[:, used].astype(np.float32)
    values = _standardised(activation, units["split"].values == TRAIN)[list(images)]
    found = np.full((len(images), len(own)), np.nan)
    found[:, own >= 0] = values[:, place]
    return found


def _standardised(
    values: Float[np.ndarray, "image column"], train: np.ndarray
) -> Float[np.ndarray, "image column"]:
    """Deviations from the mean over the training images, in their standard deviation."""
    known = values[train]
    spread = known.std(axis=0, dtype=np.float64)
    spread = np.where(spread > _STILL, spread, np.nan)
    return np.asarray((values - known.mean(axis=0, dtype=np.float64)) / spread)


def _correlation(one: Float[np.ndarray, " vertex"], other: Float[np.ndarray, " vertex"]) -> float:
    known = np.isfinite(one) & np.isfinite(other)
    both = np.stack([one[known], other[known]])
    if known.sum() < 3 or (both.std(axis=1) < _STILL).any():
        return float("nan")
    return float(np.corrcoef(both)[0, 1])
