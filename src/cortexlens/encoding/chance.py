"""Test whether a fit predicts held-out responses better than their mean does."""

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import stdtr

from cortexlens.encoding.scores import pearson_r, varies

# Significance level: upper bound on the probability that a fit without predictive power passes.
LEVEL = 0.05
_BLOCK_VERTICES = 4096


def above_chance(
    prediction: Float[np.ndarray, "image vertex"],
    observed: Float[np.ndarray, "image vertex"],
    regions: Bool[np.ndarray, "vertex roi"] | None = None,
) -> bool | None:
    """Test whether a fit predicts any of its test responses better than their mean does.

    The mean over all vertices, the mean over each region, and each single vertex are tested, so
    that a fit to a whole brain that predicts only one region, or a few vertices, is above chance.

    Parameters
    ----------
    prediction
        Predicted responses to the test images.
    observed
        Observed responses to the test images, averaged over repeats.
    regions
        Mask of the vertices of each region; None if no regions are known.

    Returns
    -------
    bool or None
        Whether the fit is above chance; None if there are fewer than three test images or no
        response varies.

    Notes
    -----
    R² is a sum of contributions of images, ((y − ȳ)² − (y − ŷ)²) / Σ (y − ȳ)², and so is its mean
    over vertices. Since images are independent but vertices are not, means over vertices are tested
    by a one-sided t test over images of whether the contributions are above 0. Contributions to a
    single vertex are skewed, which makes this test weak; single vertices are therefore tested by
    their correlation, and must also have an R² above 0. The three tests share :data:`LEVEL`
    (Bonferroni), as do the regions and the vertices. Without any relation between prediction and
    response the expected R² is below 0, so that fewer than :data:`LEVEL` of such fits pass.
    """
    n_images, n_vertices = observed.shape
    varying = varies(observed)
    if n_images < 3 or not varying.any():
        return None
    masks = np.ones((n_vertices, 1), bool)
    if regions is not None:
        masks = np.concatenate([masks, regions.astype(bool)], axis=1)
    sums, lowest = np.zeros((n_images, masks.shape[1])), 1.0
    for start in range(0, n_vertices, _BLOCK_VERTICES):
        block = slice(start, start + _BLOCK_VERTICES)
        rows = np.flatnonzero(varying[block]) + start
        if rows.size:
            parts = prediction[:, rows].astype(np.float64), observed[:, rows].astype(np.float64)
            added = _added(*parts)
            sums += added @ masks[rows]
            lowest = min(lowest, _lowest_vertex_p(*parts, added.sum(axis=0) > 0))
    filled = sums[:, masks[varying].any(axis=0)]
    own = [_lowest_p(filled[:, :1]), lowest * varying.sum()]
    if filled.shape[1] > 1:
        own.append(_lowest_p(filled[:, 1:]) * (filled.shape[1] - 1))
    return bool(min(own) * len(own) < LEVEL)


def _added(
    prediction: Float[np.ndarray, "image vertex"], observed: Float[np.ndarray, "image vertex"]
) -> Float[np.ndarray, "image vertex"]:
    """Compute the contribution of each image to R²."""
    square = np.square(observed - observed.mean(axis=0))
    added: np.ndarray = (square - np.square(observed - prediction)) / square.sum(axis=0)
    return added


def _lowest_vertex_p(
    prediction: Float[np.ndarray, "image vertex"],
    observed: Float[np.ndarray, "image vertex"],
    positive: Bool[np.ndarray, " vertex"],
) -> float:
    """Return the lowest p value of a correlation, over vertices with R² above 0; 1 without any."""
    r = pearson_r(observed[:, positive], prediction[:, positive])
    freedom = len(observed) - 2
    with np.errstate(divide="ignore", invalid="ignore"):
        p = stdtr(freedom, -r * np.sqrt(freedom / (1 - np.square(r))))
    return float(np.nanmin(np.append(p, 1.0)))


def _lowest_p(added: Float[np.ndarray, "image score"]) -> float:
    """Return the lowest p value of a sum above 0, over scores; 1 where it is undefined."""
    n_images = len(added)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = added.mean(axis=0) / (added.std(axis=0, ddof=1) / np.sqrt(n_images))
        p = stdtr(n_images - 1, -t)
    return float(np.nanmin(np.append(p, 1.0)))
