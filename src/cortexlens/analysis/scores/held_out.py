"""Predictions of and responses to a fit's test images, and scores computed from them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Float, Int

from cortexlens.errors import CortexlensError

NEEDED = ("prediction_test", "observed_test", "repeats_test")


@dataclass(frozen=True)
class HeldOutPredictions:
    """Predictions of and responses to the test images, in the units of the responses.

    Attributes
    ----------
    images
        Index on the ``image`` axis of each test image.
    prediction
        Prediction for each image and vertex.
    observed
        Mean response over the image's scored trials.
    repeats
        Number of scored trials of each image.
    scatter
        Sum over the image's scored trials of (y − mean)²; None if each image has a single trial.
    """

    images: Int[np.ndarray, " image"]
    prediction: Float[np.ndarray, "image vertex"]
    observed: Float[np.ndarray, "image vertex"]
    repeats: Int[np.ndarray, " image"]
    scatter: Float[np.ndarray, "image vertex"] | None = None

    @property
    def n_images(self) -> int:
        """Number of test images."""
        return len(self.images)

    @property
    def n_vertices(self) -> int:
        """Number of vertices."""
        return int(self.observed.shape[1])

    def part(self, vertices: slice) -> "HeldOutPredictions":
        """The same for some of the vertices."""
        scatter = None if self.scatter is None else self.scatter[:, vertices]
        return HeldOutPredictions(
            self.images,
            self.prediction[:, vertices],
            self.observed[:, vertices],
            self.repeats,
            scatter,
        )


@dataclass(frozen=True)
class ImageTerms:
    """Contribution of each test image to both sums of R² = 1 − Σ error / Σ square.

    Attributes
    ----------
    repeats
        Number of scored trials of each image.
    deviation
        Sum over an image's trials of the response minus the mean over all test trials.
    error
        Sum over an image's trials of (y − ŷ)².
    square
        Sum over an image's trials of (y − ȳ)², with ȳ the mean over all test trials.
    """

    repeats: Float[np.ndarray, " image"]
    deviation: Float[np.ndarray, "image vertex"]
    error: Float[np.ndarray, "image vertex"]
    square: Float[np.ndarray, "image vertex"]

    @property
    def r2(self) -> Float[np.ndarray, " vertex"]:
        """Raw R²; NaN for a constant response."""
        whole = self.square.sum(axis=0)
        r2 = np.full(whole.shape, np.nan)
        np.divide(self.error.sum(axis=0), whole, out=r2, where=whole > 0)
        return 1 - r2


def read_held_out(fit: xr.Dataset, name: str) -> HeldOutPredictions:
    """Load predictions of and responses to the test images of a fit.

    Parameters
    ----------
    fit
        Dataset of kind ``fit``.
    name
        Name of the fit in error messages, usually its path.

    Returns
    -------
    HeldOutPredictions
        In memory.

    Raises
    ------
    CortexlensError
        If the fit has no stored predictions (it was made by an earlier version, or without
        responses to score it), or those of a single image.
    """
    missing = [each for each in NEEDED if each not in fit]
    if missing:
        raise CortexlensError(
            f"{name}: found no {', '.join(missing)}; confidence intervals need predictions of and "
            "responses to test images. Fit again, or import the checkpoint with --responses."
        )
    if fit.sizes["test_image"] < 2:
        raise CortexlensError(
            f"{name}: found {fit.sizes['test_image']} test image; intervals over images need at "
            "least 2. Add images, or change split in the config."
        )
    return HeldOutPredictions(
        fit["test_image"].values,
        fit["prediction_test"].values,
        fit["observed_test"].values,
        fit["repeats_test"].values,
        fit["scatter_test"].values if "scatter_test" in fit else None,
    )


def image_terms(held: HeldOutPredictions) -> ImageTerms:
    """Contribution of each image to the sums of R², in float64; zero for a constant response."""
    repeats = held.repeats.astype(np.float64)
    observed = held.observed.astype(np.float64)
    centred = observed - repeats @ observed / repeats.sum()
    within = 0.0 if held.scatter is None else held.scatter.astype(np.float64)
    constant = (observed == observed[0]).all(axis=0)
    if held.scatter is not None:
        constant &= ~held.scatter.any(axis=0)
    # Because of rounding, the mean of equal responses differs slightly from them.
    centred[:, constant] = 0
    weight = repeats[:, None]
    error = within + weight * np.square(observed - held.prediction)
    return ImageTerms(repeats, weight * centred, error, within + weight * np.square(centred))


def pearson(held: HeldOutPredictions) -> Float[np.ndarray, " vertex"]:
    """Correlation over test trials in [−1, 1]; NaN if prediction or response is constant."""
    terms, weight = image_terms(held), held.repeats[:, None]
    predicted = held.prediction.astype(np.float64)
    predicted = predicted - (weight * predicted).sum(axis=0) / held.repeats.sum()
    predicted[:, (held.prediction == held.prediction[0]).all(axis=0)] = 0
    norm = np.sqrt(terms.square.sum(axis=0) * (weight * np.square(predicted)).sum(axis=0))
    r = np.full(norm.shape, np.nan)
    np.divide((terms.deviation * predicted).sum(axis=0), norm, out=r, where=norm > 0)
    return r


def vertex_blocks(n_vertices: int, size: int) -> Iterator[slice]:
    """Yield slices that divide the vertices into blocks."""
    return (slice(start, start + size) for start in range(0, n_vertices, size))
