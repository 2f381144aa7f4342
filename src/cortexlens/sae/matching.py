"""How alike the dictionaries of two autoencoders of one layer are: each direction and its match.

Directions are matched one to one so that the sum of cosines is largest (Hungarian method). Among
thousands of directions something near is found by chance too, so that the same is done with the
other dictionary turned at random, which keeps how its directions lie to each other.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float


class Matched(NamedTuple):
    """Cosine of each direction with its match.

    Attributes
    ----------
    found, by_chance
        With the other dictionary as it is, and turned at random.
    """

    found: Float[np.ndarray, " unit"]
    by_chance: Float[np.ndarray, " unit"]


def match_directions(
    one: Float[np.ndarray, "unit channel"], other: Float[np.ndarray, "unit channel"], seed: int
) -> Matched:
    """Match directions of length 1 of two dictionaries.

    Parameters
    ----------
    one, other
        Rows of two decoders of the same channels.
    seed
        Of the turn.
    """
    turn = np.linalg.qr(np.random.default_rng(seed).standard_normal((one.shape[1],) * 2))[0]
    return Matched(_matched(one, other), _matched(one, other @ turn))


def _matched(
    one: Float[np.ndarray, "unit channel"], other: Float[np.ndarray, "unit channel"]
) -> Float[np.ndarray, " unit"]:
    from scipy.optimize import linear_sum_assignment

    cosine = one.astype(np.float64) @ other.astype(np.float64).T
    rows, columns = linear_sum_assignment(cosine, maximize=True)
    return np.asarray(cosine[rows, columns])
