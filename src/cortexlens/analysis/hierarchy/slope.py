"""Slope of the relation between the order of a network's layers and the visual hierarchy.

Source: "Brain Decodes Deep Nets", arXiv 2312.01280, Table 2.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float, Int

from cortexlens.analysis.statistics.blocks import (
    SpatialErrors,
    cortex_blocks,
    interval_ends,
    rescaled_draws,
)
from cortexlens.progress import track
from cortexlens.shapes import LAYER

# Ideal level of each region as published, V2 and V3 together. Kinds of study whose regions are
# divided (V1d, V1v) provide the undivided region as well.
IDEAL_LEVEL = {"V1": 0.0, "V2": 0.33, "V3": 0.33, "OPA": 0.66, "EBA": 1.0}
QUANTITIES: Final = ("slope", "b0", "b1", "spearman")
LINE_COLUMNS: Final = (
    *("subject", "backbone"),
    *(f"{name}{end}" for name in QUANTITIES for end in ("", "_low", "_high")),
    *("n", "blocks", "members", "axis"),
)
COLUMNS: Final = (*LINE_COLUMNS[:2], "readout", *LINE_COLUMNS[2:])
# Number of draws whose levels of all vertices are in memory at once.
_AT_ONCE: Final = 50
# Subject in the row of the mean over subjects of a network.
MEAN: Final = "mean"


@dataclass(frozen=True)
class Hierarchy:
    """Hierarchy of a fit, with bootstrap draws.

    Attributes
    ----------
    found
        Estimates of each of :data:`QUANTITIES`.
    draws
        The same in each draw of errors of the regions' means and of members.
    n, blocks, members
        Number of vertices, of independent patches of cortex that they count for (0 without
        coordinates), and of members of the fit.
    axis
        Unit of the levels: ``layer``, or ``time step`` of a diffusion network, where 0 is the
        image's own latent and 1 its noise, and no hierarchical order is expected.
    """

    found: Float[np.ndarray, " quantity"]
    draws: Float[np.ndarray, "draw quantity"]
    n: int
    blocks: int
    members: int
    axis: str = LAYER


def layer_axis(fit: xr.Dataset) -> str:
    """Kind of a fit's layers: ``layer`` or ``time step``."""
    return str(fit.attrs.get("layer_axis", LAYER))


def expected_level(
    layer_selector: Float[np.ndarray, "*member vertex layer"],
) -> Float[np.ndarray, "*member vertex"]:
    """Expected level ι̂ = Σ_l (l−1)/(L−1) ω̂_l: 0 first layer, 1 last; 0 for a single layer."""
    return layer_selector @ np.linspace(0.0, 1.0, layer_selector.shape[-1])


def ideal_level(fit: xr.Dataset) -> Float[np.ndarray, " vertex"]:
    """Ideal level ι of each vertex, by its region; NaN outside regions that have one."""
    level = np.full(fit.sizes["vertex"], np.nan)
    if "roi_mask" in fit:
        for name, mask in zip(fit["roi"].values, fit["roi_mask"].values.T, strict=True):
            if str(name) in IDEAL_LEVEL:
                level[mask.astype(bool)] = IDEAL_LEVEL[str(name)]
    return level


def hierarchy(fit: xr.Dataset, *, bootstraps: int = 1000, seed: int = 0) -> Hierarchy | None:
    """Least-squares line ι̂ = β·ι + ε: slope = β, b0 = ε, b1 = β + ε; and the rank correlation.

    Parameters
    ----------
    fit
        Fit of one network and subject with layer selectors.
    bootstraps
        Number of draws of errors of each level's mean, of members (if several), and of resampled
        images (if the fit stores their levels in ``expected_level_draw``).
    seed
        Seed of the draws.

    Returns
    -------
    Hierarchy or None
        None if the study's regions span fewer than two levels, so that no line can be fitted.
    """
    return _of_levels(fit, [_levels_of_members(fit)], level_deviations(fit), bootstraps, seed)


def hierarchy_change(
    before: xr.Dataset, after: xr.Dataset, *, bootstraps: int = 1000, seed: int = 0
) -> Hierarchy | None:
    """Change of the line between two fits to the same vertices.

    The line is linear in the levels, so its change is the line through the change of level at each
    vertex. Effects that both fits share at a vertex cancel and do not widen the intervals.

    Parameters
    ----------
    before, after
        Fits of two networks to one subject.
    bootstraps, seed
        As for :func:`hierarchy`; members of both fits are drawn, and the same resample of images is
        used for both if both store the levels of resampled images.

    Returns
    -------
    Hierarchy or None
        Changes of slope, b0 and b1. In place of the rank correlation it has that of the change with
        the ideal level, which is not the change of the rank correlation.
    """
    parts = [_levels_of_members(after), -_levels_of_members(before)]
    return _of_levels(before, parts, change_deviations(before, after), bootstraps, seed)


