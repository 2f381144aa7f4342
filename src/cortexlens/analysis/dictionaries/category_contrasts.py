"""How well signals tell a category of pictures from all others, with resamples and chance.

Two measures: the area under the ROC curve (share of pairs of a picture of the category and another
picture in which the first has the larger signal, ties one half; Hanley & McNeil 1982, Radiology
143:29) and d′, the difference of both means over the root mean square of both standard deviations
(Green & Swets 1966). Of many signals either is averaged over them.

All resamples of a signal come from one product: with s_ij = sign(x_i − x_j), and weights w of
pictures, the area of category c is ½ + ½ Σ_{i∈c} w_i (s w)_i / (n_c (n − n_c)), for pairs within a
category cancel. The mean over signals is the same of the mean s.
"""

from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float, Int

MEASURES: Final = ("auc", "dprime")
# What tells nothing.
NEUTRAL: Final = (0.5, 0.0)
# Fewer pictures of a category have no standard deviation.
FEWEST: Final = 2
_BLOCK: Final = 1024


class Resamples(NamedTuple):
    """Pictures with weights, and with categories, that are drawn or exchanged.

    Attributes
    ----------
    weight
        Of each picture in each draw; one row where all draws have the same.
    label
        Category of each picture in each draw, from 0; one row where all have the same.
    size
        Pictures of each category, in every draw.
    """

    weight: Float[np.ndarray, "draws image"]
    label: Int[np.ndarray, "orders image"]
    size: Int[np.ndarray, " category"]

    def of(self, category: int) -> Float[np.ndarray, "draw image"]:
        """Weights of the pictures of a category."""
        return np.asarray(self.weight * (self.label == category))


def as_shown(label: Int[np.ndarray, " image"]) -> Resamples:
    """The pictures themselves: one draw, each with the weight 1."""
    return Resamples(np.ones((1, len(label)), np.float32), label[None], np.bincount(label))


def drawn(label: Int[np.ndarray, " image"], bootstraps: int, seed: int) -> Resamples:
    """Pictures drawn again within their categories; the same draws for all signals.

    Parameters
    ----------
    label
        Category of each picture, from 0, each with at least one.
    bootstraps
        Draws.
    seed
        Any whole number from 0.
    """
    rng, size = np.random.default_rng([seed, len(label)]), np.bincount(label)
    weight = np.zeros((bootstraps, len(label)), np.float32)
    for category, n in enumerate(size.tolist()):
        counts = rng.multinomial(n, np.full(n, 1 / n), size=bootstraps)
        weight[:, label == category] = counts
    return Resamples(weight, label[None], size)


def exchanged(label: Int[np.ndarray, " image"], permutations: int, seed: int) -> Resamples:
    """Categories exchanged among all pictures, each as large as before."""
    rng = np.random.default_rng([seed, len(label), 1])
    orders = rng.permuted(np.broadcast_to(label, (permutations, len(label))), axis=1)
    return Resamples(np.ones((1, len(label)), np.float32), orders, np.bincount(label))


def standardised(values: Float[np.ndarray, "image column"]) -> Float[np.ndarray, "image column"]:
    """Columns less their mean, by their standard deviation; 0 where they do not vary."""
    away = values - values.mean(axis=0)
    spread = away.std(axis=0)
    return np.asarray(away / np.where(spread > 0, spread, 1))


def contrasts(
    signal: Float[np.ndarray, "image signal"],
    share: Float[np.ndarray, " signal"],
    resamples: Resamples,
) -> Float[np.ndarray, "draw measure category"]:
    """Each category against the rest, in each resample.

    Parameters
    ----------
    signal
        Of each picture.
    share
        Weights that signals are averaged with; they sum to 1.
    resamples
        Of the pictures.

    Returns
    -------
    Float[np.ndarray, "draw measure category"]
        In the order of :data:`MEASURES`. A signal that does not vary tells nothing: 0.5 and 0.
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
    """Weighted sum over some signals, whose mean is 0 and standard deviation 1 or 0."""
    both = np.concatenate([values, np.square(values)], axis=1)
    sums = [resamples.of(category) @ both for category in range(len(resamples.size))]
    everything = np.sum(sums, axis=0)
    found = []
    for own, n in zip(sums, resamples.size.tolist(), strict=True):
        m, v = _moments(own, n)
        m_rest, v_rest = _moments(everything - own, int(resamples.size.sum()) - n)
        spread = np.sqrt((v + v_rest) / 2)
        # Values are scaled: a spread of 0.001 is rounding.
        prime = np.where(spread > 1e-3, (m - m_rest) / np.maximum(spread, 1e-3), 0)
        found.append(prime @ share)
    return np.stack(found, axis=1)


def _moments(
    sums: Float[np.ndarray, "draw both"], n: int
) -> tuple[Float[np.ndarray, "draw signal"], Float[np.ndarray, "draw signal"]]:
    """Mean and variance of ``n`` pictures, from the sums of values and of their squares."""
    if n < FEWEST:
        return (np.full((len(sums), sums.shape[1] // 2), np.nan),) * 2
    first, square = np.split(sums.astype(np.float64), 2, axis=1)
    mean = first / n
    return mean, np.maximum(square - n * mean**2, 0) / (n - 1)
