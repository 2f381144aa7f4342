"""Scores of predictions per vertex: R² and correlation, and the confidence of layer selectors."""

import math

import numpy as np
from jaxtyping import Bool, Float


def r2_score(
    observed: Float[np.ndarray, "trial vertex"], predicted: Float[np.ndarray, "trial vertex"]
) -> Float[np.ndarray, " vertex"]:
    """Compute the raw R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)² of each vertex.

    Parameters
    ----------
    observed, predicted
        Observed and predicted responses, in the same units.

    Returns
    -------
    ndarray
        R² of each vertex, at most 1; NaN if its observed response is constant.
    """
    residual = np.square(observed - predicted).sum(axis=0, dtype=np.float64)
    total = np.square(observed - observed.mean(axis=0, dtype=np.float64)).sum(axis=0)
    return 1 - _ratio(residual, total, varies(observed))


def pearson_r(
    observed: Float[np.ndarray, "trial vertex"], predicted: Float[np.ndarray, "trial vertex"]
) -> Float[np.ndarray, " vertex"]:
    """Compute the Pearson correlation of each vertex between observed and predicted responses.

    Parameters
    ----------
    observed, predicted
        Observed and predicted responses.

    Returns
    -------
    ndarray
        Correlation of each vertex, in [−1, 1]; NaN if either is constant.
    """
    a = observed - observed.mean(axis=0, dtype=np.float64)
    b = predicted - predicted.mean(axis=0, dtype=np.float64)
    norm = np.sqrt(np.square(a).sum(axis=0) * np.square(b).sum(axis=0))
    return _ratio((a * b).sum(axis=0), norm, varies(observed) & varies(predicted))


def varies(values: Float[np.ndarray, "trial vertex"]) -> Bool[np.ndarray, " vertex"]:
    """Tell which vertices have at least two different values.

    Values are not compared with their mean, which may differ from equal values by rounding.

    Parameters
    ----------
    values
        Responses of each trial and vertex.
    """
    varies: np.ndarray = values.max(axis=0) > values.min(axis=0)
    return varies


def _ratio(
    part: Float[np.ndarray, " vertex"],
    whole: Float[np.ndarray, " vertex"],
    defined: Bool[np.ndarray, " vertex"],
) -> Float[np.ndarray, " vertex"]:
    """Divide part by whole; NaN where that is not defined."""
    ratio = np.full(part.shape, np.nan)
    np.divide(part, whole, out=ratio, where=defined & (whole > 0))
    return ratio


def confidence(layer_selector: Float[np.ndarray, "vertex layer"]) -> Float[np.ndarray, " vertex"]:
    """Compute the confidence of layer selectors, equation (2): 1 − entropy / log L.

    Parameters
    ----------
    layer_selector
        Weights of the layers; rows sum to 1.

    Returns
    -------
    ndarray
        Confidence of each vertex: 0 for a uniform selector, 1 for a one-hot selector. It is 1 if
        there is a single layer.
    """
    from scipy.special import entr

    n_layers = layer_selector.shape[1]
    if n_layers == 1:
        return np.ones(layer_selector.shape[0])
    entropy: np.ndarray = entr(layer_selector.astype(np.float64)).sum(axis=1)
    return 1 - entropy / math.log(n_layers)
