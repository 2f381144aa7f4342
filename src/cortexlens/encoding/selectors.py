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
    """

    space: Float[Tensor, "vertex 2"]
    layer: Float[Tensor, "vertex layer"]
    scale: Float[Tensor, " vertex"]


def _mlp(n_in: int, n_out: int) -> nn.Sequential:
    """Three layers with GELU; the last without bias and zero, so all vertices start alike."""
    last = nn.Linear(HIDDEN, n_out, bias=False)
    nn.init.zeros_(last.weight)
    return nn.Sequential(
        nn.Linear(n_in, HIDDEN), nn.GELU(), nn.Linear(HIDDEN, HIDDEN), nn.GELU(), last
    )


def _activate(
    space: Float[Tensor, "vertex 2"],
    layer: Float[Tensor, "vertex layer"],
    scale: Float[Tensor, "vertex 1"],
) -> Selectors:
    return Selectors(space.tanh(), layer.softmax(dim=-1), scale[:, 0].sigmoid())


class TopologicalSelectors(nn.Module):
    """Selectors as smooth functions of the cortical coordinate (the topological constraint).

    Parameters
    ----------
    coordinates
        Place of every vertex, mm.
    n_layers
        Number of layers to select from.
    """

    coordinates: Tensor
    codes: Tensor

    def __init__(self, coordinates: Float[Tensor, "vertex axis"], n_layers: int) -> None:
        super().__init__()
        self.register_buffer("coordinates", coordinates)
        self.code = SinusoidalCode(coordinates)
        # The same in every step; not part of the saved state, which it follows from.
        self.register_buffer("codes", self.code(coordinates), persistent=False)
        self.register_load_state_dict_post_hook(  # type: ignore[no-untyped-call]
            TopologicalSelectors._follow_state
        )
        self.space = _mlp(self.code.n_codes, 2)
        self.layer = _mlp(self.code.n_codes, n_layers)
        self.scale = _mlp(self.code.n_codes, 1)

    def forward(self) -> Selectors:
        """Selectors of all vertices."""
        codes = self.codes
        return _activate(self.space(codes), self.layer(codes), self.scale(codes))

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
            if f"selectors.{part}.{len(network) - 1}.bias" in names:
                last = cast(nn.Linear, network[-1])
                last.bias = nn.Parameter(torch.zeros(last.out_features))


class FreeSelectors(nn.Module):
    """One free parameter a vertex and selector: no topology, for studies without coordinates.

    Parameters
    ----------
    n_vertices, n_layers
        Sizes of the tables of parameters.
    """

    def __init__(self, n_vertices: int, n_layers: int) -> None:
        super().__init__()
        self.space = nn.Parameter(torch.zeros(n_vertices, 2))
        self.layer = nn.Parameter(torch.zeros(n_vertices, n_layers))
        self.scale = nn.Parameter(torch.zeros(n_vertices, 1))

    def forward(self) -> Selectors:
        """Selectors of all vertices."""
        return _activate(self.space, self.layer, self.scale)


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
