"""Selectors of receptive-field centre, layer and scale: functions of cortex, or free parameters."""

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
        Receptive-field centre û in [−1, 1]², x to the right, y downward.
    layer
        Weights ω̂ of the layers; each row sums to 1.
    scale
        Scale α̂ in [0, 1]: 0 reads local tokens alone, 1 the global token alone.
    mask
        Weights of the local tokens in each layer, summing to 1 over tokens, in a model without
        factorisation, where ``space`` is the mean position under the masks. None if vertices read
        at ``space``.
    """

    space: Float[Tensor, "vertex 2"]
    layer: Float[Tensor, "vertex layer"]
    scale: Float[Tensor, " vertex"]
    mask: Float[Tensor, "vertex layer token"] | None = None


def _mlp(n_in: int, n_out: int) -> nn.Sequential:
    """Make a network of three linear layers with GELU.

    The last layer is zero and has no bias, so that all vertices start with the same selectors.
    """
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
    """Convert unconstrained numbers to selectors.

    ``space`` holds two coordinates, or, with masks, a number per layer and token.
    """
    layer_weight = layer.softmax(dim=-1)
    alpha = space.new_zeros(len(space)) if scale is None else scale[:, 0].sigmoid()
    if not masked:
        return Selectors(space.tanh(), layer_weight, alpha)
    mask = space.unflatten(1, (layer.shape[1], -1)).softmax(dim=-1)
    read = torch.einsum("nl,nlt->nt", layer_weight, mask)
    return Selectors(read @ token_places(mask.shape[2], read), layer_weight, alpha, mask)


def token_places(n_tokens: int, like: Tensor) -> Float[Tensor, "token 2"]:
    """Return the centres of the tokens of a square grid, row by row, in image coordinates.

    Parameters
    ----------
    n_tokens
        Number of local tokens.
    like
        Tensor whose device and number format the result has.

    Returns
    -------
    Tensor
        x (to the right) and y (downward) of each token, in [−1, 1].
    """
    height = math.isqrt(n_tokens)
    centre = (2 * torch.arange(height, device=like.device, dtype=like.dtype) + 1) / height - 1
    return torch.stack([centre.repeat(height), centre.repeat_interleave(height)], dim=1)


def _n_space(n_layers: int, n_masked: int) -> int:
    """Return the number of spatial parameters per vertex: x and y, or one per layer and token."""
    return n_layers * n_masked if n_masked else 2


class TopologicalSelectors(nn.Module):
    """Selectors as smooth functions of cortical coordinates (the topological constraint).

    Parameters
    ----------
    coordinates
        Cortical coordinates of every vertex in mm.
    n_layers
        Number of layers to select from.
    n_masked
        Number of local tokens if vertices have a mask over them in each layer; 0 if they read at a
        receptive-field centre.
    scale
        Whether to select a scale; otherwise vertices read local tokens alone.
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
        # Computed once, since it is the same in every step; not saved, since it follows from the
        # saved coordinates.
        self.register_buffer("codes", self.code(coordinates), persistent=False)
        self.register_load_state_dict_post_hook(  # type: ignore[no-untyped-call]
            TopologicalSelectors._follow_state
        )
        self.masked = n_masked > 0
        self.space = _mlp(self.code.n_codes, _n_space(n_layers, n_masked))
        self.layer = _mlp(self.code.n_codes, n_layers)
        self.scale = _mlp(self.code.n_codes, 1) if scale else None

    def forward(self) -> Selectors:
        """Compute the selectors of all vertices."""
        codes = self.codes
        scale = None if self.scale is None else self.scale(codes)
        return _activate(self.space(codes), self.layer(codes), scale, self.masked)

    def _follow_state(self, _: Any) -> None:
        """Recompute the codes after coordinates or bounds were loaded."""
        self.codes = self.code(self.coordinates)

    def take_biases(self, names: Container[str]) -> None:
        """Add a bias to the last layer of each selector network whose saved state has one.

        Our own fits have none, but published checkpoints may.

        Parameters
        ----------
        names
            Names of the saved tensors, e.g. ``selectors.space.4.bias``.
        """
        for part, network in (("space", self.space), ("layer", self.layer), ("scale", self.scale)):
            if network and f"selectors.{part}.{len(network) - 1}.bias" in names:
                last = cast(nn.Linear, network[-1])
                last.bias = nn.Parameter(torch.zeros(last.out_features))


class FreeSelectors(nn.Module):
    """Selectors as free parameters of each vertex: no topology, for studies without coordinates.

    Parameters
    ----------
    n_vertices, n_layers
        Numbers of vertices and of layers.
    n_masked, scale
        As for :class:`TopologicalSelectors`.
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
        """Compute the selectors of all vertices."""
        return _activate(self.space, self.layer, self.scale, self.masked)


def regularizer(selectors: Selectors) -> Float[Tensor, ""]:
    """Compute the regulariser R of the loss, which keeps selectors undecided early in the fit.

    R is the negative entropy of the layer selector plus the squared distance of the scale from one
    half. Layer weights are clamped to the smallest normal number, so that value and gradient stay
    finite when a softmax underflows to 0.

    Parameters
    ----------
    selectors
        Selectors of all vertices.
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
