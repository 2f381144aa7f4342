"""Dictionary of a network and a subject: the unit most similar to each vertex.

Units are chosen on training images over all layers, and evaluated on test images, because the
largest similarity over thousands of units is large even for noise.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float, Float32, Int

from cortexlens.analysis.dictionaries.similarity import drawn_regions, paired
from cortexlens.analysis.dictionaries.units import places_of
from cortexlens.analysis.scores.fit_scores import region_means, regions_by_side
from cortexlens.analysis.scores.held_out import HeldOutPredictions
from cortexlens.analysis.statistics.bootstrap import image_draws, spread_interval
from cortexlens.analysis.statistics.permutation import PermutationTest, permutation_test
from cortexlens.encoding.results import Variables
from cortexlens.errors import CortexlensError
from cortexlens.sae.assignment import assign
from cortexlens.sae.codes import mean_responses
from cortexlens.sae.similarity import METRICS
from cortexlens.shapes import TEST
from cortexlens.study.ceiling import noise_ceiling

READOUT = "sae"
_DESCRIBED = {
    "layer_unit": "best unit of each layer, chosen on training images; -1 none",
    "layer_similarity": "similarity to that unit on training images",
    "layer_held_out": "similarity to that unit on test images",
    "best_layer": "layer of the best unit over all layers, from 0; -1 none",
    "best_unit": "best unit over all layers; -1 none",
    "similarity": "similarity to the best unit on training images, on which it was chosen",
    "held_out": "similarity to the best unit on test images; NaN where either is constant",
    "p": "p value of held_out under permutation of images, uncorrected, in (0, 1]",
    "q": "false discovery rate over all vertices, in (0, 1]",
    "assigned_layer": "layer of the unit assigned to this vertex only; -1 none",
    "assigned_unit": "unit assigned to this vertex only; -1 none",
    "assigned_held_out": "similarity to the assigned unit on test images",
    "null_maximum": "similarity to the best unit for permuted responses, on training images",
    "null_held_out": "similarity to that unit for permuted responses, on test images",
    "region_held_out": "mean held_out of the region's vertices",
    "region_held_out_low": "lower end of the confidence interval of region_held_out",
    "region_held_out_high": "upper end of the confidence interval of region_held_out",
}
_PLACED = {
    **dict.fromkeys(("layer_unit", "layer_similarity", "layer_held_out"), ("vertex", "layer")),
    **dict.fromkeys(("null_maximum", "null_held_out"), ("shuffle", "vertex")),
}


class Choice(NamedTuple):
    """Parameters of a dictionary.

    Attributes
    ----------
    metric
        One of :data:`~cortexlens.sae.similarity.METRICS`, by which maps and seeds are compared.
    interval, bootstraps, permutations
        Confidence level, number of bootstrap resamples, number of permutations for p.
    seed
        Seed of resamples and permutations.
    """

    metric: str = "pearson"
    confidence_level: float = 0.95
    bootstraps: int = 1000
    permutations: int = 1000
    seed: int = 0


class _Layers:
    """Stores of kind units, one autoencoder per layer, and their activations on test images."""

    def __init__(self, stores: Sequence[xr.Dataset], tested: Int[np.ndarray, " image"]) -> None:
        self.stores = stores
        self.codes = [store["activation"].isel(image=tested).values for store in stores]

    def stacked(self, name: str, metric: int) -> np.ndarray:
        """Variable of every store, with stores along the last axis."""
        return np.stack([store[name].values[metric] for store in self.stores], axis=-1)

    def code(
        self, layer: Int[np.ndarray, " vertex"], unit: Int[np.ndarray, " vertex"]
    ) -> Float32[np.ndarray, "image vertex"]:
        """Activation on test images of one unit per vertex; 0 if there is none."""
        found = np.zeros((len(self.codes[0]), len(unit)), np.float32)
        for number, codes in enumerate(self.codes):
            own = np.flatnonzero((layer == number) & (unit >= 0))
            found[:, own] = codes[:, unit[own]]
        return found


class _Chosen(NamedTuple):
    """Best unit of each vertex over layers."""

    layer: Int[np.ndarray, " vertex"]
    unit: Int[np.ndarray, " vertex"]
    similarity: Float[np.ndarray, " vertex"]


def dictionary_dataset(
    units: Sequence[xr.Dataset], responses: xr.Dataset, how: Choice
) -> xr.Dataset:
    """Combine the units of all layers into a dictionary.

    Parameters
    ----------
    units
        Stores of kind ``units`` of one network and subject: each layer, each seed.
    responses
        Store of kind ``responses`` of the subject.
    how
        Parameters of the dictionary.

    Returns
    -------
    xr.Dataset
        Content of a store of kind ``dictionary``.

    Raises
    ------
    CortexlensError
        If the metric is unknown, or stores differ in network, subject or set of layers.
    """
    if how.metric not in METRICS:
        raise CortexlensError(f"--metric: found {how.metric!r}; allowed are {', '.join(METRICS)}.")
    by_seed = _by_seed(units)
    first = by_seed[0][0]
    tested = np.flatnonzero(responses["split"].values == TEST)
    response, repeats = mean_responses(responses)
    observed = response[tested]
    seeds = [_Layers(stores, tested) for stores in by_seed]
    own = METRICS.index(how.metric)
    chosen = [_chosen(layers, own) for layers in seeds]
    places = places_of(first)
    masks = np.stack([each.mask for each in regions_by_side(places)], axis=1)
    ceiling = noise_ceiling(responses["ncsnr"].values, repeats[tested])
    names = [str(store.attrs["layer"]) for store in by_seed[0]]
    variables: Variables = {
        **_of_metrics(
            [_of_metric(metric, seeds[0], observed, tested, masks, how) for metric in METRICS]
        ),
        **_stability(how.metric, seeds, chosen),
        "layer_selector": (
            ("vertex", "layer"),
            _one_hot(chosen[0].layer, len(names)),
            "best layer",
        ),
        "noise_ceiling": (("vertex",), ceiling, "largest r² that the repeats allow; NaN unknown"),
        "region_mask": (("vertex", "region"), masks, "vertices of a region"),
        **_region_names(places),
    }
    return _finished(places, variables, names, first, how)


def _by_seed(units: Sequence[xr.Dataset]) -> list[list[xr.Dataset]]:
    """Stores of each seed, with layers in the network's order."""
    seeds = sorted({int(each.attrs["sae_seed"]) for each in units})
    found = [
        sorted(
            (each for each in units if each.attrs["sae_seed"] == seed),
            key=lambda each: int(each.attrs["layer_number"]),
        )
        for seed in seeds
    ]
    kinds = {(each.attrs["backbone"], each.attrs["subject"]) for each in units}
    layers = {tuple(str(each.attrs["layer"]) for each in stores) for stores in found}
    if len(kinds) != 1 or len(layers) != 1:
        raise CortexlensError(
            f"stores of kind units: found networks and subjects {sorted(kinds)}, layers "
            f"{sorted(layers)}; needed are the same layers of one network and subject for every "
            "seed. Run the workflow again to make them."
        )
    return found


