"""Responses planted in a subject's own trials, and what a fit finds again of them."""

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

# Code of training images that a condition leaves out, beside those of the split.
UNUSED = -1
# Signal-to-noise ratio of a trial without noise; an infinite one has no response.
HIGHEST_RATIO = 100.0
# What is kept of a fit, where its readout finds it.
FOUND = (
    *("layer_selector", "space_selector", "scale_selector", "receptive_field_size", "confidence"),
    *("layer_probability", "expected_level", "expected_level_low", "expected_level_high"),
    *("layer_range_low", "layer_range_high", "space_low", "space_high", "size_low", "size_high"),
)
# What a readout may know of the vertices' places.
PLACES = ("coordinates", "hemisphere")


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
    truth
        One of :data:`cortexlens.encoding.planted_channels.TRUTHS`.
    windows
        Local tokens are read through Gaussian windows of the planted size, else at a point.
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


@dataclass(frozen=True)
class Planting:
    """Responses that were planted in a subject, and the truth behind them.

    Attributes
    ----------
    data
        The subject's, with planted responses of the drawn vertices.
    rows
        The drawn vertices, rows of the responses.
    selectors
        What each of them reads.
    size
        Standard deviation of each one's window, image widths; None where points are read.
    ceiling
        Noise ceiling of each, on r² of the test responses.
    """

    data: FitData
    rows: Int[np.ndarray, " vertex"]
    selectors: Selectors
    size: Float[np.ndarray, " vertex"] | None
    ceiling: Float[np.ndarray, " vertex"]

    def variables(self) -> dict[str, tuple[Any, ...]]:
        """Truth under the names of a store of kind ``recovery``."""
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
    """Plant responses in a subject's own places, trials and split.

    Parameters
    ----------
    data
        Features, trials and split of the subject.
    responses
        Store of kind ``responses`` of the subject.
    truth
        ``planted_level``, ``planted_space`` and ``planted_size`` of all its vertices, as of
        :func:`cortexlens.analysis.recovery.truth.planted_truth`.
    condition
        What is planted, and what can be seen.
    seed
        Of the channel weights, the noise and what is drawn: the same planting for every readout.
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
    # Channels are standardised over all training images, whatever number of them is shown.
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
    """Plant responses, fit a readout to them, and put side by side what was planted and found.

    Parameters
    ----------
    data, responses, truth, condition
        As of :func:`plant`.
    kind
        Kind of readout, a key of :data:`cortexlens.encoding.fitters.FITTERS`.
    options
        Of its fit.
    seed
        Of the planting and the fit.

    Returns
    -------
    xr.Dataset
        Of the vertices that were drawn: ``vertex_row``, their rows in the responses, and their
        ``roi_mask``; ``planted_layer``, ``planted_space``, ``planted_scale``, with windows
        ``planted_size``; of :data:`FOUND` what the readout finds, under the names that it has in a
        fit; ``r2_test`` and ``noise_ceiling``.
    """
    planting = plant(data, responses, truth, condition, seed)
    there = [name for name in PLACES if name in responses]
    places = responses[there].isel(vertex=planting.rows, missing_dims="ignore").load()
    found = fit_readout(kind, planting.data, places, options, seed)
    observed, image = planting.data.observed(TEST)
    score = r2_score(observed, found.predicted[image]).astype(np.float32)
    kept = {name: found.variables[name][:2] for name in FOUND if name in found.variables}
    dataset = xr.Dataset(
        {**planting.variables(), **kept, "r2_test": ("vertex", score)}, attrs=dict(found.attributes)
    )
    if "roi_mask" in responses:
        mask = responses["roi_mask"].isel(vertex=planting.rows).load()
        dataset = dataset.assign(roi_mask=(mask.dims, mask.values))
        dataset = dataset.assign_coords(roi=responses["roi"].values)
    return dataset
