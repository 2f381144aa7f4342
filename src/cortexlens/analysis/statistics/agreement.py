"""Similarity of two sets of selectors, vertex by vertex: of two seeds, or of two subjects."""

import numpy as np
from jaxtyping import Bool, Float


def argmax_agreement(
    first: Float[np.ndarray, "vertex layer"], second: Float[np.ndarray, "vertex layer"]
) -> Bool[np.ndarray, " vertex"]:
    """Whether both layer selectors have the same strongest layer; of equal ones, the first."""
    return np.asarray(first.argmax(axis=1) == second.argmax(axis=1))


def total_variation(
    first: Float[np.ndarray, "vertex layer"], second: Float[np.ndarray, "vertex layer"]
) -> Float[np.ndarray, " vertex"]:
    """Total variation ½ Σ_l |ω̂_l − ω̂'_l|: 0 for equal weights, 1 if no layer is shared."""
    return np.asarray(np.abs(first.astype(np.float64) - second).sum(axis=1) / 2)


def centre_distance(
    first: Float[np.ndarray, "vertex image_axis"], second: Float[np.ndarray, "vertex image_axis"]
) -> Float[np.ndarray, " vertex"]:
    """Distance between two receptive-field centres, in image widths: 0 to √2.

    Centres are x, y in [−1, 1], so the image is two units wide.
    """
    return np.asarray(np.linalg.norm(first.astype(np.float64) - second, axis=1) / 2)
