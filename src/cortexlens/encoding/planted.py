"""Responses made from a network's features with known selectors, to see what a fit finds again."""

from collections.abc import Sequence

import numpy as np
import torch
import xarray as xr
from jaxtyping import Bool, Float, Int
from numpy.random import Generator
from scipy.stats import norm

from cortexlens.cortex.regions import visual_cortex
from cortexlens.encoding.layers import Layer, StreamedLayer, gather_all
from cortexlens.encoding.planted_channels import ISOTROPIC, PATCHY, planted_reader
from cortexlens.encoding.selectors import Selectors
from cortexlens.features.store import Features
from cortexlens.progress import track
from cortexlens.study.simulation.subject import noisy_trials

# Width of the planted layer selectors, in layers: each vertex reads one layer and a little of
# its neighbours.
LAYER_WIDTH = 0.5
IMAGES_PER_BLOCK = 64
# The narrowest window, image widths: narrower ones are read at a point all the same.
_NARROWEST = 1e-6


def plant_responses(
    features: Features,
    train: Bool[np.ndarray, " image"],
    *,
    seed: int,
    repeats: int = 3,
    sessions: int = 6,
    truth: str = ISOTROPIC,
    windows: bool = False,
) -> xr.Dataset:
    """Make responses by equation (1) from a network's features, with noise.

    The cortex is that of the simulated subjects. A vertex's layer rises along the visual
    hierarchy, from the first in V1 to the last in EBA and FFA; its place in the image is its
    receptive field's centre; its scale rises with the level; its channels are those of the truth.

    Parameters
    ----------
    features
        Features of the network, for all images.
    train
        Training images, over which channels are standardised.
    seed
        Of the cortex, the channel weights and the noise.
    repeats, sessions
        As for :func:`cortexlens.study.simulation.subject.simulate_responses`.
    truth
        One of :data:`cortexlens.encoding.planted_channels.TRUTHS`. In a ``patchy`` one levels are
        dealt out anew among the vertices.
    windows
        Local tokens are read through a Gaussian window of the size of the vertex's receptive field,
        ``planted_size``; else, as published, at its centre.

    Returns
    -------
    xr.Dataset
        As :func:`~.subject.simulate_responses`, with ``planted_layer`` (vertex,
        layer), ``planted_space`` (vertex, image_axis) and ``planted_scale`` (vertex);
        ``planted_size`` only where windows of that size are read.

    Raises
    ------
    CortexlensError
        If there is no such truth.
    """
    rng = np.random.default_rng(seed)
    cortex = visual_cortex(rng)
    planted = patchy_levels(cortex, seed) if truth == PATCHY else cortex
    if not windows:
        planted = planted.drop_vars("planted_size")
    layers = [StreamedLayer(features, i, features.grid, 0) for i in range(len(features.channels))]
    # Image coordinates are two image widths wide.
    size = planted["planted_size"].values / 2 if windows else None
    selectors = planted_selectors(planted, len(layers), size, features.grid)
    signal = planted_signal(layers, np.flatnonzero(train), selectors, seed, truth)
    trials = noisy_trials(signal, cortex["coordinates"].values, rng, repeats, sessions)
    described = {"description": "what the responses were made with"}
    return planted.assign(trials).assign(
        planted_layer=(("vertex", "layer"), selectors.layer.numpy(), described),
        planted_scale=("vertex", selectors.scale.numpy(), described),
    )


def patchy_levels(cortex: xr.Dataset, seed: int) -> xr.Dataset:
    """Deal ``planted_level`` out anew among the vertices, so that neighbours do not agree.

    Levels keep their distribution, and places stay.
    """
    rng: Generator = np.random.default_rng([2, seed])
    return cortex.assign(
        planted_level=cortex["planted_level"].copy(
            data=rng.permutation(cortex["planted_level"].values)
        )
    )


