"""Baselines: ridge regression per vertex on principal components of layers.

A vertex is predicted from its best single layer, or from all layers together. These readouts have
no receptive fields and no scale.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from cortexlens.encoding.data import FitData
from cortexlens.encoding.layers import load_layer
from cortexlens.encoding.moments import not_finite
from cortexlens.encoding.scores import r2_score
from cortexlens.progress import track
from cortexlens.shapes import TRAIN, VALIDATION


@dataclass(frozen=True)
class RidgeFit:
    """Result of :func:`fit_ridge`.

    Attributes
    ----------
    predicted
        Predicted responses to every image, from each vertex's best layer and penalty.
    layer_r2_validation
        Validation R² of each layer at its best penalty; NaN if the responses do not vary.
    layer
        Index of the layer chosen for each vertex on validation images; 0 if its responses do not
        vary.
    penalty
        Ridge penalty chosen with it; NaN if the responses do not vary.
    layer_predicted_validation
        Predictions of the validation trials from each layer at its best penalty, fitted to
        training images alone; the mean training response if the responses do not vary.
    """

    predicted: Float[np.ndarray, "image vertex"]
    layer_r2_validation: Float[np.ndarray, "vertex layer"]
    layer: Int[np.ndarray, " vertex"]
    penalty: Float[np.ndarray, " vertex"]
    layer_predicted_validation: Float[np.ndarray, "trial layer vertex"]


def fit_ridge(
    data: FitData, *, components: int, penalties: Float[np.ndarray, " penalty"], seed: int
) -> RidgeFit:
    """Fit every layer with every penalty and choose the best pair per vertex on validation images.

    Layers are fitted one after the other, so that streamed features need memory for one layer at a
    time: the tokens of all images in float32.

    Parameters
    ----------
    data
        Features and responses.
    components
        Number of principal components of a layer's local tokens (all positions and channels
        together), limited to one fewer than there are training images.
    penalties
        Ridge penalties to try, in units of the mean variance of a component.
    seed
        Seed of the randomised decomposition.

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
    held_out = np.tile(offset, (len(seen), len(data.layers), 1))
    for index in track(range(len(data.layers)), "layers fitted"):
        space = _components(data, index, components, seed)
        # Centre over trials rather than images, since images may differ in their number of repeats.
        space -= space[train_image].mean(axis=0)
        paths = _ridge_path(space[train_image], train - offset, penalties)
        for value, weight in zip(penalties, paths, strict=True):
            everywhere = space @ weight + offset
            score = r2_score(seen, everywhere[seen_image])
            best_here = ~(score <= profile[:, index]) & np.isfinite(score)
            profile[best_here, index] = score[best_here]
            held_out[:, index, best_here] = everywhere[np.ix_(seen_image, best_here)]
            better = score > best
            best[better], layer[better], penalty[better] = score[better], index, value
            predicted[:, better] = everywhere[:, better]
    return RidgeFit(predicted, profile, layer, penalty, held_out)


@dataclass(frozen=True)
class JointRidgeFit:
    """Result of :func:`fit_ridge_jointly`.

    Attributes
    ----------
    predicted
        Predicted responses to every image.
    layer_share
        Variance, over training trials, of each layer's contribution to the prediction, divided by
        the sum over layers. Rows sum to 1; equal shares if the prediction is constant.
    penalty
        Ridge penalty chosen for each vertex on validation images.
    """

    predicted: Float[np.ndarray, "image vertex"]
    layer_share: Float[np.ndarray, "vertex layer"]
    penalty: Float[np.ndarray, " vertex"]


