"""Tokens of the zoo's transformer during training; patches may be left out to save time."""

from typing import Any, cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

PATCH = 8


def patches(
    inputs: Float[Tensor, "batch 3 height width"],
) -> Float[Tensor, "batch token value"]:
    """Cut images into patches of 8×8 px, row by row; values are ordered row, column, RGB."""
    from einops import rearrange

    cut: Tensor = rearrange(inputs, "b c (h p) (w q) -> b (h w) (p q c)", p=PATCH, q=PATCH)
    return cut


def draw_kept(
    n_images: int, n_tokens: int, share: float, generator: torch.Generator
) -> Int[Tensor, "batch kept"]:
    """Draw the patches of each image that the network sees.

    Parameters
    ----------
    n_images, n_tokens
        Number of images, and of patches in each.
    share
        Fraction of patches to keep, above 0, at most 1.
    generator
        Generator of the choice.

    Returns
    -------
    Int[Tensor, "batch kept"]
        Indices of patches, ascending, without duplicates.
    """
    noise = torch.rand(n_images, n_tokens, generator=generator)
    kept = noise.argsort(dim=1)[:, : max(1, round(share * n_tokens))]
    return kept.sort(dim=1).values


def take(
    tokens: Float[Tensor, "batch token channel"], kept: Int[Tensor, "batch kept"]
) -> Float[Tensor, "batch kept channel"]:
    """Select tokens of each image by their indices."""
    return tokens.gather(1, kept[..., None].expand(-1, -1, tokens.shape[-1]))


def encode(
    network: nn.Module,
    inputs: Float[Tensor, "batch 3 height width"],
    kept: Int[Tensor, "batch kept"] | None = None,
) -> Float[Tensor, "batch token channel"]:
    """Run the transformer on all patches or on some of them.

    Leaving patches out while training (He et al. 2022, arXiv 2111.06377; Li et al. 2023, arXiv
    2212.00794) costs little quality and saves most of the time.

    Parameters
    ----------
    network
        A network of :func:`cortexlens.backbones.zoo.build`.
    inputs
        Standardised pixels.
    kept
        Indices of the patches that the network sees; None: all.

    Returns
    -------
    Float[Tensor, "batch token channel"]
        Normalised tokens of the last layer: the class token, then the patches in the order of
        ``kept``.
    """
    vit = cast(Any, network)
    tokens = vit.patch_embed(inputs) + vit.pos_embed[:, 1:]
    if kept is not None:
        tokens = take(tokens, kept)
    first = (vit.cls_token + vit.pos_embed[:, :1]).expand(len(tokens), -1, -1)
    encoded: Tensor = vit.norm(vit.blocks(torch.cat([first, tokens], dim=1)))
    return encoded


def small_transformer(width: int, depth: int, heads: int) -> nn.TransformerEncoder:
    """Build a plain pre-norm transformer, as used for decoding patches and encoding words.

    Parameters
    ----------
    width
        Number of channels.
    depth
        Number of layers.
    heads
        Number of attention heads.
    """
    layer = nn.TransformerEncoderLayer(
        width, heads, 4 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    return nn.TransformerEncoder(layer, depth, nn.LayerNorm(width), enable_nested_tensor=False)
