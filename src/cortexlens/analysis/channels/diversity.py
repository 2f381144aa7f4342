"""Diversity of the channels that a region reads, and spread of its receptive-field centres.

The participation ratio of the covariance of channel selectors, (Σλ)²/Σλ², is the effective number
of directions in which they vary. That of a sample grows with its size, so all regions are compared
at one number of vertices. Confidence intervals come from leaving out one patch of cortex, not one
vertex, at a time.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float, Int

from cortexlens.analysis.channels.clusters import unit_rows
from cortexlens.analysis.hierarchy.slope import IDEAL_LEVEL
from cortexlens.analysis.scores.fit_scores import BOTH, Region, regions_by_side
from cortexlens.analysis.statistics.blocks import halved_patches
from cortexlens.progress import track

MEASURES: Final = ("participation", "mean_cosine", "place_spread")
COLUMNS: Final = (
    *("subject", "backbone", "readout", "roi", "hemisphere", "n_vertices", "n_equal", "patches"),
    *(f"{name}{end}" for name in MEASURES for end in ("", "_low", "_high")),
    *("participation_all", "p_participation", "p_place_spread"),
)
# Name of the row with the difference between late and early regions.
CONTRAST: Final = "late − early"
# Regions up to this ideal level are early: V1, V2 and V3.
_EARLY: Final = 0.34
_PATCHES: Final = 12
# Smallest number of vertices of a region for estimating a covariance.
_FEWEST: Final = 24
_DRAWS: Final = 20


class Estimate(NamedTuple):
    """Estimate for a region, with its jackknife error.

    Attributes
    ----------
    value, error
        Estimate and standard error; NaN if unknown.
    patches
        Number of patches that were left out in turn.
    """

    value: float
    error: float
    patches: int


def participation_ratio(selector: Float[np.ndarray, "vertex channel"]) -> float:
    """Participation ratio (Σλ)²/Σλ² of the covariance, 1 to the number of channels, or NaN."""
    covariance = np.cov(selector, rowvar=False)
    square = float(np.square(covariance).sum())
    return float(np.trace(covariance) ** 2 / square) if square > 0 else float("nan")


def equalised(
    selector: Float[np.ndarray, "vertex channel"], number: int, rng: np.random.Generator
) -> float:
    """Participation ratio of ``number`` of the vertices, averaged over several samples of them."""
    drawn = (rng.permutation(len(selector))[:number] for _ in range(_DRAWS))
    return float(np.mean([participation_ratio(selector[rows]) for rows in drawn]))


def mean_cosine(unit: Float[np.ndarray, "vertex channel"]) -> float:
    """Mean cosine over all pairs of vertices, from one sum: Σ_ij u_i·u_j = |Σu|²."""
    n = len(unit)
    return float((np.square(unit.sum(axis=0)).sum() - n) / (n * (n - 1)))


def place_spread(place: Float[np.ndarray, "vertex image_axis"]) -> float:
    """Root mean square distance of receptive-field centres from their mean, in image widths."""
    return float(np.sqrt(place.var(axis=0).sum()) / 2)


def jackknife(
    statistic: Callable[[Int[np.ndarray, " kept"]], float],
    rows: Int[np.ndarray, " vertex"],
    patches: Sequence[Int[np.ndarray, " _"]],
) -> Estimate:
    """Statistic of some vertices with its jackknife error over patches.

    Parameters
    ----------
    statistic
        Function of the indices of vertices.
    rows
        Indices of all vertices.
    patches
        The same indices in disjoint patches; with fewer than two the error is NaN.
    """
    value, count = statistic(rows), len(patches)
    if count < 2:
        return Estimate(value, float("nan"), count)
    without = np.array([statistic(np.setdiff1d(rows, patch)) for patch in patches])
    error = np.sqrt((count - 1) / count * np.square(without - without.mean()).sum())
    return Estimate(value, float(error), count)


class _Fit(NamedTuple):
    """Variables of a store of which diversity is measured."""

    read: Float[np.ndarray, "vertex channel"]
    unit: Float[np.ndarray, "vertex channel"]
    place: Float[np.ndarray, "vertex image_axis"]
    coordinates: Float[np.ndarray, "vertex axis"] | None
    seed: int

    @classmethod
    def of(cls, channels: xr.Dataset, seed: int) -> "_Fit":
        read = channels["channel_selector_read"].values.astype(np.float64)
        known = channels["coordinates"].values if "coordinates" in channels else None
        place = channels["space_selector"].values.astype(np.float64)
        return cls(read, unit_rows(read), place, known, seed)

    def patches(self, rows: Int[np.ndarray, " vertex"]) -> list[Int[np.ndarray, " _"]]:
        """Disjoint patches of cortex; random parts if vertices have no coordinates."""
        if self.coordinates is None:
            shuffled = np.random.default_rng(self.seed).permutation(rows)
            return list(np.array_split(shuffled, _PATCHES))
        most = -(-len(rows) // _PATCHES)
        found = halved_patches(self.coordinates[rows], np.zeros(len(rows), np.int64), most)
        return [rows[patch] for patch in found]

    def measure(self, rows: Int[np.ndarray, " vertex"], number: int) -> dict[str, Estimate]:
        """Each of :data:`MEASURES` of some vertices."""
        patches = self.patches(rows)
        statistics: dict[str, Callable[[Int[np.ndarray, " kept"]], float]] = {
            # use the same draws for every patch left out, so that only the patch causes the error
            "participation": lambda kept: equalised(
                self.read[kept], number, np.random.default_rng(self.seed)
            ),
            "mean_cosine": lambda kept: mean_cosine(self.unit[kept]),
            "place_spread": lambda kept: place_spread(self.place[kept]),
        }
        return {name: jackknife(each, rows, patches) for name, each in statistics.items()}


def diversity_rows(
    channels: xr.Dataset, *, confidence_level: float = 0.95, seed: int = 0
) -> list[dict[str, object]]:
    """Rows of ``channel_diversity.tsv`` for a fit: its regions, and late minus early ones.

    Parameters
    ----------
    channels
        Dataset of kind ``channels``.
    confidence_level
        Confidence level of the intervals.
    seed
        Seed of the samples of equally many vertices.
    """
    fit = _Fit.of(channels, seed)
    usable = [(region, _rows(region, fit)) for region in regions_by_side(channels)]
    usable = [(region, rows) for region, rows in usable if len(rows) >= _FEWEST]
    if not usable:
        return []
    # Number of vertices left in the smallest region when its largest patch is left out.
    number = int(min(len(rows) for _, rows in usable) * (1 - 2 / _PATCHES))
    whose = {key: channels.attrs[key] for key in ("subject", "backbone", "readout")}
    measured = {region: fit.measure(rows, number) for region, rows in map(_key, usable)}
    table: list[dict[str, object]] = []
    for region, rows in usable:
        found = measured[region.roi, region.hemisphere]
        about = {"roi": region.roi, "hemisphere": region.hemisphere, "n_vertices": len(rows)}
        table.append(
            {
                **whose,
                **about,
                **{"n_equal": number, "patches": found["participation"].patches},
                **_columns(found, confidence_level),
                "participation_all": participation_ratio(fit.read[rows]),
            }
        )
    contrast = _contrast(measured, confidence_level)
    return [*table, {**whose, "n_equal": number, **contrast}] if contrast else table


def _key(
    usable: tuple[Region, Int[np.ndarray, " vertex"]],
) -> tuple[tuple[str, str], Int[np.ndarray, " vertex"]]:
    region, rows = usable
    return (region.roi, region.hemisphere), rows


def _rows(region: Region, fit: _Fit) -> Int[np.ndarray, " vertex"]:
    known = np.isfinite(fit.unit).all(axis=1) & np.isfinite(fit.place).all(axis=1)
    return np.flatnonzero(region.mask & known)


def _contrast(
    measured: dict[tuple[str, str], dict[str, Estimate]], confidence_level: float
) -> dict[str, object]:
    """Mean of late regions minus mean of early regions, whose errors are independent."""
    parts = {
        late: [
            found
            for (roi, side), found in measured.items()
            if side == BOTH and roi in IDEAL_LEVEL and (IDEAL_LEVEL[roi] > _EARLY) == late
        ]
        for late in (False, True)
    }
    if not all(parts.values()):
        return {}
    found = {}
    for name in MEASURES:
        early, late = ([each[name] for each in parts[key]] for key in (False, True))
        value = np.mean([e.value for e in late]) - np.mean([e.value for e in early])
        errors = [sum(e.error**2 for e in part) / len(part) ** 2 for part in (early, late)]
        patches = min(e.patches for e in (*early, *late))
        found[name] = Estimate(float(value), float(np.sqrt(sum(errors))), patches)
    return {
        **{"roi": CONTRAST, "hemisphere": BOTH, "patches": found["participation"].patches},
        **_columns(found, confidence_level),
        **{f"p_{name}": _chance(found[name]) for name in ("participation", "place_spread")},
    }


def _columns(found: dict[str, Estimate], confidence_level: float) -> dict[str, float]:
    """Value and Student's t interval of each measure; degrees of freedom from the patches."""
    from scipy.special import stdtrit

    row: dict[str, float] = {}
    for name, each in found.items():
        reach = float(stdtrit(max(1, each.patches - 1), (1 + confidence_level) / 2)) * each.error
        row |= {name: each.value, f"{name}_low": each.value - reach}
        row[f"{name}_high"] = each.value + reach
    return row


def _chance(found: Estimate) -> float:
    """Two-sided p value of a difference from zero."""
    from scipy.special import stdtr

    if not found.error > 0:
        return float("nan")
    return float(2 * stdtr(max(1, found.patches - 1), -abs(found.value) / found.error))


def diversity_table(
    stores: Sequence[xr.Dataset], *, confidence_level: float = 0.95, seed: int = 0
) -> pd.DataFrame:
    """``channel_diversity.tsv`` of several fits."""
    tracked = track(stores, "fits measured")
    rows = [
        row
        for each in tracked
        for row in diversity_rows(each, confidence_level=confidence_level, seed=seed)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
