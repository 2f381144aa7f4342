"""Non-negative stacking of sets of features, from sums over images.

A vertex's weights ω minimise ‖y − Σ_s ω_s ŷ₋,s‖² over its left-out predictions (Breiman 1996).
Only the products of predictions with each other and with the response are needed, summed over
images: averaging these sums over neighbours makes the weights smooth over the cortex, sums over
blocks of images make held-out errors and resamples of images cheap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.encoding.stacked.neighbours import Cortex, averaged

# Rounds of coordinate descent at most, and the change, in units of ω, at which it is at rest. Sets
# that predict nearly the same keep it from rest for thousands of rounds: what is left is solved.
ROUNDS, REST = 20, 1e-5
# Added to each set's product with itself, as a part of it: what float32 sums are known to. Sets
# that predict the same share what one of them would have.
LEAST_RIDGE = 1e-6
_VERTICES_AT_ONCE = 4096
# Parts of the blocks, in turn left out when a bandwidth is judged.
FOLDS = 5
# Bytes of sums that are kept, and blocks of which they are kept in any case.
SUMS_BYTES, FEWEST_BLOCKS = 1.5e9, 10
# Layers that a network is taken to have at least when blocks are counted.
USUAL_LAYERS = 12


@dataclass(frozen=True)
class Sums:
    """Products of left-out predictions, summed over the images of each block.

    Attributes
    ----------
    products
        Of each pair of sets s ≤ t; pairs as in :func:`pairs_of`.
    responses
        Of each set with the response.
    total
        Of the response with itself.
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
        """Sum blocks, each as often as a row of ``weight`` says; rows one after the other."""
        own = weight.to(self.total.dtype)
        products, responses = (
            torch.einsum("db,bsv->sdv", own, part).flatten(1)
            for part in (self.products, self.responses)
        )
        return products, responses


def pairs_of(n_sets: int) -> Int[Tensor, "set set"]:
    """Row of ``products`` that each pair of sets has."""
    index = torch.zeros((n_sets, n_sets), dtype=torch.int64)
    upper = torch.triu_indices(n_sets, n_sets)
    index[upper[0], upper[1]] = torch.arange(upper.shape[1])
    return torch.maximum(index, index.T)


