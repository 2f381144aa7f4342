"""One unit for one vertex: the assignment of units to vertices that are alike in all.

Taking the best unit for each vertex gives popular units to many. Here no unit is taken twice, and
the sum of similarities is as large as it can be (Crouse 2016, IEEE Trans. Aerosp. Electron. Syst.
52:1679, on sparse candidates). Only pairs that one side kept are candidates. Each vertex may also
take no unit, at a similarity of 0, so that an assignment always exists and nothing below zero is
matched. Every vertex takes exactly one column, so that adding 1 to all similarities changes
nothing but that no weight is 0, which a sparse matrix would leave out. Where sums are equal, which
happens where units are, the one found depends on the candidates' order alone.
"""

import numpy as np
from jaxtyping import Float, Int


def assign(
    vertex: Int[np.ndarray, " pair"],
    unit: Int[np.ndarray, " pair"],
    similarity: Float[np.ndarray, " pair"],
    n_vertices: int,
) -> Int[np.ndarray, " vertex"]:
    """Give each vertex a unit of its own, or none.

    Parameters
    ----------
    vertex, unit
        Pairs that may be matched, each once or more often; −1 as either is no pair.
    similarity
        Of each pair; NaN, 0 and less never match.
    n_vertices
        Length of the ``vertex`` axis.

    Returns
    -------
    ndarray
        Unit of each vertex; −1 none.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    real = (vertex >= 0) & (unit >= 0) & (np.nan_to_num(similarity, nan=-1.0) > 0)
    units, column = np.unique(unit[real], return_inverse=True)
    _, first = np.unique(vertex[real] * np.int64(len(units) + 1) + column, return_index=True)
    rows, columns = vertex[real][first], column[first]
    every = np.arange(n_vertices)
    weight = np.concatenate([1 + similarity[real][first].astype(np.float64), np.ones(n_vertices)])
    place = (np.concatenate([rows, every]), np.concatenate([columns, len(units) + every]))
    shape = (n_vertices, len(units) + n_vertices)
    matched, taken = min_weight_full_bipartite_matching(
        csr_array((weight, place), shape=shape), maximize=True
    )
    found = np.full(n_vertices, -1, np.int64)
    own = taken < len(units)
    found[matched[own]] = units[taken[own]]
    return found
