"""How the order of a network's layers follows the visual hierarchy.

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

# Ideal level of a region: published values, V2 and V3 together. Kinds of study whose regions are
# cut in two (V1d, V1v) offer the whole region as well.
IDEAL_LEVEL = {"V1": 0.0, "V2": 0.33, "V3": 0.33, "OPA": 0.66, "EBA": 1.0}
QUANTITIES: Final = ("slope", "b0", "b1", "spearman")
LINE_COLUMNS: Final = (
    *("subject", "backbone"),
    *(f"{name}{end}" for name in QUANTITIES for end in ("", "_low", "_high")),
    *("n", "blocks", "members", "axis"),
)
COLUMNS: Final = (*LINE_COLUMNS[:2], "readout", *LINE_COLUMNS[2:])
# Draws whose levels of all vertices are in memory at once.
_AT_ONCE: Final = 50
# The row of all subjects of a network.
MEAN: Final = "mean"


@dataclass(frozen=True)
class Hierarchy:
    """A fit's hierarchy, as measured and as it might have been.

    Attributes
    ----------
    found
        One number for each of :data:`QUANTITIES`.
    draws
        The same, with other errors of the regions' means and other seeds.
    n, blocks, members
        Vertices, independent patches that they count for (0: no coordinates tell), members of the
        fit.
    axis
        What the levels are of: ``layer``, or ``time step`` of a diffusion network, where 0 is the
        picture's own latent and 1 its noise, and no order is expected of the hierarchy.
    """

    found: Float[np.ndarray, " quantity"]
    draws: Float[np.ndarray, "draw quantity"]
    n: int
    blocks: int
    members: int
    axis: str = LAYER


def layer_axis(fit: xr.Dataset) -> str:
    """What a fit's layers are: ``layer`` or ``time step``."""
    return str(fit.attrs.get("layer_axis", LAYER))


def expected_level(
    layer_selector: Float[np.ndarray, "*member vertex layer"],
) -> Float[np.ndarray, "*member vertex"]:
    """ι̂ = Σ_l (l−1)/(L−1) ω̂_l: 0 the first layer, 1 the last; 0 for a single layer."""
    return layer_selector @ np.linspace(0.0, 1.0, layer_selector.shape[-1])


def ideal_level(fit: xr.Dataset) -> Float[np.ndarray, " vertex"]:
    """ι of each vertex by its region; NaN outside the regions that have one."""
    level = np.full(fit.sizes["vertex"], np.nan)
    if "roi_mask" in fit:
        for name, mask in zip(fit["roi"].values, fit["roi_mask"].values.T, strict=True):
            if str(name) in IDEAL_LEVEL:
                level[mask.astype(bool)] = IDEAL_LEVEL[str(name)]
    return level


def hierarchy(fit: xr.Dataset, *, bootstraps: int = 1000, seed: int = 0) -> Hierarchy | None:
    """Least squares ι̂ = β·ι + ε: slope = β, b0 = ε, b1 = β + ε; and the rank correlation.

    Parameters
    ----------
    fit
        Fit of one network and subject with layer selectors.
    bootstraps
        Draws of errors of each level's mean, of members where there are several, and of resampled
        images where the fit keeps the levels that these give (``expected_level_draw``).
    seed
        Of the draws.

    Returns
    -------
    Hierarchy or None
        None where the study's regions span fewer than two levels, so that there is no line to fit.
    """
    return _of_levels(fit, [_levels_of_members(fit)], level_deviations(fit), bootstraps, seed)


def hierarchy_change(
    before: xr.Dataset, after: xr.Dataset, *, bootstraps: int = 1000, seed: int = 0
) -> Hierarchy | None:
    """How the line of another fit to the same vertices differs.

    The line is linear in the levels, so its change is the line through their change at each
    vertex. What both fits share at a vertex is gone from that, and does not widen the intervals.

    Parameters
    ----------
    before, after
        Fits of two networks to one subject.
    bootstraps, seed
        As for :func:`hierarchy`; members of both fits are drawn, and where both keep levels of
        resampled images the same resample of both.

    Returns
    -------
    Hierarchy or None
        Changes of slope, b0 and b1. In the place of the rank correlation stands that of the
        change itself with the ideal level, which is no change of a rank correlation.
    """
    parts = [_levels_of_members(after), -_levels_of_members(before)]
    return _of_levels(before, parts, change_deviations(before, after), bootstraps, seed)


def level_deviations(fit: xr.Dataset) -> Float[np.ndarray, "draw vertex"] | None:
    """How the expected levels move when a fit's images are resampled, around 0.

    Parameters
    ----------
    fit
        Of kind ``fit``. Their mean over the draws is taken off: resampling tells the spread of an
        estimate, and moves its middle by a bias that is none of the estimate's.

    Returns
    -------
    array or None
        None where the fit keeps no ``expected_level_draw``.
    """
    if "expected_level_draw" not in fit:
        return None
    draws = fit["expected_level_draw"].transpose("draw", "vertex").values.astype(np.float64)
    return np.asarray(draws - draws.mean(axis=0))


