"""Permutation test of whether predictions score better than permuted predictions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from cortexlens.analysis.scores.held_out import HeldOutPredictions, image_terms, vertex_blocks
from cortexlens.progress import track

# Values per block, so that predictions, responses and permuted predictions fit into a cache.
_BLOCK_VALUES = 80_000
# Tolerance for rounding when a sum is computed in another order, in units of a correlation.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class PermutationTest:
    """Result of a permutation test.

    Attributes
    ----------
    p
        Uncorrected p value of each vertex, from 1 / (permutations + 1) to 1; NaN if it has no
        score.
    q
        False discovery rate over all vertices (Benjamini & Hochberg 1995).
    family
        For each region, p values of its vertices corrected for the family-wise error, by comparison
        with the highest score in the region; NaN outside.
    """

    p: Float[np.ndarray, " vertex"]
    q: Float[np.ndarray, " vertex"]
    family: Float[np.ndarray, "vertex region"]


def permuted_orders(
    n_images: int, permutations: int, seed: int
) -> Int[np.ndarray, "permutation image"]:
    """Random orders of the images; the same for all fits with as many test images."""
    generator = np.random.default_rng([seed, n_images])
    order = np.broadcast_to(np.arange(n_images), (permutations, n_images))
    return generator.permuted(order, axis=1)


def permuted_correlations(
    held: HeldOutPredictions, orders: Iterable[Int[np.ndarray, " image"]]
) -> Float[np.ndarray, "permutation vertex"]:
    """Cross product of responses and permuted predictions, in units of a correlation.

    R² is linear in it, because permuting predictions changes neither their variance nor that of the
    responses, so R² and r have the same order over permutations. If images have different numbers
    of trials, this holds approximately.
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
    """Compare the score of every vertex with scores of permuted predictions.

    Parameters
    ----------
    held
        Predictions of and responses to the test images.
    regions
        Masks of the vertices of each region.
    permutations
        Number of permutations of the predictions.
    seed
        Seed, at least 0.
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
    """Share of permutations whose highest score in a region reaches the score of each vertex."""
    reached = len(highest) - np.searchsorted(np.sort(highest), found - _ROUNDING, side="left")
    inside = mask & np.isfinite(found)
    return np.asarray(np.where(inside, (1 + reached) / (1 + len(highest)), np.nan))


def _false_discovery(p: Float[np.ndarray, " vertex"]) -> Float[np.ndarray, " vertex"]:
    from scipy import stats  # takes a second to import and is often not needed

    q = np.full(p.shape, np.nan)
    known = np.isfinite(p)
    if known.any():
        q[known] = stats.false_discovery_control(p[known])
    return q
