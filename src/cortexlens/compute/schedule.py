"""How long FactorTopy trains: defaults that follow from the number of training images.

Nothing is imported that a planner, a check and a fit could not all afford.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# Passes over the training images where these are many.
EPOCHS: Final = 20
# Steps of the optimiser that a fit is given at least, however few its images are.
LEAST_STEPS: Final = 1000
# Epochs without a better validation R² after which a fit stops, as a part of all of them.
PATIENCE_SHARE: Final = 0.4
# Images over which the penalty on decided selectors fades in the published schedule, and the part
# of a whole fit that they may be at most. An eighth made layers of few images look decided, and
# no more of them were right: docs/decisions/0041-schedules-follow-the-number-of-images.md.
PUBLISHED_FADE: Final = 16_000
FADE_SHARE: Final = 0.25
# Training images from which on a fit's layers are worth looking at, measured in
# docs/decisions/0041-schedules-follow-the-number-of-images.md.
ENOUGH_IMAGES: Final = 300
# Setting of a fit's record that names those of its schedule which were left out.
BY_IMAGES: Final = "by_training_images"


@dataclass(frozen=True)
class Schedule:
    """How long a fit trains.

    Attributes
    ----------
    epochs
        Passes over the training images at most; the learning rate falls to zero over them.
    patience
        Epochs without a better validation R² after which the fit stops.
    regularization_images
        Images shown until the penalty on decided selectors has faded to zero.
    """

    epochs: int
    patience: int
    regularization_images: int


def schedule(
    n_images: float,
    batch_size: int,
    *,
    epochs: int | None = None,
    patience: int | None = None,
    regularization_images: int | None = None,
) -> Schedule:
    """Fill in what is left out of a fit's schedule by the number of its training images.

    Parameters
    ----------
    n_images
        Images that channels learn from, above 0.
    batch_size
        Images in a step.
    epochs, patience, regularization_images
        As of :class:`Schedule`; a number is taken as it is, None stands for the default.

    Returns
    -------
    Schedule

    Notes
    -----
    From 3,200 images in batches of 64 the defaults are 20, 8 and 16,000, the last as published
    (2,000 steps of 8). Fewer images are seen more often, so that the fit has
    :data:`LEAST_STEPS` steps, and the penalty fades within the first quarter of what is shown.
    With fixed numbers, 120 images give 40 steps, the penalty keeps 85 % of its weight to the end,
    and the layers stay undecided.
    """
    per_epoch = max(1, math.ceil(n_images / batch_size))
    default = max(EPOCHS, math.ceil(LEAST_STEPS / per_epoch))
    if epochs is None:
        epochs = default
    if patience is None:
        # Of the default, not of what was given: so few epochs that they are no more than that are
        # all run.
        patience = math.ceil(PATIENCE_SHARE * default)
    if regularization_images is None:
        regularization_images = min(PUBLISHED_FADE, int(FADE_SHARE * epochs * n_images))
    return Schedule(epochs, patience, regularization_images)


def shortfalls(n_images: int, used: Schedule) -> Iterator[str]:
    """List why a fit is not going to give layers that can be trusted.

    Parameters
    ----------
    n_images
        Training images.
    used
        How long the fit trains on them.

    Yields
    ------
    str
        What was found, what is needed and why, and what to do, in one line.
    """
    if n_images < ENOUGH_IMAGES:
        yield (
            f"found {n_images:,} training images; FactorTopy needs about {ENOUGH_IMAGES}: with 120 "
            "it predicted a third less in simulations, and most of the layers that it named were "
            "wrong. Use the readout stacked, or add images."
        )
    shown = used.epochs * n_images
    if used.regularization_images > shown:
        yield (
            f"found encoder.regularization_images {used.regularization_images:,}, and a fit that "
            f"shows {shown:,} images ({used.epochs} epochs of {n_images:,}): the penalty on "
            "decided layers never fades, so that they stay undecided. Leave both encoder.epochs "
            "and encoder.regularization_images out, or raise the epochs."
        )
