"""How well predictions match responses, per vertex."""

import math

import numpy as np
from jaxtyping import Bool, Float


def r2_score(
    observed: Float[np.ndarray, "trial vertex"], predicted: Float[np.ndarray, "trial vertex"]
) -> Float[np.ndarray, " vertex"]:
    """Raw R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)², at most 1; NaN for a constant response."""
    residual = np.square(observed - predicted).sum(axis=0, dtype=np.float64)
    total = np.square(observed - observed.mean(axis=0, dtype=np.float64)).sum(axis=0)
    return 1 - _ratio(residual, total, varies(observed))


def pearson_r(
    observed: Float[np.ndarray, "trial vertex"], predicted: Float[np.ndarray, "trial vertex"]
) -> Float[np.ndarray, " vertex"]:
    """Pearson correlation in [−1, 1]; NaN where either side is constant."""
    a = observed - observed.mean(axis=0, dtype=np.float64)
    b = predicted - predicted.mean(axis=0, dtype=np.float64)
    norm = np.sqrt(np.square(a).sum(axis=0) * np.square(b).sum(axis=0))
    return _ratio((a * b).sum(axis=0), norm, varies(observed) & varies(predicted))


def varies(values: Float[np.ndarray, "trial vertex"]) -> Bool[np.ndarray, " vertex"]:
    """Whether a vertex has two different values; a rounded mean can differ from equal ones."""
    varies: np.ndarray = values.max(axis=0) > values.min(axis=0)
    return varies


def _ratio(
    part: Float[np.ndarray, " vertex"],
    whole: Float[np.ndarray, " vertex"],
    defined: Bool[np.ndarray, " vertex"],
) -> Float[np.ndarray, " vertex"]:
    """Part / whole; NaN where it is not defined."""
    ratio = np.full(part.shape, np.nan)
    np.divide(part, whole, out=ratio, where=defined & (whole > 0))
    return ratio


def confidence(layer_selector: Float[np.ndarray, "vertex layer"]) -> Float[np.ndarray, " vertex"]:
    """Equation (2): 1 − entropy of the layer selector / log L; 1 one-hot, 0 uniform.

    A single layer is selected with full confidence.
    """
    from scipy.special import entr

    n_layers = layer_selector.shape[1]
    if n_layers == 1:
        return np.ones(layer_selector.shape[0])
    entropy: np.ndarray = entr(layer_selector.astype(np.float64)).sum(axis=1)
    return 1 - entropy / math.log(n_layers)
