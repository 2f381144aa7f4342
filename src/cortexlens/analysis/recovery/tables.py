"""Tables of a recovery study: how well fits recover what was planted, by condition."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Bool, Float, Int
from scipy import stats

from cortexlens.analysis.hierarchy.slope import expected_level

SMOOTH: Final = "smooth"
FREE: Final = "free"
# Topology in the tables of readouts without that option.
OWN: Final = "own"
DIFFERENCE: Final = "smooth-free"
WHOSE: Final = ("backbone", "subject", "readout", "truth", "condition", "varied")
# Columns that describe a condition, averaged over its seeds.
SETTINGS: Final = (
    *("windows", "ceiling", "training_images", "vertices", "layer_mixing", "layer_similarity"),
)
# Lead of the strongest planted layer over the next at which a vertex counts as having one layer.
LEAD: Final = 0.4
# Smallest number of vertices for a correlation.
FEWEST: Final = 10
STUDY_COLUMNS: Final = (
    *WHOSE,
    *SETTINGS,
    "topology",
    "measure",
    "n_seeds",
    "mean",
    "low",
    "high",
)
CONFUSION_COLUMNS: Final = (
    *WHOSE,
    "topology",
    "planted_layer",
    "found_layer",
    "share",
    "n_vertices",
    "similarity",
)


class Interval(NamedTuple):
    """Mean over seeds and its confidence interval."""

    mean: float
    low: float
    high: float


def t_interval(values: Float[np.ndarray, " seed"], confidence_level: float) -> Interval:
    """Mean with Student's t confidence interval, because seeds are independent and few.

    Parameters
    ----------
    values
        One value per seed; values that are not finite are left out.
    confidence_level
        Confidence level, in (0, 1).

    Returns
    -------
    Interval
        Ends are NaN for fewer than two values; all are NaN without values.
    """
    known = values[np.isfinite(values)]
    if known.size < 2:
        return Interval(float(known[0]) if known.size else float("nan"), float("nan"), float("nan"))
    error = float(known.std(ddof=1)) / known.size**0.5
    reach = float(stats.t.ppf((1 + confidence_level) / 2, known.size - 1)) * error
    return Interval(float(known.mean()), float(known.mean()) - reach, float(known.mean()) + reach)


def chosen_layers(
    one: xr.Dataset,
) -> tuple[Int[np.ndarray, " vertex"], Int[np.ndarray, " vertex"]]:
    """Strongest planted and strongest fitted layer of each vertex."""
    planted, found = one["planted_layer"], one["layer_selector"]
    return (
        planted.transpose("vertex", "layer").values.argmax(axis=1),
        found.transpose("vertex", "layer").values.argmax(axis=1),
    )


def recovery_measures(one: xr.Dataset) -> dict[str, float]:
    """Measures of recovery for one seed, over all its vertices.

    Parameters
    ----------
    one
        One seed of a store of kind ``recovery``, or a fit of a subject with planted truth.

    Returns
    -------
    dict
        ``layer_exact``, ``layer_within_one``: share of vertices with the planted layer, or within
        one layer of it; ``layer_chance``: expected share of exact layers if fitted layers were
        permuted; ``layer_named``: share of exact layers among vertices whose planted layer leads
        the next by 0.4 or more; ``level_r``: correlation of fitted and planted expected level.
        These are given only if layers were planted. ``r2``: mean raw R² on test images.

        For readouts that estimate them: ``space_error``: median distance of receptive-field centres
        in image widths; ``space_r``: correlation of centres, mean of x and y, and ``space_r_v1`` in
        V1 only; ``scale_error``: mean absolute error, ``scale_r``: correlation; ``size_r``:
        correlation of receptive-field sizes, if windows were planted; ``confidence``: mean. Unknown
        values are NaN.
    """
    return {
        **(_layer_measures(one) if "planted_layer" in one else {}),
        **(_space_measures(one) if "space_selector" in one else {}),
        **(_scale_measures(one) if {"planted_scale", "scale_selector"} <= set(one) else {}),
        **(_size_measures(one) if {"planted_size", "receptive_field_size"} <= set(one) else {}),
        "r2": _mean(one["r2_test"].values),
        **({"confidence": _mean(one["confidence"].values)} if "confidence" in one else {}),
    }


def _layer_measures(one: xr.Dataset) -> dict[str, float]:
    planted, found = chosen_layers(one)
    n_layers = one.sizes["layer"]
    shares = [np.bincount(each, minlength=n_layers) / len(each) for each in (planted, found)]
    weights = [
        one[name].transpose("vertex", "layer").values
        for name in ("planted_layer", "layer_selector")
    ]
    exact = planted == found
    return {
        "layer_exact": float(exact.mean()),
        "layer_within_one": float((np.abs(planted - found) <= 1).mean()),
        "layer_chance": float(shares[0] @ shares[1]),
        "layer_named": _mean(exact[leads(weights[0])].astype(np.float64)),
        "level_r": _correlation(*map(expected_level, weights)),
    }


def leads(layer_selector: Float[np.ndarray, "vertex layer"]) -> Bool[np.ndarray, " vertex"]:
    """Whether the strongest layer of each vertex leads the next by 0.4 or more."""
    padded = np.pad(np.sort(layer_selector, axis=1), ((0, 0), (1, 0)))
    found: np.ndarray = padded[:, -1] - padded[:, -2] >= LEAD
    return found


def _space_measures(one: xr.Dataset) -> dict[str, float]:
    place, truth = one["space_selector"].values, one["planted_space"].values
    of_v1 = np.zeros(len(place), bool)
    if "V1" in list(map(str, one["roi"].values if "roi_mask" in one else [])):
        of_v1 = one["roi_mask"].sel(roi="V1").values.astype(bool)
    return {
        # The image is two units wide.
        "space_error": float(np.median(np.linalg.norm(place - truth, axis=1)) / 2),
        "space_r": _place_correlation(place, truth),
        "space_r_v1": _place_correlation(place[of_v1], truth[of_v1]),
    }


def _scale_measures(one: xr.Dataset) -> dict[str, float]:
    found, planted = one["scale_selector"].values, one["planted_scale"].values
    error = float(np.abs(found - planted).mean())
    return {"scale_error": error, "scale_r": _correlation(found, planted)}


def _size_measures(one: xr.Dataset) -> dict[str, float]:
    return {"size_r": _correlation(one["receptive_field_size"].values, one["planted_size"].values)}


def _place_correlation(
    found: Float[np.ndarray, "vertex 2"], planted: Float[np.ndarray, "vertex 2"]
) -> float:
    return float(np.mean([_correlation(found[:, i], planted[:, i]) for i in range(2)]))


def _correlation(a: Float[np.ndarray, " vertex"], b: Float[np.ndarray, " vertex"]) -> float:
    """Pearson's r; NaN for few vertices, or if either does not vary."""
    if len(a) < FEWEST or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(stats.pearsonr(a, b).statistic)


