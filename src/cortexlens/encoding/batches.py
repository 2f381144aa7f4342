"""Batches of a fit: images in a seeded order with their trials, read ahead and moved."""

import math
from collections.abc import Generator, Iterator
from itertools import count, repeat
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.compute.devices import free_memory
from cortexlens.encoding.data import FitData
from cortexlens.encoding.layers import GPU_SHARE
from cortexlens.encoding.prefetch import prefetch
from cortexlens.shapes import TRAIN

# Batches that lie ready: one to be taken at once, one being read.
AHEAD = 2


class Batch(NamedTuple):
    """Features of some images, their trials' responses, and each trial's image among them."""

    features: list[Tensor]
    response: Float[Tensor, "trial vertex"]
    position: Int[Tensor, " trial"]


def move(tensor: Tensor, device: torch.device) -> Tensor:
    """Copy a tensor to a device, without waiting for the copy where that is safe."""
    if device.type == "cuda" and tensor.device.type == "cpu":
        # Out of pinned memory alone does a copy run beside what the GPU computes.
        pinned = tensor if tensor.is_pinned() else tensor.pin_memory()
        return pinned.to(device, non_blocking=True)
    return tensor.to(device)


def ahead(data: FitData, device: torch.device) -> int:
    """Batches that are worth preparing in the background: none where indexing is all there is."""
    return AHEAD if data.streamed or device.type != "cpu" else 0


def feature_batches(
    data: FitData, images: Int[np.ndarray, " image"], size: int, device: torch.device
) -> Generator[list[Tensor], None, None]:
    """Features of images in the order given, read ahead and on a device.

    Parameters
    ----------
    data
        Features.
    images
        Indices.
    size
        Images a batch.
    device
        That the batches are going to be used on.
    """
    made = (
        [move(layer, device) for layer in data.features(images[start : start + size])]
        for start in range(0, len(images), size)
    )
    return prefetch(made, ahead(data, device))


class Batches:
    """Training images in a seeded order, each with all of its trials.

    Parameters
    ----------
    data
        Features and responses.
    size
        Images a batch.
    selector_image_fraction
        Part of the images that selectors learn from, channels from the rest; 0: both from all.
    seed
        Of the order and of the parting.
    """

    def __init__(self, data: FitData, size: int, selector_image_fraction: float, seed: int) -> None:
        trials = data.trials(TRAIN)
        self.trials = trials[np.argsort(data.trial_image[trials], kind="stable")]
        self.images, self.counts = np.unique(data.trial_image[trials], return_counts=True)
        self.starts = np.concatenate([[0], np.cumsum(self.counts)[:-1]])
        self.data, self.size, self.seed = data, size, seed
        self.response = _placed_response(data)
        mixed = np.random.default_rng((seed, 0)).permutation(len(self.images))
        n_selection = math.ceil(selector_image_fraction * len(self.images))
        self.for_selectors, self.for_channels = mixed[:n_selection], mixed[n_selection:]
        self.n_steps = math.ceil(len(self.for_channels) / size)

    def epoch(self, number: int) -> Generator[tuple[Batch, Batch | None], None, None]:
        """Go once through the images that channels learn from.

        Yields
        ------
        batch, selection
            What channels learn from, and what selectors do; None where that is the same.
        """
        pairs = zip(
            self._order(np.sort(self.for_channels), number), self._selection(number), strict=False
        )
        return prefetch(pairs, ahead(self.data, self.data.device))

    def _selection(self, number: int) -> Iterator[Batch | None]:
        """Go round the images that selectors learn from; None without end where there are none."""
        if not len(self.for_selectors):
            yield from repeat(None)
        for turn in count():
            yield from self._order(self.for_selectors, 1_000 * (number + 1) + turn)

    def _order(self, rows: Int[np.ndarray, " image"], number: int) -> Iterator[Batch]:
        """Rows of ``images`` in the order of a pass, batch by batch."""
        order = np.random.default_rng((self.seed, number)).permutation(rows)
        for start in range(0, len(order), self.size):
            yield self._batch(order[start : start + self.size])

    def _batch(self, chosen: Int[np.ndarray, " image"]) -> Batch:
        """Rows of ``images`` with all of their trials."""
        device, counts = self.data.device, self.counts[chosen]
        position = np.repeat(np.arange(len(chosen)), counts)
        offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        trials = torch.from_numpy(self.trials[self.starts[chosen][position] + offset])
        features = self.data.features(self.images[chosen])
        return Batch(
            [move(layer, device) for layer in features],
            move(self.response.index_select(0, trials.to(self.response.device)), device),
            move(torch.from_numpy(position), device),
        )


def _placed_response(data: FitData) -> Float[Tensor, "trial vertex"]:
    """Responses where batches are taken from them: on the GPU if they fit there and may stay."""
    response = torch.from_numpy(data.response)
    if data.device.type != "cuda" or data.low_memory:
        return response
    fits = response.nbytes <= GPU_SHARE * free_memory(data.device)
    return response.to(data.device) if fits else response
