"""Exact ridge regression of many responses on one set of features, from one decomposition.

Features and responses must be centred and multiplied by the square root of the number of trials of
their image; see :mod:`cortexlens.encoding.stacked.samples`. A single eigendecomposition
XᵀX = V diag(e) Vᵀ serves all responses and penalties: with F = X V and z = Fᵀ y, weights are
β = V z/(e + λ) and predictions ŷ = F z/(e + λ).
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

# Penalties to choose from, in units of the mean eigenvalue: 13 values from 10⁻³ to 10³.
PENALTIES = np.logspace(-3, 3, 13)
# Eigenvalues below this fraction of the largest one are rounding errors.
SMALLEST = 1e-13
# Features with a smaller standard deviation, relative to standardised channels, count as constant:
# they are the rounding errors left after the mean of a constant was subtracted.
LEAST_DEVIATION = 1e-5
# Largest acceptable relative error of float32 products, in units of float32 rounding; products that
# exceed it are computed in float64. See :func:`precision_for`.
LARGEST_CONDITION = 1e3
# Penalties that leave the residual fewer degrees of freedom than this fraction of the images are
# not considered, since the generalised cross-validation score tends to 0/0 there.
LEAST_RESIDUAL = 0.05


@dataclass(frozen=True)
class Spectrum:
    """Eigendecomposition of the second moments of features, sufficient to choose penalties.

    Attributes
    ----------
    basis
        Eigenvectors V.
    eigenvalues
        Positive eigenvalues e, ascending, float64.
    penalties
        Penalties λ, in the units of e.
    n_images
        Number of images summed over.
    """

    basis: Float[Tensor, "channel component"]
    eigenvalues: Float[Tensor, " component"]
    penalties: Float[Tensor, " penalty"]
    n_images: int

    @property
    def left_of_signal(self) -> Float[Tensor, " penalty"]:
        """Fraction of a signal, distributed like the features, that remains under each penalty."""
        shrink = self.eigenvalues / (self.eigenvalues + self.penalties[:, None])
        return (shrink @ self.eigenvalues / self.eigenvalues.sum()).float()


@dataclass(frozen=True)
class Decomposition(Spectrum):
    """Eigendecomposition of a set of features, with the rotated features.

    Attributes
    ----------
    rotated
        Rotated features F = X V; columns are orthogonal with squared length e.
    leverage_1
        Leverage of the intercept: each image's fraction of all trials.
    """

    rotated: Float[Tensor, "image component"]
    leverage_1: Float[Tensor, " image"]


def precision_for(eigenvalues: Float[Tensor, " component"], smallest: float) -> torch.dtype:
    """Choose the number format for products with the rotated features of a set.

    The rounding error of a rotated feature of squared length e is proportional to the length of the
    longest feature, and ridge regression with penalty λ weights the feature by e/(e + λ). The
    resulting relative error is largest at e = λ, where it is half of √(largest e / λ).

    Parameters
    ----------
    eigenvalues
        Eigenvalues of XᵀX, ascending.
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
    """Decompose a set of features and rotate them.

    Parameters
    ----------
    features, penalties
        As for :func:`decompose_features`.
    leverage_1
        Leverage of the intercept, see :class:`Decomposition`.

    Returns
    -------
    Decomposition or None
        None if the features do not vary.
    """
    part = decompose_features(features, penalties)
    return None if part is None else rotate(part, features, leverage_1)


def rotate(
    part: Spectrum, features: Float[Tensor, "image channel"], leverage_1: Float[Tensor, " image"]
) -> Decomposition:
    """Rotate features to the basis of their decomposition.

    Parameters
    ----------
    part
        Decomposition of the features' second moments.
    features
        X, centred and weighted.
    leverage_1
        Leverage of the intercept, see :class:`Decomposition`.
    """
    dtype = part.basis.dtype
    rotated = features.to(dtype) @ part.basis
    return Decomposition(**vars(part), rotated=rotated, leverage_1=leverage_1.to(dtype))


def decompose_features(
    features: Float[Tensor, "image channel"],
    penalties: Float[np.ndarray, " penalty"] = PENALTIES,
) -> Spectrum | None:
    """Decompose the second moments of a set of features.

    The computation is in float64; eigenvectors are returned in the number format in which products
    with them are to be computed.

    Parameters
    ----------
    features
        X, centred and weighted, of standardised channels.
    penalties
        Penalties in units of the mean of all eigenvalues, including those that are zero.

    Returns
    -------
    Spectrum or None
        None if the features do not vary, see :data:`LEAST_DEVIATION`.
    """
    n_images, n_channels = features.shape
    wide = features.double()
    # XᵀX and XXᵀ have the same positive eigenvalues; the smaller matrix is decomposed.
    tall = n_images >= n_channels
    eigen = _eigen(wide.T @ wide if tall else wide @ wide.T, features.shape, penalties)
    if eigen is None:
        return None
    values, vectors, scaled = eigen
    if not tall:
        vectors = wide.T @ (vectors / values.sqrt())
    basis = vectors.to(precision_for(values, float(scaled.min())))
    return Spectrum(basis, values, scaled, n_images)


