"""Agreement of a dictionary and a fit on the layers of vertices, by region, with permutation tests.

All measures follow from a table of counts: vertices by layer of the dictionary and strongest layer
of the fit, among the layers that both have.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Bool, Float, Int

from cortexlens.analysis.channels.diversity import Estimate, jackknife
from cortexlens.analysis.channels.regions import exchanges
from cortexlens.analysis.dictionaries.hierarchy import (
    ALL,
    DICTIONARY,
    WITH_LIKENESS,
    Pair,
    maps_of,
    names_of,
    of_vertices,
)
from cortexlens.analysis.hierarchy.slope import expected_level
from cortexlens.analysis.scores.fit_scores import BOTH, Region, regions_by_side
from cortexlens.analysis.statistics.blocks import halved_patches
from cortexlens.analysis.statistics.intervals import Resampling, first_region, patch_means
from cortexlens.progress import track

MEANS: Final = ("same_layer", "level_difference")
ENDS: Final = ("", "_low", "_high")
COLUMNS: Final = (
    *("subject", "backbone", "vertices", "roi", "hemisphere", "n_vertices", "blocks"),
    *(f"same_layer{end}" for end in ENDS),
    *("same_layer_expected", "same_layer_chance_low", "same_layer_chance_high", "same_layer_p"),
    *(f"level_difference{end}" for end in ENDS),
    *(f"rank_correlation{end}" for end in ENDS),
    *("rank_chance_low", "rank_chance_high", "rank_p"),
)
# Number of patches of a region that are left out in turn.
_PATCHES: Final = 12
# Smallest number of vertices of a region for a correlation.
_FEWEST: Final = 24


class Chance(NamedTuple):
    """Values of a region under permutation of patches of cortex, one per permutation."""

    same: Float[np.ndarray, " exchange"]
    rank: Float[np.ndarray, " exchange"]


class _Layers(NamedTuple):
    """Layers of the same vertices in both maps, as numbers from 0."""

    first: Int[np.ndarray, " vertex"]
    second: Int[np.ndarray, " vertex"]
    number: int

    def counts(
        self, rows: Int[np.ndarray, " row"], taken: Int[np.ndarray, " vertex"] | None = None
    ) -> Int[np.ndarray, "layer other"]:
        """Numbers of vertices by both layers; the second layer may be taken from other vertices."""
        second = self.second[rows if taken is None else taken[rows]]
        return layer_counts(self.first[rows], second, self.number)


def layer_counts(
    first: Int[np.ndarray, " vertex"], second: Int[np.ndarray, " vertex"], number: int
) -> Int[np.ndarray, "layer other"]:
    """Count vertices by their layers in two maps; ``number`` is the number of layers."""
    counts = np.bincount(first * number + second, minlength=number**2)
    return np.asarray(counts.reshape(number, number), np.int64)


def same_layer(counts: Int[np.ndarray, "layer other"]) -> float:
    """Share of vertices with the same layer in both maps; NaN without vertices."""
    total = counts.sum()
    return float(np.trace(counts) / total) if total else float("nan")


def expected_same(counts: Int[np.ndarray, "layer other"]) -> float:
    """Expected share with the same layer if the maps agree only in how frequent each layer is."""
    total = counts.sum()
    if not total:
        return float("nan")
    return float(counts.sum(axis=1) @ counts.sum(axis=0) / total**2)


def rank_correlation(counts: Int[np.ndarray, "layer other"]) -> float:
    """Spearman's correlation of both maps' layers; NaN if a map has a single layer."""
    first, second = (_centred_ranks(counts.sum(axis=axis)) for axis in (1, 0))
    size = np.sqrt(
        (counts.sum(axis=1) @ np.square(first)) * (counts.sum(axis=0) @ np.square(second))
    )
    return float(first @ counts @ second / size) if size > 0 else float("nan")


def _centred_ranks(counts: Int[np.ndarray, " layer"]) -> Float[np.ndarray, " layer"]:
    """Rank that vertices of a layer share, minus the mean rank."""
    return np.asarray(np.cumsum(counts) - counts / 2 - counts.sum() / 2, np.float64)


def agreement_rows(pair: Pair, how: Resampling, permutations: int) -> Iterator[dict[str, object]]:
    """Rows of ``dictionary_agreement.tsv`` for one pair that has a fit.

    The rows of significant vertices, which are fewer, are not split by hemisphere.

    Parameters
    ----------
    pair
        Dictionary and fit.
    how
        Parameters of the intervals: of means by spatially correlated errors, of the correlation by
        leaving out patches of cortex in turn.
    permutations
        Number of permutations of layers among patches of a hemisphere.
    """
    assert pair.fit is not None
    maps, strongest = maps_of(pair), names_of(pair.fit)[-1]
    whose = {key: str(pair.dictionary.attrs[key]) for key in ("subject", "backbone")}
    for vertices in (ALL, WITH_LIKENESS):
        both = [of_vertices(maps[name], vertices) for name in (DICTIONARY, strongest)]
        if both[0].sizes["vertex"] == 0:
            continue
        layers = _layers(both)
        parts = [
            part for part in regions_by_side(both[0]) if vertices == ALL or part.hemisphere == BOTH
        ]
        by_chance = chances(layers, both[0], parts, permutations, how.seed)
        for part, chance in zip(parts, by_chance, strict=True):
            row = _row(layers, both, np.flatnonzero(part.mask), chance, how)
            yield {
                **whose,
                "vertices": vertices,
                "roi": part.roi,
                "hemisphere": part.hemisphere,
                **row,
            }


def _layers(both: Sequence[xr.Dataset]) -> _Layers:
    first, second = (each["layer_selector"].values.argmax(axis=1) for each in both)
    return _Layers(first, second, both[0].sizes["layer"])


def chances(
    layers: _Layers, places: xr.Dataset, parts: Sequence[Region], permutations: int, seed: int
) -> list[Chance]:
    """Values of each region if the fit's map were placed elsewhere on its hemisphere.

    Parameters
    ----------
    layers
        Layers of both maps.
    places
        Dataset with ``coordinates`` (mm), and ``hemisphere`` on a cortex.
    parts
        The regions.
    permutations, seed
        Number of permutations, and their seed.
    """
    rows = [np.flatnonzero(part.mask) for part in parts]
    drawn = [
        [(same_layer(counts), rank_correlation(counts)) for counts in found]
        for found in (
            [layers.counts(own, taken) for own in rows]
            for taken in exchanges(places, permutations, seed)
        )
    ]
    values = np.array(drawn).transpose(1, 2, 0)
    return [Chance(*each) for each in values]


def _row(
    layers: _Layers,
    both: Sequence[xr.Dataset],
    rows: Int[np.ndarray, " row"],
    chance: Chance,
    how: Resampling,
) -> dict[str, object]:
    levels = [expected_level(each["layer_selector"].values[rows]) for each in both]
    same = (layers.first == layers.second)[rows].astype(np.float64)
    values = np.stack([same, levels[0] - levels[1]], axis=1)
    region, there = first_region(both[0])[rows], both[0].isel(vertex=rows)
    found, counts = patch_means(values, there, region, how), layers.counts(rows)
    rank = _rank(layers, both[0], rows, how.seed)
    return {
        **{"n_vertices": found.n, "blocks": found.blocks},
        **found.columns(MEANS),
        "same_layer_expected": expected_same(counts),
        **_ends("same_layer_chance", chance.same),
        "same_layer_p": _p(same_layer(counts), chance.same),
        **_interval("rank_correlation", rank, how.confidence_level),
        **_ends("rank_chance", chance.rank),
        "rank_p": _p(rank.value, chance.rank),
    }


def _rank(
    layers: _Layers, places: xr.Dataset, rows: Int[np.ndarray, " row"], seed: int
) -> Estimate:
    """Rank correlation of a region, with its jackknife error over patches; NaN for few vertices."""
    if len(rows) < _FEWEST:
        return Estimate(float("nan"), float("nan"), 0)

    def statistic(kept: Int[np.ndarray, " kept"]) -> float:
        return rank_correlation(layers.counts(kept))

    return jackknife(statistic, rows, _patches(places, rows, seed))


def _patches(
    places: xr.Dataset, rows: Int[np.ndarray, " row"], seed: int
) -> list[Int[np.ndarray, " _"]]:
    """Disjoint patches of cortex; random parts if vertices have no coordinates."""
    if "coordinates" not in places:
        return list(np.array_split(np.random.default_rng(seed).permutation(rows), _PATCHES))
    side = places["hemisphere"].values[rows] if "hemisphere" in places else np.zeros(len(rows))
    most = -(-len(rows) // _PATCHES)
    where = places["coordinates"].values[rows].astype(np.float64)
    return [rows[patch] for patch in halved_patches(where, side.astype(np.int64), most)]


def _interval(name: str, found: Estimate, confidence_level: float) -> dict[str, float]:
    """Value and Student's t interval with the degrees of freedom of the patches, within bounds."""
    from scipy.special import stdtrit

    reach = float(stdtrit(max(1, found.patches - 1), (1 + confidence_level) / 2)) * found.error
    low, high = np.clip([found.value - reach, found.value + reach], -1, 1).tolist()
    return {name: found.value, f"{name}_low": low, f"{name}_high": high}


