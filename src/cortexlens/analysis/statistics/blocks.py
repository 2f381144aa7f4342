"""Errors of the means of regions when errors are correlated between neighbouring vertices.

Maps are smooth, and so are their errors: hundreds of vertices are worth a few independent ones. How
the correlation of errors falls with distance is not known, and residuals show it only in part,
because they lack what a whole region shares. Therefore many correlation models are weighted by
their restricted likelihood (Patterson & Thompson 1971, Biometrika 58:545), i.e. that of the
residuals given that means were subtracted, and errors of the means are drawn from all models. The
draws thus include the uncertainty about the correlation, and have tails as heavy as few independent
patches require (Handcock & Stein 1993, Technometrics 35:403).
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float, Int
from numpy.random import Generator

# Approximate numbers of vertices that the correlation is estimated from, and of their patches.
_MOST: Final = 1200
_PATCHES: Final = 150
# Smallest number of vertices sampled from a stratum.
_FEWEST: Final = 16
# Numbers of distance steps and of correlation lengths of the models.
_STEPS: Final = 1000
_REACHES: Final = 14
# Longest correlation length, as a fraction of the distances within a stratum and hemisphere:
# errors with a longer one are nearly constant in a region, so residuals cannot reveal them.
_LONGEST: Final = 0.5
# Fractions of the variance that are independent between vertices.
_ALONE: Final = np.array(
    [0.003, 0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 0.99, 1]
)

# Smallest variance, for values that do not vary.
_TINY: Final = 1e-30


@dataclass(frozen=True)
class SpatialErrors:
    """Errors of the means of strata, under correlation models weighted by their probability.

    Attributes
    ----------
    likely
        Posterior probability of each model for each quantity.
    factor
        Square root of the covariance of the errors under each model.
    freedom
        Degrees of freedom of the residuals' variance.
    number
        Effective number of independent patches, for the quantity with the fewest.
    spatial
        Whether coordinates are used; otherwise vertices have independent errors.
    """

    likely: Float[np.ndarray, "quantity model"]
    factor: Float[np.ndarray, "quantity model stratum stratum"]
    freedom: int
    number: int
    spatial: bool

    def errors(self, rng: Generator, n_draws: int) -> Float[np.ndarray, "draw stratum quantity"]:
        """Draw errors of the strata's means, centred on 0."""
        drawn = []
        for likely, factor in zip(self.likely, self.factor, strict=True):
            model = rng.choice(len(likely), n_draws, p=likely)
            normal = rng.standard_normal((n_draws, factor.shape[-1]))
            width = np.sqrt(self.freedom / rng.chisquare(self.freedom, n_draws))
            drawn.append(np.einsum("dst,dt->ds", factor[model], normal) * width[:, None])
        return np.stack(drawn, axis=2)


