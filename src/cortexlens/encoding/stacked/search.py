"""Search the receptive field of each vertex: the window whose features predict it best.

The score of a window is the R² of ridge regression by generalised cross-validation, averaged over
neighbours on the cortex and over the layers in which it is largest. All windows are tried for all
vertices. Since the features of a window are sums over tokens, their products with responses are
sums of the products of tokens, which are computed once. If there are very many images, a subset is
enough, because averaging over neighbours makes scores more precise.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import csr_array
from torch import Tensor

from cortexlens.encoding.stacked.neighbours import averaged
from cortexlens.encoding.stacked.ridge import Spectrum, decompose_features, generalised_scores
from cortexlens.encoding.stacked.samples import HELD_VALUES, SideBySide, Tokens, TokensOfSome
from cortexlens.encoding.stacked.windows import Windows
from cortexlens.progress import track

# Number of layers, evenly spaced, in which windows are tried; more add little information on
# receptive fields.
SEARCH_LAYERS = 4
# A window's score is the mean over this many layers, those with the largest scores.
BEST_LAYERS = 3
# Number of principal components of a layer's channels used in the search.
SEARCH_COMPONENTS = 256
# Smallest number of images used if there are more, and smallest product of images and neighbours.
ENOUGH_IMAGES, ENOUGH_SEEN = 3000, 30_000
# Number of windows whose products with responses, and whose averages, are computed at once.
WINDOWS_AT_ONCE = 32
# Size of the products of tokens and responses held in memory at once, in numbers.
PRODUCT_VALUES = 2**25
# Smallest number of vertices whose products are computed at once.
FEWEST_VERTICES = 64
# Size in bytes of the windows' eigenvectors that are kept for the fit.
BASES_BYTES = 500_000_000


@dataclass(frozen=True)
class Found:
    """Result of the search for windows.

    Attributes
    ----------
    window
        Index of the best window of each vertex.
    score
        Score of every window for every vertex, averaged over neighbours and layers.
    signal
        Estimated fraction of each response's variance that features explain: R² of the best ridge,
        minus the R² that the best ridge reaches for responses without signal, corrected for
        shrinkage.
    made
        Decompositions by (layer, window), of all images, that are still in memory.
    n_images
        Number of training images that scores were computed from.
    """

    window: Int[np.ndarray, " vertex"]
    score: Float[Tensor, "window vertex"]
    signal: Float[Tensor, " vertex"]
    made: Mapping[tuple[int, int], Spectrum | None]
    n_images: int


def searched_layers(n_layers: int, n_wanted: int = SEARCH_LAYERS) -> tuple[int, ...]:
    """Choose the layers in which windows are searched: first, last, and evenly spaced between.

    Parameters
    ----------
    n_layers
        Number of layers of the network.
    n_wanted
        Number of layers to choose, at most.
    """
    count = min(n_layers, n_wanted)
    return tuple(np.unique(np.linspace(0, n_layers - 1, count).round().astype(int)).tolist())


def search_windows(
    tokens: Tokens,
    windows: Windows,
    average: csr_array,
    controls: Float[Tensor, "image control"],
) -> Found:
    """Find the best window of each vertex.

    Parameters
    ----------
    tokens
        Tokens of the training images, for at least the layers of :func:`searched_layers`.
    windows
        Windows to choose from.
    average
        Weights of the average over neighbours, from :meth:`~.neighbours.Cortex.average`.
    controls
        Responses without signal, centred and weighted. The mean score of their best windows is the
        gain by chance, which is subtracted from the signal of the recorded responses.
    """
    n_images, n_recorded = tokens.samples.response.shape
    n_used = min(n_images, images_that_suffice(average))
    used: Tokens | TokensOfSome = tokens
    if n_used < n_images:
        order = np.random.default_rng(0).permutation(n_images)
        used = tokens.of(np.sort(order[:n_used]))
        controls = used.samples.centred_again(controls[used.rows])
    tried = _try_all(used, windows, controls)
    score = pooled_scores(tried.scores[:, :, :n_recorded], average)
    by_chance = tried.best[n_recorded:].clamp_min(0).mean()
    explained = (tried.best[:n_recorded] - by_chance).clamp(0, 1)
    signal = (explained / tried.shrunk[:n_recorded].clamp_min(0.2)).clamp(0, 0.95)
    made = tried.made if n_used == n_images else {}
    return Found(score.argmax(dim=0).cpu().numpy(), score, signal, made, n_used)


def images_that_suffice(average: csr_array) -> int:
    """Return the number of images that make scores, averaged over neighbours, precise enough.

    Parameters
    ----------
    average
        Weights of the average over neighbours.
    """
    each = np.asarray((average**2).sum(axis=1)).ravel()
    neighbours = float(np.median(1 / each)) if len(each) else 1.0
    return max(ENOUGH_IMAGES, round(ENOUGH_SEEN / neighbours))


@dataclass(frozen=True)
class _Tried:
    """Scores of all windows in the searched layers.

    Attributes
    ----------
    scores
        Scores for recorded responses, then for controls.
    best
        Score of the best of all ridges, for each vertex.
    shrunk
        Fraction of a signal, distributed like the features, that remains under this ridge's
        penalty.
    made
        Decompositions, as in :class:`Found`.
    """

    scores: Float[Tensor, "searched window vertex"]
    best: Float[Tensor, " vertex"]
    shrunk: Float[Tensor, " vertex"]
    made: Mapping[tuple[int, int], Spectrum | None]


def _try_all(
    tokens: Tokens | TokensOfSome, windows: Windows, controls: Float[Tensor, "image control"]
) -> _Tried:
    """Score every window in the searched layers."""
    response, device = SideBySide(tokens.samples.response, controls), controls.device
    searched, n_vertices = searched_layers(len(tokens.layers)), len(response.total)
    scores = torch.zeros((len(searched), len(windows), n_vertices), device=device)
    best = torch.full((n_vertices,), -torch.inf, device=device)
    shrunk = torch.full((n_vertices,), torch.nan, device=device)
    made: dict[tuple[int, int], Spectrum | None] = {}
    room = BASES_BYTES
    for position, layer in track(list(enumerate(searched)), "layers searched"):
        parts = [decompose_features(seen) for seen in tokens.each_window(layer, windows.weight)]
        for some, products in _token_products(tokens, layer, response):
            for window, part, own in _through(windows, parts, products):
                score, penalty = generalised_scores(part, own, response.total[some]).max(dim=0)
                scores[position, window, some] = score
                better = score > best[some]
                best[some] = torch.where(better, score, best[some])
                shrunk[some] = torch.where(better, part.left_of_signal[penalty], shrunk[some])
        for window, known in enumerate(parts):
            room -= 0 if known is None else known.basis.nbytes
            if room < 0:
                break
            made[layer, window] = known
    return _Tried(scores, best, shrunk, made)


def _token_products(
    tokens: Tokens | TokensOfSome, layer: int, response: SideBySide
) -> Iterator[tuple[slice, Float[Tensor, "token component vertex"]]]:
    """Yield groups of vertices and the products of every local token with their responses."""
    width, n_tokens = tokens.width(layer), tokens.n_local
    n_vertices, device = len(response.total), response.total.device
    alone = torch.eye(n_tokens)
    # Tokens are read a single time if all of them fit into memory.
    fit = HELD_VALUES // (len(tokens.samples.images) * width) >= n_tokens
    read = alone.split(n_tokens if fit else tokens.n_held(layer))
    held = [tokens.through(layer, alone)] if fit else None
    size = max(FEWEST_VERTICES, PRODUCT_VALUES // (n_tokens * width))
    for start in range(0, n_vertices, size):
        some = slice(start, min(start + size, n_vertices))
        seen = response.columns(torch.arange(some.start, some.stop, device=device))
        groups = held or (tokens.through(layer, each) for each in read)
        products = [group.mT @ seen for group in groups]
        yield some, products[0] if held else torch.cat(products)


def _through(
    windows: Windows,
    parts: list[Spectrum | None],
    products: Float[Tensor, "token component vertex"],
) -> Iterator[tuple[int, Spectrum, Float[Tensor, "component vertex"]]]:
    """Yield the products of each window's rotated features with responses, from token products."""
    flat = products.flatten(1)
    for start in range(0, len(parts), WINDOWS_AT_ONCE):
        weight = windows.weight[start : start + WINDOWS_AT_ONCE].to(flat.device)
        seen = (weight @ flat).unflatten(1, products.shape[1:])
        for window, own in enumerate(seen, start):
            part = parts[window]
            if part is not None:
                yield window, part, part.basis.float().T @ own


