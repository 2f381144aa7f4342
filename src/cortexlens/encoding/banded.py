"""Banded ridge regression: every layer's feature sets have penalties of their own.

The strongest known linear alternative to a single layer: all layers predict together, and a random
search over the weights of the feature sets ("bands") lets a vertex leave out what does not help it
(Dupré la Tour, Eickenberg, Nunez-Elizalde & Gallant 2022, NeuroImage 264, 119728; himalaya).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32, Int
from torch import Tensor

from cortexlens.encoding.data import FitData
from cortexlens.encoding.layers import CPU, load_layer
from cortexlens.encoding.moments import not_finite
from cortexlens.encoding.ridge import local_components
from cortexlens.progress import track
from cortexlens.shapes import TRAIN, VALIDATION

SETS = ("local", "global")
# Predictions that are held at once: 268 MB as float32.
HELD_VALUES = 2**26
# A Dirichlet sample may underflow to 0, whose logarithm himalaya then takes.
LEAST_WEIGHT = 1e-12


@dataclass(frozen=True)
class BandedFit:
    """Result of :func:`fit_banded`.

    Attributes
    ----------
    predicted
        Predictions for every image, in the units of the responses.
    layer_r2_split
        Product measure: how much of the validation R² is due to each layer. Rows sum to the R² of
        centred predictions; single layers can be below 0. NaN where the responses never vary.
    layer_share
        The same without its negative parts, as a part of their sum: rows sum to 1; equal shares
        where no layer has a positive part.
    band_weight
        Weight of each layer's local and global set; all weights of a vertex sum to 1.
    penalty
        Chosen for each vertex on validation; NaN where the responses never vary.
    at_smallest, at_largest
        Shares of the vertices with varying responses whose penalty is at an end of those tried.
    """

    predicted: Float[np.ndarray, "image vertex"]
    layer_r2_split: Float[np.ndarray, "vertex layer"]
    layer_share: Float[np.ndarray, "vertex layer"]
    band_weight: Float[np.ndarray, "vertex layer set"]
    penalty: Float[np.ndarray, " vertex"]
    at_smallest: float
    at_largest: float


def fit_banded(
    data: FitData,
    *,
    components: int,
    samples: int,
    penalties: Float[np.ndarray, " penalty"],
    seed: int,
    device: torch.device = CPU,
) -> BandedFit:
    """Fit all layers of a network together, each feature set with a penalty of its own.

    A layer has two sets: principal components of its local tokens, and its global token with every
    channel standardised. Each set is centred and scaled to a total variance of 1 over training
    trials, so that a set's weight does not depend on its number of features.

    The search and the refits work on kernels (``himalaya.kernel_ridge``, the dual): with 300
    components and a global token for each of a dozen layers there are more features (some 10,000)
    than training images, and after the kernels are made the cost no longer depends on the number
    of features. Weights of the sets are sampled from a Dirichlet distribution whose concentration
    alternates between 0.1 (few sets) and 1 (uniform on the simplex), the first being equal weights;
    weights and penalty are chosen per vertex on the validation images, and the regression is then
    solved on the training images alone.

    Parameters
    ----------
    data
        Features and responses; layers are read one after the other.
    components
        Principal components of a layer's local tokens, at most one fewer than training images.
    samples
        Weights of the sets that are tried.
    penalties
        Ridge penalties that are tried with each of them, ascending, in units of the total variance
        of the weighted sets. Where nothing can be predicted the best penalty is infinite: the
        largest should be so large that it leaves nothing to be seen in single precision, some 10⁷
        times the number of training trials.
    seed
        Of the randomised decomposition and the samples.
    device
        That kernels are decomposed and multiplied on.

    Returns
    -------
    BandedFit

    Notes
    -----
    R² is split over layers on validation rather than on test images: test images judge a fit and
    have no part in its maps. The split is that of ``himalaya.scoring.r2_score_split`` with
    responses and predictions centred, so that a difference of their means belongs to no layer.
    """
    train, train_image = data.observed(TRAIN)
    seen, seen_image = data.observed(VALIDATION)
    n_vertices, n_layers = train.shape[1], len(data.layers)
    offset = train.mean(axis=0)
    spaces = [torch.from_numpy(each).to(device) for each in _sets(data, components, seed)]
    chosen_from = np.concatenate([train_image, seen_image])
    kernels = torch.stack([space[chosen_from] @ space[chosen_from].T for space in spaces])
    known = [space[train_image] for space in spaces]
    centred = torch.from_numpy(np.concatenate([train, seen]) - offset).to(device)
    predicted = np.empty((len(data.split), n_vertices), dtype=np.float32)
    split = np.full((n_vertices, n_layers), np.nan)
    weights, chosen, penalty = _search(
        kernels, centred, len(train), samples=samples, penalties=penalties, seed=seed
    )
    size = max(1, HELD_VALUES // (len(data.split) * n_layers))
    for sample in track(np.unique(chosen).tolist(), "weights refitted"):
        vertices = np.flatnonzero(chosen == sample)
        kernel = torch.tensordot(weights[sample], kernels, 1)[: len(train), : len(train)]
        values, vectors = torch.linalg.eigh(kernel)
        for part in np.split(vertices, range(size, len(vertices), size)):
            # As himalaya.kernel_ridge.solve_kernel_ridge_eigenvalues, which would make a matrix
            # of the kernel's size for each vertex where penalties differ.
            own = torch.from_numpy(penalty[part]).to(centred)
            rotated = (vectors.T @ centred[: len(train), part]) / (
                values.clamp(min=0)[:, None] + own
            )
            dual = vectors @ rotated
            by_set = [
                weight * (space @ (learnt.T @ dual))
                for weight, space, learnt in zip(weights[sample], spaces, known, strict=True)
            ]
            # The product measure is linear in a set's prediction: a layer's sets are added.
            pairs = zip(by_set[::2], by_set[1::2], strict=True)
            by_layer = torch.stack([local + pooled for local, pooled in pairs]).cpu().numpy()
            predicted[:, part] = by_layer.sum(axis=0) + offset[part]
            split[part] = _r2_split(seen[:, part], by_layer[:, seen_image])
    varies = np.ptp(np.concatenate([train, seen]), axis=0) > 0
    at_end = [np.isclose(penalty[varies], end, rtol=1e-3) for end in penalties[[0, -1]]]
    at_smallest, at_largest = (float(each.mean()) if each.size else 0.0 for each in at_end)
    return BandedFit(
        predicted,
        split,
        _shares(split),
        weights.cpu().numpy()[chosen].reshape(n_vertices, n_layers, len(SETS)),
        np.where(varies, penalty, np.nan),
        at_smallest,
        at_largest,
    )


def _sets(
    data: FitData, components: int, seed: int
) -> Iterator[Float32[np.ndarray, "image feature"]]:
    """Local and global set of each layer in turn, centred, of total variance 1 in training."""
    trained = data.split == TRAIN
    trials = data.observed(TRAIN)[1]
    for index in track(range(len(data.layers)), "layers reduced"):
        tokens = load_layer(data.layers[index])
        local = tokens[:, :-1].flatten(1).float().numpy()
        pooled = tokens[:, -1].float().numpy()
        if not (np.isfinite(local).all() and np.isfinite(pooled).all()):
            raise not_finite(index)
        yield _scaled(local_components(local, trained, components=components, seed=seed), trials)
        spread = pooled[trials].std(axis=0, dtype=np.float64)
        constant = np.ptp(pooled[trials], axis=0) == 0
        centre = pooled[trials].mean(axis=0, dtype=np.float64)
        standard = (pooled - centre) / np.where(constant, np.inf, spread)
        yield _scaled(standard, trials)


def _scaled(
    features: Float[np.ndarray, "image feature"], trials: Int[np.ndarray, " trial"]
) -> Float32[np.ndarray, "image feature"]:
    """Centre features and scale them together to a total variance of 1 over training trials.

    Trials, not images, are centred: images may have been shown unequally often. Features that
    never vary are 0.
    """
    centred = features - features[trials].mean(axis=0, dtype=np.float64)
    total = np.square(centred[trials]).mean(axis=0).sum()
    size = np.sqrt(total) if total > 0 else np.inf
    scaled: np.ndarray = (centred / size).astype(np.float32)
    return scaled


@contextmanager
def _himalaya_on(device: torch.device) -> Iterator[None]:
    """Let himalaya compute with PyTorch on a device; its backend is a setting of the process."""
    from himalaya.backend import get_backend, set_backend

    before = get_backend()
    set_backend("torch_cuda" if device.type == "cuda" else "torch")
    try:
        yield
    finally:
        set_backend(before)


def _search(
    kernels: Float[Tensor, "set trial trial"],
    centred: Float[Tensor, "trial vertex"],
    n_train: int,
    *,
    samples: int,
    penalties: Float[np.ndarray, " penalty"],
    seed: int,
) -> tuple[Float[Tensor, "sample set"], Int[np.ndarray, " vertex"], Float[np.ndarray, " vertex"]]:
    """Weights that were tried, and whose number, with which penalty, is best for each vertex.

    The first ``n_train`` trials are those of training images, the others of validation images,
    which they have to predict.
    """
    from himalaya.kernel_ridge import (
        generate_dirichlet_samples,
        solve_multiple_kernel_ridge_random_search,
    )
    from himalaya.scoring import l2_neg_loss
    from scipy.spatial import KDTree
    from sklearn.model_selection import PredefinedSplit

    n_seen = len(centred) - n_train
    with _himalaya_on(centred.device):
        weights = generate_dirichlet_samples(samples, len(kernels), [0.1, 1.0], seed)
        weights = weights.to(centred).clamp(min=LEAST_WEIGHT)
        weights[0] = 1 / len(kernels)
        deltas, _, _, penalty = solve_multiple_kernel_ridge_random_search(
            kernels,
            centred,
            n_iter=weights,
            alphas=torch.from_numpy(penalties).to(centred),
            score_func=l2_neg_loss,
            cv=PredefinedSplit(np.repeat([-1, 0], [n_train, n_seen])),
            n_targets_batch=max(1, HELD_VALUES // (n_seen * len(penalties))),
            progress_bar=False,
            return_alphas=True,
        )
    # The search names the weights themselves, as logarithms of weight / penalty.
    found = (deltas + penalty.log()).exp().T.cpu().numpy()
    chosen = np.atleast_1d(KDTree(weights.cpu().numpy()).query(found)[1])
    return weights, chosen, penalty.cpu().numpy().astype(np.float64)


def _r2_split(
    observed: Float[np.ndarray, "trial vertex"], by_layer: Float[np.ndarray, "layer trial vertex"]
) -> Float[np.ndarray, "vertex layer"]:
    """Product measure of each layer's part of a prediction; NaN where nothing varies."""
    from himalaya.scoring import r2_score_split

    varies = np.ptp(observed, axis=0) > 0
    split = np.full((len(varies), len(by_layer)), np.nan)
    if varies.any():
        response = observed[:, varies].astype(np.float64)
        spread = response.std(axis=0)
        response = (response - response.mean(axis=0)) / spread
        parts = by_layer[:, :, varies].astype(np.float64) / spread
        parts -= parts.mean(axis=1, keepdims=True)
        with _himalaya_on(CPU):
            found = r2_score_split(torch.from_numpy(response), torch.from_numpy(parts))
        split[varies] = found.numpy().T
    return split


def _shares(split: Float[np.ndarray, "vertex layer"]) -> Float[np.ndarray, "vertex layer"]:
    """Positive parts of what layers explain, as parts of their sum; equal where there are none."""
    positive = np.fmax(split, 0)
    total = positive.sum(axis=1, keepdims=True)
    even = np.full_like(positive, 1 / positive.shape[1])
    shares: np.ndarray = np.divide(positive, total, out=even, where=total > 0)
    return shares
