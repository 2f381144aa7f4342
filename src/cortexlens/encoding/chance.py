"""Whether a fit predicts held-out responses better than their mean does."""

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import stdtr

from cortexlens.encoding.scores import pearson_r, varies

# Chance that a fit which predicts nothing passes for one that predicts.
LEVEL = 0.05
_BLOCK_VERTICES = 4096


def above_chance(
    prediction: Float[np.ndarray, "image vertex"],
    observed: Float[np.ndarray, "image vertex"],
    regions: Bool[np.ndarray, "vertex roi"] | None = None,
) -> bool | None:
    """Whether a fit predicts any of its test responses better than their mean does.

    Asked of the mean over all vertices, of the mean over each region, and of each vertex, so that
    a fit to a whole brain of which it predicts one region, or a few places, is above chance.

    Parameters
    ----------
    prediction, observed
        Of test images that the fit has not learnt from; responses are means over repeats.
    regions
        Vertices of each region; None: none is known.

    Returns
    -------
    bool or None
        None with fewer than three test images, or where no response varies: nothing can be said.

    Notes
    -----
    R² is a sum over images of what each adds, ((y − ȳ)² − (y − ŷ)²) / Σ (y − ȳ)², and so is its
    mean over vertices. Images are independent, vertices are not: the t test of a mean over
    vertices is over images, one-sided, of whether what they add is above 0. What one vertex adds is
    skewed, and such a test of it weak: single vertices need an R² above 0, and their correlation is
    tested. The three questions share :data:`LEVEL`, as do the regions, and the vertices
    (Bonferroni). Without any relation between prediction and response the expected R² is below 0,
    so that fewer than :data:`LEVEL` of such fits pass.
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
    """What each image adds to R²."""
    square = np.square(observed - observed.mean(axis=0))
    added: np.ndarray = (square - np.square(observed - prediction)) / square.sum(axis=0)
    return added


def _lowest_vertex_p(
    prediction: Float[np.ndarray, "image vertex"],
    observed: Float[np.ndarray, "image vertex"],
    positive: Bool[np.ndarray, " vertex"],
) -> float:
    """Lowest p value of a correlation above 0, of vertices whose R² is above 0; 1 without any."""
    r = pearson_r(observed[:, positive], prediction[:, positive])
    freedom = len(observed) - 2
    with np.errstate(divide="ignore", invalid="ignore"):
        found = stdtr(freedom, -r * np.sqrt(freedom / (1 - np.square(r))))
    return float(np.nanmin(np.append(found, 1.0)))


def _lowest_p(added: Float[np.ndarray, "image score"]) -> float:
    """Lowest p value over scores of a sum above 0; 1 where it cannot be told."""
    n_images = len(added)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = added.mean(axis=0) / (added.std(axis=0, ddof=1) / np.sqrt(n_images))
        found = stdtr(n_images - 1, -t)
    return float(np.nanmin(np.append(found, 1.0)))
