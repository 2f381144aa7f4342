"""Scores of one fit with confidence intervals and p values, as a dataset of kind ``scores``."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float

from cortexlens.analysis.scores.held_out import (
    HeldOutPredictions,
    image_terms,
    pearson,
    read_held_out,
    vertex_blocks,
)
from cortexlens.analysis.statistics.bootstrap import bootstrap_interval, image_draws, r2_draws
from cortexlens.analysis.statistics.permutation import permutation_test
from cortexlens.cortex.meshes import HEMISPHERE_NAMES
from cortexlens.progress import track

LOWEST_CEILING_TO_DIVIDE_BY = 0.05
BOTH = "both"
_BLOCK_VERTICES = 1024


class Region(NamedTuple):
    """Vertices that are scored together.

    Attributes
    ----------
    roi
        Region of interest, or ``all``.
    hemisphere
        ``both``, ``left`` or ``right``.
    mask
        Mask of its vertices.
    """

    roi: str
    hemisphere: str
    mask: Bool[np.ndarray, " vertex"]


class Bootstrapped(NamedTuple):
    """Bootstrap over test images: intervals of every vertex's R², draws of every region's mean."""

    low: Float[np.ndarray, " vertex"]
    high: Float[np.ndarray, " vertex"]
    regions: Float[np.ndarray, "draw region"]


def regions(fit: xr.Dataset) -> Iterator[tuple[str, Bool[np.ndarray, " vertex"]]]:
    """Yield the regions of a fit: ``all`` vertices, then each region of interest with vertices."""
    n_vertices = fit.sizes["vertex"]
    yield "all", np.ones(n_vertices, dtype=bool)
    if "roi_mask" in fit:
        for name, mask in zip(fit["roi"].values, fit["roi_mask"].values.T, strict=True):
            if mask.any():
                yield str(name), mask.astype(bool)


def regions_by_side(fit: xr.Dataset) -> Iterator[Region]:
    """Yield each region, followed by its part in either hemisphere if hemispheres are known."""
    sides = fit["hemisphere"].values if "hemisphere" in fit else None
    for roi, mask in regions(fit):
        yield Region(roi, BOTH, mask)
        if sides is not None:
            parts = {name: mask & (sides == side) for side, name in enumerate(HEMISPHERE_NAMES)}
            yield from (Region(roi, name, part) for name, part in parts.items() if part.any())


def bootstrap_regions(
    held: HeldOutPredictions,
    masks: Bool[np.ndarray, "vertex region"],
    draws: Float[np.ndarray, "draw image"],
    confidence_level: float | None = None,
) -> Bootstrapped:
    """Bootstrap the score of every vertex and the mean score of every region over test images.

    Parameters
    ----------
    held
        Predictions of and responses to the test images.
    masks
        Vertices of each region.
    draws
        From :func:`cortexlens.analysis.statistics.bootstrap.image_draws`.
    confidence_level
        Confidence level of the vertices' intervals; None: these are not computed and NaN.
    """
    low, high = (np.full(held.n_vertices, np.nan) for _ in range(2))
    sums = np.zeros((len(draws), masks.shape[1]))
    counts = np.zeros(masks.shape[1])
    blocks = list(vertex_blocks(held.n_vertices, _BLOCK_VERTICES))
    for block in track(blocks, "blocks of vertices bootstrapped"):
        part = held.part(block)
        estimate, drawn = image_terms(part).r2, r2_draws(part, draws)
        if confidence_level is not None:
            low[block], high[block] = bootstrap_interval(
                estimate, drawn, held.n_images, confidence_level
            )
        scored = np.isfinite(estimate)
        inside = masks[block][scored].astype(np.float32)
        sums += drawn[:, scored] @ inside
        counts += inside.sum(axis=0)
    means = np.full(sums.shape, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return Bootstrapped(low, high, means)


def region_means(
    r2: Float[np.ndarray, " vertex"], masks: Bool[np.ndarray, "vertex region"]
) -> Float[np.ndarray, " region"]:
    """Mean score of each region's vertices that have one; NaN if none has."""
    scored = masks & np.isfinite(r2)[:, None]
    mean = np.full(masks.shape[1], np.nan)
    np.divide(np.nan_to_num(r2) @ scored, scored.sum(axis=0), out=mean, where=scored.any(axis=0))
    return mean


