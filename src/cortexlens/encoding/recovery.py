"""Responses planted in a subject's own trials, and what a fit finds again of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from jaxtyping import Float, Int
from numpy.random import Generator

from cortexlens.encoding.data import FitData
from cortexlens.encoding.ensemble import selector_variables
from cortexlens.encoding.fit import FitOptions, fit_members
from cortexlens.encoding.planted import planted_selectors, planted_signal
from cortexlens.encoding.predictions import mean_prediction
from cortexlens.encoding.results import divergences
from cortexlens.encoding.scores import r2_score
from cortexlens.errors import CortexlensError
from cortexlens.shapes import TEST, TRAIN
from cortexlens.study.ceiling import noise_ceiling

# Code of training images that a condition leaves out, beside those of the split.
UNUSED = -1
# Signal-to-noise ratio of a trial without noise; an infinite one has no response.
HIGHEST_RATIO = 100.0
FOUND = ("layer_selector", "space_selector", "scale_selector", "confidence")


@dataclass(frozen=True)
class Condition:
    """What is planted and how much of it can be seen; None: as the subject's data have it.

    Attributes
    ----------
    ceiling
        Noise ceiling of every vertex, on r² of what is scored on the test images, in (0, 1).
    training_images
        Training images, drawn at random from those there are.
    vertices
        Vertices, drawn at random from those there are.
    """

    ceiling: float | None = None
    training_images: int | None = None
    vertices: int | None = None


def single_trial_ratio(
    ncsnr: Float[np.ndarray, " vertex"],
    ceiling: float | None,
    repeats: Int[np.ndarray, " test"],
) -> Float[np.ndarray, " vertex"]:
    """Signal-to-noise ratio of a single trial that gives a ceiling; the subject's own for None.

    Parameters
    ----------
    ncsnr
        Of the subject.
    ceiling
        As of :class:`Condition`.
    repeats
        Presentations that each scored test response is the mean of.
    """
    if ceiling is None:
        return np.minimum(ncsnr.astype(np.float64), HIGHEST_RATIO)
    share = float(np.mean(1 / repeats))
    return np.full(len(ncsnr), np.sqrt(ceiling * share / (1 - ceiling)))


def choose_vertices(
    ratio: Float[np.ndarray, " vertex"], count: int | None, rng: Generator
) -> Int[np.ndarray, " chosen"]:
    """Draw vertices among those whose ratio is known, in their order.

    Raises
    ------
    CortexlensError
        If no ratio is known, or there are fewer than ``count``.
    """
    known = np.flatnonzero(np.isfinite(ratio))
    if not len(known):
        raise CortexlensError(
            "the responses have no repeats, so that their noise ceilings are unknown; give one: "
            "let recovery.ceilings begin with a number between 0 and 1, not with own."
        )
    return known if count is None else _drawn(known, count, "vertices", rng)


def _drawn(
    there: Int[np.ndarray, " there"], count: int, what: str, rng: Generator
) -> Int[np.ndarray, " drawn"]:
    if count > len(there):
        raise CortexlensError(
            f"recovery.{what}: found {count}; the subject has {len(there)}. Allowed are whole "
            "numbers up to that, and all."
        )
    return np.sort(rng.choice(there, count, replace=False))


def planted_data(
    data: FitData,
    signal: Float[np.ndarray, "image vertex"],
    ratio: Float[np.ndarray, " vertex"],
    training_images: int | None,
    rng: Generator,
) -> FitData:
    """Put planted responses in the place of the recorded ones: same images, repeats and split.

    A single trial is ratio · signal plus Gaussian noise of variance 1, divided by its standard
    deviation, independent for each trial and vertex; a mean over n repeats has 1/n of the noise.

    Parameters
    ----------
    data
        Of the subject.
    signal
        Each vertex with variance 1 over images.
    ratio
        Signal-to-noise ratio of a single trial.
    training_images
        As of :class:`Condition`.
    rng
        Draws noise and training images.
    """
    noise = rng.standard_normal((len(data.trial_image), len(ratio)), dtype=np.float32)
    noise /= np.sqrt(data.repeats, dtype=np.float32)[:, None]
    response = ratio.astype(np.float32) * signal[data.trial_image] + noise
    response /= np.sqrt(1 + ratio**2).astype(np.float32)
    split = data.split.copy()
    if training_images is not None:
        train = np.flatnonzero(split == TRAIN)
        kept = _drawn(train, training_images, "training_images", rng)
        split[np.setdiff1d(train, kept)] = UNUSED
    return replace(data, response=response, split=split)


def recover(
    data: FitData,
    responses: xr.Dataset,
    truth: xr.Dataset,
    condition: Condition,
    options: FitOptions,
    seeds: Sequence[int],
) -> xr.Dataset:
    """Plant responses, fit FactorTopy to them, and put side by side what was planted and found.

    Parameters
    ----------
    data
        Features, trials and split of the subject.
    responses
        Store of kind ``responses`` of the subject.
    truth
        ``planted_level`` and ``planted_space`` of all its vertices.
    condition
        What can be seen.
    options
        Of the fit.
    seeds
        Of the members of the fit; the first one is that of the channels, the noise and what is
        drawn too.

    Returns
    -------
    xr.Dataset
        Of the vertices that were drawn: ``vertex_row``, their rows in the responses;
        ``planted_layer``, ``planted_space``, ``planted_scale``, the ``*_selector`` of the same
        meaning that were found, ``confidence``, ``r2_test`` and ``noise_ceiling``.
    """
    rng = np.random.default_rng([1, seeds[0]])
    repeats = data.repeats[data.trials(TEST)]
    ratio = single_trial_ratio(responses["ncsnr"].values, condition.ceiling, repeats)
    rows = choose_vertices(ratio, condition.vertices, rng)
    selectors = planted_selectors(truth.isel(vertex=rows), len(data.layers))
    # Channels are standardised over all training images, whatever number of them is shown.
    train = np.flatnonzero(data.split == TRAIN)
    signal = planted_signal(data.layers, train, selectors, seeds[0])
    seen = planted_data(data, signal, ratio[rows], condition.training_images, rng)
    places = responses["coordinates"].values[rows] if "coordinates" in responses else None
    fitted = fit_members(seen, places, options, seeds)
    observed, image = seen.observed(TEST)
    predicted = mean_prediction([member.model for member in fitted], seen)
    found = selector_variables(fitted)
    return xr.Dataset(
        {
            "vertex_row": ("vertex", rows),
            "planted_layer": (("vertex", "layer"), selectors.layer.numpy()),
            "planted_space": (("vertex", "image_axis"), selectors.space.numpy()),
            "planted_scale": ("vertex", selectors.scale.numpy()),
            "r2_test": ("vertex", r2_score(observed, predicted[image]).astype(np.float32)),
            "noise_ceiling": ("vertex", noise_ceiling(ratio[rows], repeats)),
            **{name: found[name][:2] for name in FOUND},
        },
        attrs=divergences([member.diverged for member in fitted]),
    )
