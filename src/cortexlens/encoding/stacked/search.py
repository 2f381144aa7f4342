"""Where in the image, and how widely, each vertex reads: the window that predicts it best.

The score of a window is the R² of ridge by generalised cross-validation, averaged over neighbours
on the cortex and over the layers in which it is largest. All windows are tried for all vertices: a
window's features are sums over tokens, so that their products with responses are sums of those of
the tokens, which are taken once. Of very many images a part is enough: scores are averaged over
neighbours, each of which adds to what a score is known to.
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

# Layers, evenly spaced, in which windows are tried; more tell little more of where a vertex reads.
SEARCH_LAYERS = 4
# Layers with the largest scores whose mean is a window's score.
BEST_LAYERS = 3
# Components of a layer's channels that the search looks at.
SEARCH_COMPONENTS = 256
# Images that are looked at where there are more and vertices have many neighbours, and images times
# neighbours that are looked at in any case.
ENOUGH_IMAGES, ENOUGH_SEEN = 3000, 30_000
# Windows whose products with responses, and whose averages, are taken at once.
WINDOWS_AT_ONCE = 32
# Products of tokens and responses that are held at once.
PRODUCT_VALUES = 2**25
# Vertices whose products are taken at once, at least.
FEWEST_VERTICES = 64
# Bytes of the windows' eigenvectors that stay for the fit.
BASES_BYTES = 500_000_000


@dataclass(frozen=True)
class Found:
    """What a search finds.

    Attributes
    ----------
    window
        Best window of each vertex.
    score
        Of every window, averaged over neighbours and layers.
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
    made: Mapping[tuple[int, int], Spectrum | None]
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
    looked_at: Tokens | TokensOfSome = tokens
    if n_used < n_images:
        order = np.random.default_rng(0).permutation(n_images)
        looked_at = tokens.of(np.sort(order[:n_used]))
        controls = looked_at.samples.centred_again(controls[looked_at.rows])
    tried = _try_all(looked_at, windows, controls)
    score = pooled_scores(tried.scores[:, :, :n_recorded], average)
    by_chance = tried.best[n_recorded:].clamp_min(0).mean()
    explained = (tried.best[:n_recorded] - by_chance).clamp(0, 1)
    signal = (explained / tried.shrunk[:n_recorded].clamp_min(0.2)).clamp(0, 0.95)
    made = tried.made if n_used == n_images else {}
    return Found(score.argmax(dim=0).cpu().numpy(), score, signal, made, n_used)


def images_that_suffice(average: csr_array) -> int:
    """Images of which a score, averaged over neighbours, is known well enough."""
    each = np.asarray((average**2).sum(axis=1)).ravel()
    neighbours = float(np.median(1 / each)) if len(each) else 1.0
    return max(ENOUGH_IMAGES, round(ENOUGH_SEEN / neighbours))


@dataclass(frozen=True)
class _Tried:
    """Scores of all windows.

    Attributes
    ----------
    scores
        Of recorded responses, then of controls.
    best
        Score of the best of all ridges.
    shrunk
        What this ridge leaves of a signal that is spread over the features as they are.
    made
        As of :class:`Found`.
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
                found, penalty = generalised_scores(part, own, response.total[some]).max(dim=0)
                scores[position, window, some] = found
                better = found > best[some]
                best[some] = torch.where(better, found, best[some])
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
    """Products of every local token with the responses of some vertices, and which these are."""
    width, n_tokens = tokens.width(layer), tokens.n_local
    n_vertices, device = len(response.total), response.total.device
    alone = torch.eye(n_tokens)
    # read once, where all tokens fit
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
    """Products of each window's rotated features with responses, from those of the tokens."""
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
    """Average scores over neighbours, then over the layers in which they are largest."""
    count = min(BEST_LAYERS, len(scores))
    pooled = []
    for some in scores.split(WINDOWS_AT_ONCE, dim=1):
        mean = averaged(some.contiguous(), average)
        pooled.append(mean.topk(count, dim=0).values.mean(dim=0))
    return torch.cat(pooled)


def refined_places(
    windows: Windows, window: Int[np.ndarray, " vertex"], score: Float[np.ndarray, "window vertex"]
) -> Float[np.ndarray, "vertex 2"]:
    """Centres between lattice points: the top of a parabola through neighbouring scores.

    Along each axis by itself, through the best window's score and those to its sides; at the edge,
    the lattice point itself.

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
        usable = inner & (bend < 0)
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

    A window of score R² has the likelihood (1 − R²)^(−n/2) of Gaussian residuals. Intervals of the
    centre are 1.645 standard deviations of the windows' centres under it, the lattice's own spacing
    included; those of the size are its quantiles, and reach half way to the next size.

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
    log = -0.5 * n_images * np.log1p(-np.clip(score, None, 0.999))
    log -= log.max(axis=0)
    chance = np.exp(log)
    chance /= chance.sum(axis=0)
    away = windows.place[:, None, :] - place
    sides = np.array(windows.sides)[windows.level]
    step = np.where(sides > 1, 2 * (1 - 1 / windows.grid) / np.maximum(sides - 1, 1), 2.0)
    spread = (chance[:, :, None] * (away**2)).sum(axis=0)
    own = (chance * (step**2 / 12)[:, None]).sum(axis=0)
    reach = 1.645 * np.sqrt(spread + own[:, None])
    edges = windows.size_edges()
    of_size = np.eye(len(edges) - 1)[windows.level].T @ chance
    first, last = ((of_size.cumsum(axis=0) >= part - 1e-9).argmax(axis=0) for part in (0.05, 0.95))
    ends = np.clip(place - reach, -1, 1), np.clip(place + reach, -1, 1)
    return PlaceInterval(*ends, edges[first], edges[last + 1])