def blocks_that_fit(n_blocks: int, sets_a_layer: int, n_layers: int, n_vertices: int) -> int:
    """Blocks whose sums take no more than :data:`SUMS_BYTES`, but :data:`FEWEST_BLOCKS`.

    Draws of two fits are of the same resamples only where they have the same blocks. So that
    networks of a subject can be compared, all with up to :data:`USUAL_LAYERS` layers have as many
    blocks as one with so many.

    Parameters
    ----------
    n_blocks
        At most.
    sets_a_layer, n_layers
        Whose left-out predictions are stacked.
    n_vertices
        Recorded and planted ones.
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
    """Add up products of some vertices, in place.

    Parameters
    ----------
    left_out
        Predictions without each image, centred data; centred here, with respect to trials.
    response
        Of the vertices that are chosen, centred and weighted.
    root
        Square root of each image's number of trials.
    block
        Block of each image, ascending.
    out
        Where sums go.
    rows
        Columns of ``out`` of these vertices.
    chosen
        Which of the vertices they are; None: all.
    """
    mean = left_out @ (root / root.square().sum())
    if chosen is not None:
        mean = mean[:, chosen]
    upper = torch.triu_indices(len(left_out), len(left_out), device=left_out.device)
    ends = torch.searchsorted(block, torch.arange(out.n_blocks, device=block.device), right=True)
    start = 0
    for number, end in enumerate(ends.tolist()):
        # a copy of one block, not of all predictions
        own = left_out[:, :, start:end]
        own = own if chosen is None else own[:, chosen]
        part = (own - mean[:, :, None] * root[start:end]).permute(1, 0, 2).contiguous()
        seen = response[start:end].T.contiguous()
        out.products[number, :, rows] = (part @ part.mT)[:, upper[0], upper[1]].T
        out.responses[number, :, rows] = (part @ seen[:, :, None])[:, :, 0].T
        out.total[number, rows] = seen.square().sum(dim=1)
        start = end


def empty_sums(n_blocks: int, n_sets: int, n_vertices: int, device: torch.device) -> Sums:
    """Sums of nothing yet."""
    shapes = (n_sets * (n_sets + 1) // 2, n_vertices), (n_sets, n_vertices), (n_vertices,)
    return Sums(*(torch.zeros((n_blocks, *shape), device=device) for shape in shapes))


def average(sums: Sums, cortex: Cortex, sigma: Mapping[int, float]) -> None:
    """Average over neighbours, block by block and in place.

    Parameters
    ----------
    sums
        Of all vertices.
    cortex
        Who is whose neighbour.
    sigma
        Hemisphere → standard deviation of its average, mm.
    """
    matrices = {each: cortex.average(each) for each in sorted(set(sigma.values()))}
    own = np.array([sigma[side] for side in cortex.hemisphere.tolist()])
    masks = {each: torch.from_numpy(own == each).to(sums.total.device) for each in matrices}
    for part in (sums.products, sums.responses, sums.total):
        for block in part:
            found = {each: averaged(block, matrix) for each, matrix in matrices.items()}
            for each, values in found.items():
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

    By coordinate descent, from whose end an active-set method goes on to the solution.

    Parameters
    ----------
    products
        A of each vertex, pairs as in :func:`pairs_of`.
    responses
        b of each vertex.
    start
        Where to begin; None: zeros.
    rounds
        Of coordinate descent at most, through all sets.
    exact
        Go on to the solution; else the end of the descent is returned, which is near it only if
        ``start`` was or if sets have little in common.

    Returns
    -------
    Tensor
        ω.
    """
    n_sets = len(responses)
    index = pairs_of(n_sets).to(products.device)
    diagonal = products[index.diagonal()]
    # a set that predicts nothing has no products, and gets no weight
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
    """Go on to the solution of non-negative least squares from weights near it.

    The active-set method of Lawson & Hanson (1974), of all vertices at once: the error is at its
    least over the sets that have a weight, of which those that would fall below 0 leave on the way;
    then the set that would lower it most joins. It never rises, so that the method ends.
    """
    matrix, target, weight = products.double(), responses.double(), weight.double()
    own = matrix.diagonal(dim1=1, dim2=2)
    live = own > 0
    unit = torch.where(live, own, 1.0)
    matrix = matrix + torch.diag_embed(torch.where(live, LEAST_RIDGE * own, 1.0))
    weight = torch.where(live, weight, 0.0)
    used = weight > 0
    result, rows = weight.clone(), torch.arange(len(weight), device=weight.device)
    for _ in range(3 * weight.shape[1]):
        mask = used.double()
        among = matrix * mask[:, :, None] * mask[:, None, :] + torch.diag_embed(1 - mask)
        best = torch.linalg.solve(among, target * mask) * mask
        below = used & (best <= 0)
        # as far towards the best as no weight falls below 0
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
    """‖y − Σ_s ω_s ŷ_s‖², from sums."""
    n_sets = len(weight)
    upper = torch.triu_indices(n_sets, n_sets, device=weight.device)
    twice = torch.where(upper[0] == upper[1], 1.0, 2.0)[:, None]
    quadratic = (twice * products * weight[upper[0]] * weight[upper[1]]).sum(dim=0)
    return total - 2 * (responses * weight).sum(dim=0) + quadratic


@dataclass(frozen=True)
class Bandwidth:
    """How wide an average over the cortex is, and what each width costs.

    Attributes
    ----------
    sigma
        Chosen for each hemisphere, mm.
    tried
        All that were tried.
    error
        Held-out squared error of the stack in each block, over the response's sum of squares in
        all blocks; mean over the vertices of a hemisphere.
    """

    sigma: tuple[float, ...]
    tried: tuple[float, ...]
    error: Float[np.ndarray, "hemisphere bandwidth block"]


def choose_bandwidth(sums: Sums, cortex: Cortex, sigmas: Sequence[float]) -> Bandwidth:
    """Choose how widely sums are averaged, by the error on images that weights have not seen.

    Weights from the averaged sums of four fifths of the blocks predict each vertex's own responses
    in the others. Of all widths whose mean error exceeds the smallest by no more than one standard
    error of the difference, over blocks, the widest is chosen: the smoothest map that is not
    measurably worse.

    Parameters
    ----------
    sums
        Not averaged.
    cortex
        Who is whose neighbour.
    sigmas
        Standard deviations to try, mm.
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
        for place, matrix in enumerate(matrices):
            # weights under a narrower average are near those under a wider one
            weight = non_negative(averaged(products, matrix), averaged(responses, matrix), weight)
            for block in torch.nonzero(fold == left)[:, 0].tolist():
                away = squared_error(
                    sums.products[block], sums.responses[block], sums.total[block], weight
                )
                share = torch.where(total > 0, away / total, 0.0).cpu().numpy()
                for row, side in enumerate(sides):
                    error[row, place, block] = share[cortex.hemisphere == side].mean()
    chosen = []
    for own in error:
        excess = own - own[own.sum(axis=1).argmin()]
        spread = excess.std(axis=1, ddof=1) * np.sqrt(excess.shape[1])
        chosen.append(tried[int(np.flatnonzero(excess.sum(axis=1) <= spread)[-1])])
    return Bandwidth(tuple(chosen), tried, error)
