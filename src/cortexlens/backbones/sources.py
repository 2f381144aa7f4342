"""Who builds a network: the demo zoo, a library of networks, or a function of the user's."""

import difflib
import hashlib
import inspect
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import torch
from torch import nn

from cortexlens.backbones.checkpoints import PRETRAINED, load_weights, weights_path
from cortexlens.backbones.locations import DEFAULT_CACHE, is_fetched, needed_weights
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


def build(row: BackboneRow, cache: Path = DEFAULT_CACHE) -> Built:
    """Build the network of a row and load its weights.

    Parameters
    ----------
    row
        Which network, with which weights.
    cache
        Where fetched weights lie.

    Raises
    ------
    CortexlensError
        If there is no such network, it cannot be built, or the weights are not there or do not
        fit.
    """
    path = weights_path(row.weights)
    fetched = needed_weights(row, cache) if is_fetched(row) else None
    if row.weights != PRETRAINED:
        path, fetched = path or fetched, None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(row.seed)
        built = MAKERS[row.source](row, fetched)
    if path is not None:
        load_weights(built.network, path, row.weights_prefix)
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


def _zoo(row: BackboneRow, fetched: Path | None) -> Built:
    prepare()
    from cortexlens.backbones.zoo import build as build_zoo

    return Built(build_zoo(row.name), zoo_defaults(), f"timm {version('timm')}")


def _timm(row: BackboneRow, fetched: Path | None) -> Built:
    prepare()
    import timm
    from timm.data.config import resolve_model_data_config

    if not timm.is_model(row.name):
        _unknown(row, timm.list_models())
    overlay = None if fetched is None else {"file": str(fetched)}
    with _constructing(row, fetched):
        network = timm.create_model(
            row.name,
            pretrained=fetched is not None,
            pretrained_cfg_overlay=overlay,
            **row.arguments(),
        )
    config = resolve_model_data_config(network)
    library = Preprocessing(
        input_size=int(config["input_size"][-1]),
        mean=tuple(config["mean"]),
        std=tuple(config["std"]),
        interpolation=_known_interpolation(row, config["interpolation"]),
    )
    return Built(network, library, f"timm {version('timm')}")


def _torchvision(row: BackboneRow, fetched: Path | None) -> Built:
    prepare()
    from torchvision import models
    from torchvision.models.vision_transformer import VisionTransformer, interpolate_embeddings

    # The public listing of classification networks: detection and video take other inputs.
    choices = models.list_models(module=models)
    if row.name not in choices:
        _unknown(row, choices)
    transforms = models.get_model_weights(row.name).DEFAULT.transforms()
    native, arguments = transforms.crop_size[0], row.arguments()
    resampled = row.name.startswith("vit_") and row.input_size not in (None, native)
    if resampled:
        # Its position codes are of one size, fixed when it is built.
        arguments["image_size"] = row.input_size
    with _constructing(row, fetched):
        network = models.get_model(row.name, weights=None, **arguments)
    if fetched is not None:
        adapt = None
        if resampled and isinstance(network, VisionTransformer):
            size, patch = network.image_size, network.patch_size
            adapt = partial(interpolate_embeddings, size, patch)
        load_weights(network, fetched, adapt=adapt)
    library = Preprocessing(
        input_size=native,
        mean=tuple(transforms.mean),
        std=tuple(transforms.std),
        interpolation=_known_interpolation(row, transforms.interpolation.value),
    )
    return Built(network, library, f"torchvision {version('torchvision')}")


def _open_clip(row: BackboneRow, fetched: Path | None) -> Built:
    prepare()
    import open_clip
    from open_clip.model import resize_pos_embed

    architecture = row.name.partition("/")[0]
    if architecture not in open_clip.list_models():
        _unknown(replace(row, name=f"{architecture}/"), open_clip.list_models())
    with _quiet("root"), _constructing(row, fetched):
        whole = open_clip.create_model(
            architecture, pretrained=None, force_image_size=row.input_size
        )
    known = open_clip.get_pretrained_cfg(architecture, row.name.partition("/")[2]) or {}
    usual = open_clip.get_model_preprocess_cfg(whole)
    visual: nn.Module = whole.visual
    if fetched is not None:

        def adapt(given: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
            named = {f"visual.{name}": tensor for name, tensor in given.items()}
            resize_pos_embed(named, whole)
            return {name.removeprefix("visual."): tensor for name, tensor in named.items()}

        load_weights(visual, fetched, "visual.", adapt)
    library = Preprocessing(
        input_size=usual["size"][0],
        mean=tuple(known.get("mean", usual["mean"])),
        std=tuple(known.get("std", usual["std"])),
        interpolation=_known_interpolation(row, known.get("interpolation", usual["interpolation"])),
    )
    return Built(visual, library, f"open_clip {version('open_clip_torch')}")


def _diffusers(row: BackboneRow, fetched: Path | None) -> Built:
    prepare()
    from cortexlens.backbones.diffusion import (
        DEFAULT_TIMESTEP,
        SIDE,
        load_diffusion,
        untrained_diffusion,
    )

    timestep = DEFAULT_TIMESTEP if row.timestep is None else row.timestep
    with _constructing(row, fetched):
        network = (
            untrained_diffusion(timestep) if fetched is None else load_diffusion(fetched, timestep)
        )
    library = Preprocessing(SIDE, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    return Built(network, library, f"diffusers {version('diffusers')}, step {timestep}")


def _python(row: BackboneRow, fetched: Path | None) -> Built:
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


@contextmanager
def _constructing(row: BackboneRow, fetched: Path | None) -> Iterator[None]:
    """Turn whatever a library raises while it builds a network into one line."""
    try:
        yield
    except CortexlensError:
        raise
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        source = "" if fetched is None else f" with the weights in {fetched}"
        raise CortexlensError(
            f"backbone {row.backbone!r}: {row.source} could not build {row.name}{source} "
            f"({reason}). Mend name, options or weights of this row."
        ) from error


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keep a library from warning of what is meant: networks built without weights."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


MAKERS: dict[str, Callable[[BackboneRow, Path | None], Built]] = {
    "zoo": _zoo,
    "timm": _timm,
    "torchvision": _torchvision,
    "open_clip": _open_clip,
    "diffusers": _diffusers,
    "python": _python,
}
