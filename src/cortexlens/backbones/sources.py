"""Construction of networks from the demo zoo, libraries, the user's code, or fixed filters."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import nn

from cortexlens.backbones import diffusers_source, open_clip_source
from cortexlens.backbones.cache import (
    DEFAULT_CACHE,
    PRETRAINED,
    present_folder,
    split_weights,
    verify,
    weights_files,
)
from cortexlens.backbones.checkpoints import load_weights, weights_path
from cortexlens.backbones.controls import CONTROL_SIZE, CONTROLS
from cortexlens.backbones.prepared import check_readable
from cortexlens.backbones.preprocessing import RESAMPLING, Preprocessing, zoo_defaults
from cortexlens.backbones.row import BackboneRow, close, refuse
from cortexlens.backbones.torchvision_shim import prepare
from cortexlens.backbones.user_code import code_hash
from cortexlens.errors import CortexlensError


@dataclass(frozen=True)
class Built:
    """A network with its weights.

    Parameters
    ----------
    network
        The network, in evaluation mode.
    library
        Preprocessing that its library states for it; None if nothing is known.
    code
        Version of its code: that of the library, or the hash of the user's module and its imports.
    """

    network: nn.Module
    library: Preprocessing | None
    code: str


def build(row: BackboneRow, cache: str = DEFAULT_CACHE) -> Built:
    """Build the network of a row and load its weights, without internet access.

    Parameters
    ----------
    row
        Row of the table of backbones.
    cache
        Folder of downloaded weights, see :mod:`cortexlens.backbones.cache`.

    Raises
    ------
    CortexlensError
        If the network does not exist or cannot be built, or its weights are missing or do not fit.
    """
    folder = present_folder(row.backbone, asdict(row), cache)
    path = weights_path(row.weights)
    if folder is not None:
        verify(folder)
        path = None if row.source == "diffusers" else weights_files(folder)[0]
    makers: dict[str, Callable[[BackboneRow, Path | None], Built]] = {
        "zoo": _zoo,
        "timm": _timm,
        "torchvision": _torchvision,
        "open_clip": _open_clip,
        "diffusers": _diffusers,
        "python": _python,
        "control": _control,
    }
    published = row.weights == PRETRAINED
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(row.seed)
        built = makers[row.source](row, folder if row.source == "diffusers" else path)
    if path is not None and not (published and row.source in ("timm", "open_clip")):
        named = split_weights(row.weights or "")[1]
        load_weights(built.network, path, row.weights_prefix, row.weights_without, named)
    _fit_input_size(built, row)
    if row.tuned is not None:
        # these weights were saved at this input size, after position embeddings were resampled
        load_weights(built.network, Path(row.tuned))
    built.network.eval().requires_grad_(False)
    # arguments such as the number of heads do not show in the weights
    return replace(built, code=f"{built.code}, {row.arguments}") if row.arguments else built


def check_name(row: BackboneRow) -> None:
    """Check that a row's source has a network of its name, without building it.

    Parameters
    ----------
    row
        Row of the table of backbones.

    Raises
    ------
    CortexlensError
        If there is no such network; the message suggests similar names.
    """
    prepare()
    if row.source == "timm":
        import timm

        if not timm.is_model(row.name):
            _unknown(row, timm.list_models())
        tags = [name.partition(".")[2] for name in timm.list_pretrained(row.name.partition(".")[0])]
        tag = row.name.partition(".")[2]
        if tag and tag not in tags:
            _unknown(row, timm.list_models(row.name.partition(".")[0], pretrained=True))
    if row.source == "torchvision":
        torchvision_weights(row)
    if row.source == "open_clip":
        open_clip_source.check_name(row)
    if row.source == "control" and row.name not in CONTROLS:
        refuse(row.backbone, "name", row.name, " or ".join(CONTROLS))


def _fit_input_size(built: Built, row: BackboneRow) -> None:
    """Resample position embeddings, after loading so that any checkpoint can be loaded."""
    native = built.library.input_size if built.library else row.input_size
    network = built.network
    if row.input_size in (None, native):
        return
    side = int(row.input_size or 0)
    try:
        if hasattr(network, "set_input_size"):
            network.set_input_size(img_size=(side, side))  # type: ignore[operator]
        elif hasattr(network, "positional_embedding"):
            open_clip_source.resample_positions(network, side)
        elif row.source == "torchvision" and hasattr(network, "seq_length"):
            _resample_torchvision(network, side)
    except Exception as error:  # the libraries' networks refuse in many ways
        reason = str(error).partition("\n")[0]
        refuse(
            row.backbone,
            "input_size",
            row.input_size,
            f"a size that {row.name} supports, such as {native} ({reason})",
        )


def _resample_torchvision(network: nn.Module, side: int) -> None:
    """Set a torchvision vision transformer to another input size, in place."""
    from torchvision.models.vision_transformer import interpolate_embeddings

    patch = int(network.patch_size)  # type: ignore[arg-type]
    if side % patch:
        raise ValueError(f"{side} is not a multiple of the patch size of {patch} px")
    codes = {"encoder.pos_embedding": network.encoder.pos_embedding.detach()}  # type: ignore[union-attr, operator]
    codes = interpolate_embeddings(side, patch, codes)
    network.encoder.pos_embedding = nn.Parameter(codes["encoder.pos_embedding"])  # type: ignore[union-attr]
    network.image_size = side  # type: ignore[assignment]


def _zoo(row: BackboneRow, _path: Path | None) -> Built:
    prepare()
    from cortexlens.backbones.zoo import DIFFUSION
    from cortexlens.backbones.zoo import build as build_zoo

    if bool(row.steps) != (row.name == DIFFUSION):
        refuse(row.backbone, "time_steps", row.time_steps or "", f"steps for {DIFFUSION} only")
    if not row.steps:
        return Built(build_zoo(row.name), zoo_defaults(), f"timm {version('timm')}")
    from cortexlens.backbones.demo_diffusion import DEFAULT_STEPS
    from cortexlens.backbones.demo_diffusion import build as build_diffusion

    network = build_diffusion(row.inversion_steps or DEFAULT_STEPS)
    return Built(network, zoo_defaults(), f"diffusers {version('diffusers')}")


def _timm(row: BackboneRow, path: Path | None) -> Built:
    check_name(row)
    import timm
    from timm.data.config import resolve_model_data_config

    # timm loads published weights, since it renames and resamples tensors where a network needs it
    published = row.weights == PRETRAINED
    with _Constructing(row):
        network = timm.create_model(
            row.name,
            pretrained=published,
            pretrained_cfg_overlay={"file": str(path)} if published else None,
            **row.keywords,
        )
    config = resolve_model_data_config(network)  # type: ignore[no-untyped-call]
    # as in timm's own evaluation transform: any other value means a centre crop
    fits = {"squash": "squash", "border": "pad"}
    library = Preprocessing(
        input_size=int(config["input_size"][-1]),
        mean=tuple(config["mean"]),
        std=tuple(config["std"]),
        interpolation=_known_interpolation(row, config["interpolation"]),
        fit=fits.get(config["crop_mode"], "crop"),
    )
    return Built(network, library, f"timm {version('timm')}")


def torchvision_weights(row: BackboneRow) -> Any:
    """Look up torchvision's weights for a row named ``model`` or ``model.TAG``.

    Raises
    ------
    CortexlensError
        If torchvision has no such model or tag.
    """
    prepare()
    from torchvision import models

    name, _, tag = row.name.partition(".")
    # only classification networks: those for detection and video take other inputs
    choices = models.list_models(module=models)
    if name not in choices:
        _unknown(row, choices)
    known = models.get_model_weights(name)
    if tag and tag not in known.__members__:
        refuse(row.backbone, "name", row.name, f"tags of {name}: {', '.join(known.__members__)}")
    return known[tag] if tag else known.DEFAULT


def _torchvision(row: BackboneRow, _path: Path | None) -> Built:
    entry = torchvision_weights(row)
    from torchvision import models

    transforms = entry.transforms()
    library = Preprocessing(
        input_size=transforms.crop_size[0],
        mean=tuple(transforms.mean),
        std=tuple(transforms.std),
        interpolation=_known_interpolation(row, transforms.interpolation.value),
        fit="crop",  # all classification presets resize the shorter side and crop
    )
    name, keywords = row.name.partition(".")[0], row.keywords
    if name.startswith("vit_"):
        keywords = {"image_size": library.input_size, **keywords}
    with _Constructing(row):
        network = models.get_model(name, weights=None, **keywords)
    return Built(network, library, f"torchvision {version('torchvision')}")


def _open_clip(row: BackboneRow, path: Path | None) -> Built:
    network, library = open_clip_source.build_visual(row)
    if row.weights == PRETRAINED and path is not None:
        load_weights(network, path, open_clip_source.VISUAL)
    return Built(network, library, f"open_clip {version('open_clip_torch')}")


def _diffusers(row: BackboneRow, path: Path | None) -> Built:
    with _Constructing(row):
        network = diffusers_source.build_diffusion(row, path)
    library = Preprocessing(network.native_size, (0.5,) * 3, (0.5,) * 3)
    return Built(network, library, f"diffusers {version('diffusers')}")


def _python(row: BackboneRow, _path: Path | None) -> Built:
    row.check_trust()
    module_name, _, function = row.name.partition(":")
    here = os.getcwd()
    if here not in sys.path:
        # console commands do not search the working directory, which may hold the user's module
        sys.path.append(here)
    try:
        module = import_module(module_name)
        network = getattr(module, function)()
    except Exception as error:  # whatever the user's code raises
        raise CortexlensError(
            f"backbone {row.backbone!r}: {row.name} could not be called "
            f"({type(error).__name__}: {error}). Correct the module or the column name."
        ) from error
    if not isinstance(network, nn.Module):
        refuse(row.backbone, "name", row.name, "a function that returns a torch.nn.Module")
    check_readable(network, row.backbone)
    return Built(network, None, code_hash([module_name]))


def _control(row: BackboneRow, _path: Path | None) -> Built:
    check_name(row)
    library = Preprocessing(CONTROL_SIZE, (0.0,) * 3, (1.0,) * 3)
    return Built(CONTROLS[row.name](), library, f"cortexlens {version('cortexlens')}")


def _known_interpolation(row: BackboneRow, named: str) -> str:
    if named not in RESAMPLING and row.interpolation is None:
        refuse(row.backbone, "interpolation", named, f"{' or '.join(RESAMPLING)}; set the column")
    return named


def _unknown(row: BackboneRow, choices: Sequence[str]) -> None:
    meant = _meant(row.name, choices)
    first = f"{meant}, or another " if meant else "a "
    allowed = f"{first}model of {row.source}, such as {close(row.name, choices)}"
    refuse(row.backbone, "name", row.name, allowed)


def _meant(name: str, choices: Sequence[str]) -> str | None:
    """Name of the model that a name written in another convention refers to; None if unclear.

    Hubs prepend ``hf_hub:timm/``, torchvision appends ``_Weights``, and the case of letters may
    differ.
    """
    stem = name.rpartition(":")[2].rpartition("/")[2]
    model, _, tag = stem.partition(".")
    lower = model.removesuffix("_Weights").lower()
    found = next((choice for choice in choices if choice.lower() == lower), None)
    return f"{found}.{tag}" if found and tag else found


class _Constructing:
    """Turns any exception that a library raises while it builds a network into one line."""

    def __init__(self, row: BackboneRow) -> None:
        self.row = row

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, CortexlensError):
            row = self.row
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            also = f", arguments {row.arguments!r}" if row.arguments else ""
            raise CortexlensError(
                f"backbone {row.backbone!r}: {row.name} could not be built with weights "
                f"{row.weights!r}{also} ({reason}). Correct this row of backbones.tsv."
            ) from error
