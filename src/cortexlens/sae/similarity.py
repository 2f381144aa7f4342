"""Similarity of units and vertices over images: cosine and Pearson correlation, best matches only.

With codes a and responses y to the same images, both metrics follow from one product. Responses are
centred and both sides divided by their norms first, so that r = Σ a (y − ȳ) needs no difference of
large sums; then

    cosine = r · (‖a − ā‖/‖a‖) · (‖y − ȳ‖/‖y‖) + (Σa/‖a‖) · (ȳ/‖y‖).

The cosine depends on the meaning of zero: for a code, that the unit is not active; for a response,
the zero of the data set, e.g. the mean of a session if responses are z-scored.

Only positive similarities are matches, since a code measures how much of something is present: a
vertex that is suppressed by it does not resemble the unit. A unit that is never active and a vertex
whose response is constant match nothing.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from jaxtyping import Float, Float32, Int, Int32
from scipy import sparse

from cortexlens.sae.settings import EXCHANGED

METRICS: Final = ("cosine", "pearson")
# Number of similarities held in memory at once, in each thread.
_BLOCK_VALUES: Final = 2**23
# A sparse product is faster below this fraction of active units; see benchmarks/similarity.py.
_SPARSE: Final = 0.03
_GROUPS: Final = 8  # number of groups of columns per match that is returned

Order = Int[np.ndarray, " image"]


class Codes(NamedTuple):
    """Normalised codes of units over some images, ready for a product with responses.

    Attributes
    ----------
    unit
        Codes (unit, image) divided by the norm of the centred codes; 0 for units that do not vary.
        A sparse matrix if few codes are non-zero.
    share, mean
        ‖a − ā‖/‖a‖ and Σa/‖a‖ of each unit; 0 for units that are never active.
    """

    unit: Any
    share: Float32[np.ndarray, " unit"]
    mean: Float32[np.ndarray, " unit"]


class Kept(NamedTuple):
    """The most similar columns of each row, best first.

    Attributes
    ----------
    number
        Index of each match; −1 where there are fewer positive similarities.
    value
        Similarity of each match; NaN where there is none.
    """

    number: Int32[np.ndarray, "row kept"]
    value: Float32[np.ndarray, "row kept"]


class Matches(NamedTuple):
    """Best matches of units and vertices; the first axis has the metrics of :data:`METRICS`.

    Attributes
    ----------
    vertex_unit, vertex_similarity
        Index and similarity, on training images, of the best units of each vertex.
    vertex_held_out
        Similarity of these units on test images.
    unit_vertex, unit_similarity
        Index and similarity, on training images, of the best vertices of each unit.
    null_maximum, null_held_out
        Null distribution: similarity, on training and on test images, of the best unit of responses
        with permuted images. If there are very many vertices, a few thousand, evenly spread, have
        one; the others are NaN.
    """

    vertex_unit: Int32[np.ndarray, "metric vertex kept"]
    vertex_similarity: Float32[np.ndarray, "metric vertex kept"]
    vertex_held_out: Float32[np.ndarray, "metric vertex kept"]
    unit_vertex: Int32[np.ndarray, "metric unit kept"]
    unit_similarity: Float32[np.ndarray, "metric unit kept"]
    null_maximum: Float32[np.ndarray, "metric shuffle vertex"]
    null_held_out: Float32[np.ndarray, "metric shuffle vertex"]


def prepare_codes(codes: Float[np.ndarray, "image unit"]) -> Codes:
    """Normalise codes for :func:`similarities`.

    Parameters
    ----------
    codes
        Non-negative codes of each image.
    """
    n = len(codes)
    sums, squares = (np.empty(codes.shape[1]) for _ in range(2))
    for block in _slices(codes.shape[1], max(1, _BLOCK_VALUES // n)):
        values = codes[:, block].astype(np.float64)
        sums[block], squares[block] = values.sum(axis=0), np.square(values).sum(axis=0)
    scatter = np.maximum(squares - np.square(sums) / n, 0)
    # The scatter of a unit with the same code for every image is a rounding error and set to 0.
    scale = _inverse(np.sqrt(np.where(scatter > 1e-9 * squares, scatter, 0)))
    norm = _inverse(np.sqrt(squares))
    unit = np.multiply(codes.T, scale[:, None], dtype=np.float32, order="C")
    if np.count_nonzero(codes) < _SPARSE * codes.size:
        unit = sparse.csr_array(unit)
    return Codes(
        unit,
        (np.sqrt(scatter) * norm * (scale > 0)).astype(np.float32),
        (sums * norm).astype(np.float32),
    )


def _inverse(values: Float[np.ndarray, " row"]) -> Float[np.ndarray, " row"]:
    """Return 1/x, and 0 for 0."""
    inverse = np.zeros_like(values)
    np.divide(1, values, out=inverse, where=values > 0)
    return inverse


def similarities(
    codes: Codes, response: Float[np.ndarray, "image vertex"]
) -> Float32[np.ndarray, "metric unit vertex"]:
    """Compute the cosine and the Pearson correlation of every unit with some vertices.

    Parameters
    ----------
    codes
        Codes from :func:`prepare_codes`.
    response
        Responses to the same images.

    Returns
    -------
    ndarray
        Similarities in [−1, 1] up to rounding. Correlations are NaN for constant units or vertices,
        cosines for those that are zero everywhere.
    """
    mean = response.mean(axis=0, dtype=np.float64)
    centred = response - mean.astype(np.float32)
    # Corrects the rounding of the mean to float32.
    rest = centred.mean(axis=0, dtype=np.float64)
    centred -= rest.astype(np.float32)
    squares = np.square(centred).sum(axis=0, dtype=np.float64)
    norm = np.sqrt(squares + len(response) * np.square(mean))
    scatter = np.sqrt(squares) * (response != response[:1]).any(axis=0)
    centred *= _inverse(scatter).astype(np.float32)
    both = np.empty((2, len(codes.share), response.shape[1]), np.float32)
    cosine, pearson = both
    pearson[:] = codes.unit @ centred
    np.multiply(pearson, codes.share[:, None], out=cosine)
    cosine *= (scatter * _inverse(norm)).astype(np.float32)
    cosine += codes.mean[:, None] * (mean * _inverse(norm)).astype(np.float32)
    pearson[codes.share == 0] = np.nan
    pearson[:, scatter == 0] = np.nan
    cosine[codes.mean == 0] = np.nan
    cosine[:, norm == 0] = np.nan
    return both


def best_of_rows(values: Float32[np.ndarray, "row column"], kept: int) -> Kept:
    """Find the largest positive values of each row; ties go to the first columns.

    Maxima over groups of columns give a lower bound that at least ``kept`` values of a row reach,
    and few others; only these are sorted. Sorting all values would take several times as long.

    Parameters
    ----------
    values
        Similarities; NaN never matches.
    kept
        Number of values to return per row.
    """
    n = len(values)
    bound = _bound(values, kept)
    row, column = np.nonzero(values >= bound[:, None])
    value = values[row, column]
    order = np.lexsort((column, -value, row))
    row, column, value = row[order], column[order], value[order]
    starts = np.searchsorted(row, np.arange(n))
    rank = np.arange(len(row)) - starts[row]
    among = rank < kept
    best = Kept(np.full((n, kept), -1, np.int32), np.full((n, kept), np.nan, np.float32))
    best.number[row[among], rank[among]] = column[among]
    best.value[row[among], rank[among]] = value[among]
    return best


def _bound(values: Float32[np.ndarray, "row column"], kept: int) -> Float32[np.ndarray, " row"]:
    """Return a positive value that at least ``kept`` values of a row reach, if so many exist."""
    tiny = np.float32(np.finfo(np.float32).tiny)
    groups = _GROUPS * kept
    size = values.shape[1] // groups
    if size < 2:
        return np.full(len(values), tiny)
    parts = values[:, : size * groups].reshape(len(values), size, groups)
    highest = np.fmax.reduce(parts, axis=1)
    highest[np.isnan(highest)] = -np.inf
    least = np.partition(highest, groups - kept, axis=1)[:, groups - kept]
    return np.asarray(np.maximum(least, tiny))


def best_of_both(one: Kept, other: Kept) -> Kept:
    """Merge two lists of matches per row and return the best; ties go to the first list.

    Parameters
    ----------
    one, other
        Matches of the same rows, of which as many as ``one`` has are returned.
    """
    index, value = (np.concatenate(pair, axis=1) for pair in zip(one, other, strict=True))
    kept = one.number.shape[1]
    order = np.argsort(-np.nan_to_num(value, nan=-np.inf), axis=1, kind="stable")[:, :kept]
    return Kept(np.take_along_axis(index, order, 1), np.take_along_axis(value, order, 1))


def exchanged(split: Int[np.ndarray, " image"], shuffles: int, seed: int) -> list[Order]:
    """Draw permutations of images within each part of the split.

    Permutations depend on seed and split alone, so that all layers have the same null responses.

    Parameters
    ----------
    split
        Code of the part of the split of each image.
    shuffles
        Number of permutations.
    seed
        Seed of the permutations.
    """
    generator = np.random.default_rng([seed, len(split)])
    orders = np.tile(np.arange(len(split)), (shuffles, 1))
    for part in np.unique(split):
        members = np.flatnonzero(split == part)
        orders[:, members] = generator.permuted(orders[:, members], axis=1)
    return list(orders)


class TrainTestSplit(NamedTuple):
    """A pair of quantities for training images and for test images."""

    train: Any
    test: Any


class Block(NamedTuple):
    """Matches of a block of vertices.

    Attributes
    ----------
    vertex
        Best units of each vertex, for each metric.
    held_out
        Similarity of these units on test images.
    unit
        Best vertices of each unit within the block, for each metric.
    null
        Null similarities on training and test images, as in :class:`Matches`.
    """

    vertex: list[Kept]
    held_out: Float32[np.ndarray, "metric vertex kept"]
    unit: list[Kept]
    null: Float32[np.ndarray, "2 metric shuffle vertex"]


def compare_block(
    codes: TrainTestSplit,
    response: TrainTestSplit,
    exchanges: Sequence[TrainTestSplit],
    kept: int,
    first: int,
    drawn: Int[np.ndarray, " drawn"],
) -> Block:
    """Compare all units with a block of vertices; a pure function, which can run on any worker.

    Parameters
    ----------
    codes, response
        Prepared codes, and responses, for training and test images.
    exchanges
        Permutations of training and of test images, for the null distribution.
    kept
        Number of matches per vertex and per unit.
    first
        Index of the block's first vertex.
    drawn
        Positions, within the block, of the vertices whose responses are permuted.
    """
    trained = similarities(codes.train, response.train)
    vertex = [best_of_rows(np.ascontiguousarray(each.T), kept) for each in trained]
    unit = [best_of_rows(each, kept) for each in trained]
    unit = [Kept(np.where(i < 0, i, i + np.int32(first)), value) for i, value in unit]
    tested = similarities(codes.test, response.test)
    held_out = np.stack([_of_units(*pair) for pair in zip(tested, vertex, strict=True)])
    shape = (2, len(METRICS), len(exchanges), response.train.shape[1])
    null = np.full(shape, np.nan, np.float32)
    for shuffle, order in enumerate(exchanges if len(drawn) else ()):
        trained = similarities(codes.train, response.train[np.ix_(order.train, drawn)])
        tested = similarities(codes.test, response.test[np.ix_(order.test, drawn)])
        for metric, pair in enumerate(zip(trained, tested, strict=True)):
            null[:, metric, shuffle, drawn] = _best_by_chance(*pair)
    return Block(vertex, held_out, unit, null)


def _of_units(
    similarity: Float32[np.ndarray, "unit vertex"], vertex: Kept
) -> Float32[np.ndarray, "vertex kept"]:
    """Look up the similarity of each vertex's matches; NaN where it has none."""
    values = np.take_along_axis(similarity, np.maximum(vertex.number.T, 0), axis=0).T
    return np.where(vertex.number < 0, np.float32(np.nan), values)