def planted_selectors(
    cortex: xr.Dataset,
    n_layers: int,
    size: Float[np.ndarray, " vertex"] | None = None,
    grid: int = 0,
) -> Selectors:
    """Selectors that follow a cortex's planted level and receptive fields.

    Parameters
    ----------
    cortex
        With ``planted_level`` (vertex), 0 the first layer to 1 the last, and ``planted_space``
        (vertex, image_axis), image coordinates.
    n_layers
        Number of layers.
    size
        Standard deviation of each vertex's Gaussian window, image widths; None: a point.
    grid
        Side of the grid of tokens that windows lie over.
    """
    level = torch.from_numpy(cortex["planted_level"].values.astype(np.float32))
    space = torch.from_numpy(cortex["planted_space"].values.astype(np.float32)).clamp(-1, 1)
    distance = torch.arange(n_layers) - level[:, None] * (n_layers - 1)
    layer = (-0.5 * (distance / LAYER_WIDTH) ** 2).softmax(dim=1)
    mask = None
    if size is not None:
        window = torch.from_numpy(planted_windows(space.double().numpy(), size, grid)).float()
        mask = window[:, None].expand(-1, n_layers, -1)
    return Selectors(space, layer, 0.1 + 0.6 * level, mask)


def planted_windows(
    space: Float[np.ndarray, "vertex 2"], size: Float[np.ndarray, " vertex"], grid: int
) -> Float[np.ndarray, "vertex token"]:
    """Weights of the tokens under Gaussian windows.

    A token's weight is what bilinear interpolation gives it in the mean over places that are
    distributed as the window; a window of size 0 reads at a point, as equation (1) does. What lies
    outside the image is cut off.

    Parameters
    ----------
    space
        Centres, image coordinates.
    size
        Standard deviations, image widths.
    grid
        Side of the grid of tokens.

    Returns
    -------
    ndarray
        Tokens row by row; each row sums to 1.
    """
    spread = 2 * np.maximum(size, _NARROWEST)[:, None]
    step = 2 / grid
    # One token more on either side of the image.
    knots = (np.arange(-1, grid + 1) + 0.5) * step - 1

    def along(centre: Float[np.ndarray, " vertex"]) -> Float[np.ndarray, "vertex token"]:
        away = (knots - centre[:, None]) / spread
        # Mean of max(x - knot, 0); a tent is its second difference.
        beyond = spread * (norm.pdf(away) - away * norm.sf(away))
        tent: np.ndarray = np.diff(beyond, 2, axis=1) / step
        return tent.clip(0)

    across, down = (along(space[:, axis]) for axis in range(2))
    weight = (down[:, :, None] * across[:, None, :]).reshape(len(space), -1)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def planted_signal(
    layers: Sequence[Layer],
    train: Int[np.ndarray, " train"],
    selectors: Selectors,
    seed: int,
    truth: str = ISOTROPIC,
) -> Float[np.ndarray, "image vertex"]:
    """Noiseless responses to every image, by equation (1) with channel weights of a truth.

    Parameters
    ----------
    layers
        Tokens of each layer, (image, token, channel), kept or streamed.
    train
        Images over which channels are standardised, and their components found.
    selectors
        What every vertex reads; with windows as its masks, or at points.
    seed
        Of the channel weights.
    truth
        One of :data:`cortexlens.encoding.planted_channels.TRUTHS`.

    Returns
    -------
    ndarray
        Each vertex with mean 0 and variance 1 over images.

    Raises
    ------
    CortexlensError
        If there is no such truth, or a layer has no components that it could be planted in.
    """
    n_masked = 0 if selectors.mask is None else selectors.mask.shape[2]
    reader = planted_reader(layers, train, len(selectors.scale), truth, seed, n_masked)
    n_images = layers[0].shape[0]
    blocks = [
        np.arange(start, min(start + IMAGES_PER_BLOCK, n_images))
        for start in range(0, n_images, IMAGES_PER_BLOCK)
    ]
    with torch.inference_mode():
        signal = np.concatenate(
            [
                reader([tokens.cpu() for tokens in gather_all(layers, block)], selectors).numpy()
                for block in track(blocks, "blocks planted")
            ]
        )
    standard: np.ndarray = (signal - signal.mean(axis=0)) / signal.std(axis=0)
    return standard
