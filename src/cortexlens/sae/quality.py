"""What an autoencoder is worth on held-out pictures, beside principal components."""

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

# Codes that are in memory at once.
CODES: Final = 2**24
# Pictures that pass a network at once, with its tokens changed.
PASSED: Final = 8
# A change of the last layer that is smaller, as a part of the layer, is none.
LEAST_CHANGE: Final = 1e-9

Reconstruct = Callable[[Tensor], Tensor]


class Held(NamedTuple):
    """An autoencoder on held-out tokens.

    Attributes
    ----------
    explained
        Part of the variance about the held-out tokens' own mean.
    l0
        Mean number of active units a token.
    frequency
        Part of the tokens on which each unit is active.
    """

    explained: float
    l0: float
    frequency: Float[Tensor, " unit"]


class Components:
    """Principal components of training tokens.

    Parameters
    ----------
    moments
        Of the training tokens.
    number
        How many.
    device
        Where tokens lie.
    """

    def __init__(self, moments: Moments, number: int, device: torch.device) -> None:
        _, vectors = torch.linalg.eigh(moments.covariance)
        self._mean = moments.mean.float().to(device)
        # Ascending: the last ones vary most.
        self._axes = vectors[:, -number:].float().to(device)

    def reconstruct(
        self, tokens: Shaped[Tensor, "token channel"]
    ) -> Float[Tensor, "token channel"]:
        """Tokens as far as they lie in the components."""
        scores = (tokens.float() - self._mean) @ self._axes
        made: Tensor = scores @ self._axes.T + self._mean
        return made


@torch.no_grad()
def held_out(sae: Sae, tokens: Tokens) -> Held:
    """Measure an autoencoder on held-out tokens, encoded as when it is used."""
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
    """Part of the variance of tokens about their own mean that a reconstruction explains.

    Parameters
    ----------
    tokens
        All of these count alike.
    reconstruct
        Function of tokens in the network's units.
    rows
        Tokens that are reconstructed at once.

    Returns
    -------
    float
        1 − Σ‖x − x̃‖² / Σ‖x − x̄‖²; at most 1, and below 0 where the mean would do better.
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
    """How far a network's last layer stays what it is, if a layer is reconstructed.

    Parameters
    ----------
    backbone, layer
        The network, and the layer whose tokens are replaced, at the network's own token grid.
    kind
        ``local``: tokens of all places; ``class``: the class token; ``mean``, and the global token
        of a network without a class token: all places move by what the mean over them changes.
    pictures
        Held-out ones.
    mean
        Mean token of the training pictures.
    ways
        Functions from tokens to their reconstruction.

    Returns
    -------
    list of float
        For each way 1 − Σ‖f(x) − f(x̃)‖² / Σ‖f(x) − f(x̄)‖², where f is the global token of the last
        layer with the layer's own tokens, with their reconstruction, with the mean token. NaN
        where the last token does not depend on what is replaced, and where a network shows
        pictures to its layers more than once.
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
        whole = splice.last(batch)
        size += float(whole.double().square().sum())
        for number, way in enumerate(everything):
            changed = splice.last(batch, _changed(kind, way))
            lost[number] += float((changed.double() - whole.double()).square().sum())
    if lost[0] <= LEAST_CHANGE * size:
        return [float("nan")] * len(ways)
    return [1 - each / lost[0] for each in lost[1:]]


def _changed(kind: str, way: Reconstruct) -> Callable[[RawLayer], RawLayer]:
    """Give the function that replaces a layer's tokens by what ``way`` makes of them."""

    def of_layer(layer: RawLayer) -> RawLayer:
        local = layer.local
        if kind == "class":
            assert layer.class_token is not None
            return layer._replace(class_token=way(layer.class_token))
        if kind == "mean":
            pooled = local.mean((2, 3))
            return layer._replace(local=local + (way(pooled) - pooled)[:, :, None, None])
        flat = local.permute(0, 2, 3, 1)
        made = [way(image.flatten(0, 1)) for image in flat]
        return layer._replace(local=torch.stack(made).view(flat.shape).permute(0, 3, 1, 2))

    return of_layer