def _best_by_chance(
    trained: Float32[np.ndarray, "unit vertex"], tested: Float32[np.ndarray, "unit vertex"]
) -> Float32[np.ndarray, "2 vertex"]:
    """Return the similarity of each vertex's best unit on training images, and on test images."""
    best = np.nan_to_num(trained, copy=False, nan=-np.inf).argmax(axis=0)[None]
    highest, held = (np.take_along_axis(each, best, axis=0)[0] for each in (trained, tested))
    return np.where(np.stack([highest, highest]) > 0, np.stack([highest, held]), np.nan)


def compare(
    codes: Float[np.ndarray, "image unit"],
    response: Float32[np.ndarray, "image vertex"],
    parts: TrainTestSplit,
    orders: Sequence[Order],
    *,
    kept: int,
    threads: int = 1,
) -> Matches:
    """Compare all units with all vertices, in blocks of vertices.

    Parameters
    ----------
    codes
        Codes of all images.
    response
        Mean responses to all images.
    parts
        Indices of training images and of test images.
    orders
        Permutations of all images, from :func:`exchanged`.
    kept
        Number of matches per vertex and per unit.
    threads
        Number of blocks processed in parallel; memory grows with it.
    """
    from dask.base import compute
    from dask.delayed import delayed
    from threadpoolctl import threadpool_limits

    prepared = TrainTestSplit(*(prepare_codes(codes[part]) for part in parts))
    exchanges = exchanges_of(orders, parts)
    n_vertices = response.shape[1]
    slices, drawn = block_slices(codes.shape[1], n_vertices), drawn_vertices(n_vertices)
    shared = [delayed(each, traverse=False) for each in (prepared, exchanges)]
    block = delayed(compare_block, pure=False, traverse=False)
    blocks = [
        block(
            shared[0],
            delayed(rows_of, pure=False, traverse=False)(response[:, each], parts),
            shared[1],
            *(kept, each.start, inside(drawn, each)),
        )
        for each in slices
    ]
    units = [_best_units(blocks, metric) for metric in range(len(METRICS))]
    of_vertices = delayed(_of_vertices, pure=False)
    with threadpool_limits(1):
        done, best = compute(  # type: ignore[no-untyped-call]
            [of_vertices(each) for each in blocks], units, scheduler="threads", num_workers=threads
        )
    return joined_blocks(done, best)


