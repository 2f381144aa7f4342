"""A mean over vertices and how far resampled vertices move it."""

import numpy as np
from jaxtyping import Float

RESAMPLES = 1000
# Resamples that are drawn together, which bounds memory.
TOGETHER = 64


def mean_and_interval(
    values: Float[np.ndarray, " vertex"], interval: float = 0.95, seed: int = 0
) -> tuple[float, float, float]:
    """Mean of the known values with its percentile bootstrap interval.

    It speaks of the spread over vertices, not of other test images, and neighbouring vertices are
    taken as independent: on a cortex it is narrower than the truth.

    Parameters
    ----------
    values
        NaN where unknown.
    interval
        Share of resampled means within it, in (0, 1).
    seed
        Of the resampling.

    Returns
    -------
    mean, low, high
        NaN without any value; low and high also with a single one.
    """
    from scipy.stats import bootstrap

    known = values[np.isfinite(values)].astype(np.float64)
    if known.size < 2:
        return float(known.mean()) if known.size else float("nan"), float("nan"), float("nan")
    found = bootstrap(
        (known,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=TOGETHER,
        confidence_level=interval,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(known.mean()), float(found.low), float(found.high)


def mean_columns(
    name: str, values: Float[np.ndarray, " vertex"], interval: float, seed: int
) -> dict[str, float]:
    """A mean and its interval as the columns ``name``, ``name_low`` and ``name_high``."""
    return dict(
        zip(
            (name, f"{name}_low", f"{name}_high"),
            mean_and_interval(values, interval, seed),
            strict=True,
        )
    )
