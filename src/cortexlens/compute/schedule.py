"""Training schedule of FactorTopy: defaults that follow from the number of training images.

This module imports nothing large, because the planner, the check and the fit all use it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# Passes over the training images if there are many.
EPOCHS: Final = 20
# Smallest number of optimiser steps of a fit, however few images it has.
LEAST_STEPS: Final = 1000
# Epochs without a better validation R² after which a fit stops, as a fraction of all epochs.
PATIENCE_SHARE: Final = 0.4
# Images over which the penalty on decided selectors fades in the published schedule, and the
# largest fraction of a fit that this may take. With an eighth, fits to few images looked more
# decided about their layers, but these were not more often correct:
# docs/decisions/0041-schedules-follow-the-number-of-images.md.
PUBLISHED_FADE: Final = 16_000
FADE_SHARE: Final = 0.25
# Training images above which a fit's layers are meaningful, measured in
# docs/decisions/0041-schedules-follow-the-number-of-images.md.
ENOUGH_IMAGES: Final = 300
# Setting in a fit's record that lists the parts of its schedule which were left to the default.
BY_IMAGES: Final = "by_training_images"


@dataclass(frozen=True)
class Schedule:
    """Training schedule of a fit.

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
    """Fill in the parts of a fit's schedule that are left out, from its number of training images.

    Parameters
    ----------
    n_images
        Number of training images of the channel weights, above 0.
    batch_size
        Images per step.
    epochs, patience, regularization_images
        As in :class:`Schedule`; None stands for the default.

    Returns
    -------
    Schedule

    Notes
    -----
    For 3,200 images or more in batches of 64, the defaults are 20, 8 and 16,000, the last as
    published (2,000 steps of 8). Fewer images are seen more often, so that the fit has
    :data:`LEAST_STEPS` steps, and the penalty fades within the first quarter of the images shown.
    With fixed numbers, 120 images give 40 steps, the penalty keeps 85 % of its weight to the end,
    and the layers stay undecided.
    """
    per_epoch = max(1, math.ceil(n_images / batch_size))
    default = max(EPOCHS, math.ceil(LEAST_STEPS / per_epoch))
    if epochs is None:
        epochs = default
    if patience is None:
        # Relative to the default, not to a given number of epochs: if that is not larger, all
        # epochs are run.
        patience = math.ceil(PATIENCE_SHARE * default)
    if regularization_images is None:
        regularization_images = min(PUBLISHED_FADE, int(FADE_SHARE * epochs * n_images))
    return Schedule(epochs, patience, regularization_images)


def shortfalls(n_images: int, used: Schedule) -> Iterator[str]:
    """Yield reasons why a fit will not give trustworthy layers.

    Parameters
    ----------
    n_images
        Number of training images.
    used
        Training schedule of the fit.

    Yields
    ------
    str
        One line with what was found, what is needed and why, and what to do.
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