def level_deviations(fit: xr.Dataset) -> Float[np.ndarray, "draw vertex"] | None:
    """Deviations of the expected levels when a fit's images are resampled, centred on 0.

    Parameters
    ----------
    fit
        Dataset of kind ``fit``. The mean over draws is subtracted: resampling gives the spread of
        an estimate, but shifts its mean by a bias that the estimate itself does not have.

    Returns
    -------
    array or None
        None if the fit has no ``expected_level_draw``.
    """
    if "expected_level_draw" not in fit:
        return None
    draws = fit["expected_level_draw"].transpose("draw", "vertex").values.astype(np.float64)
    return np.asarray(draws - draws.mean(axis=0))


def change_deviations(
    before: xr.Dataset, after: xr.Dataset
) -> Float[np.ndarray, "draw vertex"] | None:
    """As :func:`level_deviations`, for the levels after minus those before.

    Parameters
    ----------
    before, after
        Fits to one subject, whose draw d comes from the same resampled images, so that effects of a
        resample on both cancel in the difference.

    Returns
    -------
    array or None
        None if one has no draws, or if the numbers of draws differ, because these are not paired.
    """
    parts = level_deviations(before), level_deviations(after)
    if parts[0] is None or parts[1] is None or len(parts[0]) != len(parts[1]):
        return None
    return np.asarray(parts[1] - parts[0])


def _of_levels(
    fit: xr.Dataset,
    parts: list[Float[np.ndarray, "_ vertex"]],
    deviations: Float[np.ndarray, "resample vertex"] | None,
    bootstraps: int,
    seed: int,
) -> Hierarchy | None:
    """Line through the sum of ``parts``, each averaged over its members, in the fit's regions."""
    ideal = ideal_level(fit)
    known = np.flatnonzero(np.isfinite(ideal))
    levels, stratum = np.unique(ideal[known], return_inverse=True)
    if levels.size < 2:
        return None
    there = fit.isel(vertex=known)
    found = [part[:, known] for part in parts]
    mean = np.sum([part.mean(axis=0) for part in found], axis=0)
    centres = np.bincount(stratum, mean) / np.bincount(stratum)
    blocks = cortex_blocks(there, stratum, (mean - centres[stratum])[:, None], seed)
    rng = np.random.default_rng([seed, 1])
    return Hierarchy(
        _measured(levels[stratum], mean[None])[0],
        _draws(
            levels,
            stratum,
            found,
            None if deviations is None else deviations[:, known],
            blocks,
            rng,
            bootstraps,
        ),
        len(known),
        blocks.number if blocks.spatial else 0,
        min(map(len, found)),
        layer_axis(fit),
    )


def _levels_of_members(fit: xr.Dataset) -> Float[np.ndarray, "member vertex"]:
    """Expected levels of each member; a single row if only the members' mean is stored."""
    if "member_layer_selector" in fit:
        return expected_level(fit["member_layer_selector"].values.astype(np.float64))
    return expected_level(fit["layer_selector"].values.astype(np.float64))[None]


def _draws(
    levels: Float[np.ndarray, " level"],
    stratum: Int[np.ndarray, " vertex"],
    found: list[Float[np.ndarray, "_ vertex"]],
    deviations: Float[np.ndarray, "resample vertex"] | None,
    blocks: SpatialErrors,
    rng: np.random.Generator,
    bootstraps: int,
) -> Float[np.ndarray, "draw quantity"]:
    """Quantities in each draw of errors, members and images, computed some draws at a time.

    Differences between members, or between resamples of images, are part of the errors as well, so
    they count at most twice.
    """
    drawn = []
    for start in range(0, bootstraps, _AT_ONCE):
        n_draws = min(_AT_ONCE, bootstraps - start)
        errors = blocks.errors(rng, n_draws)[:, :, 0]
        level = errors[:, stratum]
        for part in found:
            level = level + rescaled_draws(rng, n_draws, len(part)) / len(part) @ part
        if deviations is not None:
            level = level + deviations[rng.integers(0, len(deviations), n_draws)]
        drawn.append(_measured(levels[stratum], level))
    return np.concatenate(drawn)