def rescaled_draws(rng: Generator, n_draws: int, n: int) -> Float[np.ndarray, "draw unit"]:
    """Bootstrap weights of ``n`` units, from n − 1 units drawn with replacement; they sum to n.

    Gives the variance of a mean without the bias of few units (Rao & Wu 1988, J. Am. Stat. Assoc.
    83:231). A single unit always has the weight 1.
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
) -> SpatialErrors:
    """Estimate from residuals how large the errors of the means of strata may be.

    Parameters
    ----------
    fit
        Dataset with ``coordinates`` (mm), and ``hemisphere`` on a cortex; errors of different
        hemispheres are independent. Without coordinates, errors of all vertices are independent.
    stratum
        Stratum of each vertex, from 0.
    residual
        Differences from the stratum's mean, which sum to 0 in each stratum.
    seed
        Seed of the sample of vertices, used if there are very many.
    """
    size = np.bincount(stratum)
    spread = _spread(stratum, residual)
    # A few patches may vary little by chance, so no stratum may vary less than the average.
    ends = np.maximum(spread, np.sqrt(np.mean(residual**2, axis=0)))
    freedom = max(1, len(stratum) - int((size > 0).sum()))
    if "coordinates" in fit:
        places = fit["coordinates"].values.astype(np.float64)
        side = fit["hemisphere"].values if "hemisphere" in fit else np.zeros(len(places))
        _, side = np.unique(side, return_inverse=True)
        keys = (
            each.tobytes() for each in (places, side.astype(np.int64), stratum.astype(np.int64))
        )
        patches = _patches(*keys, seed)
        if patches.is_informative:
            alike = np.where(spread > 0, spread, 1)[stratum]
            return patches.blocks(residual / alike, ends)
    alone = np.eye(len(size)) * np.sqrt(len(stratum) / freedom / np.maximum(size, 1))
    factor = ends.T[:, None, :, None] * alone
    ones = np.ones((residual.shape[1], 1))
    return SpatialErrors(ones, factor, freedom, len(stratum), spatial=False)


def _spread(
    stratum: Int[np.ndarray, " vertex"], residual: Float[np.ndarray, "vertex quantity"]
) -> Float[np.ndarray, "stratum quantity"]:
    """Root mean square of the residuals in each stratum."""
    squares = np.stack([np.bincount(stratum, column**2) for column in residual.T], axis=1)
    return np.asarray(np.sqrt(squares / np.maximum(np.bincount(stratum), 1)[:, None]))


class _Model(NamedTuple):
    """One model of the correlation of errors, in axes in which patch means are independent."""

    values: Float[np.ndarray, " contrast"]
    axes: Float[np.ndarray, "contrast patch"]
    alike: Float[np.ndarray, "stratum stratum"]


# Cached, because networks of one subject share regions, and what depends on coordinates alone
# takes nearly all of the time.
@lru_cache(maxsize=32)
def _patches(places: bytes, side: bytes, stratum: bytes, seed: int) -> "_Patches":
    """Patches of vertices with given coordinates (mm) and hemisphere, from the arrays' bytes."""
    return _Patches(
        np.frombuffer(places).reshape(-1, 3),
        np.frombuffer(side, np.int64),
        np.frombuffer(stratum, np.int64),
        seed,
    )


