"""Clusters of vertices by their channel selectors: k-means on unit vectors, then Ward to a few.

No matrix of vertices by vertices is ever made: k-means keeps N·k distances a block at a time, and
Ward's tree is over the k centroids. Source: "Brain Decodes Deep Nets", arXiv 2312.01280.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float, Int

from cortexlens.errors import CortexlensError

# A first cluster has so many vertices on average, or there would be nothing to average.
_VERTICES_EACH: Final = 8
_PASSES: Final = 50


@dataclass(frozen=True)
class Tree:
    """First clusters, and the order in which Ward's criterion joins them.

    Attributes
    ----------
    centre
        Mean of the unit vectors in each first cluster; its length tells how alike they are.
    size
        Vertices in each.
    linkage
        As scipy's: a row a merge with both parts, the height and the number of first clusters.
    """

    centre: Float[np.ndarray, "first channel"]
    size: Int[np.ndarray, " first"]
    linkage: Float[np.ndarray, "merge 4"]

    def cut(self, number: int) -> Int[np.ndarray, " first"]:
        """Cluster of each first cluster, from 0, where all but the last merges are made."""
        return cut_tree(self.linkage, number)


def unit_rows(
    selector: Float[np.ndarray, "vertex channel"],
) -> Float[np.ndarray, "vertex channel"]:
    """Rows of length 1; NaN where a row is 0 or not finite."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(selector / np.linalg.norm(selector, axis=1, keepdims=True))


def first_number(n_vertices: int, wanted: int, clusters: int) -> int:
    """First clusters of some vertices: as wanted, or fewer where vertices are few."""
    return min(n_vertices, max(clusters, min(wanted, n_vertices // _VERTICES_EACH)))


def grow_tree(unit: Float[np.ndarray, "vertex channel"], first: int, seed: int) -> Tree:
    """First clusters by k-means, and Ward's tree over them.

    Parameters
    ----------
    unit
        Unit vectors. Between them ‖u − v‖² = 2 − 2·cos, so that k-means is by cosine. Centroids are
        means and not brought back to length 1: their sums of squares are then those of the vertices
        themselves, and Ward's merges go on with the criterion that k-means began with.
    first
        Number of first clusters, at most the number of vertices.
    seed
        Of the vertices that k-means starts from.
    """
    from sklearn.cluster import KMeans

    first = min(first, len(np.unique(unit, axis=0)))
    # With hundreds of clusters, starts that are spread out take longer than they save.
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
    """Ward's tree over groups of points, as if each group's points had been joined first.

    Libraries count every row as one point, so that a group of one pulls as hard as one of a
    hundred. Here merges cost n_a·n_b/(n_a + n_b)·‖c_a − c_b‖², the rise of the sum of squares
    (Ward 1963, J. Am. Stat. Assoc. 58:236), and are updated by Lance and Williams' formula.

    Returns
    -------
    ndarray
        scipy's form: parts, height √(2·cost), number of groups. Heights never fall.
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
    """Cluster of each group, from 0 in the order of the groups, with ``number`` left at most."""
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
    """The centre that each vector is nearest to."""
    half_square = np.square(centre).sum(axis=1) / 2
    blocks = np.array_split(unit, -(-len(unit) // 4096))
    return np.concatenate([(block @ centre.T - half_square).argmax(axis=1) for block in blocks])


@dataclass(frozen=True)
class Clusters:
    """Vertices in clusters, numbered so that neighbours in number are alike.

    Attributes
    ----------
    first, label
        Of each vertex, from 0: the first cluster, and the cluster.
    tree
        Over the first clusters.
    centre, linkage
        Mean unit vector of each cluster, and Ward's tree over them, as of :class:`Tree`.
    """

    first: Int[np.ndarray, " vertex"]
    label: Int[np.ndarray, " vertex"]
    tree: Tree
    centre: Float[np.ndarray, "cluster channel"]
    linkage: Float[np.ndarray, "merge 4"]


def find_clusters(unit: Float[np.ndarray, "vertex channel"], tree: Tree, number: int) -> Clusters:
    """Cut a tree, and number the clusters in the order of their leaves.

    Raises
    ------
    CortexlensError
        If there are more clusters than vectors to tell apart.
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
    """Order of the leaves of the tree in which neighbours are as near as the tree allows."""
    if len(centre) < 2:
        return np.arange(len(centre))
    from scipy.cluster.hierarchy import leaves_list, optimal_leaf_ordering
    from scipy.spatial.distance import pdist

    linkage = ward_of_groups(centre, size.astype(np.int64))
    return np.asarray(leaves_list(optimal_leaf_ordering(linkage, pdist(centre))))
