"""The prior over channel weights, whose covariance is learnt from all vertices.

Ridge regression is the posterior mean under a normal prior in which all channel weights have the
same variance and none are correlated. Where vertices share channels, as FactorTopy's do by
construction, a covariance A learnt from all vertices predicts better: the penalty is βᵀA⁻¹β in
place of βᵀβ. With standardised channels multiplied by A^½ this is ordinary ridge regression again,
so that all later steps stay as they are.

A is estimated for each layer by expectation maximisation (Dempster, Laird & Rubin 1977), from the
posterior means and covariances of the weights. Each vertex is weighted by the variance that its
regression explains and by the probability that it reads this layer; without the latter a layer
would learn to imitate its neighbours.
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

# The most frequent windows, whose vertices A is learnt from; more of them hardly change it.
WINDOWS, FEWEST_WINDOWS = 64, 8
# Bytes of second moments and eigenvectors of all layers through these windows.
MOMENTS_BYTES = 1_000_000_000
# One in so many blocks of images is left out to decide on the number of steps.
FOLDS = 5
# Standard errors over vertices by which a step has to improve the prediction of these images.
LEAST_GAIN = 2.0
_LEAST = 1e-10
# A^½ of each layer's local and global tokens.
_Roots: TypeAlias = Sequence[tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Priors:
    """Covariances of channel weights.

    Attributes
    ----------
    roots
        A^½ of each layer's local and global tokens, in the components that tokens are in.
    steps
        How many were taken.
    gain
        After 0, 1, 2 … steps: R² on the left-out images, mean over vertices, each predicted by its
        best layer alone, minus R² with the identity.
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
    """Learn the covariance of weights over vertices, for each layer.

    Steps are taken as long as each improves the prediction of images that are left out. With few
    vertices, whose covariance would be the noise of their own weights, that is none.

    Parameters
    ----------
    tokens
        Of all layers.
    windows, window
        All windows, and that of each vertex. A is learnt from the vertices of the
        :data:`WINDOWS` most frequent ones.
    steps
        Most steps of expectation maximisation.
    """
    layers, samples = range(len(tokens.layers)), tokens.samples
    eyes = [torch.eye(tokens.width(layer), dtype=torch.float64) for layer in layers]
    roots: _Roots = [(eye, eye) for eye in eyes]
    if steps == 0:
        return Priors(_float32(roots), 0, (0.0,))
    each = 16 * sum(tokens.width(layer) ** 2 for layer in layers)
    groups = _groups(window, max(FEWEST_WINDOWS, min(WINDOWS, MOMENTS_BYTES // each)))
    out = samples.block % FOLDS == 0
    both = [
        _sets_of(tokens, windows, groups, layer, (~out, out))
        for layer in track(layers, "layers whose moments are summed")
    ]
    learnt_from, left_out = [own[0] for own in both], [own[1] for own in both]
    fits = _local_fits(learnt_from, roots)
    alike = explained = _explained(fits, left_out)
    gain, taken = [0.0], 0
    for _ in track(range(steps), "steps that are tried"):
        further = _step(learnt_from, fits, roots)
        fits = _local_fits(learnt_from, further)
        now = _explained(fits, left_out)
        gain.append(float((now - alike).mean()))
        if not _helps(now - explained):
            break
        roots, explained, taken = further, now, taken + 1
    return Priors(_float32(roots), taken, tuple(gain))


def _helps(more: Float[Tensor, " vertex"]) -> bool:
    """Whether a gain in R² is larger than its standard error over vertices allows by chance."""
    if len(more) < 2:
        return False
    return bool(more.mean() > LEAST_GAIN * more.std() / len(more) ** 0.5)


def _float32(roots: _Roots) -> Sequence[tuple[Tensor, Tensor]]:
    return [(local.float(), pooled.float()) for local, pooled in roots]


def _groups(window: Int[np.ndarray, " vertex"], n_windows: int) -> dict[int, Int[Tensor, " some"]]:
    """The most frequent windows → their vertices."""
    wanted, count = np.unique(window, return_counts=True)
    most = np.sort(wanted[np.argsort(-count, kind="stable")[:n_windows]])
    return {each: torch.from_numpy(np.flatnonzero(window == each)) for each in most.tolist()}


@dataclass(frozen=True)
class _Set:
    """Second moments of features, and their products with responses of length 1.

    Attributes
    ----------
    rows
        Vertices.
    n_images
        Images that are summed over.
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
    """Sets of a layer: through each window, and of the global token for all their vertices."""

    local: Sequence[_Set]
    pooled: _Set


def _sets_of(
    tokens: Tokens,
    windows: Windows,
    groups: Mapping[int, Int[Tensor, " some"]],
    layer: int,
    parts: Sequence[Bool[Tensor, " image"]],
) -> Sequence[_Sets]:
    """Sum a layer's sets over the images of each part."""
    response = tokens.samples.response
    length = response.norm(dim=0).clamp_min(1e-30)

    def summed(
        features: Float[Tensor, "image channel"], rows: Int[Tensor, " some"]
    ) -> Sequence[_Set]:
        there = rows.to(response.device)
        shown = response.T[there].T / length[there]
        sums = []
        for part in parts:
            own, wide = shown[part], features[part].double()
            # in float64, so that small eigenvalues are right, and then held in half the room
            moments = (wide.T @ wide).float()
            each = moments, features[part].T @ own, own.square().sum(dim=0)
            sums.append(_Set(rows, int(part.sum()), *(one.cpu() for one in each)))
        return sums

    seen = tokens.each_window(layer, windows.weight[torch.tensor(list(groups))])
    local = [summed(*both) for both in zip(seen, groups.values(), strict=True)]
    pooled = summed(tokens.pooled(layer), torch.cat(list(groups.values())))
    return [_Sets([each[index] for each in local], pooled[index]) for index in range(len(parts))]


def _local_fits(sets: Sequence[_Sets], roots: _Roots) -> "_Fits":
    """Ridge regressions of every layer through every window, and their scores."""
    score = torch.zeros((len(sets), int(sets[0].pooled.rows.max()) + 1), dtype=torch.float64)
    fits = []
    for layer, own in enumerate(sets):
        fits.append([_fitted(one, roots[layer][0]) for one in own.local])
        for one, fitted in zip(own.local, fits[-1], strict=True):
            if fitted is not None:
                score[layer, one.rows] = fitted.score
    return fits, score


def _step(sets: Sequence[_Sets], fitted: "_Fits", roots: _Roots) -> _Roots:
    """Ask which layer vertices read, with what each has learnt, and let each learn from them."""
    fits, score = fitted
    rows, n_images = sets[0].pooled.rows, sets[0].pooled.n_images
    usual = float(score[:, rows].max(dim=0).values.clamp_min(0).mean())
    # of each layer as if a vertex read one: likelihoods of Gaussian residuals
    probable = (-n_images / 2 * torch.log1p(-score.clamp(max=0.999))).softmax(dim=0)
    learnt = []
    for own, there, chance, (local, pooled) in zip(sets, fits, probable, roots, strict=True):
        moments = _Moments(len(local)), _Moments(len(pooled))
        for one, each in zip(own.local, there, strict=True):
            moments[0].add(one, each, chance[one.rows])
        moments[1].add(own.pooled, _fitted(own.pooled, pooled), chance[rows])
        learnt.append((local @ moments[0].root(usual), pooled @ moments[1].root(usual)))
    return learnt


def _explained(fitted: "_Fits", left_out: Sequence[_Sets]) -> Float[Tensor, " vertex"]:
    """Share of each vertex's left-out responses that its best layer explains."""
    fits, score = fitted
    chosen, rows = score.argmax(dim=0), left_out[0].pooled.rows
    gained = torch.zeros(score.shape[1], dtype=torch.float64)
    for layer, (own, there) in enumerate(zip(fits, left_out, strict=True)):
        for each, one in zip(own, there.local, strict=True):
            mine = chosen[one.rows] == layer
            if each is not None and bool(mine.any()):
                weight, products = each.weight[:, mine], one.products[:, mine].double()
                product = 2 * products - one.moments.double() @ weight
                gained[one.rows[mine]] = (weight * product).sum(dim=0)
    total = left_out[0].pooled.total.double()
    return (gained[rows] / total)[total > 0]


@dataclass(frozen=True)
class _Fitted:
    """Ridge regressions on a set of features, each with the penalty of the best score.

    ``weight`` is of the features as they are, ``mean`` of those in which all channels count alike.
    """

    part: Spectrum
    products: Float[Tensor, "component some"]
    score: Float[Tensor, " some"]
    penalty: Float[Tensor, " some"]
    mean: Float[Tensor, "channel some"]
    weight: Float[Tensor, "channel some"]


def _fitted(one: _Set, root: Float[Tensor, "channel channel"]) -> _Fitted | None:
    """Fit, by generalised cross-validation; None where features do not vary."""
    part = decompose_moments(root.T @ one.moments.double() @ root, one.n_images)
    if part is None:
        return None
    products = part.basis.T @ (root.T @ one.products.double())
    score, penalty = generalised_scores(part, products, one.total.double()).double().max(dim=0)
    chosen = part.penalties[penalty]
    mean = part.basis @ (products / (part.eigenvalues[:, None] + chosen))
    return _Fitted(part, products, score, chosen, mean, root @ mean)


# Of every layer through every window, and scores by layer and vertex.
_Fits: TypeAlias = tuple[Sequence[Sequence[_Fitted | None]], Float[Tensor, "layer vertex"]]


class _Moments:
    """Second moments of weights, summed over vertices."""

    def __init__(self, n_channels: int) -> None:
        self.total = torch.zeros((n_channels, n_channels), dtype=torch.float64)
        self.count = 0.0

    def add(self, one: _Set, fitted: _Fitted | None, probable: Float[Tensor, " some"]) -> None:
        """Add those of some vertices.

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
        # directions in which nothing varies keep their prior variance
        self.total += (basis * (left - counted.sum())) @ basis.T
        self.total += counted.sum() * torch.eye(len(basis), dtype=torch.float64)
        self.count += float(counted.sum())

    def root(self, usual: float) -> Float[Tensor, "channel channel"]:
        """A^½, A of trace 1 a channel and drawn to the identity by as many vertices as channels.

        ``usual`` is the score of a vertex that counts as one.
        """
        n_channels = len(self.total)
        identity = torch.eye(n_channels, dtype=torch.float64)
        if not usual > 0:
            return identity
        count = self.count / usual
        covariance = (self.total / usual + n_channels * identity) / (count + n_channels)
        covariance *= n_channels / covariance.trace()
        values, vectors = torch.linalg.eigh(covariance)
        found: Tensor = (vectors * values.clamp_min(_LEAST).sqrt()) @ vectors.T
        return found


def shaped(tokens: Tokens, roots: _Roots) -> Sequence[tuple[Tensor, Tensor]]:
    """Bases of each layer's channels that make ordinary ridge regression one with these priors."""
    device = tokens.samples.response.device
    bases = []
    for layer, both in enumerate(roots):
        local, pooled = (
            root.to(device) if basis is None else basis @ root.to(device)
            for basis, root in zip(tokens.bases[layer], both, strict=True)
        )
        bases.append((local, pooled))
    return bases
