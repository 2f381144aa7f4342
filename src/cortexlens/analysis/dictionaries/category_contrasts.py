"""Discrimination of image categories by signals, with bootstrap resamples and permutations.

Two measures: the area under the ROC curve (share of pairs of an image of the category and another
image in which the first has the larger signal, ties one half; Hanley & McNeil 1982, Radiology
143:29) and d′, the difference of both means divided by the root mean square of both standard
deviations (Green & Swets 1966). For several signals, either is averaged over them.

All resamples of a signal come from one product: with s_ij = sign(x_i − x_j) and image weights w,
the area of category c is ½ + ½ Σ_{i∈c} w_i (s w)_i / (n_c (n − n_c)), because pairs within a
category cancel. The mean over signals is obtained from the mean s.
"""

from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float, Int

MEASURES: Final = ("auc", "dprime")
# Values of an uninformative signal: ROC area and d′.
NEUTRAL: Final = (0.5, 0.0)
# Smallest number of images of a category, needed for a standard deviation.
FEWEST: Final = 2
_BLOCK: Final = 1024


class Resamples(NamedTuple):
    """Images with weights and categories, bootstrapped or permuted.

    Attributes
    ----------
    weight
        Weight of each image in each draw; one row if it is the same in all draws.
    label
        Category of each image in each draw, from 0; one row if it is the same in all draws.
    size
        Number of images of each category, in every draw.
    """

    weight: Float[np.ndarray, "draws image"]
    label: Int[np.ndarray, "orders image"]
    size: Int[np.ndarray, " category"]

    def of(self, category: int) -> Float[np.ndarray, "draw image"]:
        """Weights of the images of a category."""
        return np.asarray(self.weight * (self.label == category))


def as_shown(label: Int[np.ndarray, " image"]) -> Resamples:
    """The images themselves: one draw, in which each has the weight 1."""
    return Resamples(np.ones((1, len(label)), np.float32), label[None], np.bincount(label))


def drawn(label: Int[np.ndarray, " image"], bootstraps: int, seed: int) -> Resamples:
    """Bootstrap resamples of images within their categories; the same for all signals.

    Parameters
    ----------
    label
        Category of each image, from 0, each with at least one image.
    bootstraps
        Number of resamples.
    seed
        Seed, at least 0.
    """
    rng, size = np.random.default_rng([seed, len(label)]), np.bincount(label)
    weight = np.zeros((bootstraps, len(label)), np.float32)
    for category, n in enumerate(size.tolist()):
        counts = rng.multinomial(n, np.full(n, 1 / n), size=bootstraps)
        weight[:, label == category] = counts
    return Resamples(weight, label[None], size)


def exchanged(label: Int[np.ndarray, " image"], permutations: int, seed: int) -> Resamples:
    """Permutations of categories over all images; sizes of categories stay the same."""
    rng = np.random.default_rng([seed, len(label), 1])
    orders = rng.permuted(np.broadcast_to(label, (permutations, len(label))), axis=1)
    return Resamples(np.ones((1, len(label)), np.float32), orders, np.bincount(label))


def standardised(values: Float[np.ndarray, "image column"]) -> Float[np.ndarray, "image column"]:
    """Columns scaled to mean 0 and standard deviation 1; 0 for constant columns."""
    away = values - values.mean(axis=0)
    spread = away.std(axis=0)
    return np.asarray(away / np.where(spread > 0, spread, 1))


def contrasts(
    signal: Float[np.ndarray, "image signal"],
    share: Float[np.ndarray, " signal"],
    resamples: Resamples,
) -> Float[np.ndarray, "draw measure category"]:
    """Discrimination of each category from the rest, in each resample.

    Parameters
    ----------
    signal
        Value of each signal for each image.
    share
        Weights with which signals are averaged; they sum to 1.
    resamples
        Resamples of the images.

    Returns
    -------
    Float[np.ndarray, "draw measure category"]
        In the order of :data:`MEASURES`. A constant signal has the values 0.5 and 0.
    """
    return np.stack([_areas(signal, share, resamples), _dprimes(signal, share, resamples)], 1)


def _areas(
    signal: Float[np.ndarray, "image signal"],
    share: Float[np.ndarray, " signal"],
    resamples: Resamples,
) -> Float[np.ndarray, "draw category"]:
    larger = np.zeros((len(signal), len(signal)), np.float32)
    for column, weight in zip(signal.T, share.astype(np.float32), strict=True):
        larger += weight * np.sign(column[:, None] - column[None, :])
    against = resamples.weight @ larger.T
    size = resamples.size
    found = [(resamples.of(category) * against).sum(axis=1) for category in range(len(size))]
    return np.asarray(0.5 + 0.5 * np.stack(found, axis=1) / (size * (size.sum() - size)))


def _dprimes(
    signal: Float[np.ndarray, "image signal"],
    share: Float[np.ndarray, " signal"],
    resamples: Resamples,
) -> Float[np.ndarray, "draw category"]:
    centred = standardised(signal)
    blocks = [slice(start, start + _BLOCK) for start in range(0, signal.shape[1], _BLOCK)]
    parts = [
        _block_dprimes(centred[:, block].astype(np.float32), share[block], resamples)
        for block in blocks
    ]
    return np.asarray(np.sum(parts, axis=0))


def _block_dprimes(
    values: Float[np.ndarray, "image signal"],
    share: Float[np.ndarray, " signal"],
    resamples: Resamples,
) -> Float[np.ndarray, "draw category"]:
    """Weighted sum over some signals, each with mean 0 and standard deviation 1 or 0."""
    both = np.concatenate([values, np.square(values)], axis=1)
    sums = [resamples.of(category) @ both for category in range(len(resamples.size))]
    everything = np.sum(sums, axis=0)
    found = []
    for own, n in zip(sums, resamples.size.tolist(), strict=True):
        m, v = _moments(own, n)
        m_rest, v_rest = _moments(everything - own, int(resamples.size.sum()) - n)
        spread = np.sqrt((v + v_rest) / 2)
        # Values are standardised, so a spread of 0.001 is rounding.
        prime = np.where(spread > 1e-3, (m - m_rest) / np.maximum(spread, 1e-3), 0)
        found.append(prime @ share)
    return np.stack(found, axis=1)


def _moments(
    sums: Float[np.ndarray, "draw both"], n: int
) -> tuple[Float[np.ndarray, "draw signal"], Float[np.ndarray, "draw signal"]]:
    """Mean and variance of ``n`` images, from the sums of values and of their squares."""
    if n < FEWEST:
        return (np.full((len(sums), sums.shape[1] // 2), np.nan),) * 2
    first, square = np.split(sums.astype(np.float64), 2, axis=1)
    mean = first / n
    return mean, np.maximum(square - n * mean**2, 0) / (n - 1)
