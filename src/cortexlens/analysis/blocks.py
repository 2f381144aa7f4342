"""Bootstrap over patches of cortex, because neighbouring vertices err together.

A map is smooth, and so are its errors: hundreds of vertices count for a few. Vertices are therefore
drawn again in whole patches, wide against the distance over which their residuals resemble each
other. Of n patches n − 1 are drawn and weighed n / (n − 1), which gives the variance of a mean
without the bias of few patches (Rao & Wu 1988, J. Am. Stat. Assoc. 83:231).
"""

import warnings
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float, Int
from numpy.random import Generator

# Residuals less alike than this count as independent.
_ALIKE: Final = 0.2
# Patches are this many times as wide as residuals are alike.
_WIDTHS: Final = 2.0
# Pairs of vertices that the likeness is measured on are those of so many vertices at most.
_MOST: Final = 800
_STEPS: Final = 40
# Fewer patches of a stratum and hemisphere would leave nothing to draw from.
_FEWEST: Final = 3
# A likeness that is known from so little widens no draws by more.
_WIDEST: Final = 3.0


@dataclass(frozen=True)
class Blocks:
    """Patches of cortex, and which of them may stand in for each other.

    Attributes
    ----------
    block
        Patch of each vertex, from 0.
    stratum
        Stratum of each patch, from 0; patches are drawn within theirs.
    widening
        Factor on the draws' deviations in each stratum, at least 1.
    spatial
        Whether they are patches; else every vertex is one of its own.
    """

    block: Int[np.ndarray, " vertex"]
    stratum: Int[np.ndarray, " block"]
    widening: Float[np.ndarray, " stratum"]
    spatial: bool

    def weights(self, rng: Generator, n_draws: int) -> Float[np.ndarray, "draw block"]:
        """Weights of the patches in each draw: 1 on average, those of a stratum also in each."""
        drawn = np.zeros((n_draws, len(self.stratum)))
        for stratum in np.unique(self.stratum):
            members = np.flatnonzero(self.stratum == stratum)
            apart = rescaled_draws(rng, n_draws, len(members)) - 1
            drawn[:, members] = 1 + self.widening[stratum] * apart
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
    n_strata = int(stratum.max()) + 1
    if "coordinates" not in fit:
        return Blocks(np.arange(len(stratum)), stratum, np.ones(n_strata), spatial=False)
    places = fit["coordinates"].values.astype(np.float64)
    side = fit["hemisphere"].values if "hemisphere" in fit else np.zeros(len(places), int)
    kept = np.random.default_rng(seed).permutation(len(places))[:_MOST]
    sample = _Sample(places[kept], side[kept], stratum[kept])
    alike = max((sample.likeness(values[kept]) for values in residual.T), key=Likeness.reach)
    block, strata = _cut(places, side, stratum, _WIDTHS * alike.reach(), seed)
    return Blocks(block, strata, sample.widening(block[kept], alike, n_strata), spatial=True)


def _cut(
    places: Float[np.ndarray, "vertex axis"],
    side: Int[np.ndarray, " vertex"],
    stratum: Int[np.ndarray, " vertex"],
    width: float,
    seed: int,
) -> tuple[Int[np.ndarray, " vertex"], Int[np.ndarray, " block"]]:
    """Patch of each vertex and stratum of each patch; patches are about ``width`` mm wide."""
    from sklearn.cluster import KMeans

    block, strata = np.empty(len(places), np.int64), list[int]()
    for group, on_side in sorted(set(zip(stratum.tolist(), side.tolist(), strict=True))):
        there = np.flatnonzero((stratum == group) & (side == on_side))
        n_blocks = min(len(there), max(_FEWEST, _patches(places[there], width)))
        with warnings.catch_warnings():
            # Where places coincide there are fewer patches than were asked for.
            warnings.filterwarnings("ignore", message="Number of distinct clusters")
            cut = KMeans(n_blocks, n_init=1, random_state=seed).fit(places[there])
        names, labels = np.unique(cut.labels_, return_inverse=True)
        block[there] = len(strata) + labels
        strata += [group] * len(names)
    return block, np.array(strata)


