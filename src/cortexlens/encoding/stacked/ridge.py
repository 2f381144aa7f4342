"""Exact ridge regression of many responses on one set of features, from one decomposition.

Everything is written for features and responses that were centred and multiplied by the square
root of the number of trials of their image; see :mod:`cortexlens.encoding.stacked.samples`. One
symmetric eigendecomposition XᵀX = V diag(e) Vᵀ serves all responses and all penalties: with
F = X V and z = Fᵀ y, weights are β = V z/(e + λ) and predictions ŷ = F z/(e + λ).
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

# Penalties, in units of the mean eigenvalue: 13 of them, 10⁻³ to 10³.
PENALTIES = np.logspace(-3, 3, 13)
# Directions with less than this part of the largest eigenvalue are noise of the arithmetic.
SMALLEST = 1e-13
# Standard deviation, of channels of standard deviation 1, below which features do not vary: what is
# left of a constant once its mean is taken off is rounding, and no feature.
LEAST_DEVIATION = 1e-5
# Largest relative error of float32 products, in units of its rounding, that is put up with:
# products are taken in float64 beyond it. See :func:`precision_for`.
LARGEST_CONDITION = 1e3
# A penalty that leaves fewer degrees of freedom than this part of the images to the residual is
# not considered: the generalised cross-validation score is 0/0 there.
LEAST_RESIDUAL = 0.05


@dataclass(frozen=True)
class Spectrum:
    """Second moments of a set of features, decomposed: enough to choose penalties.

    Attributes
    ----------
    basis
        V.
    eigenvalues
        e, ascending, above 0, float64.
    penalties
        λ, in the units of e.
    n_images
        Images that are summed over.
    """

    basis: Float[Tensor, "channel component"]
    eigenvalues: Float[Tensor, " component"]
    penalties: Float[Tensor, " penalty"]
    n_images: int

    @property
    def left_of_signal(self) -> Float[Tensor, " penalty"]:
        """What each penalty leaves of a signal that is spread over the features as they are."""
        shrink = self.eigenvalues / (self.eigenvalues + self.penalties[:, None])
        return (shrink @ self.eigenvalues / self.eigenvalues.sum()).float()


@dataclass(frozen=True)
class Decomposition(Spectrum):
    """A set of features, decomposed.

    Attributes
    ----------
    rotated
        F = X V; columns are orthogonal with squared length e.
    leverage_1
        Of the intercept: each image's part of all trials.
    """

    rotated: Float[Tensor, "image component"]
    leverage_1: Float[Tensor, " image"]


def precision_for(eigenvalues: Float[Tensor, " component"], smallest: float) -> torch.dtype:
    """Number format in which products with a set's features are to be taken.

    A rotated feature of squared length e is known to rounding times the longest one; ridge with
    penalty λ weighs it by e/(e + λ). The product of the two is largest at e = λ, where it is half
    of √(largest e / λ).

    Parameters
    ----------
    eigenvalues
        Of XᵀX.
    smallest
        Smallest penalty λ.
    """
    condition = 0.5 * float(eigenvalues[-1] / smallest) ** 0.5
    return torch.float64 if condition > LARGEST_CONDITION else torch.float32


def decompose(
    features: Float[Tensor, "image channel"],
    leverage_1: Float[Tensor, " image"],
    penalties: Float[np.ndarray, " penalty"] = PENALTIES,
) -> Decomposition | None:
    """Decompose a set of features, and rotate them.

    Parameters
    ----------
    features, penalties
        As of :func:`decompose_features`.
    leverage_1
        See :class:`Decomposition`.
    """
    part = decompose_features(features, penalties)
    return None if part is None else rotate(part, features, leverage_1)


def rotate(
    part: Spectrum, features: Float[Tensor, "image channel"], leverage_1: Float[Tensor, " image"]
) -> Decomposition:
    """Rotate features as they were decomposed."""
    dtype = part.basis.dtype
    rotated = features.to(dtype) @ part.basis
    return Decomposition(**vars(part), rotated=rotated, leverage_1=leverage_1.to(dtype))


def decompose_features(
    features: Float[Tensor, "image channel"],
    penalties: Float[np.ndarray, " penalty"] = PENALTIES,
) -> Spectrum | None:
    """Decompose the second moments of a set of features.

    These and their eigenvectors are found in float64 whatever the features are; the vectors are
    given in the format that products with them are to be taken in.

    Parameters
    ----------
    features
        X, centred and weighted, of standardised channels.
    penalties
        In units of the mean of all eigenvalues, those that are zero included.

    Returns
    -------
    Spectrum or None
        None where the features do not vary, see :data:`LEAST_DEVIATION`.
    """
    n_images, n_channels = features.shape
    wide = features.double()
    # the smaller of the two matrices of second moments has the same eigenvalues
    tall = n_images >= n_channels
    found = _eigen(wide.T @ wide if tall else wide @ wide.T, features.shape, penalties)
    if found is None:
        return None
    values, vectors, scaled = found
    if not tall:
        vectors = wide.T @ (vectors / values.sqrt())
    basis = vectors.to(precision_for(values, float(scaled.min())))
    return Spectrum(basis, values, scaled, n_images)


def decompose_moments(
    moments: Float[Tensor, "channel channel"],
    n_images: int,
    penalties: Float[np.ndarray, " penalty"] = PENALTIES,
) -> Spectrum | None:
    """Decompose the second moments XᵀX of features, float64; None where these do not vary."""
    found = _eigen(moments, (n_images, len(moments)), penalties)
    if found is None:
        return None
    values, vectors, scaled = found
    return Spectrum(vectors, values, scaled, n_images)


def _eigen(
    moments: Float[Tensor, "some some"],
    shape: tuple[int, ...],
    penalties: Float[np.ndarray, " penalty"],
) -> tuple[Tensor, Tensor, Tensor] | None:
    """Eigenvalues above rounding, their vectors, and penalties in their units.

    ``shape`` is that of the features.
    """
    n_images, n_channels = shape
    values, vectors = torch.linalg.eigh(moments)
    if not float(values.sum()) > LEAST_DEVIATION**2 * n_images * n_channels:
        return None
    real = values > SMALLEST * values[-1]
    values, vectors = values[real], vectors[:, real]
    scaled = torch.as_tensor(penalties, dtype=torch.float64, device=values.device)
    return values, vectors, scaled * (values.sum() / n_channels)


def cross_products(
    part: Decomposition, response: Float[Tensor, "image vertex"]
) -> Float[Tensor, "component vertex"]:
    """Products z = Fᵀ y of rotated features and responses."""
    return part.rotated.T @ response.to(part.rotated.dtype)


def generalised_scores(
    part: Spectrum,
    products: Float[Tensor, "component vertex"],
    total: Float[Tensor, " vertex"],
) -> Float[Tensor, "penalty vertex"]:
    """R² by generalised cross-validation of every penalty (Golub, Heath & Wahba 1979).

    Parameters
    ----------
    part
        The features.
    products
        From :func:`cross_products`.
    total
        Sum of squares of each response.

    Returns
    -------
    Tensor
        1 − (‖y − ŷ‖²/n) / ((1 − tr H/n)² ‖y‖²/n); −∞ where hardly any degree of freedom is left,
        0 where the response does not vary.
    """
    shrink = part.eigenvalues / (part.eigenvalues + part.penalties[:, None])
    gain = (2 * shrink - shrink.square()) / part.eigenvalues
    explained = gain.to(products.dtype) @ products.square()
    free = 1 - (shrink.sum(dim=1) + 1) / part.n_images
    residual = (total - explained).clamp_min(0)
    score = 1 - residual / (total * free.square().to(total.dtype)[:, None])
    score[free < LEAST_RESIDUAL] = -torch.inf
    # one penalty at least has to be left: the largest
    if not bool((free >= LEAST_RESIDUAL).any()):
        score[-1] = 0.0
    return torch.where(total > 0, score, torch.zeros_like(score)).float()


def leave_one_out(
    part: Decomposition,
    products: Float[Tensor, "component vertex"],
    response: Float[Tensor, "image vertex"],
    penalty: Int[Tensor, " vertex"],
) -> tuple[Float[Tensor, "vertex image"], Float[Tensor, "channel vertex"]]:
    """Predictions for each image by ridge without that image's trials, and weights with all.

    Exact and without refits: with ŷ = H y, the prediction without image i is
    yᵢ − (yᵢ − ŷᵢ)/(1 − Hᵢᵢ); H holds an intercept that is not penalised.

    Parameters
    ----------
    part, products
        The features, and :func:`cross_products` of ``response``.
    response
        Centred and weighted.
    penalty
        Index of the penalty of each vertex.

    Returns
    -------
    left_out, weights
        Both in the units of the centred, weighted data, float32.
    """
    inverse = (1 / (part.eigenvalues[:, None] + part.penalties)).to(products.dtype)
    coefficient = products * inverse[:, penalty]
    remainder = 1 - (part.rotated.square() @ inverse + part.leverage_1[:, None])
    observed = response.T.to(products.dtype)
    left_out = coefficient.T @ part.rotated.T
    left_out.sub_(observed).div_(remainder.T[penalty]).add_(observed)
    return left_out.float(), (part.basis @ coefficient).float()
