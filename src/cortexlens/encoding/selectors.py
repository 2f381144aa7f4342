"""Where, in which layer and at which scale a vertex reads: from its place, or free."""

import math
from collections.abc import Container
from typing import Any, NamedTuple, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cortexlens.encoding.positional import SinusoidalCode

HIDDEN = 128


class Selectors(NamedTuple):
    """The three selectors of every vertex.

    Attributes
    ----------
    space
        û, place in the image in [−1, 1]², x to the right, y downward.
    layer
        ω̂, weights of the layers; each row sums to 1.
    scale
        α̂ in [0, 1]: 0 all local, 1 all global.
    mask
        Weights of the local tokens in each layer, each summing to 1 over the tokens, of a model
        without factorisation; None: a vertex reads at û. With it û is the masks' mean place.
    """

    space: Float[Tensor, "vertex 2"]
    layer: Float[Tensor, "vertex layer"]
    scale: Float[Tensor, " vertex"]
    mask: Float[Tensor, "vertex layer token"] | None = None


def _mlp(n_in: int, n_out: int) -> nn.Sequential:
    """Three layers with GELU; the last without bias and zero, so all vertices start alike."""
    last = nn.Linear(HIDDEN, n_out, bias=False)
    nn.init.zeros_(last.weight)
    return nn.Sequential(
        nn.Linear(n_in, HIDDEN), nn.GELU(), nn.Linear(HIDDEN, HIDDEN), nn.GELU(), last
    )


def _activate(
    space: Float[Tensor, "vertex _"],
    layer: Float[Tensor, "vertex layer"],
    scale: Float[Tensor, "vertex 1"] | None,
    masked: bool,
) -> Selectors:
    """Selectors of free numbers; those of space are a place, or one a layer and token of masks."""
    chosen = layer.softmax(dim=-1)
    share = space.new_zeros(len(space)) if scale is None else scale[:, 0].sigmoid()
    if not masked:
        return Selectors(space.tanh(), chosen, share)
    mask = space.unflatten(1, (layer.shape[1], -1)).softmax(dim=-1)
    read = torch.einsum("nl,nlt->nt", chosen, mask)
    return Selectors(read @ token_places(mask.shape[2], read), chosen, share, mask)


def token_places(n_tokens: int, like: Tensor) -> Float[Tensor, "token 2"]:
    """Centres of the tokens of a square grid, row by row: x right and y down, in [−1, 1]."""
    height = math.isqrt(n_tokens)
    centre = (2 * torch.arange(height, device=like.device, dtype=like.dtype) + 1) / height - 1
    return torch.stack([centre.repeat(height), centre.repeat_interleave(height)], dim=1)


def _n_space(n_layers: int, n_masked: int) -> int:
    """How many free numbers say where a vertex reads: x and y, or one a layer and token."""
    return n_layers * n_masked if n_masked else 2


class TopologicalSelectors(nn.Module):
    """Selectors as smooth functions of the cortical coordinate (the topological constraint).

    Parameters
    ----------
    coordinates
        Place of every vertex, mm.
    n_layers
        Number of layers to select from.
    n_masked
        Local tokens that a vertex has a mask over in each layer; 0: it reads at one place.
    scale
        Select a scale; else all is local.
    """

    coordinates: Tensor
    codes: Tensor

    def __init__(
        self,
        coordinates: Float[Tensor, "vertex axis"],
        n_layers: int,
        n_masked: int = 0,
        scale: bool = True,
    ) -> None:
        super().__init__()
        self.register_buffer("coordinates", coordinates)
        self.code = SinusoidalCode(coordinates)
        # The same in every step; not part of the saved state, which it follows from.
        self.register_buffer("codes", self.code(coordinates), persistent=False)
        self.register_load_state_dict_post_hook(  # type: ignore[no-untyped-call]
            TopologicalSelectors._follow_state
        )
        self.masked = n_masked > 0
        self.space = _mlp(self.code.n_codes, _n_space(n_layers, n_masked))
        self.layer = _mlp(self.code.n_codes, n_layers)
        self.scale = _mlp(self.code.n_codes, 1) if scale else None

    def forward(self) -> Selectors:
        """Selectors of all vertices."""
        codes = self.codes
        scale = None if self.scale is None else self.scale(codes)
        return _activate(self.space(codes), self.layer(codes), scale, self.masked)

    def _follow_state(self, _: Any) -> None:
        """Loaded coordinates, or bounds, have codes of their own."""
        self.codes = self.code(self.coordinates)

    def take_biases(self, names: Container[str]) -> None:
        """Give the last layers a bias where a model's saved state has one.

        A fit has none; a published checkpoint may.

        Parameters
        ----------
        names
            Of the state's tensors, e.g. ``selectors.space.4.bias``.
        """
        for part, network in (("space", self.space), ("layer", self.layer), ("scale", self.scale)):
            if network and f"selectors.{part}.{len(network) - 1}.bias" in names:
                last = cast(nn.Linear, network[-1])
                last.bias = nn.Parameter(torch.zeros(last.out_features))


class FreeSelectors(nn.Module):
    """One free parameter a vertex and selector: no topology, for studies without coordinates.

    Parameters
    ----------
    n_vertices, n_layers
        Sizes of the tables of parameters.
    n_masked, scale
        As of :class:`TopologicalSelectors`.
    """

    def __init__(
        self, n_vertices: int, n_layers: int, n_masked: int = 0, scale: bool = True
    ) -> None:
        super().__init__()
        self.masked = n_masked > 0
        self.space = nn.Parameter(torch.zeros(n_vertices, _n_space(n_layers, n_masked)))
        self.layer = nn.Parameter(torch.zeros(n_vertices, n_layers))
        self.scale = nn.Parameter(torch.zeros(n_vertices, 1)) if scale else None

    def forward(self) -> Selectors:
        """Selectors of all vertices."""
        return _activate(self.space, self.layer, self.scale, self.masked)


def regularizer(selectors: Selectors) -> Float[Tensor, ""]:
    """R of the loss: negative entropy of the layers and distance of the scale from one half.

    Keeps the softmax soft and the scale undecided early in the fit. Value and gradient are finite
    at zero weights: a softmax underflows to them, and 0 · log 0 has no slope.
    """
    layer = selectors.layer
    n_layers = layer.shape[1]
    balance = ((selectors.scale - 0.5) ** 2).mean()
    if n_layers == 1:
        return balance
    logarithm = layer.clamp_min(torch.finfo(layer.dtype).tiny).log()
    entropy = (layer * logarithm).sum(dim=1).mean()
    penalty: Tensor = entropy / math.log(n_layers) + balance
    return penalty
