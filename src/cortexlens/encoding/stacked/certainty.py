"""Certainty of a stack's layers: a bootstrap over image blocks, calibrated on planted responses.

The variance of stack weights over bootstrap resamples is too small: the ridge regressions beneath
the stack are not refitted, layers are shrunk unequally, and averaging over neighbours mixes layers.
All of this affects planted responses in the same way, which are made from the subject's own
features at its own receptive fields, with its own responses to other images as noise. The bootstrap
of planted responses is therefore compared with the truth, which shows what a fraction of resamples
is worth as a probability.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from scipy.spatial import cKDTree
from torch import Tensor

from cortexlens.encoding.stacked.stacking import Sums, non_negative

# Variance of the weights of blocks in a resample. It is 1 in the Bayesian bootstrap; a larger one
# explores more of what other images could have shown, and the calibration accounts for it.
INFLATION = 4.0
# Rounds of coordinate descent, starting from the weights of all images.
ROUNDS = 20
# Probability content of intervals, and of a range of layers.
INTERVAL, RANGE = 0.9, 0.8
# A vertex is compared with this fraction of the planted vertices, within these limits.
SHARE, FEWEST, MOST = 0.05, 20, 200
# Size of the products held in memory for resamples that are stacked at once, in numbers.
HELD_VALUES = 2**24
# Standard deviation of the expected level (0 first, 1 last layer) below which differences between
# vertices are ignored.
_LEAST = 0.01


@dataclass(frozen=True)
class Draws:
    """Summary of a stack's bootstrap resamples.

    Attributes
    ----------
    strongest
        Fraction of resamples in which each layer has the largest weight.
    level
        Expected level in each resample: 0 for the first layer, 1 for the last.
    """

    strongest: Float[np.ndarray, "vertex layer"]
    level: Float[np.ndarray, "draw vertex"]


@dataclass(frozen=True)
class Calibration:
    """Calibration of the bootstrap by planted responses, whose layers are known.

    Attributes
    ----------
    shares, right
        Knots of a non-decreasing, piecewise linear function from the fraction of resamples that
        agree on the strongest layer to the probability that this layer is correct.
    traits
        Traits of the planted vertices with a signal, see :func:`traits_of`.
    level
        Planted expected level of each of these vertices.
    accuracy
        Fraction of these vertices whose strongest layer was identified correctly.
    n_layers
        Number of layers.
    """

    shares: Float[np.ndarray, " knot"]
    right: Float[np.ndarray, " knot"]
    traits: Float[np.ndarray, "planted trait"]
    level: Float[np.ndarray, " planted"]
    accuracy: float
    n_layers: int


def layer_weights(
    weight: Float[Tensor, "set vertex"], n_layers: int
) -> Float[Tensor, "layer vertex"]:
    """Sum stack weights over the sets of each layer and normalise them to 1.

    Parameters
    ----------
    weight
        Stack weights of all sets, ordered by layer.
    n_layers
        Number of layers.

    Returns
    -------
    Tensor
        Weight of each layer; equal weights for vertices whose stack is zero.
    """
    summed = weight.view(n_layers, -1, weight.shape[1]).sum(dim=1)
    total = summed.sum(dim=0)
    even = torch.full_like(summed, 1 / n_layers)
    return torch.where(total > 0, summed / total.clamp_min(1e-30), even)


def levels_of(layers: Float[Tensor, "layer vertex"]) -> Float[Tensor, " vertex"]:
    """Compute the expected level Σ (l − 1)/(L − 1) ω_l from layer weights; 0 if L is 1."""
    steps = torch.arange(len(layers), device=layers.device, dtype=layers.dtype)
    return steps @ layers / max(len(layers) - 1, 1)


def block_weights(n_draws: int, n_blocks: int) -> Float[np.ndarray, "draw block"]:
    """Draw the weights of blocks of images in each bootstrap resample.

    Weights are Gamma variables of mean 1 and variance :data:`INFLATION`; with variance 1 this is
    the Bayesian bootstrap (Rubin 1981). They depend on the two arguments alone, so that two fits to
    the same images have the same resamples.

    Parameters
    ----------
    n_draws
        Number of resamples.
    n_blocks
        Number of blocks.

    Returns
    -------
    ndarray
        Weights, with mean 1 in each resample.
    """
    random = np.random.default_rng(n_blocks)
    weight = random.gamma(1 / INFLATION, INFLATION, (n_draws, n_blocks)) + 1e-6
    relative: np.ndarray = weight / weight.mean(axis=1, keepdims=True)
    return relative


def draw(
    sums: Sums,
    weight: Float[Tensor, "set vertex"],
    n_layers: int,
    n_draws: int,
) -> Draws:
    """Compute stack weights in bootstrap resamples of blocks of images.

    Parameters
    ----------
    sums
        Sums over blocks, averaged over the cortex like those that ``weight`` was computed from.
    weight
        Stack weights from all images, from which the solver starts.
    n_layers
        Number of layers.
    n_draws
        Number of resamples.
    """
    n_sets, n_vertices = weight.shape
    strongest = torch.zeros((n_layers, n_vertices), device=weight.device)
    level = np.empty((n_draws, n_vertices), dtype=np.float32)
    blocks = torch.from_numpy(block_weights(n_draws, sums.n_blocks)).to(weight.device).float()
    size = max(1, HELD_VALUES // (n_sets**2 * n_vertices))
    for start in range(0, n_draws, size):
        some = blocks[start : start + size]
        stack = non_negative(
            *sums.weighted(some), start=weight.repeat(1, len(some)), rounds=ROUNDS, exact=False
        )
        layers = layer_weights(stack, n_layers).unflatten(1, (len(some), n_vertices))
        largest = layers.argmax(dim=0)
        strongest.scatter_add_(0, largest, torch.ones_like(largest, dtype=strongest.dtype))
        level[start : start + size] = levels_of(layers.flatten(1)).view(len(some), -1).cpu().numpy()
    return Draws((strongest / n_draws).T.cpu().numpy(), level)


def traits_of(
    weight: Float[Tensor, "set vertex"], drawn: Draws
) -> Float[np.ndarray, "vertex trait"]:
    """Compute the two traits by which vertices are compared with planted vertices.

    These are the expected level, in layers, and the logarithm of its standard deviation over
    resamples. Their units are such that Euclidean distance measures similarity.

    Parameters
    ----------
    weight
        Stack weights of each vertex.
    drawn
        Bootstrap resamples of these vertices.
    """
    n_layers = drawn.strongest.shape[1]
    layers = layer_weights(weight, n_layers)
    level = levels_of(layers).cpu().numpy() * max(n_layers - 1, 1)
    deviation = np.log(drawn.level.std(axis=0) + _LEAST)
    return np.column_stack([level, deviation])


def calibrate(
    sums: Sums,
    weight: Float[Tensor, "set vertex"],
    planted: Float[np.ndarray, "vertex layer"],
    usable: Bool[np.ndarray, " vertex"],
    n_draws: int,
) -> Calibration:
    """Calibrate the bootstrap by planted responses.

    Parameters
    ----------
    sums
        Sums of the planted responses, averaged over the cortex.
    weight
        Stack weights fitted to them.
    planted
        Planted layer weights; rows sum to 1.
    usable
        Mask of the vertices with a planted signal.
    n_draws
        Number of resamples, as for the recorded responses.
    """
    from sklearn.isotonic import IsotonicRegression

    n_layers = planted.shape[1]
    rows = np.flatnonzero(usable) if usable.any() else np.arange(len(usable))
    drawn = draw(sums, weight, n_layers, n_draws)
    layers = layer_weights(weight, n_layers)
    level = planted @ np.arange(n_layers) / max(n_layers - 1, 1)
    chosen = layers.argmax(dim=0).cpu().numpy()
    right = (chosen == planted.argmax(axis=1))[rows]
    regression = IsotonicRegression(y_min=0.0, y_max=1.0)
    regression.fit(drawn.strongest[rows, chosen[rows]], right.astype(np.float64))
    return Calibration(
        regression.X_thresholds_,
        regression.y_thresholds_,
        traits_of(weight, drawn)[rows],
        level[rows],
        float(right.mean()),
        n_layers,
    )


@dataclass(frozen=True)
class Certainty:
    """Calibrated probabilities and intervals of a stack's layers.

    Attributes
    ----------
    probability
        Probability that each layer is the strongest; rows sum to 1.
    confidence
        Probability that the layer with the largest weight is the strongest.
    range_low, range_high
        First and last layer of the smallest range with 80 % of the probability.
    level_low, level_high
        90 % interval of the expected level.
    level_draw
        Expected level in bootstrap resamples, without calibration: for differences and means over
        vertices, in which the biases of single vertices cancel or average out.
    """

    probability: Float[np.ndarray, "vertex layer"]
    confidence: Float[np.ndarray, " vertex"]
    range_low: Int[np.ndarray, " vertex"]
    range_high: Int[np.ndarray, " vertex"]
    level_low: Float[np.ndarray, " vertex"]
    level_high: Float[np.ndarray, " vertex"]
    level_draw: Float[np.ndarray, "draw vertex"]


def certainty(
    sums: Sums, weight: Float[Tensor, "set vertex"], n_draws: int, calibration: Calibration
) -> Certainty:
    """Compute calibrated probabilities and intervals of the layers of each vertex.

    The probability of the layer with the largest weight is the accuracy of planted vertices with
    the same fraction of agreeing resamples. The other layers share the rest in proportion to their
    fractions. The 90 % interval of the expected level is that of the planted levels of the planted
    vertices with the most similar traits (approximate Bayesian computation; Beaumont, Zhang &
    Balding 2002).

    Parameters
    ----------
    sums
        Sums of the recorded responses, averaged over the cortex.
    weight
        Stack weights fitted to them.
    n_draws
        Number of bootstrap resamples.
    calibration
        Calibration from :func:`calibrate`.
    """
    n_layers = calibration.n_layers
    drawn = draw(sums, weight, n_layers, n_draws)
    layers = layer_weights(weight, n_layers)
    chosen = layers.argmax(dim=0).cpu().numpy()
    n_planted = len(calibration.level)
    count = min(n_planted, int(np.clip(SHARE * n_planted, FEWEST, MOST)))
    _, similar = cKDTree(calibration.traits).query(traits_of(weight, drawn), count)
    similar = similar.reshape(len(chosen), count)
    vertex = np.arange(len(chosen))
    sure = np.interp(drawn.strongest[vertex, chosen], calibration.shares, calibration.right)
    # Every layer keeps a small probability.
    probability = drawn.strongest + 1e-3
    probability[vertex, chosen] = 0.0
    probability *= ((1 - sure) / np.maximum(probability.sum(axis=1), 1e-12))[:, None]
    probability[vertex, chosen] = sure if n_layers > 1 else 1.0
    ends = (1 - INTERVAL) / 2, (1 + INTERVAL) / 2
    low, high = np.quantile(calibration.level[similar], ends, axis=1)
    level = levels_of(layers).cpu().numpy()
    first, last = smallest_ranges(probability, RANGE)
    # Undo the inflation, so that draws have the variance of a Bayesian bootstrap over images.
    moved = (drawn.level - drawn.level.mean(axis=0)) / INFLATION**0.5
    return Certainty(
        probability,
        probability[vertex, chosen],
        first,
        last,
        np.minimum(low, level),
        np.maximum(high, level),
        (level + moved).astype(np.float32),
    )


def smallest_ranges(
    probability: Float[np.ndarray, "vertex layer"], share: float
) -> tuple[Int[np.ndarray, " vertex"], Int[np.ndarray, " vertex"]]:
    """Find the smallest range of consecutive layers that holds a given probability.

    Of several ranges of the same length, the most probable one is returned.

    Parameters
    ----------
    probability
        Probability of each layer; rows sum to 1.
    share
        Probability that the range must hold.

    Returns
    -------
    first, last
        Index of the first and the last layer of the range of each vertex.
    """
    n_vertices, n_layers = probability.shape
    below = np.concatenate([np.zeros((n_vertices, 1)), probability.cumsum(axis=1)], axis=1)
    first = np.zeros(n_vertices, dtype=np.int64)
    last = np.full(n_vertices, n_layers - 1)
    open_ = np.ones(n_vertices, dtype=bool)
    for length in range(1, n_layers + 1):
        held = below[:, length:] - below[:, :-length]
        best = held.argmax(axis=1)
        enough = open_ & (held.max(axis=1) >= share - 1e-9)
        first[enough], last[enough] = best[enough], best[enough] + length - 1
        open_ &= ~enough
    return first, last
