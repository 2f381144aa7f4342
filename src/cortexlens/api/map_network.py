"""A network of one's own on a study's cortex, from a script or a notebook."""

from pathlib import Path
from typing import Any, NamedTuple

import torch
import xarray as xr
from matplotlib.figure import Figure
from torch import nn

from cortexlens.backbones.network import Backbone
from cortexlens.backbones.prepared import copied
from cortexlens.backbones.row import BackboneRow
from cortexlens.backbones.sources import Built
from cortexlens.backbones.user_code import network_code_hash
from cortexlens.cli import app
from cortexlens.compute.devices import choose_device
from cortexlens.config.readouts import SECTIONS, fit_settings
from cortexlens.config.study import Study, load_study
from cortexlens.errors import CortexlensError
from cortexlens.features.extract import extract_to_store, shaping_key
from cortexlens.features.store import open_features
from cortexlens.figures.maps.cortex import map_figures
from cortexlens.figures.maps.distributions import distribution_figures
from cortexlens.figures.maps.fits import read_fit
from cortexlens.storage.datasets import open_dataset
from cortexlens.storage.provenance import record
from cortexlens.study.pictures.image_set import ImageSet
from cortexlens.workflow.params import stage_options, subject_settings


class NetworkMap(NamedTuple):
    """What :func:`map_network` gives.

    Attributes
    ----------
    fit
        Dataset of kind ``fit``: selectors, scores and places of every vertex, with the provenance
        in its attributes.
    figures
        ``layer``, ``space``, ``scale`` and ``r2``; of stacked fits ``size`` too.
    """

    fit: xr.Dataset
    figures: dict[str, Figure]


def map_network(
    network: nn.Module,
    study: str | Path,
    subject: str | None = None,
    *,
    name: str = "my-network",
    layers: str = "all",
    input_size: int,
    mean: tuple[float, float, float],
    std: tuple[float, float, float],
    global_token: str | None = None,
    results: str | Path = "results",
    **preprocessing: Any,
) -> NetworkMap:
    """Map a network onto a subject's cortex.

    Parameters
    ----------
    network
        Anything that takes pictures (image, 3, height, width); it is copied, not changed.
    study
        Config file of a study, e.g. ``config/config.yaml``; its grid, split and seed are used, and
        its main readout with the options of its section: ``stacked`` where ``runs`` has it, else
        ``factortopy``.
    subject
        Identifier of a row of its subjects; None: the first.
    name
        Identifier of the network, under which its features and its fit are kept.
    layers
        Names of modules by commas, ``*`` for anything but a dot; block numbers or ``all`` where the
        network has timm's ``forward_intermediates``.
    input_size
        Side in pixels of the square that every picture is resized to.
    mean, std
        Statistics of the three channels, in units of the pixels.
    global_token
        ``class`` or ``mean``; None: the class token where there is one.
    results
        Folder of all results. Images and responses that the workflow has made there are used;
        what is missing is made. Features are computed once for each state of the network: its
        weights, its code and what that imports, and what its layers give for fixed inputs.
    preprocessing
        ``fit``, ``channel_order``, ``pixel_range``, ``interpolation`` and ``prefix_tokens``, as in
        ``backbones.tsv``; ``fit`` is the study's ``features.fit`` where it is left out.

    Returns
    -------
    NetworkMap

    Raises
    ------
    CortexlensError
        If the study, the subject or the layers cannot be used.
    """
    plan = load_study(Path(study))
    subject = next(iter(plan.subjects)) if subject is None else subject
    if subject not in plan.subjects:
        raise CortexlensError(
            f"subject {subject!r} is not in {plan.config['subjects']}; its rows are "
            f"{', '.join(plan.subjects)}."
        )
    folder = Path(results) / plan.name
    responses = _prepare(plan, subject, folder)
    if "fit" in plan.config["features"]:
        preprocessing = {"fit": plan.config["features"]["fit"], **preprocessing}
    row = BackboneRow(
        name,
        "python",
        f"{type(network).__module__}:{type(network).__name__}",
        layers=layers,
        input_size=input_size,
        mean=mean,
        std=std,
        global_token=global_token,
        **preprocessing,
    )
    built = Built(copied(network, name), None, network_code_hash(network))
    images = folder / "subjects" / subject / "images.tsv"
    features = folder / "features" / name / f"{subject}.zarr"
    device = str(choose_device(plan.config["device"]))
    _extract(plan, Backbone(row, built, device), images, features)
    readout = plan.main_readout
    fitted = folder / "fits" / readout / name / subject
    shared = {key: plan.config[key] for key in ("seed", "device")}
    files = {"features": features, "responses": responses, "out": fitted / "fit.zarr"}
    whose = {"backbone": name, "subject": subject, "readout": readout}
    here = {"model": fitted / "model.safetensors", "threads": torch.get_num_threads()}
    stage = f"fit_{SECTIONS[readout]}"
    _run(stage, fit_settings(plan.config, readout), shared, files, whose, here)
    fit = open_dataset(fitted / "fit.zarr", kind="fit").load()
    drawn = read_fit(fit, str(fitted))
    draw = distribution_figures if drawn.cortex is None else map_figures
    return NetworkMap(fit, draw(drawn))


def _prepare(plan: Study, subject: str, folder: Path) -> Path:
    """Make a subject's images and responses, as far as they are not there; give the responses."""
    if plan.kind == "planted":
        raise CortexlensError(
            f"study {plan.name!r} is of kind planted; its responses are made by the workflow: "
            "run `make planted` first, or choose another study."
        )
    home = folder / "subjects" / subject
    images, responses = home / "images.tsv", home / "responses.zarr"
    settings = subject_settings(plan, subject, folder)
    without_images = [{k: v for k, v in each.items() if k != "images"} for each in settings]
    if "n_scenes" in plan.config["dataset"] and not (folder / "scenes").exists():
        _run("draw_scenes", *settings, {"out": folder / "scenes"})
    if not images.exists():
        _run("collect_images", *settings, {"out": images})
    if not responses.exists():
        _run("collect_responses", *without_images, {"images": images, "out": responses})
    return responses


def _run(stage: str, *settings: dict[str, Any]) -> None:
    """Call a stage with its options, as the workflow does."""
    app([stage.replace("_", "-"), *stage_options(stage, *settings)], standalone_mode=False)


def _extract(plan: Study, backbone: Backbone, images: Path, path: Path) -> None:
    """Compute a network's features, unless they are there."""
    pictures, settings = ImageSet.read(images), dict(plan.config["features"])
    del settings["decoded_gb"]  # there is no second network to share them with
    settings.pop("fit", None)  # in the network's row
    shaping = (backbone.description, pictures.sha256, settings["grid"], settings["resize"])
    wanted = settings["precision"]
    formats = ("float32", "bfloat16") if wanted == "auto" else (wanted,)
    keys = [shaping_key(*shaping, precision) for precision in formats]
    made = record("extract_features", inputs={"images": images}, settings=settings)
    if path.exists():
        kept = open_features(path).attributes
        if kept["key"] in keys and kept["provenance"]["code"] == made["code"]:
            return
    extract_to_store(backbone, pictures, path, provenance=made, **settings)