def block_slices(n_units: int, n_vertices: int) -> list[slice]:
    """Split vertices into blocks whose similarities with all units fit into memory.

    Parameters
    ----------
    n_units, n_vertices
        Numbers of units and of vertices.
    """
    return _slices(n_vertices, max(1, _BLOCK_VALUES // n_units))


def drawn_vertices(n_vertices: int) -> Int[np.ndarray, " drawn"]:
    """Choose the vertices whose responses are permuted: all, or a few thousand, evenly spread.

    Parameters
    ----------
    n_vertices
        Number of vertices.
    """
    spread = np.linspace(0, n_vertices - 1, min(n_vertices, EXCHANGED)).round()
    return np.unique(spread).astype(np.int64)


def exchanges_of(orders: Sequence[Order], parts: TrainTestSplit) -> list[TrainTestSplit]:
    """Convert permutations of all images to permutations of training and of test images.

    Parameters
    ----------
    orders
        Permutations from :func:`exchanged`.
    parts
        Indices of training images and of test images.
    """
    return [TrainTestSplit(*(_within(order, part) for part in parts)) for order in orders]


def inside(rows: Int[np.ndarray, " row"], block: slice) -> Int[np.ndarray, " inside"]:
    """Return those of the rows that lie within a block, relative to its start.

    Parameters
    ----------
    rows
        Indices of rows.
    block
        Slice of rows.
    """
    return np.asarray(rows[(rows >= block.start) & (rows < block.stop)] - block.start)


def _within(order: Order, part: Int[np.ndarray, " part"]) -> Int[np.ndarray, " part"]:
    """Convert a permutation of all images to one of the positions within a part."""
    return np.asarray(np.searchsorted(part, order[part]))


def rows_of(response: Float32[np.ndarray, "image vertex"], parts: TrainTestSplit) -> TrainTestSplit:
    """Select the responses to training images and to test images.

    Parameters
    ----------
    response
        Responses to all images.
    parts
        Indices of training images and of test images.
    """
    return TrainTestSplit(*(response[part] for part in parts))


def _of_vertices(block: Block) -> Block:
    """Drop the matches of units, which are merged separately, to free memory."""
    return block._replace(unit=[])


def _unit(block: Block, metric: int) -> Kept:
    return block.unit[metric]


def _best_units(blocks: Sequence[Any], metric: int) -> Any:
    """Merge the best vertices of units over blocks in a binary tree of tasks."""
    from dask.delayed import delayed

    take, join = (delayed(each, pure=False) for each in (_unit, best_of_both))
    parts = [take(block, metric) for block in blocks]
    while len(parts) > 1:
        pairs = [join(*parts[i : i + 2]) for i in range(0, len(parts) - 1, 2)]
        parts = pairs + parts[2 * len(pairs) :]
    return parts[0]


def joined_blocks(blocks: Sequence[Block], units: Sequence[Kept]) -> Matches:
    """Join the matches of all blocks.

    Parameters
    ----------
    blocks
        Blocks in the order of vertices.
    units
        Best vertices of each unit over all blocks, for each metric.
    """

    def joined(field: int) -> np.ndarray:
        of_blocks = [np.stack([each[field] for each in block.vertex]) for block in blocks]
        return np.concatenate(of_blocks, axis=1)

    null = np.concatenate([block.null for block in blocks], axis=-1)
    return Matches(
        *(joined(0), joined(1), np.concatenate([block.held_out for block in blocks], axis=1)),
        *(np.stack([each[field] for each in units]) for field in (0, 1)),
        *null,
    )


def _slices(length: int, size: int) -> list[slice]:
    return [slice(start, min(start + size, length)) for start in range(0, length, size)]