def change_deviations(
    before: xr.Dataset, after: xr.Dataset
) -> Float[np.ndarray, "draw vertex"] | None:
    """As :func:`level_deviations`, of the levels after less those before.

    Parameters
    ----------
    before, after
        Fits to one subject, whose draw d is of the same resampled images, so that what a resample
        does to both is gone from the difference.

    Returns
    -------
    array or None
        None where one keeps no draws, or they keep different numbers of them: such are not paired.
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
    """Line through the sum of parts, each the mean of members of its own, in the fit's regions."""
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
    """Expected level by each member; stores that keep only the members' mean have one."""
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
    """The quantities in each draw of errors, members and images, some draws at a time.

    What members, or resamples of images, do not share is in the errors as well, so that it counts
    twice at most.
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
    """Line of least squares and rank correlation in each draw."""
    from scipy.stats import rankdata

    apart = ideal - ideal.mean()
    slope = found @ apart / (apart @ apart)
    start = found.mean(axis=1) - slope * ideal.mean()
    ranks, ideal_ranks = rankdata(found, axis=1), rankdata(ideal)
    ideal_ranks -= ideal_ranks.mean()
    ranks -= ranks.mean(axis=1, keepdims=True)
    size = np.sqrt((ideal_ranks @ ideal_ranks) * np.square(ranks).sum(axis=1))
    # Levels that are all the same have no order.
    rank = np.divide(ranks @ ideal_ranks, size, out=np.full(len(found), np.nan), where=size > 0)
    return np.stack([slope, start, slope + start, rank], axis=1)


def mean_hierarchy(each: list[Hierarchy]) -> Hierarchy:
    """Mean over subjects, who are taken as they are: it speaks of them and of no others."""
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
    """Give each fit that has a hierarchy with it, sorted by subject, network and readout.

    Draws of different fits are independent, so that errors average out over subjects.
    """
    for number, fit in enumerate(track(sorted(fits, key=_order), "hierarchies fitted")):
        found = hierarchy(fit, bootstraps=bootstraps, seed=seed + number)
        if found is not None:
            yield fit, found


def line_band(
    found: Hierarchy, interval: float, steps: int = 101
) -> tuple[Float[np.ndarray, " step"], Float[np.ndarray, " step"]]:
    """Ends of the line's interval at ideal levels from 0 to 1, each level by itself."""
    slope, start = found.draws[:, 0, None], found.draws[:, 1, None]
    return interval_ends(start + slope * np.linspace(0, 1, steps), interval)


def region_levels(
    fit: xr.Dataset,
) -> tuple[Float[np.ndarray, " known"], Float[np.ndarray, " known"], dict[float, str]]:
    """Ideal and expected level of the vertices that have one, and the regions at each level."""
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
    fits: list[xr.Dataset], *, interval: float = 0.95, bootstraps: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """``hierarchy.tsv``: one row a fit, sorted by subject and network, then means over subjects.

    Parameters
    ----------
    fits
        With layer selectors, of one or more readouts.
    interval
        Share of the draws between ``_low`` and ``_high``.
    bootstraps, seed
        As for :func:`hierarchy`.

    Returns
    -------
    pd.DataFrame
        With :data:`COLUMNS`. Networks of several subjects have a row of subject ``mean`` for each
        readout.
    """
    rows, of_network = [], dict[tuple[str, str], list[Hierarchy]]()
    for fit, one in fitted_hierarchies(fits, bootstraps=bootstraps, seed=seed):
        subject, backbone, readout = _order(fit)
        rows.append({**hierarchy_row(subject, backbone, one, interval), "readout": readout})
        of_network.setdefault((backbone, readout), []).append(one)
    rows += [
        {**hierarchy_row(MEAN, backbone, mean_hierarchy(each), interval), "readout": readout}
        for (backbone, readout), each in sorted(of_network.items())
        if len(each) > 1
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _order(fit: xr.Dataset) -> tuple[str, str, str]:
    return str(fit.attrs["subject"]), str(fit.attrs["backbone"]), str(fit.attrs["readout"])


def hierarchy_row(
    subject: str, backbone: str, one: Hierarchy, interval: float
) -> dict[str, object]:
    """Row of a table of hierarchies, with :data:`LINE_COLUMNS`."""
    ends = zip(one.found, *interval_ends(one.draws, interval), strict=True)
    values = [float(value) for triple in ends for value in triple]
    return dict(
        zip(
            LINE_COLUMNS,
            [subject, backbone, *values, one.n, one.blocks, one.members, one.axis],
            strict=True,
        )
    )
