"""Clusters of vertices by channel selectors: k-means on unit vectors, merged by Ward's method.

No (vertex × vertex) matrix is made: k-means holds N·k distances one block at a time, and Ward's
tree is built on the k centroids. Source: "Brain Decodes Deep Nets", arXiv 2312.01280.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float, Int

from cortexlens.errors import CortexlensError

# Smallest average number of vertices per first cluster, so that averaging is useful.
_VERTICES_EACH: Final = 8
_PASSES: Final = 50


@dataclass(frozen=True)
class Tree:
    """First clusters, and the order in which Ward's method merges them.

    Attributes
    ----------
    centre
        Mean of the unit vectors in each first cluster; its length shows how similar they are.
    size
        Number of vertices in each first cluster.
    linkage
        Linkage matrix as in scipy: one row per merge with both parts, height and number of first
        clusters.
    """

    centre: Float[np.ndarray, "first channel"]
    size: Int[np.ndarray, " first"]
    linkage: Float[np.ndarray, "merge 4"]

    def cut(self, number: int) -> Int[np.ndarray, " first"]:
        """Cluster of each first cluster, numbered from 0, after all but the last merges."""
        return cut_tree(self.linkage, number)


def unit_rows(
    selector: Float[np.ndarray, "vertex channel"],
) -> Float[np.ndarray, "vertex channel"]:
    """Rows scaled to length 1; NaN for rows that are 0 or not finite."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(selector / np.linalg.norm(selector, axis=1, keepdims=True))


