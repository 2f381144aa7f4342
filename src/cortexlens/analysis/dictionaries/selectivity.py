"""Category selectivity of the units that a region's vertices choose, and of the region itself.

Units are chosen on training images; everything here is measured on test images. Each unit is
weighted by the number of vertices that choose it. On the level ``single``, measures of single units
and of single vertices are averaged; on the level ``pooled``, units and vertices are standardised
and averaged first, so that their independent noise averages out. Confidence intervals come from
resampling images within categories, with the same resamples for units and region; p values from
permuting the labels of images.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float, Int

from cortexlens.analysis.dictionaries.category_contrasts import (
    FEWEST,
    MEASURES,
    NEUTRAL,
    Resamples,
    as_shown,
    contrasts,
    drawn,
    exchanged,
    standardised,
)
from cortexlens.analysis.dictionaries.unit_choices import (
    choice_of,
    codes_of,
    metrics_of,
    tested_images,
)
from cortexlens.analysis.scores.fit_scores import regions
from cortexlens.analysis.statistics.bootstrap import bootstrap_interval
from cortexlens.analysis.statistics.intervals import Resampling
from cortexlens.progress import track

LEVELS: Final = ("single", "pooled")
_ENDS: Final = ("", "_low", "_high")
COLUMNS: Final = (
    *("backbone", "subject", "metric", "chosen", "roi", "category", "n_images", "n_category"),
    *("n_vertices", "n_units", "measure", "level"),
    *(f"{name}{end}" for name in ("units", "region", "difference") for end in _ENDS),
    *("p_units", "q_units", "p_region", "q_region"),
)


class Labelled(NamedTuple):
    """A dictionary, its units, and labels and responses of its test images.

    Attributes
    ----------
    dictionary
        Dataset of kind ``dictionary``.
    units
        Layer → its units, of kind ``units``.
    label
        Label of each image of the subject; empty if there is none.
    response
        Mean response to each image.
    """

    dictionary: xr.Dataset
    units: Mapping[str, xr.Dataset]
    label: Sequence[str]
    response: Float[np.ndarray, "image vertex"]


class Chance(NamedTuple):
    """Images as shown, bootstrapped, and with permuted labels."""

    shown: Resamples
    drawn: Resamples
    exchanged: Resamples


class Found(NamedTuple):
    """Measures of one signal or several: axes (level, measure, category), draws first."""

    value: Float[np.ndarray, "level measure category"]
    draws: Float[np.ndarray, "draw level measure category"]
    null: Float[np.ndarray, "permutation level measure category"]


class RegionProfile(NamedTuple):
    """Discrimination of each category by a region and by its units.

    Attributes
    ----------
    metric, roi
        Similarity by which units were chosen, and name of the region.
    n_vertices, n_units
        Number of vertices that have a unit, and of the units that they choose.
    units, region
        Measures of the units and of the region, from the same resamples and permutations.
    """

    metric: str
    roi: str
    n_vertices: int
    n_units: int
    units: Found
    region: Found


class Profiles(NamedTuple):
    """Discrimination of categories by all regions of a subject.

    Attributes
    ----------
    whose
        Columns ``backbone`` and ``subject``.
    chosen
        Similarity that the study is configured to use.
    category
        Names of the categories with at least two test images.
    size
        Number of test images of each category.
    n_images
        Number of labelled test images.
    regions
        Profiles sorted by similarity, then region.
    """

    whose: dict[str, str]
    chosen: str
    category: list[str]
    size: Int[np.ndarray, " category"]
    n_images: int
    regions: list[RegionProfile]


def find_profiles(given: Labelled, how: Resampling, permutations: int) -> Profiles:
    """Measure units and regions of a subject; there are no categories without labels.

    Parameters
    ----------
    given
        Dictionary, units, labels and responses.
    how
        Number of resamples of images, and their seed.
    permutations
        Number of permutations of labels.

    Raises
    ------
    CortexlensError
        If units of a layer are missing or their images differ.
    """
    dictionary = given.dictionary
    whose = {key: str(dictionary.attrs[key]) for key in ("backbone", "subject")}
    tested = tested_images(dictionary, given.units)
    tested = tested[[bool(given.label[image]) for image in tested]]
    name, label = np.unique(np.array(given.label)[tested], return_inverse=True)
    size = np.bincount(label, minlength=len(name))
    kept = np.flatnonzero((size >= FEWEST) & (size <= len(label) - FEWEST))
    empty = Profiles(whose, str(dictionary.attrs["metric"]), [], size[kept], len(label), [])
    if not kept.size:
        return empty
    chance = Chance(
        as_shown(label),
        drawn(label, how.bootstraps, how.seed),
        exchanged(label, permutations, how.seed),
    )
    return empty._replace(
        category=[str(each) for each in name[kept]],
        regions=list(_regions(given, tested, chance, kept)),
    )


def _regions(
    given: Labelled,
    tested: Int[np.ndarray, " image"],
    chance: Chance,
    kept: Int[np.ndarray, " category"],
) -> list[RegionProfile]:
    dictionary, response = given.dictionary, given.response[tested]
    varies = (response != response[:1]).any(axis=0)
    named = [(roi, mask & varies) for roi, mask in regions(dictionary) if roi != "all"]
    found = []
    for metric in metrics_of(dictionary):
        choice = choice_of(dictionary, metric)
        codes = codes_of(choice, dictionary, given.units, tested)
        for roi, mask in track(named, f"regions by {metric}"):
            rows = np.flatnonzero(mask & (choice.column >= 0))
            if not rows.size:
                continue
            column, count = np.unique(choice.column[rows], return_counts=True)
            own = np.full(len(rows), 1 / len(rows))
            of_units = measured(codes[:, column], count / len(rows), chance, kept)
            of_region = measured(response[:, rows], own, chance, kept)
            sizes = (len(rows), len(column))
            found.append(RegionProfile(metric, roi, *sizes, of_units, of_region))
    return found


def measured(
    signal: Float[np.ndarray, "image signal"],
    share: Float[np.ndarray, " signal"],
    chance: Chance,
    kept: Int[np.ndarray, " category"],
) -> Found:
    """Measures of signals on both levels, for images as shown, in resamples and permutations."""
    pooled = standardised(signal) @ share
    levels = [(signal, share), (pooled[:, None], np.ones(1))]
    value, draws, null = (
        np.stack([contrasts(*level, resamples=each)[:, :, kept] for level in levels], axis=1)
        for each in chance
    )
    return Found(value[0], draws, null)


def selectivity_table(profiles: Sequence[Profiles], confidence_level: float) -> pd.DataFrame:
    """``unit_selectivity.tsv``: each region with each category; no rows without labels."""
    rows = [row for each in profiles for row in _rows(each, confidence_level)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(profiles: Profiles, confidence_level: float) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for metric in dict.fromkeys(region.metric for region in profiles.regions):
        own = [region for region in profiles.regions if region.metric == metric]
        chances = {
            name: _chances([getattr(region, name) for region in own])
            for name in ("units", "region")
        }
        rows += [
            row
            for number, region in enumerate(own)
            for row in _region_rows(
                profiles,
                region,
                {key: each[:, number] for key, each in chances.items()},
                confidence_level,
            )
        ]
    return rows


def _region_rows(
    profiles: Profiles,
    region: RegionProfile,
    chances: Mapping[str, Float[np.ndarray, "2 level measure category"]],
    confidence_level: float,
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for place in np.ndindex(region.units.value.shape):
        level, measure, category = place
        size = int(profiles.size[category])
        row: dict[str, object] = {
            **profiles.whose,
            **{"metric": region.metric, "chosen": int(region.metric == profiles.chosen)},
            **{"roi": region.roi, "category": profiles.category[category]},
            **{"n_images": profiles.n_images, "n_category": size},
            **{"n_vertices": region.n_vertices, "n_units": region.n_units},
            **{"measure": MEASURES[measure], "level": LEVELS[level]},
        }
        units, own = (
            (each.value[place], each.draws[(slice(None), *place)])
            for each in (region.units, region.region)
        )
        less = units[0] - own[0], units[1] - own[1]
        bounded = MEASURES[measure] == "auc"
        for name, each in (("units", units), ("region", own), ("difference", less)):
            ends = category_interval(float(each[0]), each[1], size, confidence_level)
            if bounded and name != "difference":
                ends = max(0.0, ends[0]), min(1.0, ends[1])
            row |= dict(zip((f"{name}{end}" for end in _ENDS), (each[0], *ends), strict=True))
        for name, (p, q) in chances.items():
            row |= {f"p_{name}": p[place], f"q_{name}": q[place]}
        rows.append(row)
    return rows


def category_interval(
    value: float, draws: Float[np.ndarray, " draw"], size: int, confidence_level: float
) -> tuple[float, float]:
    """Confidence interval that accounts for small numbers of images of a category.

    A resample of n images varies less than new images would, and Student's t distribution is wider
    than the normal one: see :func:`~.bootstrap.bootstrap_interval`, with the images of the
    category.
    """
    low, high = bootstrap_interval(np.array([value]), draws[:, None], size, confidence_level)
    return float(low[0]), float(high[0])


def _chances(found: Sequence[Found]) -> Float[np.ndarray, "2 region level measure category"]:
    """Two-sided p value of each number, and false discovery rates over regions and categories."""
    from scipy.stats import false_discovery_control

    middle = np.array(NEUTRAL)[:, None]
    p = np.stack(
        [
            (1 + (np.abs(each.null - middle) >= np.abs(each.value - middle) - 1e-9).sum(axis=0))
            / (1 + len(each.null))
            for each in found
        ]
    )
    q = np.empty_like(p)
    for level, measure in np.ndindex(p.shape[1:3]):
        part = p[:, level, measure]
        q[:, level, measure] = false_discovery_control(part.ravel()).reshape(part.shape)
    return np.stack([p, q])