def fit_ridge_jointly(
    data: FitData, *, components: int, penalties: Float[np.ndarray, " penalty"], seed: int
) -> JointRidgeFit:
    """Fit one ridge regression per vertex on the concatenated components of all layers.

    Solved with himalaya (Dupré la Tour et al. 2022). The penalty is chosen on validation images and
    weights are fitted to training images alone.

    Parameters
    ----------
    data, penalties, seed
        As for :func:`fit_ridge`.
    components
        Number of principal components per layer, as for :func:`fit_ridge`.

    Returns
    -------
    JointRidgeFit
    """
    from himalaya.ridge import solve_ridge_cv_svd, solve_ridge_svd
    from himalaya.scoring import l2_neg_loss
    from sklearn.model_selection import PredefinedSplit

    train, train_image = data.observed(TRAIN)
    seen, seen_image = data.observed(VALIDATION)
    offset = train.mean(axis=0)
    spaces = [
        _components(data, index, components, seed)
        for index in track(range(len(data.layers)), "layers reduced")
    ]
    space = np.concatenate(spaces, axis=1)
    space -= space[train_image].mean(axis=0)
    held_out = np.repeat([-1, 0], [len(train), len(seen)])
    penalty, *_ = solve_ridge_cv_svd(
        space[np.concatenate([train_image, seen_image])],
        np.concatenate([train, seen]) - offset,
        alphas=penalties,
        score_func=l2_neg_loss,
        cv=PredefinedSplit(held_out),
        warn=False,
    )
    weight = np.empty((space.shape[1], train.shape[1]), dtype=np.float32)
    # Solve once per penalty: for several penalties at once, himalaya makes a matrix per vertex.
    for value in np.unique(penalty):
        chose_it = penalty == value
        weight[:, chose_it] = solve_ridge_svd(
            space[train_image], (train - offset)[:, chose_it], alpha=float(value), warn=False
        )
    ends = np.cumsum([part.shape[1] for part in spaces])[:-1]
    parts = zip(
        np.split(space[train_image], ends, axis=1), np.split(weight, ends, axis=0), strict=True
    )
    power = np.stack([(part @ own).var(axis=0, dtype=np.float64) for part, own in parts], axis=1)
    total = power.sum(axis=1, keepdims=True)
    even = np.full_like(power, 1 / power.shape[1])
    share = np.divide(power, total, out=even, where=total > 0)
    return JointRidgeFit(space @ weight + offset, share, np.asarray(penalty, dtype=np.float64))


def _components(
    data: FitData, layer: int, components: int, seed: int
) -> Float[np.ndarray, "image component"]:
    """Compute the principal components of a layer's local tokens; see :func:`local_components`."""
    tokens = load_layer(data.layers[layer])[:, :-1].flatten(1).float().numpy()
    if not np.isfinite(tokens).all():
        raise not_finite(layer)
    return local_components(tokens, data.split == TRAIN, components=components, seed=seed)


def local_components(
    tokens: Float[np.ndarray, "image feature"],
    trained: Bool[np.ndarray, " image"],
    *,
    components: int,
    seed: int,
) -> Float[np.ndarray, "image component"]:
    """Compute principal components of a layer, scaled to a mean variance of 1 in training images.

    Parameters
    ----------
    tokens
        Local tokens of every image, all positions and channels concatenated.
    trained
        Mask of the training images, which alone determine mean, directions and scale.
    components
        Number of components, limited to one fewer than there are training images.
    seed
        Seed of the randomised decomposition.

    Returns
    -------
    np.ndarray
        Components of every image. If all training images have the same tokens, a single component
        that is zero.
    """
    from sklearn.decomposition import PCA

    train_images = np.flatnonzero(trained)
    train = tokens[train_images]
    if (train == train[0]).all():
        return np.zeros((len(tokens), 1), dtype=np.float32)
    count = min(components, len(train_images) - 1, tokens.shape[1])
    pca = PCA(count, svd_solver="randomized", random_state=seed).fit(train)
    scores: np.ndarray = pca.transform(tokens) / np.sqrt(np.mean(pca.explained_variance_))
    return scores


def _ridge_path(
    features: Float[np.ndarray, "trial component"],
    responses: Float[np.ndarray, "trial vertex"],
    penalties: Float[np.ndarray, " penalty"],
) -> list[Float[np.ndarray, "component vertex"]]:
    """Compute the ridge weights of all vertices for each penalty."""
    from sklearn.linear_model import Ridge

    return [
        Ridge(alpha=penalty, fit_intercept=False, solver="cholesky")
        .fit(features, responses)
        # scikit-learn drops the vertex axis if there is a single vertex
        .coef_.reshape(responses.shape[1], -1)
        .T.astype(np.float32)
        for penalty in penalties
    ]
