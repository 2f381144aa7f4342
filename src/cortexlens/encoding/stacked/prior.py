"""Learn the covariance of a normal prior over channel weights from all vertices.

Ridge regression is the posterior mean under a normal prior in which channel weights have equal
variance and are uncorrelated. If vertices share channels, as in FactorTopy by construction, a
covariance A learnt from all vertices predicts better: the penalty is then βᵀA⁻¹β instead of βᵀβ.
With standardised channels multiplied by A^½ this is ordinary ridge regression, so that all later
steps are unchanged.

A is estimated for each layer by expectation maximisation (Dempster, Laird & Rubin 1977), from the
posterior means and covariances of the weights. Vertices are weighted by the variance that their
regression explains and by the probability that they read this layer; without the latter, a layer
would learn to imitate adjacent layers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from cortexlens.encoding.stacked.ridge import (
    Spectrum,
    decompose_moments,
    generalised_scores,
)
from cortexlens.encoding.stacked.samples import Tokens
from cortexlens.encoding.stacked.windows import Windows
from cortexlens.progress import track

# A is learnt from the vertices of the most frequent windows: at most and at least so many windows.
# More windows hardly change A.
WINDOWS, FEWEST_WINDOWS = 64, 8
# Size in bytes of second moments and eigenvectors of all layers through these windows.
MOMENTS_BYTES = 1_000_000_000
# One in so many blocks of images is held out to choose the number of steps.
FOLDS = 5
# A step has to improve the held-out prediction by this many standard errors over vertices.
LEAST_GAIN = 2.0
_LEAST = 1e-10
# A^½ of each layer, for local tokens and global token.
_Roots: TypeAlias = Sequence[tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Priors:
    """Covariances of channel weights, learnt for each layer.

    Attributes
    ----------
    roots
        A^½ of each layer, for local tokens and global token, in the basis of components that tokens
        are expressed in.
    steps
        Number of steps taken.
    gain
        Gain in R² on the held-out images after 0, 1, 2 … steps over the identity prior; mean over
        vertices, each predicted by its best layer alone.
    """

    roots: _Roots
    steps: int
    gain: tuple[float, ...]


def learn_priors(
    tokens: Tokens,
    windows: Windows,
    window: Int[np.ndarray, " vertex"],
    steps: int,
) -> Priors:
    """Learn the covariance of channel weights over vertices, for each layer.

    Steps are taken as long as each improves the prediction of held-out images. With few vertices,
    whose covariance would be dominated by the noise of their weights, no step is taken.

    Parameters
    ----------
    tokens
        Tokens of all layers.
    windows
        All windows.
    window
        Index of each vertex's window. A is learnt from the vertices of the :data:`WINDOWS` most
        frequent windows.
    steps
        Largest number of steps of expectation maximisation; 0 keeps the identity.
    """
    layers, samples = range(len(tokens.layers)), tokens.samples
    eyes = [torch.eye(tokens.width(layer), dtype=torch.float64) for layer in layers]
    roots: _Roots = [(eye, eye) for eye in eyes]
    if steps == 0:
        return Priors(_float32(roots), 0, (0.0,))
    each = 16 * sum(tokens.width(layer) ** 2 for layer in layers)
    groups = _groups(window, max(FEWEST_WINDOWS, min(WINDOWS, MOMENTS_BYTES // each)))
    held_out = samples.block % FOLDS == 0
    both = [
        _sets_of(tokens, windows, groups, layer, (~held_out, held_out))
        for layer in track(layers, "layers summed for the prior")
    ]
    learnt_from, left_out = [own[0] for own in both], [own[1] for own in both]
    fits = _local_fits(learnt_from, roots)
    with_identity = explained = _explained(fits, left_out)
    gain, taken = [0.0], 0
    for _ in track(range(steps), "steps of the prior tried"):
        further = _step(learnt_from, fits, roots)
        fits = _local_fits(learnt_from, further)
        now = _explained(fits, left_out)
        gain.append(float((now - with_identity).mean()))
        if not _helps(now - explained):
            break
        roots, explained, taken = further, now, taken + 1
    return Priors(_float32(roots), taken, tuple(gain))


def _helps(more: Float[Tensor, " vertex"]) -> bool:
    """Whether a gain in R² exceeds :data:`LEAST_GAIN` standard errors over vertices."""
    if len(more) < 2:
        return False
    return bool(more.mean() > LEAST_GAIN * more.std() / len(more) ** 0.5)


def _float32(roots: _Roots) -> Sequence[tuple[Tensor, Tensor]]:
    return [(local.float(), pooled.float()) for local, pooled in roots]


def _groups(window: Int[np.ndarray, " vertex"], n_windows: int) -> dict[int, Int[Tensor, " some"]]:
    """Map the most frequent windows to their vertices."""
    wanted, count = np.unique(window, return_counts=True)
    most = np.sort(wanted[np.argsort(-count, kind="stable")[:n_windows]])
    return {each: torch.from_numpy(np.flatnonzero(window == each)) for each in most.tolist()}


@dataclass(frozen=True)
class _Set:
    """Second moments of features, and their products with responses scaled to length 1.

    Attributes
    ----------
    rows
        Indices of the vertices.
    n_images
        Number of images summed over.
    moments, products
        XᵀX and Xᵀy.
    total
        yᵀy.
    """

    rows: Int[Tensor, " some"]
    n_images: int
    moments: Float[Tensor, "channel channel"]
    products: Float[Tensor, "channel some"]
    total: Float[Tensor, " some"]


@dataclass(frozen=True)
class _Sets:
    """Moments of a layer: local tokens through each window, and the global token."""

    local: Sequence[_Set]
    pooled: _Set


def _sets_of(
    tokens: Tokens,
    windows: Windows,
    groups: Mapping[int, Int[Tensor, " some"]],
    layer: int,
    parts: Sequence[Bool[Tensor, " image"]],
) -> Sequence[_Sets]:
    """Compute the moments of a layer over the images of each part, given by masks."""
    response = tokens.samples.response
    length = response.norm(dim=0).clamp_min(1e-30)

    def summed(
        features: Float[Tensor, "image channel"], rows: Int[Tensor, " some"]
    ) -> Sequence[_Set]:
        on_device = rows.to(response.device)
        unit = response.T[on_device].T / length[on_device]
        sums = []
        for part in parts:
            own, wide = unit[part], features[part].double()
            # Computed in float64, so that small eigenvalues are accurate; stored in float32.
            moments = (wide.T @ wide).float()
            each = moments, features[part].T @ own, own.square().sum(dim=0)
            sums.append(_Set(rows, int(part.sum()), *(one.cpu() for one in each)))
        return sums

    seen = tokens.each_window(layer, windows.weight[torch.tensor(list(groups))])
    local = [summed(*both) for both in zip(seen, groups.values(), strict=True)]
    pooled = summed(tokens.pooled(layer), torch.cat(list(groups.values())))
    return [_Sets([each[index] for each in local], pooled[index]) for index in range(len(parts))]


def _local_fits(sets: Sequence[_Sets], roots: _Roots) -> "_Fits":
    """Fit ridge regressions to every layer through every window, and score them."""
    score = torch.zeros((len(sets), int(sets[0].pooled.rows.max()) + 1), dtype=torch.float64)
    fits = []
    for layer, own in enumerate(sets):
        fits.append([_fitted(one, roots[layer][0]) for one in own.local])
        for one, fitted in zip(own.local, fits[-1], strict=True):
            if fitted is not None:
                score[layer, one.rows] = fitted.score
    return fits, score


def _step(sets: Sequence[_Sets], fitted: "_Fits", roots: _Roots) -> _Roots:
    """Take a step of expectation maximisation: update A^½ of each layer.

    The probability that a vertex reads each layer follows from the present fits.
    """
    fits, score = fitted
    rows, n_images = sets[0].pooled.rows, sets[0].pooled.n_images
    usual = float(score[:, rows].max(dim=0).values.clamp_min(0).mean())
    # Likelihood of Gaussian residuals for each layer, under the assumption that a vertex reads one.
    probable = (-n_images / 2 * torch.log1p(-score.clamp(max=0.999))).softmax(dim=0)
    learnt = []
    for own, of_layer, probability, (local, pooled) in zip(
        sets, fits, probable, roots, strict=True
    ):
        moments = _Moments(len(local)), _Moments(len(pooled))
        for one, each in zip(own.local, of_layer, strict=True):
            moments[0].add(one, each, probability[one.rows])
        moments[1].add(own.pooled, _fitted(own.pooled, pooled), probability[rows])
        learnt.append((local @ moments[0].root(usual), pooled @ moments[1].root(usual)))
    return learnt


def _explained(fitted: "_Fits", left_out: Sequence[_Sets]) -> Float[Tensor, " vertex"]:
    """Compute R² of each vertex on the held-out images, predicted by its best layer alone."""
    fits, score = fitted
    chosen, rows = score.argmax(dim=0), left_out[0].pooled.rows
    gained = torch.zeros(score.shape[1], dtype=torch.float64)
    for layer, (own, held_out) in enumerate(zip(fits, left_out, strict=True)):
        for each, one in zip(own, held_out.local, strict=True):
            is_best = chosen[one.rows] == layer
            if each is not None and bool(is_best.any()):
                weight, products = each.weight[:, is_best], one.products[:, is_best].double()
                product = 2 * products - one.moments.double() @ weight
                gained[one.rows[is_best]] = (weight * product).sum(dim=0)
    total = left_out[0].pooled.total.double()
    return (gained[rows] / total)[total > 0]


@dataclass(frozen=True)
class _Fitted:
    """Ridge regressions on a set of features, each with the penalty of the best score.

    ``weight`` holds weights of the features themselves; ``mean`` holds weights of the features
    multiplied by A^½, which have an isotropic prior.
    """

    part: Spectrum
    products: Float[Tensor, "component some"]
    score: Float[Tensor, " some"]
    penalty: Float[Tensor, " some"]
    mean: Float[Tensor, "channel some"]
    weight: Float[Tensor, "channel some"]


def _fitted(one: _Set, root: Float[Tensor, "channel channel"]) -> _Fitted | None:
    """Fit by generalised cross-validation; None if the features do not vary."""
    part = decompose_moments(root.T @ one.moments.double() @ root, one.n_images)
    if part is None:
        return None
    products = part.basis.T @ (root.T @ one.products.double())
    score, penalty = generalised_scores(part, products, one.total.double()).double().max(dim=0)
    chosen = part.penalties[penalty]
    mean = part.basis @ (products / (part.eigenvalues[:, None] + chosen))
    return _Fitted(part, products, score, chosen, mean, root @ mean)


# Fits of every layer through every window, and their scores.
_Fits: TypeAlias = tuple[Sequence[Sequence[_Fitted | None]], Float[Tensor, "layer vertex"]]


class _Moments:
    """Expected second moments of channel weights, summed over vertices."""

    def __init__(self, n_channels: int) -> None:
        self.total = torch.zeros((n_channels, n_channels), dtype=torch.float64)
        self.count = 0.0

    def add(self, one: _Set, fitted: _Fitted | None, probable: Float[Tensor, " some"]) -> None:
        """Add the moments of some vertices, weighted by the probability that they read this layer.

        In units of the prior variance τ² = σ²/λ, the expected second moments of a vertex's weights
        are β̂β̂ᵀ/τ² + λ(XᵀX + λ)⁻¹.
        """
        if fitted is None:
            return
        part, total = fitted.part, one.total.double()
        values, chosen = part.eigenvalues[:, None], fitted.penalty
        shrink = values / (values + chosen)
        explained = ((2 * shrink - shrink.square()) / values * fitted.products.square()).sum(dim=0)
        free = (one.n_images - 1 - shrink.sum(dim=0)).clamp_min(1)
        variance = (total - explained).clamp_min(1e-6 * total) / free / chosen
        counted = torch.where(variance > 0, fitted.score.clamp_min(0) * probable, 0.0)
        basis, mean = part.basis, fitted.mean
        self.total += (mean * (counted / variance.clamp_min(1e-30))) @ mean.T
        left = (chosen / (values + chosen)) @ counted
        # Directions in which features do not vary keep their prior variance.
        self.total += (basis * (left - counted.sum())) @ basis.T
        self.total += counted.sum() * torch.eye(len(basis), dtype=torch.float64)
        self.count += float(counted.sum())

    def root(self, usual: float) -> Float[Tensor, "channel channel"]:
        """Compute A^½, where the mean of A's diagonal is 1.

        A is shrunk towards the identity, which has the weight of as many vertices as there are
        channels. ``usual`` is the score of a vertex with weight 1.
        """
        n_channels = len(self.total)
        identity = torch.eye(n_channels, dtype=torch.float64)
        if not usual > 0:
            return identity
        count = self.count / usual
        covariance = (self.total / usual + n_channels * identity) / (count + n_channels)
        covariance *= n_channels / covariance.trace()
        values, vectors = torch.linalg.eigh(covariance)
        root: Tensor = (vectors * values.clamp_min(_LEAST).sqrt()) @ vectors.T
        return root


def shaped(tokens: Tokens, roots: _Roots) -> Sequence[tuple[Tensor, Tensor]]:
    """Multiply the bases of each layer's channels by A^½, so that ordinary ridge has these priors.

    Parameters
    ----------
    tokens
        Tokens with the present bases.
    roots
        A^½ of each layer, for local tokens and global token.
    """
    device = tokens.samples.response.device
    bases = []
    for layer, both in enumerate(roots):
        local, pooled = (
            root.to(device) if basis is None else basis @ root.to(device)
            for basis, root in zip(tokens.bases[layer], both, strict=True)
        )
        bases.append((local, pooled))
    return bases