def _ends(name: str, drawn: Float[np.ndarray, " exchange"]) -> dict[str, float]:
    """Central 95 % of the permutation distribution; NaN if it has no value."""
    known = drawn[np.isfinite(drawn)]
    low, high = np.percentile(known, [2.5, 97.5]) if known.size else (np.nan, np.nan)
    return {f"{name}_low": float(low), f"{name}_high": float(high)}


def _p(found: float, drawn: Float[np.ndarray, " exchange"]) -> float:
    """Share of permutations that agree at least as well; NaN without a value."""
    if not np.isfinite(found):
        return float("nan")
    known: Bool[np.ndarray, " exchange"] = drawn >= found - 1e-12
    return float((1 + known.sum()) / (1 + len(drawn)))


def dictionary_agreement(
    pairs: Sequence[Pair],
    how: Resampling = Resampling(),  # noqa: B008
    permutations: int = 1000,
) -> pd.DataFrame:
    """``dictionary_agreement.tsv``: every pair that has a fit, by region and hemisphere.

    Parameters
    ----------
    pairs
        Dictionaries and fits; pairs without a fit give no row.
    how, permutations
        As for :func:`agreement_rows`.

    Returns
    -------
    pd.DataFrame
        Columns :data:`COLUMNS`.
    """
    rows = [
        row
        for pair in track(pairs, "maps compared")
        if pair.fit is not None
        for row in agreement_rows(pair, how, permutations)
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.sort_values(["subject", "backbone"], kind="stable")
