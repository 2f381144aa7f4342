"""Layers of a dictionary among all layers of its network, so that maps and lines of fits serve it.

The level of a layer is its place in the whole network. Autoencoders of a few layers leave the
others without weight; they do not draw the levels of these few apart.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int

from cortexlens.errors import CortexlensError

# Along which dictionaries have more than one value a vertex.
_OWN: Final = ("metric", "layer", "shuffle", "pair", "region")
PEARSON: Final = "pearson"
# What the score of a dictionary's vertices is called.
SCORES: Final = {PEARSON: "held-out correlation", "cosine": "held-out cosine"}
_LAYERS: Final = ("vertex", "layer")


def positions(dictionary: xr.Dataset, layers: Sequence[str]) -> Int[np.ndarray, " own"]:
    """Place of each of a dictionary's layers among all layers of its network, from 0.

    Parameters
    ----------
    dictionary
        Of kind ``dictionary``.
    layers
        Names of the network's layers, first to last.

    Raises
    ------
    CortexlensError
        If the network has no layer of one of the dictionary's names.
    """
    known = {name: place for place, name in enumerate(layers)}
    own = [str(name) for name in dictionary.attrs["layer_names"]]
    missing = [name for name in own if name not in known]
    if missing:
        raise CortexlensError(
            f"dictionary of {dictionary.attrs['backbone']} to {dictionary.attrs['subject']}: found "
            f"the layer {missing[0]!r}; the network has {', '.join(layers)}. Describe the network "
            "again, and build the dictionary from it."
        )
    return np.array([known[name] for name in own], np.int64)


def chosen(dictionary: xr.Dataset) -> xr.Dataset:
    """What a dictionary says by the metric that it was chosen by."""
    return dictionary.sel(metric=str(dictionary.attrs["metric"]), drop=True)


def best_layers(dictionary: xr.Dataset) -> Int[np.ndarray, " vertex"]:
    """Each vertex's best layer among those of the dictionary, from 0; -1: none."""
    return np.asarray(chosen(dictionary)["best_layer"].values, np.int64)


def as_fit(dictionary: xr.Dataset, layers: Sequence[str]) -> xr.Dataset:
    """Write a dictionary as a fit to all layers of its network.

    Parameters
    ----------
    dictionary
        Of kind ``dictionary``.
    layers
        Names of the network's layers, first to last.

    Returns
    -------
    xr.Dataset
        With what :func:`cortexlens.figures.maps.fits.read_fit` and the hierarchy need.
        ``layer_selector`` is 1 at the vertex's best layer, NaN throughout where it has none.
        ``r2_test`` holds the held-out similarity, as the attribute ``score`` says, and
        ``noise_ceiling`` the largest correlation that the noise allows, √ceiling; there is none
        for a cosine. Dictionaries have neither place nor scale, which are NaN.

    Raises
    ------
    CortexlensError
        As :func:`positions`.
    """
    own, best = chosen(dictionary), best_layers(dictionary)
    place = np.append(positions(dictionary, layers), -1)[best]
    selector = (place[:, None] == np.arange(len(layers))).astype(np.float64)
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
    """Restrict a fit to some layers of its network, whose levels stay as they are.

    Parameters
    ----------
    fit
        With layer selectors.
    places
        The layers, from :func:`positions`.
    strongest
        Give all weight to the strongest of them, as a dictionary does; else their weights are
        scaled to sum to 1. Then members, whose strongest layers are their own, are left out.

    Returns
    -------
    xr.Dataset
        Selectors are NaN where none of the layers has any weight.
    """
    # Levels of resampled images are of all layers.
    fit = fit.drop_vars("expected_level_draw", errors="ignore")
    kept = np.isin(np.arange(fit.sizes["layer"]), places)
    weight = _rescaled(fit["layer_selector"].values, kept)
    if strongest:
        weight = _one_hot(weight)
        return fit.drop_vars("member_layer_selector", errors="ignore").assign(
            layer_selector=(_LAYERS, weight)
        )
    restricted = fit.assign(layer_selector=(_LAYERS, weight))
    if "member_layer_selector" in fit:
        members = _rescaled(fit["member_layer_selector"].values, kept)
        return restricted.assign(member_layer_selector=(("member", *_LAYERS), members))
    return restricted


def _rescaled(
    weight: Float[np.ndarray, "*member vertex layer"], kept: Bool[np.ndarray, " layer"]
) -> Float[np.ndarray, "*member vertex layer"]:
    """Weights of some layers, scaled to sum to 1; NaN where they sum to 0."""
    part = np.where(kept, weight, 0).astype(np.float64)
    total = part.sum(axis=-1, keepdims=True)
    scaled = np.full(part.shape, np.nan)
    np.divide(part, total, out=scaled, where=total > 0)
    return scaled


def _one_hot(weight: Float[np.ndarray, "vertex layer"]) -> Float[np.ndarray, "vertex layer"]:
    """1 at the largest weight, of equals the first; NaN where weights are."""
    best = np.nan_to_num(weight, nan=-1.0).argmax(axis=1)
    one = (best[:, None] == np.arange(weight.shape[1])).astype(np.float64)
    return np.where(np.isnan(weight), np.nan, one)


def check_same_vertices(dictionary: xr.Dataset, fit: xr.Dataset) -> None:
    """See that a dictionary and a fit can be compared vertex by vertex.

    Raises
    ------
    CortexlensError
        If they are of another network or subject, or of other vertices.
    """
    whose = [
        tuple(str(each.attrs[key]) for key in ("backbone", "subject")) for each in (dictionary, fit)
    ]
    sizes = [each.sizes["vertex"] for each in (dictionary, fit)]
    alike = whose[0] == whose[1] and sizes[0] == sizes[1]
    for name in ("coordinates", "vertex_index", "voxel"):
        if alike and name in dictionary and name in fit:
            alike = np.array_equal(dictionary[name].values, fit[name].values)
    if not alike:
        named = [
            f"{' to '.join(who)} ({size} vertices)" for who, size in zip(whose, sizes, strict=True)
        ]
        raise CortexlensError(
            f"found a dictionary of {named[0]} and a fit of {named[1]}; comparing them needs one "
            "network, one subject and the same vertices. Make both from the same responses."
        )
