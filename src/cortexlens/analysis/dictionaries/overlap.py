"""Units shared by the dictionaries of regions, within regions and between them.

A region's dictionary is the share of its vertices for which each unit is best. The overlap of two
dictionaries is Σ min(p, q) / Σ max(p, q) (weighted Jaccard index, Ružička 1958): 1 if equal, 0 if
no unit is shared. Few vertices have few units, so overlaps within and between regions are measured
in the same way: a part of one region against an equally large part of the same or of another one.
Parts are the hemispheres, random halves made of patches of cortex, or subjects.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, combinations_with_replacement
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float, Int

from cortexlens.analysis.channels.regions import exchanges
from cortexlens.analysis.dictionaries.unit_choices import choice_of, metrics_of
from cortexlens.analysis.scores.fit_scores import regions
from cortexlens.analysis.statistics.blocks import halved_patches
from cortexlens.cortex.meshes import LEFT, RIGHT
from cortexlens.progress import track

COLUMNS: Final = (
    *("backbone", "subject", "other_subject", "metric", "chosen", "parts", "roi", "other_roi"),
    *("n_vertices", "n_other", "overlap", "chance", "chance_low", "chance_high", "p", "q"),
)
# Name of the row with the mean overlap within regions minus that between them.
CONTRAST: Final = "within − between"
_HALVINGS: Final = 4
_PATCHES: Final = 8


class Part(NamedTuple):
    """Vertices of each region in one part of the cortex."""

    rows: list[Int[np.ndarray, " _"]]


class _Parts(NamedTuple):
    """Pairs of parts, of one dictionary or of two, in all the ways in which they are drawn."""

    name: str
    ways: list[tuple[Part, Part]]


def overlaps(
    one: Float[np.ndarray, "region unit"], other: Float[np.ndarray, "other_region unit"]
) -> Float[np.ndarray, "region other_region"]:
    """Weighted Jaccard index of each dictionary with each other; NaN for one without vertices.

    Parameters
    ----------
    one, other
        Shares of vertices for which each unit is best; rows sum to 1.
    """
    # because of rounding, a sum of shares may slightly exceed 1
    shared = np.minimum(np.minimum(one[:, None], other[None]).sum(axis=2), 1)
    return np.asarray(shared / (2 - shared))


def dictionary_shares(
    unit: Int[np.ndarray, " vertex"], part: Part, n_units: int
) -> Float[np.ndarray, "region unit"]:
    """Share of the vertices of each region for which each unit is best.

    Parameters
    ----------
    unit
        Best unit of each vertex; vertices with −1 (none) are not counted.
    part
        Vertices of each region.
    n_units
        Number of units.
    """
    taken = [unit[rows] for rows in part.rows]
    counts = np.stack([np.bincount(each[each >= 0], minlength=n_units) for each in taken])
    total = counts.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, counts / np.maximum(total, 1), np.nan))


class _Dictionary(NamedTuple):
    """Best units of a subject's vertices, and the vertices of each region."""

    dataset: xr.Dataset
    unit: Int[np.ndarray, " vertex"]
    part: Part

    def exchanged(self, number: int, seed: int) -> Iterator[Int[np.ndarray, " vertex"]]:
        """Yield the best units under permutations of patches of cortex."""
        return (self.unit[rows] for rows in exchanges(self.dataset, number, seed))


def _numbered(
    dictionaries: Sequence[xr.Dataset], metric: str, names: Sequence[str]
) -> tuple[list[_Dictionary], int]:
    """Dictionaries of one network with a common numbering of units."""
    choices = [choice_of(each, metric) for each in dictionaries]
    pairs = [np.stack([each.layer, each.unit]) for each in choices]
    all_units, inverse = np.unique(np.concatenate(pairs, axis=1), axis=1, return_inverse=True)
    starts = np.cumsum([0, *(pair.shape[1] for pair in pairs)])
    found = []
    for dataset, choice, start in zip(dictionaries, choices, starts.tolist(), strict=False):
        number = inverse.ravel()[start:]
        known = choice.column >= 0
        unit = np.full(len(choice.column), -1)
        unit[known] = number[choice.column[known]]
        masks = dict(regions(dataset))
        nothing = np.zeros(len(unit), bool)
        part = Part([np.flatnonzero(masks.get(name, nothing)) for name in names])
        found.append(_Dictionary(dataset, unit, part))
    return found, all_units.shape[1]


def _parts(dictionary: _Dictionary, seed: int) -> Iterator[_Parts]:
    """Yield the hemispheres, if known, and random halves made of patches."""
    dataset, rows = dictionary.dataset, dictionary.part.rows
    if "hemisphere" in dataset:
        side = dataset["hemisphere"].values
        if {LEFT, RIGHT} <= set(side.tolist()):
            one, other = (Part([each[side[each] == at] for each in rows]) for at in (LEFT, RIGHT))
            yield _Parts("hemispheres", [(one, other)])
    rng = np.random.default_rng(seed)
    yield _Parts("patches", [_halved(dataset, rows, rng) for _ in range(_HALVINGS)])


