"""Parameter recovery: plant responses with known selectors in a subject's trials, and fit them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float, Int
from numpy.random import Generator

from cortexlens.encoding.data import FitData
from cortexlens.encoding.fitters import fit_readout
from cortexlens.encoding.planted import patchy_levels, planted_selectors, planted_signal
from cortexlens.encoding.planted_channels import ISOTROPIC, PATCHY
from cortexlens.encoding.scores import r2_score
from cortexlens.encoding.selectors import Selectors
from cortexlens.errors import CortexlensError
from cortexlens.shapes import TEST, TRAIN
from cortexlens.study.ceiling import noise_ceiling

# Code, in the split, of training images that a condition leaves out.
UNUSED = -1
# Largest signal-to-noise ratio of a trial: stands for one without noise, since an infinite ratio
# would give no finite response.
HIGHEST_RATIO = 100.0
# Variables of a fit that are compared with the planted truth, if the readout has them.
FOUND = (
    *("layer_selector", "space_selector", "scale_selector", "receptive_field_size", "confidence"),
    *("layer_probability", "expected_level", "expected_level_low", "expected_level_high"),
    *("layer_range_low", "layer_range_high", "space_low", "space_high", "size_low", "size_high"),
)
# Variables of the responses that tell a readout where vertices lie.
PLACES = ("coordinates", "hemisphere")


@dataclass(frozen=True)
class Condition:
    """A condition of a recovery analysis: what is planted, with how much noise and data.

    Attributes
    ----------
    ceiling
        Noise ceiling of every vertex, as r² on the test images, in (0, 1); None takes the
        subject's own ceilings.
    training_images
        Number of training images, drawn at random; None takes all.
    vertices
        Number of vertices, drawn at random; None takes all with a known noise ceiling.
    truth
        Kind of planted channel weights, one of
        :data:`cortexlens.encoding.planted_channels.TRUTHS`.
    windows
        Whether vertices read local tokens through Gaussian windows of the planted receptive-field
        size; otherwise they read at a point.
    """

    ceiling: float | None = None
    training_images: int | None = None
    vertices: int | None = None
    truth: str = ISOTROPIC
    windows: bool = False


def single_trial_ratio(
    ncsnr: Float[np.ndarray, " vertex"],
    ceiling: float | None,
    repeats: Int[np.ndarray, " test"],
) -> Float[np.ndarray, " vertex"]:
    """Compute the single-trial signal-to-noise ratio that yields a given noise ceiling.

    Parameters
    ----------
    ncsnr
        Noise-ceiling signal-to-noise ratio of the subject's vertices.
    ceiling
        Noise ceiling as in :class:`Condition`; None keeps the subject's own ratios.
    repeats
        Number of presentations that each scored test response is the mean of.
    """
    if ceiling is None:
        return np.minimum(ncsnr.astype(np.float64), HIGHEST_RATIO)
    noise_fraction = float(np.mean(1 / repeats))  # of a single trial's noise variance
    return np.full(len(ncsnr), np.sqrt(ceiling * noise_fraction / (1 - ceiling)))


def choose_vertices(
    ratio: Float[np.ndarray, " vertex"], count: int | None, rng: Generator
) -> Int[np.ndarray, " chosen"]:
    """Draw vertices at random among those with a known signal-to-noise ratio.

    Parameters
    ----------
    ratio
        Signal-to-noise ratio of each vertex; NaN where it is unknown.
    count
        Number of vertices to draw; None takes all with a known ratio.
    rng
        Random generator.

    Returns
    -------
    ndarray
        Indices of the drawn vertices, ascending.

    Raises
    ------
    CortexlensError
        If no ratio is known, or fewer than ``count`` are.
    """
    known = np.flatnonzero(np.isfinite(ratio))
    if not len(known):
        raise CortexlensError(
            "the responses have no repeats, so that their noise ceilings are unknown. Let "
            "recovery.ceilings begin with a number between 0 and 1 rather than with own."
        )
    return known if count is None else _drawn(known, count, "vertices", rng)


def _drawn(
    candidates: Int[np.ndarray, " candidate"], count: int, what: str, rng: Generator
) -> Int[np.ndarray, " drawn"]:
    """Draw from candidates without replacement; ``what`` is the config key of ``count``."""
    if count > len(candidates):
        raise CortexlensError(
            f"recovery.{what}: found {count}; the subject has {len(candidates)}. Allowed are whole "
            "numbers up to that, or all. Change it in the config."
        )
    return np.sort(rng.choice(candidates, count, replace=False))


def planted_data(
    data: FitData,
    signal: Float[np.ndarray, "image vertex"],
    ratio: Float[np.ndarray, " vertex"],
    training_images: int | None,
    rng: Generator,
) -> FitData:
    """Replace the recorded responses by planted ones, with the same images, repeats and split.

    The response of a single trial is ratio · signal plus Gaussian noise of variance 1, divided by
    the standard deviation of the sum. Noise is independent between trials and vertices; a mean
    over n repeats has 1/n of the noise variance.

    Parameters
    ----------
    data
        Data of the subject.
    signal
        Noiseless responses, with variance 1 over images for each vertex.
    ratio
        Single-trial signal-to-noise ratio of each vertex.
    training_images
        Number of training images to draw at random; None keeps all.
    rng
        Random generator of the noise and the choice of training images.
    """
    noise = rng.standard_normal((len(data.trial_image), len(ratio)), dtype=np.float32)
    noise /= np.sqrt(data.repeats, dtype=np.float32)[:, None]
    response = ratio.astype(np.float32) * signal[data.trial_image] + noise
    response /= np.sqrt(1 + ratio**2).astype(np.float32)
    split = data.split.copy()
    if training_images is not None:
        train = np.flatnonzero(split == TRAIN)
        used = _drawn(train, training_images, "training_images", rng)
        split[np.setdiff1d(train, used)] = UNUSED
    return replace(data, response=response, split=split)


@dataclass(frozen=True)
class Planting:
    """Planted responses of a subject, with the truth they were made from.

    Attributes
    ----------
    data
        Data of the subject with the planted responses of the drawn vertices.
    rows
        Index of each drawn vertex in the subject's responses.
    selectors
        Planted selectors of each drawn vertex.
    size
        Planted receptive-field size of each drawn vertex: standard deviation of its window in
        image widths. None if vertices read at a point.
    ceiling
        Noise ceiling of each drawn vertex, as r² of the test responses.
    """

    data: FitData
    rows: Int[np.ndarray, " vertex"]
    selectors: Selectors
    size: Float[np.ndarray, " vertex"] | None
    ceiling: Float[np.ndarray, " vertex"]

    def variables(self) -> dict[str, tuple[Any, ...]]:
        """Return the truth as variables of a store of kind ``recovery``."""
        place = "vertex"
        size = {} if self.size is None else {"planted_size": (place, self.size.astype(np.float32))}
        return {
            "vertex_row": (place, self.rows),
            "planted_layer": ((place, "layer"), self.selectors.layer.numpy()),
            "planted_space": ((place, "image_axis"), self.selectors.space.numpy()),
            "planted_scale": (place, self.selectors.scale.numpy()),
            "noise_ceiling": (place, self.ceiling),
            **size,
        }


def plant(
    data: FitData, responses: xr.Dataset, truth: xr.Dataset, condition: Condition, seed: int
) -> Planting:
    """Plant responses with known selectors, keeping a subject's vertices, trials and split.

    Parameters
    ----------
    data
        Features, trials and split of the subject.
    responses
        Dataset of kind ``responses`` of the subject.
    truth
        ``planted_level``, ``planted_space`` and ``planted_size`` of all vertices, from
        :func:`cortexlens.analysis.recovery.truth.planted_truth`.
    condition
        What is planted, with how much noise and data.
    seed
        Seed of the channel weights, the noise, and the choice of vertices and training images.
        The planting does not depend on the readout that will be fitted.

    Returns
    -------
    Planting

    Raises
    ------
    CortexlensError
        If the subject has fewer vertices or training images than the condition, or noise ceilings
        are needed and unknown.
    """
    rng = np.random.default_rng([1, seed])
    repeats = data.repeats[data.trials(TEST)]
    ratio = single_trial_ratio(responses["ncsnr"].values, condition.ceiling, repeats)
    rows = choose_vertices(ratio, condition.vertices, rng)
    drawn = truth.isel(vertex=rows)
    if condition.truth == PATCHY:
        drawn = patchy_levels(drawn, seed)
    size = drawn["planted_size"].values if condition.windows else None
    grid = round((data.layers[0].shape[1] - 1) ** 0.5)
    selectors = planted_selectors(drawn, len(data.layers), size, grid)
    # Channels are standardised over all training images, however few of them the condition uses.
    train = np.flatnonzero(data.split == TRAIN)
    signal = planted_signal(data.layers, train, selectors, seed, condition.truth)
    seen = planted_data(data, signal, ratio[rows], condition.training_images, rng)
    return Planting(seen, rows, selectors, size, noise_ceiling(ratio[rows], repeats))


def recover(
    data: FitData,
    responses: xr.Dataset,
    truth: xr.Dataset,
    condition: Condition,
    kind: str,
    options: Mapping[str, Any],
    seed: int,
) -> xr.Dataset:
    """Plant responses, fit a readout to them, and collect planted and fitted values.

    Parameters
    ----------
    data, responses, truth, condition
        As for :func:`plant`.
    kind
        Kind of readout, a key of :data:`cortexlens.encoding.fitters.FITTERS`.
    options
        Options of the readout's fit.
    seed
        Seed of the planting and of the fit.

    Returns
    -------
    xr.Dataset
        For each drawn vertex: ``vertex_row``, its index in the responses, and its ``roi_mask``;
        the planted ``planted_layer``, ``planted_space``, ``planted_scale`` and, with windows,
        ``planted_size``; those variables of :data:`FOUND` that the readout has, named as in a fit;
        ``r2_test`` and ``noise_ceiling``.
    """
    planting = plant(data, responses, truth, condition, seed)
    names = [name for name in PLACES if name in responses]
    places = responses[names].isel(vertex=planting.rows, missing_dims="ignore").load()
    fit = fit_readout(kind, planting.data, places, options, seed)
    observed, image = planting.data.observed(TEST)
    score = r2_score(observed, fit.predicted[image]).astype(np.float32)
    fitted = {name: fit.variables[name][:2] for name in FOUND if name in fit.variables}
    dataset = xr.Dataset(
        {**planting.variables(), **fitted, "r2_test": ("vertex", score)}, attrs=dict(fit.attributes)
    )
    if "roi_mask" in responses:
        mask = responses["roi_mask"].isel(vertex=planting.rows).load()
        dataset = dataset.assign(roi_mask=(mask.dims, mask.values))
        dataset = dataset.assign_coords(roi=responses["roi"].values)
    return dataset
