"""How the learning rate of a fit goes from step to step."""

import math

# Part of the steps over which the learning rate rises.
WARM_UP = 0.15


def warmup_cosine(step: int, n_steps: int) -> float:
    """Part of the learning rate in a step: a linear rise, then a fall to zero as a cosine.

    At the first steps all vertices read alike and their gradients add up: at the full rate the
    selectors could be thrown to the edge of the picture, where tanh has no gradient to return.
    """
    rise = max(1, round(WARM_UP * n_steps))
    return min(1.0, (step + 1) / rise) * (1 + math.cos(math.pi * step / n_steps)) / 2
