"""One-to-one assignment of units to vertices with the largest total similarity.

Choosing the best unit for each vertex gives popular units to many vertices. Here each unit is
assigned at most once, so that the sum of similarities is maximal (Crouse 2016, IEEE Trans. Aerosp.
Electron. Syst. 52:1679, on sparse candidates). Candidates are pairs in which at least one side
lists the other among its best. A vertex may also get no unit, at a similarity of 0, so that an
assignment always exists and no negative similarity is matched. Every vertex takes exactly one
column; adding 1 to all similarities thus does not change the assignment, and avoids weights of 0,
which a sparse matrix would drop. Ties, which occur between equal units, are resolved by the order
of candidates.
"""

import numpy as np
from jaxtyping import Float, Int


def assign(
    vertex: Int[np.ndarray, " pair"],
    unit: Int[np.ndarray, " pair"],
    similarity: Float[np.ndarray, " pair"],
    n_vertices: int,
) -> Int[np.ndarray, " vertex"]:
    """Assign to each vertex a unit of its own, or none.

    Parameters
    ----------
    vertex, unit
        Indices of candidate pairs, which may be repeated; −1 in either marks a missing pair.
    similarity
        Similarity of each pair; pairs with NaN or no more than 0 are never matched.
    n_vertices
        Length of the ``vertex`` axis.

    Returns
    -------
    ndarray
        Index of the unit of each vertex; −1 for none.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    real = (vertex >= 0) & (unit >= 0) & (np.nan_to_num(similarity, nan=-1.0) > 0)
    units, column = np.unique(unit[real], return_inverse=True)
    _, first = np.unique(vertex[real] * np.int64(len(units) + 1) + column, return_index=True)
    rows, columns = vertex[real][first], column[first]
    every = np.arange(n_vertices)
    weight = np.concatenate([1 + similarity[real][first].astype(np.float64), np.ones(n_vertices)])
    entries = (np.concatenate([rows, every]), np.concatenate([columns, len(units) + every]))
    shape = (n_vertices, len(units) + n_vertices)
    matched, taken = min_weight_full_bipartite_matching(
        csr_array((weight, entries), shape=shape), maximize=True
    )
    assigned = np.full(n_vertices, -1, np.int64)
    is_unit = taken < len(units)
    assigned[matched[is_unit]] = units[taken[is_unit]]
    return assigned
