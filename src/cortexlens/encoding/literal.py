"""Reference implementation of equation (1), term by term, which the fast ones must equal.

v_i = Σ_l ω̂_il [ (1−α̂_i) · Interp(û_i; A_l) + α̂_i · g_l ],   y_i = (1/D) Σ_d v_id w_id + b_i
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import grid_sample

from cortexlens.encoding.selectors import Selectors


def reference_readout(
    aligned: Float[Tensor, "batch layer token channel"],
    selectors: Selectors,
    weight: Float[Tensor, "vertex channel"],
    bias: Float[Tensor, " vertex"],
) -> Float[Tensor, "batch vertex"]:
    """Predict responses in the literal order of equation (1): sample, weight and add each layer.

    Parameters
    ----------
    aligned
        Aligned tokens B_l(V_l): the H×H grid of local tokens row by row, then the global token.
    selectors
        Selectors û, ω̂, α̂ of every vertex.
    weight
        Channel selector w of every vertex.
    bias
        Bias b of every vertex.

    Returns
    -------
    Tensor
        Predicted responses ŷ of every image and vertex.
    """
    n_batch, n_layers, n_tokens, n_channels = aligned.shape
    height = round((n_tokens - 1) ** 0.5)
    centres = selectors.space[None, :, None, :].expand(n_batch, -1, -1, -1)
    scale = selectors.scale[None, :, None]
    vector = torch.zeros(n_batch, weight.shape[0], n_channels, dtype=aligned.dtype)
    vector = vector.to(aligned.device)
    for index in range(n_layers):
        grid = aligned[:, index, :-1].transpose(1, 2).unflatten(2, (height, height))
        local = grid_sample(
            grid, centres, mode="bilinear", padding_mode="zeros", align_corners=False
        )
        local = local[..., 0].transpose(1, 2)
        pooled = aligned[:, index, -1][:, None]
        vector = vector + selectors.layer[None, :, index, None] * (
            (1 - scale) * local + scale * pooled
        )
    return (vector * weight).mean(dim=2) + bias