def _patches(places: Float[np.ndarray, "vertex axis"], width: float) -> int:
    """Number of patches ``width`` mm wide that the vertices fill."""
    from scipy.spatial import cKDTree

    if width <= 0:
        return len(places)
    within = cKDTree(places).query_ball_point(places, width / 2, return_length=True)
    # A vertex at the edge has but half a patch around it, hence the upper quartile.
    return round(len(places) / float(np.percentile(within, 75)))


class Likeness(NamedTuple):
    """Correlation of residuals by distance, from 1 at 0 mm down to 0 at the last distance."""

    distance: Float[np.ndarray, " step"]
    correlation: Float[np.ndarray, " step"]

    def reach(self) -> float:
        """Distance, mm, from which on residuals are hardly alike; 0 where none are."""
        below = np.flatnonzero(self.correlation < _ALIKE)
        return float(self.distance[below[0]]) if below[0] > 1 else 0.0


class _Sample:
    """Some vertices, and all pairs of them within a stratum."""

    def __init__(
        self,
        places: Float[np.ndarray, "vertex axis"],
        side: Int[np.ndarray, " vertex"],
        stratum: Int[np.ndarray, " vertex"],
    ) -> None:
        from scipy.spatial.distance import cdist

        self.stratum = stratum
        self.distance = cdist(places, places)
        self.same_side = side[:, None] == side[None]
        self.same_stratum = stratum[:, None] == stratum[None]

    def likeness(self, values: Float[np.ndarray, " vertex"]) -> Likeness:
        """Correlation by distance on one hemisphere.

        Residuals sum to 0 in a stratum, which makes all pairs of it a little opposed. Vertices
        of different hemispheres tell by how much, for their errors have nothing in common.
        """
        product = values[:, None] * values[None]
        across = self.same_stratum & ~self.same_side
        offset = float(product[across].mean()) if across.any() else 0.0
        near = self.same_stratum & self.same_side
        np.fill_diagonal(near, False)
        distance, product = self.distance[near], product[near]
        edges = np.linspace(0, float(distance.max(initial=1e-9)), _STEPS + 1)
        step = np.clip(np.digitize(distance, edges) - 1, 0, _STEPS - 1)
        number = np.bincount(step, minlength=_STEPS)
        known = number > 0
        total = np.bincount(step, product - offset, _STEPS)
        variance = max(float(np.mean(values**2)) - offset, np.finfo(float).tiny)
        correlation = total[known] / number[known] / variance
        middle = ((edges[:-1] + edges[1:]) / 2)[known]
        end = np.flatnonzero(np.append(correlation, 0) <= 0)[0]
        return Likeness(
            np.array([0, *middle[:end], np.append(middle, edges[-1])[end]]),
            np.clip(np.array([1, *correlation[:end], 0]), 0, 1),
        )

    def widening(
        self, block: Int[np.ndarray, " vertex"], alike: Likeness, n_strata: int
    ) -> Float[np.ndarray, " stratum"]:
        """How much more a stratum's mean varies than its drawn patches say, given the likeness.

        The mean varies as the mean correlation of all its pairs; draws of n patches as the mean
        within patches less that, over n − 1.
        """
        correlation = np.interp(self.distance, alike.distance, alike.correlation) * self.same_side
        factors = np.ones(n_strata)
        for stratum in range(n_strata):
            rows = np.flatnonzero(self.stratum == stratum)
            names, size = np.unique(block[rows], return_counts=True)
            if len(names) < 2:
                continue
            member = (block[rows][:, None] == names[None]) / len(rows)
            between = member.T @ correlation[np.ix_(rows, rows)] @ member
            share = size / len(rows)
            # Of sums over patches about their part of the stratum's sum, as they are drawn.
            whole = between.sum()
            about = np.diag(between) - 2 * share * between.sum(axis=1) + share**2 * whole
            drawn = about.sum() * len(names) / (len(names) - 1)
            factors[stratum] = np.clip(np.sqrt(whole / drawn), 1, _WIDEST) if drawn > 0 else 1
        return factors


def interval_ends(
    draws: Float[np.ndarray, "draw *quantity"], interval: float
) -> tuple[Float[np.ndarray, "*quantity"], Float[np.ndarray, "*quantity"]]:
    """Percentile interval of draws that holds a share of ``interval`` of them."""
    low, high = np.nanquantile(draws, [(1 - interval) / 2, (1 + interval) / 2], axis=0)
    return low, high
