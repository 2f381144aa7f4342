"""Fit the stacked readout in closed form: search windows, fit ridges, stack them, calibrate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.encoding.data import FitData
from cortexlens.encoding.moments import checked, feature_moments
from cortexlens.encoding.stacked.certainty import (
    Calibration,
    Certainty,
    calibrate,
    certainty,
    layer_weights,
)
from cortexlens.encoding.stacked.model import StackedModel
from cortexlens.encoding.stacked.neighbours import Cortex
from cortexlens.encoding.stacked.planting import exchanged_responses, plant
from cortexlens.encoding.stacked.prior import learn_priors, shaped
from cortexlens.encoding.stacked.reader import Reader, coarse_weights
from cortexlens.encoding.stacked.regressions import SCALES, left_out_sums
from cortexlens.encoding.stacked.samples import (
    SideBySide,
    Tokens,
    training_samples,
)
from cortexlens.encoding.stacked.search import (
    SEARCH_COMPONENTS,
    Found,
    PlaceInterval,
    place_intervals,
    refined_places,
    search_windows,
    searched_layers,
)
from cortexlens.encoding.stacked.stacking import (
    Bandwidth,
    average,
    blocks_that_fit,
    choose_bandwidth,
    non_negative,
    squared_error,
)
from cortexlens.encoding.stacked.windows import Windows, make_windows

# Standard deviation, in mm, of the average over the cortex in the search for windows.
PLACE_BANDWIDTH = 2.0
# Largest number of vertices with planted responses for the calibration.
PLANTED_VERTICES = 2000
# Standard deviation, in mm, of the average that makes planted layers smooth over the cortex.
PLANTED_BANDWIDTH = 10.0


@dataclass(frozen=True)
class StackedOptions:
    """Options of a stacked fit; the defaults need no tuning.

    Attributes
    ----------
    components
        Number of principal components that each layer's channels are reduced to; None uses all
        channels.
    lattice
        Number of centres per token, along each axis, of windows of size 0.
    sizes
        Sizes of windows in tokens; see :func:`~.windows.make_windows`.
    image_grid
        Side of the coarse grid whose tokens together form the feature set ``image``.
    bandwidths
        Standard deviations, in mm, of the averages over the cortex to choose from.
    blocks
        Largest number of blocks of images for the bootstrap; reduced if there are very many
        vertices, see :func:`~.stacking.blocks_that_fit`.
    draws
        Number of bootstrap resamples of blocks.
    prior_steps
        Largest number of steps in which the covariance of channel weights is learnt from all
        vertices, see :mod:`~cortexlens.encoding.stacked.prior`; 0 uses an isotropic prior.
    """

    components: int | None = None
    lattice: int = 2
    sizes: tuple[float, ...] = (0.0, 1.0, 2.0, 4.0)
    image_grid: int = 2
    bandwidths: tuple[float, ...] = (0.0, 1.0, 2.0, 4.0, 8.0)
    blocks: int = 50
    draws: int = 100
    prior_steps: int = 0


@dataclass(frozen=True)
class StackedFit:
    """Result of a stacked fit.

    Attributes
    ----------
    model
        Model that predicts responses.
    weight
        Stack weight ω of every set, ordered by layer, then scale.
    layer
        Stack weight of each layer, summed over scales; rows sum to 1.
    found
        Result of the search for windows.
    windows
        Windows that were searched.
    place, place_interval
        Receptive-field centres, refined between lattice points, and intervals of centres and sizes.
    bandwidth
        Widths of the stack's averages over the cortex.
    certainty, calibration
        Probabilities and intervals of the layers, and their calibration.
    r2_left_out
        R² on training images, where each image is predicted by ridges fitted without it.
    penalty
        Ridge penalty λ of each set, in units of the mean eigenvalue of its features.
    blocks, draws
        Number of blocks of images, and of bootstrap resamples.
    variance_lost
        Largest fraction of a layer's variance that its principal components leave out.
    prior_steps
        Number of steps in which the covariance of channel weights was learnt.
    prior_gain
        Gain in R² of held-out images after each step tried, see
        :class:`~cortexlens.encoding.stacked.prior.Priors`.
    """

    model: StackedModel
    weight: Float[Tensor, "set vertex"]
    layer: Float[np.ndarray, "vertex layer"]
    found: Found
    windows: Windows
    place: Float[np.ndarray, "vertex 2"]
    place_interval: PlaceInterval
    bandwidth: Bandwidth
    certainty: Certainty
    calibration: Calibration
    r2_left_out: Float[np.ndarray, " vertex"]
    penalty: Float[np.ndarray, "set vertex"]
    blocks: int
    draws: int
    variance_lost: float
    prior_steps: int
    prior_gain: tuple[float, ...]


def fit_stacked(
    data: FitData,
    coordinates: Float[np.ndarray, "vertex axis"] | None,
    options: StackedOptions,
    hemisphere: Int[np.ndarray, " vertex"] | None = None,
    image_ids: Sequence[str] | None = None,
    scratch: Path | None = None,
) -> StackedFit:
    """Fit the stacked readout to the training images.

    Parameters
    ----------
    data
        Features and responses.
    coordinates
        Cortical coordinates of the vertices in mm; None averages nothing over neighbours.
    options
        Options of the fit.
    hemisphere
        Hemisphere of each vertex, 0 left, 1 right, between which nothing is averaged. None if
        unknown.
    image_ids
        Identifiers of all images, which determine their blocks; None takes their order instead.
    scratch
        Folder of temporary files for regression weights that exceed memory; None takes the system's
        temporary folder.

    Returns
    -------
    StackedFit

    Raises
    ------
    CortexlensError
        If features are not finite, or there is no disk space for temporary files.
    """
    n_layers, n_vertices = len(data.layers), data.response.shape[1]
    n_columns = n_vertices + min(n_vertices, PLANTED_VERTICES)
    n_blocks = blocks_that_fit(options.blocks, len(SCALES), n_layers, n_columns)
    samples = training_samples(data, n_blocks, image_ids)
    moments = checked([feature_moments(layer, samples.images) for layer in data.layers])
    grid = round((data.layers[0].shape[1] - 1) ** 0.5)
    windows = make_windows(grid, options.sizes, options.lattice)
    cortex = Cortex(coordinates, n_vertices, hemisphere)
    every = range(n_layers)
    tokens = Tokens(data.layers, moments, samples, options.components, every, scratch)
    searched, looked_at = searched_layers(n_layers), tokens
    if max(map(tokens.width, searched)) > SEARCH_COMPONENTS:
        looked_at = Tokens(data.layers, moments, samples, SEARCH_COMPONENTS, searched, scratch)
    smooth, controls = cortex.average(PLACE_BANDWIDTH), exchanged_responses(samples)
    found = search_windows(looked_at, windows, smooth, controls)
    made = found.made if looked_at is tokens else {}
    found = replace(found, made={})
    del looked_at
    chosen = cortex.patches(PLANTED_VERTICES)
    reader = Reader(data, tokens, windows, coarse_weights(grid, options.image_grid))
    planted_cortex = Cortex(
        None if coordinates is None else coordinates[chosen],
        len(chosen),
        None if hemisphere is None else hemisphere[chosen],
    )
    # Plant before a covariance is learnt, so that the prior does not favour planted channels.
    planted = plant(reader, found, chosen, planted_cortex.average(PLANTED_BANDWIDTH))
    priors = learn_priors(tokens, windows, found.window, options.prior_steps)
    if priors.steps:
        tokens.set_bases(shaped(tokens, priors.roots))
        made = {}
    both = SideBySide(samples.response, planted.response)
    window = np.concatenate([found.window, found.window[chosen]])
    real, simulated, ridges = left_out_sums(reader, both, window, n_vertices, made, scratch)
    del both, made
    bandwidth = choose_bandwidth(real, cortex, options.bandwidths)
    own_products, own_responses = real.products.sum(dim=0), real.responses.sum(dim=0)
    total = real.total.sum(dim=0)
    sides = np.unique(cortex.hemisphere)
    for sums, vertices in ((real, cortex), (simulated, planted_cortex)):
        average(sums, vertices, dict(zip(sides.tolist(), bandwidth.sigma, strict=True)))
    weight, weight_planted = (
        non_negative(each.products.sum(dim=0), each.responses.sum(dim=0))
        for each in (real, simulated)
    )
    calibration = calibrate(simulated, weight_planted, planted.layer, planted.usable, options.draws)
    sure = certainty(real, weight, options.draws, calibration)
    score = found.score.cpu().numpy()
    place = refined_places(windows, found.window, score)
    error = squared_error(own_products, own_responses, total, weight)
    r2 = torch.where(total > 0, 1 - error / total, torch.nan)
    return StackedFit(
        ridges.model(weight, found.window, samples.offset),
        weight,
        layer_weights(weight, n_layers).T.cpu().numpy(),
        found,
        windows,
        place,
        place_intervals(windows, place, score, found.n_images),
        bandwidth,
        sure,
        calibration,
        r2.cpu().numpy(),
        ridges.penalty.cpu().numpy(),
        real.n_blocks,
        options.draws,
        tokens.lost,
        priors.steps,
        priors.gain,
    )
