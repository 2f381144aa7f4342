"""Mix a common part into all layers, and measure the similarity of layers.

Similarity is linear CKA (Kornblith, Norouzi, Lee & Hinton 2019, arXiv 1905.00414).
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
# Number of images for similarities, enough for a precision of about 0.01.
SIMILARITY_IMAGES = 2_000


def mix_layers(
    layers: Sequence[Layer], train: Int[np.ndarray, " train"], share: float, seed: int
) -> None:
    """Mix a common part, of a given fraction of the variance, into all layers, in place.

    Each layer's standardised tokens z become √(1−ρ)·z + √ρ·Q·s. Here s are the standardised tokens
    of the middle layer for another image, drawn once per image and the same for all layers, so that
    s carries no information on the image shown. Q is a random map to the layer's channels, whose
    outputs are standardised. Two directions in two layers that correlate with r, and that read the
    same from s, correlate with (1−ρ)·r + ρ afterwards.

    Parameters
    ----------
    layers
        Layers in memory, (image, token, channel). They are modified, and standardised if ``share``
        is above 0.
    train
        Indices of the images over which channels are standardised.
    share
        Fraction ρ of the common part, in [0, 1); 0 leaves the layers unchanged.
    seed
        Seed of the choice of other images and of Q.

    Raises
    ------
    CortexlensError
        If ``share`` is above 0 and layers are streamed rather than in memory.
    """
    if not share:
        return
    in_memory = [layer for layer in layers if isinstance(layer, Tensor)]
    if len(in_memory) < len(layers):
        needed = sum(2 * np.prod(layer.shape) for layer in layers) / 1e9
        raise CortexlensError(
            f"layer_mixing is {share:g}, for which all features have to be in memory: they take "
            f"{needed:.2g} GB. Raise encoder.memory, or set layer_mixing to 0."
        )
    generator = torch.Generator().manual_seed(seed % 2**63)
    other = torch.randperm(len(in_memory[0]), generator=generator)
    moments = [feature_moments(layer, train) for layer in in_memory]
    middle = len(in_memory) // 2
    common = _standardised(in_memory[middle], moments[middle])[other.to(in_memory[middle].device)]
    for layer, known in zip(in_memory, moments, strict=True):
        maps = torch.randn(layer.shape[2], common.shape[2], generator=generator).to(layer.device)
        mapped = _mapped(common, maps)
        _mix(
            _standardised(layer, known),
            _standardised(mapped, feature_moments(mapped, train)),
            share,
            out=layer,
        )


def _mapped(tokens: Tensor, maps: Tensor) -> Tensor:
    """Apply a map of channels to all tokens; the result is float16."""
    # Rows of unit length give outputs of the size of single channels, which float16 can hold.
    maps = maps / maps.norm(dim=1, keepdim=True)
    blocks = tokens.split(IMAGES_PER_BLOCK)
    return torch.cat([(block.float() @ maps.T).to(tokens.dtype) for block in blocks])


def _standardised(layer: Tensor, moments: tuple[Moments, Moments]) -> Tensor:
    """Standardise local and global tokens by their own moments; the result is float16."""
    (mean, deviation), (pooled_mean, pooled_deviation) = moments
    result = torch.empty_like(layer)
    for block, to in zip(
        layer.split(IMAGES_PER_BLOCK), result.split(IMAGES_PER_BLOCK), strict=True
    ):
        to[:, :-1] = (block[:, :-1].float() - mean) / deviation
        to[:, -1] = (block[:, -1].float() - pooled_mean) / pooled_deviation
    return result


def _mix(own: Tensor, common: Tensor, share: float, out: Tensor) -> None:
    """Write √(1−ρ) · own + √ρ · common to ``out``, block by block."""
    parts = (tensor.split(IMAGES_PER_BLOCK) for tensor in (own, common, out))
    for mine, shared, to in zip(*parts, strict=True):
        to[:] = (1 - share) ** 0.5 * mine.float() + share**0.5 * shared.float()


def linear_cka(a: Float[np.ndarray, "image one"], b: Float[np.ndarray, "image other"]) -> float:
    """Compute the linear CKA of two sets of features, invariant to rotation and isotropic scaling.

    Parameters
    ----------
    a, b
        Features of the same images.

    Returns
    -------
    float
        ‖AᵀB‖² / (‖AᵀA‖ ‖BᵀB‖) of the centred features (Frobenius norms): 0 for unrelated, 1 for
        identical features. Biased upwards for few images. NaN if either set does not vary.
    """
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    norm = np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b)
    return float(np.linalg.norm(a.T @ b) ** 2 / norm) if norm else float("nan")


def layer_similarity(
    layers: Sequence[Layer], images: Int[np.ndarray, " image"]
) -> Float[np.ndarray, "layer layer"]:
    """Compute the linear CKA, over images, of the mean local tokens of every pair of layers.

    Parameters
    ----------
    layers
        Layers in memory or streamed.
    images
        Indices of images; at most :data:`SIMILARITY_IMAGES` of them are used, evenly spread.
    """
    step = -(-len(images) // SIMILARITY_IMAGES)
    means = [_local_means(layer, images[::step]) for layer in layers]
    return np.array([[linear_cka(one, other) for other in means] for one in means])


def _local_means(layer: Layer, images: Int[np.ndarray, " image"]) -> Float[np.ndarray, "image _"]:
    blocks = (
        gather(layer, images[start : start + IMAGES_PER_BLOCK])
        for start in range(0, len(images), IMAGES_PER_BLOCK)
    )
    means = [block[:, :-1].float().mean(dim=1).cpu() for block in blocks]
    joined: np.ndarray = torch.cat(means).double().numpy()
    return joined
