"""Reproducibility of clusters of channel selectors, and choice of their number."""

from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from cortexlens.analysis.channels.clusters import first_number, grow_tree, nearest
from cortexlens.progress import track

# Numbers of clusters to try.
NUMBERS: Final = (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40)
# Largest number of vertices per half: enough for trees of hundreds of first clusters.
_MOST: Final = 6000


class Stability(NamedTuple):
    """Agreement of the clusters of two halves, for real and for shuffled vertices.

    Attributes
    ----------
    number
        Numbers of clusters.
    found, shuffled
        Adjusted Rand index over all vertices: 1 for identical clusters, 0 for chance agreement.
    """

    number: Int[np.ndarray, " number"]
    found: Float[np.ndarray, "number split"]
    shuffled: Float[np.ndarray, "number split"]

    @property
    def best(self) -> int:
        """Number of clusters whose stability exceeds that of shuffled selectors most."""
        excess = (self.found - self.shuffled).mean(axis=1)
        return int(self.number[excess.argmax()])


def shuffled_rows(
    unit: Float[np.ndarray, "vertex channel"], rng: np.random.Generator
) -> Float[np.ndarray, "vertex channel"]:
    """Unit vectors without clusters, with the same variance in every direction as the given ones.

    Along each principal axis the values are permuted over vertices, independently of the other
    axes. This preserves means and covariance, and removes combinations of values that occur
    together.
    """
    mean = unit.mean(axis=0)
    _, _, axes = np.linalg.svd(unit - mean, full_matrices=False)
    along = (unit - mean) @ axes.T
    exchanged = rng.permuted(along, axis=0) @ axes + mean
    return np.asarray(exchanged / np.linalg.norm(exchanged, axis=1, keepdims=True))


def stability(
    unit: Float[np.ndarray, "vertex channel"], first: int, splits: int, seed: int
) -> Stability:
    """Cluster two halves of the vertices separately, and assign all vertices by both.

    Parameters
    ----------
    unit
        Unit vectors.
    first
        Number of first clusters for all vertices; halves have as many per vertex.
    splits
        Number of random pairs of disjoint halves; k-means is run anew for each.
    seed
        Seed of halves, initial centroids and shuffling.
    """
    numbers = np.array([number for number in NUMBERS if 4 * number <= len(unit)], np.int64)
    kept = {"found": np.zeros((len(numbers), splits))}
    kept["shuffled"] = np.zeros_like(kept["found"])
    for split in track(range(splits), "splits clustered"):
        rng = np.random.default_rng([seed, split])
        for name, vectors in (("found", unit), ("shuffled", shuffled_rows(unit, rng))):
            kept[name][:, split] = _agreement(vectors, numbers, first, rng)
    return Stability(numbers, **kept)


def _agreement(
    unit: Float[np.ndarray, "vertex channel"],
    numbers: Int[np.ndarray, " number"],
    first: int,
    rng: np.random.Generator,
) -> Float[np.ndarray, " number"]:
    """Adjusted Rand index of two halves' clusters, for each number of clusters."""
    from sklearn.metrics import adjusted_rand_score

    order, half = rng.permutation(len(unit)), min(len(unit) // 2, _MOST)
    trees, rows = [], []
    for part in (order[:half], order[half : 2 * half]):
        wanted = first_number(half, max(1, first * half // len(unit)), int(numbers[-1]))
        trees.append(grow_tree(unit[part], wanted, int(rng.integers(2**31))))
        rows.append(nearest(unit, trees[-1].centre))
    return np.array(
        [
            adjusted_rand_score(
                *(tree.cut(number)[row] for tree, row in zip(trees, rows, strict=True))
            )
            for number in numbers.tolist()
        ]
    )
