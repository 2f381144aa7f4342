"""Bootstrap confidence intervals over test images; all trials of an image are drawn together."""

import numpy as np
from jaxtyping import Float, Int
from scipy import special

from cortexlens.analysis.scores.held_out import HeldOutPredictions, image_terms

# Variance of a resample, as a fraction of that of all images, below which R² is not computed.
LEAST_VARIANCE = 1e-5


def image_draws(
    images: Int[np.ndarray, " image"], bootstraps: int, seed: int
) -> Float[np.ndarray, "draw image"]:
    """Number of times that each image is drawn in each bootstrap resample.

    It depends only on the seed and the images, so that any two fits to one subject can be compared
    draw by draw.

    Parameters
    ----------
    images
        Index on the ``image`` axis of each test image.
    bootstraps
        Number of resamples.
    seed
        Seed, at least 0.

    Returns
    -------
    ndarray
        Counts; each row sums to the number of images.
    """
    generator = np.random.default_rng([seed, *images.tolist()])
    n = len(images)
    counts = generator.multinomial(n, np.full(n, 1 / n), size=bootstraps)
    return counts.astype(np.float32)


def r2_draws(
    held: HeldOutPredictions, draws: Float[np.ndarray, "draw image"]
) -> Float[np.ndarray, "draw vertex"]:
    """R² in each resample, from three products of counts with the images' terms of its sums.

    Parameters
    ----------
    held
        Predictions of and responses to the test images.
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
    confidence_level: float,
) -> tuple[Float[np.ndarray, " score"], Float[np.ndarray, " score"]]:
    """Confidence interval from bootstrap draws, corrected for bias and for few images.

    With few images R² is biased downward, equally in all vertices of a region, and resamples have
    twice that bias. Percentiles are therefore shifted by twice the difference between the estimate
    and the mean of the draws. They are also widened, because Student's t distribution is wider than
    the normal one and a variance over n resampled images is smaller by 1 − 1/n (Hesterberg 2015,
    Am. Stat. 69:371). ``benchmarks/coverage_scores.py`` measures the coverage.

    Parameters
    ----------
    estimate
        Scores on the test images themselves.
    draws
        Scores in each resample.
    n_images
        Number of test images.
    confidence_level
        Confidence level, in (0, 1).

    Returns
    -------
    low, high
        NaN where the estimate is NaN.
    """
    low, high = _ends(draws, n_images, confidence_level) + 2 * (estimate - _mean(draws))
    return low, high


def spread_interval(
    estimate: Float[np.ndarray, " score"],
    draws: Float[np.ndarray, "draw score"],
    n_images: int,
    confidence_level: float,
) -> tuple[Float[np.ndarray, " score"], Float[np.ndarray, " score"]]:
    """Confidence interval centred on the estimate itself, with the width of the bootstrap draws.

    For estimates with other biases than that of few images: a maximum over networks includes the
    best of their noise, and this part is not corrected for.

    Parameters
    ----------
    estimate, draws, n_images, interval
        As for :func:`bootstrap_interval`.

    Returns
    -------
    low, high
        NaN where the estimate is NaN.
    """
    low, high = _ends(draws, n_images, confidence_level) + (estimate - _mean(draws))
    return low, high


def _mean(draws: Float[np.ndarray, "draw score"]) -> Float[np.ndarray, " score"]:
    return np.asarray(draws.mean(axis=0, dtype=np.float64))


def _ends(
    draws: Float[np.ndarray, "draw score"], n_images: int, confidence_level: float
) -> Float[np.ndarray, "2 score"]:
    """Percentiles, widened for small numbers of images."""
    tail = special.stdtrit(n_images - 1, (1 - confidence_level) / 2) * np.sqrt(
        n_images / (n_images - 1)
    )
    share = special.ndtr(tail)
    return np.asarray(np.quantile(draws, [share, 1 - share], axis=0))
