"""FactorTopy: factorised, topologically constrained selection of a network's features.

From "Brain Decodes Deep Nets", arXiv 2312.01280, equation (1).
"""

from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cortexlens.encoding.reading import read_by_cell, read_folded, read_masked
from cortexlens.encoding.selectors import FreeSelectors, Selectors, TopologicalSelectors


class ChannelAlign(nn.Module):
    """The map B_l: a linear map, without bias, from the channels of a layer to the shared channels.

    Features are first standardised per channel by moments of the training images, since the layers
    of a network differ in size by orders of magnitude and share one learning rate.

    Parameters
    ----------
    n_channels
        Number of channels C_l of the layer.
    dimensions
        Number of shared channels D.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, n_channels: int, dimensions: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(dimensions, n_channels))
        nn.init.normal_(self.weight, std=n_channels**-0.5)
        self.register_buffer("mean", torch.zeros(n_channels))
        self.register_buffer("scale", torch.ones(n_channels))

    def forward(
        self,
        tokens: Float[Tensor, "*batch channel"],
        fold: Float[Tensor, "vertex shared"] | None = None,
    ) -> Float[Tensor, "*batch out"]:
        """Map tokens to the shared channels, or directly to vertices.

        Standardisation is folded into the map, so that tokens are read from memory once.

        Parameters
        ----------
        tokens
            Features of one layer.
        fold
            Channel selectors w; if given, returns w · B_l(tokens), one number per vertex.

        Returns
        -------
        Tensor
            Aligned tokens (…, shared channel), or (…, vertex) with ``fold``.
        """
        weight = self.weight / self.scale
        if fold is not None:
            weight = fold @ weight
        shift = (-weight @ self.mean).to(tokens.dtype)
        return torch.nn.functional.linear(tokens, weight.to(tokens.dtype), shift)


class FactorTopy(nn.Module):
    """The FactorTopy encoding model of one network and one subject, equation (1) of the paper.

    Parameters
    ----------
    channels
        Number of channels C_l of every layer.
    n_vertices
        Number of vertices N.
    dimensions
        Number of shared channels D.
    coordinates
        Cortical coordinates of the vertices in mm; None makes selectors free parameters, without
        topology.
    n_masked
        0 for the factorised model, in which a vertex reads all layers at one receptive-field
        centre; else the number of local tokens, over which each vertex has a mask in every layer.
    scale
        Whether vertices select between local tokens and the global token; otherwise they read
        local tokens alone.
    """

    def __init__(
        self,
        channels: list[int],
        n_vertices: int,
        dimensions: int,
        coordinates: Float[Tensor, "vertex axis"] | None = None,
        n_masked: int = 0,
        scale: bool = True,
    ) -> None:
        super().__init__()
        self.channels = list(channels)
        self.n_masked = n_masked
        self.local = nn.ModuleList(ChannelAlign(count, dimensions) for count in channels)
        self.pooled = nn.ModuleList(ChannelAlign(count, dimensions) for count in channels)
        self.selectors: TopologicalSelectors | FreeSelectors = (
            FreeSelectors(n_vertices, len(channels), n_masked, scale)
            if coordinates is None
            else TopologicalSelectors(coordinates, len(channels), n_masked, scale)
        )
        self.weight = nn.Parameter(torch.randn(n_vertices, dimensions))
        # Number format of the matrix products over channels; sums over layers are always float32.
        self.compute_dtype = torch.float32
        self.bias = nn.Parameter(torch.zeros(n_vertices))

    def alignments(self) -> list[tuple[ChannelAlign, ChannelAlign]]:
        """Return the maps B_l of each layer: for local tokens and for the global token."""
        pairs = zip(self.local, self.pooled, strict=True)
        return [(cast(ChannelAlign, local), cast(ChannelAlign, pooled)) for local, pooled in pairs]

    def align(
        self, features: list[Float[Tensor, "batch token _"]]
    ) -> Float[Tensor, "batch layer token shared"]:
        """Compute the aligned tokens of every layer; the last token is the global one."""
        # The map of local tokens is applied to the global token too, whose result is then dropped:
        # this is cheaper than copying the local tokens to contiguous memory first.
        parts = [
            part
            for (local, pooled), tokens in zip(self.alignments(), features, strict=True)
            for part in (local(tokens)[:, :-1], pooled(tokens[:, -1:]))
        ]
        aligned = torch.cat(parts, dim=1)
        return aligned.view(len(aligned), len(features), -1, aligned.shape[2])

    def forward(
        self,
        features: list[Float[Tensor, "batch token _"]],
        selectors: Selectors | None = None,
        dropout: float = 0.0,
    ) -> Float[Tensor, "batch vertex"]:
        """Predict responses ŷ.

        Parameters
        ----------
        features
            Tokens of every layer: H·H local tokens, then the global token.
        selectors
            Selectors of all vertices, if they are already computed.
        dropout
            Probability that a shared channel is dropped for a vertex, in [0, 1).

        Returns
        -------
        Tensor
            Predicted responses, in the units of the responses that the model was fitted to.
        """
        selectors = self.selectors() if selectors is None else selectors
        weight = nn.functional.dropout(self.weight, dropout) if dropout else self.weight
        features = [tokens.to(self.compute_dtype) for tokens in features]
        n_tokens = features[0].shape[1]
        if self.n_masked:
            return read_masked(self.align(features), selectors, weight, self.bias)
        if not self._folding_is_cheaper(n_tokens):
            return read_by_cell(self.align(features), selectors, weight, self.bias)
        layers = (
            (local(tokens[:, :-1], weight), pooled(tokens[:, -1], weight))
            for (local, pooled), tokens in zip(self.alignments(), features, strict=True)
        )
        height = round((n_tokens - 1) ** 0.5)
        return read_folded(layers, selectors, height, weight.shape[1], self.bias)

    def _folding_is_cheaper(self, n_tokens: int) -> bool:
        """Compare the number of multiplications per image of the two orders of operations."""
        n_vertices, dimensions = self.weight.shape
        token_channels = n_tokens * sum(self.channels)
        by_cell = token_channels * dimensions + n_vertices * 5 * len(self.local) * dimensions
        return token_channels * n_vertices < by_cell
