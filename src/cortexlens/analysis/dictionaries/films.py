"""Unit activity for single images, projected onto the vertices that the units match."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int

from cortexlens.errors import CortexlensError
from cortexlens.progress import track
from cortexlens.sae.levels import chosen
from cortexlens.shapes import TRAIN

# Standard deviation below which a unit or a response counts as constant.
_STILL: Final = 1e-6


class Film(NamedTuple):
    """Images on the cortex, layer by layer, in standard deviations over the training images.

    Attributes
    ----------
    projected
        At each vertex, the activation of its most similar unit in a layer.
    measured
        Mean response to the image over its trials.
    correlation
        Correlation of both over vertices, for each image and layer; NaN if either is unknown.
    """

    projected: Float[np.ndarray, "image layer vertex"]
    measured: Float[np.ndarray, "image vertex"]
    correlation: Float[np.ndarray, "image layer"]


def film(
    dictionary: xr.Dataset,
    units: Sequence[xr.Dataset],
    response: Float[np.ndarray, "image vertex"],
    repeats: Int[np.ndarray, " image"],
    images: Sequence[int],
) -> Film:
    """Project unit activations for some images onto the vertices.

    Parameters
    ----------
    dictionary
        Dataset of kind ``dictionary``, with the unit of each vertex in each layer.
    units
        Datasets of kind ``units`` of the layers of the dictionary in any order, of its first
        autoencoders.
    response, repeats
        Mean response to each image, and its number of trials; unknown if that is 0.
    images
        Indices of the images to project.

    Raises
    ------
    CortexlensError
        If units of a layer are missing, or their images differ from those of the responses.
    """
    train = units[0]["split"].values == TRAIN
    own = chosen(dictionary)["layer_unit"].values.astype(np.int64)
    layers = track(_by_layer(dictionary, units), "layers projected")
    projected = np.stack(
        [_projected(each, own[:, place], images) for place, each in enumerate(layers)], axis=1
    )
    there = repeats[list(images)] > 0
    measured = _standardised(response, train & (repeats > 0), images)
    measured[~there] = np.nan
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
    """Activation of each vertex's unit; NaN if it has none, or a constant one."""
    used, place = np.unique(own[own >= 0], return_inverse=True)
    activation = units["activation"].values[:, used].astype(np.float32)
    values = _standardised(activation, units["split"].values == TRAIN, images)
    found = np.full((len(images), len(own)), np.nan)
    found[:, own >= 0] = values[:, place]
    return found


def _standardised(
    values: Float[np.ndarray, "image column"],
    train: Bool[np.ndarray, " image"],
    images: Sequence[int],
) -> Float[np.ndarray, "shown column"]:
    """Values for some images as z-scores relative to the training images."""
    known = values[train]
    spread = known.std(axis=0, dtype=np.float64)
    spread = np.where(spread > _STILL, spread, np.nan)
    return np.asarray((values[list(images)] - known.mean(axis=0, dtype=np.float64)) / spread)


def _correlation(one: Float[np.ndarray, " vertex"], other: Float[np.ndarray, " vertex"]) -> float:
    known = np.isfinite(one) & np.isfinite(other)
    both = np.stack([one[known], other[known]])
    if known.sum() < 3 or (both.std(axis=1) < _STILL).any():
        return float("nan")
    return float(np.corrcoef(both)[0, 1])
