"""A fitted stack as one linear map a vertex, that predicts responses to any picture."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.encoding.moments import Moments

KIND: Final = "stacked"


@dataclass(frozen=True)
class FoldedSet:
    """What vertices take from one set of features.

    Attributes
    ----------
    layer
        Index of the layer.
    scale
        ``window``, ``image`` or ``global``.
    vertices
        That take anything.
    weights
        Ridge weights times the stack's, of standardised channels; of the set ``image`` those of
        all cells, one after the other.
    """

    layer: int
    scale: str
    vertices: Int[Tensor, " used"]
    weights: Float[Tensor, "used channel"]


class StackedModel:
    """ŷ = b + Σ_s ω_s β_s · x_s: what a stacked fit predicts.

    Parameters
    ----------
    channels
        Of each layer.
    window_weight
        Weights of local tokens in each window.
    cell_weight
        Weights of local tokens in each cell of the set ``image``.
    window
        Window of each vertex.
    moments
        Mean and standard deviation of each layer's channels, of local and of global tokens.
    sets
        What vertices take.
    bias
        b, in units of the responses.
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
            Tokens of every layer, local ones row by row and then the global one.

        Returns
        -------
        Tensor
            In the units of the responses that were fitted.
        """
        device = features[0].device
        self.to(device)
        predicted = self.bias.repeat(len(features[0]), 1)
        for part in self.sets:
            if not len(part.vertices):
                continue
            (mean, scale), (mean_1, scale_1) = self.moments[part.layer]
            tokens = features[part.layer]
            if part.scale == "global":
                read = (tokens[:, -1].float() - mean_1) / scale_1
                predicted[:, part.vertices] += read @ part.weights.T
                continue
            local = tokens[:, :-1].float()
            if part.scale == "image":
                cells = (torch.einsum("ct,btk->bck", self.cell_weight, local) - mean) / scale
                predicted[:, part.vertices] += cells.flatten(1) @ part.weights.T
                continue
            own = self.window[part.vertices]
            for window in own.unique().tolist():
                rows = torch.nonzero(own == window)[:, 0]
                weight = self.window_weight[window]
                used = torch.nonzero(weight)[:, 0]
                seen = torch.einsum("t,btk->bk", weight[used], local[:, used])
                seen = (seen - mean) / scale
                predicted[:, part.vertices[rows]] += seen @ part.weights[rows].T
        return predicted

    def to(self, device: torch.device) -> "StackedModel":
        """Move everything to a device."""
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
        """Weights of a layer's standardised channels, for every vertex; zero where it takes none.

        Parameters
        ----------
        layer
            Index.
        scale
            ``window`` or ``global``; of ``image`` the sum over cells.
        """
        whole = torch.zeros((self.n_vertices, self.channels[layer]))
        for part in self.sets:
            if (part.layer, part.scale) == (layer, scale) and len(part.vertices):
                own = part.weights.unflatten(1, (-1, self.channels[layer])).sum(dim=1)
                whole[part.vertices.cpu()] = own.cpu()
        return whole

    def save(self, path: Path, about: dict[str, Any]) -> None:
        """Write to a safetensors file.

        Parameters
        ----------
        path
            File.
        about
            JSON values that :func:`load` gives back.
        """
        from safetensors.torch import save_file

        tensors = {
            "window_weight": self.window_weight,
            "cell_weight": self.cell_weight,
            "window": self.window,
            "bias": self.bias,
        }
        for index, pair in enumerate(self.moments):
            for name, (mean, scale) in zip(("local", "global"), pair, strict=True):
                tensors[f"{index}.{name}.mean"] = mean
                tensors[f"{index}.{name}.scale"] = scale
        for part in self.sets:
            tensors[f"{part.layer}.{part.scale}.vertices"] = part.vertices
            tensors[f"{part.layer}.{part.scale}.weights"] = part.weights
        shape = {"kind": KIND, "channels": self.channels}
        described = {"cortexlens": json.dumps({"shape": shape, "about": about})}
        save_file({k: v.cpu().contiguous() for k, v in tensors.items()}, path, described)

    @classmethod
    def load(cls, shape: dict[str, Any], state: dict[str, Tensor]) -> "StackedModel":
        """Build a model from what :meth:`save` wrote.

        Parameters
        ----------
        shape
            Its description in the file.
        state
            The file's tensors.

        Raises
        ------
        ValueError, KeyError
            If the description is of other tensors.
        """
        channels = [int(each) for each in shape["channels"]]
        moments, sets = [], []
        n_vertices, n_cells = len(state["window"]), len(state["cell_weight"])
        if state["bias"].shape != state["window"].shape:
            raise ValueError("its description is of other weights")
        if int(state["window"].max()) >= len(state["window_weight"]) or state["window"].min() < 0:
            raise ValueError("a vertex has a window that is not there")
        for index, count in enumerate(channels):
            pairs = [
                (state[f"{index}.{name}.mean"], state[f"{index}.{name}.scale"])
                for name in ("local", "global")
            ]
            if any(len(part) != count for pair in pairs for part in pair):
                raise ValueError("its description is of other weights")
            moments.append((pairs[0], pairs[1]))
            for scale in ("window", "image", "global"):
                own = state[f"{index}.{scale}.vertices"], state[f"{index}.{scale}.weights"]
                width = count * (n_cells if scale == "image" else 1)
                if len(own[0]) and (
                    own[1].shape != (len(own[0]), width) or int(own[0].max()) >= n_vertices
                ):
                    raise ValueError("its description is of other weights")
                sets.append(FoldedSet(index, scale, *own))
        return cls(
            channels,
            state["window_weight"],
            state["cell_weight"],
            state["window"],
            moments,
            sets,
            state["bias"],
        )
