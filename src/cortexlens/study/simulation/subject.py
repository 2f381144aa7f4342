"""A simulated subject: single trials of a visual cortex with known ground truth."""

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float, Float32, Int, Shaped
from numpy.random import Generator
from scipy.spatial import cKDTree
from scipy.stats import beta, rankdata

from cortexlens.cortex.regions import visual_cortex
from cortexlens.errors import CortexlensError
from cortexlens.study.ceiling import ncsnr, zscore_within_session
from cortexlens.study.simulation.gabor import GRID
from cortexlens.study.simulation.tuning import noiseless_responses

# Noise ceilings (r² at three repeats) are HIGHEST_CEILING times a Beta variable: they range from
# about 0 to 0.7 with a mean of about 0.36, which is the mean of subject medians in the NSD.
HIGHEST_CEILING: Final = 0.72
_CEILING_SHAPE: Final = (1.3, 1.3)
# Number of neighbours over which the smooth component of the ceilings is averaged.
_NEIGHBOURS: Final = 40
# Standard deviation of the log gain of sessions; standard deviation of slow drift, in units of a
# vertex's noise; fraction of the noise variance that vertices share.
_GAIN_SPREAD, _DRIFT, _SHARED = 0.12, 0.25, 0.1
_N_SHARED: Final = 8
_DRIFT_WAVES: Final = 3


def trial_order(
    rng: Generator, n_images: int, repeats: int, sessions: int
) -> tuple[Int[np.ndarray, "trial"], Int[np.ndarray, "trial"]]:
    """Order the presentations of all images at random and divide them into sessions.

    Parameters
    ----------
    rng
        Generator of the order.
    n_images
        Number of images.
    repeats
        Number of presentations of each image.
    sessions
        Number of sessions.

    Returns
    -------
    trial_image, session
        Image of each trial, and its session from 0; sessions differ in length by at most one.
    """
    image = rng.permutation(np.repeat(np.arange(n_images), repeats))
    session = np.arange(len(image)) * sessions // len(image)
    return image, session


def planted_ceilings(
    rng: Generator, coordinates: Float[np.ndarray, "vertex axis"]
) -> Float[np.ndarray, "vertex"]:
    """Draw a noise ceiling (r² at three repeats) for each vertex, similar among neighbours.

    Parameters
    ----------
    rng
        Generator of the ceilings.
    coordinates
        Coordinates of the vertices, in mm.

    Returns
    -------
    Float[np.ndarray, "vertex"]
        From about 0 to :data:`HIGHEST_CEILING`.
    """
    n_vertices = len(coordinates)
    white = rng.standard_normal((2, n_vertices))
    _, near = cKDTree(coordinates).query(coordinates, min(_NEIGHBOURS, n_vertices))
    smooth = white[0][near.reshape(n_vertices, -1)].mean(axis=1)
    mixed = smooth / smooth.std() + white[1]
    quantile = (rankdata(mixed) - 0.5) / n_vertices
    return np.asarray(HIGHEST_CEILING * beta.ppf(quantile, *_CEILING_SHAPE))


def _noise(
    rng: Generator, session: Int[np.ndarray, "trial"], n_vertices: int
) -> Float32[np.ndarray, "trial vertex"]:
    """Noise of variance 1, partly shared among vertices, plus a slow drift in each session."""
    n_trials = len(session)
    own = rng.standard_normal((n_trials, n_vertices), dtype=np.float32)
    common = rng.standard_normal((n_trials, _N_SHARED), dtype=np.float32)
    loading = rng.standard_normal((_N_SHARED, n_vertices), dtype=np.float32) / _N_SHARED**0.5
    noise = np.float32((1 - _SHARED) ** 0.5) * own
    noise += np.float32(_SHARED**0.5) * (common @ loading)
    for name in np.unique(session):
        trials = np.flatnonzero(session == name)
        time = np.arange(len(trials))[:, None] / len(trials)
        waves = np.cos(np.pi * time * np.arange(1, _DRIFT_WAVES + 1)).astype(np.float32)
        drift = rng.standard_normal((_DRIFT_WAVES, n_vertices), dtype=np.float32)
        noise[trials] += np.float32(_DRIFT / _DRIFT_WAVES**0.5) * (waves @ drift)
    return noise


