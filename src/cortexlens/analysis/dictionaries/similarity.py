"""Similarity of each vertex with one unit over test images, with bootstrap intervals.

Images are drawn with replacement, as for scores, because the question is what other images of this
kind would have given for units that were chosen on training images. The interval is centred on the
estimate itself and has the width of the draws (:func:`~.bootstrap.spread_interval`).
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float

from cortexlens.analysis.scores.held_out import vertex_blocks
from cortexlens.analysis.statistics.bootstrap import LEAST_VARIANCE
from cortexlens.progress import track

_BLOCK_VERTICES = 1024

Values = Float[np.ndarray, "image vertex"]


def paired(metric: str, code: Values, response: Values) -> Float[np.ndarray, " vertex"]:
    """Cosine or Pearson correlation of each vertex's unit and response; NaN if one is constant.

    Parameters
    ----------
    metric
        ``cosine``, for which constant means zero, or ``pearson``.
    code, response
        Activation of the vertex's unit and response, for the same images; NaN activations if there
        is no unit.
    """
    one = np.ones((1, len(code)), np.float32)
    blocks = vertex_blocks(code.shape[1], _BLOCK_VERTICES)
    return np.concatenate([_estimate(metric, code[:, b], response[:, b], one) for b in blocks])


def _estimate(
    metric: str, code: Values, response: Values, one: Float[np.ndarray, "1 image"]
) -> Float[np.ndarray, " vertex"]:
    ready = _ready(metric, code), _ready(metric, response)
    return np.asarray(_similarity(metric, *ready, one.astype(np.float64))[0])


def _ready(metric: str, values: Values) -> Float[np.ndarray, "image vertex"]:
    """Values in float64, centred for Pearson; constant columns become exactly 0."""
    exact = values.astype(np.float64)
    if metric == "pearson":
        constant = (values == values[:1]).all(axis=0)
        exact -= exact.mean(axis=0)
        exact[:, constant] = 0
    return exact


def _similarity(
    metric: str, code: Values, response: Values, draws: Float[np.ndarray, "draw image"]
) -> Float[np.ndarray, "draw vertex"]:
    """Similarity in each resample; NaN if nothing varies in it."""
    both, own, other = (
        draws @ each for each in (code * response, np.square(code), np.square(response))
    )
    least = [LEAST_VARIANCE * np.square(each).sum(axis=0) for each in (code, response)]
    if metric == "pearson":
        n = draws.sum(axis=1, keepdims=True)
        a, y = draws @ code, draws @ response
        both, own, other = both - a * y / n, own - a * a / n, other - y * y / n
    varies = (own > least[0]) & (other > least[1])
    found = np.full(both.shape, np.nan, both.dtype)
    np.divide(
        both, np.sqrt(own * other, where=varies, out=np.ones_like(own)), out=found, where=varies
    )
    return found


def drawn_regions(
    metric: str,
    code: Values,
    response: Values,
    masks: Bool[np.ndarray, "vertex region"],
    draws: Float[np.ndarray, "draw image"],
) -> Float[np.ndarray, "draw region"]:
    """Mean similarity of each region's vertices in each resample of the images.

    A vertex that is constant in a resample has its similarity over all images there.

    Parameters
    ----------
    metric, code, response
        As for :func:`paired`.
    masks
        Vertices of each region.
    draws
        From :func:`cortexlens.analysis.statistics.bootstrap.image_draws`.
    """
    sums, counts = np.zeros((len(draws), masks.shape[1])), np.zeros(masks.shape[1])
    for block, estimate, drawn in _drawn_blocks(metric, code, response, draws):
        known = np.isfinite(estimate)
        drawn = np.where(np.isfinite(drawn), drawn, estimate.astype(np.float32))[:, known]
        inside = masks[block][known].astype(np.float32)
        sums += drawn @ inside
        counts += inside.sum(axis=0)
    means = np.full(sums.shape, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means


def _drawn_blocks(
    metric: str, code: Values, response: Values, draws: Float[np.ndarray, "draw image"]
) -> Iterator[tuple[slice, Float[np.ndarray, " vertex"], Float[np.ndarray, "draw vertex"]]]:
    blocks = list(vertex_blocks(code.shape[1], _BLOCK_VERTICES))
    for block in track(blocks, "blocks of vertices bootstrapped"):
        one, other = (_ready(metric, each[:, block]) for each in (code, response))
        estimate = _similarity(metric, one, other, np.ones((1, len(code))))[0]
        single = one.astype(np.float32), other.astype(np.float32)
        yield block, estimate, _similarity(metric, *single, draws)
