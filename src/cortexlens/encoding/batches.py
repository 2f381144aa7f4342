"""Training batches: images in a seeded order with their trials, prefetched to the device."""

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

# Number of batches prepared in advance: one that is ready, one that is being read.
AHEAD = 2


class Batch(NamedTuple):
    """Features of some images and the responses of their trials.

    Attributes
    ----------
    features
        Tokens of the images in each layer, (image, token, channel).
    response
        Responses of all trials of these images.
    position
        Position, within the batch, of each trial's image.
    """

    features: list[Tensor]
    response: Float[Tensor, "trial vertex"]
    position: Int[Tensor, " trial"]


def move(tensor: Tensor, device: torch.device) -> Tensor:
    """Copy a tensor to a device, asynchronously if it goes from the CPU to a GPU."""
    if device.type == "cuda" and tensor.device.type == "cpu":
        # Only copies from pinned memory overlap with computation on the GPU.
        pinned = tensor if tensor.is_pinned() else tensor.pin_memory()
        return pinned.to(device, non_blocking=True)
    return tensor.to(device)


def ahead(data: FitData, device: torch.device) -> int:
    """Return the number of batches to prepare in the background.

    This is 0 if features are in memory and used on the CPU, where a batch costs only an indexing.
    """
    return AHEAD if data.streamed or device.type != "cpu" else 0


def feature_batches(
    data: FitData, images: Int[np.ndarray, " image"], size: int, device: torch.device
) -> Generator[list[Tensor], None, None]:
    """Iterate over the features of images in batches, prefetched to a device.

    Parameters
    ----------
    data
        Data with the features.
    images
        Indices of the images, in the order in which they are read.
    size
        Number of images per batch.
    device
        Device on which the batches will be used.

    Yields
    ------
    list of Tensor
        Tokens of each layer, (image, token, channel).
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
        Number of images per batch.
    selector_image_fraction
        Fraction of the images that only the selectors learn from, while the channel maps learn
        from the rest; with 0 both learn from all images.
    seed
        Seed of the order of images and of the choice of images for the selectors.
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
        """Iterate once over the images that the channel maps learn from.

        Parameters
        ----------
        number
            Number of the epoch, from 0, which determines the order.

        Yields
        ------
        batch, selection
            Batch for the channel maps, and batch for the selectors; the latter is None if both
            learn from the same images.
        """
        pairs = zip(
            self._order(np.sort(self.for_channels), number), self._selection(number), strict=False
        )
        return prefetch(pairs, ahead(self.data, self.data.device))

    def _selection(self, number: int) -> Iterator[Batch | None]:
        """Cycle through the images for the selectors; yield None forever if there are none."""
        if not len(self.for_selectors):
            yield from repeat(None)
        for turn in count():
            yield from self._order(self.for_selectors, 1_000 * (number + 1) + turn)

    def _order(self, rows: Int[np.ndarray, " image"], number: int) -> Iterator[Batch]:
        """Yield batches of rows of ``self.images``, in the order of pass ``number``."""
        order = np.random.default_rng((self.seed, number)).permutation(rows)
        for start in range(0, len(order), self.size):
            yield self._batch(order[start : start + self.size])

    def _batch(self, chosen: Int[np.ndarray, " image"]) -> Batch:
        """Make a batch of rows of ``self.images`` with all of their trials."""
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
    """Put the responses on the GPU if they fit there and ``low_memory`` is off."""
    response = torch.from_numpy(data.response)
    if data.device.type != "cuda" or data.low_memory:
        return response
    fits = response.nbytes <= GPU_SHARE * free_memory(data.device)
    return response.to(data.device) if fits else response
