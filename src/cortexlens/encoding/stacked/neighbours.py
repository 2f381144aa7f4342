"""Neighbourhoods of vertices on the cortex, and averages over them."""

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import csr_array, identity, vstack
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree
from torch import Tensor

# Vertices are joined by edges up to this multiple of the median distance of nearest neighbours,
# which includes the diagonal of a cube of voxels and the second ring of a triangular mesh.
REACH = 1.75
# Gaussian averages are cut off at this many standard deviations.
CUT = 2.5
# Number of distances held in memory at once, 130 MB.
_DISTANCES_AT_ONCE = 2**24


class Cortex:
    """Graph of the recorded vertices, whose edges join neighbours on the cortex.

    Distances are lengths of paths through recorded vertices, so that averages cross neither between
    hemispheres nor over gaps.

    Parameters
    ----------
    coordinates
        Cortical coordinates of the vertices in mm; None gives no vertex a neighbour.
    n_vertices
        Number of vertices.
    hemisphere
        Hemisphere of each vertex, 0 left, 1 right; vertices of different hemispheres are never
        joined. None if unknown.
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
        """Compute the sparse matrix (vertex, vertex) of a Gaussian average; rows sum to 1.

        Parameters
        ----------
        sigma
            Standard deviation of the Gaussian in mm; 0 gives the identity.
        """
        if self.graph is None or sigma == 0:
            return csr_array(identity(self.n_vertices, format="csr", dtype=np.float32))
        parts, size = [], max(1, _DISTANCES_AT_ONCE // self.n_vertices)
        for start in range(0, self.n_vertices, size):
            some = np.arange(start, min(start + size, self.n_vertices))
            distance = dijkstra(self.graph, indices=some, limit=CUT * sigma)
            row, column = np.nonzero(np.isfinite(distance))
            weight = np.exp(-0.5 * (distance[row, column] / sigma) ** 2)
            total = np.bincount(row, weights=weight, minlength=len(some))
            values = (weight / total[row]).astype(np.float32)
            ends = np.bincount(row, minlength=len(some)).cumsum().astype(np.int32)
            indices = column.astype(np.int32), np.append(np.int32(0), ends)
            parts.append(csr_array((values, *indices), shape=(len(some), self.n_vertices)))
        return csr_array(vstack(parts, format="csr"))

    def patches(self, n_wanted: int) -> Int[np.ndarray, " chosen"]:
        """Choose vertices in contiguous patches around evenly spread centres.

        Parameters
        ----------
        n_wanted
            Number of vertices to choose; all are chosen if there are no more.

        Returns
        -------
        ndarray
            Indices of the chosen vertices, ascending.
        """
        if self.n_vertices <= n_wanted:
            return np.arange(self.n_vertices)
        if self.graph is None:
            return np.unique(np.linspace(0, self.n_vertices - 1, n_wanted).round().astype(int))
        centres = np.unique(np.linspace(0, self.n_vertices - 1, 20).round().astype(int))
        distance = dijkstra(self.graph, indices=centres)
        nearest = np.argsort(distance.min(axis=0), kind="stable")
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
    # Vertices at the same coordinates are neighbours too; sparse graphs lack edges of length 0.
    length = np.maximum(np.linalg.norm(coordinates[a] - coordinates[b], axis=1), 1e-6)
    n = len(coordinates)
    both = np.concatenate([length, length])
    indices = np.concatenate([a, b]), np.concatenate([b, a])
    return csr_array((both, indices), shape=(n, n))


def averaged(values: Float[Tensor, "*_ vertex"], matrix: csr_array) -> Float[Tensor, "*_ vertex"]:
    """Average values over neighbouring vertices.

    Parameters
    ----------
    values
        Values of each vertex, along the last axis.
    matrix
        Weights of the average, from :meth:`Cortex.average`.
    """
    if matrix.nnz == matrix.shape[0]:  # the identity
        return values
    flat = values.reshape(-1, values.shape[-1]).cpu().numpy()
    mean = np.ascontiguousarray((matrix @ flat.T).T)
    return torch.from_numpy(mean).reshape(values.shape).to(values.device)