def _check(images: Shaped[np.ndarray, "image height width 3"], truth: pd.DataFrame) -> None:
    height, width = images.shape[1:3]
    if height != width or height % GRID:
        raise CortexlensError(
            f"simulated subjects: the images are {width} × {height} pixels; they must be square, "
            f"with a size that is a multiple of {GRID}. Draw scenes with such a --size."
        )
    if len(truth) != len(images):
        raise CortexlensError(
            f"simulated subjects: found {len(images)} images, but the truth of {len(truth)} scenes."
        )


def simulate_responses(
    images: Shaped[np.ndarray, "image height width 3"],
    truth: pd.DataFrame,
    *,
    subject_seed: int,
    repeats: int = 3,
    sessions: int = 6,
) -> xr.Dataset:
    """Simulate the responses of one subject's visual cortex to drawn scenes.

    Parameters
    ----------
    images
        Square images whose size is a multiple of 32 pixels; uint8, or float32 from 0 to 1.
    truth
        One row per image: ``background``, ``layout`` and ``objects``, as from
        :func:`cortexlens.study.simulation.scenes.read_scenes`.
    subject_seed
        Seed of the subject: location and size of regions, receptive fields, tuning, order of
        trials, and noise. Subjects with different seeds differ in all of these.
    repeats
        Number of presentations of each image.
    sessions
        Number of sessions that the trials are divided into.

    Returns
    -------
    xr.Dataset
        ``responses`` of docs/architecture.md without ``image_id`` and ``split``: ``response``
        (trial, vertex; z-scored within session), ``trial_image``, ``session``, ``ncsnr`` (estimated
        from the trials), cortex and truth as in :func:`cortexlens.cortex.regions.visual_cortex`,
        and ``planted_ncsnr``.

    Raises
    ------
    CortexlensError
        If the images are not square or have an unsuitable size, or their number differs from the
        truth's.
    """
    _check(images, truth)
    streams = [np.random.default_rng([subject_seed, stream]) for stream in range(3)]
    cortex = visual_cortex(streams[0])
    signal = noiseless_responses(images, truth, cortex, streams[1])
    rng = streams[2]
    return cortex.assign(noisy_trials(signal, cortex["coordinates"].values, rng, repeats, sessions))


def noisy_trials(
    signal: Float[np.ndarray, "image vertex"],
    coordinates: Float[np.ndarray, "vertex axis"],
    rng: Generator,
    repeats: int,
    sessions: int,
) -> dict[str, tuple[object, ...]]:
    """Simulate repeated presentations of images, with noise, session gain and drift.

    Parameters
    ----------
    signal
        Noiseless responses; each vertex has variance 1 over images.
    coordinates
        Coordinates in mm; neighbouring vertices get similar noise ceilings.
    rng
        Generator of the order of trials, the ceilings and the noise.
    repeats, sessions
        Number of presentations of each image; number of sessions.

    Returns
    -------
    dict
        Variables ``response`` (z-scored within session), ``trial_image``, ``session``, ``ncsnr``
        (estimated from the trials) and ``planted_ncsnr``.
    """
    image, session = trial_order(rng, len(signal), repeats, sessions)
    ceiling = planted_ceilings(rng, coordinates)
    ratio = np.sqrt(ceiling / (3 * (1 - ceiling)))
    gain = np.exp(_GAIN_SPREAD * rng.standard_normal((sessions, len(ratio)))) * ratio
    response = _noise(rng, session, len(ratio))
    for name in range(sessions):
        trials = np.flatnonzero(session == name)
        response[trials] += gain[name].astype(np.float32) * signal[image[trials]]
    response = zscore_within_session(response, session)
    return {
        "response": (("trial", "vertex"), response, {"units": "standard deviations in a session"}),
        "trial_image": ("trial", image),
        "session": ("trial", session),
        "ncsnr": ("vertex", ncsnr(response, image, len(signal))),
        "planted_ncsnr": (
            "vertex",
            ratio.astype(np.float32),
            {"description": "signal-to-noise ratio of a single trial, before drift and gain"},
        ),
    }
