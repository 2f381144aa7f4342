"""Plant responses: make them from a network's features with known selectors, to test recovery."""

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

# Standard deviation of the planted layer selectors, in layers: each vertex reads mainly one layer.
LAYER_WIDTH = 0.5
IMAGES_PER_BLOCK = 64
# Smallest size of a window, in image widths: avoids a division by 0 and is as good as a point.
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
    """Simulate noisy responses from a network's features, by equation (1) of the paper.

    The cortex is that of the simulated subjects. Preferred layers rise along the visual hierarchy,
    from the first layer in V1 to the last in EBA and FFA, and so does the weight of the global
    token. A vertex reads local tokens at its receptive-field centre, and channels as ``truth``
    says.

    Parameters
    ----------
    features
        Features of the network for all images.
    train
        Mask of the training images, over which channels are standardised.
    seed
        Seed of the cortex, the channel weights and the noise.
    repeats, sessions
        As for :func:`cortexlens.study.simulation.subject.simulate_responses`.
    truth
        Kind of channel weights, one of :data:`cortexlens.encoding.planted_channels.TRUTHS`;
        ``patchy`` also permutes hierarchy levels among the vertices.
    windows
        Whether vertices read local tokens through a Gaussian window of the size of the receptive
        field, ``planted_size``; otherwise, as published, at its centre.

    Returns
    -------
    xr.Dataset
        Responses as from :func:`~.subject.simulate_responses`, with ``planted_layer`` (vertex,
        layer), ``planted_space`` (vertex, image_axis), ``planted_scale`` (vertex) and, if
        ``windows``, ``planted_size`` (vertex).

    Raises
    ------
    CortexlensError
        If ``truth`` is unknown, or a layer has no components to plant in.
    """
    rng = np.random.default_rng(seed)
    cortex = visual_cortex(rng)
    planted = patchy_levels(cortex, seed) if truth == PATCHY else cortex
    if not windows:
        planted = planted.drop_vars("planted_size")
    layers = [StreamedLayer(features, i, features.grid, 0) for i in range(len(features.channels))]
    # planted_size is in image coordinates, which range over 2 across an image width.
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
    """Permute ``planted_level`` among the vertices, so that neighbours have unrelated levels.

    The distribution of levels and the receptive fields are unchanged.

    Parameters
    ----------
    cortex
        Dataset with ``planted_level`` (vertex).
    seed
        Seed of the permutation.
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
    """Make selectors that follow the planted hierarchy levels and receptive fields of a cortex.

    Parameters
    ----------
    cortex
        Dataset with ``planted_level`` (vertex), from 0 (first layer) to 1 (last layer), and
        ``planted_space`` (vertex, image_axis), receptive-field centres in image coordinates.
    n_layers
        Number of layers.
    size
        Standard deviation of each vertex's Gaussian window in image widths; None lets vertices
        read at a point.
    grid
        Side of the grid of tokens, needed for windows alone.
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
    """Compute the weights of the tokens under Gaussian windows.

    The weight of a token is its weight in bilinear interpolation, averaged over locations that are
    distributed as the window. A window of size 0 reads at a point, as equation (1) does. Parts of a
    window outside the image are cut off.

    Parameters
    ----------
    space
        Centre of each window, in image coordinates.
    size
        Standard deviation of each window, in image widths.
    grid
        Side of the grid of tokens.

    Returns
    -------
    ndarray
        Weights of the tokens, row by row of the grid; the weights of each vertex sum to 1.
    """
    spread = 2 * np.maximum(size, _NARROWEST)[:, None]
    step = 2 / grid
    # Token centres, with one more beyond each side of the image.
    knots = (np.arange(-1, grid + 1) + 0.5) * step - 1

    def along(centre: Float[np.ndarray, " vertex"]) -> Float[np.ndarray, "vertex token"]:
        away = (knots - centre[:, None]) / spread
        # Expectation of max(x - knot, 0) under the Gaussian. The interpolation kernel (a tent) is
        # a second difference of such ramps.
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
    """Compute noiseless responses to every image, by equation (1) with planted channel weights.

    Parameters
    ----------
    layers
        Tokens of each layer, (image, token, channel), in memory or streamed.
    train
        Indices of the training images, over which channels are standardised and principal
        components computed.
    selectors
        Planted selectors of every vertex, with windows as masks or with points.
    seed
        Seed of the channel weights.
    truth
        Kind of channel weights, one of :data:`cortexlens.encoding.planted_channels.TRUTHS`.

    Returns
    -------
    ndarray
        Responses with mean 0 and variance 1 over images for each vertex.

    Raises
    ------
    CortexlensError
        If ``truth`` is unknown, or a layer has no components to plant in.
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
