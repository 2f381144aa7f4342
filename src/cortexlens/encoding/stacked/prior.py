"""Which channels vertices use, learnt from all of them: the shape of the ridge penalty.

Ridge regression takes it that a vertex's weights are drawn from a normal distribution in which all
channels count alike. Where vertices share the channels that they use, as FactorTopy's do by
construction, a covariance A of the weights that was learnt from all vertices predicts better:
weights βᵀA⁻¹β small, in place of βᵀβ. With standardised channels multiplied by A^½ it is ordinary
ridge regression again, so that nothing behind it changes.

A is found for each layer by expectation maximisation (Dempster, Laird & Rubin 1977), from the
posterior means and covariances of the weights. A vertex counts by what its regression explains and
by how probable the layer is for it: else a layer would learn to imitate its neighbours.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.encoding.stacked.ridge import (
    Decomposition,
    cross_products,
    decompose,
    generalised_scores,
)
from cortexlens.encoding.stacked.samples import Tokens
from cortexlens.encoding.stacked.windows import Windows
from cortexlens.progress import track

# Vertices that there have to be for each channel of all layers, that A is learnt at all: of fewer,
# A would be the noise of their own weights.
FEWEST = 2.0
_LEAST = 1e-10


def learn_priors(
    tokens: Tokens,
    windows: Windows,
    window: Int[np.ndarray, " vertex"],
    steps: int,
) -> Mapping[int, tuple[Float[Tensor, "component component"], Float[Tensor, "channel channel"]]]:
    """Learn the covariance of weights over vertices, for each layer.

    Parameters
    ----------
    tokens
        Of all layers.
    windows, window
        All windows, and that of each vertex.
    steps
        Of expectation maximisation.

    Returns
    -------
    mapping
        Layer → A^½ of its local and of its global tokens, in the components that ``tokens`` are
        in. With fewer than :data:`FEWEST` vertices a channel: the identity.
    """
    n_layers, samples = len(tokens.layers), tokens.samples
    length = torch.linalg.vector_norm(samples.response, dim=0)
    order = np.argsort(window, kind="stable")
    wanted, starts = np.unique(window[order], return_index=True)
    groups = [torch.from_numpy(rows) for rows in np.split(order, starts[1:])]
    roots = {
        layer: tuple(torch.eye(tokens.width(layer), dtype=torch.float64) for _ in range(2))
        for layer in range(n_layers)
    }
    # of all layers or of none: a layer that learns beside one that does not is named too often
    if len(window) < FEWEST * sum(tokens.width(layer) for layer in range(n_layers)):
        steps = 0
    every = torch.arange(len(window))
    score = torch.zeros((n_layers, len(window)), dtype=torch.float64)
    # which layer a vertex reads is asked anew, with what each layer has learnt, before it learns on
    for number in track(range(2 * steps), "passes over the layers"):
        probable = None if number % 2 == 0 else _probable(score, len(samples.images))
        usual = float(score.max(dim=0).values.clamp_min(0).mean())
        for layer in range(n_layers):
            local, pooled = roots[layer]
            moments = _Moments(len(local)), _Moments(len(pooled))
            for wanted_window, rows in zip(wanted.tolist(), groups, strict=True):
                weight = windows.weight[wanted_window][None]
                seen = tokens.through(layer, weight)[0].cpu() @ local.float()
                part = decompose(seen, samples.leverage_1.cpu())
                unit = _unit(samples.response, length, rows)
                score[layer, rows] = moments[0].add(part, unit, probable, layer, rows)
            if probable is not None:
                read = tokens.pooled(layer).cpu() @ pooled.float()
                part = decompose(read, samples.leverage_1.cpu())
                moments[1].add(part, _unit(samples.response, length, every), probable, layer, every)
                roots[layer] = local @ moments[0].root(usual), pooled @ moments[1].root(usual)
    return {layer: (own[0].float(), own[1].float()) for layer, own in roots.items()}


def _probable(score: Float[Tensor, "layer vertex"], n_images: int) -> Float[Tensor, "layer vertex"]:
    """Probability of each layer as if a vertex read one: likelihoods of Gaussian residuals."""
    return (-n_images / 2 * torch.log1p(-score.clamp(max=0.999))).softmax(dim=0)


def _unit(
    response: Float[Tensor, "image vertex"],
    length: Float[Tensor, " vertex"],
    rows: Int[Tensor, " some"],
) -> Float[Tensor, "image some"]:
    """Responses of some vertices, each of length 1; of length 0 where they do not vary."""
    own = response.T[rows.to(response.device)].cpu()
    return (own / length[rows.to(length.device)].cpu().clamp_min(1e-30)[:, None]).T


class _Moments:
    """Second moments of weights, summed over vertices."""

    def __init__(self, n_channels: int) -> None:
        self.total = torch.zeros((n_channels, n_channels), dtype=torch.float64)
        self.count = 0.0

    def add(
        self,
        part: Decomposition | None,
        response: Float[Tensor, "image some"],
        probable: Float[Tensor, "layer vertex"] | None,
        layer: int,
        rows: Int[Tensor, " some"],
    ) -> Float[Tensor, " some"]:
        """Add those of some vertices, and give their scores by generalised cross-validation.

        In units of the prior variance τ² = σ²/λ, the expected second moments of a vertex's weights
        are β̂β̂ᵀ/τ² + λ(XᵀX + λ)⁻¹.
        """
        if part is None:
            return torch.zeros(len(rows), dtype=torch.float64)
        total = response.square().sum(dim=0)
        products = cross_products(part, response)
        score, penalty = generalised_scores(part, products, total).double().max(dim=0)
        if probable is None:
            return score
        values, chosen = part.eigenvalues[:, None], part.penalties[penalty]
        shrink = values / (values + chosen)
        products = products.double()
        explained = ((2 * shrink - shrink.square()) / values * products.square()).sum(dim=0)
        free = (len(response) - 1 - shrink.sum(dim=0)).clamp_min(1)
        variance = (total.double() - explained).clamp_min(1e-6 * total) / free / chosen
        counted = torch.where(variance > 0, score.clamp_min(0) * probable[layer, rows], 0.0)
        basis = part.basis.double()
        mean = basis @ (products / (values + chosen))
        self.total += (mean * (counted / variance.clamp_min(1e-30))) @ mean.T
        left = (chosen / (values + chosen)) @ counted
        # directions in which nothing varies keep their prior variance
        self.total += (basis * (left - counted.sum())) @ basis.T
        self.total += counted.sum() * torch.eye(len(basis), dtype=torch.float64)
        self.count += float(counted.sum())
        return score

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


def shaped(
    tokens: Tokens, priors: Mapping[int, tuple[Float[Tensor, "_ _"], Float[Tensor, "_ _"]]]
) -> Sequence[tuple[Tensor, Tensor]]:
    """Bases of each layer's channels that make ordinary ridge regression one with these priors."""
    device = tokens.samples.response.device
    bases = []
    for layer in range(len(tokens.layers)):
        local, pooled = (
            root.to(device) if basis is None else basis @ root.to(device)
            for basis, root in zip(tokens.bases[layer], priors[layer], strict=True)
        )
        bases.append((local, pooled))
    return bases
