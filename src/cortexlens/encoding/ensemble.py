"""Members of a fit: average their selectors, and save and load their models in one file."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from cortexlens.encoding.factortopy import FactorTopy
from cortexlens.encoding.fit import FittedMember
from cortexlens.encoding.scores import confidence
from cortexlens.encoding.selectors import TopologicalSelectors
from cortexlens.encoding.stacked.model import KIND as STACKED
from cortexlens.encoding.stacked.model import StackedModel
from cortexlens.errors import CortexlensError

Variables = dict[str, tuple[tuple[str, ...], np.ndarray, str]]


def selector_variables(members: Sequence[FittedMember]) -> Variables:
    """Collect the selectors and learning curves of a FactorTopy fit as variables of its dataset.

    Selectors are averaged over members. Shared channels of different members are not comparable,
    so that channel selectors are concatenated along ``channel`` instead.

    Parameters
    ----------
    members
        Fitted members.

    Returns
    -------
    dict
        Name → (dimensions, values, description), for
        :func:`cortexlens.encoding.results.fit_dataset`.
    """
    with torch.inference_mode():
        selectors = [member.model.selectors() for member in members]
        spaces = _stacked([each.space for each in selectors])
        layers = _stacked([each.layer for each in selectors])
        scales = _stacked([each.scale for each in selectors])
        bias = _stacked([member.model.bias for member in members]).mean(axis=0)
        channel = torch.cat([member.model.weight for member in members], dim=1).cpu().numpy()
    space, layer, scale = (each.mean(axis=0) for each in (spaces, layers, scales))
    place = ("vertex",)
    return {
        "layer_selector": (("vertex", "layer"), layer, "ω̂, weight of each layer; rows sum to 1"),
        "space_selector": (("vertex", "image_axis"), space, "û, x right and y down, in [−1, 1]"),
        "scale_selector": (place, scale, "α̂: 0 all local, 1 all global"),
        "channel_selector": (("vertex", "channel"), channel, "w, weight of each shared channel"),
        "bias": (place, bias, "b, in units of the response"),
        "confidence": (
            place,
            confidence(layer).astype(np.float32),
            "1 − entropy of ω̂ / log L: 0 uniform, 1 one layer",
        ),
        "member_layer_selector": (("member", "vertex", "layer"), layers, "ω̂ of each member"),
        "member_space_selector": (("member", "vertex", "image_axis"), spaces, "û of each member"),
        "member_scale_selector": (("member", "vertex"), scales, "α̂ of each member"),
        "curve_loss": (
            ("member", "epoch"),
            _curves([member.curve_loss for member in members]),
            "training loss after each epoch; NaN after the fit was stopped",
        ),
        "curve_r2_validation": (
            ("member", "epoch"),
            _curves([member.curve_r2_validation for member in members]),
            "mean validation R² over vertices; NaN after the fit was stopped",
        ),
    }


def _stacked(parts: Sequence[Tensor]) -> np.ndarray:
    return torch.stack(list(parts)).cpu().numpy()


def _curves(curves: Sequence[Float[np.ndarray, " _"]]) -> Float[np.ndarray, "member epoch"]:
    """Stack curves of different lengths, padded with NaN."""
    longest = max(len(curve) for curve in curves)
    return np.array(
        [np.pad(curve, (0, longest - len(curve)), constant_values=np.nan) for curve in curves]
    )


def save_models(models: Sequence[FactorTopy], path: Path, about: dict[str, Any]) -> None:
    """Write all members of a fit to one safetensors file.

    Parameters
    ----------
    models
        Members of one fit.
    path
        File to write.
    about
        JSON-compatible values that :func:`load_models` returns, e.g. the backbone's description.
    """
    from safetensors.torch import save_file

    first = models[0]
    tensors = {
        f"{index}.{name}": value.cpu().contiguous()
        for index, model in enumerate(models)
        for name, value in model.state_dict().items()
    }
    shape = {
        "members": len(models),
        "channels": first.channels,
        "n_vertices": first.weight.shape[0],
        "dimensions": first.weight.shape[1],
        "topology": "selectors.coordinates" in first.state_dict(),
        "n_masked": first.n_masked,
        "scale": first.selectors.scale is not None,
    }
    save_file(tensors, path, {"cortexlens": json.dumps({"shape": shape, "about": about})})


def load_models(path: Path) -> tuple[list[FactorTopy | StackedModel], dict[str, Any]]:
    """Load the models of a fit from a file of :func:`save_models` or :meth:`StackedModel.save`.

    Parameters
    ----------
    path
        File ``model.safetensors``.

    Returns
    -------
    models
        Members of a FactorTopy fit, or the single model of a stacked fit.
    about
        Values that were saved with them, e.g. the backbone's description.

    Raises
    ------
    CortexlensError
        If the file is not a fitted model.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            record = json.loads(file.metadata()["cortexlens"])
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        shape, about = record["shape"], dict(record["about"])
        if shape.get("kind") == STACKED:
            return [StackedModel.load(shape, state)], about
        models: list[FactorTopy | StackedModel] = [
            _member(shape, state, f"{index}.") for index in range(shape["members"])
        ]
    except (
        *(OSError, SafetensorError, KeyError, TypeError, ValueError, RecursionError),
        *(RuntimeError, AttributeError),  # tensors of wrong shapes; text instead of a JSON object
    ) as error:
        raise CortexlensError(
            f"{path}: not a fitted model ({type(error).__name__}: {error}). "
            "Give the model.safetensors beside a fit.zarr, of readout stacked or factortopy."
        ) from error
    return models, about


def factortopy_members(models: Sequence[FactorTopy | StackedModel], path: Path) -> list[FactorTopy]:
    """Check that models are of a FactorTopy fit, for analyses that need its shared channels.

    Parameters
    ----------
    models
        Models from :func:`load_models`.
    path
        File that they were loaded from, for the error message.

    Returns
    -------
    list of FactorTopy

    Raises
    ------
    CortexlensError
        If the models are of another readout.
    """
    members = [model for model in models if isinstance(model, FactorTopy)]
    if len(members) < len(models):
        raise CortexlensError(
            f"{path}: found a stacked model, which has no channels that layers share; needed is a "
            "FactorTopy model. Give the model.safetensors of a fit of readout factortopy."
        )
    return members


def _member(shape: Mapping[str, Any], state: Mapping[str, Tensor], prefix: str) -> FactorTopy:
    """Build the model of one member from the tensors of all members."""
    own = {
        name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)
    }
    # Check before allocating: a damaged or malicious file may describe a far larger model.
    n_vertices, dimensions = own["weight"].shape
    held = sum(value.numel() for value in own.values())
    if [shape["n_vertices"], shape["dimensions"]] != [n_vertices, dimensions] or (
        sum(shape["channels"]) * dimensions > held
    ):
        raise ValueError("its description does not fit its weights")
    coordinates = own["selectors.coordinates"] if shape["topology"] else None
    model = FactorTopy(
        *(shape["channels"], shape["n_vertices"], shape["dimensions"], coordinates),
        # Files of earlier versions lack these entries.
        n_masked=shape.get("n_masked", 0),
        scale=shape.get("scale", True),
    )
    if isinstance(model.selectors, TopologicalSelectors):
        model.selectors.take_biases(own)
    model.load_state_dict(own)
    return model.eval()