class _Patches:
    """Means of residuals over small patches, and their correlation under each model."""

    def __init__(
        self,
        places: Float[np.ndarray, "vertex 3"],
        side: Int[np.ndarray, " vertex"],
        stratum: Int[np.ndarray, " vertex"],
        seed: int,
    ) -> None:
        from scipy.spatial.distance import cdist

        self.size = np.bincount(stratum)
        kept = _sample(stratum, seed)
        places, side = places[kept], side[kept]
        _, group = np.unique([stratum[kept], side], axis=1, return_inverse=True)
        patches = list(halved_patches(places, group, -(-len(kept) // _PATCHES)))
        order = np.concatenate(patches)
        self.rows, self.number = kept[order], np.array([len(patch) for patch in patches])
        self.starts = np.cumsum(self.number) - self.number
        self.inside = np.eye(len(self.size))[stratum[self.rows[self.starts]]]
        distance = cdist(places[order], places[order])
        apart = side[order][:, None] != side[order][None]
        self.step = distance.max(initial=0.0) / _STEPS
        same = (group[order][:, None] == group[order][None]) & (distance > 0)
        self.is_informative = bool(same.any()) and len(patches) > self.inside.any(axis=0).sum()
        if self.is_informative:
            longest = _LONGEST * float(np.percentile(distance[same], 90))
            nearest = float(np.median(np.where(distance > 0, distance, np.inf).min(axis=1)))
            self.reaches = np.geomspace(min(nearest, longest), longest, _REACHES)
            steps = np.rint(distance / self.step).astype(np.int16)
            self.steps = np.where(apart, _STEPS + 1, steps)

    def _likenesses(self) -> Iterator[Float[np.ndarray, "patch patch"]]:
        """Yield mean correlations of the vertices of two patches, for smooth and rougher errors."""
        from scipy.sparse import csr_array

        patch = np.repeat(np.arange(len(self.number)), self.number)
        weight = (1 / self.number)[patch].astype(np.float32)
        average = csr_array((weight, (patch, np.arange(len(patch)))))
        for reach in self.reaches:
            distance = np.arange(_STEPS + 1) * self.step / reach
            for correlation in (np.exp(-(distance**2) / 2), np.exp(-distance)):
                # Steps beyond the last one stand for vertices on the other hemisphere.
                each = np.append(correlation, 0).astype(np.float32).take(self.steps)
                yield np.asarray(average @ each @ average.T, np.float64)

    @cached_property
    def models(self) -> list[_Model]:
        """Each correlation model, in the axes in which the patches' means are independent."""
        part = (self.inside * self.number[:, None]).T
        part /= np.maximum(part.sum(axis=1, keepdims=True), 1)
        contrasts = _contrasts(self.inside, self.number)
        found = []
        for likeness in self._likenesses():
            values, vectors = np.linalg.eigh(contrasts.T @ likeness @ contrasts)
            axes = vectors.T @ contrasts.T
            found.append(_Model(np.maximum(values, 0), axes, part @ likeness @ part.T))
        return found

    def blocks(
        self,
        residual: Float[np.ndarray, "vertex quantity"],
        spread: Float[np.ndarray, "stratum quantity"],
    ) -> SpatialErrors:
        """Weight the models by their restricted likelihood for residuals of variance 1."""
        means = np.add.reduceat(residual[self.rows], self.starts) / self.number[:, None]
        freedom = len(self.models[0].values)
        log_likely, covariance, unit = [], [], []
        for values, axes, alike in self.models:
            squares, alone = np.square(axes @ means), np.diag(1 / np.maximum(self.size, 1))
            for share in _ALONE:
                variance = (1 - share) * values + share
                scale = np.maximum((squares / variance[:, None]).mean(axis=0), _TINY)
                log_likely.append(-np.log(variance).sum() / 2 - freedom / 2 * np.log(scale))
                unit.append((1 - share) * alike + share * alone)
                covariance.append(scale[:, None, None] * unit[-1])
        likely = np.exp(log_likely - np.max(log_likely, axis=0)).T
        likely /= likely.sum(axis=1, keepdims=True)
        alone = np.einsum("qm,mss->qs", likely, unit)
        return SpatialErrors(
            likely,
            spread.T[:, None, :, None] * _square_root(np.stack(covariance, axis=1)),
            freedom,
            round(float((1 / alone[:, self.size > 0]).sum(axis=1).min())),
            spatial=True,
        )


def _sample(stratum: Int[np.ndarray, " vertex"], seed: int) -> Int[np.ndarray, " kept"]:
    """Sample vertices of each stratum, in proportion to its size if there are enough."""
    rng = np.random.default_rng(seed)
    kept = []
    for group in np.unique(stratum):
        rows = rng.permutation(np.flatnonzero(stratum == group))
        kept.append(rows[: max(_FEWEST, len(rows) * _MOST // max(_MOST, len(stratum)))])
    return np.concatenate(kept)


def halved_patches(
    places: Float[np.ndarray, "vertex axis"], group: Int[np.ndarray, " vertex"], most: int
) -> Iterator[Int[np.ndarray, " member"]]:
    """Halve each group across its widest axis until no patch has more than ``most`` vertices."""
    waiting = [np.flatnonzero(group == number) for number in np.unique(group)]
    while waiting:
        rows = waiting.pop()
        if len(rows) <= most:
            yield rows
            continue
        axis = np.ptp(places[rows], axis=0).argmax()
        rows = rows[np.argsort(places[rows, axis], kind="stable")]
        waiting += [rows[: len(rows) // 2], rows[len(rows) // 2 :]]


def _contrasts(
    inside: Float[np.ndarray, "patch stratum"], number: Int[np.ndarray, " patch"]
) -> Float[np.ndarray, "patch contrast"]:
    """Contrasts of patch means without stratum means; variance 1 for independent vertices."""
    full, _ = np.linalg.qr(inside[:, inside.any(axis=0)], mode="complete")
    free = full[:, inside.any(axis=0).sum() :]
    lower = np.linalg.cholesky(free.T @ (free / number[:, None]))
    return np.linalg.solve(lower, free.T).T


def _square_root(
    covariance: Float[np.ndarray, "*many stratum stratum"],
) -> Float[np.ndarray, "*many stratum stratum"]:
    """Matrix whose product with its transpose is the covariance."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0))[..., None, :])


def interval_ends(
    draws: Float[np.ndarray, "draw *quantity"], confidence_level: float
) -> tuple[Float[np.ndarray, "*quantity"], Float[np.ndarray, "*quantity"]]:
    """Percentile interval that contains this fraction of the draws; NaN without draws."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="All-NaN slice")
        low, high = np.nanquantile(
            draws, [(1 - confidence_level) / 2, (1 + confidence_level) / 2], axis=0
        )
    return low, high
