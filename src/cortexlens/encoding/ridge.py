"""The baseline: ridge regression per vertex on principal components of layers.

Of the best single layer of each vertex, or of all layers together; without places or scales.
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
        Predictions for every image, by each vertex's best layer and penalty.
    layer_r2_validation
        Validation R² of each layer at its best penalty; NaN where the responses never vary.
    layer, penalty
        Chosen for each vertex on validation; 0 and NaN where the responses never vary.
    layer_predicted_validation
        Predictions of the validation trials by each layer at its best penalty, learnt from
        training images alone; the mean training response where the responses never vary.
    """

    predicted: Float[np.ndarray, "image vertex"]
    layer_r2_validation: Float[np.ndarray, "vertex layer"]
    layer: Int[np.ndarray, " vertex"]
    penalty: Float[np.ndarray, " vertex"]
    layer_predicted_validation: Float[np.ndarray, "trial layer vertex"]


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
    held_out = np.tile(offset, (len(seen), len(data.layers), 1))
    for index in track(range(len(data.layers)), "layers fitted"):
        space = _components(data, index, components, seed)
        # Trials, not images, are centred: images may have been shown unequally often.
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
        Predictions for every image.
    layer_share
        Variance over training images of what each layer adds to a prediction, as a part of their
        sum; rows sum to 1, equal shares where nothing is predicted.
    penalty
        Chosen for each vertex on validation.
    """

    predicted: Float[np.ndarray, "image vertex"]
    layer_share: Float[np.ndarray, "vertex layer"]
    penalty: Float[np.ndarray, " vertex"]


def fit_ridge_jointly(
    data: FitData, *, components: int, penalties: Float[np.ndarray, " penalty"], seed: int
) -> JointRidgeFit:
    """Fit one ridge regression a vertex on the components of all layers side by side.

    Solved by himalaya (Dupré la Tour et al. 2022); the penalty is chosen on validation images and
    the weights are those of training images alone.

    Parameters
    ----------
    data, components, penalties, seed
        As of :func:`fit_ridge`; ``components`` is a layer's.
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
    # One decomposition a penalty: solved for many at once, each vertex would have a matrix.
    for value in np.unique(penalty):
        of_it = penalty == value
        weight[:, of_it] = solve_ridge_svd(
            space[train_image], (train - offset)[:, of_it], alpha=float(value), warn=False
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
    """Principal components of the local tokens of a layer; see :func:`local_components`."""
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
    """Principal components of a layer, scaled together to a mean variance of 1 in training.

    Parameters
    ----------
    tokens
        Local tokens of every image, all places and channels side by side.
    trained
        The training images, which alone define mean, directions and scale.
    components
        How many, at most one fewer than there are training images.
    seed
        Of the randomised decomposition.

    Returns
    -------
    np.ndarray
        Components of every image; where all training images have the same tokens, one that is
        zero.
    """
    from sklearn.decomposition import PCA

    train_images = np.flatnonzero(trained)
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
        # of a single vertex they come without their axis
        .coef_.reshape(responses.shape[1], -1)
        .T.astype(np.float32)
        for penalty in penalties
    ]
