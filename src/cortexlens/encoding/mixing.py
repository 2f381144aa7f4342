"""Layers that share a known part of their variance, and how alike layers are.

Similarity of layers: Kornblith, Norouzi, Lee & Hinton 2019 (arXiv 1905.00414), linear CKA.
"""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.encoding.layers import Layer, gather
from cortexlens.encoding.moments import Moments, feature_moments
from cortexlens.errors import CortexlensError

IMAGES_PER_BLOCK = 64
# Enough images for a similarity to be known to about a hundredth.
SIMILARITY_IMAGES = 2_000


def mix_layers(
    layers: Sequence[Layer], train: Int[np.ndarray, " train"], share: float, seed: int
) -> None:
    """Give all layers a common part that makes up a share of their variance, in place.

    Each layer's standardised tokens z become √(1−ρ)·z + √ρ·Q·s. s are the standardised tokens of
    the middle layer for another image, drawn once for each image and the same for all layers, so
    that s says nothing of the image that is shown; Q is a random map to the layer's channels, whose
    outputs are standardised. So two directions that correlate with r between two layers, and read
    alike from s, correlate with (1−ρ)·r + ρ afterwards.

    Parameters
    ----------
    layers
        Kept in memory, (image, token, channel); changed, and standardised where ``share`` is
        above 0.
    train
        Images over which channels are standardised.
    share
        ρ, in [0, 1); 0 leaves the layers as they are.
    seed
        Of the other images and of Q.

    Raises
    ------
    CortexlensError
        If ``share`` is above 0 and the layers are read from their store while they are used.
    """
    if not share:
        return
    kept = [layer for layer in layers if isinstance(layer, Tensor)]
    if len(kept) < len(layers):
        needed = sum(2 * np.prod(layer.shape) for layer in layers) / 1e9
        raise CortexlensError(
            f"layer_mixing is {share:g}, for which all features have to be in memory: they take "
            f"{needed:.2g} GB. Raise encoder.memory, or leave layer_mixing at 0."
        )
    generator = torch.Generator().manual_seed(seed % 2**63)
    other = torch.randperm(len(kept[0]), generator=generator)
    moments = [feature_moments(layer, train) for layer in kept]
    middle = len(kept) // 2
    common = _standardised(kept[middle], moments[middle])[other.to(kept[middle].device)]
    for layer, known in zip(kept, moments, strict=True):
        maps = torch.randn(layer.shape[2], common.shape[2], generator=generator).to(layer.device)
        mapped = _mapped(common, maps)
        _mix(
            _standardised(layer, known),
            _standardised(mapped, feature_moments(mapped, train)),
            share,
            out=layer,
        )


def _mapped(tokens: Tensor, maps: Tensor) -> Tensor:
    """Take all tokens through one map of channels, float16."""
    # Of the size of one channel, so that half precision does not overflow.
    maps = maps / maps.norm(dim=1, keepdim=True)
    blocks = tokens.split(IMAGES_PER_BLOCK)
    return torch.cat([(block.float() @ maps.T).to(tokens.dtype) for block in blocks])


def _standardised(layer: Tensor, moments: tuple[Moments, Moments]) -> Tensor:
    """Local and global tokens, each by their own mean and deviation, float16."""
    (mean, deviation), (pooled_mean, pooled_deviation) = moments
    result = torch.empty_like(layer)
    for block, to in zip(
        layer.split(IMAGES_PER_BLOCK), result.split(IMAGES_PER_BLOCK), strict=True
    ):
        to[:, :-1] = (block[:, :-1].float() - mean) / deviation
        to[:, -1] = (block[:, -1].float() - pooled_mean) / pooled_deviation
    return result


def _mix(own: Tensor, common: Tensor, share: float, out: Tensor) -> None:
    """√(1−ρ) · own + √ρ · common, block by block."""
    parts = (tensor.split(IMAGES_PER_BLOCK) for tensor in (own, common, out))
    for mine, shared, to in zip(*parts, strict=True):
        to[:] = (1 - share) ** 0.5 * mine.float() + share**0.5 * shared.float()


def linear_cka(a: Float[np.ndarray, "image one"], b: Float[np.ndarray, "image other"]) -> float:
    """How alike two sets of features are, whatever their rotation and size.

    Returns
    -------
    float
        ‖AᵀB‖² / (‖AᵀA‖ ‖BᵀB‖) of the centred features (Frobenius norms): 0 unrelated, 1 the same.
        Above 0 for unrelated features of few images. NaN where either does not vary.
    """
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    norm = np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b)
    return float(np.linalg.norm(a.T @ b) ** 2 / norm) if norm else float("nan")


def layer_similarity(
    layers: Sequence[Layer], images: Int[np.ndarray, " image"]
) -> Float[np.ndarray, "layer layer"]:
    """Linear CKA of every pair of layers: of their local tokens' means, over images."""
    step = -(-len(images) // SIMILARITY_IMAGES)
    means = [_local_means(layer, images[::step]) for layer in layers]
    return np.array([[linear_cka(one, other) for other in means] for one in means])


def _local_means(layer: Layer, images: Int[np.ndarray, " image"]) -> Float[np.ndarray, "image _"]:
    blocks = (
        gather(layer, images[start : start + IMAGES_PER_BLOCK])
        for start in range(0, len(images), IMAGES_PER_BLOCK)
    )
    means = [block[:, :-1].float().mean(dim=1).cpu() for block in blocks]
    found: np.ndarray = torch.cat(means).double().numpy()
    return found
