"""A fitted stack as one linear map per vertex, which predicts the response to any image."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import index
from pathlib import Path
from typing import Any, Final

import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.encoding.moments import Moments

KIND: Final = "stacked"
_SCALES: Final = ("window", "image", "global")


@dataclass(frozen=True)
class FoldedSet:
    """Weights of one feature set: ridge weights multiplied by stack weights.

    Attributes
    ----------
    layer
        Index of the layer.
    scale
        ``window``, ``image`` or ``global``.
    vertices
        Indices of the vertices that use this set.
    weights
        Weights of the standardised channels for each of these vertices; for the set ``image``,
        concatenated over the cells of the coarse grid.
    """

    layer: int
    scale: str
    vertices: Int[Tensor, " used"]
    weights: Float[Tensor, "used channel"]


class StackedModel:
    """The linear model of a stacked fit: ŷ = b + Σ_s ω_s β_s · x_s.

    Parameters
    ----------
    channels
        Number of channels of each layer.
    window_weight
        Weights of local tokens in each window.
    cell_weight
        Weights of local tokens in each cell of the set ``image``.
    window
        Index of each vertex's window.
    moments
        Mean and standard deviation of each layer's channels, for local tokens and global token.
    sets
        Weights of each feature set.
    bias
        Bias b of each vertex, in units of the responses.
    """

    def __init__(
        self,
        channels: Sequence[int],
        window_weight: Float[Tensor, "window token"],
        cell_weight: Float[Tensor, "cell token"],
        window: Int[Tensor, " vertex"],
        moments: Sequence[tuple[Moments, Moments]],
        sets: Sequence[FoldedSet],
        bias: Float[Tensor, " vertex"],
    ) -> None:
        self.channels = list(channels)
        self.window_weight, self.cell_weight = window_weight, cell_weight
        self.window, self.moments = window, list(moments)
        self.sets, self.bias = list(sets), bias

    @property
    def n_vertices(self) -> int:
        """Number of vertices."""
        return len(self.window)

    def __call__(
        self, features: Sequence[Float[Tensor, "batch token _"]]
    ) -> Float[Tensor, "batch vertex"]:
        """Predict responses.

        Parameters
        ----------
        features
            Tokens of every layer: local tokens row by row, then the global token.

        Returns
        -------
        Tensor
            Predicted responses, in the units of the responses that the model was fitted to.
        """
        self.to(features[0].device)
        predicted = self.bias[:, None].repeat(1, len(features[0]))
        for part in self.sets:
            if len(part.vertices):
                self._add(part, features[part.layer], predicted)
        return predicted.T

    def _add(
        self,
        part: FoldedSet,
        tokens: Float[Tensor, "batch token channel"],
        predicted: Float[Tensor, "vertex batch"],
    ) -> None:
        """Add the contribution of one feature set to the predictions."""
        local, pooled = self.moments[part.layer]
        if part.scale == "global":
            read = (tokens[:, -1].float() - pooled[0]) / pooled[1]
            predicted.index_add_(0, part.vertices, part.weights @ read.T)
            return
        # (token, batch, channel)
        standard = (tokens[:, :-1].float() - local[0]).div_(local[1]).transpose(0, 1)
        if part.scale == "image":
            cells = (self.cell_weight @ standard.flatten(1)).unflatten(1, standard.shape[1:])
            read = cells.transpose(0, 1).flatten(1)
            predicted.index_add_(0, part.vertices, part.weights @ read.T)
            return
        own, order = self.window[part.vertices].sort(stable=True)
        wanted, counts = own.unique_consecutive(return_counts=True)
        weight = self.window_weight[wanted]
        seen = (weight @ standard.flatten(1)).unflatten(1, standard.shape[1:])
        for read, rows in zip(seen, order.split(counts.tolist()), strict=True):
            predicted.index_add_(0, part.vertices[rows], part.weights[rows] @ read.T)

    def to(self, device: torch.device) -> "StackedModel":
        """Move all tensors to a device, in place, and return the model."""
        if self.bias.device != device:
            self.window_weight = self.window_weight.to(device)
            self.cell_weight = self.cell_weight.to(device)
            self.window, self.bias = self.window.to(device), self.bias.to(device)
            self.moments = [
                ((a.to(device), b.to(device)), (c.to(device), d.to(device)))
                for (a, b), (c, d) in self.moments
            ]
            self.sets = [
                FoldedSet(p.layer, p.scale, p.vertices.to(device), p.weights.to(device))
                for p in self.sets
            ]
        return self

    def weights(self, layer: int, scale: str = "window") -> Float[Tensor, "vertex channel"]:
        """Return the weights of a layer's standardised channels for every vertex.

        Parameters
        ----------
        layer
            Index of the layer.
        scale
            ``window``, ``global``, or ``image``, whose weights are summed over cells.

        Returns
        -------
        Tensor
            Weights, on the CPU; zero for vertices that do not use the set.
        """
        weights = torch.zeros((self.n_vertices, self.channels[layer]))
        for part in self.sets:
            if (part.layer, part.scale) == (layer, scale) and len(part.vertices):
                summed = part.weights.unflatten(1, (-1, self.channels[layer])).sum(dim=1)
                weights[part.vertices.cpu()] = summed.cpu()
        return weights

    def save(self, path: Path, about: dict[str, Any]) -> None:
        """Write the model to a safetensors file.

        Parameters
        ----------
        path
            File to write.
        about
            JSON-compatible values that are saved with it, e.g. the backbone's description.
        """
        from safetensors.torch import save_file

        tensors = {
            "window_weight": self.window_weight,
            "cell_weight": self.cell_weight,
            "window": self.window,
            "bias": self.bias,
        }
        for layer, pair in enumerate(self.moments):
            for name, (mean, scale) in zip(("local", "global"), pair, strict=True):
                tensors[f"{layer}.{name}.mean"] = mean
                tensors[f"{layer}.{name}.scale"] = scale
        for part in self.sets:
            tensors[f"{part.layer}.{part.scale}.vertices"] = part.vertices
            tensors[f"{part.layer}.{part.scale}.weights"] = part.weights
        shape = {"kind": KIND, "channels": self.channels}
        described = {"cortexlens": json.dumps({"shape": shape, "about": about})}
        save_file({k: v.cpu().contiguous() for k, v in tensors.items()}, path, described)

    @classmethod
    def load(cls, shape: dict[str, Any], state: dict[str, Tensor]) -> "StackedModel":
        """Build a model from the contents of a file that :meth:`save` wrote.

        Parameters
        ----------
        shape
            Description of the model in the file.
        state
            Tensors of the file.

        Raises
        ------
        ValueError, KeyError, TypeError
            If the description does not fit the tensors.
        """
        channels = [index(each) for each in shape["channels"]]
        _check(channels, state)
        moments, sets = [], []
        for layer in range(len(channels)):
            local, pooled = (
                (state[f"{layer}.{name}.mean"], state[f"{layer}.{name}.scale"])
                for name in ("local", "global")
            )
            moments.append((local, pooled))
            for scale in _SCALES:
                part = f"{layer}.{scale}"
                own = state[f"{part}.vertices"], state[f"{part}.weights"]
                sets.append(FoldedSet(layer, scale, *own))
        return cls(
            channels,
            state["window_weight"],
            state["cell_weight"],
            state["window"],
            moments,
            sets,
            state["bias"],
        )


def _check(channels: Sequence[int], state: Mapping[str, Tensor]) -> None:
    """Raise an error if tensors do not fit a model whose layers have these numbers of channels."""
    n_vertices, n_cells = len(state["bias"]), len(state["cell_weight"])
    n_windows, n_tokens = state["window_weight"].shape
    shapes = {
        "bias": (n_vertices,),
        "window": (n_vertices,),
        "window_weight": (n_windows, n_tokens),
        "cell_weight": (n_cells, n_tokens),
    }
    below, names = {"window": n_windows}, set(shapes)
    for layer, count in enumerate(channels):
        for name in ("local", "global"):
            shapes |= {f"{layer}.{name}.mean": (count,), f"{layer}.{name}.scale": (count,)}
        for scale in _SCALES:
            used = len(state[f"{layer}.{scale}.vertices"])
            width = count * (n_cells if scale == "image" else 1)
            shapes[f"{layer}.{scale}.vertices"] = (used,)
            below[f"{layer}.{scale}.vertices"] = n_vertices
            names |= {f"{layer}.{scale}.vertices", f"{layer}.{scale}.weights"}
            # The width of a set that no vertex uses is unknown.
            if used:
                shapes[f"{layer}.{scale}.weights"] = (used, width)
    if set(state) != names | set(shapes) or any(
        state[name].shape != size for name, size in shapes.items()
    ):
        raise ValueError("its description does not fit its weights")
    for name, value in state.items():
        if name not in below and not value.is_floating_point():
            raise ValueError(f"{name} holds no floating-point numbers")
    for name, end in below.items():
        value = state[name]
        if value.dtype != torch.int64 or (len(value) and not 0 <= value.min() <= value.max() < end):
            raise ValueError(f"{name} holds indices out of range")
