"""Features of one layer: in memory, on the GPU, or streamed from the store.

A layer that fits into memory is a tensor, any other a :class:`StreamedLayer`. Both are read in any
order with :func:`gather`, so that code that fits or predicts need not know which one it has.
"""

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import torch
from jaxtyping import Float16, Int, Shaped
from torch import Tensor

from cortexlens.compute.devices import free_memory, use_one_thread
from cortexlens.errors import CortexlensError
from cortexlens.features.store import Features
from cortexlens.progress import track

IMAGES_PER_BLOCK = 256
# Fractions of the free memory that features may take; batches, models and other jobs need the rest.
HOST_SHARE, GPU_SHARE = 0.5, 0.6
# Number of layers read in parallel: a disk serves several requests faster than one after the other,
# but more threads than processors slow each other down when files are already in the page cache.
READERS = min(4, os.cpu_count() or 1)
CPU = torch.device("cpu")


class StreamedLayer:
    """A layer that is read from its store on demand and caches the first images that are read.

    Cached images are never replaced. A cache that dropped the oldest images would drop most of
    them before they are needed again, since every epoch visits all images in a new order.

    Parameters
    ----------
    features
        Open feature store.
    index
        Index of the layer, from 0.
    grid
        Side of the grid that tokens are averaged to, see :func:`coarsen`.
    n_kept
        Number of images that the cache holds.
    """

    def __init__(self, features: Features, index: int, grid: int, n_kept: int) -> None:
        self.shape = (features.n_images, grid**2 + 1, features.channels[index])
        self._features, self._index, self._grid = features, index, grid
        # The operating system provides this memory only as it is filled.
        self._kept = torch.empty((min(n_kept, self.shape[0]), *self.shape[1:]), dtype=torch.float16)
        self._n_filled = 0
        # Row of each image in the cache, -1 where it is not cached.
        self._row = np.full(self.shape[0], -1)

    @property
    def kept_bytes(self) -> int:
        """Size of the images cached so far, in bytes."""
        return self._n_filled * self.shape[1] * self.shape[2] * self._kept.element_size()

    def allocate(self, n_images: int, pinned: bool) -> Float16[Tensor, "image token channel"]:
        """Allocate a tensor for :meth:`fill`, in pinned memory on request."""
        return torch.empty((n_images, *self.shape[1:]), dtype=torch.float16, pin_memory=pinned)

    def fill(
        self, tokens: Float16[Tensor, "image token channel"], images: Int[np.ndarray, " image"]
    ) -> None:
        """Read the tokens of some images into a tensor, from the cache where possible.

        Not thread-safe.

        Parameters
        ----------
        tokens
            Tensor to fill, from :meth:`allocate`; one row per entry of ``images``.
        images
            Indices in any order, repetitions allowed.
        """
        cache_row = self._row[images]
        cached = cache_row >= 0
        if cached.all():
            torch.index_select(self._kept, 0, torch.from_numpy(cache_row), out=tokens)
            return
        missing = np.flatnonzero(~cached)
        self._read(images[missing], tokens, missing)
        for row in np.flatnonzero(cached).tolist():
            tokens[row] = self._kept[cache_row[row]]
        self._keep(images[missing], tokens, missing)

    def _read(
        self, images: Int[np.ndarray, " image"], tokens: Tensor, rows: Int[np.ndarray, " image"]
    ) -> None:
        if self._grid == self._features.grid:
            self._features.read_into(self._index, images, tokens.numpy(), rows)
        else:
            read = torch.from_numpy(self._features.read(self._index, images))
            tokens[torch.from_numpy(rows)] = coarsen(read, self._grid)

    def _keep(
        self, images: Int[np.ndarray, " image"], tokens: Tensor, rows: Int[np.ndarray, " image"]
    ) -> None:
        """Cache images that were just read, as long as the cache has room."""
        n_free = len(self._kept) - self._n_filled
        if not n_free:
            return
        _, first = np.unique(images, return_index=True)
        for position in np.sort(first)[:n_free].tolist():
            self._kept[self._n_filled] = tokens[int(rows[position])]
            self._row[images[position]] = self._n_filled
            self._n_filled += 1


Layer = Tensor | StreamedLayer


def gather(
    layer: Layer, images: Int[np.ndarray, " image"], pinned: bool = False
) -> Shaped[Tensor, "image token channel"]:
    """Read the tokens of some images from a layer, on the device where the layer lies.

    Parameters
    ----------
    layer
        Layer in memory, on the GPU or streamed.
    images
        Indices in any order, repetitions allowed.
    pinned
        Whether tokens in main memory are put into pinned memory, from which copies to a GPU are
        asynchronous.
    """
    if isinstance(layer, StreamedLayer):
        filled = layer.allocate(len(images), pinned)
        layer.fill(filled, images)
        return filled
    # index_select is three times as fast as layer[rows] for long rows.
    rows = torch.from_numpy(images).to(layer.device)
    if not pinned or layer.device.type != "cpu":
        return layer.index_select(0, rows)
    tokens = torch.empty((len(rows), *layer.shape[1:]), dtype=layer.dtype, pin_memory=True)
    return torch.index_select(layer, 0, rows, out=tokens)


