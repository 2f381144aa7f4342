"""Whether predictions are better than by chance: predictions of images are exchanged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from cortexlens.analysis.scores.held_out import HeldOutPredictions, image_terms, vertex_blocks
from cortexlens.progress import track

# Numbers of a block: prediction, response and the exchanged prediction stay in a core's cache.
_BLOCK_VALUES = 80_000
# Two orders of one sum differ by rounding; in units of a correlation.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class PermutationTest:
    """How often chance does as well.

    Attributes
    ----------
    p
        Of each vertex alone, from 1 / (permutations + 1) to 1; NaN where it has no score.
    q
        The same as a false discovery rate over all vertices (Benjamini & Hochberg 1995).
    family
        For each vertex of each region: p of its score against the largest one anywhere in the
        region; NaN outside.
    """

    p: Float[np.ndarray, " vertex"]
    q: Float[np.ndarray, " vertex"]
    family: Float[np.ndarray, "vertex region"]


def permuted_orders(
    n_images: int, permutations: int, seed: int
) -> Int[np.ndarray, "permutation image"]:
    """Orders of the images, at random; the same in every fit with as many test images."""
    generator = np.random.default_rng([seed, n_images])
    order = np.broadcast_to(np.arange(n_images), (permutations, n_images))
    return generator.permuted(order, axis=1)


def permuted_correlations(
    held: HeldOutPredictions, orders: Iterable[Int[np.ndarray, " image"]]
) -> Float[np.ndarray, "permutation vertex"]:
    """Cross product of responses and exchanged predictions, in units of a correlation.

    R² is linear in it, since exchanging predictions changes neither their variance nor that of
    the responses: R² and r have the same order over permutations. Where images have different
    numbers of trials that holds nearly.
    """
    response = image_terms(held).deviation
    predicted = held.prediction - held.prediction.mean(axis=0, dtype=np.float64)
    predicted[:, (held.prediction == held.prediction[0]).all(axis=0)] = 0
    norm = np.sqrt(np.square(response).sum(axis=0) * np.square(predicted).sum(axis=0))
    scale = np.full(norm.shape, np.nan)
    np.divide(1, norm, out=scale, where=norm > 0)
    response = (response * scale).astype(np.float32)
    predicted = predicted.astype(np.float32)
    exchanged = np.empty_like(predicted)
    products = [
        np.einsum("iv,iv->v", response, np.take(predicted, order, 0, exchanged, "clip"))
        for order in orders
    ]
    return np.stack(products)


def permutation_test(
    held: HeldOutPredictions,
    regions: Sequence[Bool[np.ndarray, " vertex"]],
    permutations: int,
    seed: int,
) -> PermutationTest:
    """Compare every vertex with what exchanged predictions reach.

    Parameters
    ----------
    held
        Predictions and responses.
    regions
        Vertices of each region.
    permutations
        How often predictions are exchanged.
    seed
        Any whole number from 0.
    """
    n, orders = held.n_vertices, permuted_orders(held.n_images, permutations, seed)
    itself = np.arange(held.n_images)
    p, found = np.full(n, np.nan), np.full(n, np.nan)
    highest = np.full((len(regions), permutations), -np.inf)
    size = max(64, _BLOCK_VALUES // held.n_images)
    blocks = list(vertex_blocks(n, size))
    for block in track(blocks, "blocks of vertices permuted"):
        part = held.part(block)
        found[block] = permuted_correlations(part, [itself])[0]
        null = permuted_correlations(part, orders)
        scored = np.isfinite(found[block])
        as_good = (null >= found[block] - _ROUNDING).sum(axis=0)
        p[block] = np.where(scored, (1 + as_good) / (1 + permutations), np.nan)
        for row, mask in zip(highest, regions, strict=True):
            inside = mask[block] & scored
            if inside.any():
                np.maximum(row, null[:, inside].max(axis=1), out=row)
    family = np.stack([_family(found, *each) for each in zip(regions, highest, strict=True)], 1)
    return PermutationTest(p, _false_discovery(p), family)


def _family(
    found: Float[np.ndarray, " vertex"],
    mask: Bool[np.ndarray, " vertex"],
    highest: Float[np.ndarray, " permutation"],
) -> Float[np.ndarray, " vertex"]:
    """Share of permutations whose highest score in a region reaches each vertex's."""
    reached = len(highest) - np.searchsorted(np.sort(highest), found - _ROUNDING, side="left")
    inside = mask & np.isfinite(found)
    return np.asarray(np.where(inside, (1 + reached) / (1 + len(highest)), np.nan))


def _false_discovery(p: Float[np.ndarray, " vertex"]) -> Float[np.ndarray, " vertex"]:
    from scipy import stats  # a second to import, and most who read scores need no chance

    q = np.full(p.shape, np.nan)
    known = np.isfinite(p)
    if known.any():
        q[known] = stats.false_discovery_control(p[known])
    return q
