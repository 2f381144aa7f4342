"""Who builds a network: the demo zoo, timm, torchvision, or a function of the user's."""

import difflib
import hashlib
import inspect
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import torch
from torch import nn

from cortexlens.backbones.checkpoints import PRETRAINED, load_weights, weights_path
from cortexlens.backbones.preprocessing import RESAMPLING, Preprocessing, zoo_defaults
from cortexlens.backbones.row import BackboneRow, refuse
from cortexlens.backbones.torchvision_shim import prepare
from cortexlens.errors import CortexlensError


@dataclass(frozen=True)
class Built:
    """A network with its weights.

    Parameters
    ----------
    network
        In evaluation mode.
    library
        How its library shows it pictures; None where nothing is known.
    code
        What stands for its code: the library's version, or the hash of the user's module.
    """

    network: nn.Module
    library: Preprocessing | None
    code: str


def build(row: BackboneRow) -> Built:
    """Build the network of a row and load its weights.

    Raises
    ------
    CortexlensError
        If there is no such network, it cannot be built, or the weights do not fit.
    """
    path = weights_path(row.weights)
    makers: dict[str, Callable[[BackboneRow], Built]] = {
        "zoo": _zoo,
        "timm": _timm,
        "torchvision": _torchvision,
        "python": _python,
    }
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(row.seed)
        built = makers[row.source](row)
    if path is not None:
        load_weights(built.network, path)
    _fit_input_size(built, row)
    built.network.eval().requires_grad_(False)
    return built


def _fit_input_size(built: Built, row: BackboneRow) -> None:
    """Resample a timm network's position codes; after loading, so that files of any row fit."""
    native = built.library.input_size if built.library else row.input_size
    if row.input_size in (None, native) or not hasattr(built.network, "set_input_size"):
        return
    try:
        built.network.set_input_size(img_size=(row.input_size,) * 2)  # type: ignore[operator]
    except Exception as error:  # timm's networks refuse in many ways
        reason = str(error).partition("\n")[0]
        refuse(
            row.backbone,
            "input_size",
            row.input_size,
            f"what {row.name} can be set to, such as {native} ({reason})",
        )


def _zoo(row: BackboneRow) -> Built:
    prepare()
    from cortexlens.backbones.zoo import build as build_zoo

    return Built(build_zoo(row.name), zoo_defaults(), f"timm {version('timm')}")


def _timm(row: BackboneRow) -> Built:
    prepare()
    import timm
    from timm.data.config import resolve_model_data_config

    if not timm.is_model(row.name):
        _unknown(row, timm.list_models())
    with _Downloading(row):
        network = timm.create_model(row.name, pretrained=row.weights == PRETRAINED)
    config = resolve_model_data_config(network)  # type: ignore[no-untyped-call]
    library = Preprocessing(
        input_size=int(config["input_size"][-1]),
        mean=tuple(config["mean"]),
        std=tuple(config["std"]),
        interpolation=_known_interpolation(row, config["interpolation"]),
    )
    return Built(network, library, f"timm {version('timm')}")


def _torchvision(row: BackboneRow) -> Built:
    prepare()
    from torchvision import models

    # The public listing of classification networks: detection and video take other inputs.
    choices = models.list_models(module=models)
    if row.name not in choices:
        _unknown(row, choices)
    with _Downloading(row):
        network = models.get_model(
            row.name, weights="DEFAULT" if row.weights == PRETRAINED else None
        )
    transforms = models.get_model_weights(row.name).DEFAULT.transforms()
    library = Preprocessing(
        input_size=transforms.crop_size[0],
        mean=tuple(transforms.mean),
        std=tuple(transforms.std),
        interpolation=_known_interpolation(row, transforms.interpolation.value),
    )
    return Built(network, library, f"torchvision {version('torchvision')}")


def _python(row: BackboneRow) -> Built:
    module_name, _, function = row.name.partition(":")
    here = os.getcwd()
    if here not in sys.path:
        # A console command does not look in the current folder, where a user's module may lie.
        sys.path.append(here)
    try:
        module = import_module(module_name)
        network = getattr(module, function)()
    except Exception as error:  # whatever the user's code raises
        raise CortexlensError(
            f"backbone {row.backbone!r}: {row.name} could not be called "
            f"({type(error).__name__}: {error})."
        ) from error
    if not isinstance(network, nn.Module):
        refuse(row.backbone, "name", row.name, "a function that returns a torch.nn.Module")
    source = inspect.getsourcefile(module)
    code = hashlib.sha256(Path(source).read_bytes()).hexdigest() if source else module_name
    return Built(network, None, code)


def _known_interpolation(row: BackboneRow, named: str) -> str:
    if named not in RESAMPLING and row.interpolation is None:
        refuse(row.backbone, "interpolation", named, f"{' or '.join(RESAMPLING)}; fill the cell")
    return named


def _unknown(row: BackboneRow, choices: Sequence[str]) -> None:
    near = difflib.get_close_matches(row.name, choices, n=5, cutoff=0.3)
    refuse(row.backbone, "name", row.name, f"a model of {row.source}, such as {', '.join(near)}")


class _Downloading:
    """Turn whatever a library raises while it fetches weights into one line."""

    def __init__(self, row: BackboneRow) -> None:
        self.row = row

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception) and self.row.weights == PRETRAINED:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise CortexlensError(
                f"backbone {self.row.backbone!r}: the pretrained weights of {self.row.name} could "
                f"not be had from {self.row.source}'s server ({reason}). Connect to the network, "
                "or put the path of a file into the column weights."
            ) from error
