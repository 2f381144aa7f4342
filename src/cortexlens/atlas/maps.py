"""Arrays of fits, dictionaries and channel clusters on the page, with a value per vertex."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Int, Shaped

from cortexlens.analysis.scores.stability import across_seeds
from cortexlens.atlas.packing import BYTE, FLOAT, FRACTION, SIGNED, SPREAD, Coded, numbers
from cortexlens.figures.maps.fits import CONFIDENCE
from cortexlens.sae.levels import chosen, positions
from cortexlens.shapes import LAYER
from cortexlens.study.pictures.frames import Frame

Rows = Int[np.ndarray, " vertex"]
# Variable of a fit → name of the page's array, and its coding.
_OF_FIT = {
    "layer_selector": ("layer_weights", FRACTION),
    "confidence": ("confidence", FRACTION),
    "space_selector": ("space", SIGNED),
    "scale_selector": ("scale", FRACTION),
    "r2_test": ("r2", FLOAT),
    "receptive_field_size": ("size", FLOAT),
    "size_low": ("size_low", FLOAT),
    "size_high": ("size_high", FLOAT),
    "layer_probability": ("probability", FRACTION),
    "expected_level": ("level", FRACTION),
    "expected_level_low": ("level_low", FRACTION),
    "expected_level_high": ("level_high", FRACTION),
}
_OF_SCORES = ("r2_low", "r2_high", "r2_over_ceiling", "q")


def fit_arrays(fit: xr.Dataset, scores: xr.Dataset | None, rows: Rows) -> dict[str, Coded]:
    """Arrays of a fit: its selectors, their confidence, and how well it predicts.

    Parameters
    ----------
    fit
        Dataset of kind ``fit``.
    scores
        Its store of kind ``scores``, for confidence intervals; None: without.
    rows
        Row of the stores that each vertex shows.

    Returns
    -------
    dict
        ``layer`` is the strongest layer, from 0. If there are several members, ``member_spread`` is
        the total variation of the layer weights between them and ``layer_spread`` the standard
        deviation of each weight. Variables that a readout lacks are left out.
    """
    weights = fit["layer_selector"].values
    known = np.isfinite(weights).all(axis=1)
    best = np.where(known, np.nan_to_num(weights).argmax(axis=1), -1)
    arrays: dict[str, Coded] = {"layer": (best[rows], numbers(weights.shape[1]))}
    for variable, (name, coding) in _OF_FIT.items():
        if variable in fit:
            values = fit[variable].values[rows]
            # For padded images, centres may lie outside the image.
            wide = coding is SIGNED and bool((np.abs(values) > 1).any())
            arrays[name] = (values, FLOAT if wide else coding)
    if weights.shape[1] == 1 and "confidence" in arrays:
        arrays["confidence"] = (np.where(known, 1.0, np.nan)[rows], FRACTION)
    if scores is not None:
        arrays.update({name: (scores[name].values[rows], FLOAT) for name in _OF_SCORES})
    # Ridge has neither members nor the variables by which they are compared.
    spread = across_seeds(fit) if "member_layer_selector" in fit else None
    if spread is not None:
        arrays["member_spread"] = (spread["total_variation"][rows], FRACTION)
        members = fit["member_layer_selector"].transpose("member", "vertex", "layer").values
        arrays["layer_spread"] = (members.std(axis=0, ddof=1)[rows], SPREAD)
    return arrays


def meaning_of(fit: xr.Dataset) -> str:
    """Meaning of the confidence of a fit: 1 − entropy, or the strongest layer's probability."""
    return str(fit["confidence"].attrs.get("meaning", CONFIDENCE)) if "confidence" in fit else ""


def fit_entry(fit: xr.Dataset) -> dict[str, Any]:
    """Entry of a fit in the manifest."""
    r2 = fit["r2_test"].values
    known = r2[np.isfinite(r2)]
    return {
        "subject": str(fit.attrs["subject"]),
        "network": str(fit.attrs["backbone"]),
        "kind": "fit",
        "readout": str(fit.attrs["readout"]),
        "n_members": int(fit.sizes.get("member", 1)),
        "meaning": meaning_of(fit),
        "frame": Frame.read(fit.attrs).entry(),
        "mean_r2": float(f"{known.mean(dtype=np.float64):.6g}") if known.size else None,
    }


def dictionary_arrays(
    dictionary: xr.Dataset, layers: Sequence[str], rows: Rows
) -> dict[str, Coded]:
    """Arrays of a dictionary: each vertex's unit, by the metric chosen for the dictionary.

    Parameters
    ----------
    dictionary
        Dataset of kind ``dictionary``.
    layers
        Names of all layers of the network, into which ``layer`` is an index from 0.
    rows
        Row of the store that each vertex shows.

    Raises
    ------
    CortexlensError
        If the network lacks a layer of the dictionary.
    """
    own = chosen(dictionary)
    best = own["best_layer"].values.astype(np.int64)
    layer = np.append(positions(dictionary, layers), -1)[best]
    unit: Shaped[np.ndarray, " vertex"] = own["best_unit"].values.astype(np.int64)
    return {
        "layer": (layer[rows], numbers(len(layers))),
        "unit": (unit[rows], numbers(max(int(unit.max(initial=0)), BYTE.missing or 0))),
        "held_out": (own["held_out"].values[rows], FLOAT),
        "similarity": (own["similarity"].values[rows], FLOAT),
        "q": (own["q"].values[rows], FLOAT),
    }


def dictionary_entry(dictionary: xr.Dataset) -> dict[str, Any]:
    """Entry of a dictionary in the manifest, without its units."""
    return {
        "subject": str(dictionary.attrs["subject"]),
        "network": str(dictionary.attrs["backbone"]),
        "kind": "dictionary",
        "readout": str(dictionary.attrs["readout"]),
        "metric": str(dictionary.attrs["metric"]),
        "mean_r2": None,
    }


def cluster_arrays(channels: xr.Dataset, rows: Rows) -> dict[str, Coded]:
    """Cluster of each vertex, from 0, in the order of the tree's leaves."""
    cluster = channels["cluster"].values.astype(np.int64)
    return {"cluster": (cluster[rows], numbers(int(cluster.max(initial=0))))}


def cluster_entry(channels: xr.Dataset) -> dict[str, Any]:
    """Entry of channel clusters in the manifest, with a colour for each."""
    from cortexlens.figures.channels.clusters import cluster_colours

    rgb = cluster_colours(channels["linkage"].values)
    return {
        "subject": str(channels.attrs["subject"]),
        "network": str(channels.attrs["backbone"]),
        "kind": "clusters",
        "readout": str(channels.attrs["readout"]),
        "mean_r2": None,
        "colours": ["#" + bytes(np.rint(255 * each).astype(int).tolist()).hex() for each in rgb],
    }


def network_entry(store: xr.Dataset, derived: Mapping[str, Any]) -> dict[str, Any]:
    """Entry of the network of a store in the manifest.

    Parameters
    ----------
    store
        Dataset of kind ``fit`` or ``dictionary``.
    derived
        Fine-tuned network → its :class:`~cortexlens.analysis.finetuning.pairs.Origin`.
    """
    name = str(store.attrs["backbone"])
    origin = derived.get(name)
    return {
        "id": name,
        "layers": [str(layer) for layer in store.attrs["layer_names"]],
        "axis": str(store.attrs.get("layer_axis", LAYER)),
        "derived": None if origin is None else origin._asdict(),
    }