def _mean(values: Float[np.ndarray, " vertex"]) -> float:
    """Mean of the finite values."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")


def study_table(stores: Iterable[xr.Dataset], confidence_level: float) -> pd.DataFrame:
    """``recovery_study.tsv``: one row per readout, condition, topology and measure.

    Parameters
    ----------
    stores
        Stores of kind ``recovery``.
    confidence_level
        Confidence level of the intervals over seeds.

    Returns
    -------
    pd.DataFrame
        If a condition was fitted with and without topology on the same seeds, rows ``smooth-free``
        contain the difference within seeds.
    """
    groups: dict[tuple[str, ...], dict[str, pd.DataFrame]] = {}
    settings: dict[tuple[str, ...], dict[str, float]] = {}
    for store in stores:
        whose = tuple(str(store.attrs[key]) for key in WHOSE)
        seeds = [store.isel(seed=index) for index in range(store.sizes["seed"])]
        measured = pd.DataFrame([recovery_measures(seed) for seed in seeds])
        groups.setdefault(whose, {})[topology_of(store)] = measured
        settings[whose] = _settings(store)
    rows = []
    for whose, found in sorted(groups.items()):
        if {SMOOTH, FREE} <= set(found) and len(found[SMOOTH]) == len(found[FREE]):
            paired = (found[SMOOTH] - found[FREE]).drop(columns="layer_chance")
            found = {**found, DIFFERENCE: paired}
        known = {**dict(zip(WHOSE, whose, strict=True)), **settings[whose]}
        rows += [{**known, **row} for row in _measured_rows(found, confidence_level)]
    return pd.DataFrame(rows, columns=list(STUDY_COLUMNS))


def _measured_rows(
    found: dict[str, pd.DataFrame], confidence_level: float
) -> Iterator[dict[str, str | float]]:
    for topology, measured in found.items():
        for measure in measured.columns:
            values = measured[measure].to_numpy(dtype=np.float64)
            yield {
                "topology": topology,
                "measure": str(measure),
                "n_seeds": len(values),
                **t_interval(values, confidence_level)._asdict(),
            }


def topology_of(store: xr.Dataset) -> str:
    """Topology of a store: smooth or free selectors of FactorTopy, own for other readouts."""
    if "topology" not in store.attrs:
        return OWN
    return SMOOTH if store.attrs["topology"] else FREE


def _settings(store: xr.Dataset) -> dict[str, float]:
    near = store["layer_similarity"].values
    between = [near[one, other] for one, other in pairwise(range(len(near)))]
    return {
        "windows": float(store.attrs["windows"]),
        "ceiling": float(store["noise_ceiling"].values.mean()),
        "training_images": store.attrs["training_images"],
        "vertices": store.sizes["vertex"],
        "layer_mixing": store.attrs["layer_mixing"],
        # Similarity of neighbouring layers, which are the ones most easily confused.
        "layer_similarity": float(np.mean(between)) if between else float("nan"),
    }


def confusion_table(stores: Iterable[xr.Dataset]) -> pd.DataFrame:
    """``recovery_confusion.tsv``: one row per planted and fitted layer of each condition.

    ``share`` is the fraction of the ``n_vertices`` vertices (of all seeds) with ``planted_layer``
    that were assigned the fitted layer; ``similarity`` is the linear CKA of the two layers'
    features.
    """
    rows = []
    for store in sorted(stores, key=lambda each: [str(each.attrs[key]) for key in WHOSE]):
        counts = _counts(store)
        names, total = store["layer"].values, counts.sum(axis=1)
        known = {key: store.attrs[key] for key in WHOSE} | {"topology": topology_of(store)}
        rows += [
            {
                **known,
                "planted_layer": str(names[planted]),
                "found_layer": str(names[found]),
                "share": counts[planted, found] / total[planted] if total[planted] else np.nan,
                "n_vertices": int(total[planted]),
                "similarity": float(store["layer_similarity"][planted, found]),
            }
            for planted, found in np.ndindex(*counts.shape)
        ]
    return pd.DataFrame(rows, columns=list(CONFUSION_COLUMNS))


def _counts(store: xr.Dataset) -> Int[np.ndarray, "planted found"]:
    n_layers = store.sizes["layer"]
    pairs = [chosen_layers(store.isel(seed=index)) for index in range(store.sizes["seed"])]
    places = np.concatenate([planted * n_layers + found for planted, found in pairs])
    return np.bincount(places, minlength=n_layers**2).reshape(n_layers, n_layers)