def _halved(
    dataset: xr.Dataset, rows: Sequence[Int[np.ndarray, " _"]], rng: np.random.Generator
) -> tuple[Part, Part]:
    """Assign patches of each region to two halves at random, equally many of each hemisphere."""
    halves: tuple[list[np.ndarray], list[np.ndarray]] = [], []
    side = dataset["hemisphere"].values if "hemisphere" in dataset else None
    for own in rows:
        if "coordinates" in dataset:
            group = np.zeros(len(own), np.int64) if side is None else side[own].astype(np.int64)
            places = dataset["coordinates"].values[own].astype(np.float64)
            most = max(1, -(-len(own) // _PATCHES))
            patches = [own[each] for each in halved_patches(places, group, most)]
        else:
            patches = [own[each : each + 1] for each in range(len(own))]
        order = rng.permutation(len(patches))
        for half, chosen in zip(halves, (order[::2], order[1::2]), strict=True):
            half.append(np.concatenate([patches[each] for each in chosen] or [own[:0]]))
    return Part(halves[0]), Part(halves[1])


def _matrix(
    one: Int[np.ndarray, " vertex"],
    other: Int[np.ndarray, " other_vertex"],
    parts: _Parts,
    n_units: int,
) -> Float[np.ndarray, "region other_region"]:
    """Mean overlap over the ways to draw parts, with either region in either part."""
    found = []
    for first, second in parts.ways:
        matrix = overlaps(
            dictionary_shares(one, first, n_units), dictionary_shares(other, second, n_units)
        )
        found.append((matrix + matrix.T) / 2)
    return np.asarray(np.mean(found, axis=0))


def _contrast(matrix: Float[np.ndarray, "region other_region"]) -> float:
    """Mean of the diagonal minus mean of the rest, over regions that have both."""
    known = np.isfinite(matrix.diagonal())
    kept = matrix[np.ix_(known, known)]
    between = kept[~np.eye(len(kept), dtype=bool)]
    return float(kept.diagonal().mean() - between.mean()) if between.size else float("nan")


def overlap_table(
    dictionaries: Sequence[xr.Dataset], *, permutations: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """``dictionary_overlap.tsv``: each region with each, within subjects and between them.

    Parameters
    ----------
    dictionaries
        Datasets of kind ``dictionary``.
    permutations
        Number of permutations of patches of cortex for the p value.
    seed
        Seed of permutations and of halves.

    Returns
    -------
    pd.DataFrame
        Columns :data:`COLUMNS`; no rows if there are no regions.
    """
    rows: list[dict[str, object]] = []
    for backbone in dict.fromkeys(str(each.attrs["backbone"]) for each in dictionaries):
        own = [each for each in dictionaries if each.attrs["backbone"] == backbone]
        names = list(dict.fromkeys(roi for each in own for roi, _ in regions(each) if roi != "all"))
        for metric in metrics_of(own[0]) if names else []:
            rows += _metric_rows(own, metric, names, permutations, seed)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _metric_rows(
    own: Sequence[xr.Dataset], metric: str, names: Sequence[str], permutations: int, seed: int
) -> list[dict[str, object]]:
    numbered, n_units = _numbered(own, metric, names)
    compared = [(each, each, parts) for each in numbered for parts in _parts(each, seed)]
    compared += [
        (one, other, _Parts("subjects", [(one.part, other.part)]))
        for one, other in combinations(numbered, 2)
    ]
    rows = []
    for one, other, parts in track(compared, f"overlaps by {metric}"):
        found = _matrix(one.unit, other.unit, parts, n_units)
        same = one is other
        pairs = (
            ((unit, unit) for unit in one.exchanged(permutations, seed))
            if same
            else zip(
                one.exchanged(permutations, seed),
                other.exchanged(permutations, seed + 1),
                strict=True,
            )
        )
        null = np.stack([_matrix(*pair, parts, n_units) for pair in pairs])
        about = {
            "backbone": one.dataset.attrs["backbone"],
            "subject": one.dataset.attrs["subject"],
            "other_subject": other.dataset.attrs["subject"],
            **{"metric": metric, "chosen": int(metric == one.dataset.attrs["metric"])},
            "parts": parts.name,
        }
        sizes = [[len(rows) for rows in each] for each in _sizes(parts)]
        rows += [about | row for row in _cells(found, null, names, sizes)]
    return rows


def _sizes(parts: _Parts) -> tuple[list[Int[np.ndarray, " _"]], list[Int[np.ndarray, " _"]]]:
    first, second = parts.ways[0]
    return first.rows, second.rows


def _cells(
    found: Float[np.ndarray, "region other_region"],
    null: Float[np.ndarray, "permutation region other_region"],
    names: Sequence[str],
    sizes: Sequence[Sequence[int]],
) -> list[dict[str, object]]:
    """Rows for each two regions that both parts have, and for the contrast."""
    from scipy.stats import false_discovery_control

    cells = [
        (row, column)
        for row, column in combinations_with_replacement(range(len(names)), 2)
        if np.isfinite(found[row, column])
    ]
    if not cells:
        return []
    p = [_reached(null[:, row, column], found[row, column]) for row, column in cells]
    rows: list[dict[str, object]] = [
        {
            **{"roi": names[row], "other_roi": names[column]},
            **{"n_vertices": sizes[0][row], "n_other": sizes[1][column]},
            **_chance(found[row, column], null[:, row, column]),
            **{"p": p[number], "q": q},
        }
        for number, ((row, column), q) in enumerate(
            zip(cells, false_discovery_control(p), strict=True)
        )
    ]
    contrast, by_chance = _contrast(found), np.array([_contrast(each) for each in null])
    if np.isfinite(contrast):
        chance = _reached(by_chance, contrast)
        about = {"roi": CONTRAST, "other_roi": "", "n_vertices": sum(sizes[0])}
        about |= {"n_other": sum(sizes[1]), **_chance(contrast, by_chance)}
        rows.append(about | {"p": chance, "q": float("nan")})
    return rows


def _chance(found: float, null: Float[np.ndarray, " permutation"]) -> dict[str, float]:
    low, middle, high = np.nanpercentile(null, [2.5, 50, 97.5])
    return {
        "overlap": float(found),
        **{"chance": float(middle), "chance_low": float(low), "chance_high": float(high)},
    }


def _reached(null: Float[np.ndarray, " permutation"], found: float) -> float:
    return float((1 + (null >= found - 1e-12).sum()) / (1 + len(null)))
