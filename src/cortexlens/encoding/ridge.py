"""The baseline: ridge regression per vertex on principal components of the best single layer."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from cortexlens.encoding.data import FitData
from cortexlens.encoding.scores import r2_score
from cortexlens.progress import track
from cortexlens.shapes import TRAIN, VALIDATION


@dataclass(frozen=True)
class RidgeFit:
    """Result of :func:`fit_ridge`.

    Attributes
    ----------
    predicted
        Predictions for every image, by each vertex's best layer and penalty.
    layer_r2_validation
        Validation R² of each layer at its best penalty.
    layer, penalty
        Chosen for each vertex on validation.
    """

    predicted: Float[np.ndarray, "image vertex"]
    layer_r2_validation: Float[np.ndarray, "vertex layer"]
    layer: Int[np.ndarray, " vertex"]
    penalty: Float[np.ndarray, " vertex"]


def fit_ridge(
    data: FitData, *, components: int, penalties: Float[np.ndarray, " penalty"], seed: int
) -> RidgeFit:
    """Fit every layer with every penalty and keep, per vertex, what validates best.

    Parameters
    ----------
    data
        Features and responses.
    components
        Principal components of a layer's local tokens (all places and channels together), at
        most one fewer than there are training images.
    penalties
        Ridge penalties to try, in units of the mean variance of a component.
    seed
        Of the randomised decomposition.

    Returns
    -------
    RidgeFit
    """
    train, train_image = data.observed(TRAIN)
    seen, seen_image = data.observed(VALIDATION)
    offset = train.mean(axis=0)
    n_images, n_vertices = len(data.split), train.shape[1]
    best = np.full(n_vertices, -np.inf)
    layer, penalty = np.zeros(n_vertices, dtype=np.int64), np.zeros(n_vertices)
    predicted = np.zeros((n_images, n_vertices), dtype=np.float32)
    profile = np.full((n_vertices, len(data.layers)), -np.inf)
    for index in track(range(len(data.layers)), "layers fitted"):
        space = _components(data, index, components, seed)
        paths = _ridge_path(space[train_image], train - offset, penalties)
        for value, weight in zip(penalties, paths, strict=True):
            everywhere = space @ weight + offset
            score = r2_score(seen, everywhere[seen_image])
            profile[:, index] = np.fmax(profile[:, index], score)
            better = score > best
            best[better], layer[better], penalty[better] = score[better], index, value
            predicted[:, better] = everywhere[:, better]
    return RidgeFit(predicted, profile, layer, penalty)


def _components(
    data: FitData, layer: int, components: int, seed: int
) -> Float[np.ndarray, "image component"]:
    """Principal components of a layer, scaled together to a mean variance of 1 in training."""
    from sklearn.decomposition import PCA

    tokens = data.layers[layer][:, :-1].flatten(1).float().numpy()
    train_images = np.flatnonzero(data.split == TRAIN)
    count = min(components, len(train_images) - 1, tokens.shape[1])
    pca = PCA(count, svd_solver="randomized", random_state=seed).fit(tokens[train_images])
    found: np.ndarray = pca.transform(tokens)
    return found / np.sqrt(np.mean(pca.explained_variance_))


def _ridge_path(
    features: Float[np.ndarray, "trial component"],
    responses: Float[np.ndarray, "trial vertex"],
    penalties: Float[np.ndarray, " penalty"],
) -> list[Float[np.ndarray, "component vertex"]]:
    """Ridge weights of all vertices for each penalty."""
    from sklearn.linear_model import Ridge

    return [
        Ridge(alpha=penalty, fit_intercept=False, solver="cholesky")
        .fit(features, responses)
        .coef_.T.astype(np.float32)
        for penalty in penalties
    ]
