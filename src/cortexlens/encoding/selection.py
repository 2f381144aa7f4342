"""Which images a fit learns from: fewer of them, one half of them, or none that belong."""

from dataclasses import replace

import numpy as np
from jaxtyping import Int

from cortexlens.encoding.data import FitData
from cortexlens.errors import CortexlensError
from cortexlens.shapes import SPLIT_NAMES, TRAIN

HALVES = ("a", "b")
# Code of an image that is in no part of the split.
LEFT_OUT = -1


def selected_data(
    data: FitData,
    *,
    training_images: int | None = None,
    half: str | None = None,
    shuffled: bool = False,
    seed: int = 0,
) -> FitData:
    """Leave out training images, or break the tie between images and responses.

    Parameters
    ----------
    data
        Features and responses of a subject.
    training_images
        How many training images are kept; a smaller number is always among a larger one. None:
        all.
    half
        ``a`` or ``b``: one of two disjoint halves of the training images, equally large.
        ``training_images`` then counts within it.
    shuffled
        Pair every image's responses with the features of another image of the same part of the
        split: what is then predicted is chance.
    seed
        Of the order that images are taken in, and of the pairing.

    Returns
    -------
    FitData
        Images that were left out are in no part of the split. Validation and test images are
        always all there.

    Raises
    ------
    CortexlensError
        If the half is another, or fewer training images are there than wanted, or fewer than two
        would be left.
    """
    shown = np.intersect1d(np.flatnonzero(data.split == TRAIN), data.trial_image)
    order = np.random.default_rng((seed, 0)).permutation(shown)
    kept = order if half is None else _half(order, half)
    if training_images is not None:
        kept = _first(kept, training_images, half)
    if len(kept) < 2:
        raise CortexlensError(
            f"half {half!r} of {len(shown)} training images is {len(kept)}; at least 2 are needed. "
            "Leave half out, or add images."
        )
    split = data.split.copy()
    split[(split == TRAIN) & ~np.isin(np.arange(len(split)), kept)] = LEFT_OUT
    data = replace(data, split=split)
    return _shuffled(data, seed) if shuffled else data


def _half(order: Int[np.ndarray, " image"], half: str) -> Int[np.ndarray, " part"]:
    if half not in HALVES:
        raise CortexlensError(f"half is {half!r}; allowed: {', '.join(HALVES)}. Change the config.")
    # Every other image, so that a subset of a half is as even as one of all.
    count = len(order) // 2
    return order[HALVES.index(half) :: 2][:count]


def _first(
    kept: Int[np.ndarray, " image"], wanted: int, half: str | None
) -> Int[np.ndarray, " part"]:
    """The first images of an order, as many as are wanted."""
    if not 2 <= wanted <= len(kept):
        where = "" if half is None else f" in half {half}"
        raise CortexlensError(
            f"training_images is {wanted}; there are {len(kept)} training images{where}, allowed "
            f"are 2 to {len(kept)}. Change training_images of the variant in the config."
        )
    return kept[:wanted]


def _shuffled(data: FitData, seed: int) -> FitData:
    """Each image's responses with the features of the next in a random round of its part."""
    partner = np.arange(len(data.split))
    for part in range(len(SPLIT_NAMES)):
        shown = np.intersect1d(np.flatnonzero(data.split == part), data.trial_image)
        order = np.random.default_rng((seed, 1 + part)).permutation(shown)
        partner[order] = np.roll(order, 1)
    return replace(data, trial_image=partner[data.trial_image])
