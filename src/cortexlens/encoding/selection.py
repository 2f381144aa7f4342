"""Restrict the training images of a fit, or shuffle images against responses as a control."""

from dataclasses import replace

import numpy as np
from jaxtyping import Int

from cortexlens.encoding.data import FitData
from cortexlens.errors import CortexlensError
from cortexlens.shapes import SPLIT_NAMES, TRAIN

HALVES = ("a", "b")
# Code, in the split, of an image that is left out.
LEFT_OUT = -1


def selected_data(
    data: FitData,
    *,
    training_images: int | None = None,
    half: str | None = None,
    shuffled: bool = False,
    seed: int = 0,
) -> FitData:
    """Use a subset of the training images, or pair images with the wrong responses.

    Parameters
    ----------
    data
        Features and responses of a subject.
    training_images
        Number of training images to use, chosen at random; a smaller choice is a subset of a larger
        one. None uses all.
    half
        ``a`` or ``b``: one of two disjoint halves of the training images, of equal size, from which
        ``training_images`` are then chosen. None uses all training images.
    shuffled
        Whether to pair the responses to every image with the features of another image of the same
        part of the split, so that predictions are at chance.
    seed
        Seed of the choice of images and of the pairing.

    Returns
    -------
    FitData
        Data in which unused training images are in no part of the split. Validation and test images
        are all used.

    Raises
    ------
    CortexlensError
        If ``half`` is unknown, there are fewer training images than ``training_images``, or fewer
        than two training images would remain.
    """
    shown = np.intersect1d(np.flatnonzero(data.split == TRAIN), data.trial_image)
    order = np.random.default_rng((seed, 0)).permutation(shown)
    used = order if half is None else _half(order, half)
    if training_images is not None:
        used = _first(used, training_images, half)
    if len(used) < 2:
        raise CortexlensError(
            f"half {half!r} of {len(shown)} training images has {len(used)}; at least 2 are "
            "needed. Leave half out, or add images."
        )
    split = data.split.copy()
    split[(split == TRAIN) & ~np.isin(np.arange(len(split)), used)] = LEFT_OUT
    data = replace(data, split=split)
    return _shuffled(data, seed) if shuffled else data


def _half(order: Int[np.ndarray, " image"], half: str) -> Int[np.ndarray, " part"]:
    if half not in HALVES:
        raise CortexlensError(f"half is {half!r}; allowed: {', '.join(HALVES)}. Change the config.")
    # Alternate images, so that the first images of the order are split evenly between halves.
    count = len(order) // 2
    return order[HALVES.index(half) :: 2][:count]


def _first(
    order: Int[np.ndarray, " image"], wanted: int, half: str | None
) -> Int[np.ndarray, " part"]:
    """Return the first ``wanted`` images of an order."""
    if not 2 <= wanted <= len(order):
        where = "" if half is None else f" in half {half}"
        raise CortexlensError(
            f"training_images is {wanted}; there are {len(order)} training images{where}, allowed "
            f"are 2 to {len(order)}. Change training_images of the variant in the config."
        )
    return order[:wanted]


def _shuffled(data: FitData, seed: int) -> FitData:
    """Pair each image's responses with the features of another image of its part of the split.

    Images of a part are put in a random circular order, and each gets the features of a neighbour.
    """
    partner = np.arange(len(data.split))
    for part in range(len(SPLIT_NAMES)):
        shown = np.intersect1d(np.flatnonzero(data.split == part), data.trial_image)
        order = np.random.default_rng((seed, 1 + part)).permutation(shown)
        partner[order] = np.roll(order, 1)
    return replace(data, trial_image=partner[data.trial_image])
