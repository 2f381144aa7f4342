"""Bootstrap intervals of means over vertices."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

RESAMPLES = 500


class MeanInterval(NamedTuple):
    """A mean and the ends of its 95 % interval; arrays where there are several columns."""

    mean: Float[np.ndarray, "*column"]
    low: Float[np.ndarray, "*column"]
    high: Float[np.ndarray, "*column"]
    n: int


def mean_interval(values: Float[np.ndarray, "vertex *column"], seed: int = 0) -> MeanInterval:
    """Mean over vertices with its 95 % percentile bootstrap interval.

    Vertices are drawn again as if independent; neighbours are not, so the interval is a lower
    bound of the uncertainty on a cortex.

    Parameters
    ----------
    values
        Rows with a NaN are left out.
    seed
        Of the resampling.

    Returns
    -------
    MeanInterval
        NaN where no row is left; ``n`` is the number of rows used.
    """
    shape = values.shape[1:]
    columns = values.reshape(len(values), math.prod(shape))
    columns = columns[~np.isnan(columns).any(axis=1)]
    n = len(columns)
    if n == 0:
        nothing = np.full(shape, np.nan)
        return MeanInterval(nothing, nothing, nothing, 0)
    rng = np.random.default_rng(seed)
    # Counting how often each row was drawn turns the resampled mean into one product.
    means = np.stack(
        [np.bincount(rng.integers(n, size=n), minlength=n) @ columns / n for _ in range(RESAMPLES)]
    )
    low, high = np.percentile(means, [2.5, 97.5], axis=0)
    return MeanInterval(
        columns.mean(axis=0).reshape(shape), low.reshape(shape), high.reshape(shape), n
    )
