"""Non-negative stacking of regressions on feature sets, from sums over images.

The stack weights ω of a vertex minimise ‖y − Σ_s ω_s ŷ₋,s‖² over left-out predictions ŷ₋,s
(Breiman 1996). This needs only products of predictions with each other and with the response,
summed over images. Averaging these sums over neighbours makes weights smooth over the cortex, and
keeping them per block of images makes held-out errors and bootstrap resamples cheap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.encoding.stacked.neighbours import Cortex, averaged

# Largest number of rounds of coordinate descent, and the change in ω below which it has converged.
# Sets with nearly the same predictions would need thousands of rounds, so that the rest is solved
# by an active-set method.
ROUNDS, REST = 20, 1e-5
# Relative ridge added to each set's product with itself: the precision of float32 sums. It makes
# sets with the same predictions share the weight that one of them would have.
LEAST_RIDGE = 1e-6
_VERTICES_AT_ONCE = 4096
# Number of cross-validation folds, over blocks, for the choice of a bandwidth.
FOLDS = 5
# Largest size of all sums in bytes, and the smallest number of blocks in any case.
SUMS_BYTES, FEWEST_BLOCKS = 1.5e9, 10
# Number of layers that a network is assumed to have, at least, when the number of blocks is chosen.
USUAL_LAYERS = 12


@dataclass(frozen=True)
class Sums:
    """Products of left-out predictions and responses, summed over the images of each block.

    Attributes
    ----------
    products
        Products of the predictions of each pair of sets s ≤ t; pairs are ordered as in
        :func:`pairs_of`.
    responses
        Products of each set's prediction with the response.
    total
        Sum of squares of the response.
    """

    products: Float[Tensor, "block pair vertex"]
    responses: Float[Tensor, "block set vertex"]
    total: Float[Tensor, "block vertex"]

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return len(self.total)

    def weighted(
        self, weight: Float[Tensor, "draw block"]
    ) -> tuple[Float[Tensor, "pair stack"], Float[Tensor, "set stack"]]:
        """Sum products over blocks with given weights.

        Parameters
        ----------
        weight
            Weight of each block in each resample.

        Returns
        -------
        products, responses
            Weighted sums, of which the last axis runs over resamples, then vertices.
        """
        own = weight.to(self.total.dtype)
        products, responses = (
            torch.einsum("db,bsv->sdv", own, part).flatten(1)
            for part in (self.products, self.responses)
        )
        return products, responses


def pairs_of(n_sets: int) -> Int[Tensor, "set set"]:
    """Return the row of ``products`` for each pair of sets, as a symmetric matrix.

    Parameters
    ----------
    n_sets
        Number of sets.
    """
    index = torch.zeros((n_sets, n_sets), dtype=torch.int64)
    upper = torch.triu_indices(n_sets, n_sets)
    index[upper[0], upper[1]] = torch.arange(upper.shape[1])
    return torch.maximum(index, index.T)


def blocks_that_fit(n_blocks: int, sets_a_layer: int, n_layers: int, n_vertices: int) -> int:
    """Return the number of blocks whose sums fit into :data:`SUMS_BYTES`.

    Two fits have the same bootstrap resamples only if they have the same number of blocks. To make
    networks comparable within a subject, networks with fewer than :data:`USUAL_LAYERS` layers are
    treated as if they had that many.

    Parameters
    ----------
    n_blocks
        Largest number of blocks.
    sets_a_layer
        Number of feature sets per layer.
    n_layers
        Number of layers.
    n_vertices
        Number of vertices, recorded and planted.

    Returns
    -------
    int
        Number of blocks, at least :data:`FEWEST_BLOCKS` unless ``n_blocks`` is smaller.
    """
    n_sets = sets_a_layer * max(n_layers, USUAL_LAYERS)
    one = 4.0 * n_vertices * (n_sets * (n_sets + 1) // 2 + n_sets + 1)
    return min(n_blocks, max(FEWEST_BLOCKS, int(SUMS_BYTES / one)))


def block_sums(
    left_out: Float[Tensor, "set vertex image"],
    response: Float[Tensor, "image chosen"],
    root: Float[Tensor, " image"],
    block: Int[Tensor, " image"],
    out: Sums,
    rows: Int[Tensor, " chosen"],
    chosen: Int[Tensor, " chosen"] | None = None,
) -> None:
    """Compute the sums of some vertices and write them to ``out``.

    Parameters
    ----------
    left_out
        Left-out predictions of the weighted data; they are centred here, over trials.
    response
        Responses of the chosen vertices, centred and weighted.
    root
        Square root of each image's number of trials.
    block
        Block of each image, ascending.
    out
        Sums to write to.
    rows
        Index of each chosen vertex in ``out``.
    chosen
        Index of each chosen vertex in ``left_out``; None chooses all.
    """
    mean = left_out @ (root / root.square().sum())
    if chosen is not None:
        mean = mean[:, chosen]
    upper = torch.triu_indices(len(left_out), len(left_out), device=left_out.device)
    ends = torch.searchsorted(block, torch.arange(out.n_blocks, device=block.device), right=True)
    start = 0
    for number, end in enumerate(ends.tolist()):
        # Copies the predictions of one block rather than all of them.
        own = left_out[:, :, start:end]
        own = own if chosen is None else own[:, chosen]
        part = (own - mean[:, :, None] * root[start:end]).permute(1, 0, 2).contiguous()
        seen = response[start:end].T.contiguous()
        out.products[number, :, rows] = (part @ part.mT)[:, upper[0], upper[1]].T
        out.responses[number, :, rows] = (part @ seen[:, :, None])[:, :, 0].T
        out.total[number, rows] = seen.square().sum(dim=1)
        start = end


def empty_sums(n_blocks: int, n_sets: int, n_vertices: int, device: torch.device) -> Sums:
    """Allocate sums that are zero.

    Parameters
    ----------
    n_blocks, n_sets, n_vertices
        Numbers of blocks, feature sets and vertices.
    device
        Device of the sums.
    """
    shapes = (n_sets * (n_sets + 1) // 2, n_vertices), (n_sets, n_vertices), (n_vertices,)
    return Sums(*(torch.zeros((n_blocks, *shape), device=device) for shape in shapes))


def average(sums: Sums, cortex: Cortex, sigma: Mapping[int, float]) -> None:
    """Average sums over neighbouring vertices, in place.

    Parameters
    ----------
    sums
        Sums of all vertices.
    cortex
        Graph of neighbouring vertices.
    sigma
        Standard deviation of the average in mm, for each hemisphere.
    """
    matrices = {each: cortex.average(each) for each in sorted(set(sigma.values()))}
    own = np.array([sigma[side] for side in cortex.hemisphere.tolist()])
    masks = {each: torch.from_numpy(own == each).to(sums.total.device) for each in matrices}
    for part in (sums.products, sums.responses, sums.total):
        for block in part:
            by_sigma = {each: averaged(block, matrix) for each, matrix in matrices.items()}
            for each, values in by_sigma.items():
                if values is not block:
                    block.copy_(torch.where(masks[each], values, block))


def non_negative(
    products: Float[Tensor, "pair vertex"],
    responses: Float[Tensor, "set vertex"],
    start: Float[Tensor, "set vertex"] | None = None,
    rounds: int = ROUNDS,
    *,
    exact: bool = True,
) -> Float[Tensor, "set vertex"]:
    """Minimise ωᵀAω/2 − bᵀω over ω ≥ 0 for every vertex.

    Coordinate descent provides the starting point of an active-set method, which is exact.

    Parameters
    ----------
    products
        Matrix A of each vertex, as pairs of sets ordered as in :func:`pairs_of`.
    responses
        Vector b of each vertex.
    start
        Initial weights; None starts from zero.
    rounds
        Largest number of rounds of coordinate descent through all sets.
    exact
        Whether to continue to the exact solution. Otherwise the result of the descent is returned,
        which is accurate only if ``start`` was, or if sets are weakly correlated.

    Returns
    -------
    Tensor
        Weights ω.
    """
    n_sets = len(responses)
    index = pairs_of(n_sets).to(products.device)
    diagonal = products[index.diagonal()]
    # A set whose predictions are all zero has zero products and gets weight 0.
    step = torch.where(diagonal > 0, 1 / diagonal.clamp_min(torch.finfo(diagonal.dtype).tiny), 0.0)
    weight = torch.zeros_like(responses) if start is None else start.clone()
    rows = [products[index[each]] for each in range(n_sets)]
    slope = -responses.clone()
    if start is not None:
        for each in range(n_sets):
            slope += rows[each] * weight[each]
    for _ in range(rounds):
        before = weight.clone()
        for each in range(n_sets):
            new = torch.addcmul(weight[each], slope[each], step[each], value=-1).clamp_min_(0)
            slope.addcmul_(rows[each], new - weight[each])
            weight[each] = new
        if float((weight - before).abs().max()) < REST:
            break
    if not exact:
        return weight
    parts = range(0, weight.shape[1], _VERTICES_AT_ONCE)
    chunks = (slice(start, start + _VERTICES_AT_ONCE) for start in parts)
    solved = [
        _solved(products[:, own].T[:, index], responses[:, own].T, weight[:, own].T)
        for own in chunks
    ]
    return torch.cat(solved).T.to(weight.dtype).contiguous()


def _solved(
    products: Float[Tensor, "vertex set set"],
    responses: Float[Tensor, "vertex set"],
    weight: Float[Tensor, "vertex set"],
) -> Float[Tensor, "vertex set"]:
    """Solve non-negative least squares exactly, starting from approximate weights.

    This is the active-set method of Lawson & Hanson (1974) for all vertices at once. Each iteration
    moves towards the minimum over the active sets and removes those whose weight reaches 0; once
    none is removed, the set that would lower the error most is added. The error never rises, so
    that the method terminates.
    """
    matrix, target, weight = products.double(), responses.double(), weight.double()
    diagonal = matrix.diagonal(dim1=1, dim2=2)
    live = diagonal > 0
    unit = torch.where(live, diagonal, 1.0)
    matrix = matrix + torch.diag_embed(torch.where(live, LEAST_RIDGE * diagonal, 1.0))
    weight = torch.where(live, weight, 0.0)
    used = weight > 0
    result, rows = weight.clone(), torch.arange(len(weight), device=weight.device)
    for _ in range(3 * weight.shape[1]):
        mask = used.double()
        among = matrix * mask[:, :, None] * mask[:, None, :] + torch.diag_embed(1 - mask)
        best = torch.linalg.solve(among, target * mask) * mask
        below = used & (best <= 0)
        # Step towards the minimum as far as no weight falls below 0.
        reach = torch.where(below, weight / (weight - best).clamp_min(1e-300), torch.inf)
        step = reach.min(dim=1, keepdim=True).values.clamp(max=1.0)
        leave = below & (reach <= step)
        weight = torch.where(leave, 0.0, weight + step * (best - weight)).clamp_min(0)
        used = used & ~leave
        gain = (target - (matrix @ weight[:, :, None])[:, :, 0]) / unit
        most, which = torch.where(used | ~live, -torch.inf, gain).max(dim=1)
        stopped = leave.any(dim=1)
        join = ~stopped & (most > REST)
        used[join, which[join]] = True
        result[rows] = weight
        more = stopped | join
        if not bool(more.any()):
            break
        rows, matrix, target, weight = rows[more], matrix[more], target[more], weight[more]
        used, unit, live = used[more], unit[more], live[more]
    return result


def squared_error(
    products: Float[Tensor, "pair vertex"],
    responses: Float[Tensor, "set vertex"],
    total: Float[Tensor, " vertex"],
    weight: Float[Tensor, "set vertex"],
) -> Float[Tensor, " vertex"]:
    """Compute the squared error ‖y − Σ_s ω_s ŷ_s‖² of a stack from sums.

    Parameters
    ----------
    products, responses, total
        Sums over images, as in :class:`Sums`, without the axis of blocks.
    weight
        Stack weights ω.
    """
    n_sets = len(weight)
    upper = torch.triu_indices(n_sets, n_sets, device=weight.device)
    twice = torch.where(upper[0] == upper[1], 1.0, 2.0)[:, None]
    quadratic = (twice * products * weight[upper[0]] * weight[upper[1]]).sum(dim=0)
    return total - 2 * (responses * weight).sum(dim=0) + quadratic


@dataclass(frozen=True)
class Bandwidth:
    """Chosen width of the average over the cortex, and the error of each width.

    Attributes
    ----------
    sigma
        Standard deviation chosen for each hemisphere, in mm.
    tried
        Standard deviations that were tried, in mm.
    error
        Held-out squared error of the stack in each block, divided by the response's sum of squares
        in all blocks; mean over the vertices of a hemisphere.
    """

    sigma: tuple[float, ...]
    tried: tuple[float, ...]
    error: Float[np.ndarray, "hemisphere bandwidth block"]


def choose_bandwidth(sums: Sums, cortex: Cortex, sigmas: Sequence[float]) -> Bandwidth:
    """Choose the width of the average over the cortex by cross-validation over blocks of images.

    Weights from the averaged sums of four fifths of the blocks predict each vertex's own responses
    in the remaining blocks. Among all widths whose mean error exceeds the smallest by no more than
    one standard error of the difference over blocks, the widest is chosen: the smoothest map that
    is not measurably worse.

    Parameters
    ----------
    sums
        Sums before averaging.
    cortex
        Graph of neighbouring vertices.
    sigmas
        Standard deviations to try, in mm.
    """
    tried = tuple(sorted(sigmas)) if cortex.graph is not None else (0.0,)
    sides = np.unique(cortex.hemisphere)
    total = sums.total.sum(dim=0)
    folds = min(FOLDS, sums.n_blocks)
    fold = torch.arange(sums.n_blocks, device=total.device) % folds
    error = np.zeros((len(sides), len(tried), sums.n_blocks))
    if folds < 2 or len(tried) == 1:
        return Bandwidth((tried[0],) * len(sides), tried, error)
    matrices = [cortex.average(sigma) for sigma in tried]
    for left in range(folds):
        products, responses = sums.weighted((fold != left)[None].float())
        weight = None
        for position, matrix in enumerate(matrices):
            # The weights of the previous, narrower average are a good starting point.
            weight = non_negative(averaged(products, matrix), averaged(responses, matrix), weight)
            for block in torch.nonzero(fold == left)[:, 0].tolist():
                squared = squared_error(
                    sums.products[block], sums.responses[block], sums.total[block], weight
                )
                relative = torch.where(total > 0, squared / total, 0.0).cpu().numpy()
                for row, side in enumerate(sides):
                    error[row, position, block] = relative[cortex.hemisphere == side].mean()
    chosen = []
    for own in error:
        excess = own - own[own.sum(axis=1).argmin()]
        spread = excess.std(axis=1, ddof=1) * np.sqrt(excess.shape[1])
        chosen.append(tried[int(np.flatnonzero(excess.sum(axis=1) <= spread)[-1])])
    return Bandwidth(tuple(chosen), tried, error)
