"""Evaluate an autoencoder on held-out images, with principal components as a baseline."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import torch
from jaxtyping import Float, Shaped
from PIL import Image
from torch import Tensor

from cortexlens.backbones.hooks import RawLayer
from cortexlens.backbones.network import Backbone
from cortexlens.backbones.splice import ActivationPatch
from cortexlens.features.pipeline import batched
from cortexlens.sae.model import Sae
from cortexlens.sae.tokens import Moments, Tokens

# Number of codes held in memory at once.
CODES: Final = 2**24
# Batch size of forward passes with replaced tokens.
PASSED: Final = 8
# Smaller changes of the last layer, relative to its sum of squares, count as none.
LEAST_CHANGE: Final = 1e-9

Reconstruct = Callable[[Tensor], Tensor]


class Held(NamedTuple):
    """Performance of an autoencoder on held-out tokens.

    Attributes
    ----------
    explained
        Fraction of the variance explained, about the mean of the held-out tokens.
    l0
        Mean number of active units per token.
    frequency
        Fraction of the tokens on which each unit is active.
    """

    explained: float
    l0: float
    frequency: Float[Tensor, " unit"]


class Components:
    """Reconstruction of tokens from the principal components of training tokens.

    Parameters
    ----------
    moments
        Moments of the training tokens.
    number
        Number of components.
    device
        Device of the tokens.
    """

    def __init__(self, moments: Moments, number: int, device: torch.device) -> None:
        _, vectors = torch.linalg.eigh(moments.covariance)
        self._mean = moments.mean.float().to(device)
        # Eigenvalues are ascending: the last components have the largest variance.
        self._axes = vectors[:, -number:].float().to(device)

    def reconstruct(
        self, tokens: Shaped[Tensor, "token channel"]
    ) -> Float[Tensor, "token channel"]:
        """Project tokens onto the components."""
        scores = (tokens.float() - self._mean) @ self._axes
        projected: Tensor = scores @ self._axes.T + self._mean
        return projected


@torch.no_grad()
def held_out(sae: Sae, tokens: Tokens) -> Held:
    """Evaluate an autoencoder on held-out tokens, with inference-time encoding.

    Parameters
    ----------
    sae
        Trained autoencoder.
    tokens
        Held-out tokens.
    """
    counts = torch.zeros(sae.n_units, dtype=torch.int64, device=tokens.device)

    def reconstruct(part: Tensor) -> Tensor:
        codes = sae.encode(part)
        counts.add_((codes > 0).sum(0))
        return sae.decode(codes)

    explained = explained_variance(tokens, reconstruct, max(1, CODES // sae.n_units))
    frequency = counts.double() / tokens.n_tokens
    return Held(explained, float(frequency.sum()), frequency.float())


@torch.no_grad()
def explained_variance(tokens: Tokens, reconstruct: Reconstruct, rows: int = 2**14) -> float:
    """Compute the fraction of the variance of tokens that their reconstruction explains.

    Parameters
    ----------
    tokens
        Tokens x, all with the same weight.
    reconstruct
        Function from tokens to their reconstruction x̃, in the network's own units.
    rows
        Number of tokens reconstructed at once.

    Returns
    -------
    float
        1 − Σ‖x − x̃‖² / Σ‖x − x̄‖², where x̄ is the mean of these tokens; at most 1, and negative if
        the mean would be a better reconstruction.
    """
    shift = next(tokens.blocks(None, 1)).float().mean(0)
    error = squares = 0.0
    total = torch.zeros(len(shift), dtype=torch.float64, device=tokens.device)
    for block in tokens.blocks():
        for part in block.split(rows):
            centred = part.float() - shift
            total += centred.sum(0, dtype=torch.float64)
            squares += float(centred.square().sum(dtype=torch.float64))
            error += float((reconstruct(part) - part.float()).square().sum(dtype=torch.float64))
    variance = squares - float(total.square().sum()) / tokens.n_tokens
    return 1 - error / max(variance, torch.finfo(torch.float32).tiny)


def recovered(
    backbone: Backbone,
    layer: str,
    kind: str,
    pictures: Sequence[Image.Image],
    mean: Float[Tensor, " channel"],
    ways: Sequence[Reconstruct],
) -> list[float]:
    """Measure how much of a network's last layer is recovered if a layer is reconstructed.

    Parameters
    ----------
    backbone
        The network.
    layer
        Name of the layer whose tokens are replaced, at the network's own token grid.
    kind
        Tokens that are replaced. ``local``: tokens at all positions. ``class``: the class token.
        ``mean``, and ``class`` for networks without a class token: all positions are shifted by the
        change of their mean.
    pictures
        Held-out images.
    mean
        Mean token of the training images.
    ways
        Functions from tokens to their reconstruction, e.g. an autoencoder and components.

    Returns
    -------
    list of float
        For each way, 1 − Σ‖f(x) − f(x̃)‖² / Σ‖f(x) − f(x̄)‖². Here f is the global token of the last
        layer, given the layer's own tokens x, their reconstruction x̃, or the mean token x̄. NaN if f
        does not depend on the replaced tokens, or if the network runs its layers several times per
        image.
    """
    if not ActivationPatch.possible(backbone):
        return [float("nan")] * len(ways)
    splice = ActivationPatch(backbone, layer)
    if kind == "class" and backbone.description["global_token"] != "class":
        kind = "mean"
    everything: list[Reconstruct] = [lambda tokens: mean.expand_as(tokens), *ways]
    lost = [0.0] * len(everything)
    size = 0.0
    for group in batched(pictures, PASSED):
        batch = torch.stack([backbone.preprocess(picture) for picture in group])
        original = splice.last(batch)
        size += float(original.double().square().sum())
        for number, way in enumerate(everything):
            changed = splice.last(batch, _changed(kind, way))
            lost[number] += float((changed.double() - original.double()).square().sum())
    if lost[0] <= LEAST_CHANGE * size:
        return [float("nan")] * len(ways)
    return [1 - each / lost[0] for each in lost[1:]]


def _changed(kind: str, way: Reconstruct) -> Callable[[RawLayer], RawLayer]:
    """Make the function that replaces a layer's tokens by their reconstruction."""

    def of_layer(layer: RawLayer) -> RawLayer:
        local = layer.local
        if kind == "class":
            assert layer.class_token is not None
            return layer._replace(class_token=way(layer.class_token))
        if kind == "mean":
            pooled = local.mean((2, 3))
            return layer._replace(local=local + (way(pooled) - pooled)[:, :, None, None])
        flat = local.permute(0, 2, 3, 1)
        replaced = [way(image.flatten(0, 1)) for image in flat]
        return layer._replace(local=torch.stack(replaced).view(flat.shape).permute(0, 3, 1, 2))

    return of_layer