def _chosen(layers: _Layers, metric: int) -> _Chosen:
    """Best unit of each vertex over layers; of equal ones, that of the first layer."""
    similarity = layers.stacked("vertex_similarity", metric)[:, 0]
    unit = layers.stacked("vertex_unit", metric)[:, 0]
    best = np.nan_to_num(similarity, nan=-np.inf).argmax(axis=1)
    rows = np.arange(len(best))
    there = unit[rows, best] >= 0
    return _Chosen(np.where(there, best, -1), unit[rows, best], similarity[rows, best])


def _of_metric(
    name: str,
    layers: _Layers,
    observed: Float32[np.ndarray, "image vertex"],
    tested: Int[np.ndarray, " image"],
    masks: np.ndarray,
    how: Choice,
) -> dict[str, np.ndarray]:
    """All variables that depend on one metric."""
    metric = METRICS.index(name)
    best = _chosen(layers, metric)
    code = layers.code(best.layer, best.unit)
    held_out = paired(name, code, observed)
    by_chance = _chance(code, observed, tested, how)
    draws = image_draws(tested, how.bootstraps, how.seed)
    drawn = drawn_regions(name, code, observed, masks, draws)
    mean = region_means(held_out, masks)
    low, high = spread_interval(mean, drawn, len(tested), how.confidence_level)
    alone = _assigned(layers, metric, len(held_out))
    null = _null(layers, metric)
    return {
        "layer_unit": layers.stacked("vertex_unit", metric)[:, 0].astype(np.int32),
        "layer_similarity": layers.stacked("vertex_similarity", metric)[:, 0],
        "layer_held_out": layers.stacked("vertex_held_out", metric)[:, 0],
        "best_layer": best.layer.astype(np.int32),
        "best_unit": best.unit.astype(np.int32),
        "similarity": best.similarity,
        "held_out": held_out.astype(np.float32),
        "p": by_chance.p.astype(np.float32),
        "q": by_chance.q.astype(np.float32),
        "assigned_layer": alone[0].astype(np.int32),
        "assigned_unit": alone[1].astype(np.int32),
        "assigned_held_out": paired(name, layers.code(*alone), observed).astype(np.float32),
        "null_maximum": null[0],
        "null_held_out": null[1],
        "region_held_out": mean,
        "region_held_out_low": low,
        "region_held_out_high": high,
    }


def _chance(
    code: Float32[np.ndarray, "image vertex"],
    observed: Float32[np.ndarray, "image vertex"],
    tested: Int[np.ndarray, " image"],
    how: Choice,
) -> PermutationTest:
    """Permutation test of the chosen units on test images.

    Permuting images changes neither norms nor means, so both metrics have the same order over
    permutations as the cross product of activation and response, and the same p.
    """
    held = HeldOutPredictions(tested, code, observed, np.ones(len(tested), np.int64))
    every = np.ones(code.shape[1], bool)
    return permutation_test(held, [every], how.permutations, how.seed)


