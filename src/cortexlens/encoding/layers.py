"""Features of one layer, in memory, on the GPU or streamed from the store; read alike.

A layer is a tensor where all of it is kept, else a :class:`StreamedLayer`. Both are read with
:func:`take`, at random, so that nothing that fits or predicts has to know which it is.
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
# Parts of what is free that features may take; batches, models and other jobs need the rest.
HOST_SHARE, GPU_SHARE = 0.5, 0.6
# Layers that are read at once: a disk answers several questions sooner than one after the other,
# but more threads than processors only get in each other's way where files are in memory already.
READERS = min(4, os.cpu_count() or 1)
CPU = torch.device("cpu")


class StreamedLayer:
    """A layer that is read from its store when asked for; the first images read stay in memory.

    Which images stay is decided once. A cache that dropped the oldest would, going round all images
    in an order that changes, drop most of them before they are asked for again.

    Parameters
    ----------
    features
        Open store.
    index
        Of the layer, from 0.
    grid
        Side of the grid that is given, see :func:`coarsen`.
    n_kept
        How many images stay in memory.
    """

    def __init__(self, features: Features, index: int, grid: int, n_kept: int) -> None:
        self.shape = (features.n_images, grid**2 + 1, features.channels[index])
        self._features, self._index, self._grid = features, index, grid
        # Takes memory only as it is filled.
        self._kept = torch.empty((min(n_kept, self.shape[0]), *self.shape[1:]), dtype=torch.float16)
        self._n_filled = 0
        self._place = np.full(self.shape[0], -1)

    @property
    def kept_bytes(self) -> int:
        """Bytes of the images that are in memory now."""
        return self._n_filled * self.shape[1] * self.shape[2] * self._kept.element_size()

    def allocate(self, n_images: int, pinned: bool) -> Float16[Tensor, "image token channel"]:
        """Memory for :meth:`fill`."""
        return torch.empty((n_images, *self.shape[1:]), dtype=torch.float16, pin_memory=pinned)

    def fill(
        self, tokens: Float16[Tensor, "image token channel"], images: Int[np.ndarray, " image"]
    ) -> None:
        """Read tokens of some images, see :func:`take`; not for several threads at a time."""
        place = self._place[images]
        here = place >= 0
        if here.all():
            torch.index_select(self._kept, 0, torch.from_numpy(place), out=tokens)
            return
        absent = np.flatnonzero(~here)
        self._read(images[absent], tokens, absent)
        for row in np.flatnonzero(here).tolist():
            tokens[row] = self._kept[place[row]]
        self._keep(images[absent], tokens, absent)

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
        """Keep images that were read, as far as there is room."""
        room = len(self._kept) - self._n_filled
        if not room:
            return
        _, first = np.unique(images, return_index=True)
        for position in np.sort(first)[:room].tolist():
            self._kept[self._n_filled] = tokens[int(rows[position])]
            self._place[images[position]] = self._n_filled
            self._n_filled += 1


Layer = Tensor | StreamedLayer


def gather(
    layer: Layer, images: Int[np.ndarray, " image"], pinned: bool = False
) -> Shaped[Tensor, "image token channel"]:
    """Tokens of some images of a layer, on the device that keeps it.

    Parameters
    ----------
    layer
        Kept or streamed.
    images
        Indices in any order, repetitions allowed.
    pinned
        Lay what is not on a GPU where a GPU can fetch it itself.
    """
    if isinstance(layer, StreamedLayer):
        room = layer.allocate(len(images), pinned)
        layer.fill(room, images)
        return room
    # Three times as fast as layer[rows] where rows are long.
    rows = torch.from_numpy(images).to(layer.device)
    if not pinned or layer.device.type != "cpu":
        return layer.index_select(0, rows)
    tokens = torch.empty((len(rows), *layer.shape[1:]), dtype=layer.dtype, pin_memory=True)
    return torch.index_select(layer, 0, rows, out=tokens)


def gather_all(
    layers: Sequence[Layer], images: Int[np.ndarray, " image"], pinned: bool = False
) -> list[Shaped[Tensor, "image token _"]]:
    """Tokens of some images in every layer; those that are streamed are read side by side."""
    # Memory is asked for here rather than in the threads: what a thread asks for comes on fresh
    # pages for every batch, since the batch is given back by another.
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
    """Threads that read layers."""
    return ThreadPoolExecutor(READERS, thread_name_prefix="reader", initializer=use_one_thread)


def load_layer(layer: Layer) -> Shaped[Tensor, "image token channel"]:
    """All of a layer, in memory."""
    return gather(layer, np.arange(layer.shape[0])) if isinstance(layer, StreamedLayer) else layer


def coarsen(
    tokens: Shaped[Tensor, "image token channel"], grid: int
) -> Shaped[Tensor, "image coarse channel"]:
    """Average local tokens to a coarser grid; the global token stays.

    Parameters
    ----------
    tokens
        A square grid of local tokens, row by row, then the global one.
    grid
        Side of the coarser grid, a divisor of the side of the given one.

    Returns
    -------
    Tensor
        grid · grid + 1 tokens, in the number format given.

    Raises
    ------
    CortexlensError
        If ``grid`` does not divide the side.
    """
    side = math.isqrt(tokens.shape[1] - 1)
    check_grid(grid, side)
    if side == grid:
        return tokens
    local = tokens[:, :-1].unflatten(1, (grid, side // grid, grid, side // grid))
    means = local.float().mean(dim=(2, 4)).flatten(1, 2).to(tokens.dtype)
    return torch.cat([means, tokens[:, -1:]], dim=1)


def check_grid(grid: int, side: int) -> None:
    """Refuse a grid that does not divide the features' side."""
    if side % grid:
        allowed = [str(divisor) for divisor in range(1, side + 1) if side % divisor == 0]
        raise CortexlensError(
            f"encoder.grid is {grid}; it has to divide the grid of the features, {side}: allowed "
            f"are {', '.join(allowed)}. Change it in the config."
        )


def open_layers(
    features: Features,
    grid: int,
    memory: float | None = None,
    device: torch.device = CPU,
    low_memory: bool = False,
) -> list[Layer]:
    """Layers of a store, where they are read fastest.

    On the GPU, if all of them fit into 60 % of what is free there; else in memory, if they fit into
    the bound; else streamed, with as many images kept in memory as fit into the bound.

    Parameters
    ----------
    features
        Open store.
    grid
        Side of the grid that is given, see :func:`coarsen`.
    memory
        Bound on what is kept in memory, GB; half of what is free when left out.
    device
        That batches are going to.
    low_memory
        Keep nothing on the GPU.

    Raises
    ------
    CortexlensError
        If ``memory`` is not above 0, or ``grid`` does not divide the side of the features' grid.
    """
    check_grid(grid, features.grid)
    if memory is not None and not memory > 0:
        raise CortexlensError(
            f"encoder.memory is {memory:g}; it has to be above 0, in GB. Change it in the config."
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
    """Copy a layer to where it stays, in blocks: the layer at its finer grid is never whole."""
    whole = torch.empty(layer.shape, dtype=torch.float16, device=home)
    for start in range(0, len(whole), IMAGES_PER_BLOCK):
        block = np.arange(start, min(start + IMAGES_PER_BLOCK, len(whole)))
        whole[start : start + len(block)] = gather(layer, block)
    return whole
