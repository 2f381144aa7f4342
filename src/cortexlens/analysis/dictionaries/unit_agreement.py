"""Agreement of the preferences of units and regions: correlation of profiles over categories."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from jaxtyping import Float

from cortexlens.analysis.dictionaries.category_contrasts import MEASURES
from cortexlens.analysis.dictionaries.selectivity import LEVELS, Profiles, RegionProfile
from cortexlens.analysis.statistics.bootstrap import spread_interval

COLUMNS: Final = (
    *("backbone", "subject", "metric", "chosen", "roi", "measure", "level", "n_categories"),
    *("correlation", "correlation_low", "correlation_high", "p"),
    *("any_grouping", "any_grouping_high", "p_any_grouping"),
)
# Name of the row of all regions together, with each category's mean over regions subtracted.
TOGETHER: Final = "all"
# Smallest number of values: with two, a correlation is always 1 or −1.
_FEWEST: Final = 3
_LARGEST: Final = 1 - 1e-9

# Values that are correlated along the last axis.
Profile = Float[np.ndarray, "*draws number"]


def correlation(
    one: Profile, other: Float[np.ndarray, "*other_draws number"]
) -> Float[np.ndarray, "*draws"]:
    """Pearson correlation along the last axis; 0 if either does not vary.

    Parameters
    ----------
    one
        Profiles in each draw.
    other
        Profiles in each draw, or one for all draws.
    """
    left, right = (each - each.mean(axis=-1, keepdims=True) for each in (one, other))
    norm = np.sqrt(np.square(left).sum(axis=-1) * np.square(right).sum(axis=-1))
    return np.asarray((left * right).sum(axis=-1) / np.where(norm > 1e-12, norm, np.inf))


def agreement_table(profiles: Sequence[Profiles], confidence_level: float) -> pd.DataFrame:
    """``unit_agreement.tsv``: each region, and all together; no rows without labels.

    Parameters
    ----------
    profiles
        Profiles of each subject.
    confidence_level
        Confidence level of the intervals.
    """
    rows = [row for each in profiles for row in _rows(each, confidence_level)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(profiles: Profiles, confidence_level: float) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for metric in dict.fromkeys(region.metric for region in profiles.regions):
        own = [region for region in profiles.regions if region.metric == metric]
        groups = [(region.roi, [region]) for region in own]
        if len(own) > 1:
            groups.append((TOGETHER, own))
        about = {**profiles.whose, "metric": metric, "chosen": int(metric == profiles.chosen)}
        for roi, group in groups:
            if len(profiles.category) < _FEWEST:
                continue
            for level, measure in np.ndindex(len(LEVELS), len(MEASURES)):
                rows.append(
                    {
                        **about,
                        **{"roi": roi, "measure": MEASURES[measure], "level": LEVELS[level]},
                        "n_categories": len(profiles.category),
                        **_agreement(group, level, measure, profiles.n_images, confidence_level),
                    }
                )
    return rows


def _agreement(
    group: Sequence[RegionProfile], level: int, measure: int, n_images: int, confidence_level: float
) -> dict[str, float]:
    """Correlation of units and region, its confidence interval, and p value."""
    units, region = (
        {
            name: _joined(
                [getattr(getattr(each, of), name)[..., level, measure, :] for each in group]
            )
            for name in ("value", "draws", "null")
        }
        for of in ("units", "region")
    )
    found = correlation(units["value"], region["value"])
    draws = correlation(units["draws"], region["draws"])
    apart = correlation(units["null"], region["value"])
    same = correlation(units["null"], region["null"])
    # Fisher's z transform, which makes the resamples more symmetric.
    z, z_draws = (np.arctanh(np.clip(each, -_LARGEST, _LARGEST)) for each in (found, draws))
    low, high = spread_interval(np.array([z]), z_draws[:, None], n_images, confidence_level)
    return {
        "correlation": float(found),
        "correlation_low": float(np.tanh(low[0])),
        "correlation_high": float(np.tanh(high[0])),
        "p": _reached(apart, float(found)),
        "any_grouping": float(np.median(same)),
        "any_grouping_high": float(np.quantile(same, confidence_level)),
        "p_any_grouping": _reached(same, float(found)),
    }


def _joined(values: Sequence[Float[np.ndarray, "*draws category"]]) -> Profile:
    """Profile of one region; or of several side by side, with their common mean subtracted."""
    if len(values) == 1:
        return np.asarray(values[0])
    stacked = np.stack(values, axis=-2)
    away = stacked - stacked.mean(axis=-2, keepdims=True)
    return np.asarray(away.reshape(*away.shape[:-2], -1))


def _reached(null: Float[np.ndarray, " permutation"], found: float) -> float:
    return float((1 + (null >= found - 1e-9).sum()) / (1 + len(null)))
