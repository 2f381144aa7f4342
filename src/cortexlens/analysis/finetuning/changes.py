"""Effects of fine-tuning on the fits of a network: scores, layers, locations and the hierarchy.

Source: "Brain Decodes Deep Nets", arXiv 2312.01280, section on fine-tuned networks; the confidence
intervals are an addition of this package.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Bool, Float

from cortexlens.analysis.finetuning.pairs import WHOSE, Origin, pairs
from cortexlens.analysis.hierarchy.slope import (
    QUANTITIES,
    Hierarchy,
    change_deviations,
    expected_level,
    hierarchy,
    hierarchy_change,
    level_deviations,
)
from cortexlens.analysis.scores.fit_scores import Region, regions_by_side
from cortexlens.analysis.scores.stability import compared, selection_of
from cortexlens.analysis.statistics.blocks import interval_ends
from cortexlens.analysis.statistics.intervals import (
    RegionScores,
    Resampling,
    first_region,
    patch_means,
    region_scores,
)
from cortexlens.errors import CortexlensError

ENDS: Final = ("", "_low", "_high")
SCORES: Final = ("r2_before", "r2_after", "r2_change", "share_lost")
# Quantities of each vertex, which are averaged over regions.
MOVES: Final = (
    *("level_before", "level_after", "level_change"),
    *("argmax_agreement", "total_variation", "field_shift", "scale_difference"),
)
COLUMNS: Final = (
    *(*WHOSE, "readout", "roi", "hemisphere", "n_vertices"),
    *(f"{name}{end}" for name in (*SCORES, *MOVES) for end in ENDS),
    "blocks",
)
# The rank correlation is not linear in the levels, so its change does not follow from a line.
LINEAR: Final = QUANTITIES[:3]
HIERARCHY_COLUMNS: Final = (
    *(*WHOSE, "readout"),
    *(f"{name}_{when}{end}" for name in LINEAR for when in ("before", "after") for end in ENDS),
    *(f"{name}_change{end}" for name in LINEAR for end in ENDS),
    *("n", "blocks", "members"),
)
Moves = dict[str, Float[np.ndarray, " vertex"]]


def whose_fit(fit: xr.Dataset) -> tuple[str, ...]:
    """Network, subject and readout of a fit, for :func:`~.pairs.pairs`."""
    return tuple(str(fit.attrs[key]) for key in ("backbone", "subject", "readout"))


def check_pair(before: xr.Dataset, after: xr.Dataset) -> None:
    """Check that two fits can be compared vertex by vertex.

    Raises
    ------
    CortexlensError
        If their vertices, responses or layers differ.
    """
    sizes = [{name: fit.sizes[name] for name in ("vertex", "layer")} for fit in (before, after)]
    same = sizes[0] == sizes[1]
    if same and {"observed_test"} <= set(before.variables) & set(after.variables):
        same = np.array_equal(before["observed_test"].values, after["observed_test"].values)
    if not same:
        names = [f"{fit.attrs['backbone']} to {fit.attrs['subject']}" for fit in (before, after)]
        raise CortexlensError(
            f"fits of {names[0]} and of {names[1]}: found {_counts(sizes[0])} and "
            f"{_counts(sizes[1])}, or different test responses; to compare them, all must be "
            "equal. Fit both to the same responses, with the same layers."
        )


def _counts(sizes: dict[str, int]) -> str:
    return f"{sizes['vertex']} vertices and {sizes['layer']} layers"


def moves(before: xr.Dataset, after: xr.Dataset) -> Moves:
    """Changes at each vertex.

    Returns
    -------
    dict
        Those of :data:`MOVES` that the readout has: expected level, 0 first layer to 1 last, and
        its change; whether the strongest layer is the same; total variation of layer weights, 0 to
        1; distance of receptive-field centres, image widths; difference of scales, 0 to 1.
    """
    levels = [
        expected_level(fit["layer_selector"].values.astype(np.float64)) for fit in (before, after)
    ]
    found = {
        "level_before": levels[0],
        "level_after": levels[1],
        "level_change": levels[1] - levels[0],
    }
    if "space_selector" in before:
        return found | compared([(selection_of(before), selection_of(after))])
    return found


def change_table(
    fits: Sequence[xr.Dataset],
    derived: dict[str, Origin],
    how: Resampling = Resampling(),  # noqa: B008
) -> pd.DataFrame:
    """``finetune_changes.tsv``: every fit of a fine-tuned network, by region and hemisphere.

    Parameters
    ----------
    fits
        Fits of fine-tuned networks and of their base networks, of one or more readouts.
    derived
        Fine-tuned network → its origin.
    how
        Parameters of the intervals: of scores over test images, with the same resamples before and
        after; of all others over patches of cortex; of levels also over resampled training images,
        the same before and after, if the fits store them.

    Returns
    -------
    pd.DataFrame
        Columns :data:`COLUMNS`.
    """

    @cache
    def scored(key: tuple[str, ...]) -> RegionScores:
        fit = known[key]
        return region_scores(fit, how, {_name(part): part.mask for part in regions_by_side(fit)})

    known = {whose_fit(fit): fit for fit in fits}
    rows = []
    for pair in pairs(known, derived):
        check_pair(pair.before, pair.after)
        both = scored(whose_fit(pair.before)), scored(whose_fit(pair.after))
        about = {**pair.columns(), "readout": pair.shared[1]}
        rows += [{**about, **row} for row in _region_rows(pair.before, pair.after, both, how)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _name(part: Region) -> str:
    return f"{part.roi} {part.hemisphere}"


def _region_rows(
    before: xr.Dataset,
    after: xr.Dataset,
    scores: tuple[RegionScores, RegionScores],
    how: Resampling,
) -> Iterator[dict[str, object]]:
    """Yield one row per region and hemisphere."""
    moved, inside = moves(before, after), first_region(before)
    drawn = _deviations(before, after)
    names, values = tuple(moved), np.stack(list(moved.values()), axis=1)
    for part, score in zip(regions_by_side(before), score_changes(*scores, how), strict=True):
        mask: Bool[np.ndarray, " vertex"] = part.mask
        spread = _region_deviations(drawn, names, mask)
        found = patch_means(values[mask], before.isel(vertex=mask), inside[mask], how, spread)
        yield {
            "roi": part.roi,
            "hemisphere": part.hemisphere,
            "n_vertices": found.n,
            **score,
            **found.columns(names),
            "blocks": found.blocks,
        }


def _deviations(
    before: xr.Dataset, after: xr.Dataset
) -> dict[str, Float[np.ndarray, "draw vertex"]]:
    """Deviations of levels, and of their change, in the image resamples that both fits share."""
    change = change_deviations(before, after)
    levels = level_deviations(before), level_deviations(after)
    if change is None or levels[0] is None or levels[1] is None:
        return {}
    return {"level_before": levels[0], "level_after": levels[1], "level_change": change}


def _region_deviations(
    drawn: dict[str, Float[np.ndarray, "draw vertex"]],
    names: tuple[str, ...],
    mask: Bool[np.ndarray, " vertex"],
) -> Float[np.ndarray, "draw quantity"] | None:
    """Means of deviations over a region, for :func:`patch_means`; 0 for those without draws."""
    if not drawn or not mask.any():
        return None
    means = {name: each[:, mask].mean(axis=1) for name, each in drawn.items()}
    still = np.zeros(len(next(iter(means.values()))))
    return np.stack([means.get(name, still) for name in names], axis=1)


def score_changes(
    before: RegionScores, after: RegionScores, how: Resampling
) -> list[dict[str, float]]:
    """Mean R² of each region before and after, their difference, and the share that is lost.

    Both are scored in the same resamples of test images, so effects of an image on both cancel in
    the difference. The share has an interval only if the interval of the score before lies above 0;
    else it would be a ratio with a denominator near zero.
    """
    ratios = -(after.draws - before.draws) / np.where(before.draws == 0, np.nan, before.draws)
    share = -(after.mean - before.mean) / np.where(before.mean > 0, before.mean, np.nan)
    lost = before._replace(mean=share, draws=ratios)
    columns = [
        before.columns("r2_before", how),
        after.columns("r2_after", how),
        after.less(before).columns("r2_change", how),
        lost.columns("share_lost", how),
    ]
    rows: list[dict[str, float]] = []
    for parts in zip(*columns, strict=True):
        row = {key: value for part in parts for key, value in part.items()}
        if not row["r2_before_low"] > 0:
            row |= {f"share_lost{end}": float("nan") for end in ENDS}
        rows.append(row)
    return rows


def hierarchy_changes(
    fits: Sequence[xr.Dataset],
    derived: dict[str, Origin],
    how: Resampling = Resampling(),  # noqa: B008
) -> pd.DataFrame:
    """``finetune_hierarchy.tsv``: slope, b0 and b1 before and after, and their change.

    Parameters
    ----------
    fits, derived
        As for :func:`change_table`; fits without a hierarchy give no row.
    how
        Parameters of the intervals, over patches of cortex and members.

    Returns
    -------
    pd.DataFrame
        Columns :data:`HIERARCHY_COLUMNS`.
    """
    settings = {"bootstraps": how.bootstraps, "seed": how.seed}

    @cache
    def line(key: tuple[str, ...]) -> Hierarchy | None:
        return hierarchy(known[key], **settings)

    known = {whose_fit(fit): fit for fit in fits}
    rows: list[dict[str, object]] = []
    for pair in pairs(known, derived):
        change = hierarchy_change(pair.before, pair.after, **settings)
        lines = line(whose_fit(pair.before)), line(whose_fit(pair.after))
        if change is None or lines[0] is None or lines[1] is None:
            continue
        row = {**pair.columns(), "readout": pair.shared[1]}
        for when, one in (("before", lines[0]), ("after", lines[1]), ("change", change)):
            row |= _line_columns(one, when, how.confidence_level)
        rows.append({**row, "n": change.n, "blocks": change.blocks, "members": change.members})
    return pd.DataFrame(rows, columns=list(HIERARCHY_COLUMNS))


def _line_columns(one: Hierarchy, when: str, confidence_level: float) -> dict[str, float]:
    ends = zip(LINEAR, one.found, *interval_ends(one.draws, confidence_level), strict=False)
    return {
        f"{name}_{when}{end}": float(value)
        for name, *values in ends
        for end, value in zip(ENDS, values, strict=True)
    }