def pooled_scores(
    scores: Float[Tensor, "searched window vertex"], average: csr_array
) -> Float[Tensor, "window vertex"]:
    """Average scores over neighbours, then over the layers in which they are largest.

    Parameters
    ----------
    scores
        Score of every window in every searched layer.
    average
        Weights of the average over neighbours.
    """
    count = min(BEST_LAYERS, len(scores))
    pooled = []
    for some in scores.split(WINDOWS_AT_ONCE, dim=1):
        mean = averaged(some.contiguous(), average)
        pooled.append(mean.topk(count, dim=0).values.mean(dim=0))
    return torch.cat(pooled)


def refined_places(
    windows: Windows, window: Int[np.ndarray, " vertex"], score: Float[np.ndarray, "window vertex"]
) -> Float[np.ndarray, "vertex 2"]:
    """Refine receptive-field centres between lattice points by a parabola through the scores.

    The parabola is fitted along each axis separately, through the scores of the best window and of
    its two neighbours on the lattice. At the edge of the lattice the centre is not refined.

    Parameters
    ----------
    windows
        All windows.
    window
        Index of the best window of each vertex.
    score
        Score of every window for every vertex.

    Returns
    -------
    ndarray
        Centres in [−1, 1], x to the right and y downward, at most half a step from the lattice
        point.
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
        usable = inner & (bend < 0)
        shift = np.divide(before - after, 2 * bend, out=np.zeros(len(window)), where=usable)
        step = 2 * (1 - 1 / windows.grid) / np.maximum(sides - 1, 1)
        place[:, axis] += np.clip(shift, -0.5, 0.5) * step * usable
    return place


@dataclass(frozen=True)
class PlaceInterval:
    """90 % intervals of the receptive-field centre and size of each vertex.

    Attributes
    ----------
    low, high
        Ends of the interval of the centre, x and y, in [−1, 1].
    size_low, size_high
        Ends of the interval of the size, in image widths.
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
    """Compute intervals of receptive fields from the likelihood of all windows.

    With Gaussian residuals, a window of score R² has a likelihood proportional to
    (1 − R²)^(−n/2). The interval of the centre is ± 1.645 standard deviations of the windows'
    centres under this distribution, including the spacing of the lattice. The interval of the size
    is between its quantiles, extended half way to the next size.

    Parameters
    ----------
    windows
        All windows.
    place
        Refined receptive-field centres.
    score
        Scores from :class:`Found`.
    n_images
        Number n of training images that scores were computed from.
    """
    log = -0.5 * n_images * np.log1p(-np.clip(score, None, 0.999))
    log -= log.max(axis=0)
    probability = np.exp(log)
    probability /= probability.sum(axis=0)
    offset = windows.place[:, None, :] - place
    sides = np.array(windows.sides)[windows.level]
    step = np.where(sides > 1, 2 * (1 - 1 / windows.grid) / np.maximum(sides - 1, 1), 2.0)
    spread = (probability[:, :, None] * (offset**2)).sum(axis=0)
    # Variance within a cell of the lattice.
    within = (probability * (step**2 / 12)[:, None]).sum(axis=0)
    reach = 1.645 * np.sqrt(spread + within[:, None])
    edges = windows.size_edges()
    of_size = np.eye(len(edges) - 1)[windows.level].T @ probability
    first, last = ((of_size.cumsum(axis=0) >= part - 1e-9).argmax(axis=0) for part in (0.05, 0.95))
    ends = np.clip(place - reach, -1, 1), np.clip(place + reach, -1, 1)
    return PlaceInterval(*ends, edges[first], edges[last + 1])
