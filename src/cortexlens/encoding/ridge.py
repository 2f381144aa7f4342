"""The baseline: ridge regression per vertex on principal components of the best single layer."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from cortexlens.encoding.data import FitData
from cortexlens.encoding.layers import whole
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
        Validation R² of each layer at its best penalty; NaN where the responses never vary.
    layer, penalty
        Chosen for each vertex on validation; 0 and NaN where the responses never vary.
    """

    predicted: Float[np.ndarray, "image vertex"]
    layer_r2_validation: Float[np.ndarray, "vertex layer"]
    layer: Int[np.ndarray, " vertex"]
    penalty: Float[np.ndarray, " vertex"]


def fit_ridge(
    data: FitData, *, components: int, penalties: Float[np.ndarray, " penalty"], seed: int
) -> RidgeFit:
    """Fit every layer with every penalty and keep, per vertex, what validates best.

    Layers are taken one after the other, so features that are streamed are in memory one layer at
    a time: its tokens of all images, widened to float32.

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
    layer, penalty = np.zeros(n_vertices, dtype=np.int64), np.full(n_vertices, np.nan)
    predicted = np.tile(offset, (n_images, 1))
    profile = np.full((n_vertices, len(data.layers)), np.nan)
    for index in track(range(len(data.layers)), "layers fitted"):
        space = _components(data, index, components, seed)
        # Trials, not images, are centred: images may have been shown unequally often.
        space -= space[train_image].mean(axis=0)
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
    """Principal components of a layer, scaled together to a mean variance of 1 in training.

    A layer that is the same for all training images has one component, which is zero.
    """
    from sklearn.decomposition import PCA

    tokens = whole(data.layers[layer])[:, :-1].flatten(1).float().numpy()
    train_images = np.flatnonzero(data.split == TRAIN)
    train = tokens[train_images]
    if (train == train[0]).all():
        return np.zeros((len(tokens), 1), dtype=np.float32)
    count = min(components, len(train_images) - 1, tokens.shape[1])
    pca = PCA(count, svd_solver="randomized", random_state=seed).fit(train)
    found: np.ndarray = pca.transform(tokens) / np.sqrt(np.mean(pca.explained_variance_))
    return found


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
