"""Noise ceiling: the part of the responses' variance that a model can explain, as in the NSD.

Source: Allen et al. 2022, *A massive 7T fMRI dataset to bridge cognitive neuroscience and
artificial intelligence*, Methods, "Noise ceiling estimation".
"""

import numpy as np
from jaxtyping import Float, Float32, Int

from cortexlens.progress import say

BLOCK_VALUES = 2**23  # numbers held in float64 at a time: 64 MiB


def ncsnr(
    response: Float[np.ndarray, "trial vertex"],
    trial_image: Int[np.ndarray, "trial"],
    n_images: int,
    *,
    full_only: bool = True,
) -> Float32[np.ndarray, "vertex"]:
    """Estimate the noise-ceiling signal-to-noise ratio of single trials.

    The noise variance v² is the variance across the repeats of an image (ddof 1), averaged over
    images. Since the total variance is 1, the signal variance is 1 − v², and
    ncsnr = √max(0, 1 − v²) / v.

    Parameters
    ----------
    response
        Responses z-scored within session (:func:`zscore_within_session`), so that their variance is
        1.
    trial_image
        Index of the image shown in each trial.
    n_images
        Length of the ``image`` axis.
    full_only
        Whether to average only over images with the full number of repeats, as the NSD does.
        Otherwise all repeated images count, weighted by their repeats minus one, which is the
        appropriate mean if numbers of repeats vary widely.

    Returns
    -------
    ndarray
        At least 0; infinite if all repeats are equal; 0 if the response is constant; NaN everywhere
        if no image was repeated.
    """
    counts = np.bincount(trial_image, minlength=n_images)
    running = RunningNcsnr(counts, response.shape[1], full_only=full_only)
    running.add(response, trial_image)
    return running.result()


class RunningNcsnr:
    """Online version of :func:`ncsnr` for trials that arrive in parts, e.g. session by session.

    The running mean of each image's repeats is kept in float32; squared deviations from it are
    summed over all images (Welford 1962).

    Parameters
    ----------
    counts
        Total number of trials of each image.
    n_vertices
        Length of the ``vertex`` axis.
    full_only
        As for :func:`ncsnr`.
    """

    def __init__(
        self, counts: Int[np.ndarray, "image"], n_vertices: int, *, full_only: bool = True
    ) -> None:
        least = max(2, int(counts.max(initial=0))) if full_only else 2
        used = counts >= least
        self._freedom = int((counts[used] - 1).sum())
        self._row = np.where(used, np.cumsum(used) - 1, -1)
        self._seen = np.zeros(int(used.sum()), np.int64)
        self._mean = np.zeros((len(self._seen), n_vertices), np.float32)
        self._squares = np.zeros(n_vertices)
        self._lowest = np.full(n_vertices, np.inf)
        self._highest = np.full(n_vertices, -np.inf)

    def add(
        self, response: Float[np.ndarray, "trial vertex"], trial_image: Int[np.ndarray, "trial"]
    ) -> None:
        """Add some trials.

        Parameters
        ----------
        response, trial_image
            As for :func:`ncsnr`. Each trial must be added exactly once.
        """
        np.minimum(self._lowest, response.min(axis=0, initial=np.inf), out=self._lowest)
        np.maximum(self._highest, response.max(axis=0, initial=-np.inf), out=self._highest)
        for trial, row in enumerate(self._row[trial_image]):
            if row >= 0:
                self._seen[row] += 1
                before = response[trial] - self._mean[row]
                self._mean[row] += before / np.float32(self._seen[row])
                self._squares += before * (response[trial] - self._mean[row])

    def result(self) -> Float32[np.ndarray, "vertex"]:
        """Return the estimate; see :func:`ncsnr`."""
        if self._freedom == 0:
            return np.full(len(self._squares), np.nan, np.float32)
        noise = self._squares / self._freedom
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.sqrt(np.maximum(0, 1 - noise) / noise)
        return np.where(self._highest > self._lowest, ratio, 0).astype(np.float32)


def noise_ceiling(
    ncsnr: Float[np.ndarray, "vertex"], repeats_per_image: Int[np.ndarray, "image"]
) -> Float32[np.ndarray, "vertex"]:
    """Highest r² that a model can reach on responses averaged over repeats.

    It is ncsnr² / (ncsnr² + f), where f is the mean over images of 1 / (number of repeats): 1 for
    single trials, 1/n for n repeats, (A/3 + B/2 + C)/(A + B + C) for A, B and C images with 3, 2
    and 1 repeats.

    Parameters
    ----------
    ncsnr
        Signal-to-noise ratio of single trials.
    repeats_per_image
        Number of trials in the average of each predicted image, at least 1; all ones for single
        trials.

    Returns
    -------
    ndarray
        In [0, 1]; NaN where ``ncsnr`` is NaN.

    Raises
    ------
    ValueError
        If there is no image, or an image without a trial.
    """
    if repeats_per_image.size == 0 or repeats_per_image.min() < 1:
        raise ValueError("every image needs at least one repeat")
    f = float(np.mean(1 / repeats_per_image))
    with np.errstate(divide="ignore"):
        noise_to_signal = f / ncsnr.astype(np.float64) ** 2
    return (1 / (1 + noise_to_signal)).astype(np.float32)


def zscore_within_session(
    response: Float[np.ndarray, "trial vertex"], session: Int[np.ndarray, "trial"]
) -> Float32[np.ndarray, "trial vertex"]:
    """Scale each vertex to mean 0 and variance 1 (ddof 1) within every session.

    Parameters
    ----------
    response
        Responses in any unit.
    session
        Session of each trial.

    Returns
    -------
    ndarray
        Dimensionless. A vertex that is constant within a session is 0 there; the number of such
        cases is reported on standard error. A vertex with a non-finite value in a session is NaN
        there.
    """
    result = np.zeros(response.shape, np.float32)
    n_constant = 0
    for name in np.unique(session):
        trials = np.flatnonzero(session == name)
        for block in _blocks(response.shape[1], len(trials)):
            values = response[trials, block].astype(np.float64)
            # Rounding can make the standard deviation of equal values non-zero; the range is exact.
            finite = np.isfinite(values).all(axis=0)
            result[np.ix_(trials, np.flatnonzero(~finite) + block.start)] = np.nan
            varies = finite & (values.max(axis=0) > values.min(axis=0))
            values = values[:, varies]
            values -= values.mean(axis=0)
            columns = np.flatnonzero(varies) + block.start
            result[np.ix_(trials, columns)] = values / values.std(axis=0, ddof=1)
            n_constant += int((finite & ~varies).sum())
    if n_constant:
        say(
            f"in {n_constant} cases a vertex is constant within a session; its responses there are "
            "set to 0"
        )
    return result


def _blocks(n_vertices: int, n_trials: int) -> list[slice]:
    """Slices of the ``vertex`` axis, small enough to work on in float64."""
    size = max(1, BLOCK_VALUES // max(1, n_trials))
    return [slice(i, min(i + size, n_vertices)) for i in range(0, n_vertices, size)]
