"""Bootstrap over patches of cortex, because neighbouring vertices err together.

A map is smooth, and so are its errors: hundreds of vertices count for a few. Vertices are therefore
drawn again in whole patches, wide against the distance over which their residuals resemble each
other. Of n patches n − 1 are drawn and weighed n / (n − 1), which gives the variance of a mean
without the bias of few patches (Rao & Wu 1988, J. Am. Stat. Assoc. 83:231).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr
from jaxtyping import Float, Int
from numpy.random import Generator

# Residuals less alike than this count as independent.
_ALIKE: Final = 0.2
# Patches are this many times as wide as residuals are alike.
_WIDTHS: Final = 2.0
# Pairs of vertices that the likeness is measured on are those of so many vertices at most.
_MOST: Final = 1500
_STEPS: Final = 40
# Fewer patches of a stratum and hemisphere would leave nothing to draw from.
_FEWEST: Final = 3


@dataclass(frozen=True)
class Blocks:
    """Patches of cortex, and which of them may stand in for each other.

    Attributes
    ----------
    block
        Patch of each vertex, from 0.
    stratum
        Stratum of each patch, from 0; patches are drawn within theirs.
    spatial
        Whether they are patches; else every vertex is one of its own.
    """

    block: Int[np.ndarray, " vertex"]
    stratum: Int[np.ndarray, " block"]
    spatial: bool

    def weights(self, rng: Generator, n_draws: int) -> Float[np.ndarray, "draw block"]:
        """Weights of the patches in each draw; a stratum's mean to its number of patches."""
        drawn = np.zeros((n_draws, len(self.stratum)))
        for stratum in np.unique(self.stratum):
            members = np.flatnonzero(self.stratum == stratum)
            drawn[:, members] = rescaled_draws(rng, n_draws, len(members))
        return drawn


def rescaled_draws(rng: Generator, n_draws: int, n: int) -> Float[np.ndarray, "draw unit"]:
    """Weights of ``n`` units of which n − 1 are drawn with replacement; they sum to n.

    A single unit cannot be drawn otherwise, and keeps the weight 1.
    """
    if n == 1:
        return np.ones((n_draws, 1))
    counts = rng.multinomial(n - 1, np.full(n, 1 / n), size=n_draws)
    return np.asarray(counts * (n / (n - 1)))


def cortex_blocks(
    fit: xr.Dataset,
    stratum: Int[np.ndarray, " vertex"],
    residual: Float[np.ndarray, "vertex quantity"],
    seed: int,
) -> Blocks:
    """Cut each stratum and hemisphere into patches, wide against the residuals' likeness.

    Parameters
    ----------
    fit
        With ``coordinates`` (mm), and ``hemisphere`` where it has a cortex. Without coordinates
        every vertex is a block.
    stratum
        Of each vertex, from 0.
    residual
        What resembles itself among neighbours; the quantity of the longest reach counts.
    seed
        Of the cutting.
    """
    if "coordinates" not in fit:
        return Blocks(np.arange(len(stratum)), stratum, spatial=False)
    from sklearn.cluster import KMeans

    places = fit["coordinates"].values.astype(np.float64)
    side = fit["hemisphere"].values if "hemisphere" in fit else np.zeros(len(places), int)
    rng = np.random.default_rng(seed)
    width = _WIDTHS * max(reach(places, side, values, rng) for values in residual.T)
    block, strata = np.empty(len(places), np.int64), []
    for group, on_side in sorted(set(zip(stratum.tolist(), side.tolist(), strict=True))):
        there = np.flatnonzero((stratum == group) & (side == on_side))
        n_blocks = min(len(there), max(_FEWEST, _patches(places[there], width)))
        cut = KMeans(n_blocks, n_init=1, random_state=seed).fit(places[there])
        # Where places coincide there are fewer patches than were asked for.
        names, labels = np.unique(cut.labels_, return_inverse=True)
        block[there] = len(strata) + labels
        strata += [group] * len(names)
    return Blocks(block, np.array(strata), spatial=True)


def _patches(places: Float[np.ndarray, "vertex axis"], width: float) -> int:
    """Number of patches ``width`` mm wide that the vertices fill."""
    from scipy.spatial import cKDTree

    if width <= 0:
        return len(places)
    within = cKDTree(places).query_ball_point(places, width / 2, return_length=True)
    # A vertex at the edge has but half a patch around it, hence the upper quartile.
    return round(len(places) / float(np.percentile(within, 75)))


def reach(
    places: Float[np.ndarray, "vertex axis"],
    side: Int[np.ndarray, " vertex"],
    values: Float[np.ndarray, " vertex"],
    rng: Generator,
) -> float:
    """Distance, mm, from which on vertices of a hemisphere are hardly alike; 0 without variance."""
    from scipy.spatial.distance import pdist

    if np.ptp(values) == 0:
        return 0.0
    kept = rng.permutation(len(places))[:_MOST]
    apart, product = [], []
    for here in (kept[side[kept] == on_side] for on_side in np.unique(side)):
        first, second = np.triu_indices(len(here), 1)
        apart.append(pdist(places[here]))
        product.append(values[here[first]] * values[here[second]])
    distance, alike = np.concatenate(apart), np.concatenate(product) / np.mean(values**2)
    edges = np.linspace(0, float(distance.max(initial=0)) / 2, _STEPS + 1)
    step = np.digitize(distance, edges) - 1
    near = step < _STEPS
    number = np.bincount(step[near], minlength=_STEPS)
    total = np.bincount(step[near], alike[near], _STEPS)
    known = number > 0
    correlation = total[known] / number[known]
    below = np.flatnonzero(correlation < _ALIKE)
    middle = ((edges[:-1] + edges[1:]) / 2)[known]
    if below.size == 0:
        return float(edges[-1])
    return float(middle[below[0]]) if below[0] else 0.0


def interval_ends(
    draws: Float[np.ndarray, "draw *quantity"], interval: float
) -> tuple[Float[np.ndarray, "*quantity"], Float[np.ndarray, "*quantity"]]:
    """Percentile interval of draws that holds a share of ``interval`` of them."""
    low, high = np.nanquantile(draws, [(1 - interval) / 2, (1 + interval) / 2], axis=0)
    return low, high
