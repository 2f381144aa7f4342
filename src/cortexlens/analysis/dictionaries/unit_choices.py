"""Units that vertices choose from a dictionary, and their activations on test images."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float, Int

from cortexlens.errors import CortexlensError
from cortexlens.shapes import TEST


class Choice(NamedTuple):
    """Units chosen by vertices.

    Attributes
    ----------
    column
        Index into ``layer`` and ``unit`` of each vertex's unit; −1 for none.
    layer, unit
        For each unit that any vertex chooses: index of its layer, and its index in the layer.
    """

    column: Int[np.ndarray, " vertex"]
    layer: Int[np.ndarray, " chosen"]
    unit: Int[np.ndarray, " chosen"]


def metrics_of(dictionary: xr.Dataset) -> list[str]:
    """Names of the similarity metrics of a dictionary, in its order."""
    return [str(name) for name in dictionary["metric"].values]


def choice_of(dictionary: xr.Dataset, metric: str) -> Choice:
    """Best unit of each vertex by one of the metrics."""
    chosen = dictionary.isel(metric=metrics_of(dictionary).index(metric))
    layer, unit = (chosen[f"best_{name}"].values.astype(np.int64) for name in ("layer", "unit"))
    known = (layer >= 0) & (unit >= 0)
    pairs = np.stack([layer, unit])[:, known]
    found, inverse = np.unique(pairs, axis=1, return_inverse=True)
    column = np.full(len(unit), -1)
    column[known] = inverse.ravel()
    return Choice(column, found[0], found[1])


def tested_images(dictionary: xr.Dataset, units: Mapping[str, xr.Dataset]) -> np.ndarray:
    """Indices of the test images, which were not used to choose units.

    Raises
    ------
    CortexlensError
        If units of a layer are missing, or images differ between layers.
    """
    names = [str(name) for name in dictionary.attrs["layer_names"]]
    missing = [name for name in names if name not in units]
    whose = f"{dictionary.attrs['backbone']}, subject {dictionary.attrs['subject']}"
    if missing:
        raise CortexlensError(
            f"dictionary of {whose}: found no units of its layer {missing[0]}; there are those of "
            f"{', '.join(units) or 'none'}. Run the workflow again to make them."
        )
    splits = [units[name]["split"].values for name in names]
    if any(not np.array_equal(splits[0], each) for each in splits[1:]):
        raise CortexlensError(
            f"dictionary of {whose}: found units of layers with different images or splits. "
            "Run the workflow again to compare all of them with the same responses."
        )
    return np.flatnonzero(splits[0] == TEST)


def codes_of(
    choice: Choice,
    dictionary: xr.Dataset,
    units: Mapping[str, xr.Dataset],
    images: Int[np.ndarray, " image"],
) -> Float[np.ndarray, "image chosen"]:
    """Activation of each chosen unit on some images."""
    codes = np.zeros((len(images), len(choice.unit)), np.float32)
    for number, name in enumerate(dictionary.attrs["layer_names"]):
        own = np.flatnonzero(choice.layer == number)
        if own.size:
            activation = units[str(name)]["activation"].isel(unit=choice.unit[own])
            codes[:, own] = activation.isel(image=images).values
    return codes
