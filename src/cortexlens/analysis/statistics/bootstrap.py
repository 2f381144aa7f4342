"""Intervals over test images: images are drawn again, all trials of an image together."""

import numpy as np
from jaxtyping import Float, Int
from scipy import special

from cortexlens.analysis.scores.held_out import HeldOutPredictions, image_terms

# Variance of a resample, as a part of that of all images, below which its R² says nothing.
LEAST_VARIANCE = 1e-5


def image_draws(
    images: Int[np.ndarray, " image"], bootstraps: int, seed: int
) -> Float[np.ndarray, "draw image"]:
    """How often each image is drawn in each resample.

    They follow from the seed and the images alone, so that draws of any two fits to one subject
    can be compared draw by draw.

    Parameters
    ----------
    images
        Index on the ``image`` axis of each test image.
    bootstraps
        Resamples.
    seed
        Any whole number from 0.
    """
    generator = np.random.default_rng([seed, *images.tolist()])
    n = len(images)
    counts = generator.multinomial(n, np.full(n, 1 / n), size=bootstraps)
    return counts.astype(np.float32)


def r2_draws(
    held: HeldOutPredictions, draws: Float[np.ndarray, "draw image"]
) -> Float[np.ndarray, "draw vertex"]:
    """R² in each resample: three products of counts and what the images add to its sums.

    Parameters
    ----------
    held
        Predictions and responses.
    draws
        From :func:`image_draws`.

    Returns
    -------
    Float[np.ndarray, "draw vertex"]
        float32. A resample in which a vertex does not vary has the R² of all images; NaN for a
        constant response.
    """
    terms = image_terms(held)
    repeats, deviation, error, square = (
        each.astype(np.float32)
        for each in (terms.repeats, terms.deviation, terms.error, terms.square)
    )
    mean = draws @ deviation
    whole = draws @ square - np.square(mean) / (draws @ repeats)[:, None]
    estimate = terms.r2.astype(np.float32)
    r2 = np.broadcast_to(estimate, whole.shape).copy()
    varies = (whole > LEAST_VARIANCE * square.sum(axis=0)) & np.isfinite(estimate)
    np.divide(draws @ error, whole, out=r2, where=varies)
    np.subtract(1, r2, out=r2, where=varies)
    return r2


def bootstrap_interval(
    estimate: Float[np.ndarray, " score"],
    draws: Float[np.ndarray, "draw score"],
    n_images: int,
    interval: float,
) -> tuple[Float[np.ndarray, " score"], Float[np.ndarray, " score"]]:
    """Ends of an interval from draws: percentiles without bias and of a width for few images.

    R² is biased downward over few images, alike in all vertices of a region, and resamples have
    that bias twice. So the percentiles are moved by twice the difference of estimate and mean
    draw. They are taken farther out than their names, as Student's t is wider than the normal
    distribution and a variance over n images smaller by 1 − 1/n (Hesterberg 2015, Am. Stat.
    69:371). ``benchmarks/coverage_scores.py`` measures what this holds.

    Parameters
    ----------
    estimate
        Scores on the test images themselves.
    draws
        The same in each resample.
    n_images
        Test images.
    interval
        Share of such intervals that are to hold the truth.

    Returns
    -------
    low, high
        NaN where the estimate is.
    """
    low, high = _ends(draws, n_images, interval) + 2 * (estimate - _mean(draws))
    return low, high


def spread_interval(
    estimate: Float[np.ndarray, " score"],
    draws: Float[np.ndarray, "draw score"],
    n_images: int,
    interval: float,
) -> tuple[Float[np.ndarray, " score"], Float[np.ndarray, " score"]]:
    """Ends of an interval round the estimate itself, of the width that draws have.

    For what is biased by more than few images: a maximum over networks takes the best of their
    noise, and that part of it is not taken off.

    Parameters
    ----------
    estimate, draws, n_images, interval
        As for :func:`bootstrap_interval`.

    Returns
    -------
    low, high
        NaN where the estimate is.
    """
    low, high = _ends(draws, n_images, interval) + (estimate - _mean(draws))
    return low, high


def _mean(draws: Float[np.ndarray, "draw score"]) -> Float[np.ndarray, " score"]:
    return np.asarray(draws.mean(axis=0, dtype=np.float64))


def _ends(
    draws: Float[np.ndarray, "draw score"], n_images: int, interval: float
) -> Float[np.ndarray, "2 score"]:
    """Percentiles, farther out than their names where there are few images."""
    tail = special.stdtrit(n_images - 1, (1 - interval) / 2) * np.sqrt(n_images / (n_images - 1))
    share = special.ndtr(tail)
    return np.asarray(np.quantile(draws, [share, 1 - share], axis=0))