def _measured(
    ideal: Float[np.ndarray, " vertex"], found: Float[np.ndarray, "draw vertex"]
) -> Float[np.ndarray, "draw quantity"]:
    """Least-squares line and rank correlation in each draw."""
    from scipy.stats import rankdata

    apart = ideal - ideal.mean()
    slope = found @ apart / (apart @ apart)
    start = found.mean(axis=1) - slope * ideal.mean()
    ranks, ideal_ranks = rankdata(found, axis=1), rankdata(ideal)
    ideal_ranks -= ideal_ranks.mean()
    ranks -= ranks.mean(axis=1, keepdims=True)
    size = np.sqrt((ideal_ranks @ ideal_ranks) * np.square(ranks).sum(axis=1))
    # If all levels are equal, the rank correlation is undefined.
    rank = np.divide(ranks @ ideal_ranks, size, out=np.full(len(found), np.nan), where=size > 0)
    return np.stack([slope, start, slope + start, rank], axis=1)


def mean_hierarchy(each: list[Hierarchy]) -> Hierarchy:
    """Mean over subjects, treated as fixed: the result does not generalise to other subjects."""
    return Hierarchy(
        np.mean([one.found for one in each], axis=0),
        np.mean([one.draws for one in each], axis=0),
        sum(one.n for one in each),
        sum(one.blocks for one in each),
        min(one.members for one in each),
        each[0].axis,
    )


def fitted_hierarchies(
    fits: list[xr.Dataset], *, bootstraps: int, seed: int
) -> Iterator[tuple[xr.Dataset, Hierarchy]]:
    """Yield each fit that has a hierarchy together with it, sorted by subject, network and readout.

    Draws of different fits are independent, so that errors average out over subjects.
    """
    for number, fit in enumerate(track(sorted(fits, key=_order), "hierarchies fitted")):
        found = hierarchy(fit, bootstraps=bootstraps, seed=seed + number)
        if found is not None:
            yield fit, found


def line_band(
    found: Hierarchy, confidence_level: float, steps: int = 101
) -> tuple[Float[np.ndarray, " step"], Float[np.ndarray, " step"]]:
    """Pointwise confidence band of the line at ideal levels from 0 to 1."""
    slope, start = found.draws[:, 0, None], found.draws[:, 1, None]
    return interval_ends(start + slope * np.linspace(0, 1, steps), confidence_level)


def region_levels(
    fit: xr.Dataset,
) -> tuple[Float[np.ndarray, " known"], Float[np.ndarray, " known"], dict[float, str]]:
    """Ideal and expected levels of vertices that have both, and the names of regions by level."""
    ideal = ideal_level(fit)
    known = np.isfinite(ideal)
    expected = expected_level(fit["layer_selector"].values.astype(np.float64))
    names: dict[float, list[str]] = {}
    for name in map(str, fit["roi"].values):
        if IDEAL_LEVEL.get(name) in ideal[known]:
            names.setdefault(IDEAL_LEVEL[name], []).append(name)
    return (
        ideal[known],
        expected[known],
        {level: ", ".join(names[level]) for level in sorted(names)},
    )


def hierarchy_table(
    fits: list[xr.Dataset], *, confidence_level: float = 0.95, bootstraps: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """``hierarchy.tsv``: one row per fit, sorted by subject and network, then means over subjects.

    Parameters
    ----------
    fits
        Fits with layer selectors, of one or more readouts.
    confidence_level
        Confidence level of the intervals from ``_low`` to ``_high``.
    bootstraps, seed
        As for :func:`hierarchy`.

    Returns
    -------
    pd.DataFrame
        Columns :data:`COLUMNS`. Networks with several subjects have a row of subject ``mean`` for
        each readout.
    """
    rows, of_network = [], dict[tuple[str, str], list[Hierarchy]]()
    for fit, one in fitted_hierarchies(fits, bootstraps=bootstraps, seed=seed):
        subject, backbone, readout = _order(fit)
        rows.append({**hierarchy_row(subject, backbone, one, confidence_level), "readout": readout})
        of_network.setdefault((backbone, readout), []).append(one)
    rows += [
        {
            **hierarchy_row(MEAN, backbone, mean_hierarchy(each), confidence_level),
            "readout": readout,
        }
        for (backbone, readout), each in sorted(of_network.items())
        if len(each) > 1
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _order(fit: xr.Dataset) -> tuple[str, str, str]:
    return str(fit.attrs["subject"]), str(fit.attrs["backbone"]), str(fit.attrs["readout"])


def hierarchy_row(
    subject: str, backbone: str, one: Hierarchy, confidence_level: float
) -> dict[str, object]:
    """Row of a table of hierarchies, with columns :data:`LINE_COLUMNS`."""
    ends = zip(one.found, *interval_ends(one.draws, confidence_level), strict=True)
    values = [float(value) for triple in ends for value in triple]
    return dict(
        zip(
            LINE_COLUMNS,
            [subject, backbone, *values, one.n, one.blocks, one.members, one.axis],
            strict=True,
        )
    )
