"""Tokens of one layer from several feature stores, for training and testing an autoencoder."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float64, Int, Shaped
from torch import Tensor

from cortexlens.compute.devices import free_memory, use_one_thread
from cortexlens.errors import CortexlensError
from cortexlens.features.pipeline import ahead
from cortexlens.features.store import Features
from cortexlens.progress import track
from cortexlens.shapes import TEST, TRAIN

# Fractions of the free memory that tokens may take; the autoencoder and other jobs need the rest.
HOST_SHARE, GPU_SHARE = 0.5, 0.6
IMAGES_PER_BLOCK = 64
# Smallest number of tokens shuffled together, so that a batch has tokens of many images.
SHUFFLED = 2**15
CPU = torch.device("cpu")


class Parts(NamedTuple):
    """Split of images into training and held-out test images, each listed once.

    Attributes
    ----------
    train, test
        Index of the store of each image, and row within the store.
    """

    train: Int[np.ndarray, "image 2"]
    test: Int[np.ndarray, "image 2"]


def choose_pictures(
    sha256: Sequence[Sequence[str]], splits: Sequence[Int[np.ndarray, " _"] | None]
) -> Parts:
    """Choose training and test images from several stores, without overlap between the two.

    Parameters
    ----------
    sha256
        For each store, the hashes of its images in order; equal hashes mean the same image.
    splits
        For each store, the code of the part of the split of each image; None for a store that is
        used for training alone.

    Returns
    -------
    Parts
        ``train`` holds images that are training images in every store that has them; ``test`` holds
        images that are test images in any store.

    Raises
    ------
    CortexlensError
        If there are no training images or no test images.
    """
    codes: dict[str, set[int]] = {}
    location: dict[str, tuple[int, int]] = {}
    for store, (hashes, split) in enumerate(zip(sha256, splits, strict=True)):
        own = [TRAIN] * len(hashes) if split is None else split.tolist()
        for row, (name, code) in enumerate(zip(hashes, own, strict=True)):
            codes.setdefault(name, set()).add(code)
            location.setdefault(name, (store, row))
    train = [location[name] for name, own_codes in codes.items() if own_codes == {TRAIN}]
    test = [location[name] for name, own_codes in codes.items() if TEST in own_codes]
    if not train or not test:
        raise CortexlensError(
            f"found {len(train)} images that are training images of every subject that saw them, "
            f"and {len(test)} test images; at least one of each is needed. Change split, or "
            "sae.subjects, in the config."
        )
    return Parts(np.array(train), np.array(test))


class Tokens:
    """Tokens of one layer for some images, in memory or streamed from their stores.

    Parameters
    ----------
    stores
        Open feature stores of one network.
    layer
        Name of the layer.
    kind
        ``class``: the global token; ``mean``: the mean over local tokens; ``local``: all local
        tokens.
    places
        Index of the store, and row within the store, of each image.
    memory
        Limit on main memory for tokens in GB; None takes half of the free memory. Local tokens that
        exceed it are streamed from the stores.
    device
        Device of the batches. Tokens are kept there if they take at most 60 % of its free memory.

    Raises
    ------
    CortexlensError
        If a store lacks the layer.
    """

    def __init__(
        self,
        stores: Sequence[Features],
        layer: str,
        kind: str,
        places: Int[np.ndarray, "image 2"],
        memory: float | None = None,
        device: torch.device = CPU,
    ) -> None:
        self._stores, self._kind, self._places = stores, kind, places
        self._layers = [_index(store, layer) for store in stores]
        self.per_image = stores[0].grid ** 2 if kind == "local" else 1
        self.n_channels = stores[0].channels[self._layers[0]]
        self.device, self._kept = device, None
        n_bytes = 2 * self.n_tokens * self.n_channels
        bound = HOST_SHARE * free_memory(CPU) if memory is None else 1e9 * memory
        on_gpu = device.type == "cuda" and n_bytes <= GPU_SHARE * free_memory(device)
        if on_gpu or kind != "local" or n_bytes <= bound:
            self._kept = self._whole(device if on_gpu else CPU)

    @property
    def n_images(self) -> int:
        """Number of images."""
        return len(self._places)

    @property
    def n_tokens(self) -> int:
        """Number of tokens of all images."""
        return self.n_images * self.per_image

    @property
    def streamed(self) -> bool:
        """Whether tokens are read from the stores every time."""
        return self._kept is None

    def _whole(self, home: torch.device) -> Shaped[Tensor, "image token channel"]:
        shape = (self.n_images, self.per_image, self.n_channels)
        tokens = torch.empty(shape, dtype=torch.float16, device=home)
        starts = range(0, self.n_images, IMAGES_PER_BLOCK)
        for start in track(starts, f"blocks of {IMAGES_PER_BLOCK} images read"):
            block = np.arange(start, min(start + IMAGES_PER_BLOCK, self.n_images))
            tokens[start : start + len(block)] = self._read(block)
        return tokens

    def _read(self, images: Int[np.ndarray, " image"]) -> Shaped[Tensor, "image token channel"]:
        """Read images from their stores, in the order of ``images``."""
        tokens = np.empty((len(images), self._stores[0].grid ** 2 + 1, self.n_channels), np.float16)
        numbers, rows = self._places[images].T
        for number, (store, layer) in enumerate(zip(self._stores, self._layers, strict=True)):
            own = np.flatnonzero(numbers == number)
            store.read_into(layer, rows[own], tokens, own)
        if self._kind == "class":
            return torch.from_numpy(tokens[:, -1:])
        local = torch.from_numpy(tokens[:, :-1])
        return local.float().mean(1, keepdim=True).half() if self._kind == "mean" else local

    def take(self, images: Int[np.ndarray, " image"]) -> Shaped[Tensor, "token channel"]:
        """Return the tokens of some images, concatenated over images, in float16 as stored."""
        if self._kept is None:
            return self._read(images).flatten(0, 1)
        rows = torch.from_numpy(images).to(self._kept.device)
        return self._kept.index_select(0, rows).flatten(0, 1)

    def blocks(
        self, order: Int[np.ndarray, " image"] | None = None, size: int = SHUFFLED
    ) -> Iterator[Shaped[Tensor, "token channel"]]:
        """Yield the tokens of images in blocks; the next block is read while one is used.

        Parameters
        ----------
        order
            Indices of the images in the order to read; None reads all in their own order.
        size
            Smallest number of tokens per block; the last block may be smaller.
        """
        images = np.arange(self.n_images) if order is None else order
        length = -(-size // self.per_image)
        groups = np.split(images, range(length, len(images), length))
        with ThreadPoolExecutor(1, initializer=use_one_thread) as pool:
            for block in ahead(pool, self.take, groups, 1):
                yield block.to(self.device)


def _index(store: Features, layer: str) -> int:
    if layer not in store.layer_names:
        raise CortexlensError(
            f"{store.path}: found no layer {layer!r}; its layers are "
            f"{', '.join(store.layer_names)}. Change sae.layers in the config."
        )
    return store.layer_names.index(layer)


def batches(
    tokens: Tokens, batch_size: int, seed: int, epoch: int
) -> Iterator[Shaped[Tensor, "token channel"]]:
    """Yield the batches of one epoch, in a random order that depends on seed and epoch alone.

    Images are shuffled, then the tokens of a few hundred images together, so that every image is
    read once. Tokens left over after the last full batch are dropped in this epoch.

    Parameters
    ----------
    tokens
        Tokens to iterate over.
    batch_size
        Number of tokens per batch.
    seed, epoch
        Seed and number of the epoch, which determine the order.
    """
    random = np.random.default_rng([seed, 5, epoch])
    remainder = None
    for block in tokens.blocks(random.permutation(tokens.n_images), max(SHUFFLED, 8 * batch_size)):
        order = torch.from_numpy(random.permutation(len(block))).to(block.device)
        ready = block.index_select(0, order)
        ready = ready if remainder is None else torch.cat([remainder, ready])
        end = len(ready) // batch_size * batch_size
        yield from ready[:end].split(batch_size)
        remainder = ready[end:]


class Moments(NamedTuple):
    """Mean and covariance of tokens.

    Attributes
    ----------
    mean
        Mean of each channel, in the network's own units.
    covariance
        Covariance of the channels.
    """

    mean: Float64[Tensor, " channel"]
    covariance: Float64[Tensor, "channel channel"]

    @property
    def scale(self) -> float:
        """Divisor that gives channels a mean variance of 1; 1 if no channel varies."""
        return float(self.covariance.diagonal().mean().sqrt()) or 1.0


def moments_of(tokens: Tokens) -> Moments:
    """Compute mean and covariance of all tokens in one pass.

    Parameters
    ----------
    tokens
        Tokens of the training images.
    """
    shift = next(tokens.blocks(np.arange(1))).float().mean(0)
    total = torch.zeros(len(shift), dtype=torch.float64, device=tokens.device)
    products = torch.zeros(len(shift), len(shift), dtype=torch.float64, device=tokens.device)
    for block in tokens.blocks():
        centred = block.float() - shift
        total += centred.sum(0, dtype=torch.float64)
        products += (centred.T @ centred).double()
    mean = total / tokens.n_tokens
    covariance = products / tokens.n_tokens - mean[:, None] * mean
    return Moments(mean + shift, covariance)
