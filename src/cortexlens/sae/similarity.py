"""Which units resemble which vertices: cosine and Pearson over pictures, the best few kept.

With codes a and responses y of the same pictures, both follow from one product. Responses are
centred and both sides divided by their norms first, so that r = Σ a (y − ȳ) needs no difference of
large sums; then

    cosine = r · (‖a − ā‖/‖a‖) · (‖y − ȳ‖/‖y‖) + (Σa/‖a‖) · (ȳ/‖y‖).

Cosine depends on what zero is: of a code, that the unit is not active; of a response, what the data
set made zero, which is the mean of a session where responses are z-scored.

Nothing below zero is a match, for codes say how much there is of something: a vertex that it
silences is not like it. A unit that is never active and a vertex that never varies match nothing.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from jaxtyping import Float, Float32, Int, Int32
from scipy import sparse

from cortexlens.sae.settings import EXCHANGED

METRICS: Final = ("cosine", "pearson")
# Similarities in memory at once, in each thread.
_BLOCK_VALUES: Final = 2**23
# Below this share of active units a sparse product is faster; benchmarks/similarity.py measures it.
_SPARSE: Final = 0.03
_GROUPS: Final = 8  # groups of values for each one that is kept

Order = Int[np.ndarray, " image"]


class Codes(NamedTuple):
    """Units over some pictures, ready for a product with responses.

    Attributes
    ----------
    unit
        Codes divided by the norm of their scatter, units first; rows of a unit that does not vary
        are 0. A sparse matrix where few are active.
    share, mean
        ‖a − ā‖/‖a‖, and Σa/‖a‖ of each unit; 0 where it is not active.
    """

    unit: Any
    share: Float32[np.ndarray, " unit"]
    mean: Float32[np.ndarray, " unit"]


class Kept(NamedTuple):
    """The most similar ones, best first; −1 and NaN where there are none above zero."""

    number: Int32[np.ndarray, "row kept"]
    value: Float32[np.ndarray, "row kept"]


class Matches(NamedTuple):
    """What units and vertices have in common, metrics in the order of :data:`METRICS`.

    Attributes
    ----------
    vertex_unit, vertex_similarity, vertex_held_out
        Best units of each vertex on training images, and their similarity on test images.
    unit_vertex, unit_similarity
        Best vertices of each unit on training images.
    null_maximum, null_held_out
        Similarity of the best unit of responses whose images were exchanged, on training images
        and on test images. Of very many vertices some thousands, evenly spread over their order,
        have it; the others NaN.
    """

    vertex_unit: Int32[np.ndarray, "metric vertex kept"]
    vertex_similarity: Float32[np.ndarray, "metric vertex kept"]
    vertex_held_out: Float32[np.ndarray, "metric vertex kept"]
    unit_vertex: Int32[np.ndarray, "metric unit kept"]
    unit_similarity: Float32[np.ndarray, "metric unit kept"]
    null_maximum: Float32[np.ndarray, "metric shuffle vertex"]
    null_held_out: Float32[np.ndarray, "metric shuffle vertex"]


def prepare_codes(codes: Float[np.ndarray, "image unit"]) -> Codes:
    """Make codes ready for :func:`similarities`."""
    n = len(codes)
    sums, squares = (np.empty(codes.shape[1]) for _ in range(2))
    for block in _slices(codes.shape[1], max(1, _BLOCK_VALUES // n)):
        values = codes[:, block].astype(np.float64)
        sums[block], squares[block] = values.sum(axis=0), np.square(values).sum(axis=0)
    scatter = np.maximum(squares - np.square(sums) / n, 0)
    # A unit that is as active on every picture has a scatter of nothing but rounding.
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
    """1/x, and 0 for 0."""
    inverse = np.zeros_like(values)
    np.divide(1, values, out=inverse, where=values > 0)
    return inverse


def similarities(
    codes: Codes, response: Float[np.ndarray, "image vertex"]
) -> Float32[np.ndarray, "metric unit vertex"]:
    """Cosine and Pearson of every unit with some vertices.

    Parameters
    ----------
    codes
        From :func:`prepare_codes`.
    response
        To the same pictures.

    Returns
    -------
    ndarray
        In [−1, 1] up to rounding; NaN of what is constant (cosine: of what is zero everywhere).
    """
    mean = response.mean(axis=0, dtype=np.float64)
    centred = response - mean.astype(np.float32)
    # What the mean lost where it was rounded.
    rest = centred.mean(axis=0, dtype=np.float64)
    centred -= rest.astype(np.float32)
    squares = np.square(centred).sum(axis=0, dtype=np.float64)
    norm = np.sqrt(squares + len(response) * np.square(mean))
    scatter = np.sqrt(squares) * (response != response[:1]).any(axis=0)
    centred *= _inverse(scatter).astype(np.float32)
    found = np.empty((2, len(codes.share), response.shape[1]), np.float32)
    cosine, pearson = found
    pearson[:] = codes.unit @ centred
    np.multiply(pearson, codes.share[:, None], out=cosine)
    cosine *= (scatter * _inverse(norm)).astype(np.float32)
    cosine += codes.mean[:, None] * (mean * _inverse(norm)).astype(np.float32)
    pearson[codes.share == 0] = np.nan
    pearson[:, scatter == 0] = np.nan
    cosine[codes.mean == 0] = np.nan
    cosine[:, norm == 0] = np.nan
    return found


def best_of_rows(values: Float32[np.ndarray, "row column"], kept: int) -> Kept:
    """The largest values above zero of each row, best first; of equal ones the first columns.

    Maxima over groups of columns give a bound that at least ``kept`` values of a row reach, and few
    others; only these are sorted. Sorting everything takes several times as long.
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
    found = Kept(np.full((n, kept), -1, np.int32), np.full((n, kept), np.nan, np.float32))
    found.number[row[among], rank[among]] = column[among]
    found.value[row[among], rank[among]] = value[among]
    return found


