"""Tokens of one layer from several feature stores: which pictures, and how they are read."""

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

# Parts of what is free that tokens may take; the autoencoder and other jobs need the rest.
HOST_SHARE, GPU_SHARE = 0.5, 0.6
IMAGES_PER_BLOCK = 64
# Tokens that are shuffled among each other, at least: enough that a batch is of many pictures.
SHUFFLED = 2**15
CPU = torch.device("cpu")


class Parts(NamedTuple):
    """Pictures to learn from and pictures that are held out, each once.

    Attributes
    ----------
    train, test
        Number of the store, and row in it.
    """

    train: Int[np.ndarray, "image 2"]
    test: Int[np.ndarray, "image 2"]


def choose_pictures(
    sha256: Sequence[Sequence[str]], splits: Sequence[Int[np.ndarray, " _"] | None]
) -> Parts:
    """Choose the pictures of several subjects, and of a folder, that may be learnt from.

    Parameters
    ----------
    sha256
        Of each store the hashes of its pictures, in its order: one picture, one hash.
    splits
        Of each store the code of each picture; None of one that is for training alone.

    Returns
    -------
    Parts
        ``train``: training pictures of every subject that has them; ``test``: test pictures of
        any subject.

    Raises
    ------
    CortexlensError
        If one of the two is empty.
    """
    codes: dict[str, set[int]] = {}
    place: dict[str, tuple[int, int]] = {}
    for store, (hashes, split) in enumerate(zip(sha256, splits, strict=True)):
        own = [TRAIN] * len(hashes) if split is None else split.tolist()
        for row, (name, code) in enumerate(zip(hashes, own, strict=True)):
            codes.setdefault(name, set()).add(code)
            place.setdefault(name, (store, row))
    train = [place[name] for name, found in codes.items() if found == {TRAIN}]
    test = [place[name] for name, found in codes.items() if TEST in found]
    if not train or not test:
        raise CortexlensError(
            f"found {len(train)} pictures that are training pictures of every subject that has "
            f"them, and {len(test)} test pictures; at least one of each is needed. Change split, "
            "or sae.subjects, in the config."
        )
    return Parts(np.array(train), np.array(test))


class Tokens:
    """Tokens of one layer of some pictures.

    Parameters
    ----------
    stores
        Open feature stores of one network.
    layer
        Name of the layer.
    kind
        ``class``: the global token; ``mean``: the mean over places; ``local``: every place.
    places
        Number of the store, and row in it, of each picture.
    memory
        Bound on what is kept in memory, GB; half of what is free when left out. What does not fit
        is read from the stores each time; ``class`` and ``mean`` always fit.
    device
        Where batches go. Tokens are kept there if they take 60 % of what is free at most.

    Raises
    ------
    CortexlensError
        If a store has no such layer.
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
        """Pictures."""
        return len(self._places)

    @property
    def n_tokens(self) -> int:
        """Tokens of all pictures."""
        return self.n_images * self.per_image

    @property
    def streamed(self) -> bool:
        """Whether tokens are read from the stores each time."""
        return self._kept is None

    def _whole(self, home: torch.device) -> Shaped[Tensor, "image token channel"]:
        shape = (self.n_images, self.per_image, self.n_channels)
        whole = torch.empty(shape, dtype=torch.float16, device=home)
        starts = range(0, self.n_images, IMAGES_PER_BLOCK)
        for start in track(starts, f"blocks of {IMAGES_PER_BLOCK} pictures read"):
            block = np.arange(start, min(start + IMAGES_PER_BLOCK, self.n_images))
            whole[start : start + len(block)] = self._read(block)
        return whole

    def _read(self, images: Int[np.ndarray, " image"]) -> Shaped[Tensor, "image token channel"]:
        """Read pictures from their stores, in the order asked for."""
        found = np.empty((len(images), self._stores[0].grid ** 2 + 1, self.n_channels), np.float16)
        numbers, rows = self._places[images].T
        for number, (store, layer) in enumerate(zip(self._stores, self._layers, strict=True)):
            own = np.flatnonzero(numbers == number)
            store.read_into(layer, rows[own], found, own)
        if self._kind == "class":
            return torch.from_numpy(found[:, -1:])
        local = torch.from_numpy(found[:, :-1])
        return local.float().mean(1, keepdim=True).half() if self._kind == "mean" else local

    def take(self, images: Int[np.ndarray, " image"]) -> Shaped[Tensor, "token channel"]:
        """Tokens of some pictures, one picture after another, as the store has them (float16)."""
        if self._kept is None:
            return self._read(images).flatten(0, 1)
        rows = torch.from_numpy(images).to(self._kept.device)
        return self._kept.index_select(0, rows).flatten(0, 1)

    def blocks(
        self, order: Int[np.ndarray, " image"] | None = None, size: int = SHUFFLED
    ) -> Iterator[Shaped[Tensor, "token channel"]]:
        """Go through pictures in an order, at least ``size`` tokens at a time but for the last.

        The next block is read while one is used.
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
    """One pass in a random order that depends on seed and epoch alone.

    Pictures are shuffled, then the tokens of some hundreds of them at a time, so that a pass reads
    every picture once. What is left over after the last whole batch waits for another pass.
    """
    random = np.random.default_rng([seed, 5, epoch])
    left = None
    for block in tokens.blocks(random.permutation(tokens.n_images), max(SHUFFLED, 8 * batch_size)):
        order = torch.from_numpy(random.permutation(len(block))).to(block.device)
        ready = block.index_select(0, order)
        ready = ready if left is None else torch.cat([left, ready])
        whole = len(ready) // batch_size * batch_size
        yield from ready[:whole].split(batch_size)
        left = ready[whole:]


class Moments(NamedTuple):
    """What is known of tokens before anything is learnt.

    Attributes
    ----------
    mean
        Of each channel, in the network's units.
    covariance
        Of channels.
    """

    mean: Float64[Tensor, " channel"]
    covariance: Float64[Tensor, "channel channel"]

    @property
    def scale(self) -> float:
        """Divisor at which channels vary by 1 in the mean; 1 where nothing varies."""
        return float(self.covariance.diagonal().mean().sqrt()) or 1.0


def moments_of(tokens: Tokens) -> Moments:
    """Mean and covariance of all tokens, in one pass."""
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
