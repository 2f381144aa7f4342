"""Import FactorTopy models in the format in which the paper's authors publish them.

This module is written from the format alone: the names and shapes of its tensors, and the paper's
equations. It converts exactly what differs from our own models. Published models do not
standardise features (our channel maps then have mean 0 and scale 1), their selector networks count
the positional code as the first layer, and the 192 numbers of that code have another order: axis,
frequency, function.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from cortexlens.backbones.checkpoints import read_state_dict
from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.encoding.positional import N_FREQUENCIES
from cortexlens.encoding.selectors import HIDDEN, TopologicalSelectors
from cortexlens.errors import CortexlensError
from cortexlens.progress import say

N_CODES: Final = 6 * N_FREQUENCIES
PARTS: Final = ("space", "layer", "scale")
# Index of each linear layer in a published selector network, which begins with the positional code,
# and in ours.
LINEARS: Final = {1: 0, 3: 2, 5: 4}
_MODULES: Final = re.compile(
    r"(?:^|(?<=\.))(?:(?:local|global)_token_bottleneck|(?:space|layer|scale)_selector_mlp)\."
)
_OF_THE_CODE: Final = re.compile(r"\w+_selector_mlp\.0\.")

State = dict[str, Tensor]


def read_published(path: Path, chosen: str | None = None) -> State:
    """Read the tensors of a published model and check that their shapes are consistent.

    Parameters
    ----------
    path
        ``.safetensors`` or PyTorch file that
        :func:`cortexlens.backbones.checkpoints.read_state_dict` can read. A common prefix of the
        tensors' names, such as ``model.``, is removed.
    chosen
        Name of the state dict to read, if the file holds several.

    Returns
    -------
    dict
        Tensors by name, in float32, for L layers of C_l channels, D shared channels and N vertices:
        ``weight`` (N, D), ``bias`` (N), ``local_token_bottleneck.{l}.weight`` (D, C_l, 1, 1),
        ``global_token_bottleneck.{l}.weight`` (D, C_l), and ``{space,layer,scale}_selector_mlp.``
        ``{1,3,5}.weight`` and ``.bias``; ``5.bias`` may be missing.

    Raises
    ------
    CortexlensError
        If a tensor is missing, has a wrong shape or values that are not finite; if a module of the
        format has a tensor that the format lacks; or if the file holds several models.
    """
    state = _without_prefix(read_state_dict(path, chosen=chosen), path)
    shapes = _shapes(state, path)
    optional = {f"{part}_selector_mlp.5.bias" for part in PARTS}
    for name, wanted in shapes.items():
        if name in state or name not in optional:
            _check(state, name, wanted, shapes, path)
    others = [name for name in state if name not in shapes]
    for name in others:
        if _MODULES.match(name) and not _OF_THE_CODE.match(name):
            raise CortexlensError(
                f"{path}: tensor {name!r} is not part of the published format with "
                f"{_sizes(shapes)}; its effect on predictions is unknown. Save the model without "
                "it."
            )
    if others:
        say(f"{path}: ignoring {len(others)} tensors that are not in the format, e.g. {others[0]}")
    return {name: _numbers(state[name], name, path) for name in shapes if name in state}


def published_model(
    tensors: Mapping[str, Tensor],
    coordinates: Float[np.ndarray, "vertex axis"],
) -> FactorTopy:
    """Convert a published model to a FactorTopy model with the same selectors and predictions.

    Parameters
    ----------
    tensors
        Tensors from :func:`read_published`.
    coordinates
        Cortical coordinates of all N vertices, in mm. The published positional code derives its
        bounds from the points that it is given; ours stores them with the model.

    Returns
    -------
    FactorTopy
        Model in evaluation mode.
    """
    columns = code_columns()
    n_vertices, dimensions = tensors["weight"].shape
    n_layers = len(tensors["layer_selector_mlp.5.weight"])
    local = [tensors[f"local_token_bottleneck.{index}.weight"] for index in range(n_layers)]
    channels = [weight.shape[1] for weight in local]
    vertex_coordinates = torch.from_numpy(coordinates.astype(np.float32))
    model = FactorTopy(channels, n_vertices, dimensions, vertex_coordinates)
    state = {"weight": tensors["weight"], "bias": tensors["bias"]}
    for index, weight in enumerate(local):
        state[f"local.{index}.weight"] = weight[:, :, 0, 0]
        state[f"pooled.{index}.weight"] = tensors[f"global_token_bottleneck.{index}.weight"]
    for part in PARTS:
        for theirs, ours in LINEARS.items():
            for kind in ("weight", "bias"):
                values = tensors.get(f"{part}_selector_mlp.{theirs}.{kind}")
                if values is not None:
                    state[f"selectors.{part}.{ours}.{kind}"] = values
        first = f"selectors.{part}.0.weight"
        state[first] = state[first][:, columns]
    assert isinstance(model.selectors, TopologicalSelectors)
    model.selectors.take_biases(state)
    model.load_state_dict(model.state_dict() | state)
    return model.eval()


def code_columns() -> Int[Tensor, " code"]:
    """Return the position in the published positional code of each number of our code.

    Published order: for each axis and each frequency, descending, sine and cosine side by side.
    Our order: for each axis all sines, then all cosines.
    """
    published = torch.arange(N_CODES).reshape(-1, N_FREQUENCIES, 2)
    return published.transpose(1, 2).flatten()


def _without_prefix(state: State, path: Path) -> State:
    """Return the tensors of the single model in a file, named as in the format."""
    prefixes = sorted({name[: m.start()] for name in state if (m := _MODULES.search(name))})
    if not prefixes:
        raise CortexlensError(
            f"{path}: tensor 'local_token_bottleneck.0.weight' is missing; found {len(state)} "
            f"others, of which the first is {next(iter(state))!r}. Give a FactorTopy model in the "
            "published format."
        )
    if len(prefixes) > 1:
        raise CortexlensError(
            f"{path}: holds {len(prefixes)} models, under {' and '.join(map(repr, prefixes))}; "
            "allowed is one. Save one of them alone."
        )
    (prefix,) = prefixes
    return {
        name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)
    }


def _shapes(state: State, path: Path) -> dict[str, tuple[int, ...]]:
    """Return the shape that each tensor of the format needs, given those that define the sizes."""
    n_vertices, dimensions = _shape(state, "weight", 2, path)
    n_layers, _ = _shape(state, "layer_selector_mlp.5.weight", 2, path)
    shapes: dict[str, tuple[int, ...]] = {"weight": (n_vertices, dimensions), "bias": (n_vertices,)}
    for layer in range(n_layers):
        name = f"local_token_bottleneck.{layer}.weight"
        channels = _shape(state, name, 4, path)[1]
        shapes[name] = (dimensions, channels, 1, 1)
        shapes[f"global_token_bottleneck.{layer}.weight"] = (dimensions, channels)
    for part, n_out in {"space": 2, "layer": n_layers, "scale": 1}.items():
        for number, n_in, width in ((1, N_CODES, HIDDEN), (3, HIDDEN, HIDDEN), (5, HIDDEN, n_out)):
            shapes[f"{part}_selector_mlp.{number}.weight"] = (width, n_in)
            shapes[f"{part}_selector_mlp.{number}.bias"] = (width,)
    return shapes


def _shape(state: State, name: str, n_axes: int, path: Path) -> tuple[int, ...]:
    """Return the shape of a tensor that must be present, have ``n_axes`` axes and not be empty."""
    if name not in state:
        raise CortexlensError(
            f"{path}: tensor {name!r} is missing; a FactorTopy model in the published format needs "
            "it. Save the model's complete state_dict()."
        )
    shape = tuple(state[name].shape)
    if len(shape) != n_axes or 0 in shape:
        raise CortexlensError(
            f"{path}: tensor {name!r} has shape {shape}; needed are {n_axes} axes, none of them "
            "empty."
        )
    return shape


def _check(
    state: State,
    name: str,
    wanted: tuple[int, ...],
    shapes: Mapping[str, tuple[int, ...]],
    path: Path,
) -> None:
    """Raise an error if a tensor is missing or its shape does not fit the others."""
    found = _shape(state, name, len(wanted), path)
    if found != wanted:
        raise CortexlensError(
            f"{path}: tensor {name!r} has shape {found}; needed is {wanted}, since the other "
            f"tensors have {_sizes(shapes)}."
        )


def _sizes(shapes: Mapping[str, tuple[int, ...]]) -> str:
    """Describe the sizes of the model, for error messages."""
    n_vertices, dimensions = shapes["weight"]
    n_layers = shapes["layer_selector_mlp.5.weight"][0]
    channels = [shapes[f"local_token_bottleneck.{layer}.weight"][1] for layer in range(n_layers)]
    several = ", ".join(map(str, sorted(set(channels))))
    return f"N = {n_vertices} vertices, D = {dimensions}, L = {n_layers} layers and C = {several}"


def _numbers(values: Tensor, name: str, path: Path) -> Tensor:
    """Convert a tensor to float32; raise an error unless its values are finite numbers."""
    single = values.detach().to(torch.float32)
    if not values.is_floating_point() or not torch.isfinite(single).all():
        what = "values that are not finite" if values.is_floating_point() else str(values.dtype)
        raise CortexlensError(
            f"{path}: tensor {name!r} holds {what}; needed are finite floating-point numbers."
        )
    return single
