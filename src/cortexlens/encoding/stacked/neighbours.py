"""Which vertices are neighbours on the cortex, and averages over them."""

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import csr_array, identity, vstack
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree
from torch import Tensor

# Vertices are joined up to this many times the usual distance of nearest neighbours: the diagonal
# of a cube of voxels, and the second ring of a triangular mesh.
REACH = 1.75
# Averages end at this many standard deviations.
CUT = 2.5
# Distances that are looked at together, 130 MB.
_DISTANCES_AT_ONCE = 2**24


class Cortex:
    """Vertices as a graph whose edges are short ways over the recorded cortex.

    Distances are lengths of ways through recorded vertices, so that averages cross neither from one
    hemisphere to the other nor over gaps.

    Parameters
    ----------
    coordinates
        Places of vertices, mm; None: no vertex has a neighbour.
    n_vertices
        How many there are.
    hemisphere
        0 left, 1 right; vertices of different ones are never joined. None: not known.
    """

    def __init__(
        self,
        coordinates: Float[np.ndarray, "vertex axis"] | None,
        n_vertices: int,
        hemisphere: Int[np.ndarray, " vertex"] | None = None,
    ) -> None:
        self.n_vertices = n_vertices
        self.hemisphere = np.zeros(n_vertices, int) if hemisphere is None else hemisphere
        self.graph: csr_array | None = None
        if coordinates is not None and n_vertices > 1:
            self.graph = _joined(coordinates.astype(np.float64), self.hemisphere)

    def average(self, sigma: float) -> csr_array:
        """Matrix (vertex, vertex) of Gaussian weights by distance, each row of sum 1.

        Parameters
        ----------
        sigma
            Standard deviation, mm; 0: the identity.
        """
        if self.graph is None or sigma == 0:
            return csr_array(identity(self.n_vertices, format="csr", dtype=np.float32))
        parts, size = [], max(1, _DISTANCES_AT_ONCE // self.n_vertices)
        for start in range(0, self.n_vertices, size):
            some = np.arange(start, min(start + size, self.n_vertices))
            away = dijkstra(self.graph, indices=some, limit=CUT * sigma)
            row, column = np.nonzero(np.isfinite(away))
            weight = np.exp(-0.5 * (away[row, column] / sigma) ** 2)
            total = np.bincount(row, weights=weight, minlength=len(some))
            values = (weight / total[row]).astype(np.float32)
            ends = np.bincount(row, minlength=len(some)).cumsum().astype(np.int32)
            place = column.astype(np.int32), np.append(np.int32(0), ends)
            parts.append(csr_array((values, *place), shape=(len(some), self.n_vertices)))
        return csr_array(vstack(parts, format="csr"))

    def patches(self, n_wanted: int) -> Int[np.ndarray, " chosen"]:
        """Vertices of whole neighbourhoods, evenly spread: about ``n_wanted``, or all.

        Parameters
        ----------
        n_wanted
            How many; all where there are no more.
        """
        if self.n_vertices <= n_wanted:
            return np.arange(self.n_vertices)
        if self.graph is None:
            return np.unique(np.linspace(0, self.n_vertices - 1, n_wanted).round().astype(int))
        centres = np.unique(np.linspace(0, self.n_vertices - 1, 20).round().astype(int))
        away = dijkstra(self.graph, indices=centres)
        nearest = np.argsort(away.min(axis=0), kind="stable")
        return np.sort(nearest[:n_wanted])


def _joined(
    coordinates: Float[np.ndarray, "vertex axis"], hemisphere: Int[np.ndarray, " vertex"]
) -> csr_array:
    tree = cKDTree(coordinates)
    nearest = np.asarray(tree.query(coordinates, 2)[0])[:, 1]
    usual = float(np.median(nearest[nearest > 0])) if (nearest > 0).any() else 1.0
    a, b = tree.query_pairs(REACH * usual, output_type="ndarray").T
    same = hemisphere[a] == hemisphere[b]
    a, b = a[same], b[same]
    # two vertices in one place are neighbours too; a graph has no edge of length 0
    length = np.maximum(np.linalg.norm(coordinates[a] - coordinates[b], axis=1), 1e-6)
    n = len(coordinates)
    both = np.concatenate([length, length])
    place = np.concatenate([a, b]), np.concatenate([b, a])
    return csr_array((both, place), shape=(n, n))


def averaged(values: Float[Tensor, "*_ vertex"], matrix: csr_array) -> Float[Tensor, "*_ vertex"]:
    """Average values over neighbours; ``matrix`` from :meth:`Cortex.average`."""
    if matrix.nnz == matrix.shape[0]:  # each vertex alone
        return values
    flat = values.reshape(-1, values.shape[-1]).cpu().numpy()
    mean = np.ascontiguousarray((matrix @ flat.T).T)
    return torch.from_numpy(mean).reshape(values.shape).to(values.device)
