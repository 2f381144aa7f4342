"""Similarity of two autoencoders of the same layer, by matching the directions of their units.

Directions are matched one to one such that the sum of cosines is maximal (Hungarian method). Among
thousands of directions, similar ones occur by chance too. The chance level is estimated with the
other dictionary rotated at random, which preserves the angles between its own directions.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float


class Matched(NamedTuple):
    """Cosine of each direction with its match.

    Attributes
    ----------
    found
        Cosines with the other dictionary.
    by_chance
        Cosines with the other dictionary after a random rotation.
    """

    found: Float[np.ndarray, " unit"]
    by_chance: Float[np.ndarray, " unit"]


def match_directions(
    one: Float[np.ndarray, "unit channel"], other: Float[np.ndarray, "unit channel"], seed: int
) -> Matched:
    """Match the unit-length directions of two dictionaries one to one.

    Parameters
    ----------
    one, other
        Decoder weights of two autoencoders, whose rows have length 1.
    seed
        Seed of the random rotation.
    """
    rotation = np.linalg.qr(np.random.default_rng(seed).standard_normal((one.shape[1],) * 2))[0]
    return Matched(_matched(one, other), _matched(one, other @ rotation))


def _matched(
    one: Float[np.ndarray, "unit channel"], other: Float[np.ndarray, "unit channel"]
) -> Float[np.ndarray, " unit"]:
    from scipy.optimize import linear_sum_assignment

    cosine = one.astype(np.float64) @ other.astype(np.float64).T
    rows, columns = linear_sum_assignment(cosine, maximize=True)
    return np.asarray(cosine[rows, columns])
