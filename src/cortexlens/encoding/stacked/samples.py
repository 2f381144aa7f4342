"""Training images of a fit, weighted by their trials, and their features through windows."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.encoding.data import FitData
from cortexlens.encoding.layers import Layer, gather
from cortexlens.encoding.moments import Moments, feature_covariances
from cortexlens.encoding.stacked.scratch import Scratch
from cortexlens.shapes import TRAIN

# Largest size in bytes of standardised tokens that are cached if channels are not reduced.
KEPT_BYTES = 1e9
# Size of the features through windows held in memory at once, in numbers.
HELD_VALUES = 2**27
# The same if tokens are cached, so that reading them again is cheap.
HELD_OF_KEPT = 2**25
# If windows cover less than this fraction of a layer's tokens, these tokens are copied first.
FEW_TOKENS = 0.5
# Size of a block of tokens in numbers, 130 MB as float32.
BLOCK_VALUES = 2**25


@dataclass(frozen=True)
class Samples:
    """Training images in blocks, and the responses to them.

    Attributes
    ----------
    images
        Indices on the image axis, ordered by block.
    block
        Block of each image, ascending.
    root
        Square root of each image's number of trials.
    response
        Mean over an image's trials minus the mean over all trials, times ``root``. Sums of squares
        are then those over trials, without the variance within repeats. The responses of a vertex
        are contiguous in memory, since single vertices are often selected.
    offset
        Mean response over all trials.
    """

    images: Int[np.ndarray, " image"]
    block: Int[Tensor, " image"]
    root: Float[Tensor, " image"]
    response: Float[Tensor, "image vertex"]
    offset: Float[Tensor, " vertex"]

    @property
    def leverage_1(self) -> Float[Tensor, " image"]:
        """Leverage of the intercept: each image's fraction of all trials."""
        squared = self.root.square()
        return squared / squared.sum()

    def centred(self, features: Float[Tensor, "image *_"]) -> Float[Tensor, "image *_"]:
        """Subtract the mean over all trials and weight images by the root of their trials."""
        share = self.leverage_1.to(features.dtype)
        mean = torch.tensordot(share, features, dims=([0], [0]))
        root = self.root.reshape(-1, *[1] * (features.ndim - 1))
        weighted: Tensor = (features - mean) * root
        return weighted

    def centred_again(self, features: Float[Tensor, "image *_"]) -> Float[Tensor, "image *_"]:
        """Centre features over these images that are already weighted, but centred over others."""
        share = (self.root / self.root.square().sum()).to(features.dtype)
        mean = torch.tensordot(share, features, dims=([0], [0]))
        root = self.root.reshape(-1, *[1] * (features.ndim - 1))
        centred: Tensor = features - root * mean
        return centred

    def of(self, rows: Int[np.ndarray, " some"]) -> "Samples":
        """Return a subset of the images, with responses centred over the subset."""
        some = torch.from_numpy(rows).to(self.root.device)
        part = Samples(
            self.images[rows],
            self.block[some],
            self.root[some],
            self.response.T[:, some].T,
            self.offset,
        )
        return replace(part, response=part.centred_again(part.response))