def gather_all(
    layers: Sequence[Layer], images: Int[np.ndarray, " image"], pinned: bool = False
) -> list[Shaped[Tensor, "image token _"]]:
    """Read the tokens of some images from every layer; streamed layers are read in parallel.

    Parameters
    ----------
    layers
        Layers in memory, on the GPU or streamed.
    images, pinned
        As for :func:`gather`.
    """
    # Allocate here rather than in the reader threads: memory that a thread allocates and another
    # one frees is not reused, so that every batch would need fresh pages.
    filled = [
        layer.allocate(len(images), pinned)
        if isinstance(layer, StreamedLayer)
        else gather(layer, images, pinned)
        for layer in layers
    ]
    reading = [
        _readers().submit(layer.fill, tokens, images)
        for layer, tokens in zip(layers, filled, strict=True)
        if isinstance(layer, StreamedLayer)
    ]
    for each in reading:
        each.result()
    return filled


@cache
def _readers() -> ThreadPoolExecutor:
    """Return the thread pool that reads streamed layers."""
    return ThreadPoolExecutor(READERS, thread_name_prefix="reader", initializer=use_one_thread)


def load_layer(layer: Layer) -> Shaped[Tensor, "image token channel"]:
    """Return the tokens of all images of a layer as one tensor; a streamed layer is read whole."""
    return gather(layer, np.arange(layer.shape[0])) if isinstance(layer, StreamedLayer) else layer


whole = load_layer  # name in version 0.1.0


def coarsen(
    tokens: Shaped[Tensor, "image token channel"], grid: int
) -> Shaped[Tensor, "image coarse channel"]:
    """Average local tokens to a coarser grid; the global token is unchanged.

    Parameters
    ----------
    tokens
        A square grid of local tokens, row by row, then the global token.
    grid
        Side of the coarser grid, a divisor of the side of the present one.

    Returns
    -------
    Tensor
        grid · grid + 1 tokens, in the number format of ``tokens``.

    Raises
    ------
    CortexlensError
        If ``grid`` does not divide the side of the present grid.
    """
    side = math.isqrt(tokens.shape[1] - 1)
    check_grid(grid, side)
    if side == grid:
        return tokens
    local = tokens[:, :-1].unflatten(1, (grid, side // grid, grid, side // grid))
    means = local.float().mean(dim=(2, 4)).flatten(1, 2).to(tokens.dtype)
    return torch.cat([means, tokens[:, -1:]], dim=1)


def check_grid(grid: int, side: int) -> None:
    """Raise an error unless ``grid`` divides ``side``, the side of the features' grid."""
    if side % grid:
        allowed = [str(divisor) for divisor in range(1, side + 1) if side % divisor == 0]
        raise CortexlensError(
            f"encoder.grid is {grid}; it has to divide the side of the features' grid, {side}: "
            f"allowed are {', '.join(allowed)}. Change it in the config."
        )


def open_layers(
    features: Features,
    grid: int,
    memory: float | None = None,
    device: torch.device = CPU,
    low_memory: bool = False,
) -> list[Layer]:
    """Open the layers of a feature store in the fastest memory that holds them.

    Layers are loaded onto the GPU if all of them fit into 60 % of its free memory; otherwise into
    main memory if they fit into the limit ``memory``; otherwise they are streamed, with as many
    images cached as fit into the limit.

    Parameters
    ----------
    features
        Open feature store.
    grid
        Side of the grid that tokens are averaged to, see :func:`coarsen`.
    memory
        Limit on main memory for features, in GB; None takes half of the free memory.
    device
        Device on which batches will be used.
    low_memory
        Whether to keep features out of the GPU's memory.

    Raises
    ------
    CortexlensError
        If ``memory`` is not positive, or ``grid`` does not divide the side of the features' grid.
    """
    check_grid(grid, features.grid)
    if memory is not None and not memory > 0:
        raise CortexlensError(
            f"encoder.memory is {memory:g}; allowed are numbers above 0, in GB. Change it in the "
            "config."
        )
    image_bytes = 2 * (grid**2 + 1) * sum(features.channels)
    total = image_bytes * features.n_images
    bound = HOST_SHARE * free_memory(CPU) if memory is None else 1e9 * memory
    home = CPU
    if device.type == "cuda" and not low_memory and total <= GPU_SHARE * free_memory(device):
        home = device
    elif total > bound:
        n_kept = int(bound // image_bytes)
        return [StreamedLayer(features, i, grid, n_kept) for i in range(len(features.channels))]
    return [
        _read_whole(StreamedLayer(features, index, grid, 0), home)
        for index in track(range(len(features.channels)), "layers read")
    ]


def _read_whole(layer: StreamedLayer, home: torch.device) -> Float16[Tensor, "image token channel"]:
    """Load a layer block by block, so that its finer grid is never whole in memory."""
    tokens = torch.empty(layer.shape, dtype=torch.float16, device=home)
    for start in range(0, len(tokens), IMAGES_PER_BLOCK):
        block = np.arange(start, min(start + IMAGES_PER_BLOCK, len(tokens)))
        tokens[start : start + len(block)] = gather(layer, block)
    return tokens