def score_fit(
    fit: xr.Dataset,
    name: str,
    *,
    confidence_level: float,
    bootstraps: int,
    permutations: int,
    seed: int,
) -> xr.Dataset:
    """Score a fit on its test images, by vertex and by region.

    Parameters
    ----------
    fit
        Dataset of kind ``fit``.
    name
        Name of the fit in error messages, usually its path.
    confidence_level
        Confidence level of the intervals.
    bootstraps
        Number of bootstrap resamples of the test images.
    permutations
        Number of permutations of the predictions.
    seed
        Seed of both.

    Returns
    -------
    xr.Dataset
        Dataset of kind ``scores``, see docs/architecture.md.

    Raises
    ------
    CortexlensError
        If the fit has no stored predictions of test images.
    """
    held, parts = read_held_out(fit, name), list(regions_by_side(fit))
    masks = np.stack([part.mask for part in parts], axis=1)
    drawn = image_draws(held.images, bootstraps, seed)
    found = bootstrap_regions(held, masks, drawn, confidence_level)
    by_chance = permutation_test(held, [part.mask for part in parts], permutations, seed)
    blocks = [held.part(block) for block in vertex_blocks(held.n_vertices, _BLOCK_VERTICES)]
    r2 = np.concatenate([image_terms(part).r2 for part in blocks])
    vertex = {
        **_of_vertices(r2, np.concatenate([pearson(part) for part in blocks]), fit),
        "r2_low": (found.low, "lower end of the confidence interval of r2 over test images"),
        "r2_high": (found.high, "upper end of the confidence interval of r2 over test images"),
        "p": (by_chance.p, "p value under permutation of predictions, uncorrected, in (0, 1]"),
        "q": (by_chance.q, "false discovery rate over all vertices, in (0, 1]"),
    }
    variables = {
        key: ("vertex", values.astype(np.float32), {"description": text})
        for key, (values, text) in vertex.items()
    }
    family = {"description": "family-wise p value over the region; NaN outside of it"}
    dataset = xr.Dataset(
        {
            **variables,
            "p_family": (("vertex", "region"), by_chance.family.astype(np.float32), family),
            "region_mask": (
                ("vertex", "region"),
                masks,
                {"description": "vertices of each region"},
            ),
            **_of_regions(r2, masks, found.regions, held.n_images, confidence_level),
            "roi": ("region", np.array([part.roi for part in parts], dtype=object)),
            "side": ("region", np.array([part.hemisphere for part in parts], dtype=object)),
        }
    )
    kept = {key: fit.attrs[key] for key in ("backbone", "subject", "readout")}
    return dataset.assign_attrs(
        **kept, confidence_level=confidence_level, n_test_images=held.n_images
    )


def _of_vertices(
    r2: Float[np.ndarray, " vertex"], r: Float[np.ndarray, " vertex"], fit: xr.Dataset
) -> dict[str, tuple[np.ndarray, str]]:
    """Scores of each vertex, raw and relative to the noise ceiling."""
    ceiling = fit["noise_ceiling"].values.astype(np.float64)
    reachable = np.where(ceiling >= LOWEST_CEILING_TO_DIVIDE_BY, ceiling, np.nan)
    return {
        "r2": (r2, "raw R² on test images, at most 1"),
        "pearson": (r, "correlation on test images, in [−1, 1]"),
        "noise_ceiling": (ceiling, "largest r² that the repeats allow, in [0, 1]; NaN unknown"),
        "r2_over_ceiling": (r2 / reachable, "r2 / noise_ceiling; NaN below a ceiling of 0.05"),
        "pearson_over_ceiling": (
            r / np.sqrt(reachable),
            "pearson / √noise_ceiling; NaN below a ceiling of 0.05",
        ),
        "r2_validation": (
            fit["r2_validation"].values,
            "raw R² on validation images, by which the fit was chosen",
        ),
    }


def _of_regions(
    r2: Float[np.ndarray, " vertex"],
    masks: Bool[np.ndarray, "vertex region"],
    draws: Float[np.ndarray, "draw region"],
    n_images: int,
    confidence_level: float,
) -> dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, str]]]:
    """Mean R² of each region, its confidence interval, and the bootstrap draws of it."""
    mean = region_means(r2, masks)
    low, high = bootstrap_interval(mean, draws, n_images, confidence_level)
    place = ("region",)
    return {
        "region_r2": (place, mean, {"description": "mean r2 of the region's vertices"}),
        "region_r2_low": (
            place,
            low,
            {"description": "lower end of the confidence interval of region_r2"},
        ),
        "region_r2_high": (
            place,
            high,
            {"description": "upper end of the confidence interval of region_r2"},
        ),
        "region_r2_draw": (
            ("draw", "region"),
            draws.astype(np.float32),
            {"description": "mean r2 in each resample of test images, paired between networks"},
        ),
    }
