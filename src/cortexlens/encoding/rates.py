"""Learning-rate schedule of a fit."""

import math

# Fraction of the steps over which the learning rate rises.
WARM_UP = 0.15


def warmup_cosine(step: int, n_steps: int) -> float:
    """Return the factor of the learning rate in a step: linear warm-up times cosine decay to zero.

    In the first steps all vertices have the same selectors and their gradients add up. Without
    warm-up, receptive-field centres could jump to the edge of the image, where the gradient of tanh
    vanishes.

    Parameters
    ----------
    step
        Number of the step, from 0.
    n_steps
        Number of all steps.
    """
    rise = max(1, round(WARM_UP * n_steps))
    return min(1.0, (step + 1) / rise) * (1 + math.cos(math.pi * step / n_steps)) / 2
