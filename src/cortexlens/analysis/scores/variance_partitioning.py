"""Range of layers that a vertex needs: stacking, and structured variance partitioning.

Lin, Naselaris, Kay & Wehbe 2024, *Stacked regressions and structured variance partitioning for
interpretable brain maps*, NeuroImage 298, 120772. Each layer predicts on its own; the predictions
of several layers are averaged with non-negative weights that sum to 1, found for each vertex. The
order of the layers reduces the 2^L subsets to two nested series, layers 1 … k and layers k … L.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from cortexlens.errors import CortexlensError

# Values in a block of vertices that is processed at once: 134 MB as float64.
BLOCK_VALUES = 2**24
# Loss, as a fraction of the total sum of squares, below which two stacks differ only by rounding.
ROUNDING = 1e-9


@dataclass(frozen=True)
class VariancePartition:
    """Result of :func:`partition_variance`.

    Attributes
    ----------
    weight
        Weight of each layer in the stack of all layers; rows sum to 1. NaN for constant responses.
    forward
        Raw R² of the stack of layers 1 … k at index k − 1; never falls with k. NaN as above.
    backward
        Raw R² of the stack of layers k … L at index k − 1; never rises with k. NaN as above.
    low, high
        First and last layer of the range, indices from 0; −1 for constant responses.
    """

    weight: Float[np.ndarray, "vertex layer"]
    forward: Float[np.ndarray, "vertex layer"]
    backward: Float[np.ndarray, "vertex layer"]
    low: Int[np.ndarray, " vertex"]
    high: Int[np.ndarray, " vertex"]

    @property
    def r2(self) -> Float[np.ndarray, " vertex"]:
        """Raw R² of the stack of all layers."""
        return self.forward[:, -1]


def partition_variance(
    predicted: Float[np.ndarray, "trial layer vertex"],
    observed: Float[np.ndarray, "trial vertex"],
    image: Int[np.ndarray, " trial"],
    *,
    standard_errors: float = 1.0,
) -> VariancePartition:
    """Find the smallest range of neighbouring layers that suffices for each vertex.

    Layers 1 … k suffice if their stack predicts as well as that of all layers within noise: if the
    mean over images of the loss in squared error is at most ``standard_errors`` times its standard
    error. The first such k is the upper bound of the range; the last k for which layers k … L
    suffice is the lower bound. If layers can replace each other, the two bounds cross (layer 2
    alone suffices, and so does layer 4): the range then goes from the one to the other, and
    comprises up to all layers if these cannot be distinguished.

    Parameters
    ----------
    predicted
        Predictions of held-out trials by each layer, in the order of the layers.
    observed
        Responses in these trials.
    image
        Image of each trial; trials of an image count as one sample of the noise.
    standard_errors
        Tolerance, above 0. The published analysis uses a fixed fraction of the full R² instead,
        such as 95 %; one standard error is the rule of Breiman et al. 1984 for nested models.

    Returns
    -------
    VariancePartition

    Raises
    ------
    CortexlensError
        If there are fewer than two images, or ``standard_errors`` is not above 0.

    Notes
    -----
    Weights and R² are computed on the same trials. A stack has a single weight between 0 and 1 per
    layer, so its R² is only slightly above that for new images.
    """
    n_images = len(np.unique(image))
    if n_images < 2:
        raise CortexlensError(
            f"variance partitioning: found {n_images} held-out images; at least 2 are needed to "
            "estimate the noise. Add images, or change split in the config."
        )
    if not standard_errors > 0:
        raise CortexlensError(
            f"variance partitioning: standard_errors is {standard_errors:g}; it must be above 0."
        )
    n_trials, n_layers, n_vertices = predicted.shape
    weight, forward, backward = (np.full((n_vertices, n_layers), np.nan) for _ in range(3))
    low, high = (np.full(n_vertices, -1, dtype=np.int64) for _ in range(2))
    size = max(1, BLOCK_VALUES // (n_trials * n_layers))
    varying = np.flatnonzero(np.ptp(observed, axis=0) > 0)
    for vertices in np.split(varying, range(size, len(varying), size)):
        response = observed[:, vertices].astype(np.float64)
        total = np.square(response - response.mean(axis=0)).sum(axis=0)
        residual = predicted[:, :, vertices].astype(np.float64) - response[:, None]
        residual = np.moveaxis(residual / np.sqrt(total), 2, 0)
        # Layers k … L are the first ones in reversed order.
        for curve, bound, order in (
            (forward, high, slice(None)),
            (backward, low, slice(None, None, -1)),
        ):
            stacks = nested_stacks(residual[:, :, order])
            error = np.square(residual[:, :, order] @ np.swapaxes(stacks, 1, 2))
            curve[vertices] = 1 - error.sum(axis=1)[:, order]
            enough = _within_noise(error - error[:, :, -1:], image, standard_errors)
            bound[vertices] = np.arange(n_layers)[order][enough.argmax(axis=1)]
            if bound is high:
                weight[vertices] = stacks[:, -1]
    crossed = np.minimum(low, high), np.maximum(low, high)
    return VariancePartition(weight, forward, backward, *crossed)


def nested_stacks(
    residual: Float[np.ndarray, "vertex trial layer"],
) -> Float[np.ndarray, "vertex nested layer"]:
    """Weights ≥ 0 with sum 1 that minimise the squared error of the first 1, 2, … L layers.

    Weights ω that sum to 1 give an error of ‖P ω‖², where the columns of P are the layers' own
    errors, so the stack is the point nearest to 0 in the convex hull of P's columns. It is found by
    non-negative least squares: ‖P u‖² + (1 − Σ u)² over u ≥ 0 has its minimum at a multiple of ω,
    because in a given direction the best length leaves e / (1 + e) of e = ‖P ω‖², which grows with
    e.

    Parameters
    ----------
    residual
        Predicted minus observed, for each layer on its own, scaled so that errors are about 1.

    Returns
    -------
    np.ndarray
        Row k − 1: weights of the first k layers, and 0 for the others.
    """
    from scipy.optimize import nnls

    n_layers = residual.shape[2]
    roots = np.linalg.qr(residual, mode="r")
    stacks = np.zeros((len(residual), n_layers, n_layers))
    for root, own in zip(roots, stacks, strict=True):
        for count in range(1, n_layers + 1):
            system = np.vstack([root[:count, :count], np.ones(count)])
            aim = np.zeros(len(system))
            aim[-1] = 1
            found, _ = nnls(system, aim)
            own[count - 1, :count] = found / found.sum()
    return stacks


def _within_noise(
    lost: Float[np.ndarray, "vertex trial nested"],
    image: Int[np.ndarray, " trial"],
    standard_errors: float,
) -> Bool[np.ndarray, "vertex nested"]:
    """Whether the loss in squared error is within its noise over images."""
    order = np.argsort(image, kind="stable")
    starts = np.unique(image[order], return_index=True)[1]
    by_image = np.add.reduceat(lost[:, order], starts, axis=1)
    noise = by_image.std(axis=1, ddof=1) * np.sqrt(len(starts))
    within: np.ndarray = by_image.sum(axis=1) <= standard_errors * noise + ROUNDING
    return within
