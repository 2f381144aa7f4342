"""Relate the layers of a dictionary to all layers of its network, to use the analyses of fits.

The level of a layer is its relative position in the whole network. If only some layers have
autoencoders, the others get no weight; the levels of these few layers are not stretched.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int

from cortexlens.errors import CortexlensError

# Dimensions that dictionaries have beside the vertices and fits lack.
_OWN: Final = ("metric", "layer", "shuffle", "pair", "region")
PEARSON: Final = "pearson"
# Name of the score of a dictionary's vertices, for each metric.
SCORES: Final = {PEARSON: "held-out correlation", "cosine": "held-out cosine"}
_LAYERS: Final = ("vertex", "layer")


def positions(dictionary: xr.Dataset, layers: Sequence[str]) -> Int[np.ndarray, " own"]:
    """Return the index, from 0, of each of a dictionary's layers among all layers of its network.

    Parameters
    ----------
    dictionary
        Dataset of kind ``dictionary``.
    layers
        Names of the network's layers, first to last.

    Raises
    ------
    CortexlensError
        If the network lacks one of the dictionary's layers.
    """
    known = {name: index for index, name in enumerate(layers)}
    own = [str(name) for name in dictionary.attrs["layer_names"]]
    missing = [name for name in own if name not in known]
    if missing:
        raise CortexlensError(
            f"dictionary of {dictionary.attrs['backbone']} to {dictionary.attrs['subject']}: found "
            f"the layer {missing[0]!r}; the network has {', '.join(layers)}. Describe the network "
            "again, and rebuild the dictionary."
        )
    return np.array([known[name] for name in own], np.int64)


def chosen(dictionary: xr.Dataset) -> xr.Dataset:
    """Select the metric by which the units of a dictionary were chosen.

    Parameters
    ----------
    dictionary
        Dataset of kind ``dictionary``.
    """
    return dictionary.sel(metric=str(dictionary.attrs["metric"]), drop=True)


def best_layers(dictionary: xr.Dataset) -> Int[np.ndarray, " vertex"]:
    """Return the index of each vertex's best layer among those of the dictionary; −1 for none.

    Parameters
    ----------
    dictionary
        Dataset of kind ``dictionary``.
    """
    return np.asarray(chosen(dictionary)["best_layer"].values, np.int64)


def as_fit(dictionary: xr.Dataset, layers: Sequence[str]) -> xr.Dataset:
    """Express a dictionary as a fit to all layers of its network.

    Parameters
    ----------
    dictionary
        Dataset of kind ``dictionary``.
    layers
        Names of the network's layers, first to last.

    Returns
    -------
    xr.Dataset
        Dataset with the variables that :func:`cortexlens.figures.maps.fits.read_fit` and the
        analysis of hierarchies need. ``layer_selector`` is 1 at a vertex's best layer, and NaN in
        all layers for vertices without one. ``r2_test`` holds the held-out similarity, named by the
        attribute ``score``. ``noise_ceiling`` holds the largest possible correlation, √ceiling, and
        is NaN for cosines. Receptive-field centre and scale, which dictionaries lack, are NaN.

    Raises
    ------
    CortexlensError
        If the network lacks one of the dictionary's layers.
    """
    own, best = chosen(dictionary), best_layers(dictionary)
    index = np.append(positions(dictionary, layers), -1)[best]
    selector = (index[:, None] == np.arange(len(layers))).astype(np.float64)
    selector[best < 0] = np.nan
    known, metric = np.where(best < 0, np.nan, 1.0), str(dictionary.attrs["metric"])
    unknown = np.full(len(best), np.nan)
    ceiling = dictionary["noise_ceiling"].values if "noise_ceiling" in dictionary else unknown
    fit = dictionary.drop_dims([name for name in _OWN if name in dictionary.dims]).assign(
        layer_selector=(_LAYERS, selector),
        space_selector=(("vertex", "image_axis"), np.stack([unknown, unknown], axis=1)),
        scale_selector=("vertex", unknown),
        confidence=("vertex", known),
        r2_test=("vertex", own["held_out"].values.astype(np.float64)),
        noise_ceiling=("vertex", np.sqrt(ceiling) if metric == PEARSON else unknown),
    )
    return fit.assign_attrs(layer_names=list(layers), score=SCORES[metric])


def on_layers(
    fit: xr.Dataset, places: Int[np.ndarray, " own"], *, strongest: bool = False
) -> xr.Dataset:
    """Restrict the layer selectors of a fit to some layers of its network; levels are unchanged.

    Parameters
    ----------
    fit
        Dataset of kind ``fit``.
    places
        Indices of the layers, from :func:`positions`.
    strongest
        Whether to give all weight to the strongest of these layers, as in a dictionary, and to drop
        the selectors of members. Otherwise weights are rescaled to sum to 1.

    Returns
    -------
    xr.Dataset
        Fit with restricted selectors, which are NaN where none of these layers has weight.
    """
    # The levels of bootstrap resamples were computed from all layers.
    fit = fit.drop_vars("expected_level_draw", errors="ignore")
    included = np.isin(np.arange(fit.sizes["layer"]), places)
    weight = _rescaled(fit["layer_selector"].values, included)
    if strongest:
        weight = _one_hot(weight)
        return fit.drop_vars("member_layer_selector", errors="ignore").assign(
            layer_selector=(_LAYERS, weight)
        )
    restricted = fit.assign(layer_selector=(_LAYERS, weight))
    if "member_layer_selector" in fit:
        members = _rescaled(fit["member_layer_selector"].values, included)
        return restricted.assign(member_layer_selector=(("member", *_LAYERS), members))
    return restricted


def _rescaled(
    weight: Float[np.ndarray, "*member vertex layer"], included: Bool[np.ndarray, " layer"]
) -> Float[np.ndarray, "*member vertex layer"]:
    """Set the weights of other layers to 0 and rescale the rest to sum to 1; NaN if they are 0."""
    part = np.where(included, weight, 0).astype(np.float64)
    total = part.sum(axis=-1, keepdims=True)
    scaled = np.full(part.shape, np.nan)
    np.divide(part, total, out=scaled, where=total > 0)
    return scaled


def _one_hot(weight: Float[np.ndarray, "vertex layer"]) -> Float[np.ndarray, "vertex layer"]:
    """Return 1 at the first largest weight, 0 elsewhere; NaN where weights are NaN."""
    best = np.nan_to_num(weight, nan=-1.0).argmax(axis=1)
    one = (best[:, None] == np.arange(weight.shape[1])).astype(np.float64)
    return np.where(np.isnan(weight), np.nan, one)


def check_same_vertices(dictionary: xr.Dataset, fit: xr.Dataset) -> None:
    """Check that a dictionary and a fit can be compared vertex by vertex.

    Parameters
    ----------
    dictionary
        Dataset of kind ``dictionary``.
    fit
        Dataset of kind ``fit``.

    Raises
    ------
    CortexlensError
        If they differ in network, subject or vertices.
    """
    identities = [
        tuple(str(each.attrs[key]) for key in ("backbone", "subject")) for each in (dictionary, fit)
    ]
    sizes = [each.sizes["vertex"] for each in (dictionary, fit)]
    same = identities[0] == identities[1] and sizes[0] == sizes[1]
    for name in ("coordinates", "vertex_index", "voxel"):
        if same and name in dictionary and name in fit:
            same = np.array_equal(dictionary[name].values, fit[name].values)
    if not same:
        named = [
            f"{' to '.join(identity)} ({size} vertices)"
            for identity, size in zip(identities, sizes, strict=True)
        ]
        raise CortexlensError(
            f"found a dictionary of {named[0]} and a fit of {named[1]}; comparing them needs one "
            "network, one subject and the same vertices. Make both from the same responses."
        )
