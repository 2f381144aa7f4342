"""How sure a stack is of its layers: resampled blocks of images, calibrated on planted responses.

Weights from resampled blocks vary too little: the ridges beneath the stack are not fitted again,
layers are shrunk unequally, and an average over neighbours mixes layers. All of this happens alike
to responses that are planted in the subject's own features, at its own places and with its own
responses to other images as noise. What resampling says of planted responses is compared with
what was planted: a share of draws is worth as much as it was there.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from scipy.spatial import cKDTree
from torch import Tensor

from cortexlens.encoding.stacked.stacking import Sums, non_negative

# Variance of the weights that blocks get in a draw. That of the Bayesian bootstrap is 1; a larger
# one shows more of what other images could have said, and what draws are worth is learnt anyway.
INFLATION = 4.0
# Rounds of coordinate descent from the weights of all images.
ROUNDS = 20
# Part of the distribution that intervals hold, and that a range of layers holds.
INTERVAL, RANGE = 0.9, 0.8
# Planted vertices that a vertex is compared with: this share of them, within these bounds.
SHARE, FEWEST, MOST = 0.05, 20, 200
# Numbers of products that are held for draws which are stacked at once.
HELD_VALUES = 2**24
# Standard deviation, in parts of the way from the first layer to the last, below which draws are
# as good as the same.
_LEAST = 0.01


@dataclass(frozen=True)
class Draws:
    """What resampled images say.

    Attributes
    ----------
    strongest
        Share of draws in which each layer is the strongest.
    level
        Expected level in each draw, 0 the first layer, 1 the last.
    """

    strongest: Float[np.ndarray, "vertex layer"]
    level: Float[np.ndarray, "draw vertex"]


@dataclass(frozen=True)
class Calibration:
    """Planted responses: what was found of them, and what they were.

    Attributes
    ----------
    shares, right
        Share of draws that name the strongest layer → how often that layer was the planted one:
        knots of a function that does not fall, between which it is linear.
    traits
        What is known of a vertex's level after a fit, see :func:`traits_of`; planted vertices with
        a signal.
    level
        Expected level that was planted.
    accuracy
        Share of planted vertices whose strongest layer was found.
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
    """Weights summed over a layer's sets, as parts of 1; equal where nothing is predicted."""
    summed = weight.view(n_layers, -1, weight.shape[1]).sum(dim=1)
    total = summed.sum(dim=0)
    even = torch.full_like(summed, 1 / n_layers)
    return torch.where(total > 0, summed / total.clamp_min(1e-30), even)


def levels_of(layers: Float[Tensor, "layer vertex"]) -> Float[Tensor, " vertex"]:
    """Expected level Σ (l − 1)/(L − 1) ω_l; 0 of a single layer."""
    steps = torch.arange(len(layers), device=layers.device, dtype=layers.dtype)
    return steps @ layers / max(len(layers) - 1, 1)


def block_weights(n_draws: int, n_blocks: int) -> Float[np.ndarray, "draw block"]:
    """Weights of blocks in each draw: Gamma variables of mean 1 and variance :data:`INFLATION`.

    With variance 1 this is the Bayesian bootstrap (Rubin 1981). Draws depend on these numbers
    alone, so that those of two fits to the same images are of the same resamples.
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
    """Stack resampled blocks of images.

    Parameters
    ----------
    sums
        Averaged over the cortex as those that ``weight`` comes from.
    weight
        Of all images, to begin from.
    n_layers, n_draws
        How many.
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
        found = layer_weights(stack, n_layers).unflatten(1, (len(some), n_vertices))
        first = found.argmax(dim=0)
        strongest.scatter_add_(0, first, torch.ones_like(first, dtype=strongest.dtype))
        level[start : start + size] = levels_of(found.flatten(1)).view(len(some), -1).cpu().numpy()
    return Draws((strongest / n_draws).T.cpu().numpy(), level)


def traits_of(
    weight: Float[Tensor, "set vertex"], drawn: Draws
) -> Float[np.ndarray, "vertex trait"]:
    """What decides how sure the level of a vertex is, in units in which vertices are alike.

    The expected level in layers, and the logarithm of the standard deviation of its draws.
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
    """Gather what was found of planted responses.

    Parameters
    ----------
    sums
        Of planted responses, averaged over the cortex.
    weight
        Found for them.
    planted
        Layer weights that were planted; rows sum to 1.
    usable
        Vertices in which a signal was planted at all.
    n_draws
        As for the recorded responses.
    """
    from sklearn.isotonic import IsotonicRegression

    n_layers = planted.shape[1]
    rows = np.flatnonzero(usable) if usable.any() else np.arange(len(usable))
    drawn = draw(sums, weight, n_layers, n_draws)
    found = layer_weights(weight, n_layers)
    level = planted @ np.arange(n_layers) / max(n_layers - 1, 1)
    chosen = found.argmax(dim=0).cpu().numpy()
    right = (chosen == planted.argmax(axis=1))[rows]
    worth = IsotonicRegression(y_min=0.0, y_max=1.0)
    worth.fit(drawn.strongest[rows, chosen[rows]], right.astype(np.float64))
    return Calibration(
        worth.X_thresholds_,
        worth.y_thresholds_,
        traits_of(weight, drawn)[rows],
        level[rows],
        float(right.mean()),
        n_layers,
    )


@dataclass(frozen=True)
class Certainty:
    """Probabilities and intervals of a stack, calibrated.

    Attributes
    ----------
    probability
        That each layer is the strongest; rows sum to 1.
    confidence
        That the layer with the largest weight is.
    range_low, range_high
        First and last layer of the smallest range that holds 80 % of the probability.
    level_low, level_high
        90 % interval of the expected level.
    level_draw
        Draws of the expected level, with the variance of resampled images alone: for differences
        and means over vertices, in which what biases single vertices is common or averages out.
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
    """Say how sure layers are, from what was found of planted ones.

    The probability of the layer with the largest weight is what its share of draws was worth in
    planted vertices; the other layers have the rest, in proportion to their own shares. Intervals
    of the expected level hold the middle 90 % of what was planted in the vertices of which the most
    similar level was found (approximate Bayesian computation; Beaumont, Zhang & Balding 2002).
    """
    n_layers = calibration.n_layers
    drawn = draw(sums, weight, n_layers, n_draws)
    found = layer_weights(weight, n_layers)
    chosen = found.argmax(dim=0).cpu().numpy()
    n_planted = len(calibration.level)
    count = min(n_planted, int(np.clip(SHARE * n_planted, FEWEST, MOST)))
    _, alike = cKDTree(calibration.traits).query(traits_of(weight, drawn), count)
    alike = alike.reshape(len(chosen), count)
    vertex = np.arange(len(chosen))
    sure = np.interp(drawn.strongest[vertex, chosen], calibration.shares, calibration.right)
    # no layer is impossible
    probability = drawn.strongest + 1e-3
    probability[vertex, chosen] = 0.0
    probability *= ((1 - sure) / np.maximum(probability.sum(axis=1), 1e-12))[:, None]
    probability[vertex, chosen] = sure if n_layers > 1 else 1.0
    ends = (1 - INTERVAL) / 2, (1 + INTERVAL) / 2
    low, high = np.quantile(calibration.level[alike], ends, axis=1)
    level = levels_of(found).cpu().numpy()
    first, last = smallest_ranges(probability, RANGE)
    # draws are kept with the variance that other images of the same kind would give
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
    """First and last of the fewest neighbouring layers that hold a share of the probability.

    Of several ranges of one length, the one that holds most.
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
