"""Responses made by FactorTopy itself with known selectors, to see what a fit finds again."""

from collections.abc import Sequence

import numpy as np
import torch
import xarray as xr
from jaxtyping import Bool, Float, Int

from cortexlens.cortex.regions import visual_cortex
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.encoding.layers import Layer, StreamedLayer, take_all
from cortexlens.encoding.moments import feature_moments
from cortexlens.encoding.selectors import Selectors
from cortexlens.features.store import Features
from cortexlens.progress import track
from cortexlens.study.simulated import noisy_trials

PLANTED_DIMENSIONS = 16
# Width of the planted layer selectors, in layers: each vertex reads one layer and a little of
# its neighbours.
LAYER_WIDTH = 0.5
IMAGES_PER_BLOCK = 64


def plant_responses(
    features: Features,
    train: Bool[np.ndarray, " image"],
    *,
    seed: int,
    repeats: int = 3,
    sessions: int = 6,
) -> xr.Dataset:
    """Make responses by equation (1) from a network's features, with noise.

    The cortex is that of the simulated subjects. A vertex's layer rises along the visual
    hierarchy, from the first in V1 to the last in EBA and FFA; its place in the image is its
    receptive field's centre; its scale rises with the level; its channels are random.

    Parameters
    ----------
    features
        Features of the network, for all images.
    train
        Training images, over which channels are standardised.
    seed
        Of the cortex, the channel maps, the channel selectors and the noise.
    repeats, sessions
        As for :func:`cortexlens.study.simulated.simulate_responses`.

    Returns
    -------
    xr.Dataset
        As :func:`cortexlens.study.simulated.simulate_responses`, with ``planted_layer`` (vertex,
        layer), ``planted_space`` (vertex, image_axis) and ``planted_scale`` (vertex).
    """
    rng = np.random.default_rng(seed)
    cortex = visual_cortex(rng)
    selectors = planted_selectors(cortex, len(features.channels))
    layers = [StreamedLayer(features, i, features.grid, 0) for i in range(len(features.channels))]
    signal = planted_signal(layers, np.flatnonzero(train), selectors, seed)
    trials = noisy_trials(signal, cortex["coordinates"].values, rng, repeats, sessions)
    described = {"description": "what the responses were made with"}
    return cortex.assign(trials).assign(
        planted_layer=(("vertex", "layer"), selectors.layer.numpy(), described),
        planted_scale=("vertex", selectors.scale.numpy(), described),
    )


def planted_selectors(cortex: xr.Dataset, n_layers: int) -> Selectors:
    """Selectors that follow a cortex's planted level and receptive fields."""
    level = torch.from_numpy(cortex["planted_level"].values.astype(np.float32))
    space = torch.from_numpy(cortex["planted_space"].values.astype(np.float32))
    distance = torch.arange(n_layers) - level[:, None] * (n_layers - 1)
    layer = (-0.5 * (distance / LAYER_WIDTH) ** 2).softmax(dim=1)
    return Selectors(space.clamp(-1, 1), layer, 0.1 + 0.6 * level)


def planted_signal(
    layers: Sequence[Layer], train: Int[np.ndarray, " train"], selectors: Selectors, seed: int
) -> Float[np.ndarray, "image vertex"]:
    """Noiseless responses to every image, by equation (1) with random channels.

    Parameters
    ----------
    layers
        Tokens of each layer, (image, token, channel), kept or streamed.
    train
        Images over which channels are standardised.
    selectors
        What every vertex reads.
    seed
        Of the channel maps and the channel selectors.

    Returns
    -------
    ndarray
        Each vertex with mean 0 and variance 1 over images.
    """
    generator = torch.Generator().manual_seed(seed % 2**63)
    channels = [layer.shape[2] for layer in layers]
    model = FactorTopy(channels, len(selectors.scale), PLANTED_DIMENSIONS)
    for layer, pair in zip(layers, track(model.alignments(), "layers standardised"), strict=True):
        for align, (mean, scale) in zip(pair, feature_moments(layer, train), strict=True):
            align.mean.copy_(mean)
            align.scale.copy_(scale)
            align.weight.data.normal_(0, align.weight.shape[1] ** -0.5, generator=generator)
    model.weight.data.normal_(generator=generator)
    n_images = layers[0].shape[0]
    blocks = [
        np.arange(start, min(start + IMAGES_PER_BLOCK, n_images))
        for start in range(0, n_images, IMAGES_PER_BLOCK)
    ]
    with torch.inference_mode():
        signal = np.concatenate(
            [
                model([tokens.cpu() for tokens in take_all(layers, block)], selectors).numpy()
                for block in track(blocks, "blocks planted")
            ]
        )
    standard: np.ndarray = (signal - signal.mean(axis=0)) / signal.std(axis=0)
    return standard
