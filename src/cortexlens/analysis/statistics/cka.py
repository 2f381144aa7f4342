"""Linear CKA of two sets of features, without the bias of few images, and its jackknife.

Source: Kornblith et al. 2019 (arXiv 1905.00414) for CKA; Song et al. 2012 (J. Mach. Learn. Res.
13:1393), equation 5, for the unbiased estimate of HSIC, which Nguyen et al. 2021 (arXiv 2010.15327)
use for CKA. With kernels K = XXᵀ and L = YYᵀ whose diagonals are set to zero,

    HSIC = [tr KL + ΣK·ΣL / ((n−1)(n−2)) − 2/(n−2) · ΣKL] / (n(n−3)) CKA  = HSIC(K, L) / √(HSIC(K,
    K) · HSIC(L, L))

All sums, also those without any one image, follow from (channel × channel) products of features, so
no (image × image) matrix is made.
"""

from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float
from scipy import special

# Smallest number of images: the jackknife leaves one out, and the estimate divides by n − 3.
FEWEST_IMAGES: Final = 5
# Largest value for Fisher's z transform, which is infinite at one.
_ALMOST_ONE: Final = 1 - 1e-12


class Hsic(NamedTuple):
    """Unbiased HSIC of all images, and with each image left out."""

    whole: float
    without: Float[np.ndarray, " image"]


def unbiased_hsic(
    x: Float[np.ndarray, "image channel"], y: Float[np.ndarray, "image other_channel"]
) -> Hsic:
    """Unbiased HSIC with linear kernels.

    Parameters
    ----------
    x, y
        Features of the same images, float64, at least :data:`FEWEST_IMAGES`. The result does not
        depend on their means; centred features avoid loss of precision.
    """
    n = len(x)
    x_size, y_size = np.square(x).sum(axis=1), np.square(y).sum(axis=1)
    # Row sums of the kernels, of their product, and of each kernel times the row sums of the other.
    x_row = x @ x.sum(axis=0) - x_size
    y_row = y @ y.sum(axis=0) - y_size
    both_row = ((x @ (x.T @ y)) * y).sum(axis=1) - x_size * y_size
    x_by_y = x @ (x.T @ y_row) - x_size * y_row
    y_by_x = y @ (y.T @ x_row) - y_size * x_row
    both, x_sum, y_sum = both_row.sum(), x_row.sum(), y_row.sum()
    chained = x_row @ y_row
    return Hsic(
        float(_combined(n, both, x_sum, y_sum, chained)),
        _combined(
            n - 1,
            both - 2 * both_row,
            x_sum - 2 * x_row,
            y_sum - 2 * y_row,
            chained - x_row * y_row - x_by_y - y_by_x + both_row,
        ),
    )


def _combined(
    n: int,
    both: Float[np.ndarray, "*image"] | np.floating,
    x_sum: Float[np.ndarray, "*image"] | np.floating,
    y_sum: Float[np.ndarray, "*image"] | np.floating,
    chained: Float[np.ndarray, "*image"] | np.floating,
) -> Float[np.ndarray, "*image"]:
    """HSIC of n images: Song et al., equation 5."""
    whole = both + x_sum * y_sum / ((n - 1) * (n - 2)) - 2 * chained / (n - 2)
    return np.asarray(whole / (n * (n - 3)))


def linear_cka(
    x: Float[np.ndarray, "image channel"],
    y: Float[np.ndarray, "image other_channel"],
    confidence_level: float,
) -> tuple[float, float, float]:
    """Linear CKA and its confidence interval over images.

    Parameters
    ----------
    x, y
        Features of the same images, at least :data:`FEWEST_IMAGES`.
    confidence_level
        Confidence level, in (0, 1).

    Returns
    -------
    cka, low, high
        In [−1, 1]: 1 for features that are equal up to rotation and scale, about 0 for unrelated
        ones; NaN if either does not vary. The interval is a jackknife of Fisher's z. A bootstrap
        would draw images twice, and the similarity of an image with itself is just what the
        estimate excludes.
    """
    x, y = _scaled(x), _scaled(y)
    both, own, other = unbiased_hsic(x, y), unbiased_hsic(x, x), unbiased_hsic(y, y)
    if not (own.whole > 0 and other.whole > 0):
        return float("nan"), float("nan"), float("nan")
    cka = both.whole / np.sqrt(own.whole * other.whole)
    lower = own.without * other.without
    known = lower > 0
    without = np.full(len(x), cka)
    np.divide(both.without, np.sqrt(np.where(known, lower, 1)), out=without, where=known)
    z, each = (np.arctanh(np.clip(value, -_ALMOST_ONE, _ALMOST_ONE)) for value in (cka, without))
    n = len(x)
    error = np.sqrt((n - 1) / n * np.square(each - each.mean()).sum())
    reach = -special.stdtrit(n - 1, (1 - confidence_level) / 2) * error
    return float(cka), float(np.tanh(z - reach)), float(np.tanh(z + reach))


def _scaled(x: Float[np.ndarray, "image channel"]) -> Float[np.ndarray, "image channel"]:
    """Centred float64 features of mean square one, which keeps sums near one and CKA unchanged."""
    centred = x.astype(np.float64) - x.mean(axis=0, dtype=np.float64)
    size = np.sqrt(np.square(centred).mean())
    return np.asarray(centred / size if size > 0 else centred)
