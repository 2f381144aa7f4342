"""Where in the image, and how widely, each vertex reads: the window that predicts it best.

The score of a window is the R² of ridge by generalised cross-validation, averaged over neighbours
on the cortex and over the layers in which it is largest. From the widest windows, which are all
tried, a vertex climbs to neighbouring places and smaller sizes until no neighbour is better, so
that few of all pairs of vertex and window are ever computed. Of very many images a part is enough:
scores are averaged over neighbours, each of which adds to what a score is known to.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from scipy.sparse import block_diag, csr_array, identity
from torch import Tensor

from cortexlens.encoding.stacked.neighbours import averaged
from cortexlens.encoding.stacked.ridge import (
    Decomposition,
    Spectrum,
    cross_products,
    decompose,
    generalised_scores,
)
from cortexlens.encoding.stacked.samples import HELD_VALUES, SideBySide, Tokens, TokensOfSome
from cortexlens.encoding.stacked.windows import Windows
from cortexlens.progress import track

# Layers, evenly spaced, in which windows are tried; more tell little more of where a vertex reads.
SEARCH_LAYERS = 4
# Layers with the largest scores whose mean is a window's score.
BEST_LAYERS = 3
# Windows of at least this size, in tokens, are tried by all vertices.
START_SIZE = 2.0
# Components of a layer's channels that the search looks at.
SEARCH_COMPONENTS = 256
# Images that are looked at where there are more and vertices have many neighbours, and images times
# neighbours that are looked at in any case.
ENOUGH_IMAGES, ENOUGH_SEEN = 3000, 30_000
# Part of so many images that a first climb looks at; the second begins where it ends.
FIRST_PART = 4
# Steps of the climb; all vertices are at rest after three to five.
STEPS = 8
# Windows whose scores are averaged at once.
_WINDOWS_AT_ONCE = 32
# Bytes of decompositions that stay between steps, and of eigenvectors without their features.
CACHED_BYTES, CACHED_BASES_BYTES = 1_000_000_000, 500_000_000


@dataclass(frozen=True)
class Found:
    """What a search finds.

    Attributes
    ----------
    window
        Best window of each vertex.
    score
        Of every window that was tried, averaged over neighbours and layers; NaN elsewhere.
    signal
        Share of each response's variance that features explain, by the best of these ridges, less
        what the best explains of responses without a signal, and corrected for its shrinkage.
    made
        Decompositions of (layer, window), of all images, that are still in memory.
    n_images
        Training images that scores are of.
    """

    window: Int[np.ndarray, " vertex"]
    score: Float[Tensor, "window vertex"]
    signal: Float[Tensor, " vertex"]
    made: Mapping[tuple[int, int], Decomposition | None]
    n_images: int


def searched_layers(n_layers: int, n_wanted: int = SEARCH_LAYERS) -> tuple[int, ...]:
    """Layers that are searched: the first, the last, and some between."""
    count = min(n_layers, n_wanted)
    return tuple(np.unique(np.linspace(0, n_layers - 1, count).round().astype(int)).tolist())


def search_windows(
    tokens: Tokens,
    windows: Windows,
    average: csr_array,
    controls: Float[Tensor, "image control"],
) -> Found:
    """Find the window of each vertex.

    Parameters
    ----------
    tokens
        Of at least the layers that :func:`searched_layers` names, and the training images.
    windows
        To choose from.
    average
        Weights of neighbours, from :meth:`~.neighbours.Cortex.average`.
    controls
        Responses without a signal, centred and weighted, that are searched alike: how well their
        best windows predict them is taken off what the best windows explain of the others.
    """
    n_images, n_recorded = tokens.samples.response.shape
    n_used = min(n_images, images_that_suffice(average))
    alone = identity(controls.shape[1], dtype=np.float32)
    average = csr_array(block_diag([average, alone], "csr"))
    start = windows.size * windows.grid >= START_SIZE
    if not start.any():  # of narrower windows, every second token
        every = np.maximum(np.array(windows.sides)[windows.level] // (windows.grid // 2 + 1), 1)
        start = (windows.row % every == 0) & (windows.column % every == 0)
    todo = np.repeat(start[:, None], average.shape[0], axis=1)
    order = np.random.default_rng(0).permutation(n_images)

    def climb(n_some: int) -> _Climbed:
        if n_some == n_images:
            return _climb(tokens, windows, average, controls, todo)
        some = tokens.of(np.sort(order[:n_some]))
        without = some.samples.centred_again(controls[torch.from_numpy(some.rows)])
        return _climb(some, windows, average, without, todo)

    if n_used >= ENOUGH_IMAGES:
        todo = _near(windows, climb(n_used // FIRST_PART).window, average)
    found = climb(n_used)
    by_chance = found.best[n_recorded:].clamp_min(0).mean()
    explained = (found.best[:n_recorded] - by_chance).clamp(0, 1)
    signal = (explained / found.shrunk[:n_recorded].clamp_min(0.2)).clamp(0, 0.95)
    made = found.made if n_used == n_images else {}
    return Found(found.window[:n_recorded], found.score[:, :n_recorded], signal, made, n_used)


def images_that_suffice(average: csr_array) -> int:
    """Images of which a score, averaged over neighbours, is known well enough."""
    each = np.asarray((average**2).sum(axis=1)).ravel()
    neighbours = float(np.median(1 / each)) if len(each) else 1.0
    return max(ENOUGH_IMAGES, round(ENOUGH_SEEN / neighbours))


@dataclass(frozen=True)
class _Climbed:
    """Where a climb ended.

    Attributes
    ----------
    window, score, made
        As of :class:`Found`, with the controls' at the end.
    best
        Score of the best of all ridges that were tried.
    shrunk
        What this ridge leaves of a signal that is spread over the features as they are.
    """

    window: Int[np.ndarray, " vertex"]
    score: Float[Tensor, "window vertex"]
    best: Float[Tensor, " vertex"]
    shrunk: Float[Tensor, " vertex"]
    made: Mapping[tuple[int, int], Decomposition | None]


def _climb(
    tokens: Tokens | TokensOfSome,
    windows: Windows,
    average: csr_array,
    controls: Float[Tensor, "image control"],
    todo: Bool[np.ndarray, "window vertex"],
) -> _Climbed:
    """Try windows, then those near the best, until no other is better.

    ``todo`` are the windows that each vertex tries first.
    """
    response = SideBySide(tokens.samples.response, controls)
    searched = searched_layers(len(tokens.layers))
    device = controls.device
    scores = torch.full((len(searched), *todo.shape), torch.nan, device=device)
    shrunk = torch.full(todo.shape[1:], torch.nan, device=device)
    best = torch.full(todo.shape[1:], -torch.inf, device=device)
    reader = _Reader(tokens, windows, searched)
    for _ in track(range(STEPS), "steps of the search"):
        for position, wanted, part in reader.read(todo):
            some = torch.from_numpy(np.flatnonzero(todo[wanted])).to(device)
            if part is None:
                scores[position, wanted, some] = 0.0
                continue
            products = cross_products(part, response.columns(some))
            found, penalty = generalised_scores(part, products, response.total[some]).max(dim=0)
            scores[position, wanted, some] = found
            spread = part.eigenvalues / (part.eigenvalues + part.penalties[:, None])
            left = (spread @ part.eigenvalues / part.eigenvalues.sum()).float()
            better = found > best[some]
            best[some[better]] = found[better]
            shrunk[some[better]] = left[penalty[better]]
        pooled = pooled_scores(scores, average)
        window = pooled.nan_to_num(-torch.inf).argmax(dim=0).cpu().numpy()
        todo = _near(windows, window, average) & ~torch.isfinite(scores[0]).cpu().numpy()
        if not todo.any():
            break
    return _Climbed(window, pooled, best, shrunk, reader.made)


def _near(
    windows: Windows, window: Int[np.ndarray, " vertex"], average: csr_array
) -> Bool[np.ndarray, "window vertex"]:
    """Windows near each vertex's own, and near those of its neighbours on the cortex.

    The latter because averages have to be over the same neighbours in every window.
    """
    wanted = windows.nearby()[:, window].T.astype(np.float32)
    near: Bool[np.ndarray, "window vertex"] = (average.astype(bool) @ wanted > 0).T
    return near


def pooled_scores(
    scores: Float[Tensor, "searched window vertex"], average: csr_array
) -> Float[Tensor, "window vertex"]:
    """Average scores over neighbours that have one, then over the best layers."""
    alone = average.nnz == average.shape[0]
    pooled = []
    for some in scores.split(_WINDOWS_AT_ONCE, dim=1):
        known = torch.isfinite(some)
        mean = some
        if not alone:
            weight = averaged(known.float(), average)
            mean = averaged(some.nan_to_num(0.0), average) / weight.clamp_min(1e-9)
            mean[~known] = torch.nan
        count = min(BEST_LAYERS, len(mean))
        best = mean.nan_to_num(-torch.inf).topk(count, dim=0).values.mean(dim=0)
        pooled.append(torch.where(known[0], best, torch.nan))
    return torch.cat(pooled)


class _Reader:
    """Decompositions of layers through windows, reduced to the layers' largest components.

    Those that were made stay, as far as :data:`CACHED_BYTES` allow: a window is tried for other
    vertices in the next step. Of the others the eigenvectors stay, so that features are only read
    and rotated again.
    """

    def __init__(
        self, tokens: Tokens | TokensOfSome, windows: Windows, searched: Sequence[int]
    ) -> None:
        self.tokens, self.samples = tokens, tokens.samples
        self.windows, self.searched = windows, searched
        self.made: dict[tuple[int, int], Decomposition | None] = {}
        self.bases_of_windows: dict[tuple[int, int], Spectrum] = {}
        self.room, self.room_of_bases = CACHED_BYTES, CACHED_BASES_BYTES

    def read(
        self, todo: Bool[np.ndarray, "window vertex"]
    ) -> Iterator[tuple[int, int, Decomposition | None]]:
        """Give position among the searched layers, window and features, a pair at a time."""
        wanted = np.flatnonzero(todo.any(axis=1)).tolist()
        for position, layer in enumerate(self.searched):
            for window in wanted:
                if (layer, window) in self.made:
                    yield position, window, self.made[layer, window]
            new = np.array([each for each in wanted if (layer, each) not in self.made], int)
            each = len(self.samples.images) * self.tokens.width(layer)
            size = max(1, HELD_VALUES // each)
            for start in range(0, len(new), size):
                some = new[start : start + size]
                features = self.tokens.through(layer, self.windows.weight[torch.from_numpy(some)])
                for window, seen in zip(some.tolist(), features, strict=True):
                    yield position, window, self._decomposed(layer, window, seen)

    def _decomposed(
        self, layer: int, window: int, features: Float[Tensor, "image component"]
    ) -> Decomposition | None:
        """Decompose features, or rotate them as they were when they were decomposed before."""
        known = self.bases_of_windows.get((layer, window))
        if known is not None:
            rotated = features.to(known.basis.dtype) @ known.basis
            leverage = self.samples.leverage_1.to(rotated.dtype)
            return Decomposition(**vars(known), rotated=rotated, leverage_1=leverage)
        part = decompose(features, self.samples.leverage_1)
        n_basis = 0 if part is None else part.basis.nbytes
        n_bytes = n_basis if part is None else n_basis + part.rotated.nbytes
        if n_bytes <= self.room:
            self.room -= n_bytes
            self.made[layer, window] = part
        elif part is not None and n_basis <= self.room_of_bases:
            self.room_of_bases -= n_basis
            slim = Spectrum(part.basis, part.eigenvalues, part.penalties, part.n_images)
            self.bases_of_windows[layer, window] = slim
        return part


def refined_places(
    windows: Windows, window: Int[np.ndarray, " vertex"], score: Float[np.ndarray, "window vertex"]
) -> Float[np.ndarray, "vertex 2"]:
    """Centres between lattice points: the top of a parabola through neighbouring scores.

    Along each axis by itself, through the best window's score and those to its sides; where one
    side was not tried or lies outside, the lattice point itself.

    Returns
    -------
    ndarray
        x to the right and y downward, in [−1, 1]; at most half a step from the lattice point.
    """
    vertex = np.arange(len(window))
    place: Float[np.ndarray, "vertex 2"] = windows.place[window].copy()
    sides = np.array(windows.sides)[windows.level[window]]
    middle = score[window, vertex]
    for axis, (index, stride) in enumerate(((windows.column, 1), (windows.row, sides))):
        inner = (index[window] > 0) & (index[window] < sides - 1)
        ones = np.where(inner, stride, 0)
        before, after = score[window - ones, vertex], score[window + ones, vertex]
        bend = before - 2 * middle + after
        usable = inner & np.isfinite(bend) & (bend < 0)
        shift = np.divide(before - after, 2 * bend, out=np.zeros(len(window)), where=usable)
        step = 2 * (1 - 1 / windows.grid) / np.maximum(sides - 1, 1)
        place[:, axis] += np.clip(shift, -0.5, 0.5) * step * usable
    return place


@dataclass(frozen=True)
class PlaceInterval:
    """90 % intervals of place and size.

    Attributes
    ----------
    low, high
        Of the centre, x and y, in [−1, 1].
    size_low, size_high
        Of the size, image widths.
    """

    low: Float[np.ndarray, "vertex 2"]
    high: Float[np.ndarray, "vertex 2"]
    size_low: Float[np.ndarray, " vertex"]
    size_high: Float[np.ndarray, " vertex"]


def place_intervals(
    windows: Windows,
    place: Float[np.ndarray, "vertex 2"],
    score: Float[np.ndarray, "window vertex"],
    n_images: int,
) -> PlaceInterval:
    """Intervals from the width of the surface of scores.

    A window of score R² has the likelihood (1 − R²)^(−n/2) of Gaussian residuals; windows that were
    not tried have none. Intervals of the centre are 1.645 standard deviations of the windows'
    centres under it, the lattice's own spacing included; those of the size are its quantiles.

    Parameters
    ----------
    windows
        All windows.
    place
        Refined centres.
    score
        From :class:`Found`.
    n_images
        Training images n that scores are of.
    """
    known = np.isfinite(score)
    log = np.where(known, -0.5 * n_images * np.log1p(-np.clip(score, None, 0.999)), -np.inf)
    log -= log.max(axis=0)
    chance = np.exp(log)
    chance /= chance.sum(axis=0)
    away = windows.place[:, None, :] - place
    sides = np.array(windows.sides)[windows.level]
    step = np.where(sides > 1, 2 * (1 - 1 / windows.grid) / np.maximum(sides - 1, 1), 2.0)
    spread = (chance[:, :, None] * (away**2)).sum(axis=0)
    own = (chance * (step**2 / 12)[:, None]).sum(axis=0)
    reach = 1.645 * np.sqrt(spread + own[:, None])
    order = np.argsort(windows.size, kind="stable")
    below = chance[order].cumsum(axis=0)
    low, high = (
        windows.size[order][(below >= part - 1e-9).argmax(axis=0)] for part in (0.05, 0.95)
    )
    return PlaceInterval(np.clip(place - reach, -1, 1), np.clip(place + reach, -1, 1), low, high)