def first_number(n_vertices: int, wanted: int, clusters: int) -> int:
    """Number of first clusters: as requested, or fewer if there are few vertices."""
    return min(n_vertices, max(clusters, min(wanted, n_vertices // _VERTICES_EACH)))


def grow_tree(unit: Float[np.ndarray, "vertex channel"], first: int, seed: int) -> Tree:
    """Find first clusters by k-means, and build Ward's tree on them.

    Parameters
    ----------
    unit
        Unit vectors. As ‖u − v‖² = 2 − 2·cos, k-means clusters by cosine. Centroids are means and
        not rescaled to length 1: their sums of squares are then those of the vertices, so that
        Ward's merges continue with the criterion of k-means.
    first
        Number of first clusters, at most the number of vertices.
    seed
        Seed of the initial centroids of k-means.
    """
    from sklearn.cluster import KMeans

    first = min(first, len(np.unique(unit, axis=0)))
    # With hundreds of clusters, k-means++ initialisation takes longer than it saves.
    found = KMeans(first, init="random", n_init=1, max_iter=_PASSES, random_state=seed).fit(unit)
    label = found.labels_
    size = np.bincount(label, minlength=first)
    kept = size > 0
    centre = np.zeros((first, unit.shape[1]))
    np.add.at(centre, label, unit)
    centre = centre[kept] / size[kept, None]
    return Tree(centre, size[kept], ward_of_groups(centre, size[kept]))


def ward_of_groups(
    centre: Float[np.ndarray, "group channel"], size: Int[np.ndarray, " group"]
) -> Float[np.ndarray, "merge 4"]:
    """Ward's tree of groups of points, as if the points of each group had been merged first.

    Libraries count every row as one point, so that a group of one point has the same weight as one
    of a hundred. Here merges cost n_a·n_b/(n_a + n_b)·‖c_a − c_b‖², the increase of the sum of
    squares (Ward 1963, J. Am. Stat. Assoc. 58:236), updated by the Lance-Williams formula.

    Returns
    -------
    ndarray
        Linkage matrix as in scipy: parts, height √(2·cost), number of groups. Heights never fall.
    """
    n = len(centre)
    size = size.astype(np.float64)
    square = np.square(centre).sum(axis=1)
    gap = np.clip(square[:, None] + square[None] - 2 * centre @ centre.T, 0, None)
    cost = gap * size[:, None] * size[None] / (size[:, None] + size[None])
    np.fill_diagonal(cost, np.inf)
    name, count = np.arange(n), np.ones(n)
    merges = np.zeros((max(n - 1, 0), 4))
    for step in range(n - 1):
        a, b = sorted(divmod(int(cost.argmin()), n))
        both, least = size[a] + size[b], cost[a, b]
        left, right = sorted((name[a], name[b]))
        count[a] += count[b]
        merges[step] = left, right, np.sqrt(2 * max(least, 0.0)), count[a]
        joined = ((size[a] + size) * cost[a] + (size[b] + size) * cost[b] - size * least) / (
            both + size
        )
        cost[a], cost[:, a] = joined, joined
        cost[a, a] = np.inf
        cost[b], cost[:, b] = np.inf, np.inf
        size[a], name[a] = both, n + step
    return merges


def cut_tree(linkage: Float[np.ndarray, "merge 4"], number: int) -> Int[np.ndarray, " group"]:
    """Cluster of each group, numbered from 0, after cutting the tree to at most ``number``."""
    n = len(linkage) + 1
    members = {group: [group] for group in range(n)}
    for step, (left, right) in enumerate(linkage[: max(0, n - number), :2].astype(int).tolist()):
        members[n + step] = members.pop(left) + members.pop(right)
    label = np.empty(n, np.int64)
    for cluster, groups in enumerate(sorted(members.values(), key=min)):
        label[groups] = cluster
    return label


def nearest(
    unit: Float[np.ndarray, "vertex channel"], centre: Float[np.ndarray, "first channel"]
) -> Int[np.ndarray, " vertex"]:
    """Index of the nearest centre of each vector."""
    half_square = np.square(centre).sum(axis=1) / 2
    blocks = np.array_split(unit, -(-len(unit) // 4096))
    return np.concatenate([(block @ centre.T - half_square).argmax(axis=1) for block in blocks])


@dataclass(frozen=True)
class Clusters:
    """Clusters of vertices, numbered so that neighbouring numbers are similar.

    Attributes
    ----------
    first, label
        First cluster and cluster of each vertex, from 0.
    tree
        Tree of the first clusters.
    centre, linkage
        Mean unit vector of each cluster, and Ward's tree of the clusters, as in :class:`Tree`.
    """

    first: Int[np.ndarray, " vertex"]
    label: Int[np.ndarray, " vertex"]
    tree: Tree
    centre: Float[np.ndarray, "cluster channel"]
    linkage: Float[np.ndarray, "merge 4"]


def find_clusters(unit: Float[np.ndarray, "vertex channel"], tree: Tree, number: int) -> Clusters:
    """Cut a tree into clusters, numbered in the order of their leaves.

    Raises
    ------
    CortexlensError
        If more clusters are requested than there are first clusters.
    """
    if number > len(tree.size):
        raise CortexlensError(
            f"--clusters: found {number}; these vertices have {len(tree.size)} first clusters, so "
            f"allowed is 1 to {len(tree.size)}. Ask for fewer clusters, or map more vertices."
        )
    of_first = tree.cut(number)
    size = np.bincount(of_first, tree.size)
    centre = np.zeros((number, unit.shape[1]))
    np.add.at(centre, of_first, tree.centre * tree.size[:, None])
    centre /= size[:, None]
    place = _leaf_order(centre, size)
    rank = np.argsort(place)
    first = nearest(unit, tree.centre)
    linkage = ward_of_groups(centre[place], size[place].astype(np.int64))
    return Clusters(first, rank[of_first][first], tree, centre[place], linkage)


def _leaf_order(
    centre: Float[np.ndarray, "cluster channel"], size: Float[np.ndarray, " cluster"]
) -> Int[np.ndarray, " cluster"]:
    """Order of the tree's leaves in which neighbours are as close as the tree allows."""
    if len(centre) < 2:
        return np.arange(len(centre))
    from scipy.cluster.hierarchy import leaves_list, optimal_leaf_ordering
    from scipy.spatial.distance import pdist

    linkage = ward_of_groups(centre, size.astype(np.int64))
    return np.asarray(leaves_list(optimal_leaf_ordering(linkage, pdist(centre))))
