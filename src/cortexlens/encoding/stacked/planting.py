"""Plant responses with known layers, and responses without signal, in a subject's own features."""

import math
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float, Int
from scipy.sparse import csr_array
from torch import Tensor

from cortexlens.encoding.stacked.reader import Reader
from cortexlens.encoding.stacked.samples import Samples
from cortexlens.encoding.stacked.search import Found
from cortexlens.progress import track

# Largest number of vertices whose permuted responses estimate what the search gains by chance.
CONTROLS = 100
# Smallest and largest width of the planted Gaussians of layer weights, in layers.
PLANTED_WIDTHS = (0.25, 1.0)
# Distance, in layers, by which the centres of these Gaussians extend beyond the first and the last
# layer, so that some planted vertices read only one of these.
BEYOND = 1.0


@dataclass(frozen=True)
class Planted:
    """Planted responses with known layers, made from a subject's own features.

    Attributes
    ----------
    response
        Planted responses, centred and weighted like the subject's.
    layer
        Planted layer weights; rows sum to 1.
    usable
        Mask of the vertices whose responses vary.
    """

    response: Float[Tensor, "image vertex"]
    layer: Float[np.ndarray, "vertex layer"]
    usable: np.ndarray = field(repr=False)


def plant(
    reader: Reader,
    found: Found,
    chosen: Int[np.ndarray, " chosen"],
    average: csr_array,
) -> Planted:
    """Plant responses that are as predictable as the subject's, with layers drawn uniformly.

    A planted vertex replaces a vertex of the subject. It reads that vertex's window, and in part
    global tokens, with random channels; its layer weights are a Gaussian around a random layer that
    is similar to that of its neighbours. Its noise is the vertex's own responses to other images.
    All vertices share one permutation of images, so that noise is correlated between neighbours as
    in the subject. All random numbers have a fixed seed.

    Parameters
    ----------
    reader
        Features of every set.
    found
        Result of the search for windows.
    chosen
        Indices of the vertices to replace.
    average
        Weights of the average over neighbours among them, which makes planted layers smooth.
    """
    samples, device = reader.samples, reader.device
    n_layers = len(reader.data.layers)
    random = np.random.default_rng(0)
    generator = torch.Generator().manual_seed(0)
    centre = random_centres(random, average, n_layers)
    narrow, wide = map(math.log, PLANTED_WIDTHS)
    width = np.exp(random.uniform(narrow, wide, len(chosen)))
    distance = (np.arange(n_layers)[None, :] - centre[:, None]) / width[:, None]
    layer = np.exp(-0.5 * (distance**2 - (distance**2).min(axis=1, keepdims=True)))
    layer /= layer.sum(axis=1, keepdims=True)
    share = random.uniform(0.0, 0.5, len(chosen))
    window = found.window[chosen]
    order = np.argsort(window, kind="stable")
    wanted, starts = np.unique(window[order], return_index=True)
    groups = dict(zip(wanted.tolist(), np.split(order, starts[1:]), strict=True))
    signal = torch.zeros((len(samples.images), len(chosen)), device=device)
    for index in track(range(n_layers), "layers planted"):
        weight = torch.from_numpy(layer[:, index]).float()
        local = weight * torch.from_numpy(1 - share).float()
        for number, seen in reader.through(index, wanted):
            rows = torch.from_numpy(groups[number])
            signal[:, rows] += seen @ _channels(seen, local[rows], generator)
        pooled = reader.pooled(index)
        signal += pooled @ _channels(pooled, weight - local, generator)
    partner = torch.from_numpy(random.permutation(len(samples.images))).to(device)
    own = samples.response[:, torch.from_numpy(chosen).to(device)]
    exchanged = samples.centred((own / samples.root[:, None])[partner])
    power = found.signal[torch.from_numpy(chosen).to(device)]
    response = power.sqrt() * _unit(signal) + (1 - power).sqrt() * _unit(exchanged)
    usable = (own.square().sum(dim=0) > 0).cpu().numpy()
    return Planted(response, layer, usable)


def exchanged_responses(samples: Samples) -> Float[Tensor, "image control"]:
    """Permute the images of some vertices' responses, so that features do not predict them.

    The score that the best of many windows and layers reaches on these is the gain by chance.

    Parameters
    ----------
    samples
        Training images and responses.
    """
    n_images, n_vertices = samples.response.shape
    order = np.random.default_rng(1).permutation(n_images)
    some = np.unique(np.linspace(0, n_vertices - 1, CONTROLS).round().astype(int))
    own = samples.response[:, torch.from_numpy(some).to(samples.response.device)]
    unweighted = own / samples.root[:, None]
    return samples.centred(unweighted[torch.from_numpy(order).to(own.device)])


def random_centres(
    random: np.random.Generator, average: csr_array, n_layers: int
) -> Float[np.ndarray, " vertex"]:
    """Draw layers that are similar among neighbours and uniformly distributed over all vertices.

    Parameters
    ----------
    random
        Random generator of white noise.
    average
        Weights of the average over neighbours, which smooths the noise.
    n_layers
        Number of layers.

    Returns
    -------
    ndarray
        Layer of each vertex, from −:data:`BEYOND` to ``n_layers − 1`` + :data:`BEYOND`.
    """
    noise = average @ random.standard_normal(average.shape[0])
    rank = np.argsort(np.argsort(noise, kind="stable"))
    part: np.ndarray = rank / max(len(rank) - 1, 1)
    return part * (n_layers - 1 + 2 * BEYOND) - BEYOND


def _channels(
    features: Float[Tensor, "image channel"],
    weight: Float[Tensor, " vertex"],
    generator: torch.Generator,
) -> Float[Tensor, "channel vertex"]:
    """Draw isotropic channel weights, scaled so that a vertex's signal has the size ``weight``."""
    drawn = torch.randn((features.shape[1], len(weight)), generator=generator)
    power = features.square().sum().clamp_min(1e-30).sqrt()
    return (drawn * weight).to(features.device) / power


def _unit(values: Float[Tensor, "image vertex"]) -> Float[Tensor, "image vertex"]:
    length = values.square().sum(dim=0).sqrt()
    return values / torch.where(length > 0, length, 1.0)
