"""Means over regions with intervals: scores over test images, maps over patches of cortex."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float, Int

from cortexlens.analysis.scores.fit_scores import bootstrap_regions, region_means, regions
from cortexlens.analysis.scores.held_out import image_terms, read_held_out, vertex_blocks
from cortexlens.analysis.statistics.blocks import cortex_blocks, interval_ends
from cortexlens.analysis.statistics.bootstrap import bootstrap_interval, image_draws
from cortexlens.errors import CortexlensError

_BLOCK_VERTICES = 1024


class Resampling(NamedTuple):
    """Parameters of confidence intervals.

    Attributes
    ----------
    confidence_level
        Confidence level, in (0, 1).
    bootstraps
        Number of resamples.
    seed
        Seed of the resamples.
    """

    confidence_level: float = 0.95
    bootstraps: int = 1000
    seed: int = 0


class RegionScores(NamedTuple):
    """Mean R² of each region of a fit, and in each resample of its test images.

    Attributes
    ----------
    rois
        Names of the regions, ``all`` first.
    images
        Index on the ``image`` axis of each test image.
    mean
        Mean over the vertices that have a score.
    draws
        The same in each resample; paired between any two fits to the same test images.
    """

    rois: list[str]
    images: Int[np.ndarray, " image"]
    mean: Float[np.ndarray, " roi"]
    draws: Float[np.ndarray, "draw roi"]

    def less(self, other: "RegionScores") -> "RegionScores":
        """Difference from another fit to the same subject.

        Raises
        ------
        CortexlensError
            If the other fit was scored on other test images or regions.
        """
        if self.rois != other.rois or not np.array_equal(self.images, other.images):
            raise CortexlensError(
                f"found fits scored on {len(self.images)} and {len(other.images)} test images, or "
                "on different ones; differences need the same. Fit all variants to the same "
                "responses."
            )
        return self._replace(mean=self.mean - other.mean, draws=self.draws - other.draws)

    def columns(self, name: str, how: Resampling) -> list[dict[str, float]]:
        """Columns ``name``, ``name_low`` and ``name_high`` for each region."""
        ends = bootstrap_interval(self.mean, self.draws, len(self.images), how.confidence_level)
        return [_columns(name, *values) for values in zip(self.mean, *ends, strict=True)]


def region_scores(
    fit: xr.Dataset,
    how: Resampling,
    masks: Mapping[str, Bool[np.ndarray, " vertex"]] | None = None,
) -> RegionScores:
    """Score the regions of a fit on its test images and in resamples of them.

    Parameters
    ----------
    fit
        Dataset of kind ``fit``.
    how
        Number of resamples, and their seed.
    masks
        Vertices of each region; None: those of :func:`~.fit_scores.regions`.

    Raises
    ------
    CortexlensError
        If the fit has no stored predictions of test images.
    """
    name = f"fit {fit.attrs['readout']} of {fit.attrs['backbone']} to {fit.attrs['subject']}"
    held, named = read_held_out(fit, name), dict(regions(fit)) if masks is None else masks
    membership = np.stack(list(named.values()), axis=1)
    drawn = image_draws(held.images, how.bootstraps, how.seed)
    blocks = [held.part(block) for block in vertex_blocks(held.n_vertices, _BLOCK_VERTICES)]
    r2 = np.concatenate([image_terms(part).r2 for part in blocks])
    draws = bootstrap_regions(held, membership, drawn).regions
    return RegionScores(list(named), held.images, region_means(r2, membership), draws)


def mean_of(scores: list[RegionScores]) -> RegionScores:
    """Mean over several fits to one subject, in each resample of images."""
    first = scores[0]
    return first._replace(
        mean=np.mean([each.mean for each in scores], axis=0),
        draws=np.mean([each.draws for each in scores], axis=0),
    )


class PatchMeans(NamedTuple):
    """Means of quantities over vertices, with confidence intervals.

    Attributes
    ----------
    mean, low, high
        Mean and ends of the interval of each quantity; NaN without vertices.
    n
        Number of vertices.
    blocks
        Effective number of independent patches of cortex; 0 if coordinates are unknown, in which
        case vertices count as independent.
    """

    mean: Float[np.ndarray, " quantity"]
    low: Float[np.ndarray, " quantity"]
    high: Float[np.ndarray, " quantity"]
    n: int
    blocks: int

    def columns(self, names: tuple[str, ...]) -> dict[str, float]:
        """Columns ``name``, ``name_low`` and ``name_high`` for each quantity."""
        row: dict[str, float] = {}
        for name, *values in zip(names, self.mean, self.low, self.high, strict=True):
            row |= _columns(name, *values)
        return row


def patch_means(
    values: Float[np.ndarray, "vertex quantity"],
    places: xr.Dataset,
    region: Int[np.ndarray, " vertex"],
    how: Resampling,
    deviations: Float[np.ndarray, "resample quantity"] | None = None,
) -> PatchMeans:
    """Mean over vertices, with a confidence interval from spatially correlated errors.

    Parameters
    ----------
    values
        Quantities of each vertex.
    places
        Dataset with ``coordinates`` (mm) and ``hemisphere``, if known.
    region
        Region of each vertex, numbered from 0; differences between regions are not errors.
    how
        Parameters of the interval.
    deviations
        Deviations of the means in resamples of images, centred on 0, which are included in the
        interval. None: the values are treated as known.
    """
    n, quantities = values.shape
    if n == 0:
        unknown = np.full(quantities, np.nan)
        return PatchMeans(unknown, unknown, unknown, 0, 0)
    _, region = np.unique(region, return_inverse=True)
    sizes = np.bincount(region)
    typical = np.stack([np.bincount(region, column) / sizes for column in values.T], axis=1)
    blocks = cortex_blocks(places, region, values - typical[region], how.seed)
    rng = np.random.default_rng([how.seed, 1])
    errors = blocks.errors(rng, how.bootstraps)
    mean = values.mean(axis=0)
    draws = mean + np.einsum("drq,r->dq", errors, sizes / n)
    # Drawn errors are unbounded, but a mean must lie between the smallest and largest value.
    draws = np.clip(draws, values.min(axis=0), values.max(axis=0))
    if deviations is not None:
        draws = draws + deviations[rng.integers(0, len(deviations), how.bootstraps)]
    low, high = interval_ends(draws, how.confidence_level)
    return PatchMeans(mean, low, high, n, blocks.number * blocks.spatial)


def first_region(fit: xr.Dataset) -> Int[np.ndarray, " vertex"]:
    """Number of the first region that contains each vertex; 0 if none does."""
    if "roi_mask" not in fit or fit.sizes["roi"] == 0:
        return np.zeros(fit.sizes["vertex"], np.int64)
    mask: Bool[np.ndarray, "vertex roi"] = fit["roi_mask"].values.astype(bool)
    return np.asarray(np.where(mask.any(axis=1), mask.argmax(axis=1) + 1, 0))


def _columns(name: str, mean: float, low: float, high: float) -> dict[str, float]:
    return {name: float(mean), f"{name}_low": float(low), f"{name}_high": float(high)}