def training_samples(
    data: FitData, n_blocks: int, image_ids: Sequence[str] | None = None
) -> Samples:
    """Collect the training images, with repeats averaged and images weighted by number of trials.

    Ridge regression on single trials and on their means with these weights has the same solution,
    and leaving out an image leaves out all of its trials.

    Parameters
    ----------
    data
        Features and responses.
    n_blocks
        Number of blocks that images are assigned to at random; reduced so that each block has at
        least two images.
    image_ids
        Identifiers of all images, on which the assignment then depends rather than on the order of
        images; None takes their indices.
    """
    trials = data.trials(TRAIN)
    images, position = np.unique(data.trial_image[trials], return_inverse=True)
    # Blocks are assigned by the order of names, so that they do not depend on the order of images.
    names = images if image_ids is None else np.asarray(image_ids)[images]
    rank = np.argsort(np.argsort(names, kind="stable"))
    n_blocks = max(1, min(n_blocks, len(images) // 2))
    dealt = np.random.default_rng(len(images)).permutation(len(images)) % n_blocks
    block = dealt[rank]
    order = np.lexsort((rank, block))
    weight = np.bincount(position, weights=data.repeats[trials], minlength=len(images))
    root = np.sqrt(weight)
    n_vertices = data.response.shape[1]
    offset = np.empty(n_vertices)
    response = np.empty((n_vertices, len(images)), dtype=np.float32)
    size = max(2, BLOCK_VALUES // (4 * len(trials)))
    for start in range(0, n_vertices, size):  # four float64 copies of some vertices at a time
        some = slice(start, start + size)
        sums = np.zeros((len(images), len(offset[some])))
        shown = data.response[trials, some] * data.repeats[trials][:, None]
        np.add.at(sums, position, shown)
        offset[some] = sums.sum(axis=0) / weight.sum()
        means = sums / weight[:, None] - offset[some]
        response[some] = (means * root[:, None])[order].T
    device = data.device
    return Samples(
        images[order],
        torch.from_numpy(block[order]).to(device),
        torch.from_numpy(root[order]).float().to(device),
        torch.from_numpy(response).to(device).T,
        torch.from_numpy(offset).float().to(device),
    )


class SideBySide:
    """Several matrices of responses as columns of one matrix, without copying them.

    Parameters
    ----------
    parts
        Matrices (image, vertex), centred and weighted.
    """

    def __init__(self, *parts: Float[Tensor, "image _"]) -> None:
        self.parts = parts
        self.total = torch.cat([torch.linalg.vector_norm(part, dim=0).square() for part in parts])

    def columns(self, chosen: Int[Tensor, " chosen"]) -> Float[Tensor, "image chosen"]:
        """Return a copy of some columns, in the order of ``chosen``."""
        n_images = len(self.parts[0])
        copied = torch.empty((len(chosen), n_images), device=chosen.device)
        start = 0
        for part in self.parts:
            end = start + part.shape[1]
            here = torch.nonzero((chosen >= start) & (chosen < end))[:, 0]
            copied[here] = part.T[chosen[here] - start]
            start = end
        return copied.T


# Principal components of a layer's channels; None for all channels.
Basis = Float[Tensor, "channel component"] | None


def channel_bases(
    layer: Layer,
    images: Int[np.ndarray, " image"],
    moments: tuple[Moments, Moments],
    components: int | None,
    device: torch.device,
) -> tuple[tuple[Basis, Basis], float]:
    """Compute principal components of a layer's standardised channels, shared by all positions.

    Parameters
    ----------
    layer
        Layer (image, token, channel).
    images
        Indices of the training images; a subset, evenly spread, is used if there are very many
        tokens.
    moments
        Mean and standard deviation of each channel, for local tokens and global token.
    components
        Number of components; None, or a number not below that of channels, uses all channels.
    device
        Device of the bases.

    Returns
    -------
    bases
        Bases of local tokens and of the global token; None for all channels.
    lost
        Fraction of the variance left out, the larger of the two.
    """
    if components is None or components >= layer.shape[2]:
        return (None, None), 0.0
    bases, lost = [], 0.0
    for covariance in feature_covariances(layer, images, moments):
        values, vectors = torch.linalg.eigh(covariance.double())
        bases.append(vectors[:, -components:].float().to(device))
        lost = max(lost, float(values[:-components].clamp_min(0).sum() / values.sum()))
    return (bases[0], bases[1]), lost


def read_windows(
    layer: Layer,
    samples: Samples,
    moments: Moments,
    weight: Float[Tensor, "window token"],
    basis: Basis = None,
) -> Float[Tensor, "window image _"]:
    """Average a layer's standardised local tokens over windows; centre and weight the result.

    Parameters
    ----------
    layer
        Layer (image, token, channel), with the global token last.
    samples
        Training images.
    moments
        Mean and standard deviation of each channel over local tokens.
    weight
        Weights of the local tokens in each window.
    basis
        Basis of the channels; None uses all channels.
    """
    device = samples.response.device
    mean, scale = (each.to(device) for each in moments)
    images, used = samples.images, torch.nonzero(weight.any(dim=0))[:, 0]
    weight = weight[:, used].to(device)
    n_channels = layer.shape[2]
    n_read = n_channels if basis is None else basis.shape[1]
    seen = torch.empty((len(weight), len(images), n_read), device=device)
    # All steps are linear, so that they are applied to tokens or to windows, whichever are fewer.
    few_tokens = len(used) < len(weight)
    share = samples.root / samples.root.square().sum()
    mean_read = torch.zeros((min(len(used), len(weight)), n_read), device=device)
    size = max(1, BLOCK_VALUES // (layer.shape[1] * n_channels))
    for start in range(0, len(images), size):
        some = slice(start, start + size)
        read = gather(layer, images[some])[:, used].to(device).transpose(0, 1).float()
        if not few_tokens:
            read = (weight @ read.flatten(1)).unflatten(1, read.shape[1:])
        read = (read - mean).mul_(samples.root[some, None] / scale)
        if basis is not None:
            read = read @ basis
        mean_read += torch.einsum("b,tbc->tc", share[some], read)
        if few_tokens:
            read = (weight @ read.flatten(1)).unflatten(1, read.shape[1:])
        seen[:, some] = read
    if few_tokens:
        mean_read = weight @ mean_read
    return torch.addcmul(seen, samples.root[:, None], mean_read[:, None], value=-1, out=seen)


def read_global(
    layer: Layer,
    images: Int[np.ndarray, " image"],
    moments: Moments,
    device: torch.device,
    basis: Basis = None,
) -> Float[Tensor, "image _"]:
    """Read the standardised global tokens of some images.

    Parameters
    ----------
    layer
        Layer (image, token, channel), with the global token last.
    images
        Indices of the images.
    moments
        Mean and standard deviation of each channel of the global token.
    device
        Device of the result.
    basis
        Basis of the channels; None uses all channels.
    """
    mean, scale = (each.to(device) for each in moments)
    size = max(1, BLOCK_VALUES // (layer.shape[1] * layer.shape[2]))
    parts = [
        gather(layer, images[start : start + size])[:, -1].to(device).float()
        for start in range(0, len(images), size)
    ]
    read = (torch.cat(parts) - mean) / scale
    return read if basis is None else read @ basis


class _ThroughWindows(ABC):
    """Base class that reads the local tokens of layers through windows."""

    layers: Sequence[Layer]
    samples: Samples
    # Whether standardised tokens are cached in memory or in a file.
    keeps: bool

    @property
    def n_local(self) -> int:
        """Number of local tokens of a layer."""
        return self.layers[0].shape[1] - 1

    def n_held(self, layer: int) -> int:
        """Return the number of windows whose features of a layer fit into memory at once."""
        values = HELD_OF_KEPT if self.keeps else HELD_VALUES
        return max(1, values // (len(self.samples.images) * self.width(layer)))

    @abstractmethod
    def width(self, layer: int) -> int:
        """Return the number of channels, or of components, of a layer."""

    @abstractmethod
    def through(
        self, layer: int, weight: Float[Tensor, "window token"]
    ) -> Float[Tensor, "window image _"]:
        """Read a layer's local tokens through windows, given by their weights of the tokens."""

    def each_window(
        self, layer: int, weight: Float[Tensor, "window token"]
    ) -> Iterator[Float[Tensor, "image _"]]:
        """Yield the tokens through each window, reading as many windows at once as fit."""
        for some in weight.split(self.n_held(layer)):
            yield from self.through(layer, some)


class Tokens(_ThroughWindows):
    """Tokens of all layers for regression: standardised, reduced, centred and weighted.

    Standardised local tokens are cached if they are few, or if they are reduced to components and
    can lie in a file. Otherwise they are read from the layers again for every few windows.

    Parameters
    ----------
    layers
        All layers.
    moments
        Mean and standard deviation of each layer's channels, for local tokens and global token.
    samples
        Training images.
    components
        Number of principal components that each layer's channels are reduced to; None uses all
        channels.
    used
        Indices of the layers that will be read.
    folder
        Folder of temporary files for reduced tokens that exceed memory, see
        :class:`~.scratch.Scratch`.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        moments: Sequence[tuple[Moments, Moments]],
        samples: Samples,
        components: int | None,
        used: Sequence[int],
        folder: Path | None,
    ) -> None:
        self.layers, self.moments, self.samples = layers, moments, samples
        device = samples.response.device
        reductions = {
            layer: channel_bases(layers[layer], samples.images, moments[layer], components, device)
            for layer in used
        }
        self.bases = {layer: bases for layer, (bases, _) in reductions.items()}
        self.lost = max(lost for _, lost in reductions.values())
        self.reduced = any(local is not None for local, _ in self.bases.values())
        n_bytes = (
            4.0
            * len(samples.images)
            * sum((layers[layer].shape[1] - 1) * self.width(layer) for layer in used)
        )
        in_files = self.reduced and device.type == "cpu"
        self.keeps = in_files or n_bytes <= KEPT_BYTES
        self.scratch = Scratch(n_bytes, folder, device)
        self.kept: dict[int, Float[Tensor, "token image _"]] = {}

    def set_bases(self, bases: Sequence[tuple[Tensor, Tensor]]) -> None:
        """Replace the bases of all layers by others with the same number of components."""
        self.bases.update(enumerate(bases))
        self.kept.clear()

    def width(self, layer: int) -> int:
        """Return the number of channels, or of components, of a layer."""
        basis = self.bases[layer][0]
        return int(self.layers[layer].shape[2] if basis is None else basis.shape[1])

    def through(
        self, layer: int, weight: Float[Tensor, "window token"]
    ) -> Float[Tensor, "window image _"]:
        """Read a layer's local tokens through windows, given by their weights of the tokens."""
        return self.seen(layer, weight, self.samples, slice(None))

    def seen(
        self,
        layer: int,
        weight: Float[Tensor, "window token"],
        samples: Samples,
        rows: Int[Tensor, " some"] | slice,
    ) -> Float[Tensor, "window image _"]:
        """Read a layer's local tokens through windows for a subset of the images.

        If tokens are cached, they are centred over all training images rather than the subset.

        Parameters
        ----------
        layer
            Index of the layer.
        weight
            Weights of the tokens in each window.
        samples
            The images of the subset.
        rows
            Their positions among all training images.
        """
        basis = self.bases[layer][0]
        if not self.keeps:
            return read_windows(self.layers[layer], samples, self.moments[layer][0], weight, basis)
        if layer not in self.kept:
            every = torch.eye(weight.shape[1], dtype=weight.dtype)
            own = self.layers[layer], self.samples, self.moments[layer][0]
            self.kept[layer] = self.scratch.moved(read_windows(*own, every, basis))
        tokens, used = self.kept[layer], weight.any(dim=0)
        if used.float().mean() < FEW_TOKENS:  # otherwise a copy costs more than it saves
            tokens, weight = tokens[used.to(tokens.device)], weight[:, used]
        tokens = tokens[:, rows]
        read = weight.to(tokens.device) @ tokens.flatten(1)
        through: Tensor = read.unflatten(1, tokens.shape[1:])
        return through

    def of(self, rows: Int[np.ndarray, " some"]) -> "TokensOfSome":
        """Return the tokens of a subset of the images, centred over the subset."""
        return TokensOfSome(self, rows)

    def pooled(self, layer: int) -> Float[Tensor, "image _"]:
        """Read a layer's global tokens."""
        own = self.samples.response.device, self.bases[layer][1]
        read = read_global(self.layers[layer], self.samples.images, self.moments[layer][1], *own)
        return self.samples.centred(read)


class TokensOfSome(_ThroughWindows):
    """Tokens of a subset of the training images, centred over it; made by :meth:`Tokens.of`."""

    def __init__(self, tokens: Tokens, rows: Int[np.ndarray, " some"]) -> None:
        self.tokens, self.rows = tokens, torch.from_numpy(rows).to(tokens.samples.root.device)
        self.layers, self.samples = tokens.layers, tokens.samples.of(rows)
        self.keeps = tokens.keeps

    def width(self, layer: int) -> int:
        """Return the number of channels, or of components, of a layer."""
        return self.tokens.width(layer)

    def through(
        self, layer: int, weight: Float[Tensor, "window token"]
    ) -> Float[Tensor, "window image _"]:
        """Read a layer's local tokens through windows, given by their weights of the tokens."""
        seen = self.tokens.seen(layer, weight, self.samples, self.rows)
        return self.samples.centred_again(seen.transpose(0, 1)).transpose(0, 1)
