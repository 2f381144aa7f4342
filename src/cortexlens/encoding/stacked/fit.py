"""Fitting the stacked readout: windows, ridge, stack, and how sure it is. Nothing is trained."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import csr_array
from torch import Tensor

from cortexlens.encoding.data import FitData
from cortexlens.encoding.layers import take
from cortexlens.encoding.moments import checked, feature_moments
from cortexlens.encoding.stacked.certainty import (
    Calibration,
    Certainty,
    calibrate,
    certainty,
    layer_weights,
)
from cortexlens.encoding.stacked.model import FoldedSet, StackedModel
from cortexlens.encoding.stacked.neighbours import Cortex
from cortexlens.encoding.stacked.prior import learn_priors, shaped
from cortexlens.encoding.stacked.ridge import (
    PENALTIES,
    Decomposition,
    cross_products,
    decompose,
    generalised_scores,
    leave_one_out,
)
from cortexlens.encoding.stacked.samples import (
    BLOCK_VALUES,
    Samples,
    SideBySide,
    Tokens,
    training_samples,
)
from cortexlens.encoding.stacked.scratch import Scratch
from cortexlens.encoding.stacked.search import (
    SEARCH_COMPONENTS,
    Found,
    PlaceInterval,
    place_intervals,
    refined_places,
    search_windows,
    searched_layers,
)
from cortexlens.encoding.stacked.stacking import (
    Bandwidth,
    Sums,
    average,
    block_sums,
    blocks_that_fit,
    choose_bandwidth,
    empty_sums,
    non_negative,
    squared_error,
)
from cortexlens.encoding.stacked.windows import Windows, make_windows
from cortexlens.progress import track

SCALES = ("window", "image", "global")
# Standard deviation, mm, of the average over the cortex that places are searched with.
PLACE_BANDWIDTH = 2.0
# Vertices in which responses are planted for calibration, at most.
PLANTED_VERTICES = 2000
# Vertices whose exchanged responses say what the search gains by chance, at most.
CONTROLS = 100
# Standard deviation, mm, of the average that makes planted layers alike among neighbours.
PLANTED_BANDWIDTH = 10.0
# Narrowest and widest bump of planted layer weights, in layers.
PLANTED_WIDTHS = (0.25, 1.0)
# Layers by which centres of these bumps go beyond the first and the last, so that vertices that
# read one of these alone are among those that are planted.
BEYOND = 1.0
# Bytes of left-out predictions that are held at once.
HELD_BYTES = 1e9
# Numbers of features through windows that are held at once.
HELD_VALUES = 2**27


@dataclass(frozen=True)
class StackedOptions:
    """Settings of a stacked fit; none of them has to be tuned.

    Attributes
    ----------
    components
        Principal components that each layer's channels are reduced to; None: all channels.
    lattice
        Places a token at which windows of size 0 are centred.
    sizes
        Widths of windows, in tokens; see :func:`~.windows.make_windows`.
    image_grid
        Side of the coarse grid whose tokens together are the set ``image``.
    bandwidths
        Widths of averages over the cortex that are tried, mm.
    blocks
        Blocks of images that sums are kept of, at most; fewer where there are very many vertices,
        see :func:`~.stacking.blocks_that_fit`.
    draws
        Resamples of blocks.
    prior_steps
        Steps by which the covariance of channel weights is learnt from all vertices, see
        :mod:`~cortexlens.encoding.stacked.prior`; 0: channels count alike.
    """

    components: int | None = None
    lattice: int = 2
    sizes: tuple[float, ...] = (0.0, 1.0, 2.0, 4.0)
    image_grid: int = 2
    bandwidths: tuple[float, ...] = (0.0, 1.0, 2.0, 4.0, 8.0)
    blocks: int = 50
    draws: int = 100
    prior_steps: int = 0


@dataclass(frozen=True)
class StackedFit:
    """A fit.

    Attributes
    ----------
    model
        Predicts responses.
    weight
        ω of every set, layers first, then scales.
    layer
        Weights of layers, as parts of 1.
    found, windows
        Where vertices read.
    place, place_interval
        Centres between lattice points, and intervals of centres and sizes.
    bandwidth
        Of the stack's averages.
    certainty, calibration
        Of the layers.
    r2_left_out
        R² on training images, each predicted by a stack of ridges that have not seen it.
    penalty
        λ of each set, in units of the mean eigenvalue of its features.
    blocks, draws
        How many.
    variance_lost
        Largest part of a layer's variance that its components lack.
    """

    model: StackedModel
    weight: Float[Tensor, "set vertex"]
    layer: Float[np.ndarray, "vertex layer"]
    found: Found
    windows: Windows
    place: Float[np.ndarray, "vertex 2"]
    place_interval: PlaceInterval
    bandwidth: Bandwidth
    certainty: Certainty
    calibration: Calibration
    r2_left_out: Float[np.ndarray, " vertex"]
    penalty: Float[np.ndarray, "set vertex"]
    blocks: int
    draws: int
    variance_lost: float


def fit_stacked(
    data: FitData,
    coordinates: Float[np.ndarray, "vertex axis"] | None,
    options: StackedOptions,
    hemisphere: Int[np.ndarray, " vertex"] | None = None,
    image_ids: Sequence[str] | None = None,
    scratch: Path | None = None,
) -> StackedFit:
    """Fit the stacked readout to the training images.

    Parameters
    ----------
    data
        Features and responses.
    coordinates
        mm; None: nothing is averaged over neighbours.
    options
        Settings.
    hemisphere
        0 left, 1 right; averages do not cross. None: not known.
    image_ids
        Names of all images, that decide which blocks they are in; None: their order does.
    scratch
        Folder of a file without a name that holds the regressions' weights while the fit runs,
        where these are many; None: the system's folder for temporary files.
    """
    n_layers, n_vertices = len(data.layers), data.response.shape[1]
    n_columns = n_vertices + min(n_vertices, PLANTED_VERTICES)
    n_blocks = blocks_that_fit(options.blocks, len(SCALES), n_layers, n_columns)
    samples = training_samples(data, n_blocks, image_ids)
    moments = checked([feature_moments(layer, samples.images) for layer in data.layers])
    grid = round((data.layers[0].shape[1] - 1) ** 0.5)
    windows = make_windows(grid, options.sizes, options.lattice)
    cortex = Cortex(coordinates, n_vertices, hemisphere)
    every = range(n_layers)
    tokens = Tokens(data.layers, moments, samples, options.components, every, scratch)
    searched, looked_at = searched_layers(n_layers), tokens
    if max(map(tokens.width, searched)) > SEARCH_COMPONENTS:
        looked_at = Tokens(data.layers, moments, samples, SEARCH_COMPONENTS, searched, scratch)
    smooth, controls = cortex.average(PLACE_BANDWIDTH), exchanged_responses(samples)
    found = search_windows(looked_at, windows, smooth, controls)
    made = found.made if looked_at is tokens else {}
    del looked_at
    if options.prior_steps:
        tokens.set_bases(
            shaped(tokens, learn_priors(tokens, windows, found.window, options.prior_steps))
        )
        made = {}
    chosen = cortex.patches(PLANTED_VERTICES)
    reader = _Reader(data, tokens, windows, coarse_weights(grid, options.image_grid))
    there = Cortex(
        None if coordinates is None else coordinates[chosen],
        len(chosen),
        None if hemisphere is None else hemisphere[chosen],
    )
    planted = plant(reader, found, made, chosen, there.average(PLANTED_BANDWIDTH))
    both = SideBySide(samples.response, planted.response)
    window = np.concatenate([found.window, found.window[chosen]])
    real, trial, ridges = _left_out_sums(reader, both, window, n_vertices, made, scratch)
    bandwidth = choose_bandwidth(real, cortex, options.bandwidths)
    own_products, own_responses = real.products.sum(dim=0), real.responses.sum(dim=0)
    total = real.total.sum(dim=0)
    sides = np.unique(cortex.hemisphere)
    for sums, vertices in ((real, cortex), (trial, there)):
        average(sums, vertices, dict(zip(sides.tolist(), bandwidth.sigma, strict=True)))
    weight, weight_planted = (
        non_negative(each.products.sum(dim=0), each.responses.sum(dim=0)) for each in (real, trial)
    )
    calibration = calibrate(trial, weight_planted, planted.layer, planted.usable, options.draws)
    sure = certainty(real, weight, options.draws, calibration)
    score = found.score.cpu().numpy()
    place = refined_places(windows, found.window, score)
    away = squared_error(own_products, own_responses, total, weight)
    r2 = torch.where(total > 0, 1 - away / total, torch.nan)
    return StackedFit(
        ridges.model(weight, found.window, samples.offset),
        weight,
        layer_weights(weight, n_layers).T.cpu().numpy(),
        found,
        windows,
        place,
        place_intervals(windows, place, score, len(samples.images)),
        bandwidth,
        sure,
        calibration,
        r2.cpu().numpy(),
        ridges.penalty.cpu().numpy(),
        real.n_blocks,
        options.draws,
        tokens.lost,
    )


def coarse_weights(grid: int, side: int) -> Float[Tensor, "cell token"]:
    """Weights of tokens in each cell of a coarser grid; a token may lie in several in part."""
    side = min(side, grid)
    edge = torch.arange(side + 1, dtype=torch.float64) * grid / side
    token = torch.arange(grid, dtype=torch.float64)
    upper = torch.minimum(edge[1:, None], token + 1)
    lower = torch.maximum(edge[:-1, None], token)
    share = (upper - lower).clamp_min(0) * side / grid
    return torch.einsum("rt,cs->rcts", share, share).reshape(side**2, grid**2).float()


class _Reader:
    """Centred and weighted features of every set."""

    def __init__(
        self,
        data: FitData,
        tokens: Tokens,
        windows: Windows,
        coarse: Float[Tensor, "cell token"],
    ) -> None:
        self.data, self.tokens, self.samples = data, tokens, tokens.samples
        self.moments, self.bases = tokens.moments, tokens.bases
        self.windows, self.coarse = windows, coarse
        self.device = self.samples.response.device

    def through(
        self, layer: int, wanted: Int[np.ndarray, " wanted"]
    ) -> Iterator[tuple[int, Float[Tensor, "image channel"]]]:
        """Give windows and what a layer shows through them, a window at a time."""
        size = max(1, HELD_VALUES // (len(self.samples.images) * self.tokens.width(layer)))
        for start in range(0, len(wanted), size):
            some = wanted[start : start + size]
            weight = self.windows.weight[torch.from_numpy(some)]
            yield from zip(some.tolist(), self.tokens.through(layer, weight), strict=True)

    def image(self, layer: int) -> Float[Tensor, "image feature"]:
        """Tokens of the coarse grid side by side."""
        return self.tokens.through(layer, self.coarse).transpose(0, 1).flatten(1)

    def pooled(self, layer: int) -> Float[Tensor, "image channel"]:
        """Global token."""
        return self.tokens.pooled(layer)

    def mean_tokens(self) -> list[Float[Tensor, "1 token channel"]]:
        """Mean over trials of each layer's tokens, as they are stored."""
        share = self.samples.leverage_1.cpu()
        means = []
        for layer in self.data.layers:
            size = max(1, BLOCK_VALUES // (layer.shape[1] * layer.shape[2]))
            total = torch.zeros(layer.shape[1:])
            for start in range(0, len(share), size):
                tokens = take(layer, self.samples.images[start : start + size]).cpu().float()
                total += torch.tensordot(share[start : start + size], tokens, dims=([0], [0]))
            means.append(total[None])
        return means


@dataclass(frozen=True)
class Planted:
    """Responses with known layers, in a subject's own features.

    Attributes
    ----------
    response
        Centred and weighted as the subject's.
    layer
        Weights of layers; rows sum to 1.
    usable
        Vertices whose responses vary.
    """

    response: Float[Tensor, "image vertex"]
    layer: Float[np.ndarray, "vertex layer"]
    usable: np.ndarray = field(repr=False)


def plant(
    reader: _Reader,
    found: Found,
    decomposed: Mapping[tuple[int, int], Decomposition | None],
    chosen: Int[np.ndarray, " chosen"],
    average: csr_array,
) -> Planted:
    """Plant responses that are as predictable as the subject's, from every layer alike.

    A planted vertex reads the window of the vertex whose place it takes, in layers whose weights
    are a bump around a layer that was drawn, near that of its neighbours, and the global tokens of
    the same layers in part, with random channels. Its noise are the vertex's own responses to other
    images, one exchange of images for all vertices, so that neighbours have in common what they
    have in common in the subject. Everything is drawn from one fixed seed.

    Parameters
    ----------
    reader
        Features.
    found
        By the search.
    decomposed
        Decompositions of (layer, window) that are there already.
    chosen
        Vertices whose places are taken.
    average
        Weights of neighbours among them, over which planted layers are alike.
    """
    samples, device = reader.samples, reader.device
    n_layers = len(reader.data.layers)
    random = np.random.default_rng(0)
    generator = torch.Generator().manual_seed(0)
    centre = random_centres(random, average, n_layers)
    narrow, wide = map(math.log, PLANTED_WIDTHS)
    width = np.exp(random.uniform(narrow, wide, len(chosen)))
    distance = (np.arange(n_layers)[None, :] - centre[:, None]) / width[:, None]
    layer = np.exp(-0.5 * (distance**2 - (distance**2).min(axis=1, keepdims=True)))
    layer /= layer.sum(axis=1, keepdims=True)
    share = random.uniform(0.0, 0.5, len(chosen))
    window = found.window[chosen]
    order = np.argsort(window, kind="stable")
    wanted, starts = np.unique(window[order], return_index=True)
    groups = dict(zip(wanted.tolist(), np.split(order, starts[1:]), strict=True))
    signal = torch.zeros((len(samples.images), len(chosen)), device=device)
    for index in track(range(n_layers), "layers planted"):
        weight = torch.from_numpy(layer[:, index]).float()
        local = weight * torch.from_numpy(1 - share).float()
        made = {each: decomposed.get((index, each)) for each in wanted.tolist()}
        # random channels are as random in any orthogonal basis of what varies
        rotated = {each: part.rotated for each, part in made.items() if part is not None}
        others = np.setdiff1d(wanted, list(rotated))
        for number, seen in chain(rotated.items(), reader.through(index, others)):
            rows = torch.from_numpy(groups[number])
            signal[:, rows] += seen.float() @ _channels(seen, local[rows], generator)
        pooled = reader.pooled(index)
        signal += pooled @ _channels(pooled, weight - local, generator)
    partner = torch.from_numpy(random.permutation(len(samples.images))).to(device)
    own = samples.response[:, torch.from_numpy(chosen).to(device)]
    exchanged = samples.centred((own / samples.root[:, None])[partner])
    power = found.signal[torch.from_numpy(chosen).to(device)]
    response = power.sqrt() * _unit(signal) + (1 - power).sqrt() * _unit(exchanged)
    usable = (own.square().sum(dim=0) > 0).cpu().numpy()
    return Planted(response, layer, usable)


def exchanged_responses(samples: Samples) -> Float[Tensor, "image control"]:
    """Responses of some vertices to other images than those they belong to: no signal.

    How well the best of many windows and layers predicts these is what it gains by chance.
    """
    n_images, n_vertices = samples.response.shape
    order = np.random.default_rng(1).permutation(n_images)
    some = np.unique(np.linspace(0, n_vertices - 1, CONTROLS).round().astype(int))
    own = samples.response[:, torch.from_numpy(some).to(samples.response.device)]
    unweighted = own / samples.root[:, None]
    return samples.centred(unweighted[torch.from_numpy(order).to(own.device)])


def random_centres(
    random: np.random.Generator, average: csr_array, n_layers: int
) -> Float[np.ndarray, " vertex"]:
    """Draw layers that are alike among neighbours and, over all vertices, evenly distributed.

    Parameters
    ----------
    random
        Draws white noise.
    average
        Weights of neighbours, by which it is averaged.
    n_layers
        Centres lie from :data:`BEYOND` before the first to as much after the last.
    """
    noise = average @ random.standard_normal(average.shape[0])
    rank = np.argsort(np.argsort(noise, kind="stable"))
    part: np.ndarray = rank / max(len(rank) - 1, 1)
    return part * (n_layers - 1 + 2 * BEYOND) - BEYOND


def _channels(
    features: Float[Tensor, "image channel"],
    weight: Float[Tensor, " vertex"],
    generator: torch.Generator,
) -> Float[Tensor, "channel vertex"]:
    """Random channels, isotropic, each vertex's signal of a size given by its weight."""
    drawn = torch.randn((features.shape[1], len(weight)), generator=generator)
    power = features.square().sum().clamp_min(1e-30).sqrt()
    return (drawn * weight).to(features.device) / power


def _unit(values: Float[Tensor, "image vertex"]) -> Float[Tensor, "image vertex"]:
    length = values.square().sum(dim=0).sqrt()
    return values / torch.where(length > 0, length, 1.0)


class _Ridges:
    """Weights of every set's ridge, as they come."""

    def __init__(self, reader: _Reader, n_vertices: int, folder: Path | None) -> None:
        self.reader, self.n_vertices = reader, n_vertices
        n_sets = len(reader.data.layers) * len(SCALES)
        self.penalty = torch.full((n_sets, n_vertices), torch.nan)
        # in the order of the sets; those that nothing varies in have no weights
        self.parts: list[Tensor | None] = [None] * n_sets
        # of one cell, of the window and of the global token; folded, all channels have weights
        widths = sum(layer.shape[2] for layer in reader.data.layers)
        n_bytes = 4.0 * n_vertices * widths * (len(reader.coarse) + 2)
        self.scratch = Scratch(n_bytes, folder, reader.device)

    def add(
        self,
        number: int,
        rows: Int[Tensor, " vertex"],
        weights: Float[Tensor, "channel vertex"],
        penalty: Int[Tensor, " vertex"],
    ) -> None:
        """Keep the weights of some vertices, of which the planted ones are dropped."""
        real = rows < self.n_vertices
        if bool(real.any()):
            part = self.parts[number]
            if part is None:
                part = self.scratch.zeros(self.n_vertices, len(weights))
                self.parts[number] = part
            part[rows[real].to(part.device)] = weights[:, real].T.to(part.device)
            chosen = torch.from_numpy(PENALTIES)[penalty[real].cpu()]
            self.penalty[number, rows[real].cpu()] = chosen.float()

    def model(
        self,
        stack: Float[Tensor, "set vertex"],
        window: Int[np.ndarray, " vertex"],
        offset: Float[Tensor, " vertex"],
    ) -> StackedModel:
        """Fold the stack's weights into those of the ridges, which are gone afterwards."""
        reader, sets = self.reader, []
        for number in range(len(self.parts)):
            layer, scale = divmod(number, len(SCALES))
            used = torch.nonzero(stack[number] > 0)[:, 0]
            own = self._folded(number, used, stack[number, used])
            sets.append(FoldedSet(layer, SCALES[scale], used.cpu(), own))
        model = StackedModel(
            [layer.shape[2] for layer in reader.data.layers],
            reader.windows.weight.cpu(),
            reader.coarse.cpu(),
            torch.from_numpy(window),
            [
                ((local[0].cpu(), local[1].cpu()), (pooled[0].cpu(), pooled[1].cpu()))
                for local, pooled in reader.moments
            ],
            sets,
            torch.zeros_like(offset).cpu(),
        )
        # linear, so that the mean response belongs to the mean tokens
        model.bias = offset.cpu() - model(reader.mean_tokens())[0]
        return model

    def _folded(
        self, number: int, used: Int[Tensor, " used"], share: Float[Tensor, " used"]
    ) -> Float[Tensor, "used channel"]:
        """Weights of a set times their share in the stack, of all channels; some at a time."""
        part, self.parts[number] = self.parts[number], None
        if part is None:
            return torch.zeros((len(used), 0))
        layer, scale = divmod(number, len(SCALES))
        basis = self.reader.bases[layer][SCALES[scale] == "global"]
        ratio = 1.0 if basis is None else len(basis) / basis.shape[1]
        whole = self.scratch.zeros(len(used), round(part.shape[1] * ratio))
        size = max(1, HELD_VALUES // whole.shape[1])
        for start in range(0, len(used), size):
            some = slice(start, start + size)
            own = part[used[some].to(part.device)].to(share.device) * share[some, None]
            if basis is not None:
                own = (own.unflatten(1, (-1, basis.shape[1])) @ basis.T).flatten(1)
            whole[some] = own
        return whole.cpu()


def _left_out_sums(
    reader: _Reader,
    response: SideBySide,
    window: Int[np.ndarray, " vertex"],
    n_vertices: int,
    made: Mapping[tuple[int, int], Decomposition | None],
    scratch: Path | None,
) -> tuple[Sums, Sums, _Ridges]:
    """Ridge of every set for every vertex, and the sums of their left-out predictions.

    Vertices are taken in the order of their windows, as many at once as fit the memory for
    left-out predictions; layers are read anew for each such chunk.

    Parameters
    ----------
    reader
        Features.
    response
        Of recorded vertices, then of planted ones.
    window
        Of each column of ``response``.
    n_vertices
        How many of them are recorded.
    made
        Decompositions of (layer, window) that are there already.
    scratch
        Folder for weights that are too many for memory.

    Returns
    -------
    recorded, planted, ridges
        Sums of both kinds of vertices, and the regressions of the recorded ones.
    """
    samples, device = reader.samples, reader.device
    n_layers, n_images = len(reader.data.layers), len(samples.images)
    n_sets = n_layers * len(SCALES)
    n_blocks = int(samples.block.max()) + 1
    recorded = empty_sums(n_blocks, n_sets, n_vertices, device)
    planted = empty_sums(n_blocks, n_sets, len(window) - n_vertices, device)
    ridges = _Ridges(reader, n_vertices, scratch)
    shared = _Shared(reader, scratch)
    order = np.argsort(window, kind="stable")
    size = max(64, int(HELD_BYTES / (4 * n_sets * n_images)))
    chunks = [order[start : start + size] for start in range(0, len(order), size)]
    for chunk in track(chunks, "groups of vertices fitted"):
        rows = torch.from_numpy(chunk).to(device)
        seen, power = response.columns(rows), response.total[rows]
        left_out = torch.zeros((n_sets, len(chunk), n_images), device=device)
        wanted, starts = np.unique(window[chunk], return_index=True)
        ends = np.append(starts[1:], len(chunk))
        span = {w: slice(a, b) for w, a, b in zip(wanted.tolist(), starts, ends, strict=True)}
        for layer in range(n_layers):
            first = layer * len(SCALES)
            there = [each for each in wanted.tolist() if (layer, each) in made]
            for number, part in chain(
                ((each, made[layer, each]) for each in there),
                (
                    (each, decompose(features, samples.leverage_1))
                    for each, features in reader.through(layer, np.setdiff1d(wanted, there))
                ),
            ):
                own = span[number]
                fitted = _ridge(part, seen[:, own], power[own])
                if fitted is not None:
                    left_out[first, own], weights, penalty = fitted
                    ridges.add(first, rows[own], weights, penalty)
            for scale in (1, 2):
                fitted = _ridge(shared.part(layer, scale), seen, power)
                if fitted is not None:
                    left_out[first + scale], weights, penalty = fitted
                    ridges.add(first + scale, rows, weights, penalty)
        for sums, first in ((recorded, 0), (planted, n_vertices)):
            at = torch.nonzero((rows >= first) & (rows < first + sums.total.shape[1]))[:, 0]
            of_them = seen[:, at], samples.root, samples.block
            block_sums(left_out, *of_them, sums, rows[at] - first, at)
    return recorded, planted, ridges


class _Shared:
    """Decompositions that all vertices share, of image and global tokens, made once."""

    def __init__(self, reader: _Reader, folder: Path | None) -> None:
        self.reader, self.parts = reader, dict[tuple[int, int], Decomposition | None]()
        n_images, n_bytes = len(reader.samples.images), 0.0
        for layer in reader.data.layers:
            for width in (layer.shape[2], layer.shape[2] * len(reader.coarse)):
                n_bytes += 4.0 * min(width, n_images) * (width + n_images)
        self.scratch = Scratch(n_bytes, folder, reader.device)

    def part(self, layer: int, scale: int) -> Decomposition | None:
        """Decomposition of a layer's set: 1 of the image, 2 of the global token."""
        if (layer, scale) not in self.parts:
            features = self.reader.image(layer) if scale == 1 else self.reader.pooled(layer)
            part = decompose(features, self.reader.samples.leverage_1)
            if part is not None:
                rotated, basis = map(self.scratch.moved, (part.rotated, part.basis))
                part = replace(part, rotated=rotated, basis=basis)
            self.parts[layer, scale] = part
        return self.parts[layer, scale]


def _ridge(
    part: Decomposition | None,
    response: Float[Tensor, "image vertex"],
    total: Float[Tensor, " vertex"],
) -> tuple[Tensor, Tensor, Tensor] | None:
    """Left-out predictions, weights and penalties by generalised cross-validation."""
    if part is None:
        return None
    products = cross_products(part, response)
    penalty = generalised_scores(part, products, total).argmax(dim=0)
    left_out, weights = leave_one_out(part, products, response, penalty)
    return left_out, weights, penalty