def decompose_moments(
    moments: Float[Tensor, "channel channel"],
    n_images: int,
    penalties: Float[np.ndarray, " penalty"] = PENALTIES,
) -> Spectrum | None:
    """Decompose given second moments of features.

    Parameters
    ----------
    moments
        XᵀX in float64, of features as for :func:`decompose_features`.
    n_images
        Number of images summed over.
    penalties
        As for :func:`decompose_features`.

    Returns
    -------
    Spectrum or None
        None if the features do not vary.
    """
    eigen = _eigen(moments, (n_images, len(moments)), penalties)
    if eigen is None:
        return None
    values, vectors, scaled = eigen
    return Spectrum(vectors, values, scaled, n_images)


def _eigen(
    moments: Float[Tensor, "some some"],
    shape: tuple[int, ...],
    penalties: Float[np.ndarray, " penalty"],
) -> tuple[Tensor, Tensor, Tensor] | None:
    """Return the eigenvalues above rounding error, their vectors, and penalties in their units.

    ``shape`` is the shape of the features.
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
    """Compute the products z = Fᵀ y of rotated features and responses.

    Parameters
    ----------
    part
        Decomposition of the features.
    response
        Responses y, centred and weighted.
    """
    return part.rotated.T @ response.to(part.rotated.dtype)


def generalised_scores(
    part: Spectrum,
    products: Float[Tensor, "component vertex"],
    total: Float[Tensor, " vertex"],
) -> Float[Tensor, "penalty vertex"]:
    """Compute R² by generalised cross-validation for every penalty (Golub, Heath & Wahba 1979).

    Parameters
    ----------
    part
        Decomposition of the features.
    products
        Products from :func:`cross_products`.
    total
        Sum of squares of each response.

    Returns
    -------
    Tensor
        1 − (‖y − ŷ‖²/n) / ((1 − tr H/n)² ‖y‖²/n); −∞ if hardly any degrees of freedom are left, 0
        if the response does not vary.
    """
    shrink = part.eigenvalues / (part.eigenvalues + part.penalties[:, None])
    gain = (2 * shrink - shrink.square()) / part.eigenvalues
    explained = gain.to(products.dtype) @ products.square()
    free = 1 - (shrink.sum(dim=1) + 1) / part.n_images
    residual = (total - explained).clamp_min(0)
    score = 1 - residual / (total * free.square().to(total.dtype)[:, None])
    score[free < LEAST_RESIDUAL] = -torch.inf
    # At least one penalty has to remain: the largest.
    if not bool((free >= LEAST_RESIDUAL).any()):
        score[-1] = 0.0
    return torch.where(total > 0, score, torch.zeros_like(score)).float()


def leave_one_out(
    part: Decomposition,
    products: Float[Tensor, "component vertex"],
    response: Float[Tensor, "image vertex"],
    penalty: Int[Tensor, " vertex"],
) -> tuple[Float[Tensor, "vertex image"], Float[Tensor, "channel vertex"]]:
    """Compute leave-one-image-out predictions, and the weights of ridge with all images.

    Predictions are exact without refitting: with ŷ = H y, the prediction of image i from all others
    is yᵢ − (yᵢ − ŷᵢ)/(1 − Hᵢᵢ), where H includes an unpenalised intercept.

    Parameters
    ----------
    part
        Decomposition of the features.
    products
        :func:`cross_products` of ``response``.
    response
        Responses, centred and weighted.
    penalty
        Index of each vertex's penalty.

    Returns
    -------
    left_out
        Prediction of each image from all others, in the units of ``response``, float32.
    weights
        Ridge weights of the features, from all images, float32.
    """
    inverse = (1 / (part.eigenvalues[:, None] + part.penalties)).to(products.dtype)
    coefficient = products * inverse[:, penalty]
    remainder = 1 - (part.rotated.square() @ inverse + part.leverage_1[:, None])
    observed = response.T.to(products.dtype)
    left_out = coefficient.T @ part.rotated.T
    left_out.sub_(observed).div_(remainder.T[penalty]).add_(observed)
    return left_out.float(), (part.basis @ coefficient).float()
