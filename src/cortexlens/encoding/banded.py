"""Banded ridge regression: each feature set ("band") has its own ridge penalty.

The strongest known linear alternative to a single layer. All layers predict together, and a random
search over the weights of the bands lets each vertex leave out those that do not improve its
prediction (Dupré la Tour, Eickenberg, Nunez-Elizalde & Gallant 2022, NeuroImage 264, 119728;
package himalaya).
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
# Number of predictions held in memory at once: 268 MB as float32.
HELD_VALUES = 2**26
# Lower bound on weights: himalaya takes their logarithm, and a Dirichlet sample may underflow to 0.
LEAST_WEIGHT = 1e-12


@dataclass(frozen=True)
class BandedFit:
    """Result of :func:`fit_banded`.

    Attributes
    ----------
    predicted
        Predicted response to every image, in the units of the responses.
    layer_r2_split
        Validation R² of each vertex split over layers by the product measure. Rows sum to the R² of
        centred predictions; the contribution of a layer can be negative. NaN if the responses of a
        vertex do not vary.
    layer_share
        ``layer_r2_split`` with negative values set to 0, divided by its sum: rows sum to 1. Equal
        shares if no layer contributes positively.
    band_weight
        Weight of each layer's local and global feature set; the weights of a vertex sum to 1.
    penalty
        Ridge penalty chosen for each vertex on validation images; NaN if its responses do not vary.
    at_smallest, at_largest
        Fraction of the vertices with varying responses that chose the smallest and the largest
        penalty.
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
    """Fit all layers of a network together by banded ridge regression.

    Each layer has two feature sets: principal components of its local tokens, and its global token
    with every channel standardised. Each set is centred and scaled to a total variance of 1 over
    training trials, so that its weight does not depend on its number of features.

    The search and the refits are solved in the dual, with kernels (``himalaya.kernel_ridge``): with
    300 components and a global token for each of a dozen layers there are more features (some
    10,000) than training images, and the cost no longer depends on the number of features once the
    kernels are computed. Weights of the sets are sampled from a Dirichlet distribution whose
    concentration alternates between 0.1 (few sets) and 1 (uniform on the simplex); the first sample
    is replaced by equal weights. Weights and penalty are chosen per vertex on the validation
    images, and the regression is then solved on the training images alone.

    Parameters
    ----------
    data
        Features and responses; layers are read one after the other.
    components
        Number of principal components of a layer's local tokens, limited to one fewer than there
        are training images.
    samples
        Number of weight vectors to try.
    penalties
        Ridge penalties to try with each weight vector, ascending, in units of the total variance of
        the weighted sets. The best penalty of a vertex that cannot be predicted is infinite. The
        largest should therefore shrink predictions below single precision: some 10⁷ times the
        number of training trials.
    seed
        Seed of the randomised decomposition and of the weight samples.
    device
        Device on which kernels are decomposed and multiplied.

    Returns
    -------
    BandedFit

    Notes
    -----
    R² is split over layers on validation rather than test images, since maps must not depend on
    the test images that a fit is scored on. The split is that of
    ``himalaya.scoring.r2_score_split`` with responses and predictions centred, so that a difference
    of their means is attributed to no layer.
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
            # Equivalent to himalaya.kernel_ridge.solve_kernel_ridge_eigenvalues, which would make a
            # matrix of the kernel's size for each vertex if penalties differ.
            own = torch.from_numpy(penalty[part]).to(centred)
            rotated = (vectors.T @ centred[: len(train), part]) / (
                values.clamp(min=0)[:, None] + own
            )
            dual = vectors @ rotated
            by_set = [
                weight * (space @ (learnt.T @ dual))
                for weight, space, learnt in zip(weights[sample], spaces, known, strict=True)
            ]
            # The product measure is linear in the prediction, so a layer's two sets can be added.
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
    """Yield the local and the global feature set of each layer in turn, scaled by ``_scaled``."""
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

    Mean and variance are over trials rather than images, since some images may have more repeats
    than others. Features that do not vary become 0.
    """
    centred = features - features[trials].mean(axis=0, dtype=np.float64)
    total = np.square(centred[trials]).mean(axis=0).sum()
    size = np.sqrt(total) if total > 0 else np.inf
    scaled: np.ndarray = (centred / size).astype(np.float32)
    return scaled


@contextmanager
def _himalaya_on(device: torch.device) -> Iterator[None]:
    """Switch himalaya's backend, which is global to the process, to PyTorch on a device."""
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
    """Search for the best weights and penalty of each vertex.

    The first ``n_train`` trials are of training images and predict the others, of validation
    images.

    Returns
    -------
    weights, chosen, penalty
        Weight vectors that were tried, the index of the best one for each vertex, and its penalty.
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
    # The search returns log(weight / penalty) rather than the index of the weights.
    best_weights = (deltas + penalty.log()).exp().T.cpu().numpy()
    chosen = np.atleast_1d(KDTree(weights.cpu().numpy()).query(best_weights)[1])
    return weights, chosen, penalty.cpu().numpy().astype(np.float64)


def _r2_split(
    observed: Float[np.ndarray, "trial vertex"], by_layer: Float[np.ndarray, "layer trial vertex"]
) -> Float[np.ndarray, "vertex layer"]:
    """Split R² over layers by the product measure; NaN for vertices with constant responses."""
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
            by_part = r2_score_split(torch.from_numpy(response), torch.from_numpy(parts))
        split[varies] = by_part.numpy().T
    return split


def _shares(split: Float[np.ndarray, "vertex layer"]) -> Float[np.ndarray, "vertex layer"]:
    """Clip negative contributions of layers and normalise rows to 1; equal shares if all are 0."""
    positive = np.fmax(split, 0)
    total = positive.sum(axis=1, keepdims=True)
    even = np.full_like(positive, 1 / positive.shape[1])
    shares: np.ndarray = np.divide(positive, total, out=even, where=total > 0)
    return shares
