"""How alike two sets of selectors are, vertex by vertex: of two seeds, or of two subjects."""

import numpy as np
from jaxtyping import Bool, Float


def argmax_agreement(
    first: Float[np.ndarray, "vertex layer"], second: Float[np.ndarray, "vertex layer"]
) -> Bool[np.ndarray, " vertex"]:
    """Say whether both layer selectors weigh the same layer most; of equals, the first counts."""
    return np.asarray(first.argmax(axis=1) == second.argmax(axis=1))


def total_variation(
    first: Float[np.ndarray, "vertex layer"], second: Float[np.ndarray, "vertex layer"]
) -> Float[np.ndarray, " vertex"]:
    """½ Σ_l |ω̂_l − ω̂'_l|: the weight that would have to move; 0 the same, 1 no layer in common."""
    return np.asarray(np.abs(first.astype(np.float64) - second).sum(axis=1) / 2)


def centre_distance(
    first: Float[np.ndarray, "vertex image_axis"], second: Float[np.ndarray, "vertex image_axis"]
) -> Float[np.ndarray, " vertex"]:
    """Distance of two receptive-field centres, in image widths: 0 to √2.

    Centres are x, y in [−1, 1], so that the image is two units wide.
    """
    return np.asarray(np.linalg.norm(first.astype(np.float64) - second, axis=1) / 2)