def _bound(values: Float32[np.ndarray, "row column"], kept: int) -> Float32[np.ndarray, " row"]:
    """Value above zero that no less than ``kept`` values of a row reach, if so many are there."""
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
    """The best of two lists of each row; of equal ones those of the first list."""
    index, value = (np.concatenate(pair, axis=1) for pair in zip(one, other, strict=True))
    kept = one.number.shape[1]
    order = np.argsort(-np.nan_to_num(value, nan=-np.inf), axis=1, kind="stable")[:, :kept]
    return Kept(np.take_along_axis(index, order, 1), np.take_along_axis(value, order, 1))


def exchanged(split: Int[np.ndarray, " image"], shuffles: int, seed: int) -> list[Order]:
    """Orders in which images exchange responses, each within its part of the split.

    They follow from seed and split alone, so that nulls of several layers are of the same
    responses.
    """
    generator = np.random.default_rng([seed, len(split)])
    orders = np.tile(np.arange(len(split)), (shuffles, 1))
    for part in np.unique(split):
        members = np.flatnonzero(split == part)
        orders[:, members] = generator.permuted(orders[:, members], axis=1)
    return list(orders)


class TrainTestSplit(NamedTuple):
    """Units, or responses, on training images and on test images."""

    train: Any
    test: Any


class Block(NamedTuple):
    """What is found of a block of vertices: of each metric, and of each exchange."""

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
    """Compare all units with a block of vertices; pure, so that any worker may do it.

    Parameters
    ----------
    codes, response
        Of training and of test images.
    exchanges
        Orders of both, for the null.
    kept
        Units of each vertex, and vertices of each unit.
    first
        Number of the block's first vertex.
    drawn
        Vertices of the block whose responses are exchanged.
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
    """Similarity of the units that vertices keep; NaN where they keep none."""
    found = np.take_along_axis(similarity, np.maximum(vertex.number.T, 0), axis=0).T
    return np.where(vertex.number < 0, np.float32(np.nan), found)


def _best_by_chance(
    trained: Float32[np.ndarray, "unit vertex"], tested: Float32[np.ndarray, "unit vertex"]
) -> Float32[np.ndarray, "2 vertex"]:
    """Similarity of each vertex's best unit on training images, and on test images."""
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
    """Compare all units with all vertices, block by block of vertices.

    Parameters
    ----------
    codes, response
        Of all images.
    parts
        Indices of training and of test images.
    orders
        From :func:`exchanged`, of all images.
    kept
        Units of each vertex, and vertices of each unit.
    threads
        Blocks at once; memory grows with them.
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
    found = [
        block(
            shared[0],
            delayed(rows_of, pure=False, traverse=False)(response[:, each], parts),
            shared[1],
            *(kept, each.start, inside(drawn, each)),
        )
        for each in slices
    ]
    units = [_best_units(found, metric) for metric in range(len(METRICS))]
    of_vertices = delayed(_of_vertices, pure=False)
    with threadpool_limits(1):
        done, best = compute(  # type: ignore[no-untyped-call]
            [of_vertices(each) for each in found], units, scheduler="threads", num_workers=threads
        )
    return joined_blocks(done, best)


def block_slices(n_units: int, n_vertices: int) -> list[slice]:
    """Blocks of vertices whose similarities to all units fit into memory."""
    return _slices(n_vertices, max(1, _BLOCK_VALUES // n_units))


def drawn_vertices(n_vertices: int) -> Int[np.ndarray, " drawn"]:
    """Vertices whose responses are exchanged: all, or some thousands evenly spread."""
    places = np.linspace(0, n_vertices - 1, min(n_vertices, EXCHANGED)).round()
    return np.unique(places).astype(np.int64)


def exchanges_of(orders: Sequence[Order], parts: TrainTestSplit) -> list[TrainTestSplit]:
    """Orders of all images as those of training and of test images."""
    return [TrainTestSplit(*(_within(order, part) for part in parts)) for order in orders]


def inside(rows: Int[np.ndarray, " row"], block: slice) -> Int[np.ndarray, " inside"]:
    """Those of the rows that lie in a block, counted from its start."""
    return np.asarray(rows[(rows >= block.start) & (rows < block.stop)] - block.start)


def _within(order: Order, part: Int[np.ndarray, " part"]) -> Int[np.ndarray, " part"]:
    """An order of all images as one of the images of a part, by their places in it."""
    return np.asarray(np.searchsorted(part, order[part]))


def rows_of(response: Float32[np.ndarray, "image vertex"], parts: TrainTestSplit) -> TrainTestSplit:
    """Responses to training and to test images."""
    return TrainTestSplit(*(response[part] for part in parts))


def _of_vertices(block: Block) -> Block:
    """Let go of what the tree of units has taken."""
    return block._replace(unit=[])


def _unit(block: Block, metric: int) -> Kept:
    return block.unit[metric]


def _best_units(blocks: Sequence[Any], metric: int) -> Any:
    """Join the best vertices of units over blocks, by pairs, and pairs of pairs."""
    from dask.delayed import delayed

    take, join = (delayed(each, pure=False) for each in (_unit, best_of_both))
    parts = [take(block, metric) for block in blocks]
    while len(parts) > 1:
        pairs = [join(*parts[i : i + 2]) for i in range(0, len(parts) - 1, 2)]
        parts = pairs + parts[2 * len(pairs) :]
    return parts[0]


def joined_blocks(blocks: Sequence[Block], units: Sequence[Kept]) -> Matches:
    """Put blocks together, with the best vertices of units over all of them."""

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