def _assigned(
    layers: _Layers, metric: int, n_vertices: int
) -> tuple[Int[np.ndarray, " vertex"], Int[np.ndarray, " vertex"]]:
    """Layer and unit of each vertex in an assignment in which no unit is used twice."""
    vertices, units, similarities = [], [], []
    starts = np.cumsum([0, *(store.sizes["unit"] for store in layers.stores)])
    for start, store in zip(starts, layers.stores, strict=False):
        unit, vertex = store["vertex_unit"].values[metric], store["unit_vertex"].values[metric]
        rows, columns = (np.arange(len(each)).repeat(each.shape[1]) for each in (unit, vertex))
        vertices += [rows, vertex.ravel()]
        units += [np.where(unit >= 0, unit + start, -1).ravel(), columns + start]
        similarities += [
            store[f"{what}_similarity"].values[metric].ravel() for what in ("vertex", "unit")
        ]
    vertex, unit, similarity = (np.concatenate(each) for each in (vertices, units, similarities))
    found = assign(vertex, unit, similarity, n_vertices)
    layer = np.searchsorted(starts, found, side="right") - 1
    return np.where(found >= 0, layer, -1), np.where(found >= 0, found - starts[layer], -1)


def _null(layers: _Layers, metric: int) -> tuple[np.ndarray, np.ndarray]:
    """Best unit of permuted responses over all layers: similarity on training and test images."""
    highest = layers.stacked("null_maximum", metric)
    best = np.nan_to_num(highest, nan=-np.inf).argmax(axis=-1)[..., None]
    held = layers.stacked("null_held_out", metric)
    maximum, held_out = (np.take_along_axis(each, best, -1)[..., 0] for each in (highest, held))
    return maximum, held_out


def _of_metrics(found: Sequence[dict[str, np.ndarray]]) -> dict[str, Any]:
    """Stack the variables of both metrics, with descriptions."""
    return {
        name: (("metric", *_places_of_name(name)), np.stack([each[name] for each in found]), text)
        for name, text in _DESCRIBED.items()
    }


def _places_of_name(name: str) -> tuple[str, ...]:
    return _PLACED.get(name, ("region",) if name.startswith("region_") else ("vertex",))


def _stability(metric: str, seeds: Sequence[_Layers], chosen: Sequence[_Chosen]) -> Variables:
    """Similarity of the dictionaries of two seeds; NaN with a single seed."""
    n, pairs = len(chosen[0].unit), list(combinations(range(len(seeds)), 2))
    agreement = np.full(n, np.nan, np.float32)
    correlation = np.full((n, len(pairs)), np.nan, np.float32)
    if pairs:
        same = [chosen[one].layer == chosen[other].layer for one, other in pairs]
        known = np.all([each.layer >= 0 for each in chosen], axis=0)
        agreement = np.where(known, np.mean(same, axis=0), np.nan).astype(np.float32)
    codes = [layers.code(best.layer, best.unit) for layers, best in zip(seeds, chosen, strict=True)]
    for number, (one, other) in enumerate(pairs):
        correlation[:, number] = paired("pearson", codes[one], codes[other])
    of = f"best layer by {metric}"
    return {
        "seed_layer_agreement": (
            ("vertex",),
            agreement,
            f"share of pairs of seeds with the same {of}",
        ),
        "seed_correlation": (
            ("vertex", "pair"),
            correlation,
            f"correlation of two seeds' best units by {metric}, on test images",
        ),
    }


def _one_hot(
    layer: Int[np.ndarray, " vertex"], n_layers: int
) -> Float32[np.ndarray, "vertex layer"]:
    """Layer selector of a single layer; NaN if there is none."""
    selector = (layer[:, None] == np.arange(n_layers)).astype(np.float32)
    selector[layer < 0] = np.nan
    return np.asarray(selector)


def _region_names(places: xr.Dataset) -> Variables:
    parts = list(regions_by_side(places))
    roi, side = ([getattr(part, name) for part in parts] for name in ("roi", "hemisphere"))
    return {
        "region_roi": (
            ("region",),
            np.array(roi, dtype=object),
            "name of the region; all: every vertex",
        ),
        "region_side": (
            ("region",),
            np.array(side, dtype=object),
            "hemisphere: both, left or right",
        ),
    }


def _finished(
    places: xr.Dataset, variables: Variables, names: list[str], first: xr.Dataset, how: Choice
) -> xr.Dataset:
    dataset = places.assign(
        {
            name: (dims, values, {"description": described})
            for name, (dims, values, described) in variables.items()
        }
    ).assign_coords(layer=names, metric=list(METRICS))
    kept = ("backbone", "subject", "tokens", "pooling", "layer_axis")
    return dataset.assign_attrs(
        **{name: first.attrs[name] for name in kept},
        readout=READOUT,
        layer_names=names,
        metric=how.metric,
        confidence_level=how.confidence_level,
        n_test_images=int((first["split"].values == TEST).sum()),
    )
